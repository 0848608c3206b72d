"""The intake: a take whose number is given becomes a completed one, or a failed one.

Every step can be done again: after a crash the take is found in the log, and goes on where it was.
"""

from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

import structlog

from daemon.config.policies import Policies
from daemon.disk import crash_points
from daemon.disk.marker import Marker
from daemon.intake.arrival import Arrivals, Beside, Placed, Work
from daemon.intake.burst import Bursts
from daemon.intake.completion import params_of, rule_of, tell_each
from daemon.intake.look import TakeLook
from daemon.intake.place import DropGone, give_back
from daemon.metrics import Steps
from daemon.runners.runner import Made
from daemon.shots.shots import Origin, Rule, Shots
from daemon.watching.mailbox import Mailbox
from daemon.watching.scan import Entry
from events import Companion, Take, TakeIsSettled, TakeKey
from events.shot import fail
from projections.files.hashing import sha256_of
from projections.files.threads import in_thread
from projections.layout import companion_role, take_path
from projections.media.errors import Undecodable

log = structlog.get_logger()


class Intake:
    """Finishes the takes of one project."""

    def __init__(
        self,
        root: Path,
        marker: Marker,
        shots: Shots,
        look: TakeLook,
        mailbox: Mailbox,
        policies: Policies,
        steps: Steps,
    ) -> None:
        self._root = root
        self._marker = marker
        self._shots = shots
        self._look = look
        self._mailbox = mailbox
        self._policies = policies
        self._steps = steps
        self._arrivals = Arrivals(mailbox)
        self._bursts = Bursts(root, self._arrivals, look, policies, steps)

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
        rules = await self._bursts.make([one for one in works if one.take.status == "generating"])
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
        self._arrivals.forget(work.key)
        status = shot.takes[number].status
        log.info("take finished", shot=shot.path, take=number, status=status)
        if status == "failed":
            self._mailbox.look_at(shot.path)  # whose folder is watched then: it may well be saved over

    async def _make(self, work: Work) -> Rule | None:
        """Do what is to be done on disk; the rule that says how it ended, None where it has not."""
        entry: Entry | None = None
        try:
            with self._steps.time("place"):
                placed, beside = await self._arrivals.bring(work)
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
        return isinstance(error, DropGone) and not await self._arrivals.may_come_back(work)

    async def _complete(self, work: Work, placed: Placed, beside: Beside) -> Rule | None:
        """Look into the file and keep it; the rule that says what it is, None where it is another one by then."""
        take = work.take
        companions = await _hashed(work, beside.companions)
        recipe, trouble = await self._look.recipe(beside.recipe, take, patient=work.patient)
        found = await self._look.look(work, placed, recipe.get("frameRate"))
        if found is None:
            return None
        look, frozen = found
        (told,) = await tell_each(self._root, [(work, params_of(take, look, recipe, work.made))])
        if isinstance(told, Exception):
            raise told
        active = self._policies.auto_activate
        return rule_of(work, placed, look, frozen, told, trouble, companions, auto_activate=active)


def _origin(take: Take) -> Origin:
    """Because of what it is settled: that it has its number."""
    return Origin("watcher", take.created_by)


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
