"""The past on the command line, asked of a daemon: a film is shown as it was, and how the moment was understood is said."""

import json
from pathlib import Path

import anyio

from tests.daemon.cli.test_choosing import Out, asking, dropped
from tests.film import DAWN, make_film
from tests.inside import running_daemon


async def test_shots_and_takes_are_shown_as_they_were(tmp_path: Path, capsys: Out) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        takes = asking(daemon, capsys)
        await dropped(film, daemon, DAWN, count=3)
        await daemon.at_rest()
        position = (await daemon.get("status"))["position"]
        await takes("rate", "dawn", "2", "5")
        await takes("rm", "dawn", "1")
        code, out, err = await takes("ls", "001_Dawn", "--as-of", str(position))
        assert (code, out.count("take_00"), "★" in out) == (0, 3, False)
        assert f"position {position} of {position + 3}" in err
        assert "1 take found" in (await takes("find", "rating:5"))[1]
        assert "no takes found" in (await takes("find", "rating:5", "--as-of", f"{position}"))[1]
        now, then = [
            json.loads((await takes("--json", "show", "dawn", "active", *words))[1])["takes"][0]["id"]
            for words in ((), ("--as-of", f"{position}"))
        ]
        assert (now, then) == ("take_003", "take_001")
        assert "take_001" in (await takes("ls", "--as-of", f"{position}"))[1]
        assert "take_003" in (await takes("ls"))[1]
        code, out, err = await takes("ls", "--as-of", "yesterday 18:00")
        assert (code, "No shots yet" in out) == (0, True)
        assert ", 18:00, position 0 of" in err


async def test_an_export_is_that_of_the_moment(tmp_path: Path, capsys: Out) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        takes = asking(daemon, capsys)
        await dropped(film, daemon, DAWN, count=2)
        await daemon.at_rest()
        position = (await daemon.get("status"))["position"]
        await takes("activate", "dawn", "2")
        for words, take in ((("--as-of", str(position)), "take_001"), ((), "take_002")):
            path = anyio.Path(tmp_path / f"{take}.edl")
            assert (await takes("export", str(path), *words))[0] == 0
            assert f"TAKE: {take}" in await path.read_text("utf-8")


async def test_a_moment_that_is_none_is_refused_with_what_can_be_said(tmp_path: Path, capsys: Out) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        takes = asking(daemon, capsys)
        for words in (("ls",), ("ls", "dawn"), ("show", "dawn", "1"), ("find", "x"), ("export", "x.csv")):
            code, out, err = await takes(*words, "--as-of", "next friday")
            assert (code, out) == (4, "")
            assert "'next friday' is no moment" in err
            assert "yesterday 18:00" in err
