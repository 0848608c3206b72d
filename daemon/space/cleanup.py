"""The clean-up: takes that are not worth their bytes any more are given up, by a policy or because somebody asks.

A take is purged only if its file is still what the log says. The log says it first, naming the file, and the
file goes after: were it the other way round, a kill in between would leave a log that tells of bytes which
are not there, and the next scan would say that somebody had removed them.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import anyio
import structlog

from daemon.config.policies import Policies
from daemon.config.table import CleanupConfig, Policy
from daemon.disk import crash_points
from daemon.disk.marker import Marker
from daemon.protection.overwrites import Overwrites
from daemon.shots.shots import Origin, Shots
from daemon.space.checks import NotPurged, check
from daemon.space.plan import Candidate, Plan, hashes_of, measure, see_what_went
from daemon.space.policy import choose
from daemon.space.purge import Purged
from events import EventLog, Refused, StaleVersion, TakeKey, TakesError
from events.shot import purge
from projections.artifacts.frame_lists import holders
from projections.board import Board
from projections.files.threads import in_thread
from projections.index.index import Index
from projections.index.loading import ALL
from projections.keeping import EVERYTHING, Keeping
from projections.projector import Projector

log = structlog.get_logger()

POLICY = Origin("policy")

PATIENCE = 10.0
"""Seconds that other machines have to remove what is purged in the shots that they keep, before it is told as left."""


class NoPolicy(Refused):
    """Raised when a clean-up is asked for, and nothing says of what."""

    hint = "Say which takes may go, such as `takes cleanup --deleted-after 7d`, or set [cleanup] in the configuration."

    def __init__(self) -> None:
        super().__init__("no policy says which takes may go")


class PlanChanged(Refused):
    """Raised when other takes would be purged than those that were shown."""

    hint = "Look at the list again."

    def __init__(self) -> None:
        super().__init__("other takes would be purged by now than those that were shown")


def _now() -> datetime:
    return datetime.now(UTC)


class Cleanup:
    """Cleans one project up; the board tells what the last clean-up by the policy could not purge, and why."""

    def __init__(
        self,
        root: Path,
        policies: Policies,
        board: Board,
        marker: Marker,
        log: EventLog,
        index: Index,
        shots: Shots,
        projector: Projector,
        overwrites: Overwrites,
        clock: Callable[[], datetime] = _now,
        keeping: Keeping = EVERYTHING,
    ) -> None:
        self._root = root
        self._board = board
        self._policies = policies
        self._marker = marker
        self._log = log
        self._index = index
        self._shots = shots
        self._projector = projector
        self._overwrites = overwrites
        self._clock = clock
        self._keeping = keeping
        self._at_work = anyio.Lock()

    @property
    def policy(self) -> CleanupConfig:
        """What the configuration says."""
        return self._policies.cleanup

    async def run(self, ready: anyio.Event) -> None:
        """Clean up by the policy every so often, once everything was looked at for the first time."""
        await ready.wait()
        while True:
            policy, changed = self.policy, self._policies.changed
            is_on = not policy.is_off and policy.every_hours
            if is_on:
                await self._clean_by(policy)
            with anyio.move_on_after(policy.every_hours * 3600 if is_on else None):
                await changed.wait()

    async def _clean_by(self, policy: Policy) -> None:
        try:
            self._report((await self.clean(policy, POLICY)).left)
        except (OSError, TakesError) as error:
            self._report({"": str(error)})
            log.warning("clean-up to be tried again", why=str(error))

    def _report(self, left: Mapping[str, str]) -> None:
        self._board.clear_below("clean-up", "")
        for path, why in left.items():
            self._board.report("clean-up", path, f"{path}: not purged: {why}" if path else why)

    async def plan(self, policy: Policy, keeping: Keeping = EVERYTHING) -> Plan:
        """What that policy would purge now of the shots that are kept, and what would come back."""
        if policy.is_off:
            raise NoPolicy
        plan, now = Plan(policy), self._clock()
        for shot in [one for one in await self._index.shots(gone=True) if keeping.keeps(one.stream)]:
            takes = await self._index.takes(shot.id)
            for one in [Candidate(shot, chosen) for chosen in choose(policy, shot, takes, now)]:
                if trouble := self._overwrites.damaged.get(TakeKey(shot.stream, one.take.number)):
                    plan.left[one.path] = f"it is not what it was. {trouble.why}"
                else:
                    plan.candidates.append(one)
        hashes = await in_thread(hashes_of, self._root, plan)
        await in_thread(measure, self._root, plan, await holders(self._root, self._index, hashes))
        return plan

    async def clean(self, policy: Policy, origin: Origin, expected: str | None = None) -> Plan:
        """Purge what that policy chooses; what was purged, and what was not. PlanChanged unless it is as expected."""
        async with self._at_work:
            plan = await self.plan(policy, self._keeping if origin is POLICY else EVERYTHING)
            if expected not in (None, plan.digest):
                raise PlanChanged
            purged, said = [], dict[str, int]()
            for one in plan.candidates:
                try:
                    said[one.shot.stream] = await self._purge(one, policy, origin)
                    purged.append(one)
                except NotPurged as error:
                    plan.left[one.path] = error.reason
            plan.candidates = purged
            await self._projector.catch_up(Purged.name, self._log.head)
            await self._projector.others_catch_up(Purged.name, said, PATIENCE)
            await in_thread(see_what_went, self._root, plan)
        self._tell(plan)
        return plan

    def _tell(self, plan: Plan) -> None:
        if plan.candidates:
            log.info("takes purged", takes=len(plan.candidates), bytes=plan.back)
        for path, reason in plan.left.items():
            log.warning("take not purged", path=path, why=reason)

    async def _purge(self, one: Candidate, policy: Policy, origin: Origin) -> int:
        """Have the log say that it is gone, if it is what the log says and still chosen; at which position. NotPurged."""
        number, stream = one.take.number, one.shot.stream
        file = await check(self._root, one.path, one.take, self._marker)
        media = one.take.read_media()
        size = media.bytes if media else file.size if file else 0
        size += media.frames.bytes if media and media.frames else 0
        rule = partial(purge, number=number, size=size, identity=file)
        cause = f"{origin.cause}:{stream}:{number}" if origin.cause else None
        crash_points.point("checked")
        while True:
            (now,) = await self._index.load({stream: [ALL]})
            still = choose(policy, now.shot, now.takes, self._clock())
            if number not in {chosen.take.number for chosen in still}:
                raise NotPurged("it is not one of those that may go any more")
            try:
                records = await self._shots.change(
                    stream, rule, Origin(origin.actor, cause), expected=now.shot.version
                )
            except StaleVersion:
                await self._index.show(self._log.head)
            else:
                crash_points.point("purged")
                return records[-1].position if records else 0
