"""Two hubs of a studio, as one proxy has them: what a guest is sent by one opens at the other, until it is withdrawn at any."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import anyio
import httpx
import pytest

from tests.e2e.film import Daemon
from tests.e2e.studio.seats import as_user, in_studio, machine
from tests.support.film import DAWN, NOON, Film, still, until
from tests.support.postgres import Server, make_database, own_server

URL = "http://takes.studio.example"


class Hub(NamedTuple):
    """A hub, and the way to it that its proxy has, which lets guests through."""

    daemon: Daemon
    proxied: httpx.AsyncClient

    async def share(self, part: str) -> Any:
        """A link to that."""
        answer = await self.daemon.ask("POST", "shares", {"of": part})
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def links(self) -> list[str]:
        """The ids of the links that are known there."""
        return sorted(one["id"] for one in (await self.daemon.get("shares"))["shares"])

    async def let_in(self, link: Any) -> dict[str, str]:
        """The cookie of a guest who comes by that link."""
        answer = await self.proxied.get(link["path"])
        assert answer.status_code == 303, answer.text
        return {"cookie": answer.headers["set-cookie"].partition(";")[0]}

    async def shots(self, guest: dict[str, str]) -> list[str] | int:
        """What that guest sees, else how the question was answered."""
        answer = await self.proxied.get("/shared/film.json", headers=guest)
        return (
            [one["name"] for one in answer.json()["shots"]]
            if answer.status_code == 200
            else answer.status_code
        )


@asynccontextmanager
async def hub(film: Film, name: str, services: dict[str, str]) -> AsyncIterator[Hub]:
    """A hub on a machine of its own, which keeps nothing and knows both takes."""
    async with AsyncExitStack() as stack:
        socket = Path(stack.enter_context(TemporaryDirectory(prefix="takes-"))) / "hub"
        secret = film.folder / f"{name}-secret"
        choices = {"urls": [URL], "listen": str(socket), "secret_file": str(secret)}
        daemon = await stack.enter_async_context(machine(film, name, services, "desk", hub=choices))
        for shot in (DAWN, NOON):
            await daemon.finished(1, shot)
        headers = {"x-takes-secret": (await anyio.Path(secret).read_text()).strip()}
        way = httpx.AsyncHTTPTransport(uds=str(socket))
        proxied = httpx.AsyncClient(transport=way, base_url=URL, headers=headers, timeout=30)
        yield Hub(daemon, await stack.enter_async_context(proxied))


@asynccontextmanager
async def two_hubs(folder: Path, running: Server, database: str) -> AsyncIterator[tuple[Hub, Hub]]:
    """Hubs whose users of the database are no more than that, of a film with a take in each shot."""
    film, services = await in_studio(folder, running, database)
    async with machine(film, "keeper", services) as keeper:
        for number, shot in enumerate((DAWN, NOON)):
            film.drop(still(number), shot=shot)
            await keeper.finished(1, shot)
        services = as_user(film, running, database, "hub")
        async with hub(film, "north", services) as north, hub(film, "south", services) as south:
            yield north, south


@pytest.mark.timeout(180)  # three machines, and a database of their own
async def test_a_link_opens_at_every_hub_and_is_withdrawn_at_all(tmp_path: Path) -> None:
    with own_server() as running:
        database = make_database(running)
        async with two_hubs(tmp_path, running, database) as (north, south):
            dawn, noon = await north.share("001_Dawn"), await south.share("002_Noon")
            guest, other = await south.let_in(dawn), await north.let_in(noon)
            for one in (north, south):
                assert await one.links() == sorted([dawn["id"], noon["id"]])
                assert (await one.shots(guest), await one.shots(other)) == (["001_Dawn"], ["002_Noon"])
            assert (await south.daemon.ask("DELETE", f"shares/{dawn['id']}")).status_code == 200
            for one in (north, south):
                assert (await one.shots(guest), await one.shots(other)) == (401, ["002_Noon"])
                assert (await one.proxied.get(dawn["path"])).status_code == 401
                assert await one.links() == [noon["id"]]
            assert (await north.daemon.ask("DELETE", f"shares/{dawn['id']}")).status_code == 404
            secret = noon["path"].partition("=")[2]
            assert secret not in str(running.execute("SELECT * FROM takes.shares", database))
            running.stop()
            assert await north.shots(other) == 503  # whether it was withdrawn, nobody can say
            running.start()

            async def sees() -> bool:
                return await north.shots(other) == ["002_Noon"]

            await until(sees)
