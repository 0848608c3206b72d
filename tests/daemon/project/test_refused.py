"""What a disk refuses waits, is told, and goes on by itself: the log, the index, and what is asked meanwhile."""

import sqlite3
from pathlib import Path

from events.store.database import Database
from tests.support.film import DAWN, make_film, still, until
from tests.support.inside import Daemon, running_daemon


async def fill(database: Database) -> None:
    """Let it not grow any more, as on a full disk."""
    (pages,) = await database.run(lambda db: db.execute("PRAGMA page_count").fetchone())
    await _allow(database, pages)


async def empty(database: Database) -> None:
    """Let it grow again."""
    await _allow(database, 1 << 30)


async def _allow(database: Database, pages: int) -> None:
    def work(db: sqlite3.Connection) -> None:
        db.execute(f"PRAGMA max_page_count = {pages}").fetchone()

    await database.run(work)


async def told(daemon: Daemon) -> list[str]:
    return [one["what"] for one in (await daemon.status())["problems"]]


async def test_an_index_that_finds_no_room_waits_and_tells_and_what_it_knows_is_answered(
    tmp_path: Path,
) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        film.drop(still(1))
        await daemon.finished(1)
        await daemon.at_rest()
        assert daemon.projects is not None
        index = daemon.projects.find("myfilm").parts.index._writer
        await fill(index)
        for number in range(2, 40):
            film.drop(still(number), f"{number}.png")

        async def says() -> bool:
            return any(what.startswith("index: database or disk is full") for what in await told(daemon))

        await until(says)
        assert (await daemon.takes())[0]["status"] == "complete"
        await empty(index)
        assert len(await daemon.finished(39)) == 39

        async def is_well() -> bool:
            return not await told(daemon)

        await until(is_well)
        await daemon.verify()


async def test_a_change_that_the_log_finds_no_room_for_is_refused_and_can_be_asked_for_again(
    tmp_path: Path,
) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        for number in (1, 2):
            film.drop(still(number))
            await daemon.finished(number)
        await daemon.at_rest()
        assert daemon.projects is not None
        log = daemon.projects.find("myfilm").parts.log._writer  # type: ignore[attr-defined]
        await fill(log)
        for turn in range(100):  # until its last page is full
            answer = await daemon.activate(1 + turn % 2)
            if answer.status_code != 200:
                break
        assert answer.status_code == 507, answer.text
        assert answer.json()["detail"] == "database or disk is full"
        before = await daemon.active(DAWN)
        await empty(log)
        other = 1 if before == "take_002" else 2
        assert (await daemon.activate(other)).status_code == 200
        await daemon.verify()
