"""The plan of a clean-up: what goes with a take, what stays because somebody needs it, and what is not touched."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import anyio
import msgspec
import pytest

from daemon.config.table import Policy
from daemon.disk.marker import LOG, Marker, MarkerGone
from daemon.space.checks import CHANGED, NO_FILE, UNKNOWN, NotPurged, check
from daemon.space.plan import Candidate, Plan, measure, see_what_went
from daemon.space.policy import Chosen
from events import Identity, Media, timestamp
from projections.files.fingerprint import identity
from projections.index.rows import ShotRow, TakeRow
from projections.layout import OWN_FOLDER, object_path
from tests.daemon.space.test_policy import NOW

SHOT = ShotRow(1, "stream", "001_Dawn")
BYTES = b"bytes of a take"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class Film:
    """A film of one shot, whose takes are files of a few bytes."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / OWN_FOLDER).mkdir(parents=True)
        (root / OWN_FOLDER / LOG).touch()
        self.marker = Marker(root)

    def take(self, number: int, content: bytes = BYTES, **facts: Any) -> TakeRow:
        """A complete take that is on the disk."""
        media = Media(kind="video", name=f"{number}.mp4", sha256=sha256(content), bytes=len(content))
        known = {"name": media.name, "media": msgspec.json.encode(media).decode(), **facts}
        take = TakeRow(1, number, timestamp(NOW), status="complete", **known)
        self.put(self.path(take), content)
        return take

    def failed(self, number: int) -> TakeRow:
        """A take that could not be decoded, so that only its size and its time are known."""
        take = self.take(number, media=None)
        file = msgspec.json.encode(identity((self.root / self.path(take)).lstat())).decode()
        return msgspec.structs.replace(take, status="failed", file=file)

    def path(self, take: TakeRow) -> str:
        return Candidate(SHOT, Chosen(take, "older", "")).path

    def check(self, take: TakeRow) -> Identity | None:
        return anyio.run(check, self.root, self.path(take), take, self.marker)

    def put(self, path: str, content: bytes) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_bytes(content)

    def plan(self, *takes: TakeRow, holders: Mapping[str, Sequence[str]] | None = None) -> Plan:
        plan = Plan(Policy(), [Candidate(SHOT, Chosen(take, "older", "")) for take in takes])
        measure(self.root, plan, holders or {})
        return plan

    def replace(self, take: TakeRow, what: str) -> None:
        """Have something else in the place of the take's file."""
        path = self.root / self.path(take)
        path.unlink()
        match what:
            case "link":
                path.symlink_to("/etc/hostname")
            case "pipe":
                os.mkfifo(path)
            case "longer":
                path.write_bytes(BYTES + b".")
            case "other bytes":
                path.write_bytes(BYTES[::-1])
            case "linked folder":
                elsewhere = path.parent.rename(self.root / "elsewhere")
                (elsewhere / path.name).write_bytes(BYTES)
                path.parent.symlink_to(elsewhere)


@pytest.fixture
def film(tmp_path: Path) -> Film:
    return Film(tmp_path / "film")


def files(plan: Plan) -> dict[str, list[str]]:
    """The files that go, by the take that they go with."""
    return {one.take.id: [file.path for file in one.files] for one in plan.candidates}


# What goes.


def test_a_file_goes_with_its_take(film: Film) -> None:
    first, second = film.take(1), film.take(2, b"others")
    plan = film.plan(first, second)
    assert files(plan) == {"take_001": [film.path(first)], "take_002": [film.path(second)]}
    assert plan.left == {}


def test_an_object_goes_with_the_last_take_that_has_its_bytes(film: Film) -> None:
    first, second = film.take(1), film.take(2)
    path = object_path(sha256(BYTES))
    film.put(path, BYTES)
    holders = {sha256(BYTES): [film.path(first), film.path(second)]}
    assert files(film.plan(first, second, holders=holders)) == {
        "take_001": [film.path(first)],
        "take_002": [film.path(second), path],
    }


def test_an_object_stays_while_a_take_that_stays_has_its_bytes(film: Film) -> None:
    first, second = film.take(1), film.take(2)
    film.put(object_path(sha256(BYTES)), BYTES)
    plan = film.plan(first, holders={sha256(BYTES): [film.path(first), film.path(second)]})
    assert files(plan) == {"take_001": [film.path(first)]}
    assert len(plan.staying) == 2  # the other take's file, and the object


def test_a_take_that_is_missing_has_no_file_to_go_but_its_object(film: Film) -> None:
    take = film.take(1, deleted="missing")
    (film.root / film.path(take)).unlink()
    path = object_path(sha256(BYTES))
    film.put(path, BYTES)
    assert files(film.plan(take)) == {"take_001": [path]}


def test_the_bytes_of_a_file_with_two_names_come_back_with_the_second(film: Film) -> None:
    take = film.take(1)
    path = film.root / object_path(sha256(BYTES))
    path.parent.mkdir(parents=True)
    path.hardlink_to(film.root / film.path(take))
    (one,) = film.plan(take).candidates
    assert [(file.kind, file.back > 0) for file in one.files] == [("media", True), ("object", False)]


# What stays.


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("gone", "its file cannot be read: No such file or directory"),
        ("link", NO_FILE),
        ("pipe", NO_FILE),
        ("longer", CHANGED),
        ("linked folder", "its file cannot be read: it is a link to a folder, which is not followed"),
    ],
)
def test_a_take_in_whose_place_something_else_is_stays(film: Film, what: str, reason: str) -> None:
    take = film.take(1)
    film.replace(take, what)
    plan = film.plan(take)
    assert (plan.candidates, plan.left) == ([], {film.path(take): reason})


@pytest.mark.parametrize("what", ["gone", "link", "pipe", "longer", "other bytes", "linked folder"])
def test_what_is_not_what_the_log_says_does_not_pass_the_check(film: Film, what: str) -> None:
    take = film.take(1)
    film.replace(take, what)
    with pytest.raises(NotPurged):
        film.check(take)


def test_what_is_what_the_log_says_passes_the_check(film: Film) -> None:
    for take in (film.take(1), film.failed(2)):
        found = film.check(take)
        assert found == identity((film.root / film.path(take)).lstat())


def test_a_file_that_could_not_be_decoded_stays_once_its_time_is_another(film: Film) -> None:
    take = film.failed(1)
    os.utime(film.root / film.path(take), ns=(1, 1))
    assert film.plan(take).left == {film.path(take): CHANGED}


def test_a_file_of_which_the_log_says_nothing_stays(film: Film) -> None:
    take = film.take(1, media=None)
    assert film.plan(take).left == {film.path(take): UNKNOWN}


@pytest.mark.parametrize("has_file", [True, False])
def test_nothing_is_said_of_a_take_while_the_whole_project_is_away(film: Film, *, has_file: bool) -> None:
    take = film.take(1, deleted=None if has_file else "missing")
    film.root.rename(film.root.with_name("away"))
    with pytest.raises(MarkerGone):
        film.check(take)


# What went.


def test_what_could_not_be_removed_did_not_come_back(film: Film) -> None:
    first, second = film.take(1), film.take(2, b"others")
    plan = film.plan(first, second)
    (film.root / film.path(first)).unlink()
    see_what_went(film.root, plan)
    assert files(plan) == {"take_001": [film.path(first)], "take_002": []}
    assert list(plan.left) == [film.path(second)]


def test_an_object_that_a_take_needed_meanwhile_is_not_told_as_left(film: Film) -> None:
    take = film.take(1)
    film.put(object_path(sha256(BYTES)), BYTES)
    plan = film.plan(take)
    (film.root / film.path(take)).unlink()
    see_what_went(film.root, plan)
    assert (files(plan), plan.left) == ({"take_001": [film.path(take)]}, {})


def test_a_plan_is_told_by_its_takes(film: Film) -> None:
    first, second = film.take(1), film.take(2)
    assert film.plan(first, second).digest == film.plan(second, first).digest != film.plan(first).digest
