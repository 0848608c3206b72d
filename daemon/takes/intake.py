"""The intake: a take whose number is given becomes a completed one, or a failed one.

Every step can be done again: after a crash the take is found in the log, and goes on where it was.
"""

from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Protocol

import structlog
from msgspec import Struct

from daemon.config.policies import Policies
from daemon.disk import crash_points
from daemon.disk.marker import Marker
from daemon.metrics import Steps
from daemon.protection.keeper import Frozen, Keeper
from daemon.runners.runner import Made
from daemon.sequences.look import SequenceLook
from daemon.sequences.place import is_sequence
from daemon.shots.shots import Origin, Rule, Shots
from daemon.takes.arrival import Beside, Placed, bring, bring_beside
from daemon.takes.completion import (
    Told,
    left_by,
    media_found,
    params_of,
    resources_of,
    tell,
    was_accepted,
)
from daemon.takes.place import DropGone, give_back
from daemon.watching.mailbox import Mailbox
from daemon.watching.scan import Entry
from events import Companion, Params, Shot, Take, TakeIsSettled, TakeKey
from events.shot import complete, fail
from projections.artifacts.large_recipes import PACKED
from projections.artifacts.store import Store
from projections.board import Board
from projections.files.hashing import sha256_of
from projections.files.threads import in_thread
from projections.files.together import Together, each
from projections.layout import companion_role, take_path, takes_path
from projections.media.errors import Undecodable
from projections.media.jobs import Inspection

log = structlog.get_logger()

AWAY = 60.0
"""Seconds after which a take whose file was placed, and is away with its folder, counts as removed."""


class Work(Struct, frozen=True):
    """A take that is being made in its `folder`: `made` is what a runner has made for it, or else it was dropped.

    Where it is `patient`, it has all the time of a decoder that there is.
    """

    shot: Shot
    take: Take
    folder: Path
    made: Made | None
    patient: bool

    @property
    def key(self) -> TakeKey:
        return TakeKey(self.shot.stream, self.take.number)

    def called(self, name: str) -> str:
        """What the file was called that is called so now."""
        return self.take.source.name or (self.made.path.name if self.made else name)


class Inspector(Protocol):
    """Looks into a media file, in another process; raises Undecodable."""

    async def inspect(
        self, path: Path, *, name: str, patient: bool = False, draw: bool = False
    ) -> Inspection:
        """What the file holds; `name` is what it was called when it was dropped. With `draw` the look goes on to its picture and sound."""

    async def inspect_as_it_is(self, path: Path, *, name: str) -> Inspection:
        """The same, or what can be told of it where nobody can look into it."""

    async def recipe(self, path: Path, *, name: str, patient: bool = False) -> Params:
        """The parameters in the recipe that lies beside that file."""


class Intake:
    """Finishes the takes of one project."""

    def __init__(
        self,
        root: Path,
        marker: Marker,
        shots: Shots,
        inspector: Inspector,
        mailbox: Mailbox,
        store: Store,
        policies: Policies,
        board: Board,
        steps: Steps,
    ) -> None:
        self._root = root
        self._marker = marker
        self._shots = shots
        self._inspector = inspector
        self._mailbox = mailbox
        self._policies = policies
        self._steps = steps
        self._keeper = Keeper(root, store, board)
        self._sequences = SequenceLook(inspector, self._keeper, policies.config.sequences.rate)
        self._seen: dict[TakeKey, float] = {}
        self._together = Together(partial(each, self._bring_all))

    async def finish(
        self, stream: str, number: int, made: Made | None = None, *, patient: bool = False
    ) -> bool:
        """Place the take's file, look into it, and say what became of it; False while somebody writes it.

        `made` is what a runner has made for it; otherwise it is the file that was dropped. NeedsMore where it takes
        more than a first look has, unless it is `patient`.
        """
        shot = await self._shots.load(stream)
        take = shot.takes[number]
        if take.status != "generating":
            return True
        crash_points.point("created")
        rule = await self._make(Work(shot, take, self._root / take_path(shot.path, number), made, patient))
        if rule is None:
            return False
        with suppress(TakeIsSettled), self._steps.time("complete"):  # as it was before a crash
            await self._shots.change(stream, rule, Origin("watcher", take.created_by))
        crash_points.point("completed")
        self._seen.pop(TakeKey(stream, number), None)
        log.info("take finished", shot=shot.path, take=number, status=shot.takes[number].status)
        if shot.takes[number].status == "failed":
            self._mailbox.look_at(shot.path)  # whose folder is watched then: it may well be saved over
        return True

    async def _make(self, work: Work) -> Rule | None:
        """Do what is to be done on disk; the rule that says how it ended, None where it has not."""
        entry: Entry | None = None
        try:
            with self._steps.time("place"):
                placed, beside = await self._bring(work)
            entry = placed.entry
            return None if placed.is_busy else await self._complete(work, placed, beside)
        except (DropGone, FileNotFoundError) as error:
            if not await self._is_gone(work, error):
                return None
            reason = f"{work.take.source.name} was removed or replaced before it could be taken"
        except Undecodable as error:
            await in_thread(give_back, work.shot, work.take, work.folder)
            reason = error.reason
        return partial(
            fail,
            number=work.take.number,
            error=reason,
            name=entry.name if entry else None,
            identity=entry.identity if entry else None,
            auto_activate=self._policies.auto_activate,
        )

    async def _is_gone(self, work: Work, error: DropGone | FileNotFoundError) -> bool:
        """Whether the take's file is gone for good, and not only away for a moment."""
        if work.take.is_awaited:
            return False  # what was there is not any more: a file is waited for as before
        await in_thread(self._marker.check)
        if not await in_thread(work.folder.parent.is_dir):
            raise error  # the whole shot is gone, or has moved: the take goes on where it turns up
        return isinstance(error, DropGone) and not await self._may_come_back(work)

    async def _may_come_back(self, work: Work) -> bool:
        """Whether the take's file is away with its folder, where it was placed a moment ago."""
        seen = self._seen.get(work.key, -AWAY)
        return self._mailbox.clock() - seen < AWAY and not await in_thread(work.folder.is_dir)

    async def _bring(self, work: Work) -> tuple[Placed, Beside]:
        """Have all of it in its folder."""
        source, takes = work.take.source, takes_path(work.shot.path)
        folder = take_path(work.shot.path, work.take.number)
        if is_sequence(source):
            self._mailbox.ours(folder)  # another folder of the dropped one's name may come at once
        elif not work.take.is_awaited:
            self._mailbox.ours(f"{takes}/{source.name}", folder)
        if source.kind == "drop" and not (source.is_folder or source.companions or source.recipe):
            return await self._together.do(work)
        return await in_thread(self._bring_all, work)

    def _bring_all(self, work: Work) -> tuple[Placed, Beside]:
        placed = bring(work.shot, work.take, work.folder, work.made)
        self._seen[work.key] = self._mailbox.clock()
        return placed, bring_beside(work.shot, work.take, work.folder, placed.entry.name)

    async def _complete(self, work: Work, placed: Placed, beside: Beside) -> Rule | None:
        """Look into the file and keep it; the rule that says what it is, None where it is another one by then."""
        take, name = work.take, placed.entry.name
        companions = await _hashed(work, beside.companions)
        recipe, trouble = await self.read(beside.recipe, take, patient=work.patient)
        found = await self._look(work, placed, recipe.get("frameRate"))
        if found is None:
            return None
        look, frozen = found
        told = await self._tell(work, params_of(take, look, recipe, work.made))
        return partial(
            complete,
            number=take.number,
            media=media_found(name, look),
            params=told.params or None,
            left_out=told.left_out or None,
            recipe_error=trouble or (look.unread and f"its labels were not read: {look.unread}"),
            resources=told.cost or resources_of(take, work.made),
            refused=look.refused,
            identity=frozen.file,
            kept=frozen.kept,
            companions=companions,
            left=left_by(work.made),
            auto_activate="never" if told.linked else self._policies.auto_activate,
            is_linked=told.linked == take.number,
        )

    async def _tell(self, work: Work, params: Params) -> Told:
        """What else the log is told; the disk is asked where it can have anything to say."""
        if not params and work.shot.active is not None and work.take.source.kind != "adopted":
            return Told()
        return await in_thread(tell, self._root, work.shot, work.take, params)

    async def _look(self, work: Work, placed: Placed, rate: object) -> tuple[Inspection, Frozen] | None:
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
            frozen = await self.keep(work.take, path, placed, look)
        crash_points.point("frozen")
        return (look, frozen) if frozen else None

    async def keep(self, take: Take, path: Path, placed: Placed, look: Inspection) -> Frozen | None:
        """Have the file be the take's for good; None where it is not what was looked at, or somebody writes it."""
        return await self._keeper.keep(path, placed.entry.identity, placed.known(take, look))

    async def keep_frames(
        self, take: Take, path: Path, placed: Placed, name: str, rate: object
    ) -> tuple[Inspection, Frozen] | None:
        """Have frames be the take's for good as they are, whose list is at that path."""
        known = placed.known(take)
        return await self._sequences.look(path, name, rate, known, patient=True, as_it_is=True)

    async def read(self, path: Path | None, take: Take, *, patient: bool) -> tuple[Params, str | None]:
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


async def _hashed(work: Work, companions: Sequence[Entry]) -> list[Companion]:
    """The other files of a render, with their hashes."""
    dropped = {one.role: one.name for one in work.take.source.companions}
    return [
        Companion(
            role=role,
            name=one.name,
            identity=one.identity,
            sha256=await sha256_of(work.folder / one.name),
            origin=dropped.get(role),
        )
        for one in companions
        if (role := companion_role(one.name))
    ]
