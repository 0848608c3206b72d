"""The promises of every projection together: told twice is told once, and built anew is what was built live."""

import asyncio
import sqlite3
import struct
import zlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import anyio
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from events import BriefEvent, MemoryLog, Page
from projections.artifacts.active_link import ActiveLink
from projections.artifacts.large_recipes import Recipes
from projections.artifacts.project_file import ProjectFile
from projections.artifacts.sidecars import Sidecars
from projections.artifacts.thumbnails import Thumbnails
from projections.film import Film, Thumbnail
from projections.index import queries
from projections.index.answers import IndexDamaged
from projections.index.index import Index, open_index
from projections.index.rows import ShotTakes
from projections.projection import Mender, Reactor, Trouble
from projections.projector import GATHER, Projector
from tests.projections.histories import STEPS, Step, Teller, files
from tests.support.film import until


def a_png() -> bytes:
    """The smallest picture there is: what a thumbnail's stamp is put into."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0\0"))
        + chunk(b"IEND", b"")
    )


async def draw(path: Path, sha256: str) -> Thumbnail:
    """A picture of anything; the decoders have tests of their own."""
    return Thumbnail(a_png(), "#336699")


class Screening:
    """A film whose log is projected as it grows."""

    def __init__(self, root: Path, log: MemoryLog, index: Index, projector: Projector) -> None:
        self.root = root
        self.log = log
        self.index = index
        self.projector = projector

    async def at_rest(self) -> None:
        """Every projection has seen the whole log."""
        while any(standing.behind for standing in self.projector.standings()):  # noqa: ASYNC110
            await anyio.sleep(0.001)


@asynccontextmanager
async def screening(
    root: Path,
    log: MemoryLog,
    projections: Sequence[Mender] | None = None,
    last: Sequence[Mender] = (),
) -> AsyncIterator[Screening]:
    (root / ".takes").mkdir(exist_ok=True)
    async with open_index(root / ".takes/index.db", log) as index, anyio.create_task_group() as group:
        if projections is None:
            projections = [ActiveLink(), Sidecars(), Recipes(), Thumbnails(), ProjectFile()]
            for projection in projections:
                projection.pause = 0.0
        projector = Projector(Film(root, index, draw), log, projections, last)
        await group.start(projector.run)
        yield Screening(root, log, index, projector)
        group.cancel_scope.cancel()


def live(
    steps: list[Step], then: Callable[[Screening], Awaitable[None]], *, rests: set[int] | None = None
) -> None:
    """Tell a history to a film while it is projected, two takes at a time, with a rest after those steps; and then."""

    async def run(root: Path) -> None:
        log = MemoryLog()
        async with screening(root, log) as film:
            teller = Teller(root, log)
            await teller.begin()
            for turn, step in enumerate(steps):
                await teller.tell(step, turn)
                if turn in (rests or set()):
                    await film.at_rest()
            await film.at_rest()
            await then(film)

    with TemporaryDirectory() as folder, patch.object(queries, "PAGE", 2):
        asyncio.run(run(Path(folder)))


CAME_AND_WENT: list[Step] = [(2, "create", 1), (2, "adopt", 5), (2, "miss", 5)]
"""With a rest after the first: a take comes and goes before the project file has told of it."""


NOTED: list[Step] = [(2, "note shot", 3), (2, "note shot", 5)]
"""With a rest after the first: of a shot without takes more is said than the project file has told."""


@settings(max_examples=8)
@example(CAME_AND_WENT, {0})
@example(NOTED, {0})
@given(STEPS, st.sets(st.integers(0, 60)))
def test_what_is_built_anew_is_what_was_built_live_byte_for_byte(steps: list[Step], rests: set[int]) -> None:
    async def then(film: Screening) -> None:
        before = files(film.root)
        assert await film.projector.differences() == []
        await film.projector.rebuild()
        assert await film.projector.differences() == []
        assert files(film.root) == before

    live(steps, then, rests=rests)


@settings(max_examples=6)
@given(STEPS)
def test_replaying_twice_changes_nothing_and_writes_nothing(steps: list[Step]) -> None:
    async def then(film: Screening) -> None:
        before = {
            path: path.lstat().st_mtime_ns for path in film.root.rglob("*") if ".takes" not in path.parts
        }
        shots = await film.index.shots()
        for name in ("active-link", "sidecars", "thumbnails", "project-file"):
            for shot in shots:
                film.projector.touch(name, shot.stream)
        await film.projector.differences()
        after = {
            path: path.lstat().st_mtime_ns for path in film.root.rglob("*") if ".takes" not in path.parts
        }
        assert after == before

    live(steps, then)


async def test_a_projection_that_fell_behind_while_nobody_ran_catches_up(tmp_path: Path) -> None:
    log = MemoryLog()
    teller = Teller(tmp_path, log)
    await teller.begin()
    for turn, step in enumerate([(0, "create", 1), (0, "complete", 1)]):
        await teller.tell(step, turn)
    async with screening(tmp_path, log) as film:
        await film.at_rest()
        assert (tmp_path / "01_A/001_Dawn/active_take").is_symlink()
    await teller.tell((0, "delete", 1), 2)
    async with screening(tmp_path, log) as film:
        await film.at_rest()
        assert not (tmp_path / "01_A/001_Dawn/active_take").is_symlink()


async def test_a_broken_index_is_made_anew(tmp_path: Path) -> None:
    log = MemoryLog()
    await Teller(tmp_path, log).begin()
    (tmp_path / ".takes").mkdir()
    (tmp_path / ".takes/index.db").write_bytes(
        b"this is no database, and long enough to be read as one" * 100
    )
    async with open_index(tmp_path / ".takes/index.db", log) as index:
        assert len(await index.shots()) == 3


async def test_an_index_that_turns_out_to_be_damaged_says_so_and_is_made_anew_at_the_next_opening(
    tmp_path: Path,
) -> None:
    log = MemoryLog()
    teller = Teller(tmp_path, log)
    await teller.begin()
    for turn in range(300):
        await teller.tell((0, "create", 1), turn)
    path = tmp_path / "index.db"
    async with open_index(path, log) as index:
        assert len(await index.takes(1)) == 300
    with closing(sqlite3.connect(path)) as db:
        (page,) = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'takes'").fetchone()
    with path.open("r+b") as file:  # it is not read at the opening
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 4096)
    with pytest.raises(IndexDamaged):
        async with open_index(path, log) as index:
            await index.takes(1)
    assert index.damaged.is_set()
    async with open_index(path, log) as index:
        assert len(await index.takes(1)) == 300


async def test_the_index_of_another_log_is_made_anew(tmp_path: Path) -> None:
    first, second = MemoryLog(), MemoryLog()
    await Teller(tmp_path, first).begin()
    path = tmp_path / "index.db"
    async with open_index(path, first) as index:
        assert len(await index.shots()) == 3
    async with open_index(path, second) as index:
        assert await index.shots() == []


async def test_a_wrong_row_and_a_wrong_file_are_found(tmp_path: Path) -> None:
    log = MemoryLog()
    async with screening(tmp_path, log) as film:
        teller = Teller(tmp_path, log)
        await teller.begin()
        await teller.tell((0, "create", 1), 0)
        await teller.tell((0, "complete", 1), 1)
        await film.at_rest()
        sidecar = tmp_path / "01_A/001_Dawn/takes/take_001/shot_001_take_001_metadata.json"
        sidecar.write_text("{}")
        await film.index._writer.run(lambda db: db.execute("UPDATE takes SET status = 'failed'"))
        found = {(one.name, one.what) for one in await film.projector.differences()}
        assert ("index", "takes") in found
        assert ("sidecars", sidecar.relative_to(tmp_path).as_posix()) in found


async def test_what_comes_while_it_is_compared_is_no_difference(tmp_path: Path) -> None:
    log = MemoryLog()
    teller = Teller(tmp_path, log)

    class Overtaken(Sidecars):
        """Somebody says something of the take just before it is compared for the first time."""

        async def differences(self, film: Film, touched: Sequence[ShotTakes]) -> Collection[str]:
            if not compared:
                compared.append(True)
                return ["what has just come"]
            return await super().differences(film, touched)

    compared: list[bool] = []
    async with screening(tmp_path, log, [Overtaken()]) as film:
        await teller.begin()
        await teller.tell((0, "create", 1), 0)
        await teller.tell((0, "complete", 1), 1)
        await film.at_rest()
        assert await film.projector.differences() == []
    assert compared


async def test_of_a_shot_of_very_many_takes_few_are_held_at_a_time_and_each_difference_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "PAGE", 2)
    log, link = MemoryLog(), "01_A/001_Dawn/active_take"
    held: list[int] = []

    class Watching(Sidecars):
        async def mend(self, film: Film, touched: Sequence[ShotTakes]) -> Collection[Trouble]:
            held.append(sum(len(one.takes) for one in touched))
            return await super().mend(film, touched)

    async with screening(tmp_path, log, [ActiveLink(), Watching()]) as film:
        teller = Teller(tmp_path, log)
        await teller.begin()
        for turn in range(5):
            await teller.tell((0, "create", turn + 1), turn)
            await teller.tell((0, "complete", turn + 1), turn)
        await film.at_rest()
        held.clear()
        await film.projector.rebuild("sidecars")
        assert (max(held), sum(held)) == (2, 5)
        sidecars = [f"01_A/001_Dawn/takes/take_00{n}/shot_001_take_00{n}_metadata.json" for n in range(1, 6)]
        for path in (link, *sidecars):
            (tmp_path / path).unlink()
        found = sorted(one.what for one in await film.projector.differences())
        assert found == [link, *sidecars]


async def test_a_rebuild_takes_nothing_back_that_a_reactor_did(tmp_path: Path) -> None:
    log = MemoryLog()
    letters = tmp_path / "letters.txt"

    class Postman(Reactor):
        """Writes to somebody of every shot, once."""

        name = "postman"

        def __init__(self) -> None:
            self.told: list[str] = []

        async def mend(self, film: Film, touched: Sequence[ShotTakes]) -> Collection[str]:
            new = [one.shot.path for one in touched if one.shot.path not in self.told]
            self.told += new
            async with await anyio.open_file(letters, "a") as file:
                await file.write("".join(f"{path}\n" for path in new))
            return []

        async def differences(self, film: Film, touched: Sequence[ShotTakes]) -> Collection[str]:
            return []

        async def start_over(self, film: Film, touched: Sequence[ShotTakes]) -> None:
            self.told.clear()

    async with screening(tmp_path, log, [Postman()]) as film:
        await Teller(tmp_path, log).begin()
        await film.at_rest()
        before = letters.read_text()
        assert await film.projector.rebuild("postman") == ["postman"]
        assert letters.read_text() == before * 2


async def test_a_thousand_events_write_the_project_file_a_few_times_only(tmp_path: Path) -> None:
    log = MemoryLog()
    looks = 0

    class Counting(ProjectFile):
        async def mend(self, film: Film, touched: Sequence[ShotTakes]) -> Collection[Trouble]:
            nonlocal looks
            looks += 1
            return await super().mend(film, touched)

    async with screening(tmp_path, log, [Counting()]) as film:
        teller = Teller(tmp_path, log)
        await teller.begin()
        for turn in range(1000):
            await teller.tell((turn % 3, "create", 1), turn)
        await film.at_rest()
    assert looks < 20


async def test_in_a_burst_the_index_learns_more_at_once_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A burst is what comes before the last rest is over; the clock stands, so that it is one on any machine."""
    log, rests = MemoryLog(), list[float]()
    monkeypatch.setattr(anyio, "current_time", lambda: 0.0)
    async with screening(tmp_path, log, []) as film:
        wait, teller = film.index.hurry.wait, Teller(tmp_path, log)

        async def rest(seconds: float) -> None:
            rests.append(seconds)
            await wait(seconds)

        async def rested_long() -> bool:
            await teller.tell((0, "create", 1), 1)
            return len(rests) > 1 and rests[-1] == rests[-2]

        monkeypatch.setattr(film.index.hurry, "wait", rest)
        await teller.begin()
        await until(rested_long)
    longer = [GATHER.first]
    while longer[-1] < GATHER.longest:
        longer.append(GATHER.after(longer[-1]))
    assert rests[: len(longer)] == longer
    assert max(rests) == GATHER.longest


async def test_what_is_new_in_the_log_is_gone_through_once_for_all_who_look_at_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, gone_through, entries = MemoryLog(), list[Page](), Page.entries

    def note(page: Page, start: int = 0) -> Iterator[tuple[int, str, int, str, BriefEvent]]:
        gone_through.append(page)
        return entries(page, start)

    monkeypatch.setattr(Page, "entries", note)
    async with screening(tmp_path, log) as film:
        await Teller(tmp_path, log).begin()
        await film.at_rest()
    counts = Counter(map(id, gone_through))
    assert set(counts.values()) <= {1, 2}, "by the index, and for all others"
