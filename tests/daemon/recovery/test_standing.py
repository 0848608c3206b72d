"""A log that is put in the place of the film's own: an older one gives no number twice, another one is not gone on with."""

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import anyio
import pytest

from daemon import locations
from daemon.recovery.copies import make_copy
from daemon.recovery.head import HeadFile, read_head
from projections.index.queries import Queries
from projections.index.rows import ShotRow
from tests.support.film import DAWN, NOON, Film, environment, make_film, still, until
from tests.support.inside import Daemon, running_daemon, surroundings


def copy_log(film: Film, place: Path) -> Path:
    with closing(sqlite3.connect(film.log)) as db:
        db.execute("VACUUM INTO ?", (str(place),))
    return place


def put_log(film: Film, copy: Path) -> None:
    for path in film.log.parent.glob("log.db*"):
        path.unlink()
    shutil.copy(copy, film.log)


async def head_of(film: Film) -> HeadFile | None:
    return await anyio.to_thread.run_sync(read_head, film.log.parent)


async def drop(daemon: Daemon, *numbers: int) -> None:
    for number in numbers:
        daemon.film.drop(still(number), f"{number}.png")
        await daemon.finished(number)


async def numbers(daemon: Daemon) -> list[int]:
    return [one["number"] for one in await daemon.takes()]


async def suspended(daemon: Daemon) -> str:
    """Why the project is not kept."""

    async def reason() -> str:
        (one,) = (await daemon.get("/api/health"))["projects"]
        return (
            one["problems"][0]["what"] + " " + one["problems"][0]["hint"]
            if one["state"] == "suspended"
            else ""
        )

    return await until(reason)


async def lose(film: Film, copy: Path, *, active: int = 3) -> None:
    """Three takes, the log is copied; a fourth that is removed for good, another choice, and the second is hidden."""
    async with running_daemon(film, scan_every=0.3) as daemon:
        await drop(daemon, 1, 2)
        await anyio.to_thread.run_sync(copy_log, film, copy)
        await drop(daemon, 3, 4)
        await daemon.activate(active)
        await daemon.delete(2)
        film.remove_by_hand(4)

        async def is_gone() -> bool:
            return bool((await daemon.take(4) or {}).get("deleted"))

        await until(is_gone)
        await daemon.at_rest()
    put_log(film, copy)


async def check_nothing_is_given_twice(film: Film) -> list[dict[str, Any]]:
    async with running_daemon(film) as daemon:
        film.drop(still(9), "9.png")
        await daemon.finished(4)
        assert await numbers(daemon) == [1, 2, 3, 5]
        assert await daemon.active() == "take_003"
        assert (await daemon.take(2) or {})["deleted"]
        problems: list[dict[str, Any]] = (await daemon.status())["problems"]
        await daemon.verify()
    return problems


async def test_an_older_log_gives_no_number_twice_and_says_so(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    await lose(film, tmp_path / "copy.db")
    problems = await check_nothing_is_given_twice(film)
    assert [one["what"].startswith("the log is an older one") for one in problems] == [True]
    async with running_daemon(film) as daemon:
        problems = (await daemon.status())["problems"]
        assert not [one for one in problems if one["what"].startswith("the log is an older one")]


async def test_a_copy_that_goes_on_beyond_the_log_is_told(tmp_path: Path) -> None:
    """As where all of `.takes` was put back from an old backup, and `project.json` by git."""
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await drop(daemon, 1)
        await daemon.at_rest()
    shutil.copytree(film.log.parent, tmp_path / "old")
    async with running_daemon(film) as daemon:
        await drop(daemon, 2)
        position = (await daemon.at_rest())["position"]
    with surroundings(environment(film.folder)):
        copy, end = await anyio.to_thread.run_sync(make_copy, film.log, None, "film")
    assert end.position == position
    shutil.rmtree(film.log.parent)
    (tmp_path / "old").rename(film.log.parent)
    (film.root / "project.json").unlink()
    async with running_daemon(film) as daemon:
        await daemon.finished(2)
        (problem,) = (await daemon.status())["problems"]
        assert problem["what"].endswith(f"and a copy of it at {position}: {copy}")
        assert "put that copy in the log's place" in problem["hint"]


async def test_an_older_log_learns_what_people_said_since_of_the_takes_that_it_has(tmp_path: Path) -> None:
    film = await make_film(tmp_path)

    async def say(take: int, **wanted: Any) -> None:
        path = f"shots/{DAWN.replace('/', ':')}/takes/take_{take:03d}"
        assert (await daemon.ask("PATCH", path, wanted)).is_success

    async def said() -> list[tuple[Any, ...]]:
        return [
            (
                one["rating"],
                one["mark"],
                one["tags"],
                [(n["text"], n["by"], n["state"], n["answers"]) for n in one["notes"]],
            )
            for one in await daemon.takes()
        ]

    async with running_daemon(film) as daemon:
        await drop(daemon, 1, 2)
        await say(1, rating=5, mark="pick", addTags=["hero", "night"], note={"text": "six fingers"})
        await say(1, note={"text": "too dark"})
        await daemon.at_rest()
        await anyio.to_thread.run_sync(copy_log, film, tmp_path / "copy.db")
        await say(1, rating=0, mark="reject", addTags=["late"], removeTags=["night"])
        await say(1, note={"text": "mended", "answers": 1})
        notes = f"shots/{DAWN.replace('/', ':')}/takes/take_001/notes"
        await daemon.ask("PATCH", f"{notes}/1", {"state": "resolved"})
        await daemon.ask("PATCH", f"{notes}/2", {"state": "withdrawn"})
        await say(2, rating=3)
        before = await said()
        await daemon.at_rest()
    put_log(film, tmp_path / "copy.db")
    async with running_daemon(film) as daemon:
        assert await said() == before
        await daemon.at_rest()
        await daemon.verify()
        head = (await daemon.status())["position"]
    async with running_daemon(film) as daemon:
        assert (await daemon.status())["position"] == head
        assert await said() == before


async def test_project_json_knows_an_older_log_where_the_head_is_as_old(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    await lose(film, tmp_path / "copy.db")
    (film.log.parent / "head").unlink()
    problems = await check_nothing_is_given_twice(film)
    assert len(problems) == 1


async def test_a_kill_in_the_midst_of_it_costs_no_number(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    await lose(film, tmp_path / "copy.db")
    (film.root / "project.json").unlink()
    async with running_daemon(film) as daemon:  # which appends the numbers, and the head is as before it
        before = (film.log.parent / "head").read_bytes()
        await daemon.scanned()
    put_log(film, tmp_path / "copy.db")
    lowered = json.loads(before) | {"position": 0, "hash": "0" * 64}
    (film.log.parent / "head").write_text(json.dumps(lowered))
    async with running_daemon(film) as daemon:
        film.drop(still(9), "9.png")
        await daemon.finished(4)
        assert await numbers(daemon) == [1, 2, 3, 5]


async def test_of_all_shots_the_head_reads_those_again_of_which_the_log_says_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, shots = list[set[str]](), Queries.shots

    async def reading(queries: Queries, *, gone: bool = False, after: int = 0) -> list[ShotRow]:
        found = await shots(queries, gone=gone, after=after)
        if after > 0:
            read.append({one.path for one in found})
        return found

    monkeypatch.setattr(Queries, "shots", reading)
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        for number, shot in enumerate((DAWN, NOON), 1):
            film.drop(still(number), shot=shot)
            await daemon.finished(1, shot)
        await daemon.at_rest()

        async def has_followed() -> bool:
            head = await head_of(film)
            return head is not None and head.position == (await daemon.status())["position"]

        await until(has_followed)
        film.drop(still(3))
        await daemon.finished(2)
    head = await head_of(film)
    assert head is not None
    assert {one.path: one.given for one in head.shots.values()} == {DAWN: 2, NOON: 1}
    assert read[-1] == {DAWN}


async def test_the_head_is_where_the_log_ends_when_the_daemon_has_stopped(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await drop(daemon, 1, 2)
        await daemon.delete(1)
        position = (await daemon.at_rest())["position"]
    head = await head_of(film)
    assert head is not None
    (known,) = [one for one in head.shots.values() if one.path == DAWN]
    assert (head.position, known.given, known.hidden, known.active) == (position, 2, (1,), 2)


async def test_another_log_is_refused_with_both_ids(tmp_path: Path) -> None:
    film, other = await make_film(tmp_path), await make_film(tmp_path, "Other")
    async with running_daemon(film) as daemon:
        await drop(daemon, 1)
    wanted = await head_of(film)
    assert wanted is not None
    put_log(film, other.log)
    async with running_daemon(film) as daemon:
        said = await suspended(daemon)
    with closing(sqlite3.connect(other.log)) as db:
        (found,) = db.execute("SELECT id FROM log").fetchone()
    assert wanted.log in said
    assert found in said
    assert f"takes recover {film.root}" in said
    assert await head_of(film) == wanted


async def test_a_log_that_went_another_way_is_refused(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await drop(daemon, 1)
        await anyio.to_thread.run_sync(copy_log, film, tmp_path / "copy.db")
        await drop(daemon, 2)
    head = (film.log.parent / "head").read_bytes()
    put_log(film, tmp_path / "copy.db")
    (film.log.parent / "head").unlink()
    (film.root / "project.json").unlink()
    async with running_daemon(film) as daemon:
        await drop(daemon, 3, 4)
    (film.log.parent / "head").write_bytes(head)
    async with running_daemon(film) as daemon:
        assert "went another way" in await suspended(daemon)


async def test_a_foreign_film_is_not_served_as_the_registered_one(tmp_path: Path) -> None:
    film, other = await make_film(tmp_path), await make_film(tmp_path, "Other")
    with surroundings(environment(film.folder)), closing(sqlite3.connect(film.log)) as db:
        (own,) = db.execute("SELECT id FROM log").fetchone()
        await anyio.to_thread.run_sync(locations.register_project, str(film.root), own)
    film.root.rename(tmp_path / "away")
    other.root.rename(film.root)
    async with running_daemon(film) as daemon:
        said = await suspended(daemon)
        assert own in said
        assert f"takes init {film.root}" in said
        film.root.rename(tmp_path / "Other")
        (tmp_path / "away").rename(film.root)

        async def is_live() -> bool:
            return (await daemon.ask("GET", "status")).status_code == 200

        await until(is_live)


@pytest.mark.parametrize("content", [b"", b"{", b"{}", b"\xff"])
async def test_a_head_that_makes_no_sense_is_written_anew(tmp_path: Path, content: bytes) -> None:
    film = await make_film(tmp_path)
    (film.log.parent / "head").write_bytes(content)
    async with running_daemon(film) as daemon:
        await drop(daemon, 1)
    assert await head_of(film) is not None
