"""Who had to do with a take, what is like it, and commands that take several."""

import json
from pathlib import Path
from typing import Any

from tests.daemon.cli.film.test_bringing import bringing, made
from tests.daemon.cli.test_choosing import Out, dropped
from tests.daemon.requests.asked import COMMAND, known, settled
from tests.support.film import DAWN, NOON, Film, make_film, put, still
from tests.support.inside import Daemon, running_daemon


async def with_recipe(film: Film, daemon: Daemon, number: int, shot: str = DAWN, **recipe: Any) -> None:
    made(film.takes(shot) / f"r{number}.json", json.dumps(recipe).encode())
    put(film.takes(shot) / f"r{number}.png", still(number))
    await daemon.finished(number, shot)


def found(answer: str) -> list[tuple[str, str]]:
    return [(one["shotId"].rpartition(":")[2], one["take"]["id"]) for one in json.loads(answer)["takes"]]


async def test_a_take_is_found_by_who_had_to_do_with_it(tmp_path: Path, capsys: Out) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, runner=COMMAND) as daemon:
        takes = bringing(daemon, capsys)
        await known(daemon)
        await dropped(film, daemon, DAWN, count=3)
        assert (await takes("rate", "dawn", "2", "4"))[0] == 0
        assert (await takes("new", "noon", "-p", "seed=1"))[0] == 0
        await settled(daemon, 1, NOON)
        me = next(one["data"]["by"] for one in await daemon.events() if one["type"] == "take.rated")
        assert found((await takes("find", f"by:{me}", "--json"))[1]) == [
            ("002_Noon", "take_001"),
            ("001_Dawn", "take_002"),
        ]
        assert found((await takes("find", f"by:{me[:2].upper()}", "rating:4", "--json"))[1]) == [
            ("001_Dawn", "take_002")
        ]
        assert found((await takes("find", f"-by:{me}", "--json"))[1]) == [
            ("001_Dawn", "take_003"),
            ("001_Dawn", "take_001"),
        ]
        assert found((await takes("find", "by:nobody", "--json"))[1]) == []
        await daemon.verify()


async def test_takes_that_are_like_one_are_found_by_why_they_are(tmp_path: Path, capsys: Out) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        takes = bringing(daemon, capsys)
        await with_recipe(film, daemon, 1, prompt="gulls over a pier", seed=7)
        await with_recipe(film, daemon, 2, prompt="Gulls over  a pier", seed=8)
        await with_recipe(film, daemon, 3, prompt="a tram", seed=7, inputs=["start.png"])
        await with_recipe(film, daemon, 1, NOON, prompt="gulls over a pier", seed=9, inputs=["start.png"])
        answer = json.loads((await takes("find", "--like", "dawn", "1", "--json"))[1])
        told = {
            why: [(one["shotId"].rpartition(":")[2], one["take"]["number"]) for one in takes_]
            for why, takes_ in answer.items()
        }
        assert told == {"seed": [("002_Noon", 1), ("001_Dawn", 2)], "prompt": [("001_Dawn", 3)], "inputs": []}
        out = (await takes("find", "--like", "dawn", "3"))[1]
        assert "Same seed, another prompt   1 take found" in out
        assert "Same inputs   1 take found" in out
        assert (await takes("rm", "noon", "1"))[0] == 0
        assert json.loads((await takes("find", "--like", "dawn", "3", "--json"))[1])["inputs"] == []
        assert (await takes("find", "--like", "dawn", "9"))[0] == 3
        assert (await takes("find", "gulls", "--like", "dawn", "1"))[0] == 2


async def test_several_failed_takes_are_accepted_and_the_only_pick_is_made_active(
    tmp_path: Path, capsys: Out
) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        takes = bringing(daemon, capsys)
        await dropped(film, daemon, DAWN, count=2)
        for number in (3, 4):
            film.drop(b"no picture", f"bad{number}.png")
            await daemon.finished(number)
        assert (await takes("accept", "dawn", "failed"))[0] == 0
        assert [one["status"] for one in await daemon.takes()] == ["complete"] * 4
        await takes("pick", "dawn", "2")
        assert "take_002 is the active take" in (await takes("activate", "dawn", "picks"))[1]
        code, _, err = await takes("activate", "dawn", "all")
        assert code == 4
        assert "take_001" in err
        assert await daemon.active() == "take_002"
