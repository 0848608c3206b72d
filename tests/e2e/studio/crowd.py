"""A film that one machine keeps alone, and the same one among many: how often its folders are read until all is taken in."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import anyio

from projections.files.threads import in_thread
from tests.e2e.film import Daemon
from tests.e2e.studio.seats import LONG, check_whole, in_studio, machine, shared_by, watches
from tests.support.film import Film, bytes_of, hashes, still, until
from tests.support.postgres import make_database, server
from tests.support.reads import reads_of

MOST = 3.0
"""So many times as many reads as one keeper alone needs there may be, however many machines have the film."""


class Crowd(NamedTuple):
    """How many machines of each role have a film, of how many shots, each with so many drops."""

    keepers: int
    desks: int
    shots: int
    drops: int

    @property
    def names(self) -> list[str]:
        return [f"01_Chapter/01_Scene/{number:03d}_Shot" for number in range(self.shots)]

    def contents(self) -> dict[str, list[bytes]]:
        """What is dropped: no two files are the same."""
        return {
            shot: [still(self.drops * place + one) for one in range(self.drops)]
            for place, shot in enumerate(self.names)
        }


async def reads_until_taken(folder: Path, crowd: Crowd, **choices: Any) -> float:
    """How often a folder of the film was read for each drop; every drop is one take, and all say the same.

    `choices` are those of keepers. Of the desks one hears what is written, as on a share, which tells nobody else.
    """
    await anyio.Path(folder).mkdir()
    database = make_database(server())
    film, services = await in_studio(folder, server(), database, *crowd.names)
    contents = crowd.contents()
    async with AsyncExitStack() as stack:

        async def enter(name: str, role: str, **choices: Any) -> Daemon:
            return await stack.enter_async_context(machine(film, name, services, role, **choices))

        keepers = [await enter(f"keeper-{one}", "keeper", **choices) for one in range(crowd.keepers)]
        desks = [await enter(f"desk-{one}", "desk", watch=not one) for one in range(crowd.desks)]
        await shared_by(server(), database, crowd.keepers)
        for daemon in keepers:
            await daemon.scanned()
        for daemon in desks[:1]:
            await until(partial(watches, daemon, 3 + 2 * crowd.shots))
        with reads_of(film.root) as reads:
            await in_thread(_drop, film, contents)
            with anyio.fail_after(LONG + crowd.shots * crowd.drops):
                await _all_taken([*keepers, *desks], contents)
        assert reads.is_whole
        await _agree([*keepers, *desks])
        check_whole(film, await keepers[0].events(), contents)
    return reads.count / (crowd.shots * crowd.drops)


def _drop(film: Film, contents: dict[str, list[bytes]]) -> None:
    """Into all shots in turn."""
    for number in range(len(next(iter(contents.values())))):
        for shot, dropped in contents.items():
            film.drop(dropped[number], f"{number}.png", shot)


async def _all_taken(daemons: Sequence[Daemon], contents: dict[str, list[bytes]]) -> None:
    for daemon in daemons:
        for shot, dropped in contents.items():
            while bytes_of(await daemon.takes(shot)) != hashes(*dropped):  # noqa: ASYNC110 - nobody tells us
                await anyio.sleep(0.2)


async def _agree(daemons: Sequence[Daemon]) -> None:
    ends = [(await daemon.at_rest())["position"] for daemon in daemons]
    assert len({*ends}) == 1, ends
    for daemon in daemons:
        await daemon.verify()
        assert (await daemon.status())["problems"] == []
