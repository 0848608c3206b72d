"""The clean-up: takes that are not worth their bytes any more are given up, by a policy or because somebody asks.

A take is purged only if its file is still what the log says. The log says it first, naming the file, and the
file goes after: were it the other way round, a kill in between would leave a log that tells of bytes which
are not there, and the next scan would say that somebody had removed them.
"""

import hashlib
import os
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Literal

import anyio
import structlog
from msgspec import Struct, field

from daemon.config import CleanupConfig, Policy
from daemon.disk import crash_points
from daemon.disk.fingerprint import identity
from daemon.disk.folders import folder_in
from daemon.disk.marker import Marker
from daemon.protection.overwrites import Overwrites
from daemon.shots import Origin, Shots
from daemon.space.extents import Disk, Occupied, coming_back
from daemon.space.git_objects import GitObjects
from daemon.space.policy import Chosen, choose
from daemon.space.purge import Purged
from events import EventLog, Identity, Refused, StaleVersion, TakesError
from events.shot import purge
from projections.artifacts.objects import object_path
from projections.files.opening import NoFile, open_file
from projections.files.threads import in_thread
from projections.film import take_folder
from projections.index.index import Index
from projections.index.queries import ALL
from projections.index.rows import ShotRow, TakeRow
from projections.projector import Projector

log = structlog.get_logger()

POLICY = Origin("policy")

CHANGED = "it is not what the log says it is"


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


class NotPurged(TakesError):
    """Raised when a take is not purged after all."""

    hint = "`takes verify` tells what has changed."

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class File(Struct):
    """A file that goes: `back` are the bytes that come back with it."""

    path: str
    kind: Literal["media", "object"]
    occupied: Occupied
    back: int = 0


class Candidate(Struct):
    """A take that is to be purged, and its files."""

    shot: ShotRow
    chosen: Chosen
    files: list[File] = field(default_factory=list)

    @property
    def take(self) -> TakeRow:
        return self.chosen.take

    @property
    def path(self) -> str:
        """Where its file is, or would be."""
        return f"{take_folder(self.shot, self.take)}/{self.take.name or ''}".rstrip("/")


class Plan(Struct):
    """What is purged; `left` are those that were chosen and stay, by path, with the reason.

    `staying` are files that share blocks with some that go, `may_share` says that the disk does not tell which do,
    and `in_git` that Git LFS has some of the bytes.
    """

    policy: Policy
    candidates: list[Candidate] = field(default_factory=list)
    left: dict[str, str] = field(default_factory=dict)
    staying: list[Occupied] = field(default_factory=list)
    may_share: bool = False
    in_git: bool = False

    @property
    def digest(self) -> str:
        """What tells these takes from others."""
        takes = sorted(f"{one.shot.stream} {one.take.number}" for one in self.candidates)
        return hashlib.sha256("\n".join(takes).encode()).hexdigest()[:16]

    @property
    def back(self) -> int:
        """The bytes that come back with all of it."""
        return sum(file.back for one in self.candidates for file in one.files)

    @property
    def at_most(self) -> bool:
        """Whether less may come back: a disk says that blocks are shared, and not by how many files."""
        files = [file for one in self.candidates for file in one.files if file.back]
        shared = (extent.shared for file in files for extent in file.occupied.extents)
        return bool(files) and (self.may_share or any(shared))

    def count(self) -> None:
        """Say of each of the files that go what comes back with it; what several share is said of the first."""
        files = [file for one in self.candidates for file in one.files][::-1]
        for file, back in zip(files, coming_back([one.occupied for one in files], self.staying), strict=True):
            file.back = back


def _now() -> datetime:
    return datetime.now(UTC)


class Cleanup:
    """Cleans one project up; `left` is what the last clean-up by the policy could not purge, with the reasons."""

    def __init__(
        self,
        root: Path,
        config: CleanupConfig,
        marker: Marker,
        log: EventLog,
        index: Index,
        shots: Shots,
        projector: Projector,
        overwrites: Overwrites,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self.left: dict[str, str] = {}
        self._root = root
        self._config = config
        self._marker = marker
        self._log = log
        self._index = index
        self._shots = shots
        self._projector = projector
        self._overwrites = overwrites
        self._clock = clock
        self._at_work = anyio.Lock()

    @property
    def policy(self) -> CleanupConfig:
        """What the configuration says."""
        return self._config

    async def run(self, ready: anyio.Event) -> None:
        """Clean up by the policy every so often, once everything was looked at for the first time."""
        if self._config.is_off or not self._config.every_hours:
            return
        await ready.wait()
        while True:
            try:
                self.left = (await self.clean(self._config, POLICY)).left
            except (OSError, TakesError) as error:
                self.left = {"": str(error)}
                log.warning("clean-up to be tried again", why=str(error))
            await anyio.sleep(self._config.every_hours * 3600)

    async def plan(self, policy: Policy) -> Plan:
        """What that policy would purge now, and what would come back."""
        if policy.is_off:
            raise NoPolicy
        plan, now = Plan(policy), self._clock()
        for shot in await self._index.shots(gone=True):
            takes = await self._index.takes(shot.id)
            for one in [Candidate(shot, chosen) for chosen in choose(policy, shot, takes, now)]:
                if trouble := self._overwrites.damaged.get((shot.stream, one.take.number)):
                    plan.left[one.path] = f"it is not what it was. {trouble.why}"
                else:
                    plan.candidates.append(one)
        hashes = {media.sha256 for one in plan.candidates if (media := one.take.read_media())}
        holders = await self._index.holders(hashes) if hashes else {}
        await in_thread(_look, self._root, plan, holders)
        return plan

    async def clean(self, policy: Policy, origin: Origin, expected: str | None = None) -> Plan:
        """Purge what that policy chooses; what was purged, and what was not. PlanChanged unless it is as expected."""
        async with self._at_work:
            plan = await self.plan(policy)
            if expected not in (None, plan.digest):
                raise PlanChanged
            purged = []
            for one in plan.candidates:
                try:
                    await self._purge(one, policy, origin)
                    purged.append(one)
                except NotPurged as error:
                    plan.left[one.path] = error.reason
            plan.candidates = purged
            await self._projector.catch_up(Purged.name, self._log.head)
            await in_thread(_see_what_went, self._root, plan)
        self._tell(plan)
        return plan

    def _tell(self, plan: Plan) -> None:
        if plan.candidates:
            log.info("takes purged", takes=len(plan.candidates), bytes=plan.back)
        for path, reason in plan.left.items():
            log.warning("take not purged", path=path, why=reason)

    async def _purge(self, one: Candidate, policy: Policy, origin: Origin) -> None:
        """Have the log say that it is gone, if it is what the log says and still chosen; NotPurged otherwise."""
        number, stream = one.take.number, one.shot.stream
        file = await in_thread(self._check, one)
        media = one.take.read_media()
        size = media.bytes if media else file.size if file else 0
        rule = partial(purge, number=number, size=size, identity=file)
        cause = f"{origin.cause}:{stream}:{number}" if origin.cause else None
        crash_points.point("checked")
        while True:
            (now,) = await self._index.load({stream: [ALL]})
            still = choose(policy, now.shot, now.takes, self._clock())
            if number not in {chosen.take.number for chosen in still}:
                raise NotPurged("it is not one of those that may go any more")
            try:
                await self._shots.change(stream, rule, Origin(origin.actor, cause), expected=now.shot.version)
            except StaleVersion:
                await self._index.seen.reach(self._log.head)
            else:
                crash_points.point("purged")
                return

    def _check(self, one: Candidate) -> Identity | None:
        """Which file it is that goes, none where the take has none; NotPurged where it is not what the log says."""
        take = one.take
        if take.name is None or take.deleted == "missing":
            self._marker.check()
            return None
        folder, _, name = one.path.rpartition("/")
        try:
            with folder_in(self._root, folder) as place:
                descriptor = open_file(name, within=place)
        except NoFile as error:
            raise NotPurged(CHANGED) from error
        except OSError as error:
            self._marker.check()
            raise NotPurged(f"its file cannot be read: {error.strerror}") from error
        with os.fdopen(descriptor, "rb") as file:
            before = identity(os.fstat(descriptor))
            if reason := _why_not(take, before):
                raise NotPurged(reason)
            media = take.read_media()
            if media and hashlib.file_digest(file, "sha256").hexdigest() != media.sha256:
                raise NotPurged(CHANGED)
            if identity(os.fstat(descriptor)) != before:
                raise NotPurged(CHANGED)
            return before


def _why_not(take: TakeRow, found: Identity) -> str | None:
    """Why that file is not the one that the log knows, as far as its size and its time tell."""
    media, known = take.read_media(), take.read_file()
    if media:
        return None if media.bytes == found.size else CHANGED
    if known is None:
        return "the log does not say which file that is"
    return None if (known.size, known.mtime_ns) == (found.size, found.mtime_ns) else CHANGED


def _look(root: Path, plan: Plan, holders: dict[str, list[str]]) -> None:
    """Find the files of those that are to go; leave out those that are not what the log says."""
    disk, git, chosen, plan.candidates = Disk(root), GitObjects(root), plan.candidates, []
    plan.may_share = disk.may_share
    for one in chosen:
        try:
            one.files = _media(root, disk, one)
        except NotPurged as error:
            plan.left[one.path] = error.reason
        else:
            plan.candidates.append(one)
    going = {one.path for one in plan.candidates}
    needed = {sha256: [path for path in paths if path not in going] for sha256, paths in holders.items()}
    for sha256, one in {
        media.sha256: one for one in plan.candidates if (media := one.take.read_media())
    }.items():
        own = disk.look(root / object_path(sha256))
        others, of_git = needed.get(sha256, []), git.find(sha256)
        stays = [disk.look(root / path) for path in (*others, of_git) if path]
        plan.in_git = plan.in_git or of_git is not None
        if own and others:
            stays.append(own)
        elif own:
            one.files.append(File(object_path(sha256), "object", own))
        plan.staying += [each for each in stays if each]
    plan.count()


def _media(root: Path, disk: Disk, one: Candidate) -> list[File]:
    """The take's file, in a list; NotPurged where something else is in its place."""
    if one.take.name is None or one.take.deleted == "missing":
        return []
    folder, _, name = one.path.rpartition("/")
    try:
        with folder_in(root, folder) as place:
            found = os.stat(name, dir_fd=place, follow_symlinks=False)
    except OSError as error:
        raise NotPurged(f"its file cannot be read: {error.strerror}") from error
    if not stat.S_ISREG(found.st_mode):
        raise NotPurged("a link, or something else that is no file, is in its place")
    if reason := _why_not(one.take, identity(found)):
        raise NotPurged(reason)
    occupied = disk.look(root / one.path)
    return [File(one.path, "media", occupied)] if occupied else []


def _see_what_went(root: Path, plan: Plan) -> None:
    """Count what came back: not what could not be removed, nor an object that a take needs which was not purged."""
    for one in plan.candidates:
        for file in [file for file in one.files if os.path.lexists(root / file.path)]:
            if file.kind == "media":
                plan.left[file.path] = "it is purged, and its file is still there"
            plan.staying.append(file.occupied)
            one.files.remove(file)
    plan.count()
