"""The status: how well each project is kept, and what a person should know or do about it."""

import time
from collections.abc import Iterator

from msgspec import structs

from daemon.api.views.status import (
    PolicyView,
    ProjectHealth,
    ProjectionView,
    ProtectionView,
    RunnerView,
    ScanView,
    ShareView,
    StatusView,
    StudioView,
    WatchView,
    problem_views,
    reason_views,
)
from daemon.decoding.decoders import WITHOUT_CAGE, danger
from daemon.project.parts import Parts
from daemon.project.project import Project, ProjectSuspended
from daemon.project.studio import standing_of
from daemon.protection.second_names import Protection
from events import Kept
from projections.board import Problem

AHEAD: dict[Kept | None, str] = {
    "reflink": "this disk has reflinks, which protect all bytes",
    "link": "this disk has hard links, which protect the bytes from all but an edit in place",
    "copy": "this disk needs a copy of all bytes",
    None: "this disk has neither reflinks nor hard links",
}
"""What can be said of a disk on which nothing is kept yet."""

AGAIN = "`takes rebuild objects` makes the objects of those that are whole"

OFF = "`objects` is off in the configuration"

MOST_UNREAD = 20
"""Takes whose recipe could not be read that are told of."""


def problems_of(project: Project) -> list[Problem]:
    """Everything that stands in the way of a project; empty where all is well."""
    try:
        parts = project.parts
    except ProjectSuspended as away:
        return [Problem(str(away), away.hint)]
    return parts.board.problems()


def _holes(project: Project) -> Iterator[Problem]:
    """What the cage of the decoders does not hold; nothing that is wrong with the film."""
    if holes := project.decoders.holes:
        yield Problem(danger(holes), WITHOUT_CAGE)


def health_of(project: Project) -> ProjectHealth:
    """Whether a project is well."""
    problems = problem_views(problems_of(project))
    return ProjectHealth(id=project.id, state=project.state, problems=problems)


async def _runner_of(parts: Parts) -> RunnerView:
    queue, running = parts.queue, len(parts.queue.under_way.takes)
    return RunnerView(
        kind=queue.runner.kind if queue.runner else "none",
        queued=len(await parts.index.awaited()) - running,
        running=running,
        problem=queue.under_way.problem,
        inputs=queue.runner.inputs if queue.runner else None,
    )


async def _protection_of(parts: Parts) -> ProtectionView:
    found = await parts.restorer.protection()
    return ProtectionView(**structs.asdict(found), says=in_words(found))


def share_of(parts: Parts) -> ShareView | None:
    """The share that a film lies on; None where it lies on a disk of this machine."""
    if parts.share is None:
        return None
    log = str(parts.index.folder)
    says = f"a share ({parts.share}), kept by this machine only; its log is in {log}"
    return ShareView(filesystem=parts.share, log=log, says=says)


def in_words(found: Protection) -> str:
    """How well the takes are protected against being overwritten or removed, as a person would say it."""
    ahead = OFF if found.objects == "off" else AHEAD[found.disk]
    if not found.takes:
        return ahead
    again = f": {AGAIN}" if found.objects != "off" and found.disk else ""
    if found.none == found.takes:
        return f"not protected{again or f': {ahead}'}"
    ways = [f"{number} by {way}" for way, number in _ways(found) if number]
    missing = f"; {found.none} of {found.takes} not protected{again}" if found.none else ""
    edits = "; an edit in place reaches both names of a hard link" if found.link else ""
    return f"{', '.join(ways)}{edits}{missing}"


def _ways(found: Protection) -> list[tuple[str, int]]:
    return [("reflink", found.reflink), ("hard link", found.link), ("copy", found.copy)]


async def status_of(project: Project) -> StatusView:
    """Everything about how a project is kept; ProjectSuspended while it is away."""
    parts = project.parts
    health, notes = parts.scheduler.health, parts.reconciler.notes
    scan, studio = health.last_scan, standing_of(parts)
    return StatusView(
        id=project.id,
        name=project.name,
        path=str(project.root),
        state=project.state,
        position=parts.log.head,
        projections=[
            ProjectionView(name=one.name, position=one.position, behind=one.behind)
            for one in parts.projector.standings()
        ],
        share=share_of(parts),
        studio=StudioView(**structs.asdict(studio)) if studio else None,
        watch=WatchView(
            mode=parts.watch.mode, folders=parts.watch.folders, losses=health.losses, missed=health.missed
        ),
        last_scan=ScanView(ago=time.monotonic() - scan.ended, seconds=scan.seconds, shots=scan.shots)
        if scan
        else None,
        runner=await _runner_of(parts),
        protection=await _protection_of(parts),
        cleanup=PolicyView(**structs.asdict(parts.cleanup.policy)),
        waiting=reason_views(dict(sorted({**parts.projector.waiting(), **notes.waiting}.items()))),
        not_taken=reason_views(dict(sorted({**notes.strays, **notes.not_taken}.items()))),
        unread=reason_views(dict(await parts.index.unread(MOST_UNREAD))),
        problems=problem_views([*problems_of(project), *_holes(project)]),
    )
