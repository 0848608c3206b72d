"""Git LFS staging: what git knows of the takes, where the film lies in a repository.

The media of every complete take is staged as a pointer, its object shares the take's bytes; what lies beside
it, the link to the active take, `project.json` and `.gitattributes` are staged as they are. Nothing of the
user's is touched, no program is run, and a film outside of git never loads a line of dulwich.
"""

import random
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import anyio
from msgspec import Struct, structs

from events import TakesError
from projections.backoff import Backoff
from projections.files.hashing import awaiting
from projections.files.threads import in_thread
from projections.film import Film
from projections.git.attributes import SHARED
from projections.git.index import FileState, IndexLocked, state_of
from projections.git.lfs import LfsObjects
from projections.git.locks import Locks
from projections.index.index import Index
from projections.index.rows import ShotTakes
from projections.projection import Reactor
from projections.worktree import lock_of, worktree_of

if TYPE_CHECKING:
    from projections.git.staging import Group, Staged
    from projections.git.unstaged import Unstaged

Commits = Literal["never", "each", "idle"]

PATIENCE = 5.0
"""Seconds for which a locked index is tried again, before what is to be staged is left for later."""

PAUSES = Backoff(0.01, 0.5)


class Snapshot(Struct, frozen=True):
    """What git's index and the shared files were: those that others may put others in the place of."""

    worktree: Path
    index: Path
    state: FileState | None
    shared_files: tuple[FileState | None, ...]

    def taken_anew(self, root: Path) -> "Snapshot":
        """The same as they are now."""
        return Snapshot(self.worktree, self.index, state_of(self.index), _shared_states(root))


class GitLfs(Reactor):
    """Stages what the index of takes says should be in git, a chunk of shots in one write of git's index."""

    name = "git-lfs"
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
        self._is_changed = False
        self._is_awaited: Callable[[], bool] = lambda: True

    @property
    def waits(self) -> int:
        """How many takes and choices wait to be committed once it is quiet."""
        return len(self._waiting)

    async def mend(self, film: Film, touched: Sequence[ShotTakes]) -> Collection[str]:
        worktree = await in_thread(worktree_of, film.root) if self._stages else None
        if worktree is None:
            return ()
        shots = {shot.path: shot.given for shot in await film.index.shots()}
        try:
            async with self._lock:
                with awaiting() as self._is_awaited:
                    return await self._patiently(lambda: self._stage(film.root, worktree, touched, shots))
        except (TakesError, OSError) as error:
            return [_problem_of(error, worktree)]

    async def remove_left(self, root: Path) -> None:
        """Remove the lock of git's that a daemon of this film has left which was killed."""
        async with self._lock:
            with suppress(OSError):  # it is told of as any other
                await in_thread(Locks(root).remove_left)

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
        """By stream, the takes to be staged anew after somebody else has changed git's index or a shared file.

        It costs a few stats where nobody has.
        """
        async with self._lock:
            known, seen = self._last, await in_thread(self._snapshot, root)
            if known is None or seen is None or (seen == known and not self._is_changed):
                return {}
            shots = [ShotTakes(shot, await index.takes(shot.id)) for shot in await index.shots()]
            try:
                found = await in_thread(_find_unstaged, root, known.worktree, shots)
            except (TakesError, OSError):
                return {}  # whoever stages something there says so
            if found.is_settled:
                self._last, self._is_changed = structs.replace(seen, shared_files=known.shared_files), False
            if seen.shared_files != known.shared_files and shots:
                found.takes.setdefault(shots[0].shot.stream, set())
            return found.takes

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

    def _stage(
        self, root: Path, worktree: Path, touched: Sequence[ShotTakes], shots: Mapping[str, int]
    ) -> Sequence[str]:
        """Stage all of them; `shots` says of every shot which number was given last."""
        from projections.git.commits import commit_each  # noqa: PLC0415
        from projections.git.entries import open_film  # noqa: PLC0415 - only a film in git pays for it
        from projections.git.staging import Staging  # noqa: PLC0415

        with open_film(root, worktree) as film:
            place = film.repository.lfs_objects
            objects = self._objects.setdefault(place, LfsObjects(place, trusts_sizes=self._trusts_sizes))
            objects.is_awaited = self._is_awaited
            staging = Staging(film, objects)
            if not staging.is_wanted(shots):
                return ()
            shared = _shared_states(root)
            staged = staging.stage(touched, shots, [path for path, given in shots.items() if not given])
            self._note(staged, Snapshot(worktree, film.repository.index_path, staged.entries.state, shared))
            if self._commits == "idle":
                self._waiting += staged.groups
            elif self._commits == "each" and self._moment:
                commit_each(film, staged.entries, staged.groups, self._moment())
            return staged.problems

    def _note(self, staged: "Staged", known: Snapshot) -> None:
        """Note what is known by now, and whether somebody else had changed git's index before."""
        before = self._last
        self._is_changed |= before is None or before.state != staged.entries.read_as
        self._last = known

    def _commit_together(self, root: Path, worktree: Path, groups: "Sequence[Group]") -> None:
        from projections.git.commits import commit_all  # noqa: PLC0415
        from projections.git.entries import Entries, open_film  # noqa: PLC0415

        with open_film(root, worktree) as film:
            if self._moment:
                commit_all(film, Entries(film), groups, self._moment())


def _find_unstaged(root: Path, worktree: Path, shots: Sequence[ShotTakes]) -> "Unstaged":
    from projections.git.unstaged import find_unstaged  # noqa: PLC0415

    return find_unstaged(root, worktree, shots)


def _shared_states(root: Path) -> tuple[FileState | None, ...]:
    return tuple(state_of(root / name) for name in SHARED)


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
