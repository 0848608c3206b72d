"""Upkeep: what the doctor, verifying and rebuilding have found, as the API shows it."""

from collections.abc import Iterable, Sequence

from daemon.api.views.body import Camel
from daemon.api.views.status import Problem, problem_views
from daemon.protection import verify
from projections import projector
from projections.git.checks import Check


class CheckView(Camel, kw_only=True):
    """A thing that was looked at; `mend` is the command that puts it right, where it is not."""

    name: str
    ok: bool
    what: str
    mend: str | None = None


class DoctorView(Camel, kw_only=True):
    """What git and the codecs need, and whether they have it."""

    ok: bool
    checks: Sequence[CheckView]


class Progress(Camel, kw_only=True):
    """How far a step has come."""

    step: str
    done: int
    total: int


class Verdict(Camel, kw_only=True):
    """What was checked, and what was found."""

    ok: bool
    records: int
    files: int
    problems: Sequence[Problem]


class RebuildBody(Camel, kw_only=True, forbid_unknown_fields=True):
    """Which projection to rebuild, all where none is named; `verify` only compares."""

    name: str | None = None
    verify: bool = False


class Difference(Camel, kw_only=True):
    """Something on disk that is not what a projection would make of the log."""

    name: str
    what: str


class Rebuilt(Camel, kw_only=True):
    """The projections that were made again, or the differences found instead."""

    rebuilt: Sequence[str] = ()
    differences: Sequence[Difference] = ()


def doctor_view(checks: Sequence[Check]) -> DoctorView:
    """What the doctor looked at as the API shows it."""
    views = [CheckView(name=one.name, ok=one.ok, what=one.what, mend=one.mend) for one in checks]
    return DoctorView(ok=all(one.ok for one in checks), checks=views)


def verify_view(step: verify.Checked | verify.Verified) -> Progress | Verdict:
    """A step of verifying, or the verdict, as the API shows it."""
    if isinstance(step, verify.Checked):
        return Progress(step=step.step, done=step.done, total=step.total)
    return Verdict(
        ok=not step.problems,
        records=step.records,
        files=step.files,
        problems=problem_views(step.problems),
    )


def difference_views(differences: Iterable[projector.Difference]) -> list[Difference]:
    """What is not as the log would have it as the API shows it."""
    return [Difference(name=one.name, what=one.what) for one in differences]
