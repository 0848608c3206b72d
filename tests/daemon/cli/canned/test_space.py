"""Where the space goes, and what is given up."""

import json
from collections.abc import Iterator
from typing import Any, get_args

import pytest

from daemon.cli.main import main
from tests.daemon.cli.canned.answers import NOW, ROOT, SHOT
from tests.daemon.cli.canned.daemon import Canned, CannedDaemon
from tests.daemon.cli.canned.shell import Out, in_terminal, printed, refused

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
