"""A desk's look-out watches the shots that there are, tells what it sees in them, and goes on whatever is in the way."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest

from daemon.desks.hearing import hear
from daemon.desks.looking_out import LookOut
from daemon.shots.shots import Shots
from daemon.watching.mailbox import Mailbox, Told
from events import MemoryLog, StudioAway
from events.store.postgres.desks import Hint, Hints
from projections.index.index import Index, open_index
from projections.keeping import EVERYTHING, Keeping, Watching
from tests.support.core import ScriptedWatch
from tests.support.film import DAWN, NOON, Film, until

TAKES = f"{DAWN}/takes"

DESK = Watching(None)  # type: ignore[arg-type]


class Half(Keeping):
    """Keeps a part of the film, as one of several machines."""

    def __init__(self, *streams: str, film: bool) -> None:
        self.streams = streams
        self.keeps_film = film

    def keeps(self, stream: str) -> bool:
        return stream in self.streams


class HeldHints(Hints):
    """Hints that lead to no database; while that is `away`, none is given."""

    def __init__(self) -> None:
        super().__init__(None, None)  # type: ignore[arg-type]
        self.given: list[Hint] = []
        self.away = False
        self.refused = anyio.Event()

    async def give(self, hints: Sequence[Hint]) -> None:
        if self.away:
            self.refused.set()
            raise StudioAway("it does not answer")
        self.given += hints

    async def take(self) -> list[Hint]:
        given, self.given = self.given, []
        return given


@asynccontextmanager
async def known(film: Film) -> AsyncIterator[tuple[MemoryLog, Index, Shots]]:
    """A log and an index that know the first shot."""
    log = MemoryLog()
    async with open_index(film.folder / "index.db", log) as index:
        shots = Shots(log, index)
        async with anyio.create_task_group() as group:
            group.start_soon(_follow, log, index)
            await shots.register(DAWN, 1, 1)
            yield log, index, shots
            group.cancel_scope.cancel()


async def _follow(log: MemoryLog, index: Index) -> None:
    while True:
        await log.wait(index.seen.level + 1)
        await index.advance(log)


class Seen:
    """A look-out, and what it hears with and tells."""

    def __init__(self, root: Path, keeping: Keeping) -> None:
        self.watch, self.hints = ScriptedWatch(), HeldHints()
        self.mailbox = Mailbox(asyncio.get_running_loop())
        self.look_out = LookOut(root, self.mailbox, self.watch, self.hints, keeping)

    def closed(self, name: str, folder: str = TAKES) -> None:
        self.mailbox.happened(folder, name, is_folder=False, closed=True)

    async def watches(self, *shots: str) -> None:
        async def is_so() -> bool:
            return {f"{shot}/takes" for shot in shots} <= self.watch.armed

        await until(is_so)

    async def told(self, *names: str) -> None:
        async def is_so() -> bool:
            return {hint.name for hint in self.hints.given} == {*names}

        await until(is_so)


@asynccontextmanager
async def looking(film: Film, log: MemoryLog, index: Index, keeping: Keeping = DESK) -> AsyncIterator[Seen]:
    seen = Seen(film.root, keeping)
    async with anyio.create_task_group() as group:
        group.start_soon(seen.look_out.run, log, index)
        await seen.watches(DAWN)
        yield seen
        group.cancel_scope.cancel()


@pytest.fixture
def film(tmp_path: Path) -> Film:
    return Film(tmp_path)


async def test_it_tells_what_was_closed_in_a_shot_as_it_is_and_nothing_else(film: Film) -> None:
    async with known(film) as (log, index, _), looking(film, log, index) as seen:
        path = film.takes() / "a.png"
        path.write_bytes(b"12345")
        (film.root / "01_Chapter" / "b.png").write_bytes(b"1")
        seen.closed("b.png", "01_Chapter")
        seen.closed("gone.png")
        seen.closed("a.png")
        await seen.told("a.png")
        assert seen.hints.given == [
            Hint(TAKES, "a.png", moved=False, size=5, mtime_ns=path.stat().st_mtime_ns)
        ]


async def test_it_watches_a_shot_that_becomes_known_and_one_that_is_made_here(film: Film) -> None:
    async with known(film) as (log, index, shots), looking(film, log, index) as seen:
        assert seen.watch.armed == {"", "01_Chapter", "01_Chapter/01_Scene", DAWN, TAKES}
        await shots.register(NOON, 1, 2)
        await seen.watches(DAWN, NOON)
        dusk = "01_Chapter/01_Scene/003_Dusk"
        film.takes(dusk).mkdir(parents=True)
        seen.mailbox.happened("01_Chapter/01_Scene", "003_Dusk", is_folder=True)
        await seen.watches(dusk)
        await seen.told("")  # of which the keepers hear
        assert seen.hints.given == [Hint.of_shot(f"{dusk}/takes")]


@pytest.mark.parametrize(("keeps", "told"), [("part", ["b.png", "c.png"]), ("part, and the film", ["b.png"])])
async def test_whoever_keeps_a_part_of_the_film_tells_what_it_sees_in_the_rest(
    film: Film, keeps: str, told: list[str]
) -> None:
    dusk = "01_Chapter/01_Scene/003_Dusk"
    film.takes(dusk).mkdir(parents=True)
    async with known(film) as (log, index, shots):
        dawn = await shots.at(DAWN)
        await shots.register(NOON, 1, 2)
        assert dawn
        async with looking(film, log, index, Half(dawn.stream, film="film" in keeps)) as seen:
            for name, shot in (("a.png", DAWN), ("b.png", NOON), ("c.png", dusk)):
                film.drop(b"1", name, shot)
                seen.closed(name, f"{shot}/takes")
            await seen.told(*told)


async def test_where_events_were_lost_it_watches_all_shots_anew(film: Film) -> None:
    async with known(film) as (log, index, _), looking(film, log, index) as seen:
        seen.watch.armed.clear()
        seen.mailbox.lost("the kernel's queue overflowed")
        await seen.watches(DAWN)


async def test_while_the_database_is_away_nothing_is_told_and_it_goes_on(film: Film) -> None:
    async with known(film) as (log, index, _), looking(film, log, index) as seen:
        seen.hints.away = True
        film.drop(b"1", "a.png")
        seen.closed("a.png")
        await seen.hints.refused.wait()
        seen.hints.away = False
        film.drop(b"1", "b.png")
        seen.closed("b.png")
        await seen.told("b.png")


async def test_a_keeper_looks_for_the_shots_of_the_film_whatever_else_is_told(
    film: Film, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere" / "shot" / "takes").mkdir(parents=True)
    (film.root / "out").symlink_to(tmp_path / "elsewhere")
    async with known(film) as (_, index, _shots), anyio.create_task_group() as group:
        hints, mailbox = HeldHints(), Mailbox(asyncio.get_running_loop())
        group.start_soon(hear, film.root, hints, mailbox, index, EVERYTHING)
        odd = ("../../etc/takes", "/etc/takes", ".takes", "", "a/../b/takes", "out/shot/takes")
        told = (*odd, TAKES, f"{NOON}/takes")
        hints.given = [Hint(one, "a.png", moved=True, size=1, mtime_ns=1) for one in told]
        hints.told.give()
        await mailbox.wait()
        mail = mailbox.collect()
        assert (mail.shots, mail.trees) == ({DAWN}, {NOON})
        assert mail.told[f"{TAKES}/a.png"] == Told(moved=True, size=1, mtime_ns=1)
        group.cancel_scope.cancel()
