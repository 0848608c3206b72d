"""Reconciling: what lies in one shot's folder against what the log says of it.

What is on disk and not in the log becomes an event; what is in the log and not on disk is missed, and
only after a while said to be gone.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from msgspec import Struct

from daemon.config.table import Config
from daemon.disk.marker import Marker
from daemon.protection.overwrites import Overwrites
from daemon.shots.files import expected, failed_files_of, files_of, media_of
from daemon.shots.identity import Identities
from daemon.shots.shots import FILESYSTEM, Rule, Shots
from daemon.takes.drops import Drops
from daemon.takes.findings import Findings, Notes
from daemon.takes.folders import TakeFolders
from daemon.watching.resting import Resting
from daemon.watching.scan import NOT_PULLED, Entry, Known, Seen, look
from daemon.watching.settling import AGAIN
from daemon.watching.spelling import is_misspelled
from events import Shot, Source, StaleVersion, TakeKey
from events.shot import activate, delete, restore
from projections.artifacts.active_link import ActiveLink
from projections.files.threads import in_thread
from projections.git.lfs import is_pointer
from projections.index.index import Index
from projections.keeping import EVERYTHING, Keeping
from projections.layout import media_path, take_name, take_path
from projections.projector import Projector
from projections.worktree import under_way

UNDER_WAY_AGAIN = 2.0
"""Seconds between two looks at what git has brought, while it is not through."""

LINK_AGAIN = 1.0
"""Seconds after which a link is looked at again that did not lead to the active take."""

BELIEVED_AGAIN = 10.0
"""Seconds after which a link is looked at again that may be an old one, from before this machine took the shot over."""


class Outcome(Struct, frozen=True):
    """A shot that was looked at, None where it is not there; its takes to be finished; in how many seconds to look again.

    Where drops are left, it is looked at sooner if few are to be finished any more.
    """

    shot: Shot | None
    to_finish: Sequence[int]
    again: float | None
    has_left: bool = False


ELSEWHERE = Outcome(None, (), None)
"""There is nothing to be done here."""


class Reconciler:
    """Brings a project's log and its shots together, one shot at a time."""

    def __init__(
        self,
        root: Path,
        config: Config,
        marker: Marker,
        index: Index,
        shots: Shots,
        projector: Projector,
        drops: Drops,
        folders: TakeFolders,
        resting: Resting,
        overwrites: Overwrites,
        clock: Callable[[], float],
        keeping: Keeping = EVERYTHING,
    ) -> None:
        self.notes = Notes()
        self._drops = drops
        self._folders = folders
        self._resting = resting
        self._clock = clock
        self._root = root
        self._scan_every = config.scan_every
        self._marker = marker
        self._identities = Identities(root, index, shots)
        self._shots = shots
        self._projector = projector
        self._overwrites = overwrites
        self._keeping = keeping
        self._missing: dict[TakeKey, float] = {}

    async def reconcile(self, path: str) -> Outcome:
        """Deal with all that is different in one shot; NotKept where that is not, or not any more, for us to do."""
        known = await self._shots.at(path)
        if known and self._keeping.keeps(known.stream):
            with self._keeping.work(known.stream):
                return await self._reconcile(path, known)
        if not self._keeping.keeps_film:
            return ELSEWHERE
        with self._keeping.work_on_film():
            return await self._see_which(path, known)

    async def _see_which(self, path: str, known: Shot | None) -> Outcome:
        """Have the log say which shot lies there that was not known, or is another machine's work."""
        seen = await in_thread(self._look_for_sure, path, expected(known) if known else ())
        if seen is None or seen.is_misspelled:
            return await self._miss_all(path, None) if seen is None else ELSEWHERE
        shot = await self._identities.shot_of(seen, known)
        if not self._keeping.keeps(shot.stream):
            return ELSEWHERE
        with self._keeping.work(shot.stream):
            return await self._compare(shot, begun(shot), await self._look(path, expected(shot)) or seen, 0)

    async def _reconcile(self, path: str, known: Shot) -> Outcome:
        mended = self._projector.position(ActiveLink.name, known.stream)
        moving = begun(known)
        seen = await in_thread(self._look_for_sure, path, expected(known))
        if seen is None:
            return await self._miss_all(path, known)
        if seen.is_misspelled:
            return ELSEWHERE
        if known.inode == seen.inode:
            return await self._compare(known, moving, seen, mended)
        with self._keeping.work_on_film():
            shot = await self._identities.shot_of(seen, known)
        if shot is known:
            return await self._compare(known, moving, seen, mended)
        with self._keeping.work(shot.stream):  # of which nothing was mended yet
            return await self._compare(shot, begun(shot), await self._look(path, expected(shot)) or seen, 0)

    async def _compare(self, shot: Shot, moving: Sequence[Source], seen: Seen, mended: int) -> Outcome:
        """Deal with what is different between that shot, whose link was mended up to that position, and what was seen."""
        path = seen.path
        self._projector.look_again(shot.stream)
        findings = Findings(dict(seen.not_taken))
        await self._overwrites.recover(shot)
        await self._folders.find_awaited(shot, findings)
        await self._drops.admit(shot, seen, moving, findings)
        await self._folders.adopt(shot, seen, findings)
        await self._look_at_strange(shot, seen, findings)
        await self._look_at_failed(shot, seen, findings)
        self.notes.write(path, findings.waiting, findings.not_taken, self._clock(), findings.left)
        await self._find(shot, seen)
        await self._follow_link(shot, seen, mended, findings)
        await self._miss(shot, seen.absent, findings)
        to_finish = [t.number for t in shot.making if not t.is_awaited or t.number in findings.arrived]
        return Outcome(shot, to_finish, findings.soonest, bool(findings.left))

    async def _miss_all(self, path: str, known: Shot | None) -> Outcome:
        """The whole shot is not there, and so none of its takes."""
        self.notes.write(path, {}, {}, self._clock())
        findings = Findings({})
        if known:
            awaited = {take.number for take in known.making if take.is_awaited and not take.deleted}
            await self._miss(known, awaited | {number for number, _ in expected(known)}, findings)
        return Outcome(None, (), findings.soonest)

    def _look_for_sure(self, path: str, known: Known) -> Seen | None:
        """What lies there; MarkerGone where the whole project is away, and so nothing can be said of a shot."""
        seen = self._see(path, known)
        if seen:
            seen.is_misspelled = is_misspelled(self._root, path)
        self._marker.check()
        return seen

    async def _look(self, path: str, known: Known) -> Seen | None:
        return await in_thread(self._see, path, known)

    def _see(self, path: str, known: Known) -> Seen | None:
        began = self._clock()
        seen = look(self._root, path, known)
        if seen:
            seen.began = began
        return seen

    async def _look_at_strange(self, shot: Shot, seen: Seen, findings: Findings) -> None:
        """See to the takes whose file is another one than the log speaks of: moved, restored or overwritten.

        What git has brought in the midst of something is not swapped for what was there.
        """
        files = files_of(shot)
        self._overwrites.forget_damage(shot.stream, files, seen.media)
        for _, number in self._overwrites.strange(files, seen.media):
            take, found = shot.takes[number], seen.media[number]
            entry = Entry(take.name or "", found)
            folder, name = take_path(shot.path, number), f"{take_name(number)}/{entry.name}"
            if await in_thread(is_pointer, self._root / folder / entry.name):
                findings.not_taken[name] = NOT_PULLED
            elif what := await self._under_way():
                findings.waiting[name] = f"it is another file than it was, and {what} is under way in git"
                findings.again.append(UNDER_WAY_AGAIN)
            elif wait := (await self._resting.waits(folder, [entry]))[entry.name]:
                findings.wait(name, wait)
            elif (media := media_of(shot, take)) and await self._overwrites.attend(media, found):
                self._resting.forget(folder, entry.name)
                findings.again.append(0.0)
            else:
                findings.waiting[name] = "it is another file than it was, and is compared with the log"
        findings.again += self._overwrites.again(shot.stream)

    async def _look_at_failed(self, shot: Shot, seen: Seen, findings: Findings) -> None:
        """A tool that saves over the file of a failed take has made a new take."""
        for number in self._overwrites.written_over(failed_files_of(shot), seen.media):
            take, found = shot.takes[number], seen.media[number]
            folder, name = take_path(shot.path, number), take.name or ""
            wait = (await self._resting.waits(folder, [Entry(name, found)]))[name]
            if wait or not found.size:
                findings.wait(f"{take_name(number)}/{name}", wait or AGAIN)
                continue
            self._resting.forget(folder, name)
            await self._overwrites.move_out(media_path(shot.path, number, name))
            findings.again.append(0.0)

    async def _miss(self, shot: Shot, absent: set[int], findings: Findings) -> None:
        """Hide the takes that have been gone for as long as from one scan to the next.

        What is not there in the midst of something of git's may be there at its end.
        """
        now = self._clock()
        if absent and await self._under_way():
            for number in absent:
                self._missing[TakeKey(shot.stream, number)] = now
        for key in [key for key in self._missing if key.stream == shot.stream and key.number not in absent]:
            del self._missing[key]
        # The active one last: else it would fall back to one that is gone, too.
        for number in sorted(absent, key=lambda one: (one == shot.active, one)):
            key = TakeKey(shot.stream, number)
            wait = self._missing.setdefault(key, now) + self._scan_every - now
            if wait > 0:
                findings.again.append(wait)
            else:
                del self._missing[key]
                rule = partial(delete, number=number, why="missing")
                await self._shots.change(shot.stream, rule, FILESYSTEM)

    async def _find(self, shot: Shot, seen: Seen) -> None:
        """Bring back the takes that were missing and whose media is there again; what is yet to be made only needs its shot.

        Where none is active by then, a link that came back with one of them is a choice.
        """
        lost = [
            (take.number, take.name)
            for take in shot.takes.values()
            if take.deleted == "missing" and not take.purged
        ]
        # These have a folder only once a file was looked for, and git keeps no empty ones.
        unmade = {take.number for take in shot.making if take.is_awaited}
        if not any(number in seen.folders | unmade for number, _ in lost):
            return
        again = await self._look(shot.path, lost)
        found = {number for number, _ in lost} - (again.absent - unmade) if again else set()
        linked = again.active if again and shot.active is None else None
        for number in sorted(found, key=lambda one: (one != linked, one)):
            rules: list[Rule] = [partial(restore, number=number, why="found")]
            if number == linked and shot.takes[number].status == "complete":
                rules.append(partial(activate, number=number, why="link"))
            for rule in rules:
                await self._shots.change(shot.stream, rule, FILESYSTEM)

    async def _under_way(self) -> str | None:
        return await in_thread(under_way, self._root)

    async def _follow_link(self, shot: Shot, seen: Seen, mended: int, findings: Findings) -> None:
        """A link that we had set right, and that leads elsewhere now, was re-pointed by a person.

        Or by git: what that has brought is a wish, too, once it is through.
        """
        if seen.active == shot.active:
            return
        if await self._under_way():
            findings.again.append(UNDER_WAY_AGAIN)
            return
        if seen.active:
            findings.again.append(LINK_AGAIN)  # it may lead to a take that is yet to be taken in
        if shot.position > mended:
            return
        if not self._keeping.believes_link(shot.stream):
            findings.again.append(BELIEVED_AGAIN)
            return
        chosen = shot.takes.get(seen.active or 0)
        if chosen is None or not chosen.is_usable:
            self._projector.touch(ActiveLink.name, shot.stream)
            return
        rule = partial(activate, number=chosen.number, why="link")
        with suppress(StaleVersion):  # the log has moved on, so the link is the log's to set again
            await self._shots.change(shot.stream, rule, FILESYSTEM, expected=shot.version)


def begun(shot: Shot) -> list[Source]:
    """What becomes takes of the shot just now; the file of one that was accepted lies in its folder already."""
    return [take.source for take in shot.making if not take.is_accepted]
