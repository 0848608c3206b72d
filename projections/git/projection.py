"""Git LFS staging: what git knows of the takes, where the film lies in a repository.

The media of every complete take is staged as a pointer, its object shares the take's bytes; what lies beside
it, the link to the active take, `project.json` and `.gitattributes` are staged as they are. Nothing of the
user's is touched, no program is run, and a film outside of git never loads a line of dulwich.
"""

import random
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import anyio
from msgspec import structs

from events import TakesError
from projections.backoff import Backoff
from projections.files.hashing import awaiting
from projections.files.threads import in_thread
from projections.film import Film
from projections.git.lfs import LfsObjects
from projections.git.noted import (
    Note,
    Shots,
    Snapshot,
    States,
    keep_survey,
    note_of,
    read_note,
    read_survey,
    states_of,
    states_of_shared,
)
from projections.gitdir.index import IndexLocked
from projections.gitdir.locks import Locks
from projections.index.index import Index
from projections.index.rows import ShotRow, ShotTakes
from projections.projection import Reactor
from projections.worktree import lock_of, worktree_of

if TYPE_CHECKING:
    from projections.git.entries import Memory
    from projections.git.staging import Group
    from projections.git.unstaged import LostObjects, Unstaged

Commits = Literal["never", "each", "idle"]

PATIENCE = 5.0
"""Seconds for which a locked index is tried again, before what is to be staged is left for later."""

PAUSES = Backoff(0.01, 0.5)


class GitLfs(Reactor):
    """Stages what the index of takes says should be in git, a chunk of shots in one write of git's index."""

    name = "git-lfs"
    chunk = 250
    apart = False

    def __init__(
        self, *, stages: bool = True, commits: Commits = "never", moment: Callable[[], datetime] | None = None
    ) -> None:
        self._stages = stages
        self._commits = commits
        self._moment = moment
        self._objects: dict[Path, LfsObjects] = {}
        self._trusts_sizes = True
        self._waiting: list[Group] = []
        self.problem = ""
        self._lock = anyio.Lock()
        self._last: Snapshot | None = None
        self._memory: Memory | None = None
        self._lost: LostObjects | None = None
        self._shots = Shots()
        self._note: Note | None = None
        self._rules: States = {}
        self._looked_by: States = {}
        self._is_out: bool | None = None
        self._is_begun = False
        self._is_awaited: Callable[[], bool] = lambda: True

    @property
    def _is_changed(self) -> bool:
        """Whether others have changed git's index in what it says, and it is yet to be compared with the takes."""
        return bool(self._memory and self._memory.uncompared)

    @property
    def waits(self) -> int:
        """How many takes and choices wait to be committed once it is quiet."""
        return len(self._waiting)

    async def mend(self, film: Film, touched: Sequence[ShotTakes]) -> Collection[str]:
        worktree = await in_thread(worktree_of, film.root) if self._stages else None
        if worktree is None:
            return ()
        try:
            async with self._lock:
                if await in_thread(self._is_left_out, film.root, worktree):
                    return ()
                await self._shots.follow(film.index, touched)
                with awaiting() as self._is_awaited:
                    return await self._patiently(lambda: self._stage(film.root, worktree, touched))
        except (TakesError, OSError) as error:
            return [_problem_of(error, worktree)]

    async def remove_left(self, root: Path) -> None:
        """Remove the lock of git's that a daemon of this film has left which was killed."""
        async with self._lock:
            with suppress(OSError):  # it is told of as any other
                await in_thread(Locks(root).remove_left)

    async def is_left_out(self, root: Path) -> bool:
        """Whether the user keeps all of the film out of git, or there is none. It costs a few stats where no rule changes."""
        worktree = await in_thread(worktree_of, root)
        try:
            async with self._lock:
                return worktree is None or await in_thread(self._is_left_out, root, worktree)
        except (TakesError, OSError):
            return False  # whoever stages something there says so

    async def is_as_noted(self, root: Path, position: int) -> bool:
        """Whether git is as the last daemon has left it, which had staged all takes up to that position."""
        async with self._lock:
            worktree, note = await in_thread(worktree_of, root), await in_thread(read_note, root)
            if worktree is None or note is None or (note.position, note.commits) != (position, self._commits):
                return False
            known = await in_thread(note.snapshot, worktree)
            self._last, self._looked_by = self._last or known, note.deciding
            is_same = known is not None and known == self._last
            if is_same and self._memory is None:
                self._memory = await in_thread(_remembered, root, note)
            return is_same

    def begin_anew(self) -> None:
        """Say that everything is to be looked at, by the rules as they are now, whatever others have changed."""
        self._last, self._is_begun, self._looked_by = None, True, self._rules

    async def note(self, root: Path, position: int) -> None:
        """Leave a note to the next start that all takes up to that position are staged, where they are."""
        async with self._lock:
            known, seen = self._last, await in_thread(self._snapshot, root)
            is_all_in = seen == known and self._rules == self._looked_by
            if known is None or not is_all_in or self._is_changed or self._waiting or self.problem:
                return
            index = self._memory.index if self._memory else None
            note = note_of(position, self._commits, known, index, self._rules)
            if note is not None and note != self._note:
                await in_thread(note.write, root)
                self._note = note

    async def keep_survey(self, root: Path) -> None:
        """Keep what is known of git's index for the next start; of use where a note says that it is as it was left."""
        async with self._lock:
            memory = self._memory
            if memory and memory.index and not memory.uncompared:
                said = memory.unsearched, memory.left, memory.unkept
                await in_thread(keep_survey, root, memory.index, *said)

    async def commit_waiting(self, root: Path) -> None:
        """Make one commit of all that waits; where that cannot be, `problem` says why and it goes on waiting."""
        async with self._lock:
            worktree = await in_thread(worktree_of, root)
            groups, self._waiting = self._waiting, []
            if worktree is None or not groups:
                return
            try:
                await in_thread(self._commit_together, root, worktree, groups)
                self.problem = ""
            except (TakesError, OSError) as error:
                self._waiting, self.problem = groups + self._waiting, _problem_of(error, worktree)

    async def unstaged(self, root: Path, index: Index) -> dict[str, set[int]]:
        """By stream, the takes to be staged anew after somebody else has changed git's index, a shared file or an object.

        It costs a few stats where nobody has.
        """
        async with self._lock:
            known, seen = self._last, await in_thread(self._snapshot, root)
            if known is None or seen is None:
                return {}
            try:
                if seen == known and not self._is_changed:
                    return await self._without_objects(root, known.worktree, index)
                return await self._unstaged(root, index, known, seen)
            except (TakesError, OSError):
                return {}  # whoever stages something there says so

    async def _without_objects(self, root: Path, worktree: Path, index: Index) -> dict[str, set[int]]:
        from projections.git.entries import Memory  # noqa: PLC0415
        from projections.git.unstaged import LostObjects  # noqa: PLC0415

        self._lost = self._lost or LostObjects()
        return await self._lost.find(root, worktree, index, self._memory or Memory())

    async def _unstaged(
        self, root: Path, index: Index, known: Snapshot, seen: Snapshot
    ) -> dict[str, set[int]]:
        """The same, now that something is not as it was known."""
        shots = await index.shots()
        found = await self._compare(root, known.worktree, index, shots)
        if found.is_settled:
            self._last = structs.replace(seen, shared_files=known.shared_files)
        if seen.shared_files != known.shared_files and shots:
            found.takes.setdefault(shots[0].stream, set())
        return found.takes

    async def _compare(
        self, root: Path, worktree: Path, index: Index, shots: Sequence[ShotRow]
    ) -> "Unstaged":
        """What is not staged any more of these, where others have changed something.

        Of a large film, all takes are much to hold at once.
        """
        from projections.git.entries import Memory  # noqa: PLC0415
        from projections.git.unstaged import Unstaged, changed_shots, find_unstaged  # noqa: PLC0415

        self._memory = memory = self._memory or Memory()
        changed, found = await in_thread(changed_shots, root, worktree, shots, memory), Unstaged()
        ranges = memory.uncompared
        for start in range(0, len(changed), self.chunk):
            chosen = changed[start : start + self.chunk]
            part = [ShotTakes(shot, await index.takes(shot.id)) for shot in chosen]
            one = await in_thread(find_unstaged, root, worktree, part, memory)
            found.takes |= one.takes
            found.is_settled &= one.is_settled
        found.is_settled &= memory.uncompared == ranges  # nobody has changed more of it meanwhile
        if found.is_settled:
            memory.uncompared = []
        return found

    def _snapshot(self, root: Path) -> Snapshot | None:
        """How things are now; None while git is at work."""
        known = self._last
        if known is None or lock_of(known.index).exists():
            return None
        return known.taken_anew(root)

    async def differences(self, film: Film, touched: Sequence[ShotTakes]) -> Collection[str]:
        return ()  # git's index is the user's as much as ours: what they took out of it is no difference

    async def start_over(self, film: Film, touched: Sequence[ShotTakes]) -> None:
        """What is staged stays, since it is the user's. But from now on, no object is believed to be whole."""
        self._objects, self._trusts_sizes = {}, False

    async def _patiently(self, work: Callable[[], Sequence[str]]) -> Sequence[str]:
        """Try for a while, at moments that nobody else chooses, where git's index is locked."""
        for wait in _pauses():
            try:
                return await in_thread(work)
            except IndexLocked:
                await anyio.sleep(wait)
        return await in_thread(work)

    def _is_left_out(self, root: Path, worktree: Path) -> bool:
        """The same; what decides is read again only where it has changed."""
        from projections.git.entries import open_film  # noqa: PLC0415

        if self._is_out is None or states_of(self._rules) != self._rules:
            with open_film(root, worktree) as film:
                self._rules = states_of(film.deciding_files())
                self._is_out = film.is_left_out
            if self._memory:
                self._memory.shared.clear()  # of them, git may be to have something else
        return self._is_out

    def _stage(self, root: Path, worktree: Path, touched: Sequence[ShotTakes]) -> Sequence[str]:
        """Stage all of them."""
        from projections.git.commits import commit_each  # noqa: PLC0415
        from projections.git.entries import open_film  # noqa: PLC0415 - only a film in git pays for it
        from projections.git.staging import Staging  # noqa: PLC0415

        with open_film(root, worktree, self._memory) as film:
            self._memory, is_first = film.memory, film.memory.index is None
            place = film.repository.lfs_objects
            objects = self._objects.setdefault(place, LfsObjects(place, trusts_sizes=self._trusts_sizes))
            objects.is_awaited = self._is_awaited
            staging = Staging(film, objects)
            if not staging.is_wanted(touched, self._shots):
                return ()
            shared = states_of_shared(root)
            staged = staging.stage(touched, self._shots)
            self._shots.settle()
            if staged.is_set_up:  # that is no change of the user's
                before, self._rules = self._rules, states_of(self._rules)
                self._looked_by = self._rules if self._looked_by == before else self._looked_by
            read_as, written_as = staged.entries.read_as.state, staged.entries.known.state
            is_as_left = is_first and self._last is not None and self._last.state == read_as
            if is_as_left or (self._last is None and self._is_begun):
                film.memory.uncompared = []
            self._last = Snapshot(worktree, film.repository.index_path, written_as, shared)
            if self._commits == "idle":
                self._waiting += staged.groups
            elif self._commits == "each" and self._moment:
                commit_each(film, staged.entries, staged.groups, self._moment())
            return staged.problems

    def _commit_together(self, root: Path, worktree: Path, groups: "Sequence[Group]") -> None:
        from projections.git.commits import commit_all  # noqa: PLC0415
        from projections.git.entries import Entries, open_film  # noqa: PLC0415

        with open_film(root, worktree, self._memory) as film:
            if self._moment:
                commit_all(film, Entries(film), groups, self._moment())


def _remembered(root: Path, note: Note) -> "Memory | None":
    """What the last daemon has known of the index that the note speaks of."""
    from projections.git.entries import Memory  # noqa: PLC0415

    survey = read_survey(root, note)
    if survey is None:
        return None
    return Memory(survey.known(), unsearched=survey.unsearched, left=survey.left, unkept=survey.unkept)


def _problem_of(error: TakesError | OSError, worktree: Path) -> str:
    if isinstance(error, OSError):
        return f"git: {error.filename or worktree}: {error.strerror}"
    return f"git: {error}. {error.hint}"


def _pauses() -> Iterator[float]:
    passed, wait = 0.0, 0.0
    while passed < PATIENCE:
        wait = PAUSES.after(wait)
        chosen = random.uniform(wait / 2, wait)  # noqa: S311 - it keeps no secret
        yield chosen
        passed += chosen
