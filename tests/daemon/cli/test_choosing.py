"""Choosing on the command line, asked of a daemon: which takes and which shot are meant, and what is said of them."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
import pytest

from daemon.cli.main import main
from tests.support.film import DAWN, Film, below, make_film, still, until
from tests.support.inside import Daemon, running_daemon

GULLS, PIER, NIGHT = (
    f"01_Chapter/01_Scene/{name}" for name in ("010_Gulls_Over_The_Pier", "020_Pier", "030_Night")
)

Out = pytest.CaptureFixture[str]
Said = tuple[int, str, str]
Takes = Callable[..., Awaitable[Said]]


def asking(daemon: Daemon, capsys: Out) -> Takes:
    """What a command of those words prints, and its exit code."""

    async def run(*words: str) -> Said:
        args = ["--socket", str(daemon.socket), "--project", daemon.project, *words]
        code = await anyio.to_thread.run_sync(main, args)
        out, err = capsys.readouterr()
        return code, out, err

    return run


async def dropped(film: Film, daemon: Daemon, *shots: str, count: int = 5) -> None:
    for shot in shots:
        for number in range(1, count + 1):
            film.drop(still(number), shot=shot)
            await daemon.finished(number, shot)


async def known(daemon: Daemon) -> None:
    """Every shot that has a folder is known."""

    async def all_there() -> bool:
        there = [one for one in below(daemon.film.root) if one.name == "takes"]
        return len((await daemon.get("shots"))["shots"]) == len(there)

    await until(all_there)


async def facts(daemon: Daemon, what: str, shot: str = DAWN) -> list[Any]:
    return [one[what] for one in await daemon.takes(shot)]


async def test_takes_are_meant_by_numbers_ranges_and_words(tmp_path: Path, capsys: Out) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        takes = asking(daemon, capsys)
        await dropped(film, daemon, DAWN)
        film.drop(b"no picture", "bad.png")
        await daemon.finished(6)
        assert await takes("rate", "001_Dawn", "2", "take_003", "4-9", "4") == (
            0,
            "5 takes of 001_Dawn are rated 4.\n",
            "",
        )
        assert await facts(daemon, "rating") == [0, 4, 4, 4, 4, 4]
        assert (await takes("reject", "001_Dawn", "failed", "unrated"))[0] == 0
        assert (await takes("pick", "001_Dawn", "3"))[1] == "take_003 is picked.\n"
        assert await facts(daemon, "mark") == ["reject", "none", "pick", "none", "none", "reject"]
        assert (await takes("tag", "001_Dawn", "picks", "hero, night"))[0] == 0
        assert (await takes("tag", "001_Dawn", "all", "night", "--remove"))[0] == 0
        assert await facts(daemon, "tags") == [[], [], ["hero"], [], [], []]
        assert (await takes("rm", "001_Dawn", "rejected"))[0] == 0
        assert await facts(daemon, "deleted") == [True, False, False, False, False, True]
        assert "take_003" in (await takes("ls", "001_Dawn"))[1]
        assert (await takes("restore", "001_Dawn", "all"))[1] == "2 takes of 001_Dawn are back.\n"
        shown = await takes("show", "001_Dawn", "2-3")
        assert "★★★★☆" in shown[1]
        assert "hero" in shown[1]


async def test_what_means_no_take_is_refused_and_changes_nothing(tmp_path: Path, capsys: Out) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        takes = asking(daemon, capsys)
        await dropped(film, daemon, DAWN, count=2)
        assert (await takes("rate", "001_Dawn", "picks", "4"))[0] == 3
        assert (await takes("rate", "001_Dawn", "1", "9", "4"))[0] == 3
        assert (await takes("rate", "001_Dawn", "5-2", "4"))[0] == 2
        assert (await takes("rate", "001_Dawn", "1", "6"))[0] == 2
        assert (await takes("pick", "001_Dawn", "best"))[0] == 2
        assert await facts(daemon, "rating") == [0, 0]


async def test_a_shot_is_meant_by_its_number_or_a_part_of_its_name(tmp_path: Path, capsys: Out) -> None:
    film = await make_film(tmp_path, "MyFilm", GULLS, PIER, NIGHT)
    async with running_daemon(film) as daemon:
        takes = asking(daemon, capsys)
        await dropped(film, daemon, GULLS, count=1)
        await known(daemon)
        for words in ("10", "gulls", "over the pier", "GULLS"):
            assert (await takes("ls", words))[0] == 0, words
            assert (await takes("log", words))[1].count("take_001 created") == 1
        assert "of 01_Chapter:01_Scene:010" in (await takes("activate", "10", "1"))[1]
        code, _, err = await takes("ls", "pier")
        assert code == 4
        assert GULLS.replace("/", ":") in err
        assert PIER.replace("/", ":") in err
        for mistyped in ("030_Nigth", "nigth"):
            code, _, err = await takes("ls", mistyped)
            assert code == 3
            assert "Did you mean" in err
            assert NIGHT.replace("/", ":") in err
        assert (await takes("ls", "nothing_like_it_at_all"))[0] == 3


async def test_notes_are_written_answered_and_seen_to(tmp_path: Path, capsys: Out) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        takes = asking(daemon, capsys)
        await dropped(film, daemon, DAWN, count=2)
        assert (await takes("note", "001_Dawn", "1", "the hand", "--frame", "12-20"))[0] == 0
        assert (await takes("note", "001_Dawn", "1", "as it should be", "--answer", "1"))[0] == 0
        assert (await takes("note", "001_Dawn", "1", "--resolve", "1"))[1] == "Note 1 is resolved.\n"
        shown = (await takes("show", "001_Dawn", "1"))[1]
        assert "the hand  (frame 12-20, " in shown
        assert "resolved" in shown
        assert (await takes("note", "001_Dawn", "wider"))[0] == 0
        assert "1. wider" in (await takes("stage", "001_Dawn"))[1]
        assert (await takes("note", "001_Dawn", "--withdraw", "1"))[0] == 0
        assert "wider" not in (await takes("stage", "001_Dawn"))[1]
        assert (await takes("note", "001_Dawn", "1", "--resolve", "7"))[0] == 3
        assert (await takes("note", "001_Dawn", "1", "x", "--frame", "a"))[0] == 2


async def test_a_shot_is_at_a_stage(tmp_path: Path, capsys: Out) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        takes = asking(daemon, capsys)
        await known(daemon)
        assert "nobody" in (await takes("stage", "001_Dawn"))[1]
        assert (await takes("stage", "001_Dawn", "rev"))[1] == "001_Dawn: review\n"
        assert "review" in (await takes("ls"))[1]
        code, _, err = await takes("stage", "001_Dawn", "done")
        assert code == 4
        assert "to do, in work, review, approved" in err


async def test_what_was_chosen_last_is_taken_back_and_chosen_again(tmp_path: Path, capsys: Out) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        takes = asking(daemon, capsys)
        await dropped(film, daemon, DAWN, count=3)
        await takes("rate", "001_Dawn", "all", "2")
        await takes("activate", "001_Dawn", "3")
        assert (await takes("undo"))[1] == "001_Dawn: take_001 is the active take\n"
        assert (await takes("undo"))[1].count("not rated any more") == 3
        assert (await takes("redo"))[1].count("rated 2") == 3
        answer = json.loads((await takes("undo", "--json"))[1])
        assert [one["type"] for one in answer["events"]] == ["take.rated"] * 3
        code, _, err = await takes("undo")
        assert code == 4
        assert "nothing of" in err
        assert "purged is gone for good" in err
