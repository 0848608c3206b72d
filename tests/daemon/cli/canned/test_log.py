"""The log and the status, as a person reads them."""

import json

import pytest

from daemon.cli.main import main
from tests.daemon.cli.canned.answers import ROOT, event, events
from tests.daemon.cli.canned.daemon import Canned, CannedDaemon
from tests.daemon.cli.canned.shell import Out, printed


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


def test_the_log_tells_a_cancelled_take_by_its_error(daemon: CannedDaemon, capsys: Out) -> None:
    cancelled = event(1, "take.failed", take=3, error="nobody wanted it", why="cancelled")
    daemon.answers[f"GET {ROOT}/events?after=0&limit=1000"] = events(cancelled)
    daemon.answers[f"GET {ROOT}/events?after=1&limit=1000"] = events()
    assert "nobody wanted it" in printed(capsys, "log")


def test_a_recipe_that_could_not_be_read_is_told_in_the_status(daemon: CannedDaemon, capsys: Out) -> None:
    said = printed(capsys, "status")
    assert "Recipes not read" in said
    assert "take_002  its recipe was not read: it is neither" in said


def test_the_log_for_a_program_is_a_line_for_each_event(daemon: CannedDaemon, capsys: Out) -> None:
    found = [event(1, "take.failed", take=1, error="no"), event(2, "take.purged", take=1, bytes=5)]
    daemon.answers[f"GET {ROOT}/events?after=0&limit=1000"] = events(*found)
    daemon.answers[f"GET {ROOT}/events?after=2&limit=1000"] = events()
    assert [json.loads(line) for line in printed(capsys, "log", "--json").splitlines()] == found


def test_the_log_does_not_say_that_a_purged_take_has_freed_what_others_may_have(
    daemon: CannedDaemon, capsys: Out
) -> None:
    found = [event(1, "take.purged", take=1, bytes=5_000_000)]
    daemon.answers[f"GET {ROOT}/events?after=0&limit=1000"] = events(*found)
    daemon.answers[f"GET {ROOT}/events?after=1&limit=1000"] = events()
    out = printed(capsys, "log")
    assert "5.0 MB given up" in out
    assert "freed" not in out
