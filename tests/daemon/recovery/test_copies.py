"""Copies of the log are made while it is written to, and the daemon keeps the last few days' outside of the film."""

from pathlib import Path

import anyio
import pytest

from daemon.recovery import chain, copies
from daemon.recovery.copies import CopyExists, NoFolderForCopy, copies_of, make_copy
from events.store.log_file import end_of
from projections.board import Board
from tests.support.deadline import DEADLINE
from tests.support.film import Film, environment, make_film, still, until
from tests.support.inside import running_daemon, surroundings


async def copy(film: Film, target: Path | None) -> Path:
    with surroundings(environment(film.folder)):
        made, _ = await anyio.to_thread.run_sync(make_copy, film.log, target, "myfilm")
    return made


async def position(path: Path) -> int:
    return (await anyio.to_thread.run_sync(end_of, path)).position


async def test_a_copy_is_made_while_the_film_is_kept(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    (tmp_path / "copies").mkdir()
    async with running_daemon(film) as daemon:
        film.drop(still(1), "1.png")
        await daemon.finished(1)
        head = (await daemon.at_rest())["position"]
        assert await position(await copy(film, tmp_path / "copy.db")) == head
        inside = await copy(film, tmp_path / "copies")
        assert inside.parent == tmp_path / "copies"
        assert inside.name.startswith("myfilm-")
        with pytest.raises(CopyExists):
            await copy(film, tmp_path / "copy.db")
        kept = await copy(film, None)
        assert kept.is_relative_to(tmp_path / "state")
        assert await position(kept) == head


async def test_the_daemon_keeps_a_copy_of_each_of_the_last_days(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain, "QUIET", 0.0)
    monkeypatch.setattr(copies, "EVERY", 0.05)
    film = await make_film(tmp_path)
    log = (await anyio.to_thread.run_sync(end_of, film.log)).log
    folder = tmp_path / "state" / "takes" / "logs" / log
    folder.mkdir(parents=True)
    for day in range(1, 5):
        await copy(film, folder / f"2020-01-0{day}.db")
    (folder / ".0123456789abcdef.tmp").touch()
    async with running_daemon(film, backups=3) as daemon:
        film.drop(still(1), "1.png")
        await daemon.finished(1)

        async def kept() -> list[str]:
            names = sorted(path.name for path in folder.iterdir())
            return names if len(names) == 3 else []

        names = await until(kept)
    assert names[:2] == ["2020-01-03.db", "2020-01-04.db"]
    with surroundings(environment(film.folder)):
        (newest, *_) = await anyio.to_thread.run_sync(copies_of, log)
    assert newest.name == names[2]
    assert await position(newest) > 0


async def test_no_copy_is_kept_where_none_is_wanted(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    with anyio.fail_after(DEADLINE):
        await copies.keep_copies(film.log, None, Board(), 0)  # type: ignore[arg-type]
    assert not (tmp_path / "state").exists()


def test_a_copy_in_a_folder_that_is_not_there_says_how_to_make_it(tmp_path: Path) -> None:
    folder = tmp_path / "not there"
    with pytest.raises(NoFolderForCopy) as refused:
        make_copy(tmp_path / "log.db", folder / "copy.db", "film")
    assert f"mkdir -p '{folder}'" in refused.value.hint
