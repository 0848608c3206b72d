import json
import os
import pty
import runpy
import subprocess
import sys
import termios
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args

import click
import pytest

from daemon import locations
from daemon.cli.humanize import byte_size, duration
from daemon.cli.main import COMMANDS, main, program
from tests.daemon.cli.test_client import Canned, CannedDaemon, chunked

SHOT = "03_Chapter:01_Scene:001_Shot"
ROOT = "/api/projects/film"
TAKES = f"{ROOT}/shots/001_Shot/takes"
NOW = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")

RUN = "import sys; from daemon.cli.main import main; sys.exit(main())"
RUN_AND_LIST = """
import sys
from daemon.cli.main import main
code = main()
print(*sys.modules, file=sys.stderr)
sys.exit(code)
"""


def take(number: int, **facts: Any) -> dict[str, Any]:
    """A complete take with everything that a video has, but for what is said otherwise."""
    name = f"take_{number:03d}"
    media = {"name": f"shot_001_{name}.mp4", "bytes": 12_345_678, "sha256": "9f86d081" * 8, "kind": "video"}
    return {
        "id": name,
        "shotId": "001_Shot",
        "number": number,
        "created": NOW,
        "duration": 4.0417,
        "resolution": {"width": 1920, "height": 1080},
        "generationParams": {
            "model": "wan2.2",
            "seed": 8423004912238123,
            "prompt": "a red bicycle in the rain",
        },
        "resources": {"vramUsed": 18432, "generationTime": 93.4, "quality": "draft"},
        "status": "complete",
        "active": False,
        "deleted": False,
        "purged": False,
        "media": {**media, "codec": "h264", "frameRate": 24.0},
        "thumbnailUrl": "/t",
        "mediaUrl": None if facts.get("purged") else f"/api/projects/film/shots/{SHOT}/takes/{name}/media",
        **facts,
    }


def failed(number: int) -> dict[str, Any]:
    nothing = dict.fromkeys(("duration", "resolution", "generationParams", "resources", "media", "mediaUrl"))
    return take(number, **nothing, status="failed", error="the file is not whole")


def event(position: int, type_: str, **data: Any) -> dict[str, Any]:
    return {
        "position": position,
        "stream": "s",
        "shotId": SHOT,
        "version": position,
        "id": "x",
        "type": type_,
        "at": NOW,
        "actor": "watcher",
        "cause": None,
        "data": data,
        "hash": "0" * 64,
    }


def events(*found: Any) -> dict[str, Any]:
    return {"events": list(found), "logId": "log"}


def problem(status: int, **more: Any) -> Canned:
    document = {
        "type": "about:blank",
        "title": "No",
        "status": status,
        "detail": "it cannot be",
        "hint": "wait",
    }
    return Canned({**document, **more}, status)


def film(root: Path) -> dict[str, Any]:
    return {"id": "film", "name": "Film", "path": str(root), "state": "live", "shotCount": 1, "takeCount": 2}


def health() -> dict[str, Any]:
    return {"status": "ok", "version": "0.1.0", "pid": 4711, "projects": []}


def status(root: Path) -> dict[str, Any]:
    return {
        **film(root),
        "position": 1207,
        "projections": [
            {"name": "index", "position": 1207, "behind": 0},
            {"name": "thumbnails", "position": 1204, "behind": 3},
        ],
        "share": {"filesystem": "nfs4", "log": "/log", "says": "a share (nfs4), kept by this machine only"},
        "studio": {"role": "desk", "keptBy": ["nas", "tower"], "behind": 3, "away": None, "polls": True},
        "watch": {"mode": "watching", "folders": 42, "losses": 0, "missed": 2},
        "lastScan": {"ago": 17.2, "seconds": 0.03, "shots": 5},
        "protection": {"says": "5 by reflink"},
        "runner": {"kind": "command", "queued": 2, "running": 1, "problem": None, "inputs": None},
        "waiting": [{"path": "001/takes/a.mp4", "reason": "still being written"}],
        "notTaken": [{"path": "001/takes/notes.txt", "reason": "no media"}],
        "unread": [{"path": "001/takes/take_002", "reason": "its recipe was not read: it is neither"}],
        "problems": [{"what": "project.json is no JSON", "hint": "Mend it."}],
    }


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The folder of the project film, in which we stand."""
    folder = tmp_path / "Film"
    (folder / "03_Chapter/01_Scene/001_Shot/takes").mkdir(parents=True)
    return folder


@pytest.fixture
def daemon(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CannedDaemon]:
    """A daemon with the project film, and an environment that leads to it."""
    shot = {
        "id": SHOT,
        "shotId": "001_Shot",
        "path": SHOT.replace(":", "/"),
        "takeCount": 2,
        "activeTakeId": "take_001",
    }
    answers: dict[str, Any] = {
        "GET /api/health": health(),
        "GET /api/projects": {"projects": [film(root)]},
        f"GET {ROOT}": film(root),
        f"GET {ROOT}/shots": {"shots": [shot]},
        f"GET {ROOT}/status": status(root),
    }
    monkeypatch.chdir(root)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in ("TAKES_PROJECT", "COLUMNS", "FORCE_COLOR", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    with CannedDaemon(answers) as answering:
        monkeypatch.setenv("TAKES_SOCKET", answering.path)
        yield answering


Out = pytest.CaptureFixture[str]


def printed(capsys: Out, *args: str) -> str:
    """What a command that goes well prints."""
    code = main(args)
    out, err = capsys.readouterr()
    assert (code, err) == (0, "")
    return out


def refused(capsys: Out, *args: str) -> tuple[int, str]:
    """The exit code and the complaint of a command that does not go well."""
    code = main(args)
    out, err = capsys.readouterr()
    assert out == ""
    return code, err


def in_terminal(*args: str, columns: int = 100, typed: str = "", code: int = 0, **env: str) -> str:
    """What a command prints where it thinks that a person looks, and types that."""
    ours, theirs = pty.openpty()
    os.write(ours, typed.encode())
    termios.tcsetwinsize(theirs, (50, columns))
    environment = {**os.environ, "TERM": "xterm-256color", **env}
    command = [sys.executable, "-c", RUN, *args]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        pieces = []
        while piece := _read(ours):
            pieces.append(piece)
        os.close(ours)
    assert process.returncode == code, b"".join(pieces)
    return b"".join(pieces).decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # how Linux says that the other end is closed
        return b""


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


def test_one_take_is_shown_with_all_that_is_known(daemon: CannedDaemon, capsys: Out) -> None:
    daemon.answers[f"GET {TAKES}/take_003"] = take(3, active=True)
    out = printed(capsys, "show", "001_Shot", "3")
    assert out.startswith("001_Shot / take_003   complete   active\n")
    for fact in (
        "video, h264, 1920 x 1080, 24 fps, 4.0 s",
        "12.3 MB",
        "9f86d081",
        "8423004912238123",
        "18.4 GB",
        "1:33",
    ):
        assert fact in out


def test_a_sequence_is_shown_with_its_range_and_what_is_missing(daemon: CannedDaemon, capsys: Out) -> None:
    gaps = [{"first": number, "last": number + number % 2} for number in range(10, 40, 3)]
    frames = {
        "pattern": "shot_001_take_003.%04d.exr",
        "first": 1,
        "last": 48,
        "count": 33,
        "bytes": 4_100_000,
    }
    media = {"name": "shot_001_take_003.frames", "bytes": 2_000, "sha256": "9f86d081", "kind": "image"}
    sequence = take(3, media={**media, "frames": {**frames, "missing": 15, "gaps": gaps}})
    daemon.answers[f"GET {TAKES}/take_003"] = sequence
    out = printed(capsys, "show", "001_Shot", "3")
    for fact in (
        "1-48, 33 frames",
        "15 frames: 10, 13-14, 16, 19-20, 22, 25-26, 28, 31-32, …",
        "shot_001_take_003.%04d.exr, 4.1 MB",
    ):
        assert fact in out


def test_a_failed_take_is_shown_with_the_reason(daemon: CannedDaemon, capsys: Out) -> None:
    daemon.answers[f"GET {TAKES}/take_002"] = failed(2)
    assert "the file is not whole" in (said := printed(capsys, "show", "001_Shot", "002"))
    assert "takes accept" not in said
    daemon.answers[f"GET {TAKES}/take_002"] = failed(2) | {"origin": "gulls.mp4"}
    assert "takes accept 001_Shot take_002" in printed(capsys, "show", "001_Shot", "002")


@pytest.mark.parametrize("name", ["take_003", "003", "3", "take_3"])
def test_a_take_can_be_written_in_every_way(daemon: CannedDaemon, capsys: Out, name: str) -> None:
    daemon.answers[f"PUT {ROOT}/shots/001_Shot/active-take"] = {"activeTakeId": "take_003"}
    assert "take_003 is the active take of 001_Shot now" in printed(capsys, "activate", "001_Shot", name)
    assert daemon.asked[-1].body == {"takeId": "take_003"}


@pytest.mark.parametrize("name", ["0", "x", "-1", "take_", "1.5", "٣", "9" * 5000])
def test_what_is_no_take_is_not_sent(daemon: CannedDaemon, capsys: Out, name: str) -> None:
    assert refused(capsys, "activate", "001_Shot", "--", name)[0] == 2
    assert daemon.asked == []


def test_a_shot_can_be_given_as_the_path_to_its_folder(daemon: CannedDaemon, capsys: Out) -> None:
    daemon.answers[f"DELETE {ROOT}/shots/{SHOT}/takes/take_001"] = take(1, deleted=True)
    out = printed(capsys, "rm", "./03_Chapter/01_Scene/001_Shot/", "1")
    assert "takes restore ./03_Chapter/01_Scene/001_Shot/ take_001" in out


def test_a_deleted_take_is_brought_back(daemon: CannedDaemon, capsys: Out) -> None:
    daemon.answers[f"POST {TAKES}/take_001/restore"] = take(1)
    assert "take_001 is back" in printed(capsys, "restore", "001_Shot", "1")


@pytest.mark.parametrize(
    ("behind", "said"),
    [
        (["active-link"], "active_take does not say so yet"),
        (["active-link", "project-file"], "active_take and project.json do not say so yet"),
    ],
)
def test_what_on_the_disk_is_behind_is_said(
    daemon: CannedDaemon, capsys: Out, behind: list[str], said: str
) -> None:
    daemon.answers[f"PUT {ROOT}/shots/001_Shot/active-take"] = take(3, behind=behind)
    assert main(["activate", "001_Shot", "3"]) == 0
    out, err = capsys.readouterr()
    assert "take_003 is the active take" in out
    assert said in err


def test_the_log_is_read_to_its_end(daemon: CannedDaemon, capsys: Out) -> None:
    created = event(1, "take.created", take=1, source={"kind": "drop", "name": "a.mp4"})
    completed = event(2, "take.completed", take=1, media={"kind": "video", "duration": 4, "bytes": 5})
    activated = event(3, "take.activated", take=1, why="first")
    daemon.answers |= {
        f"GET {ROOT}/events?after=0&limit=1000": events(created, completed),
        f"GET {ROOT}/events?after=2&limit=1000": events(activated),
        f"GET {ROOT}/events?after=3&limit=1000": events(),
    }
    _, one, two, three = printed(capsys, "log").splitlines()
    assert "take_001 created" in one
    assert one.endswith("from a.mp4  by watcher")
    assert "video, 4.0 s, 5 B" in two
    assert "as the first one" in three


def test_the_log_can_be_asked_for_one_shot_and_from_a_position(daemon: CannedDaemon, capsys: Out) -> None:
    daemon.answers[f"GET {ROOT}/events?after=7&limit=1000&shot=001_Shot"] = events()
    assert printed(capsys, "log", "001_Shot", "--after", "7") == ""


def test_an_event_of_a_later_release_is_still_shown(daemon: CannedDaemon, capsys: Out) -> None:
    daemon.answers[f"GET {ROOT}/events?after=0&limit=1000"] = events(event(1, "shot.painted", colour="red"))
    daemon.answers[f"GET {ROOT}/events?after=1&limit=1000"] = events()
    assert "painted" in printed(capsys, "log")


@pytest.mark.parametrize("end", [b"0\r\n\r\n", b""], ids=["the daemon stops", "the daemon is killed"])
def test_following_starts_with_the_last_events_and_says_where_to_go_on(
    daemon: CannedDaemon, capsys: Out, end: bytes
) -> None:
    last = event(1208, "take.deleted", take=1, why="missing")
    stream = f": hello\n\nid: 1208\nevent: take.deleted\ndata: {json.dumps(last)}\n\n".encode()
    body = b"%x\r\n%s\r\n%s" % (len(stream), stream, end)
    daemon.answers[f"GET {ROOT}/events?after=1197"] = Canned(head="Transfer-Encoding: chunked", raw=body)
    code = main(["log", "--follow"])
    out, err = capsys.readouterr()
    assert "its folder is gone" in out
    assert "takes log --follow --after 1208" in err
    assert code == 5


def test_the_status_says_what_waits_and_what_is_wrong(daemon: CannedDaemon, capsys: Out) -> None:
    out = printed(capsys, "status")
    for fact in (
        "a share (nfs4), kept by this machine only",
        "1,207 events",
        "17.2 s ago, 5 shots in 0.03 s",
        "thumbnails 3 behind",
        "watching 42, 2 changes found only by a scan",
        "a.mp4  still being written",
        "notes.txt  no media",
        "project.json is no JSON",
        "Mend it.",
        "0.1.0, process 4711",
    ):
        assert fact in out


ASKED = {"takeId": "take_003", "status": "queued"}


def test_a_take_is_asked_for_with_its_parameters(daemon: CannedDaemon, capsys: Out, tmp_path: Path) -> None:
    daemon.answers[f"POST {TAKES}"] = Canned(ASKED, 202)
    daemon.answers[f"GET {TAKES}/take_003"] = take(3, stage="queued")
    recipe = tmp_path / "recipe.json"
    recipe.write_text('{"generationParams": {"steps": 20, "seed": 1}}')
    written = ["-p", f"@{recipe}", "-p", "seed=7", "-p", "prompt=42", "-p", "loras=[1]", "--param", "lut=a=b"]
    words = printed(capsys, "new", "001_Shot", *written, "--quality", "draft")
    assert "take_003 is asked for" in words
    assert "takes rm 001_Shot take_003" in words
    params = {"steps": 20, "seed": 7, "prompt": "42", "loras": [1], "lut": "a=b"}
    (asked,) = [one for one in daemon.asked if one.method == "POST"]
    assert asked.body == {"generationParams": params, "quality": "draft"}


def test_who_asks_without_a_runner_hears_where_to_drop_the_file(daemon: CannedDaemon, capsys: Out) -> None:
    daemon.answers[f"POST {TAKES}"] = Canned(ASKED, 202)
    daemon.answers[f"GET {TAKES}/take_003"] = take(3, stage="waiting")
    words = printed(capsys, "new", "001_Shot")
    assert "03_Chapter/01_Scene/001_Shot/takes/take_003" in words
    assert "take_003.mp4" in words


def test_a_take_that_is_cancelled_is_not_said_to_be_kept(daemon: CannedDaemon, capsys: Out) -> None:
    daemon.answers[f"DELETE {TAKES}/take_003"] = {**failed(3), "cancelled": True, "deleted": True}
    assert printed(capsys, "rm", "001_Shot", "3") == "take_003 is cancelled.\n"


def test_a_failed_take_is_hidden_and_not_cancelled_whatever_its_error_says(
    daemon: CannedDaemon, capsys: Out
) -> None:
    gone = {**failed(3), "error": "render cancelled by the farm", "deleted": True}
    daemon.answers[f"DELETE {TAKES}/take_003"] = gone
    assert printed(capsys, "rm", "001_Shot", "3").startswith("take_003 is hidden, and its files stay.")


def test_the_log_tells_a_cancelled_take_by_its_error(daemon: CannedDaemon, capsys: Out) -> None:
    cancelled = event(1, "take.failed", take=3, error="nobody wanted it", why="cancelled")
    daemon.answers[f"GET {ROOT}/events?after=0&limit=1000"] = events(cancelled)
    daemon.answers[f"GET {ROOT}/events?after=1&limit=1000"] = events()
    assert "nobody wanted it" in printed(capsys, "log")


def test_who_waits_for_a_take_is_shown_it(daemon: CannedDaemon, capsys: Out) -> None:
    daemon.answers[f"POST {TAKES}"] = Canned(ASKED, 202)
    daemon.answers[f"GET {TAKES}/take_003"] = take(3, stage=None)
    assert main(["new", "001_Shot", "--wait"]) == 0
    assert "a red bicycle" in capsys.readouterr().out


def test_a_workflow_is_named_by_its_full_path(daemon: CannedDaemon, root: Path) -> None:
    daemon.answers[f"POST {TAKES}"] = Canned(ASKED, 202)
    daemon.answers[f"GET {TAKES}/take_003"] = take(3, stage="queued")
    assert main(["new", "001_Shot", "--workflow", "../own.json"]) == 0
    (sent,) = [one.body for one in daemon.asked if one.method == "POST"]
    assert sent["workflow"] == str(root.parent / "own.json")


def test_a_take_is_shown_with_its_workflow_and_where_its_recipe_comes_from(
    daemon: CannedDaemon, capsys: Out
) -> None:
    recipe = {
        "seed": 7,
        "cfg": 6.5,
        "nodes": {"seed": "3", "cfg": "98:4"},
        "unsure": ["cfg"],
        "graph": {"deflated": "x"},
    }
    used = {"path": "wan.json", "chosenFor": "shot", "sha256": "a", "was": "b"}
    daemon.answers[f"GET {TAKES}/take_003"] = take(
        3, generationParams=recipe, workflow=used, waits="it is the next"
    )
    lines = {" ".join(line.split()) for line in printed(capsys, "show", "001_Shot", "3").splitlines()}
    assert "workflow wan.json, of the shot; it has changed since the take was asked for" in lines
    assert {"now it is the next", "seed 7 node 3", "cfg 6.5 node 98:4, not sure"} <= lines
    assert not [line for line in lines if line.startswith(("nodes", "unsure", "graph"))]


def test_of_a_graph_that_nobody_understood_its_nodes_are_shown(daemon: CannedDaemon, capsys: Out) -> None:
    literals = [
        {"node": "3", "class": "Odd\x1b[2J", "dice": 7},
        "odd",
        {"node": "4", "class": "Plain", "text": "fog"},
    ]
    daemon.answers[f"GET {TAKES}/take_003"] = take(3, generationParams={"literals": literals})
    lines = [" ".join(line.split()) for line in printed(capsys, "show", "001_Shot", "3").splitlines()]
    assert (
        lines.index("node 3, Odd [2J")
        < lines.index("dice 7")
        < lines.index("node 4, Plain")
        < lines.index("text fog")
    )


def test_a_recipe_that_could_not_be_read_is_told_in_the_status(daemon: CannedDaemon, capsys: Out) -> None:
    said = printed(capsys, "status")
    assert "Recipes not read" in said
    assert "take_002  its recipe was not read: it is neither" in said


def test_who_waits_for_a_take_that_fails_hears_why(daemon: CannedDaemon, capsys: Out) -> None:
    daemon.answers[f"POST {TAKES}"] = Canned(ASKED, 202)
    daemon.answers[f"GET {TAKES}/take_003"] = {**failed(3), "stage": None}
    assert main(["new", "001_Shot", "--wait"]) == 4
    assert "not whole" in capsys.readouterr().out


@pytest.mark.parametrize("written", ["seed", "=7", "@nowhere.json"])
def test_a_parameter_that_cannot_be_read_is_not_sent(daemon: CannedDaemon, capsys: Out, written: str) -> None:
    code, words = refused(capsys, "new", "001_Shot", "-p", written)
    assert code == 2
    assert written.lstrip("@") in words
    assert not [one for one in daemon.asked if one.method == "POST"]


def test_a_rebuild_says_what_was_built(daemon: CannedDaemon, capsys: Out) -> None:
    daemon.answers[f"POST {ROOT}/rebuild"] = {"rebuilt": ["index", "sidecars"], "differences": []}
    assert printed(capsys, "rebuild") == "Built anew: index, sidecars.\n"
    assert daemon.asked[-1].body == {"name": None, "verify": False}


@pytest.mark.parametrize(("name", "said"), [("index", "index is"), (None, "All is")])
def test_a_comparison_that_finds_nothing_says_so(
    daemon: CannedDaemon, capsys: Out, name: str | None, said: str
) -> None:
    daemon.answers[f"POST {ROOT}/rebuild"] = {"rebuilt": [], "differences": []}
    assert printed(capsys, "rebuild", "--verify", *filter(None, [name])) == f"{said} as the log says.\n"


def test_a_rebuild_that_finds_a_difference_fails(daemon: CannedDaemon, capsys: Out) -> None:
    difference = {"name": "index", "what": "take_003 is missing"}
    daemon.answers[f"POST {ROOT}/rebuild"] = {"rebuilt": ["index"], "differences": [difference]}
    assert main(["rebuild", "index", "--verify"]) == 4
    assert "index  take_003 is missing" in capsys.readouterr().out
    assert daemon.asked[-1].body == {"name": "index", "verify": True}


STEPS = [{"step": "log", "done": 5, "total": 9}, {"step": "media", "done": 2, "total": 2}]
WELL = {"ok": True, "records": 9, "files": 2, "problems": []}
WRONG = {**WELL, "ok": False, "problems": [{"what": "take_003 is not as written", "hint": "Put it back."}]}


def checked(*lines: Any) -> Canned:
    return chunked(*(json.dumps(line).encode() + b"\n" for line in lines))


def test_a_check_that_finds_all_well_says_so(daemon: CannedDaemon, capsys: Out) -> None:
    daemon.answers[f"POST {ROOT}/verify"] = checked(*STEPS, WELL)
    assert printed(capsys, "verify") == "9 events and 2 files checked: all are as they were written.\n"


def test_a_check_that_finds_something_wrong_says_what_to_do_and_fails(
    daemon: CannedDaemon, capsys: Out
) -> None:
    daemon.answers[f"POST {ROOT}/verify"] = checked(*STEPS, WRONG)
    assert main(["verify"]) == 4
    assert "take_003 is not as written\nPut it back." in capsys.readouterr().out


def test_a_check_that_breaks_off_is_never_taken_for_a_good_one(daemon: CannedDaemon, capsys: Out) -> None:
    daemon.answers[f"POST {ROOT}/verify"] = checked(*STEPS)
    assert refused(capsys, "verify")[0] == 5


def test_a_check_shows_how_far_it_is(daemon: CannedDaemon) -> None:
    daemon.answers[f"POST {ROOT}/verify"] = checked(*STEPS, WELL)
    assert "5/9" in in_terminal("verify")


def test_a_check_for_a_program_gives_every_step(daemon: CannedDaemon, capsys: Out) -> None:
    daemon.answers[f"POST {ROOT}/verify"] = checked(*STEPS, WRONG)
    assert main(["--json", "verify"]) == 4
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == [*STEPS, WRONG]


@pytest.mark.parametrize(
    ("request_line", "answer", "args"),
    [
        (f"GET {TAKES}", {"takes": [], "activeTakeId": None}, ["ls", "001_Shot"]),
        (f"GET {TAKES}?deleted=true", {"takes": [], "activeTakeId": None}, ["ls", "001_Shot", "--deleted"]),
        (f"GET {TAKES}/take_001", take(1), ["show", "001_Shot", "1"]),
        (
            f"PUT {ROOT}/shots/001_Shot/active-take",
            {"activeTakeId": "take_001"},
            ["activate", "001_Shot", "1"],
        ),
        (f"DELETE {TAKES}/take_001", take(1), ["rm", "001_Shot", "1"]),
        (f"POST {TAKES}/take_001/restore", take(1), ["restore", "001_Shot", "1"]),
        (f"POST {ROOT}/rebuild", {"rebuilt": [], "differences": []}, ["rebuild"]),
        (f"GET {ROOT}/status", {"position": 1}, ["status"]),
        (f"GET {ROOT}/shots", {"shots": [{"path": "é"}]}, ["ls"]),
    ],
)
def test_a_program_gets_the_answer_as_it_is_wherever_it_says_json(
    daemon: CannedDaemon, capsys: Out, request_line: str, answer: Any, args: list[str]
) -> None:
    daemon.answers[request_line] = answer
    for around in (["--json", *args], [*args, "--json"]):
        assert json.loads(printed(capsys, *around)) == answer


def test_the_log_for_a_program_is_a_line_for_each_event(daemon: CannedDaemon, capsys: Out) -> None:
    found = [event(1, "take.failed", take=1, error="no"), event(2, "take.purged", take=1, bytes=5)]
    daemon.answers[f"GET {ROOT}/events?after=0&limit=1000"] = events(*found)
    daemon.answers[f"GET {ROOT}/events?after=2&limit=1000"] = events()
    assert [json.loads(line) for line in printed(capsys, "log", "--json").splitlines()] == found


@pytest.mark.parametrize(
    ("status_", "code"), [(404, 3), (400, 4), (409, 4), (412, 4), (422, 4), (501, 4), (503, 4), (500, 1)]
)
def test_a_problem_becomes_its_exit_code_and_says_what_to_do(
    daemon: CannedDaemon, capsys: Out, status_: int, code: int
) -> None:
    daemon.answers[f"GET {ROOT}/shots"] = problem(status_)
    assert refused(capsys, "ls") == (code, "takes: it cannot be\nwait\n")


def test_a_name_that_several_shots_have_is_refused_with_the_full_ids(
    daemon: CannedDaemon, capsys: Out
) -> None:
    daemon.answers[f"GET {TAKES}/take_001"] = problem(409, candidates=["a:001_Shot", "b:001_Shot"])
    code, complaint = refused(capsys, "show", "001_Shot", "1")
    assert code == 4
    assert complaint.splitlines()[1:] == ["  a:001_Shot", "  b:001_Shot", "wait"]


def test_who_is_refused_at_the_shell_is_not_sent_to_the_schema(daemon: CannedDaemon, capsys: Out) -> None:
    for_a_program = {"type": "urn:takes:bad-request", "hint": "GET /schema has what is asked for."}
    daemon.answers[f"GET {ROOT}/shots"] = problem(400, **for_a_program)
    _, complaint = refused(capsys, "ls")
    assert "takes COMMAND --help" in complaint
    assert "/schema" not in complaint
    _, complaint = refused(capsys, "--json", "ls")
    assert json.loads(complaint)["hint"] == for_a_program["hint"]


@pytest.mark.parametrize("port", ["abc", "-1", "70000", "on", "²"])
def test_a_port_is_a_number_or_off(capsys: Out, port: str) -> None:
    code, complaint = refused(capsys, "daemon", f"--port={port}")
    assert code == 2
    assert "--port" in complaint


def test_a_program_gets_the_problem_as_it_is(daemon: CannedDaemon, capsys: Out) -> None:
    daemon.answers[f"GET {ROOT}/shots"] = problem(409, candidates=["a"])
    code, complaint = refused(capsys, "ls", "--json")
    assert code == 4
    assert json.loads(complaint) == problem(409, candidates=["a"]).document


def test_without_a_daemon_the_hint_says_how_to_start_one(daemon: CannedDaemon, capsys: Out) -> None:
    code, complaint = refused(capsys, "ls", "--socket", "/nowhere/takes.sock")
    assert code == 5
    assert complaint.startswith("takes: no daemon is answering at /nowhere/takes.sock\n")
    assert "`takes daemon`" in complaint


@pytest.mark.parametrize("args", [["--nonsense"], ["nonsense"], ["show", "001_Shot"], []])
def test_a_command_that_is_not_understood_ends_with_2(
    daemon: CannedDaemon, capsys: Out, args: list[str]
) -> None:
    assert refused(capsys, *args)[0] == 2


def test_every_command_says_what_it_does(capsys: Out) -> None:
    out = printed(capsys, "--help")
    for name in [
        "init",
        "daemon",
        "open",
        "ls",
        "show",
        "activate",
        "rm",
        "restore",
        "log",
        "status",
        "rebuild",
        "verify",
    ]:
        assert name in out
        assert printed(capsys, name, "--help").startswith(f"Usage: takes {name}")


def test_the_release_is_said(capsys: Out, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.metadata.version", lambda _: "1.2.3")
    assert printed(capsys, "--version") == "takes 1.2.3\n"


@pytest.mark.parametrize("around", [["--project", "film", "ls"], ["ls", "--project", "film"]])
def test_the_project_can_be_named(daemon: CannedDaemon, capsys: Out, around: list[str]) -> None:
    printed(capsys, *around)
    assert daemon.questions == [f"GET {ROOT}", f"GET {ROOT}/shots"]


def test_the_project_can_be_named_by_its_folder(
    daemon: CannedDaemon, capsys: Out, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, root: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    printed(capsys, "ls", "--project", str(root))
    assert daemon.questions == ["GET /api/projects", f"GET {ROOT}/shots"]
    code, complaint = refused(capsys, "ls", "--project", str(tmp_path / "other"))
    assert code == 3
    assert "takes init" in complaint
    assert "schema" not in complaint


def test_the_package_is_the_command() -> None:
    asked = [sys.executable, "-m", "daemon", "ls", "--help"]
    told = subprocess.run(asked, check=True, capture_output=True, text=True)
    assert told.stdout.startswith("Usage: takes ls")


def test_the_project_can_come_from_the_environment(
    daemon: CannedDaemon, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAKES_PROJECT", "other")
    assert refused(capsys, "ls")[0] == 3
    assert printed(capsys, "ls", "--project", "film")


def test_with_several_projects_and_none_around_us_their_ids_are_listed(
    daemon: CannedDaemon, capsys: Out, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, root: Path
) -> None:
    daemon.answers["GET /api/projects"] = {"projects": [film(root), {**film(tmp_path / "B"), "id": "b"}]}
    printed(capsys, "ls")
    monkeypatch.chdir(tmp_path)
    code, complaint = refused(capsys, "ls")
    assert code == 2
    assert complaint.splitlines()[1:3] == ["  b", "  film"]


def test_inside_a_film_that_is_not_served_no_other_film_is_touched(
    daemon: CannedDaemon, capsys: Out, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "Other/.takes").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "Other")
    assert refused(capsys, "rm", "001_Shot", "1")[0] == 3
    assert daemon.questions == ["GET /api/projects"]


@pytest.fixture
def new_film(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where init_project makes a project of no shots, whatever it is asked."""
    path = str(tmp_path / "New Film")
    made = SimpleNamespace(id="new-film", name="New Film", path=path, shots=0, log="its log")
    monkeypatch.setitem(sys.modules, "daemon.home.init", SimpleNamespace(init_project=lambda *_, **__: made))
    return path


def test_a_new_project_is_registered_and_live_at_once(
    daemon: CannedDaemon, capsys: Out, new_film: str
) -> None:
    daemon.answers["POST /api/projects"] = Canned({"id": "new-film"}, 201)
    out = printed(capsys, "init", "New Film", "--yes")
    assert "mkdir -p '" in out
    assert "takes daemon" not in out
    assert locations.registered_projects() == [new_film]
    assert daemon.asked[-1].body == {"path": new_film}


def test_a_project_can_be_made_while_no_daemon_runs(daemon: CannedDaemon, capsys: Out, new_film: str) -> None:
    assert "`takes open` starts one" in printed(capsys, "init", "New Film", "--socket", "/nowhere", "--yes")
    assert locations.registered_projects() == [new_film]
    made = json.loads(printed(capsys, "init", "New Film", "--socket", "/nowhere", "--json", "--yes"))
    assert made == {"id": "new-film", "path": new_film, "shots": 0, "live": False}


def test_an_error_of_the_daemons_own_code_has_its_exit_code_too(
    daemon: CannedDaemon, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    from events import Refused

    def refuse(*_: object, **__: object) -> None:
        raise Refused("it lies inside another film")

    monkeypatch.setitem(sys.modules, "daemon.home.init", SimpleNamespace(init_project=refuse))
    assert refused(capsys, "init", "Film", "--yes") == (4, "takes: it lies inside another film\n")


def test_the_daemon_is_started_with_what_was_asked_for(
    daemon: CannedDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[Any] = []

    def start(*args: object) -> int:
        started.append(args)
        return 7

    run = SimpleNamespace(main=start)
    monkeypatch.setitem(sys.modules, "daemon.run", run)
    assert main(["daemon", "a", "b", "--log-format", "json", "--port", "0"]) == 7
    assert main(["daemon", "--socket", "/s"]) == 7
    monkeypatch.delenv("TAKES_SOCKET")
    assert main(["daemon", "--port", "off"]) == 7
    assert started == [
        ([Path("a"), Path("b")], Path(daemon.path), "json", 0),
        ([], Path("/s"), "auto", None),
        ([], None, "auto", "off"),
    ]


def test_an_error_that_nobody_foresaw_is_not_dressed_up(daemon: CannedDaemon) -> None:
    daemon.answers[f"GET {ROOT}/shots"] = {"nonsense": True}
    with pytest.raises(KeyError):
        main(["ls"])


def test_every_command_is_in_the_module_where_it_is_looked_for() -> None:
    commands = {name: program.get_command(click.Context(program), name) for name in COMMANDS}
    modules = {name: getattr(one and one.callback, "__module__", None) for name, one in commands.items()}
    assert modules == COMMANDS
    assert set(program.commands) == set(COMMANDS)


def run_and_list_modules(*args: str) -> set[str]:
    command = [sys.executable, "-c", RUN_AND_LIST, *args]
    return set(subprocess.run(command, check=True, capture_output=True, text=True).stderr.split())


HEAVY = {
    "asyncio",
    "anyio",
    "msgspec",
    "aiosqlite",
    "sqlite3",
    "http.client",
    "email",
    "urllib.parse",
    "structlog",
}
HEAVY |= {
    "events.vocabulary",
    "events.store.sqlite",
    "projections",
    "pathlib",
    "importlib.metadata",
    "ssl",
    "subprocess",
    "logging",
    "rich.progress",
}


@pytest.fixture
def from_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(locations.__file__).parents[1]))


@pytest.mark.parametrize("args", [["ls"], ["status"], ["log"]])
def test_a_person_does_not_wait_for_what_a_table_does_not_need(
    daemon: CannedDaemon, from_the_checkout: None, args: list[str]
) -> None:
    daemon.answers[f"GET {ROOT}/events?after=0&limit=1000"] = events()
    assert not run_and_list_modules(*args) & HEAVY - loaded_by_python()


def test_a_list_does_not_wait_for_a_library_of_tables(daemon: CannedDaemon, from_the_checkout: None) -> None:
    daemon.answers[f"GET {TAKES}?deleted=true"] = {"takes": [take(1), take(2)], "activeTakeId": None}
    assert not run_and_list_modules("ls", "001_Shot") & {"rich.table", "difflib"}


@pytest.mark.parametrize("args", [["ls", "--json"], ["activate", "001_Shot", "1"]])
def test_a_program_does_not_wait_for_tables_either(
    daemon: CannedDaemon, from_the_checkout: None, args: list[str]
) -> None:
    daemon.answers[f"PUT {ROOT}/shots/001_Shot/active-take"] = {}
    modules = run_and_list_modules(*args)
    assert not modules & HEAVY - loaded_by_python()
    assert not {name for name in modules if name.partition(".")[0] == "rich"}


def loaded_by_python() -> set[str]:
    """What an interpreter of this environment loads before it does anything, such as for an editable install."""
    command = [sys.executable, "-c", "import sys; print(*sys.modules)"]
    return set(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())


def test_who_reads_only_the_first_line_sees_no_complaint(
    daemon: CannedDaemon, from_the_checkout: None
) -> None:
    found = [event(position, "take.failed", take=1, error="no " * 100) for position in range(1, 1001)]
    daemon.answers[f"GET {ROOT}/events?after=0&limit=1000"] = events(*found)
    for more in ((), ("--json",)):
        first, err, code = read_one_line("log", *more)
        assert first
        assert (code, err) == (1, "")  # as click and rich have it


def read_one_line(*args: str) -> tuple[str, str, int]:
    command = [sys.executable, "-c", RUN, *args]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stderr
        first = process.stdout.readline()
        process.stdout.close()
        return first, process.stderr.read(), process.wait()


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


# Where the space goes, and what is given up.


KINDS = {
    "media": 9_000_000,
    "objects": 0,
    "git": 0,
    "sidecars": 4096,
    "cache": 0,
    "log": 8192,
    "index": 0,
    "other": 0,
}


def usage(**facts: Any) -> dict[str, Any]:
    shots = [{"shotId": SHOT, "bytes": 9_004_096, "kinds": KINDS}]
    return {"bytes": 9_012_288, "kinds": KINDS, "shots": shots, "shared": 0, "mayShare": False, **facts}


def cleaned(*, dry: bool, left: int = 0, takes: int = 1, **more: Any) -> dict[str, Any]:
    files = [
        {"path": "001/takes/take_002/a.mp4", "kind": "media", "bytes": 0},
        {"path": ".takes/objects/9f/86", "kind": "object", "bytes": 5_000_000},
    ]
    one = {"shotId": SHOT, "takeId": "take_002", "why": "deleted", "since": NOW, "files": files}
    reason = {"path": "001/takes/take_003/b.mp4", "reason": "it is not what the log says it is"}
    return {
        "dryRun": dry,
        "plan": "c0ffee",
        "bytes": 5_000_000 * takes,
        "atMost": False,
        "note": None,
        "takes": [one] * takes,
        "left": [reason] * left,
        **more,
    }


class Cleaning(CannedDaemon):
    """Answers a clean-up as a dry run, and then as a run."""

    def answer(self, request: Any) -> bytes:
        if request.target == f"{ROOT}/cleanup":
            self.asked.append(request)
            return Canned(cleaned(dry=request.body.get("dryRun", False))).to_bytes()
        return super().answer(request)


@pytest.fixture
def cleaning(daemon: CannedDaemon, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cleaning]:
    with Cleaning(daemon.answers) as answering:
        monkeypatch.setenv("TAKES_SOCKET", answering.path)
        yield answering


def test_where_the_space_goes_is_told_by_kind_and_by_shot(daemon: CannedDaemon, capsys: Out) -> None:
    daemon.answers[f"GET {ROOT}/du"] = usage(shared=5_000_000, mayShare=True)
    out = printed(capsys, "du")
    assert out.splitlines()[0] == "Film   9.0 MB"
    assert "media                    9.0 MB" in out
    assert "objects" not in out
    assert "      9.0 MB  03_Chapter / 01_Scene / 001_Shot" in out
    assert "5.0 MB more would be needed if nothing were shared" in out
    assert "may share more" in out
    assert json.loads(printed(capsys, "du", "--json")) == daemon.answers[f"GET {ROOT}/du"]


def test_a_dry_run_lists_each_file_and_purges_nothing(cleaning: Cleaning, capsys: Out) -> None:
    out = printed(capsys, "cleanup", "--dry-run", "--deleted-after", "2w", "--keep-newest", "3")
    assert out.splitlines()[0] == "1 take to purge   5.0 MB would come back"
    assert "         0 B  001/takes/take_002/a.mp4" in out
    assert "      5.0 MB  .takes/objects/9f/86" in out
    assert out.splitlines()[-1].startswith("Each file is read and compared")
    (asked,) = [one.body for one in cleaning.asked if one.target.endswith("cleanup")]
    assert asked == {"deletedAfterDays": 14, "failedAfterDays": None, "keepNewest": 3, "dryRun": True}


@pytest.mark.parametrize(("dry", "words"), [(True, "would come back"), (False, "are free again")])
def test_where_others_may_share_the_bytes_they_are_the_most_that_comes_back(
    daemon: CannedDaemon, capsys: Out, *, dry: bool, words: str
) -> None:
    note = "Git LFS keeps what was committed"
    daemon.answers[f"POST {ROOT}/cleanup"] = cleaned(dry=dry, atMost=True, note=note)
    out = printed(capsys, "cleanup", "--dry-run" if dry else "--yes")
    assert out.splitlines()[0].endswith(f"up to 5.0 MB {words}")
    assert out.splitlines()[-1] == note


def test_who_says_yes_is_not_asked_and_gets_what_was_planned(cleaning: Cleaning, capsys: Out) -> None:
    assert "1 take purged   5.0 MB are free again" in printed(
        capsys, "cleanup", "--failed-after", "36h", "--yes"
    )
    dry, run = [one.body for one in cleaning.asked if one.target.endswith("cleanup")]
    assert (dry["failedAfterDays"], run["failedAfterDays"]) == (1.5, 1.5)
    assert run["plan"] == "c0ffee"
    assert "dryRun" not in run


@pytest.mark.parametrize("args", [[], ["--json"]])
def test_where_nobody_can_be_asked_nothing_is_purged(
    cleaning: Cleaning, capsys: Out, args: list[str]
) -> None:
    code, err = refused(capsys, "cleanup", *args)
    assert code == 2
    assert "--yes" in err
    assert not cleaning.asked


def test_a_person_is_shown_the_list_and_asked(cleaning: Cleaning) -> None:
    out = in_terminal("cleanup", typed="y\n")
    assert out.index("take_002") < out.index("Purge these takes for good?") < out.index("1 take purged")


def test_a_person_may_say_no(cleaning: Cleaning) -> None:
    out = in_terminal("cleanup", typed="n\n", code=130)
    assert "purged" not in out
    assert len([one for one in cleaning.asked if one.target.endswith("cleanup")]) == 1


def test_where_there_is_nothing_to_purge_nobody_is_asked(daemon: CannedDaemon, capsys: Out) -> None:
    daemon.answers[f"POST {ROOT}/cleanup"] = cleaned(dry=True, takes=0)
    assert printed(capsys, "cleanup", "--yes").splitlines()[0] == "No takes to purge   0 B would come back"


def test_what_could_not_be_purged_is_listed_and_is_no_success(daemon: CannedDaemon, capsys: Out) -> None:
    daemon.answers[f"POST {ROOT}/cleanup"] = cleaned(dry=False, left=1)
    assert main(["cleanup", "--yes"]) == 4
    out = capsys.readouterr().out
    assert "Not purged" in out
    assert "b.mp4  it is not what the log says it is" in out


def test_the_limits_of_a_policy_are_those_of_the_configuration() -> None:
    from daemon.cli.film import upkeep
    from daemon.config.table import Days, HowMany

    assert [get_args(one)[1].le for one in (Days, HowMany)] == [upkeep.MOST_DAYS, upkeep.MOST_TAKES]


@pytest.mark.parametrize("time", ["7", "d", "0d", "-1d", "7m", "1.5d", "x", "99999w", "36501d"])
def test_a_time_that_makes_no_sense_is_refused(cleaning: Cleaning, capsys: Out, time: str) -> None:
    code, err = refused(capsys, "cleanup", "--dry-run", f"--deleted-after={time}")
    assert code == 2
    assert "12h, 7d or 2w" in err or "more than a hundred years" in err
    assert not cleaning.asked


def test_a_purged_take_is_called_so(daemon: CannedDaemon, capsys: Out) -> None:
    gone = take(3, deleted=True, purged=True, purgedAt=NOW)
    daemon.answers[f"GET {TAKES}?deleted=true"] = {"takes": [gone], "activeTakeId": None}
    daemon.answers[f"GET {TAKES}/take_003"] = gone
    assert "take_003  purged" in printed(capsys, "ls", "001_Shot", "--deleted")
    out = printed(capsys, "show", "001_Shot", "3").splitlines()
    assert out[0].endswith("deleted   purged")
    assert any(line.startswith("purged ") for line in out)


def test_the_log_does_not_say_that_a_purged_take_has_freed_what_others_may_have(
    daemon: CannedDaemon, capsys: Out
) -> None:
    found = [event(1, "take.purged", take=1, bytes=5_000_000)]
    daemon.answers[f"GET {ROOT}/events?after=0&limit=1000"] = events(*found)
    daemon.answers[f"GET {ROOT}/events?after=1&limit=1000"] = events()
    out = printed(capsys, "log")
    assert "5.0 MB given up" in out
    assert "freed" not in out


@pytest.mark.parametrize(
    ("dry", "files", "words"),
    [
        (True, 1, "1 file could share its bytes, which would save up to 2.0 MB."),
        (True, 2, "2 files could share their bytes, which would save up to 2.0 MB."),
        (False, 1, "1 file shares its bytes now, which saves 2.0 MB."),
        (False, 2, "2 files share their bytes now, which saves 2.0 MB."),
    ],
)
def test_what_shares_its_bytes_is_told_in_plain_words(
    daemon: CannedDaemon, capsys: Out, *, dry: bool, files: int, words: str
) -> None:
    one = {"shotId": SHOT, "takeId": "take_002", "path": "001/takes/take_002/a.mp4", "bytes": 1_000_000}
    answer = {"dryRun": dry, "shared": [one] * files, "bytes": 2_000_000, "left": []}
    daemon.answers[f"POST {ROOT}/dedupe"] = answer
    assert printed(capsys, "dedupe", *(["--dry-run"] if dry else [])).splitlines()[-1] == words


def test_the_package_is_run_as_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["takes", "--help"])
    monkeypatch.delitem(sys.modules, "daemon.__main__", raising=False)  # another test may have imported it
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("daemon", run_name="__main__")
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert [name for name in COMMANDS if name not in said] == []
