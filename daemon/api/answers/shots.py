"""Shots: what the index has of each, how long its active take is, and the colour of that one's picture."""

from collections.abc import Mapping, Sequence

from daemon.api.answers.colours import colours_of
from daemon.api.views.takes import ShotView, shot_view
from daemon.project.project import Project
from events import TakeKey
from projections.index.rows import ShotRow


async def views_of_all(project: Project) -> list[ShotView]:
    """All of a project as they are now, in story order."""
    index = project.parts.index
    return await views_of(project, await index.shots(), await index.lengths())


async def view_of(project: Project, shot: ShotRow) -> ShotView:
    """That one as it is now."""
    (view,) = await views_of(project, [shot], await project.parts.index.lengths(shot.id))
    return view


async def views_of(
    project: Project, shots: Sequence[ShotRow], lengths: Mapping[int, float]
) -> list[ShotView]:
    """Those, as they are or as they were, with the lengths of their active takes by their ids."""
    active = [TakeKey(shot.stream, shot.active) for shot in shots if shot.active]
    colours = await colours_of(project, active)
    return [shot_view(shot, lengths, colours) for shot in shots]
