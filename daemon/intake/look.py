"""Looking into a take's file: what it holds and what its recipe says; then it is the take's for good."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from daemon.disk import crash_points
from daemon.intake.arrival import Placed, Work
from daemon.intake.completion import was_accepted
from daemon.metrics import Steps
from daemon.protection.freezing import Freezer, Frozen, Whole
from daemon.sequences.look import FrameInspector, SequenceLook
from daemon.sequences.place import is_sequence
from events import Params, Take
from projections.artifacts.large_recipes import PACKED
from projections.files.threads import in_thread
from projections.layout import FRAMES
from projections.media.errors import Undecodable
from projections.media.jobs import Inspection


class Inspector(FrameInspector, Protocol):
    """Looks into media files and their recipes."""

    async def inspect(
        self, path: Path, *, name: str, patient: bool = False, draw: bool = False
    ) -> Inspection:
        """What the file holds; `name` is what it was called when it was dropped. With `draw` the look goes on to
        its picture and sound.
        """

    async def inspect_each(self, files: Sequence[tuple[Path, str]]) -> Sequence[Inspection | None]:
        """What small files hold, each with its name, and their pictures; None for each that is to be looked into alone."""

    async def recipe(self, path: Path, *, name: str, patient: bool = False) -> Params:
        """The parameters in the recipe that lies beside that file."""


class TakeLook:
    """Looks into the takes of one project; frames have so many a second where nothing else says it."""

    def __init__(self, inspector: Inspector, freezer: Freezer, rate: float, steps: Steps) -> None:
        self._inspector = inspector
        self._freezer = freezer
        self._sequences = SequenceLook(inspector, freezer, rate)
        self._steps = steps

    async def look(self, work: Work, placed: Placed, rate: object) -> tuple[Inspection, Frozen] | None:
        """Look into the file, make it read-only and keep its bytes; None where it is not what it was before."""
        path, called = work.folder / placed.entry.name, work.called(placed.entry.name)
        is_adopted = work.take.source.kind == "adopted"
        as_it_is = is_adopted and await in_thread(was_accepted, work.shot, work.take, work.folder)
        if is_sequence(work.take.source):
            known = placed.known(work.take)
            with self._steps.time("look"):
                return await self._sequences.look(
                    path, called, rate, known, patient=work.patient, as_it_is=as_it_is
                )
        with self._steps.time("look"):
            if as_it_is:
                look = await self._inspector.inspect_as_it_is(path, name=called)
            else:
                look = await self._inspector.inspect(path, name=called, patient=work.patient, draw=True)
        crash_points.point("looked")
        with self._steps.time("keep"):
            frozen = await self._freeze(work.take, path, placed, look)
        crash_points.point("frozen")
        return (look, frozen) if frozen else None

    async def look_as_it_is(
        self, take: Take, path: Path, placed: Placed, name: str, rate: object
    ) -> tuple[Inspection, Frozen] | None:
        """What can be found in that file, or in the frames of which it is the list, and how it is kept."""
        if path.name.endswith(FRAMES):
            known = placed.known(take)
            return await self._sequences.look(path, name, rate, known, patient=True, as_it_is=True)
        look = await self._inspector.inspect_as_it_is(path, name=name)
        frozen = await self._freeze(take, path, placed, look)
        return (look, frozen) if frozen else None

    async def look_each(
        self, brought: Sequence[tuple[Work, Placed]]
    ) -> list[tuple[Work, Placed, Inspection, Frozen]]:
        """Do the same of small files, step by step for all; those that are kept then."""
        names = [placed.entry.name for _, placed in brought]
        files = [
            (work.folder / name, work.called(name)) for (work, _), name in zip(brought, names, strict=True)
        ]
        with self._steps.time_each("look", len(files)):
            looks = await self._inspector.inspect_each(files)
        crash_points.point("looked")
        return await self._freeze_each(
            [(*one, look) for one, look in zip(brought, looks, strict=True) if look]
        )

    async def recipe(self, path: Path | None, take: Take, *, patient: bool) -> tuple[Params, str | None]:
        """What the recipe at that path says, which goes before what the media is labelled with; or why it does not.

        The whole of it where it is packed.
        """
        trouble = None
        for one in (path.with_name(path.name + PACKED), path) if path else ():
            try:
                return await self._inspector.recipe(one, name=take.source.name or "", patient=patient), None
            except (Undecodable, FileNotFoundError, PermissionError) as error:
                trouble = f"its recipe was not read: {error}"
        return {}, trouble

    async def _freeze(self, take: Take, path: Path, placed: Placed, look: Inspection) -> Frozen | None:
        return await self._freezer.freeze(path, placed.entry.identity, placed.known(take, look))

    async def _freeze_each(
        self, seen: Sequence[tuple[Work, Placed, Inspection]]
    ) -> list[tuple[Work, Placed, Inspection, Frozen]]:
        files = [
            Whole(work.folder / placed.entry.name, placed.entry.identity, placed.known(work.take, look))
            for work, placed, look in seen
        ]
        with self._steps.time_each("keep", len(files)):
            kept = await self._freezer.freeze_each(files)
        crash_points.point("frozen")
        return [(*one, frozen) for one, frozen in zip(seen, kept, strict=True) if frozen]
