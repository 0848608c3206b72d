"""Making a take again: its recipe is asked for once more, and what comes is compared with what was there."""

import json
from functools import partial
from pathlib import Path

from daemon.shots.shots import FILESYSTEM
from events.shot import purge
from tests.daemon.cli.film.test_bringing import bringing
from tests.daemon.cli.test_choosing import Out
from tests.daemon.requests.asked import COMMAND, asked, known, settled
from tests.support.film import DAWN, make_film, still
from tests.support.inside import Daemon, running_daemon


async def purged(daemon: Daemon, number: int) -> None:
    """That take is deleted, and its bytes are gone."""
    assert daemon.projects
    parts = daemon.projects.find(daemon.project).parts
    row = await parts.index.shot_at(DAWN)
    assert row
    records = await parts.shots.change(row.stream, partial(purge, number=number, size=1), FILESYSTEM)
    await parts.index.show(records[-1].position)


async def test_a_take_is_made_again_and_is_the_same_or_not(tmp_path: Path, capsys: Out) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, runner=COMMAND) as daemon:
        takes = bringing(daemon, capsys)
        await known(daemon)
        await asked(daemon, seed=7, prompt="gulls")
        await settled(daemon, 1)
        assert (await takes("again", "dawn", "1", "--wait"))[0] == 0
        same = await settled(daemon, 2)
        assert same["again"] == {"takeId": "take_001", "same": True}
        assert same["generationParams"] == {"seed": 7, "prompt": "gulls"}
        assert "and the same to the byte" in (await takes("show", "dawn", "2"))[1]
        code, _, err = await takes("again", "dawn", "1", "--seed", "8", "--wait")
        assert code == 0
        assert "take_003 is made of take_001, and not the same." in err
        other = await settled(daemon, 3)
        assert other["again"]["same"] is False
        assert other["generationParams"]["seed"] == 8
        assert "take_001 again" in (await takes("log"))[1]
        await daemon.verify()


async def test_a_purged_take_that_is_made_again_is_held_against_the_hash_that_stayed(
    tmp_path: Path, capsys: Out
) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, runner=COMMAND) as daemon:
        takes = bringing(daemon, capsys)
        await known(daemon)
        await asked(daemon, seed=1)
        await asked(daemon, seed=7)
        await settled(daemon, 2)
        await purged(daemon, 2)
        assert (await takes("again", "dawn", "2", "--wait"))[0] == 0
        assert (await settled(daemon, 3))["again"] == {"takeId": "take_002", "same": True}


async def test_several_takes_are_made_again_at_once(tmp_path: Path, capsys: Out) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, runner=COMMAND) as daemon:
        takes = bringing(daemon, capsys)
        await known(daemon)
        for seed in (1, 2, 3):
            await asked(daemon, seed=seed)
            await settled(daemon, seed)
        code, out, _ = await takes("again", "dawn", "2-3", "--json")
        assert (code, json.loads(out)["takes"]) == (
            0,
            [{"takeId": "take_004", "again": "take_002"}, {"takeId": "take_005", "again": "take_003"}],
        )
        assert [(await settled(daemon, number))["again"]["same"] for number in (4, 5)] == [True, True]


async def test_a_take_without_a_recipe_is_not_made_again(tmp_path: Path, capsys: Out) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, runner=COMMAND) as daemon:
        takes = bringing(daemon, capsys)
        film.drop(still(1))
        await daemon.finished(1)
        code, _, err = await takes("again", "dawn", "1")
        assert code == 4
        assert "its recipe is not known" in err
        assert (await takes("again", "dawn", "9"))[0] == 3
        path = "shots/001_Dawn/takes/take_001/again"
        assert (await daemon.ask("POST", path, {"seed": -1})).status_code == 400
        assert len(await daemon.takes()) == 1


async def test_the_same_request_with_one_key_makes_one_take(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, runner=COMMAND) as daemon:
        await known(daemon)
        await asked(daemon, seed=7)
        await settled(daemon, 1)
        path, key = "shots/001_Dawn/takes/take_001/again", {"Idempotency-Key": "again-1"}
        answers = [await daemon.ask("POST", path, {}, key) for _ in range(2)]
        assert [one.json()["takeId"] for one in answers] == ["take_002", "take_002"]
        assert (await daemon.ask("POST", path, {"seed": 9}, key)).status_code == 409


async def test_the_log_is_told_when_somebody_has_judged_and_brought_in(tmp_path: Path, capsys: Out) -> None:
    film = await make_film(tmp_path)
    old = tmp_path / "old/001_Dawn"
    old.mkdir(parents=True)
    (old / "a.png").write_bytes(still(1))
    async with running_daemon(film) as daemon:
        takes = bringing(daemon, capsys)
        await known(daemon)
        assert (await takes("import", str(old.parent), "--yes"))[0] == 0
        await daemon.finished(1)
        assert (await takes("rate", "dawn", "1", "4"))[0] == 0
        code, out, _ = await takes("log")
        assert code == 0
        assert "rated 4" in out
        assert "received" in out
