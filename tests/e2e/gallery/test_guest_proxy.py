"""The nginx of the guide, as it stands there, in front of a link for guests: they see the film, and nothing else of the port."""

import re
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, expect

from tests.e2e.crossing import clip, drop
from tests.e2e.film import Daemon, running_daemon
from tests.e2e.gallery.browser import visiting
from tests.e2e.gallery.test_guests import command, is_played
from tests.e2e.studio.test_hub_proxy import free_port
from tests.left_out import leave_out
from tests.support.deadline import DEADLINE
from tests.support.film import CODE, DAWN, make_film, until

pytestmark = pytest.mark.asyncio(loop_scope="session")

GUIDE = CODE / "docs" / "gallery.md"

MAIN = """
daemon off;
master_process off;
pid nginx.pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxied;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
{server}
}}
"""
"""Around what the guide says: all that it writes lies in a folder of its own."""


def guide(port: int, inner: int) -> str:
    """What the guide says, without TLS, at a port of ours and to that one."""
    (said,) = re.findall(r"```nginx\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    plain = re.sub(r"^ *ssl_.*\n", "", said, flags=re.MULTILINE)
    return plain.replace("listen 443 ssl", f"listen 127.0.0.1:{port}").replace(
        "127.0.0.1:7421", f"127.0.0.1:{inner}"
    )


@contextmanager
def nginx(folder: Path, inner: int) -> Iterator[str]:
    """Nginx with that, in front of the port; the address at which it answers."""
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/bin")
    if not program:
        leave_out("no nginx here: the proxy for guests was not tried; install nginx-light")
    port = free_port()
    folder.joinpath("nginx.conf").write_text(MAIN.format(server=guide(port, inner)))
    running = subprocess.Popen(
        [program, "-p", str(folder), "-c", "nginx.conf", "-e", "stderr"], stderr=subprocess.PIPE
    )
    try:
        yield f"http://screening.localhost:{port}"
    finally:
        running.send_signal(signal.SIGTERM)
        _, told = running.communicate(timeout=DEADLINE)
        assert b"[emerg]" not in told, told.decode()


@asynccontextmanager
async def screening(folder: Path) -> AsyncIterator[tuple[Daemon, str, str]]:
    """A film with a take, the proxy's address, and the link for guests as it is there."""
    film = await make_film(folder)
    async with running_daemon(film, port=0) as daemon:
        await drop(daemon, DAWN, clip("dawn"), ".mp4")
        made = httpx.URL((await command(daemon, "share"))["url"])
        assert made.port
        with nginx(folder, made.port) as address:
            yield daemon, address, f"{address}{made.raw_path.decode()}"


async def test_a_guest_elsewhere_sees_the_film_by_the_proxy_of_the_guide_and_nothing_else(
    tmp_path: Path, browser: Browser
) -> None:
    async with screening(tmp_path) as (daemon, address, link):
        plain = address.replace("screening.localhost", "127.0.0.1")
        async with httpx.AsyncClient() as client:

            async def answers() -> bool:
                try:
                    return (await client.get(plain)).status_code == 404
                except httpx.TransportError:
                    return False

            await until(answers)
            for path in ("/api/health", "/open", "/"):
                assert (await client.get(f"{plain}{path}")).status_code == 404
        async with visiting(browser, daemon, None) as gallery:
            await gallery.page.goto(link)
            await expect(gallery.heading).to_have_text("MyFilm")
            await gallery.page.get_by_role("button", name="001 Dawn").click()
            await is_played(gallery.page)
            assert gallery.page.url.startswith(address)
