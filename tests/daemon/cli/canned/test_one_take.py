"""One take: shown, named, brought back, and hidden."""

import pytest

from daemon.cli.main import main
from tests.daemon.cli.canned.answers import NOW, ROOT, SHOT, TAKES, failed, take
from tests.daemon.cli.canned.daemon import CannedDaemon
from tests.daemon.cli.canned.shell import Out, printed, refused


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


def test_a_take_that_is_cancelled_is_not_said_to_be_kept(daemon: CannedDaemon, capsys: Out) -> None:
    daemon.answers[f"DELETE {TAKES}/take_003"] = {**failed(3), "cancelled": True, "deleted": True}
    assert printed(capsys, "rm", "001_Shot", "3") == "take_003 is cancelled.\n"


def test_a_failed_take_is_hidden_and_not_cancelled_whatever_its_error_says(
    daemon: CannedDaemon, capsys: Out
) -> None:
    gone = {**failed(3), "error": "render cancelled by the farm", "deleted": True}
    daemon.answers[f"DELETE {TAKES}/take_003"] = gone
    assert printed(capsys, "rm", "001_Shot", "3").startswith("take_003 is hidden, and its files stay.")


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


def test_a_purged_take_is_called_so(daemon: CannedDaemon, capsys: Out) -> None:
    gone = take(3, deleted=True, purged=True, purgedAt=NOW)
    daemon.answers[f"GET {TAKES}?deleted=true"] = {"takes": [gone], "activeTakeId": None}
    daemon.answers[f"GET {TAKES}/take_003"] = gone
    assert "take_003  purged" in printed(capsys, "ls", "001_Shot", "--deleted")
    out = printed(capsys, "show", "001_Shot", "3").splitlines()
    assert out[0].endswith("deleted   purged")
    assert any(line.startswith("purged ") for line in out)
