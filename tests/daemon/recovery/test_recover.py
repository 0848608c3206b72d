"""A new log is made from whatever is left: no number below, hidden and active takes, recipes kept, the old log put aside."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import pytest

from daemon import locations
from daemon.home.holding import ProjectInUse, locked
from daemon.home.home import find_home
from daemon.home.init import init_project
from daemon.home.recovering import recover_project
from daemon.recovery import recover
from daemon.recovery.copies import make_copy
from daemon.recovery.head import read_head
from daemon.recovery.recover import Recovered
from events.store.log_file import end_of
from tests.daemon.recovery.damaged import change
from tests.daemon.space.old_film import Old, make_old_film
from tests.support.film import DAWN, NOON, Film, environment, make_film, still, until
from tests.support.inside import Daemon, running_daemon, surroundings

QUICK = {"quiet": 0.05, "still": 0.2, "still_shared": 0.2}
RECIPE = {"prompt": "dawn over the sea", "seed": 7}


async def run(film: Film, *copies: Path, dry_run: bool = False) -> Recovered:
    with surroundings(environment(film.folder)):
        return await anyio.to_thread.run_sync(lambda: recover_project(film.root, copies, dry_run=dry_run))


async def lived(film: Film) -> list[dict[str, Any]]:
    """Four takes, of which the third is active, the second and the fourth hidden; its takes by then."""
    async with running_daemon(film, backups=0) as daemon:
        for number in (1, 2, 3, 4):
            film.takes().joinpath(f"{number}.json").write_text(json.dumps({**RECIPE, "seed": number}))
            film.drop(still(number), f"{number}.png")
            await daemon.finished(number)
        film.drop(still(5), "5.png", NOON)
        await daemon.finished(1, NOON)
        await daemon.activate(3)
        await daemon.delete(2)
        await daemon.delete(4)
        await daemon.at_rest()
        return await daemon.takes()


def without_log(film: Film) -> None:
    for path in film.log.parent.glob("log.db*"):
        path.unlink()


def told(takes: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [
        (one["number"], one["active"], one["deleted"], one["media"]["sha256"], one["generationParams"])
        for one in takes
    ]


async def check_as_before(film: Film, before: list[dict[str, Any]]) -> None:
    async with running_daemon(film) as daemon:
        await daemon.finished(4)
        await daemon.finished(1, NOON)
        assert told(await daemon.takes()) == told(before)
        film.drop(still(9), "9.png")
        assert [one["number"] for one in await daemon.finished(5)] == [1, 2, 3, 4, 5]
        assert (await daemon.status())["problems"] == []
        await daemon.verify()


def flip(film: Film) -> None:
    change(film.log, 6)


def forget_where(film: Film) -> None:
    """What is bad is the record that says where the first shot is."""
    change(film.log, 1)


def cut_off(film: Film) -> None:
    with film.log.open("r+b") as file:
        file.truncate(film.log.stat().st_size // 4096 // 2 * 4096)


def smash(film: Film) -> None:
    film.log.write_bytes(b"nothing of it " * 1000)


def forget_all(film: Film) -> None:
    """Nothing is left but the takes' own folders and what is told of them elsewhere."""
    without_log(film)
    for path in film.log.parent.glob("index.db*"):
        path.unlink()


def no_head(film: Film) -> None:
    without_log(film)
    (film.log.parent / "head").unlink()


@pytest.mark.parametrize("harm", [flip, forget_where, cut_off, smash, forget_all, no_head])
async def test_a_log_is_made_from_what_is_left(tmp_path: Path, harm: Callable[[Film], None]) -> None:
    film = await make_film(tmp_path)
    before = await lived(film)
    await anyio.to_thread.run_sync(harm, film)
    there = film.log.read_bytes() if film.log.exists() else None
    supposed = await run(film, dry_run=True)
    assert supposed.log
    assert (film.log.read_bytes() if film.log.exists() else None) == there
    found = await run(film)
    assert (found.kept, found.lost, found.added) == (supposed.kept, supposed.lost, supposed.added)
    if there:
        assert found.aside
        assert (Path(found.aside) / "log.db").read_bytes() == there
    assert (await run(film)).log is None
    await check_as_before(film, before)


def lose_ours(film: Film) -> None:
    shutil.rmtree(film.log.parent)


@pytest.mark.parametrize("harm", [forget_all, no_head, smash, lose_ours])
async def test_what_people_said_comes_back_from_what_is_told_beside_the_log(
    tmp_path: Path, harm: Callable[[Film], None]
) -> None:
    film = await make_film(tmp_path)
    await lived(film)
    async with running_daemon(film) as daemon:
        shot, noon = (f"shots/{one.replace('/', ':')}" for one in (DAWN, NOON))
        said = [
            (shot, {"stage": "review", "note": {"text": "wider"}}),
            (shot, {"note": {"text": "as wide as it gets", "answers": 1}}),
            (shot, {"note": {"text": "never mind"}}),
            (f"{shot}/notes/1", {"state": "resolved"}),
            (f"{shot}/notes/3", {"state": "withdrawn"}),
            (noon, {"stage": "approved"}),
            (f"{shot}/takes/take_003", {"rating": 4, "mark": "pick", "addTags": ["hero"]}),
            (f"{shot}/takes/take_003", {"note": {"text": "six fingers", "frame": 2}}),
        ]
        for path, wanted in said:
            answer = await daemon.ask("PATCH", path, wanted)
            assert answer.status_code == 200, answer.text
        before = await opinions(daemon)
        await until(partial(is_told, film))
        await daemon.at_rest()
    await anyio.to_thread.run_sync(harm, film)
    if harm is lose_ours:
        await anyio.to_thread.run_sync(init_project, film.root)
    else:
        await run(film)
    async with running_daemon(film) as daemon:
        await daemon.finished(4)
        await daemon.finished(1, NOON)
        assert await opinions(daemon) == before
        await daemon.verify()


async def test_of_an_older_log_alone_what_people_said_since_comes_back(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    rated = f"shots/{DAWN.replace('/', ':')}/takes/take_001"

    async def rating() -> int:
        found: int = (await daemon.take(1) or {})["rating"]
        return found

    async with running_daemon(film) as daemon:
        film.drop(still(1))
        await daemon.finished(1)
        await daemon.ask("PATCH", rated, {"rating": 2})
        await daemon.at_rest()
        copy, _ = await anyio.to_thread.run_sync(make_copy, film.log, tmp_path / "copy.db", "film")
        await daemon.ask("PATCH", rated, {"rating": 4, "note": {"text": "this one"}})
        await daemon.at_rest()
    without_log(film)
    await run(film, copy)
    async with running_daemon(film) as daemon:
        assert await rating() == 4
        assert [one["text"] for one in (await daemon.take(1) or {})["notes"]] == ["this one"]
        await daemon.verify()


async def is_told(film: Film) -> bool:
    """Whether what was said last is beside the log."""
    files = (film.root / "project.json", film.take(3) / "shot_001_take_003_metadata.json")
    project, sidecar = [json.loads(one.read_bytes()) for one in files]
    noon = project["takes"]["shots"][NOON]
    return noon.get("stage") == "approved" and bool(sidecar.get("notes"))


async def opinions(daemon: Daemon) -> Any:
    """What people said of the shots and takes, by whom, but not when: that is when it was brought back."""
    shots = (await daemon.get("shots"))["shots"]
    takes = [*await daemon.takes(), *await daemon.takes(NOON)]
    notes = [
        [(note["text"], note["by"], note["state"], note["answers"], note["frame"]) for note in one["notes"]]
        for one in (*shots, *takes)
    ]
    judged = [(one["number"], one["rating"], one["mark"], one["tags"]) for one in takes]
    return [one["stage"] for one in shots], judged, notes


async def test_a_copy_has_what_the_log_has_lost(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    before = await lived(film)
    copy, _ = await anyio.to_thread.run_sync(make_copy, film.log, tmp_path / "copy.db", "film")
    await anyio.to_thread.run_sync(flip, film)
    assert len((await run(film, dry_run=True)).lost) == 1
    found = await run(film, copy)
    assert (found.lost, found.added, found.waiting) == ([], 0, 0)
    await check_as_before(film, before)


async def test_what_follows_a_bad_record_stays_where_it_is_no_more_than_that(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    await lived(film)
    with closing(sqlite3.connect(film.log)) as db:
        (records,) = db.execute("SELECT count(*) FROM events").fetchone()
        (first,) = db.execute("SELECT min(position) FROM events WHERE data LIKE '%take.created%'").fetchone()
    await anyio.to_thread.run_sync(change, film.log, first)
    found = await run(film)
    assert found.lost == [first]
    # What was said of that take, and nothing else: it was created, completed and activated.
    assert found.kept == records - 3


async def test_a_purged_take_keeps_its_number_and_its_recipe(tmp_path: Path) -> None:
    film = await make_old_film(tmp_path, Old(1, still(1), "active"), Old(2, still(2)))
    async with running_daemon(film) as daemon:
        await daemon.scanned()
        answer = await daemon.ask("POST", "cleanup", {"dryRun": False, "deletedAfterDays": 7})
        assert answer.status_code == 200, answer.text
        await daemon.at_rest()
        before = await daemon.take(2) or {}
    assert before["purged"]
    without_log(film)
    await run(film)
    async with running_daemon(film) as daemon:
        await daemon.finished(2)
        take = await daemon.take(2) or {}
        for what in ("purged", "deleted", "created", "generationParams"):
            assert take[what] == before[what]
        await daemon.verify()


async def test_init_where_ours_is_gone_keeps_the_numbers(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    before = await lived(film)
    await anyio.to_thread.run_sync(shutil.rmtree, film.log.parent)
    await anyio.to_thread.run_sync(init_project, film.root)
    await check_as_before(film, before)


async def test_init_where_ours_is_gone_finds_the_copy_of_the_log(tmp_path: Path) -> None:
    film = await make_film(tmp_path)

    def register_and_copy() -> None:
        locations.register_project(str(film.root), end_of(film.log).log)
        make_copy(film.log, None, "film")

    with surroundings(environment(film.folder)):
        await lived(film)
        await anyio.to_thread.run_sync(register_and_copy)
        async with running_daemon(film) as daemon:
            film.drop(still(6), "6.png")
            await daemon.finished(5)
            await daemon.delete(3)
            at = [(one["number"], one["deleted"], one["created"]) for one in await daemon.takes()]
            await daemon.at_rest()
        await anyio.to_thread.run_sync(shutil.rmtree, film.log.parent)
        info = await anyio.to_thread.run_sync(init_project, film.root)
        await anyio.to_thread.run_sync(locations.register_project, info.path, info.log)
    async with running_daemon(film) as daemon:
        await daemon.finished(5)
        assert [(one["number"], one["deleted"], one["created"]) for one in await daemon.takes()] == at


async def test_a_film_that_is_kept_is_not_recovered(tmp_path: Path) -> None:
    film = await make_film(tmp_path)

    def while_locked() -> None:
        with locked(find_home(film.root)), pytest.raises(ProjectInUse):
            recover_project(film.root)

    await anyio.to_thread.run_sync(while_locked)


@pytest.mark.parametrize("step", ["sync", "put_in_place", "write_head"])
@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_kill_in_the_midst_of_it_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, when: str
) -> None:
    film = await make_film(tmp_path)
    before = await lived(film)
    await anyio.to_thread.run_sync(flip, film)
    done = getattr(recover, step)

    class Killed(BaseException):
        pass

    def killed(*args: Any) -> None:
        if when == "after":
            done(*args)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(recover, step, killed)
        with pytest.raises(Killed):
            await run(film)
    await run(film)
    assert (await run(film)).log is None
    head = await anyio.to_thread.run_sync(read_head, film.log.parent)
    assert head
    await check_as_before(film, before)


@pytest.mark.parametrize("what", ["gone", "bad"])
async def test_the_log_of_a_film_on_a_share_is_recovered_where_it_is_kept(tmp_path: Path, what: str) -> None:
    film = Film(tmp_path)
    with surroundings(environment(tmp_path)):
        await anyio.to_thread.run_sync(lambda: init_project(film.root, share=True))
        home = await anyio.to_thread.run_sync(find_home, film.root)
    async with running_daemon(film, share=True, backups=0, settle=QUICK) as daemon:
        film.drop(still(1), "1.png")
        before = await daemon.finished(1)
    assert not film.log.exists()
    if what == "gone":
        await anyio.to_thread.run_sync(shutil.rmtree, home.folder)
    else:
        await anyio.to_thread.run_sync(change, home.log, 3)
    assert (await run(film)).log
    assert (await run(film)).log is None
    async with running_daemon(film, share=True, backups=0, settle=QUICK) as daemon:
        await daemon.finished(1)
        assert told(await daemon.takes()) == [(1, True, False, before[0]["media"]["sha256"], None)]
        film.drop(still(2), "2.png")
        assert [one["number"] for one in await daemon.finished(2)] == [1, 2]
        await daemon.verify()
