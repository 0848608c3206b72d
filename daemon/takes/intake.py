"""The intake: a take whose number is given becomes a completed one, or a failed one.

Every step can be done again: after a crash the take is found in the log, and goes on where it was. So plain stills of a
burst are done together, and whatever else one turns out to be is found when it is done alone.
"""

from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Protocol

import structlog

from daemon.config.policies import Policies
from daemon.disk import crash_points
from daemon.disk.marker import Marker
from daemon.metrics import Steps
from daemon.protection.keeper import Frozen, Keeper, Whole
from daemon.runners.runner import Made
from daemon.sequences.look import SequenceLook
from daemon.sequences.place import is_sequence
from daemon.shots.shots import Origin, Rule, Shots
from daemon.takes.arrival import Beside, Placed, Work, bring, bring_beside
from daemon.takes.completion import Told, is_told, params_of, rule_of, tell, was_accepted
from daemon.takes.place import DropGone, give_back
from daemon.watching.mailbox import Mailbox
from daemon.watching.scan import Entry
from events import Companion, Params, Take, TakeIsSettled, TakeKey
from events.shot import fail
from projections.artifacts.large_recipes import PACKED
from projections.artifacts.store import Store
from projections.board import Board
from projections.files.hashing import sha256_of
from projections.files.threads import in_thread
from projections.files.together import Together, each
from projections.layout import companion_role, kind_of, take_path, takes_path
from projections.media.errors import Undecodable
from projections.media.jobs import Inspection

log = structlog.get_logger()

AWAY = 60.0
"""Seconds after which a take whose file was placed, and is away with its folder, counts as removed."""


SMALL = 1 << 20
"""Bytes of a still that waits for others, and has them wait, for a moment only."""


class Inspector(Protocol):
    """Looks into a media file, in another process; raises Undecodable."""

    async def inspect(
        self, path: Path, *, name: str, patient: bool = False, draw: bool = False
    ) -> Inspection:
        """What the file holds; `name` is what it was called when it was dropped. With `draw` the look goes on to its picture and sound."""

    async def inspect_as_it_is(self, path: Path, *, name: str) -> Inspection:
        """The same, or what can be told of it where nobody can look into it."""

    async def inspect_each(self, files: Sequence[tuple[Path, str]]) -> Sequence[Inspection | None]:
        """What small files hold, each with its name, and their pictures; None for each that is to be looked into alone."""

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
        work = await self._work(TakeKey(stream, number), made, patient=patient)
        if work.take.status != "generating":
            return True
        crash_points.point("created")
        rule = await self._make(work)
        if rule is None:
            return False
        with suppress(TakeIsSettled), self._steps.time("complete"):  # as it was before a crash
            await self._shots.change(stream, rule, _origin(work.take))
        crash_points.point("completed")
        self._note_settled(work)
        return True

    async def finish_each(self, keys: Sequence[TakeKey]) -> Sequence[TakeKey]:
        """Do the same with plain stills, step by step for all of them; those that are finished then.

        Of the others nothing is said: what is wrong with one is found when it is done alone.
        """
        works = [await self._work(key) for key in keys]
        crash_points.point("created")
        rules = await self._make_each([one for one in works if one.take.status == "generating"])
        with self._steps.time_each("complete", len(rules)):
            changes = [(work.key, rule, _origin(work.take)) for work, rule in rules]
            came = await self._shots.change_each(changes)
        settled = [
            work
            for (work, _), error in zip(rules, came, strict=True)
            if error is None or isinstance(error, TakeIsSettled)
        ]
        crash_points.point("completed")
        for work in settled:
            self._note_settled(work)
        return [work.key for work in settled]

    async def _work(self, key: TakeKey, made: Made | None = None, *, patient: bool = False) -> Work:
        shot = await self._shots.load(key.stream)
        folder = self._root / take_path(shot.path, key.number)
        return Work(shot, shot.takes[key.number], folder, made, patient)

    def _note_settled(self, work: Work) -> None:
        """The log says how it ended."""
        shot, number = work.shot, work.take.number
        self._seen.pop(work.key, None)
        status = shot.takes[number].status
        log.info("take finished", shot=shot.path, take=number, status=status)
        if status == "failed":
            self._mailbox.look_at(shot.path)  # whose folder is watched then: it may well be saved over

    async def _make_each(self, works: Sequence[Work]) -> list[tuple[Work, Rule]]:
        """Do what is to be done on disk for all that are as plain as they seem; the rules that say how those ended."""
        kept = await self._keep_each(await self._look_each(await self._bring_each(works)))
        params = [params_of(work.take, look, {}, None) for work, _, look, _ in kept]
        told = await self._tell_each([(one[0], said) for one, said in zip(kept, params, strict=True)])
        active = self._policies.auto_activate
        return [
            (one[0], rule_of(*one, said, auto_activate=active))
            for one, said in zip(kept, told, strict=True)
            if isinstance(said, Told)
        ]

    async def _bring_each(self, works: Sequence[Work]) -> list[tuple[Work, Placed]]:
        for work in works:
            self._note_ours(work)
        with self._steps.time_each("place", len(works)):
            brought = await in_thread(each, self._bring_all, works)
        return [
            (work, one[0])
            for work, one in zip(works, brought, strict=True)
            if not (isinstance(one, Exception) or one[0].is_busy or one[1].companions or one[1].recipe)
        ]

    async def _look_each(
        self, brought: Sequence[tuple[Work, Placed]]
    ) -> list[tuple[Work, Placed, Inspection]]:
        names = [placed.entry.name for _, placed in brought]
        files = [
            (work.folder / name, work.called(name)) for (work, _), name in zip(brought, names, strict=True)
        ]
        with self._steps.time_each("look", len(files)):
            looks = await self._inspector.inspect_each(files)
        crash_points.point("looked")
        return [(*one, look) for one, look in zip(brought, looks, strict=True) if look]

    async def _keep_each(
        self, seen: Sequence[tuple[Work, Placed, Inspection]]
    ) -> list[tuple[Work, Placed, Inspection, Frozen]]:
        files = [
            Whole(work.folder / placed.entry.name, placed.entry.identity, placed.known(work.take, look))
            for work, placed, look in seen
        ]
        with self._steps.time_each("keep", len(files)):
            kept = await self._keeper.keep_each(files)
        crash_points.point("frozen")
        return [(*one, frozen) for one, frozen in zip(seen, kept, strict=True) if frozen]

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
        source = work.take.source
        self._note_ours(work)
        if source.kind == "drop" and not (source.is_folder or source.companions or source.recipe):
            return await self._together.do(work)
        return await in_thread(self._bring_all, work)

    def _note_ours(self, work: Work) -> None:
        """Nobody need look since the file goes, and the take's folder comes."""
        source, folder = work.take.source, take_path(work.shot.path, work.take.number)
        if is_sequence(source):
            self._mailbox.ours(folder)  # another folder of the dropped one's name may come at once
        elif not work.take.is_awaited:
            self._mailbox.ours(f"{takes_path(work.shot.path)}/{source.name}", folder)

    def _bring_all(self, work: Work) -> tuple[Placed, Beside]:
        placed = bring(work.shot, work.take, work.folder, work.made)
        self._seen[work.key] = self._mailbox.clock()
        return placed, bring_beside(work.shot, work.take, work.folder, placed.entry.name)

    async def _complete(self, work: Work, placed: Placed, beside: Beside) -> Rule | None:
        """Look into the file and keep it; the rule that says what it is, None where it is another one by then."""
        take = work.take
        companions = await _hashed(work, beside.companions)
        recipe, trouble = await self.read(beside.recipe, take, patient=work.patient)
        found = await self._look(work, placed, recipe.get("frameRate"))
        if found is None:
            return None
        look, frozen = found
        (told,) = await self._tell_each([(work, params_of(take, look, recipe, work.made))])
        if isinstance(told, Exception):
            raise told
        active = self._policies.auto_activate
        return rule_of(work, placed, look, frozen, told, trouble, companions, auto_activate=active)

    async def _tell_each(self, asked: Sequence[tuple[Work, Params]]) -> Sequence[Told | Exception]:
        """What else the log is told of each; the disk is asked where it can have anything to say."""

        def ask(one: tuple[Work, Params]) -> Told:
            return tell(self._root, one[0].shot, one[0].take, one[1]) if is_told(*one) else Told()

        if not any(is_told(*one) for one in asked):
            return [Told()] * len(asked)
        return await in_thread(each, ask, asked)

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


def _origin(take: Take) -> Origin:
    """Because of what it is settled: that it has its number."""
    return Origin("watcher", take.created_by)


def is_plain(take: Take) -> bool:
    """Whether it is a small still that was dropped alone, as those of a burst are: it may be finished with others."""
    source, name = take.source, take.source.name or ""
    is_alone = not (source.companions or source.recipe or source.supersedes or is_sequence(source))
    is_small = source.identity is not None and source.identity.size < SMALL
    return (
        source.kind == "drop" and is_alone and is_small and kind_of(name) == "image" and not take.is_accepted
    )


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
