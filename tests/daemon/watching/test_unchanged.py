"""Quiet shots: passed over until something in them changes, at the cost of a stat for each media file."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from daemon.watching import unchanged
from daemon.watching.scan import look
from daemon.watching.tree import Found, Tree
from daemon.watching.unchanged import Unchanged
from tests.support.clock import Clock

LIVE = [(1, "a.mp4"), (2, "b.mp4"), (3, None)]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for shot in ("one", "two"):
        for number, name in LIVE:
            folder = tmp_path / shot / "takes" / f"take_{number:03d}"
            folder.mkdir(parents=True)
            if name:
                (folder / name).write_bytes(b"old")
        for folder in (tmp_path / shot / "takes", tmp_path / shot):
            os.utime(folder, (0, 0))
    return tmp_path


def shots(root: Path) -> list[Found]:
    return sorted(Tree(root).shots(), key=lambda found: found.path)


def noted(root: Path, every: float = 0.0, clock: Callable[[], float] = time.monotonic) -> Unchanged:
    """All shots are as they should be, and a scan has begun since."""
    known = Unchanged(root, every, clock)
    known.begin()
    for found in shots(root):
        seen = look(root, found.path, LIVE)
        assert seen
        known.note(found, seen, LIVE, 7, [1])
    known.begin()
    return known


def changed(known: Unchanged, root: Path) -> list[str]:
    return [found.path for found in shots(root) if not known.has(found, 7)]


def test_a_shot_in_which_nothing_happens_is_quiet(root: Path) -> None:
    known = noted(root)
    assert changed(known, root) == []
    known.forget("one")
    assert changed(known, root) == ["one"]


def over(media: Path) -> None:
    media.with_name("new").write_bytes(b"new")
    media.with_name("new").rename(media)


def in_place(media: Path) -> None:
    media.write_bytes(b"longer")


def removed(media: Path) -> None:
    media.unlink()


@pytest.mark.parametrize("way", [over, in_place, removed])
def test_a_take_that_is_saved_over_stirs_its_shot(root: Path, way: object) -> None:
    known = noted(root)
    way(root / "two" / "takes" / "take_002" / "b.mp4")  # type: ignore[operator]
    assert changed(known, root) == ["two"]


def test_an_event_in_the_log_stirs_its_shot(root: Path) -> None:
    known = noted(root)
    assert [known.has(found, 8) for found in shots(root)] == [False, False]


def test_what_comes_into_takes_stirs_a_shot(root: Path) -> None:
    known = noted(root)
    (root / "one" / "takes" / "new.mp4").write_bytes(b"new")
    assert changed(known, root) == ["one"]


def test_a_shot_that_was_changed_just_now_is_not_trusted(root: Path) -> None:
    (root / "one" / "takes" / "new.mp4").write_bytes(b"new")
    assert changed(noted(root), root) == ["one"]


def test_a_large_film_is_looked_at_by_and_by(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unchanged, "MOST", 2)
    known = noted(root)
    for shot in ("one", "two"):
        over(root / shot / "takes" / "take_001" / "a.mp4")
    assert changed(known, root) == ["one"]
    known.begin()
    assert changed(known, root) == ["two"]


def test_the_media_are_looked_at_no_more_often_than_asked_for(root: Path) -> None:
    clock = Clock()
    known = noted(root, every=1000.0, clock=clock)
    over(root / "one" / "takes" / "take_001" / "a.mp4")
    assert changed(known, root) == []
    for passed, found in ((999.0, []), (1.0, ["one"])):
        clock.now += passed
        known.begin()
        assert changed(known, root) == found
