"""Saved searches and what is new, on the command line."""

import json
from pathlib import Path

from tests.daemon.cli.test_choosing import Out, asking, dropped
from tests.support.film import DAWN, NOON, make_film
from tests.support.inside import running_daemon


async def test_a_search_is_saved_used_narrowed_and_removed(tmp_path: Path, capsys: Out) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        takes = asking(daemon, capsys)
        await dropped(film, daemon, DAWN, count=3)
        await takes("rate", "dawn", "2-3", "4")
        await takes("pick", "dawn", "3")
        assert (await takes("search", "save", "good ones", "rating:>3"))[1] == "good ones is saved.\n"
        assert (await takes("search", "list"))[1] == "good ones  rating:>3\n"
        assert json.loads((await takes("search", "list", "--json"))[1])["searches"][0]["query"] == "rating:>3"
        assert "2 takes found" in (await takes("find", "--saved", "good ones"))[1]
        assert "1 take found" in (await takes("find", "--saved", "good ones", "is:pick"))[1]
        code, _, err = await takes("find", "--saved", "god ones")
        assert (code, "good ones" in err) == (3, True)
        code, _, err = await takes("search", "save", "odd", "seeed:7")
        assert (code, "seed:" in err) == (4, True)
        assert (await takes("search", "rm", "good ones"))[0] == 0
        assert (await takes("search", "rm", "good ones"))[0] == 3
        code, out, _ = await takes("undo")
        assert (code, "good ones" in out) == (0, True)
        assert (await takes("search", "list"))[1] == "good ones  rating:>3\n"


async def test_what_is_new_since_it_was_asked_for_last(tmp_path: Path, capsys: Out) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        takes = asking(daemon, capsys)

        async def new(*words: str) -> list[tuple[str, int]]:
            found = json.loads((await takes("--json", *words))[1])["takes"]
            return [(one["shotId"].rpartition(":")[2], one["take"]["number"]) for one in found]

        await dropped(film, daemon, DAWN, count=2)
        await daemon.at_rest()
        position = (await daemon.get("status"))["position"]
        assert await new("find", "is:new") == [("001_Dawn", 2), ("001_Dawn", 1)]
        assert "2 takes found" in (await takes("ls", "--new"))[1]
        assert await new("ls", "--new") == []
        await dropped(film, daemon, NOON, count=1)
        await daemon.at_rest()
        assert await new("find", "is:new") == [("002_Noon", 1)]
        assert "no takes" in (await takes("ls", "dawn", "--new"))[1]
        assert await new("ls", "--new") == [("002_Noon", 1)]
        assert await new("find", "is:new") == []
        assert await new("ls", "--new-since", str(position)) == [("002_Noon", 1)]
        assert (await takes("ls", "noon", "--new-since", str(position)))[1].count("take_001") == 1
        assert (await takes("ls", "--new", "--as-of", "yesterday"))[0] == 2
