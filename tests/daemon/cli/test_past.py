"""The past on the command line, asked of a daemon: a film is shown as it was, and how the moment was understood is said."""

import json
from datetime import datetime
from pathlib import Path

import anyio

from tests.daemon.cli.test_choosing import Out, asking, dropped
from tests.support.film import DAWN, make_film, still
from tests.support.inside import running_daemon


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


async def test_what_has_changed_since_is_told_shot_by_shot(tmp_path: Path, capsys: Out) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        takes = asking(daemon, capsys)
        await dropped(film, daemon, DAWN, count=2)
        await daemon.at_rest()
        position = str((await daemon.get("status"))["position"])
        assert (await takes("diff", position))[1] == "no shots changed\n"
        await takes("rate", "dawn", "2", "4")
        await takes("activate", "dawn", "2")
        await takes("note", "dawn", "1", "six fingers")
        film.drop(still(3))
        await daemon.finished(3)
        code, out, err = await takes("diff", position)
        assert code == 0
        assert f"From {datetime.now().astimezone():%A}" in err
        assert out.splitlines() == [
            "1 shot changed",
            "",
            DAWN.replace("/", " / "),
            "  take_002 is active, was take_001",
            "  take_001  note 1: six fingers",
            "  take_002  rated 4",
            "  take_003  new: complete",
        ]
        assert "take_003" in (await takes("find", "--new-since", position))[1]
        assert (await takes("find", f"new:{position}", "--paths"))[1].count("\n") == 1
        assert (await takes("diff", position, position))[1] == "no shots changed\n"
        assert (await takes("diff", position, "now", "dawn"))[1] == out
        told = json.loads((await takes("--json", "diff", position))[1])
        assert told["from"] == int(position)
        (shot,) = told["shots"]
        assert shot["takes"][1]["changes"] == [
            {"what": "rating", "before": None, "after": 4, "said": "rated 4"}
        ]
        for suffix in ("otio", "edl", "fcpxml", "csv"):
            path = anyio.Path(tmp_path / f"new.{suffix}")
            assert (await takes("export", str(path), "--since", position))[0] == 0
            written = await path.read_text("utf-8")
            assert "take_002 is active, was take_001" in written, suffix
            assert "six fingers" in written
