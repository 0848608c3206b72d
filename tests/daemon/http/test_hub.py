"""The hub: who is let in by the studio's proxy, as whom, and that nobody else is, whatever they claim."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import anyio
import httpx
import pytest

from daemon.config.file import BadConfig, load_config
from daemon.config.table import HubConfig
from daemon.http.hub import open_hub
from daemon.http.sockets import DaemonRunning
from daemon.http.token import TokenUnsafe, make_token
from tests.e2e.film import COMMAND
from tests.support.film import environment, make_film, still
from tests.support.inside import Daemon, running_daemon

URL = "https://takes.studio.example"
OURS = {"origin": URL}


@asynccontextmanager
async def hub(folder: Path, *others: str, **more: Any) -> AsyncIterator[tuple[Daemon, httpx.AsyncClient]]:
    """A daemon behind a proxy, and what comes by that, which has to say the secret and the name itself."""
    films = [await make_film(folder, name) for name in ("MyFilm", *others)]
    with TemporaryDirectory(prefix="takes-") as short:  # as a socket's path has to be
        choices = {"urls": [URL], "listen": f"{short}/hub", **more}
        transport = httpx.AsyncHTTPTransport(uds=f"{short}/hub", verify=False)
        base = URL.replace("https", "http")
        async with (
            running_daemon(*films, hub=choices) as daemon,
            httpx.AsyncClient(transport=transport, base_url=base) as client,
        ):
            yield daemon, client


def by_proxy(daemon: Daemon, person: str = "anna@studio", **more: str) -> Mapping[str, str]:
    """The headers that the proxy adds for that person."""
    assert daemon.hub
    secret = Path(daemon.hub.secret_file).read_text().strip()
    named = {name.replace("_", "-"): value for name, value in more.items()}
    return {"x-takes-secret": secret, "x-forwarded-user": person, **named}


def encoded(headers: Mapping[str, str]) -> dict[bytes, bytes]:
    """The headers as UTF-8, which proxies send."""
    return {name.encode(): value.encode() for name, value in headers.items()}


async def test_whom_the_proxy_names_is_who_it_was(tmp_path: Path) -> None:
    async with hub(tmp_path) as (daemon, client):
        daemon.film.drop(still(1))
        await daemon.finished(1)
        await daemon.ask("PUT", "people/jörg@studio", {"role": "artist"})
        address = "/api/projects/myfilm/shots/001_Dawn/takes/take_001"
        headers = {**by_proxy(daemon, "jörg@studio"), **OURS, "takes-by": "somebody else"}
        answer = await client.request("PATCH", address, json={"rating": 4}, headers=encoded(headers))
        assert answer.status_code == 200, answer.text
        (said,) = [one for one in await daemon.events() if one["type"] == "take.rated"]
        assert (said["actor"], said["data"]["by"]) == ("api:jörg@studio", "jörg@studio")


async def test_without_the_secret_nothing_is_told(tmp_path: Path) -> None:
    async with hub(tmp_path) as (daemon, client):
        headers = by_proxy(daemon)
        secret = headers["x-takes-secret"]
        for wrong in (
            {},
            {"x-takes-secret": ""},
            {"x-takes-secret": "0" * 64},
            {"authorization": f"Bearer {secret}"},
            {"cookie": f"takes-7420={secret}"},
        ):
            sent = {"x-forwarded-user": "anna@studio", **wrong}
            for path in ("/", "/api/projects", "/metrics", "/nothing", "/share?token=1"):
                answer = await client.get(path, headers=sent)
                assert (answer.status_code, answer.json()["title"]) == (403, "Not by the proxy")
                assert secret not in answer.text


async def test_a_secret_or_a_name_that_comes_twice_is_none(tmp_path: Path) -> None:
    async with hub(tmp_path) as (daemon, client):
        headers = by_proxy(daemon)
        secret = ("x-takes-secret", headers["x-takes-secret"])
        names = [("x-forwarded-user", name) for name in ("anna@studio", "eve@studio")]
        for sent, status in (([secret, secret, names[0]], 403), ([secret, *names], 401), ([secret], 401)):
            assert (await client.get("/api/projects", headers=sent)).status_code == status


async def test_what_is_no_name_is_nobody(tmp_path: Path) -> None:
    async with hub(tmp_path) as (daemon, client):
        for name in (b"", b"a" * 65, b"\xff", "zero\u200bwidth".encode()):
            headers = {**encoded(by_proxy(daemon)), b"x-forwarded-user": name}
            answer = await client.get("/api/projects", headers=headers)
            assert answer.status_code == 401


REQUESTS: list[tuple[str, Mapping[str, str], int]] = [
    ("GET", {}, 200),
    ("GET", {"host": "evil.example"}, 421),
    ("GET", {"host": "TAKES.studio.example"}, 421),
    ("GET", {"origin": "https://evil.example"}, 403),
    ("GET", {"origin": "http://takes.studio.example"}, 403),
    ("GET", {"sec-fetch-site": "cross-site"}, 403),
    ("GET", {"upgrade": "websocket"}, 403),
    ("OPTIONS", {"origin": URL}, 405),
    ("POST", {}, 403),
    ("POST", {"sec-fetch-site": "cross-site"}, 403),
    ("POST", {"sec-fetch-site": "same-site", "origin": "https://other.studio.example"}, 403),
    ("POST", {"sec-fetch-site": "same-origin"}, 409),
    ("POST", {"origin": URL}, 409),
]
"""Requests with these headers, and what is answered; 409 says that there is nothing to undo, so it was asked."""


async def test_only_our_own_page_may_ask(tmp_path: Path) -> None:
    async with hub(tmp_path) as (daemon, client):
        await daemon.ask("PUT", "people/anna@studio", {"role": "artist"})
        for method, headers, status in REQUESTS:
            path = "/api/projects/myfilm/undo" if method == "POST" else "/api/projects"
            answer = await client.request(method, path, headers={**by_proxy(daemon), **headers})
            assert answer.status_code == status, (method, headers, answer.text)


async def test_a_login_comes_back_from_elsewhere_and_sees_the_page(tmp_path: Path) -> None:
    async with hub(tmp_path) as (daemon, client):
        visit = {"accept": "text/html", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
        headers = {**by_proxy(daemon), **visit, "sec-fetch-site": "cross-site"}
        answer = await client.get("/", headers=headers)
        assert answer.status_code == 200
        assert answer.headers["x-frame-options"] == "DENY"
        refused = await client.get("/", headers={**headers, "x-takes-secret": "no"})
        assert "Open the studio" in refused.text
        assert refused.headers["content-type"].startswith("text/html")


def test_the_secret_is_private_and_two_hubs_do_not_take_one_socket(tmp_path: Path) -> None:
    secret, at = tmp_path / "secret", tmp_path / "h.sock"
    config = HubConfig(urls=(URL,), listen=str(at), secret_file=str(secret))
    with open_hub(config) as one:
        assert one
        assert secret.stat().st_mode & 0o777 == 0o600
        assert at.stat().st_mode & 0o777 == 0o666
        assert make_token(str(secret)).text not in repr(one)
        with pytest.raises(DaemonRunning), open_hub(config):
            pass
    secret.chmod(0o640)
    with pytest.raises(TokenUnsafe), open_hub(config):
        pass


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ('urls = ["takes.example"]', "urls: it is no address"),
        ('urls = ["https://takes.example/film"]', "more than a name"),
        ('urls = ["https://anna@takes.example"]', "more than a name"),
        ("listen = 0", "name one"),
        ('listen = "hub.sock"', "no full path"),
        ('secret_file = "secret"', "no full path"),
        ('user_header = "X User"', "user_header"),
        ('user_header = "x-takes-secret"', "in which the name is"),
    ],
)
def test_a_hub_that_cannot_be_is_refused_with_the_reason(tmp_path: Path, said: str, reason: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f"[hub]\n{said}\n")
    with pytest.raises(BadConfig, match=reason):
        load_config(path)


async def link_by_command(daemon: Daemon) -> Any:
    """What `takes share` says of the link that it makes."""
    command = [*COMMAND, "share", "001_Dawn", "--json", "--socket", str(daemon.socket)]
    said = await anyio.run_process(command, env=environment(daemon.film.folder))
    return json.loads(said.stdout)


async def test_a_guest_who_has_not_logged_in_sees_by_the_proxy_what_a_link_shows_and_nothing_else(
    tmp_path: Path,
) -> None:
    async with hub(tmp_path) as (daemon, client):
        daemon.film.drop(still(1))
        await daemon.finished(1)
        await daemon.ask("PUT", "people/anna@studio", {"role": "supervisor"})
        anna = by_proxy(daemon)
        made = await client.post(
            "/api/projects/myfilm/shares", json={"of": "001_Dawn"}, headers={**anna, **OURS}
        )
        path = made.json()["path"]
        assert (await link_by_command(daemon))["url"].startswith(f"{URL}/share?token=")
        nobody = {"x-takes-secret": anna["x-takes-secret"]}
        assert (await client.get("/", headers=nobody)).status_code == 401
        assert (await client.get("/shared/film.json", headers=nobody)).status_code == 401
        entered = await client.get(path, headers=nobody)
        assert (entered.status_code, entered.headers["location"]) == (303, "/shared/")
        client.cookies.clear()
        guest = {**nobody, "cookie": entered.headers["set-cookie"].partition(";")[0]}
        film = (await client.get("/shared/film.json", headers=guest)).json()
        (shot,) = film["shots"]
        of_take = f"/shared/shots/{shot['id']}/takes/{shot['takes'][0]['id']}"
        assert (await client.get(f"{of_take}/media", headers=guest)).content == still(1)
        assert (await client.get(of_take + "/media", headers={"cookie": guest["cookie"]})).status_code == 403
        for other in ("/", "/api/projects", "/api/projects/myfilm/shots"):
            assert (await client.get(other, headers=guest)).status_code == 401
        assert (await client.post("/shared/film.json", headers={**guest, **OURS})).status_code == 405
