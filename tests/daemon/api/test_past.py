"""The past over HTTP: every answer from the log is to be had as it was, and says what the moment cannot tell."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from daemon.api.past import AS_OF
from events import Append, ShotRegistered, open_log, timestamp
from tests.daemon.space.old_film import Old, make_old_film
from tests.support.film import DAWN, NOON, Film, make_film, still, until
from tests.support.inside import Daemon, running_daemon

D = DAWN.replace("/", ":")


async def dropped(film: Film, daemon: Daemon, *numbers: int) -> int:
    """Drop so many takes; where the log ends then."""
    for number in numbers:
        film.drop(still(number))
        await daemon.finished(number)
    await daemon.at_rest()
    return await head(daemon)


async def head(daemon: Daemon) -> int:
    return int((await daemon.get("status"))["position"])


async def judge(daemon: Daemon, take: int, **wanted: Any) -> int:
    answer = await daemon.ask("PATCH", f"shots/{D}/takes/take_{take:03d}", wanted)
    assert answer.status_code == 200, answer.text
    return await head(daemon)


async def read(daemon: Daemon, path: str, moment: object) -> httpx.Response:
    mark = "&" if "?" in path else "?"
    return await daemon.ask("GET", f"{path}{mark}asOf={quote(str(moment))}")


READS = (
    "shots",
    f"shots/{D}",
    f"shots/{D}/takes",
    f"shots/{D}/takes/take_001",
    "find?q=",
    "find?q=rating:>0",
)


def _told(answer: Any) -> Any:
    """What the log says; the colour of a picture is known from that."""
    for shot in (answer, *answer.get("shots", ())):
        shot.pop("activeColour", None)
    for take in answer.get("takes", ()):
        take.get("take", take).pop("colour", None)
    return answer


async def test_every_answer_is_as_it_was_at_a_position(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await dropped(film, daemon, 1, 2)
        known = dict[int, list[Any]]()
        for wanted in ({"rating": 4}, {"mark": "pick"}, {"addTags": ["hero"]}, {"deleted": True}):
            position = await judge(daemon, 1, **wanted)
            known[position] = [_told(await daemon.get(path)) for path in READS]
        await judge(daemon, 1, rating=1, deleted=False, removeTags=["hero"], note={"text": "no"})
        for position, then in known.items():
            for path, answer in zip(READS, then, strict=True):
                told = await read(daemon, path, position)
                assert _told(told.json()) == answer, (position, path)
                assert told.headers[AS_OF] == str(position)
        await daemon.verify()


async def test_a_time_is_the_last_position_until_then_and_what_was_understood_is_said(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        end = await dropped(film, daemon, 1)
        then = datetime.now(UTC).isoformat()
        await judge(daemon, 1, rating=5)
        said = (await daemon.ask("GET", f"moment?at={quote(then)}")).json()
        assert (said["position"], said["head"]) == (end, end + 1)
        assert said["at"][:19] == then[:19]
        assert said["lastAt"] < said["at"]
        take = (await read(daemon, f"shots/{D}/takes/take_001", then)).json()
        assert take["rating"] == 0
        assert (await read(daemon, "shots", "yesterday 18:00")).json() == {"shots": []}
        assert (await daemon.ask("GET", f"moment?at={end}")).json()["at"] is None


async def test_now_is_the_end_of_the_log_whenever_that_says_it_was_written(tmp_path: Path) -> None:
    film = await make_old_film(tmp_path, Old(1, still(1), "active"))
    found = film.shot(NOON).stat()
    async with open_log(film.log) as log:
        later = ShotRegistered(path=NOON, device=found.st_dev, inode=found.st_ino)
        at = timestamp(datetime.now(UTC) + timedelta(days=1000))  # by a clock that was wrong
        await log.append(Append(stream="s2", events=[later], expected=0, at=at, actor="watcher"))
    async with running_daemon(film) as daemon:
        await daemon.at_rest()
        end = await head(daemon)
        assert (await read(daemon, "shots", "now")).headers[AS_OF] == str(end)
        assert (await daemon.get("diff?from=0"))["to"] == end


@pytest.mark.parametrize(
    ("moment", "said"),
    [("soon", "is no moment"), ("99999", "the log ends at position"), ("2999-01-01", "yet to come")],
)
async def test_what_is_no_moment_is_refused(tmp_path: Path, moment: str, said: str) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await dropped(film, daemon, 1)
        for path in (*READS, "export?format=csv", "moment?at=" + moment):
            refused = await read(daemon, path, moment)
            assert refused.status_code == 422
            assert said in refused.json()["detail"]
            assert "yesterday 18:00" in refused.json()["hint"]


async def test_the_pictures_of_the_past_have_their_colours(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        end = await dropped(film, daemon, 1)
        await judge(daemon, 1, rating=1)

        async def is_known() -> str | None:
            (take,) = (await daemon.get(f"shots/{D}/takes"))["takes"]
            return str(take["colour"]) if "colour" in take else None

        colour = await until(is_known)
        (take,) = (await read(daemon, f"shots/{D}/takes", end)).json()["takes"]
        (found,) = (await read(daemon, "find?q=", end)).json()["takes"]
        shot = next(
            one for one in (await read(daemon, "shots", end)).json()["shots"] if one["shotId"] == "001_Dawn"
        )
        one = (await read(daemon, f"shots/{D}", end)).json()
        assert [take["colour"], found["take"]["colour"]] == [colour] * 2
        assert [shot["activeColour"], one["activeColour"]] == [colour] * 2


async def test_what_was_not_there_yet_is_not_found(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        end = await dropped(film, daemon, 1)
        await dropped(film, daemon, 2)
        assert (await read(daemon, f"shots/{D}/takes/take_002", end)).status_code == 404
        assert (await read(daemon, f"shots/{D}", 0)).status_code == 404
        assert (await read(daemon, "find?q=", 0)).json()["total"] == 0


async def test_bytes_that_were_purged_since_are_said_to_be_gone(tmp_path: Path) -> None:
    film = await make_old_film(tmp_path, Old(1, still(1), "deleted"), Old(2, still(2), "active"))
    async with running_daemon(film) as daemon:
        await daemon.scanned()
        await daemon.at_rest()
        end = next(one["position"] for one in await daemon.events() if one["type"] == "take.deleted")
        answer = await daemon.ask("POST", "cleanup", {"deletedAfterDays": 7})
        assert [one["takeId"] for one in answer.json()["takes"]] == ["take_001"]
        (then,) = (await read(daemon, f"shots/{D}/takes", end - 1)).json()["takes"]
        gone, there = await daemon.takes()
        assert (then["deleted"], then["purged"], then["mediaUrl"]) == (False, False, None)
        assert then["purgedSince"] == gone["purgedAt"]
        assert "purgedSince" not in (await read(daemon, f"shots/{D}/takes/take_002", "now")).json()
        sheet = (await read(daemon, "export?format=csv", end - 1)).text
        assert ["purged" in line for line in sheet.splitlines()] == [False, True]
        assert there["mediaUrl"]


async def test_the_files_of_a_shot_that_was_moved_since_are_where_they_are_today(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        end = await dropped(film, daemon, 1)
        old, new = film.root / DAWN, film.root / DAWN.replace("001", "007")
        old.rename(new)
        moved = DAWN.replace("001", "007")
        await daemon.finished(1, moved)
        then = (await read(daemon, f"shots/{D}/takes/take_001", end)).json()
        assert then["shotId"] == DAWN.rpartition("/")[2]
        assert moved.rpartition("/")[2] in then["mediaUrl"]
        assert (await daemon.client.get(then["mediaUrl"])).status_code == 200
        (path,) = [
            line
            for line in (await read(daemon, "export?format=edl", end)).text.splitlines()
            if "FILE" in line
        ]
        assert path.endswith(f"{moved}/takes/take_001/shot_001_take_001.png")


async def test_the_last_events_before_a_position_are_told_for_a_history(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await dropped(film, daemon, 1, 2)
        every = await daemon.events()
        for shot in ("", f"&shot={D}"):
            told = (await daemon.get(f"events?before={len(every)}&limit=3{shot}"))["events"]
            assert told == every[-4:-1]
        assert (await daemon.get("events?before=1"))["events"] == []
