"""The scanner: what one run of the daemon has seen to be well, the next one compares, and looks at whatever differs."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
from msgspec.structs import replace

from daemon.disk.marker import Marker
from daemon.takes import scanner
from daemon.watching import memory, scan
from projections.index.queries import Queries
from projections.layout import OWN_FOLDER
from tests.support.core import World, new_film, running_core
from tests.support.film import DAWN, NOON, Film, make_film, still, until
from tests.support.inside import Daemon, running_daemon


class Looked:
    """The shots that are looked into, rather than passed over."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.shots: set[str] = set()
        real = scan.look_without_media

        def look(root: Path, shot: str) -> object:
            self.shots.add(shot)
            return real(root, shot)

        monkeypatch.setattr("daemon.takes.scanner.look_without_media", look)

    async def in_next_run(self, film: Film) -> set[str]:
        """Those that the first scan of another run looks into."""
        self.shots.clear()
        async with running_daemon(film) as daemon:
            await scanned(daemon)
        return set(self.shots)


async def scanned(daemon: Daemon) -> None:
    async def has_scanned() -> bool:
        return (await daemon.status())["lastScan"] is not None

    await until(has_scanned)


def age(film: Film) -> None:
    """Nothing has changed in the film's folders just now."""
    for folder, _, _ in os.walk(film.root):
        os.utime(folder, (1_000_000_000, 1_000_000_000))


@pytest.fixture
async def film(tmp_path: Path) -> Film:
    """A film with a take in each of two shots, whose last run has seen that all is well."""
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        for number, shot in enumerate((DAWN, NOON), 1):
            film.drop(still(number), shot=shot)
            await daemon.finished(1, shot)
        await daemon.at_rest()  # what is still to be made of a take would be new in its folder
    age(film)
    async with running_daemon(film) as daemon:
        await scanned(daemon)
    return film


async def test_a_start_passes_over_what_the_run_before_has_seen_to_be_well(
    film: Film, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await Looked(monkeypatch).in_next_run(film) == set()


@pytest.mark.parametrize("is_known", [True, False])
async def test_takes_are_watched_in_the_shots_alone_in_which_something_happened_last(
    film: Film, monkeypatch: pytest.MonkeyPatch, *, is_known: bool
) -> None:
    async def watched(shots: int) -> int:
        monkeypatch.setattr(scanner, "GUARDED", shots)
        if not is_known:
            (film.root / OWN_FOLDER / memory.NAME).unlink()
        async with running_daemon(film) as daemon:
            await scanned(daemon)
            return int((await daemon.status())["watch"]["folders"])

    assert await watched(1) == await watched(2) - 1


async def test_what_the_log_says_of_all_shots_is_asked_for_where_that_is_more_than_at_the_last_scan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, ask = list[int](), Queries.standings

    async def asking(queries: Queries) -> list[tuple[str, int, int]]:
        asked.append(len(asked))
        return await ask(queries)

    monkeypatch.setattr(Queries, "standings", asking)
    async with running_core(new_film(tmp_path), World()) as core:
        for number, content in enumerate((b"one", b"two"), 1):
            core.drop(content)
            await core.settled(number)
            await core.at_rest()
            await core.scan()
            before = len(asked)
            await core.scan()
            assert len(asked) == before == number + 1  # the first scan of all was before there was anything


def dropped(film: Film) -> None:
    (film.takes(NOON) / "render.png").write_bytes(still(9))


def saved_over(film: Film) -> None:
    new = film.media(1, NOON).with_name("new")
    new.write_bytes(still(9))
    new.rename(film.media(1, NOON))


def linked_elsewhere(film: Film) -> None:
    link = film.shot(NOON) / "active_take"
    link.unlink()
    link.symlink_to("takes/take_007")


def put_back_with_old_times(film: Film) -> None:
    """As by a program that restores the times of folders, too."""
    before = film.takes(NOON).stat()
    dropped(film)
    os.utime(film.takes(NOON), ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize("change", [dropped, saved_over, linked_elsewhere, put_back_with_old_times])
async def test_what_happened_between_two_runs_is_looked_at_and_nothing_else(
    film: Film, change: Callable[[Film], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    change(film)
    assert await Looked(monkeypatch).in_next_run(film) == {NOON}


async def test_an_edit_while_no_daemon_runs_is_healed_as_ever(film: Film) -> None:
    old = film.media(1, NOON).read_bytes()
    saved_over(film)
    async with running_daemon(film) as daemon:
        await daemon.finished(2, NOON)
        assert film.media(1, NOON).read_bytes() == old
        assert film.media(2, NOON).read_bytes() == still(9)


async def test_what_was_passed_over_is_watched_as_ever(film: Film) -> None:
    old = film.media(1, NOON).read_bytes()
    async with running_daemon(film) as daemon:
        await scanned(daemon)
        saved_over(film)
        dropped(film)
        await daemon.finished(3, NOON)
        assert film.media(1, NOON).read_bytes() == old


def cut_short(film: Film) -> None:
    path = film.root / ".takes" / memory.NAME
    os.truncate(path, path.stat().st_size // 2)


def spoilt(film: Film) -> None:
    path = film.root / ".takes" / memory.NAME
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def gone(film: Film) -> None:
    (film.root / ".takes" / memory.NAME).unlink()


def interrupted(film: Film) -> None:
    """A crash has left one of two files that change places."""
    (film.root / ".takes" / "work" / "swap-0123456789abcdef-1.png").write_bytes(b"")


@pytest.mark.parametrize("harm", [cut_short, spoilt, gone, interrupted])
async def test_where_what_was_known_is_not_sure_all_is_looked_into(
    film: Film, harm: Callable[[Film], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    harm(film)
    assert await Looked(monkeypatch).in_next_run(film) == {DAWN, NOON}


async def test_after_the_clock_was_set_back_all_is_looked_into(
    film: Film, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("daemon.watching.memory.time.time_ns", lambda: 1)
    assert await Looked(monkeypatch).in_next_run(film) == {DAWN, NOON}


def of_another_log(film: Film, head: dict[str, Any]) -> None:
    folder = film.root / ".takes"
    known = memory.recall(folder)
    assert known
    marker = Marker(film.root)
    memory.remember(folder, marker, replace(known.head, **head), known.folders, known.shots)


@pytest.mark.parametrize("head", [{"log": "another"}, {"hash": "another"}, {"position": 10**9}])
async def test_what_was_known_with_another_log_is_not_believed(
    film: Film, head: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    await anyio.to_thread.run_sync(of_another_log, film, head)
    assert await Looked(monkeypatch).in_next_run(film) == {DAWN, NOON}


async def test_a_take_that_is_not_what_it_was_is_told_by_the_next_run_too(film: Film) -> None:
    path = film.media(1, NOON)
    path.chmod(0o644)
    path.write_bytes(still(9))
    for _ in range(2):
        age(film)
        async with running_daemon(film) as daemon:

            async def is_told(daemon: Daemon = daemon) -> bool:
                return any("not what it was" in one["what"] for one in (await daemon.status())["problems"])

            await until(is_told)
            await daemon.projects.find("myfilm").parts.scheduler.scan()  # type: ignore[union-attr]
