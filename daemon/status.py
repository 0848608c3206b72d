"""The status: how well each project is kept, and what a person should know or do about it."""

import time

from daemon.project import Live, Project, ProjectSuspended
from daemon.views import (
    Problem,
    ProjectHealth,
    ProjectionView,
    Reason,
    RunnerView,
    ScanView,
    StatusView,
    WatchView,
)


def problems_of(project: Project) -> list[Problem]:
    """Everything that stands in the way of a project; empty where all is well."""
    try:
        live = project.live
    except ProjectSuspended as away:
        return [Problem(what=str(away), hint=away.hint)]
    watch = live.watch
    found = (
        [Problem(what=watch.problem, hint="Drops are found by scanning meanwhile.")] if watch.problem else []
    )
    if not watch.is_well():
        found.append(
            Problem(what="the watcher has stopped", hint="Restart the daemon; drops are found by scanning.")
        )
    found += [
        Problem(what=f"{path}: {what}", hint="It is tried again.")
        for path, what in live.keeper.health.problems.items()
    ]
    if live.queue.problem:
        found.append(Problem(what=f"no take is generated: {live.queue.problem}", hint="It is tried again."))
    for standing in live.projector.standings():
        found += [Problem(what=what, hint="It is tried again.") for what in standing.problems]
    return found


def health_of(project: Project) -> ProjectHealth:
    """Whether a project is well."""
    return ProjectHealth(id=project.id, state=project.state, problems=problems_of(project))


async def _runner_of(live: Live) -> RunnerView:
    queue, running = live.queue, len(live.queue.under_way)
    return RunnerView(
        kind=queue.runner.kind if queue.runner else "none",
        queued=len(await live.index.awaited()) - running,
        running=running,
        problem=queue.problem,
        inputs=queue.runner.inputs if queue.runner else None,
    )


async def status_of(project: Project) -> StatusView:
    """Everything about how a project is kept; ProjectSuspended while it is away."""
    live = project.live
    health, notes = live.keeper.health, live.reconciler.notes
    scan = health.last_scan
    return StatusView(
        id=project.id,
        name=project.name,
        path=str(project.root),
        state=project.state,
        position=live.log.head,
        projections=[
            ProjectionView(name=one.name, position=one.position, behind=one.behind)
            for one in live.projector.standings()
        ],
        watch=WatchView(
            mode=live.watch.mode, folders=live.watch.folders, losses=health.losses, missed=health.missed
        ),
        last_scan=ScanView(ago=time.monotonic() - scan.ended, seconds=scan.seconds, shots=scan.shots)
        if scan
        else None,
        runner=await _runner_of(live),
        waiting=[Reason(path=path, reason=reason) for path, reason in sorted(notes.waiting.items())],
        not_taken=[Reason(path=path, reason=reason) for path, reason in sorted(notes.not_taken.items())],
        problems=problems_of(project),
    )
