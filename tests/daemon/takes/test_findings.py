"""Findings: what is said of a shot, and when it is looked at again."""

from daemon.takes.admission import Ignore, NotTaken, Wait
from daemon.takes.findings import Findings, Notes

SHOT = "01_Scene/001_Dawn"


def test_the_soonest_of_all_times_is_when_a_shot_is_looked_at_again() -> None:
    assert Findings({}).soonest is None
    findings = Findings({})
    findings.note("empty.mp4", Wait(5.0))
    findings.note("take_001", NotTaken("no media", 3.0))
    findings.note("link.mp4", NotTaken("a link"))
    findings.note("take_002", Ignore(4.0))
    assert findings.soonest == 3.0
    findings.wait("written.mp4", 0.25)
    assert findings.soonest == 0.25


def test_what_is_not_taken_or_waits_is_told_with_the_reason_and_the_rest_is_not() -> None:
    findings = Findings({"link.mp4": "it is a link"})
    findings.note("empty.mp4", Wait(1.0, "it is empty"))
    findings.note("take_001", NotTaken("it holds two"))
    findings.note("take_002", Ignore(1.0))
    assert findings.waiting == {"empty.mp4": "it is empty"}
    assert findings.not_taken == {"link.mp4": "it is a link", "take_001": "it holds two"}


def test_what_was_said_of_a_shot_is_replaced_and_of_others_stays() -> None:
    notes = Notes()
    notes.write(SHOT, {"a.mp4": "it waits"}, {"b\udce9.txt": "it is no media"}, 1.0)
    notes.write("002_Noon", {}, {"c.txt": "it is no media"}, 2.0)
    assert notes.not_taken == {
        f"{SHOT}/takes/b\\xe9.txt": "it is no media",
        "002_Noon/takes/c.txt": "it is no media",
    }
    assert notes.shots() == {SHOT, "002_Noon"}
    notes.write(SHOT, {}, {}, 3.0)
    assert (notes.waiting, notes.shots()) == ({}, {"002_Noon"})


def test_of_a_crowd_of_drops_one_word_is_said_and_all_are_counted() -> None:
    notes = Notes()
    notes.write(SHOT, {"a.mp4": "it waits"}, {}, 1.0, left=5000)
    assert notes.waiting == {
        f"{SHOT}/takes/a.mp4": "it waits",
        f"{SHOT}/takes/": "5000 files wait until those that came before them are takes",
    }
    assert (notes.waits, notes.since) == (5001, dict.fromkeys(notes.waiting, 1.0))
    notes.write(SHOT, {}, {}, 2.0)
    assert (notes.waiting, notes.waits, notes.since) == ({}, 0, {})
