"""Lists: shots, takes and what was found, as a person sees them."""

from pathlib import Path
from typing import Any

import pytest

from daemon.cli.humanize import byte_size, duration
from tests.daemon.cli.canned.answers import ROOT, SHOT, TAKES, failed, problem, take
from tests.daemon.cli.canned.daemon import CannedDaemon
from tests.daemon.cli.canned.shell import Out, in_terminal, printed, refused


def test_the_shots_are_listed_by_their_folders(daemon: CannedDaemon, capsys: Out) -> None:
    out = printed(capsys, "ls")
    assert out.splitlines() == [
        "Film   1 shot, 2 takes",
        "",
        "03_Chapter / 01_Scene",
        "  001_Shot      2 takes  ● take_001",
    ]


def test_a_project_without_shots_says_what_a_shot_is(daemon: CannedDaemon, capsys: Out, root: Path) -> None:
    daemon.answers[f"GET {ROOT}/shots"] = {"shots": []}
    assert f"{root}/01_Chapter/01_Scene/001_Shot/takes/" in printed(capsys, "ls")


def test_the_takes_of_a_shot_are_a_table(daemon: CannedDaemon, capsys: Out) -> None:
    found = [take(1, active=True), failed(2), take(3, deleted=True)]
    daemon.answers[f"GET {TAKES}?deleted=true"] = {"takes": found, "activeTakeId": "take_001"}
    _, _, header, one, two, _, hidden = printed(capsys, "ls", "001_Shot").splitlines()
    assert header.split() == ["take", "status", "kind", "length", "size", "made", "prompt", "seed"]
    assert one.split()[:7] == ["●", "take_001", "complete", "video", "4.0", "s", "12.3"]
    assert "a red bicycle in the rain" in one
    assert two.split()[:2] == ["take_002", "failed"]
    assert two.rstrip().endswith("the file is not whole")
    assert hidden == "1 deleted take not shown; --deleted shows them too"


def test_deleted_takes_are_shown_to_who_asks_for_them(daemon: CannedDaemon, capsys: Out) -> None:
    daemon.answers[f"GET {TAKES}?deleted=true"] = {"takes": [take(3, deleted=True)], "activeTakeId": None}
    out = printed(capsys, "ls", "001_Shot", "--deleted")
    assert "take_003  deleted" in out
    assert "not shown" not in out


def test_a_shot_whose_takes_are_all_deleted_is_not_called_empty(daemon: CannedDaemon, capsys: Out) -> None:
    daemon.answers[f"GET {TAKES}?deleted=true"] = {"takes": [take(3, deleted=True)], "activeTakeId": None}
    assert "1 deleted take not shown" in printed(capsys, "ls", "001_Shot")


def test_a_shot_without_takes_says_where_to_drop_one(daemon: CannedDaemon, capsys: Out, root: Path) -> None:
    daemon.answers[f"GET {TAKES}?deleted=true"] = {"takes": [], "activeTakeId": None}
    assert f"{root}/03_Chapter/01_Scene/001_Shot/takes/" in printed(capsys, "ls", "001_Shot")


@pytest.mark.parametrize("columns", [40, 60, 80, 100, 120, 200])
def test_no_line_is_wider_than_the_terminal(daemon: CannedDaemon, columns: int) -> None:
    prompt = {"prompt": "静かな海 " * 30, "seed": 10**19}
    found = [take(1, generationParams=prompt, active=True), failed(2), take(1000)]
    daemon.answers[f"GET {TAKES}?deleted=true"] = {"takes": found, "activeTakeId": "take_001"}
    from rich.text import Text

    for line in in_terminal("ls", "001_Shot", columns=columns).splitlines():
        assert Text.from_ansi(line).cell_len <= max(columns, 54)


def test_colours_are_for_terminals_only(daemon: CannedDaemon, capsys: Out) -> None:
    assert "\x1b[" in in_terminal("ls")
    assert "\x1b[" not in printed(capsys, "ls")


def test_colours_can_be_refused(daemon: CannedDaemon) -> None:
    assert "\x1b[3" not in in_terminal("ls", NO_COLOR="1")


def test_text_in_a_file_cannot_drive_the_terminal(daemon: CannedDaemon, capsys: Out) -> None:
    nasty = "a\x1b[2J\x1b]0;owned\x07\n[red]b[/red] :bomb: \u202ec"
    daemon.answers[f"GET {TAKES}/take_001"] = take(1, generationParams={"prompt": nasty, nasty: 1})
    out = printed(capsys, "show", "001_Shot", "1")
    assert not {"\x1b", "\x07", "\u202e"} & set(out)
    assert "[red]b[/red] :bomb:" in out


def found(*takes: dict[str, Any], total: int) -> dict[str, Any]:
    facets = {"kind": [{"value": "video", "count": total}], "model": []}
    facets["status"] = [{"value": "complete", "count": total - 1}, {"value": "failed", "count": 1}]
    return {"takes": [{"shotId": SHOT, "take": one} for one in takes], "total": total, "facets": facets}


def test_what_is_found_is_a_table_with_what_it_has_in_common(daemon: CannedDaemon, capsys: Out) -> None:
    daemon.answers[f"GET {ROOT}/find?q=bicycle%20-fog&seen=0&limit=2"] = found(take(2), failed(1), total=7)
    lines = printed(capsys, "find", "bicycle", "-fog", "--limit", "2").splitlines()
    assert lines[0] == "Film   7 takes found"
    assert lines[2].split()[:2] == ["shot", "take"]
    assert lines[3].split()[:3] == ["001_Shot", "take_002", "complete"]
    assert "5 more takes; --limit shows them too" in lines
    assert lines[-1].split(maxsplit=1) == ["status", "complete (6), failed (1)"]
    assert "video (7)" not in "\n".join(lines)


def test_what_is_not_found_is_no_table(daemon: CannedDaemon, capsys: Out) -> None:
    daemon.answers[f"GET {ROOT}/find?q=bicycle&seen=0&limit=100"] = {"takes": [], "total": 0, "facets": {}}
    assert printed(capsys, "find", "bicycle") == "Film   no takes found\n"


@pytest.mark.parametrize(("option", "end"), [("--paths", "\n"), ("--null", "\0")])
def test_the_paths_of_all_that_is_found_are_printed_page_by_page(
    daemon: CannedDaemon, capsys: Out, root: Path, option: str, end: str
) -> None:
    first, second = [take(3), failed(2)], [take(1), take(4, purged=True)]
    daemon.answers[f"GET {ROOT}/find?q=&seen=0&limit=1000&offset=0"] = found(*first, total=1500)
    daemon.answers[f"GET {ROOT}/find?q=&seen=0&limit=500&offset=1000"] = found(*second, total=1500)
    paths = printed(capsys, "find", option).split(end)
    takes = f"{root}/{SHOT.replace(':', '/')}/takes"
    assert paths == [f"{takes}/take_{n:03d}/shot_001_take_{n:03d}.mp4" for n in (3, 1)] + [""]


def test_a_query_that_is_wrong_is_told_with_the_place(daemon: CannedDaemon, capsys: Out) -> None:
    wrong = {"detail": "character 1 of the query: there is no field 'sed'", "candidates": ["seed"]}
    daemon.answers[f"GET {ROOT}/find?q=sed:7&seen=0&limit=100"] = problem(400, **wrong)
    code, err = refused(capsys, "find", "sed:7")
    assert code == 4
    assert "character 1 of the query" in err
    assert "  seed\n" in err


@pytest.mark.parametrize(
    ("seconds", "text"), [(None, ""), (0.04, "0.0 s"), (4.0417, "4.0 s"), (59.96, "1:00"), (3723, "1:02:03")]
)
def test_a_duration_reads_like_a_clock(seconds: float | None, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (999_960, "1.0 MB"),
        (12_345_678, "12.3 MB"),
        (2e12, "2.0 TB"),
    ],
)
def test_an_amount_has_a_unit_that_fits(size: float, text: str) -> None:
    assert byte_size(size) == text
