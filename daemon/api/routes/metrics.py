"""The metrics: how the daemon and each film are, as numbers that Prometheus asks for every few seconds.

They are read off the index, the board and what is in memory; nothing here looks at every take, or at any file.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

import anyio
import structlog
from litestar import Response, get
from litestar.datastructures import State

from daemon.api.answers.operation import Operation
from daemon.api.answers.status import problems_of
from daemon.metrics import FORMAT, Family, Kind
from daemon.project.figures import Figures
from daemon.project.parts import Parts
from daemon.project.project import Project, ProjectSuspended
from daemon.project.studio import standing_of

log = structlog.get_logger()

SOURCES = ("drop", "adopted", "request")

FILE = "file"
"""What waits before it is a take, since somebody writes it; takes wait by where they come from."""

FAMILIES: Mapping[str, tuple[Kind, str, *tuple[str, ...]]] = {
    "takes_project_live": ("gauge", "Whether the film is kept now."),
    "takes_project_answers": ("gauge", "Whether the film's index and disk answered within a second."),
    "takes_problems": ("gauge", "What stands in the film's way."),
    "takes_not_taken": ("gauge", "Files in `takes/` folders that are no takes."),
    "takes_events_total": ("counter", "Events in the film's log.", "type"),
    "takes_numbered_total": ("counter", "Takes that got their number, by where they come from.", "source"),
    "takes_bytes_total": ("counter", "Bytes of all takes that were completed."),
    "takes_purged_bytes_total": ("counter", "Bytes that were purged."),
    "takes_waiting": ("gauge", "Files that are being written, and takes that are not made yet.", "what"),
    "takes_waiting_seconds": ("gauge", "How long the oldest of those has waited.", "what"),
    "takes_projection_behind": ("gauge", "Events that a projection has yet to follow.", "projection"),
    "takes_log_position": ("gauge", "Where the film's log ends, as far as it is known."),
    "takes_studio_answers": ("gauge", "Whether the studio's database answers, for a film that is in one."),
    "takes_studio_behind": ("gauge", "Records of the studio's log that are not shown here yet."),
    "takes_shards_held": ("gauge", "Shards of the film that this daemon holds, of sixteen."),
    "takes_losses_total": ("counter", "Times that the watch has lost hints."),
    "takes_missed_total": ("counter", "Shots that only a scan has found changed."),
    "takes_scan_seconds": ("gauge", "How long the last scan took."),
    "takes_scan_age_seconds": ("gauge", "How long ago the last scan ended."),
    "takes_decoders_killed_total": (
        "counter",
        "Decoders that did not outlive a look: a short first one, or all of it.",
        "look",
    ),
    "takes_disk_bytes": ("gauge", "Size of the film's disk."),
    "takes_disk_left_bytes": ("gauge", "What is left on the film's disk."),
}
"""Every metric that is found when somebody asks: its kind, what it says, and its labels besides the film."""


def families() -> dict[str, Family]:
    """Each of them, yet without a sample."""
    return {
        name: Family(kind, about, ("project", *labels)) for name, (kind, about, *labels) in FAMILIES.items()
    }


class Samples:
    """The samples of one film, written into the families."""

    def __init__(self, found: Mapping[str, Family], project: str) -> None:
        self._found = found
        self._project = project

    def tell(self, name: str, value: float, *labels: str) -> None:
        """That is so many."""
        self._found[name].samples[self._project, *labels] = value


@get(
    "/metrics",
    summary="How all is, for Prometheus",
    tags=["Upkeep"],
    operation=Operation(
        answers={
            "200": {
                "description": "Every metric, in Prometheus' text format.",
                "content": {"text/plain": {"schema": {"type": "string"}}},
            }
        }
    ),
)
async def show_metrics(state: State) -> Response[bytes]:
    found = families()
    async with anyio.create_task_group() as group:
        for project in state.projects.all:
            group.start_soon(_tell, Samples(found, project.id), project)
    text = await anyio.to_thread.run_sync(state.projects.metrics.text, found)
    return Response(text, media_type=FORMAT)


async def _tell(samples: Samples, project: Project) -> None:
    """All that is known of a film now; of one that is away, that it is."""
    samples.tell("takes_problems", len(problems_of(project)))
    for look in ("first", "patient"):
        samples.tell("takes_decoders_killed_total", project.decoders.killed[look], look)
    try:
        _tell_parts(samples, project.parts)
        _tell_studio(samples, project.parts)
        figures = await project.figures()
    except Exception as error:  # noqa: BLE001 - one film may hide no other; it is told as a number
        if not isinstance(error, ProjectSuspended):
            log.warning("no figures", project=project.id, why=str(error))
        figures = None
    samples.tell("takes_project_live", project.state == "live")
    samples.tell("takes_project_answers", figures is not None)
    if figures:
        _tell_figures(samples, figures)


def _tell_parts(samples: Samples, parts: Parts) -> None:
    """What is in memory."""
    health, notes, now = parts.scheduler.health, parts.reconciler.notes, parts.mailbox.clock()
    samples.tell("takes_not_taken", len(notes.not_taken) + len(notes.strays))
    samples.tell("takes_waiting", notes.waits, FILE)
    samples.tell("takes_waiting_seconds", now - min(notes.since.values(), default=now), FILE)
    samples.tell("takes_losses_total", health.losses)
    samples.tell("takes_missed_total", health.missed)
    if scan := health.last_scan:
        samples.tell("takes_scan_seconds", scan.seconds)
        samples.tell("takes_scan_age_seconds", now - scan.ended)
    for one in parts.projector.standings():
        samples.tell("takes_projection_behind", one.behind, one.name)


def _tell_studio(samples: Samples, parts: Parts) -> None:
    """Where the log ends, and how the database is that has it, where there is one."""
    samples.tell("takes_log_position", parts.log.head)
    if studio := standing_of(parts):
        samples.tell("takes_studio_answers", studio.away is None)
        samples.tell("takes_studio_behind", studio.behind)
        samples.tell("takes_shards_held", studio.shards)


def _tell_figures(samples: Samples, figures: Figures) -> None:
    """What the index and the disk say."""
    for name, total in figures.totals.items():
        if "." in name:
            samples.tell("takes_events_total", total, name)
    for source in SOURCES:
        samples.tell("takes_numbered_total", figures.totals.get(source, 0), source)
    samples.tell("takes_bytes_total", figures.totals.get("bytes", 0))
    samples.tell("takes_purged_bytes_total", figures.totals.get("purged bytes", 0))
    samples.tell("takes_disk_bytes", figures.size)
    samples.tell("takes_disk_left_bytes", figures.left)
    making, now = {one.source: one for one in figures.making}, datetime.now(UTC)
    for source in SOURCES:
        one = making.get(source)
        samples.tell("takes_waiting", one.count if one else 0, source)
        since = datetime.fromisoformat(one.oldest) if one else now
        samples.tell("takes_waiting_seconds", max(0.0, (now - since).total_seconds()), source)
