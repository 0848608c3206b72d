"""The example of a studio's hub: its nginx, as it stands there, in front of a daemon, with a login that believes a cookie."""

import os
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
import yaml  # type: ignore[import-untyped]

from daemon.http.token import read_token
from projections.files.threads import in_thread
from tests.left_out import leave_out
from tests.support.deadline import DEADLINE
from tests.support.film import CODE, DAWN, make_film, still, until
from tests.support.inside import Daemon, running_daemon

STUDIO = CODE / "examples" / "studio"
NAME = "takes.studio.example"

LOGIN = """
server {{
    listen 127.0.0.1:{login};
    location = /oauth2/auth {{
        if ($cookie_who = "") {{ return 401; }}
        add_header X-Auth-Request-Email $cookie_who always;
        return 202;
    }}
    location / {{ return 200 "log in"; }}
}}
"""

MAIN = """
daemon off;
pid {folder}/pid;
error_log stderr;
worker_processes 1;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u;
    scgi_temp_path {folder}/s;
    include {folder}/login.conf;
    include {folder}/takes.conf;
}}
"""


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def certificate(folder: Path) -> None:
    """A certificate that nobody has signed, and its key."""
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    more = ["-nodes", "-days", "1", "-subj", f"/CN={NAME}", "-keyout", "key", "-out", "certificate"]
    subprocess.run([*command, *more], cwd=folder, check=True, capture_output=True)


@contextmanager
def nginx(folder: Path, hub: Path, secret: str) -> Iterator[int]:
    """Nginx with the example's configuration, its places moved to that folder; the port at which it answers."""
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/bin")
    if not program:
        leave_out("no nginx here: the example of a hub was not tried; install nginx-light")
    certificate(folder)
    outer, login = free_port(), free_port()
    folder.joinpath("header").write_text(f'proxy_set_header X-Takes-Secret "{secret}";\n')
    said = STUDIO.joinpath("nginx.conf").read_text()
    for before, after in {
        "listen 443 ssl": f"listen 127.0.0.1:{outer} ssl",
        "http://login:4180": f"http://127.0.0.1:{login}",
        "/run/takes/hub.sock": str(hub),
        "/run/secrets/tls_certificate": f"{folder}/certificate",
        "/run/secrets/tls_key": f"{folder}/key",
        "/run/secrets/hub_secret_header": f"{folder}/header",
    }.items():
        assert before in said
        said = said.replace(before, after)
    folder.joinpath("takes.conf").write_text(said)
    folder.joinpath("login.conf").write_text(LOGIN.format(login=login))
    folder.joinpath("nginx.conf").write_text(MAIN.format(folder=folder))
    running = subprocess.Popen([program, "-p", str(folder), "-c", "nginx.conf"], stderr=subprocess.PIPE)
    try:
        yield outer
    finally:
        running.send_signal(signal.SIGTERM)
        _, told = running.communicate(timeout=DEADLINE)
        assert b"[emerg]" not in told, told.decode()


@asynccontextmanager
async def studio(folder: Path) -> AsyncIterator[tuple[Daemon, int]]:
    """A film behind the example's proxy, and the port of that."""
    film = await make_film(folder)
    with tempfile.TemporaryDirectory(prefix="takes-") as short:
        place = Path(short)
        os.chmod(short, 0o755)  # noqa: PTH101, S103 - a worker of nginx is another user
        choices = {"urls": [f"https://{NAME}"], "listen": f"{short}/hub"}
        async with running_daemon(film, hub=choices) as daemon:
            assert daemon.hub
            token = await in_thread(read_token, daemon.hub.secret_file)
            with nginx(place, place / "hub", token.text) as port:
                yield daemon, port


def browser(port: int, who: str | None = None) -> httpx.AsyncClient:
    """What comes to the proxy, logged in as that person."""
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    return httpx.AsyncClient(
        base_url=f"https://127.0.0.1:{port}",
        headers={"host": NAME, "origin": f"https://{NAME}", **({"cookie": f"who={who}"} if who else {})},
        verify=trusting,
    )


async def test_by_the_examples_proxy_each_is_who_they_have_logged_in_as(tmp_path: Path) -> None:
    async with studio(tmp_path) as (daemon, port):
        daemon.film.drop(still(1))
        await daemon.finished(1)
        await daemon.ask("PUT", "people/anna@studio.example", {"role": "artist"})
        async with browser(port) as nobody:

            async def answers() -> bool:
                try:
                    return (await nobody.get("/api/projects")).status_code == 401
                except httpx.ConnectError:
                    return False

            await until(answers)
            page = await nobody.get("/", headers={"accept": "text/html"})
            assert (page.status_code, "/oauth2/start" in page.headers["location"]) == (302, True)
            claimed = {"x-forwarded-user": "anna@studio.example", "x-takes-secret": "0" * 64}
            assert (await nobody.get("/api/projects", headers=claimed)).status_code == 401
        async with browser(port, "eve@studio.example") as eve:
            told = (await eve.get("/api/projects", headers=claimed)).json()
            assert told == {"projects": [], "asker": {"name": "eve@studio.example", "owner": False}}
        async with browser(port, "anna@studio.example") as anna:
            assert (await anna.get("/")).status_code in (200, 503)  # as far as the page was built
            takes = f"/api/projects/myfilm/shots/{DAWN.rpartition('/')[2]}/takes"
            assert (await anna.patch(f"{takes}/take_001", json={"rating": 5})).status_code == 200
            assert (await anna.delete(f"{takes}/take_001")).status_code == 403
            part = await anna.get(f"{takes}/take_001/media", headers={"range": "bytes=0-9"})
            assert (part.status_code, len(part.content)) == (206, 10)
            await hears_at_once(daemon, anna)
            sent = b"x" * 3_000_000  # more than nginx takes by itself
            upload = "/api/projects/myfilm/uploads/0123456789/large.png"
            assert (await anna.put(upload, content=sent)).status_code == 200
            alien = await anna.patch(
                f"{takes}/take_001", json={"rating": 1}, headers={"origin": "https://x.y"}
            )
            assert alien.status_code == 403


async def test_by_the_examples_proxy_a_guest_needs_no_login_and_sees_what_the_link_shows(
    tmp_path: Path,
) -> None:
    async with studio(tmp_path) as (daemon, port):
        daemon.film.drop(still(1))
        await daemon.finished(1)
        made = (await daemon.ask("POST", "shares", {"of": "001_Dawn"})).json()
        async with browser(port) as guest:
            await until(partial(is_let_in, guest, made["path"]))
            (shot,) = (await guest.get("/shared/film.json")).json()["shots"]
            media = f"/shared/shots/{shot['id']}/takes/{shot['takes'][0]['id']}/media"
            assert (await guest.get(media)).content == still(1)
            claimed = {"x-forwarded-user": "anna@studio.example"}
            assert (await guest.get("/api/projects", headers=claimed)).status_code == 401
            assert (await guest.get("/share/../api/projects", headers=claimed)).status_code in (401, 404)


async def is_let_in(guest: httpx.AsyncClient, path: str) -> bool:
    try:
        return (await guest.get(path)).status_code == 303
    except httpx.TransportError:
        return False


async def hears_at_once(daemon: Daemon, client: httpx.AsyncClient) -> None:
    """What happens is told while the stream is open, and not once a buffer is full."""
    headers = {"accept": "text/event-stream"}
    async with client.stream("GET", "/api/projects/myfilm/events?after=0", headers=headers) as feed:
        lines = feed.aiter_lines()
        with anyio.fail_after(DEADLINE):
            while "take.rated" not in await anext(lines):
                pass
            await daemon.ask("PATCH", "shots/001_Dawn/takes/take_001", {"mark": "pick"})
            while "take.marked" not in await anext(lines):
                pass


# What stands in the example's compose file.


@pytest.fixture
def compose() -> dict[str, Any]:
    said: dict[str, Any] = yaml.safe_load(STUDIO.joinpath("docker-compose.yml").read_text())
    return said


def test_no_secret_stands_in_the_example_and_only_the_proxy_can_be_reached(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert [name for name, one in services.items() if "ports" in one] == ["proxy"]
    assert not [name for name, one in services.items() if one.get("network_mode") or one.get("privileged")]
    assert compose["networks"]["inside"]["internal"] is True
    assert [name for name, one in services.items() if "outside" in one["networks"]] == ["login", "proxy"]
    assert all(one["healthcheck"]["test"] for one in services.values())
    for one in services.values():
        for name, value in one.get("environment", {}).items():
            assert name.endswith("_FILE") or not any(
                word in name.lower() for word in ("password", "secret", "token")
            ), value
    assert {secret["file"].split("/")[1] for secret in compose["secrets"].values()} == {"secrets"}


def test_all_that_the_example_names_is_there(compose: dict[str, Any]) -> None:
    used = {name for one in compose["services"].values() for name in one.get("secrets", ())}
    assert used == set(compose["secrets"])
    mounted = [volume for one in compose["services"].values() for volume in one.get("volumes", ())]
    for source in {volume.split(":")[0] for volume in mounted if not volume.startswith("$")}:
        assert STUDIO.joinpath(source).is_file() if source.startswith("./") else source in compose["volumes"]
    told = STUDIO.joinpath("README.md").read_text()
    assert [one["file"] for one in compose["secrets"].values() if Path(one["file"]).name not in told] == []
    after = {name: one.get("depends_on", {}) for name, one in compose["services"].items()}
    assert all(other in compose["services"] for others in after.values() for other in others)


def test_compose_itself_understands_the_example(tmp_path: Path) -> None:
    ways = (["docker-compose"], ["docker", "compose"])
    command = next((way for way in ways if shutil.which(way[0]) and runs([*way, "version"])), None)
    if command is None:
        leave_out("no Compose here: the example of a hub was not read by it; install docker-compose")
    file = STUDIO / "docker-compose.yml"
    done = subprocess.run(
        [*command, "-f", str(file), "config", "-q"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def runs(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
