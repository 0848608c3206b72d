"""Entries: what git's index has of a film, and what is put there or taken out. Paths are those in the film."""

import os
import stat
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path

from msgspec import Struct, field

from projections.git.branch import Entry
from projections.git.repository import Repository, open_repository
from projections.git.rules import Rules, Value
from projections.gitdir.entry_heads import FileState, entry_head, entry_stat, state_in
from projections.gitdir.index import GitIndex, Known, read_index, write_index
from projections.gitdir.inner import InnerRepositories
from projections.gitdir.locks import Locks
from projections.gitdir.surveying import ALL, Range
from projections.layout import media_path, shot_above

Seen = tuple[FileState, bytes | None, Mapping[bytes, Value]]
"""A file that was staged: which one it was, its entry with the stat that git believes, and its attributes."""

_MOST_RANGES = 64
"""Ranges of paths beyond which all paths are looked at."""


class Memory(Struct):
    """What one look at a film in git leaves to the next one.

    `index` is the index as it was read or written last. `shared` are the shared files, by name, of which our part is
    staged. `unsearched` are the paths among which others have changed something in the index since it was searched for
    what should not be there; of that, the paths in `left` lie on the disk still. `uncompared` are those since it was
    compared with what takes there are. `unkept` are the empty folders of takes that have no file of ours in git yet.
    """

    index: Known | None = None
    shared: dict[str, Seen] = field(default_factory=dict)
    unsearched: list[Range] = field(default_factory=list)
    uncompared: list[Range] = field(default_factory=list)
    left: set[str] = field(default_factory=set)
    unkept: set[str] = field(default_factory=set)

    def note(self, index: Known, changed: Sequence[Range]) -> None:
        """That index was read, and others have changed something among those paths since the last time."""
        self.index = index
        self.unsearched = _few([*self.unsearched, *changed])
        self.uncompared = _few([*self.uncompared, *changed])


class FilmInGit:
    """A film in its repository: where it lies there, and by which rules."""

    def __init__(self, repository: Repository, root: Path, memory: Memory | None = None) -> None:
        self.repository = repository
        self.rules = Rules(repository)
        self.locks = Locks(root)
        self.memory = memory or Memory()
        self.root = root
        self._is_composed = repository.is_on("core", "precomposeUnicode")
        below = os.path.relpath(root, repository.worktree.resolve())
        self.prefix = "" if below == "." else f"{self.own(below)}/"

    def own(self, path: str) -> str:
        """A path in the film as git spells it: on a Mac with its accents composed."""
        return unicodedata.normalize("NFC", path) if self._is_composed else path

    def full(self, path: str) -> str:
        """The same in the worktree."""
        return self.prefix + self.own(path)

    @property
    def is_left_out(self) -> bool:
        """Whether the user keeps all of the film out of git."""
        return bool(self.prefix) and self.is_ignored("")

    def is_ignored(self, path: str) -> bool:
        """Whether the user keeps a path out of git; that of a folder ends with a slash."""
        return self.rules.ignores(self.full(path))

    def deciding_files(self) -> list[Path]:
        """The files that decide, for all of the film, what git is to have of it and how."""
        return [*self.rules.files_above(self.prefix.rstrip("/")), *self.repository.config_files]

    def attribute(self, path: str, name: bytes) -> bool | bytes | None:
        """What `.gitattributes` say of a path."""
        return self.rules.attributes(self.full(path)).get(name)

    def is_decided(self, suffix: str) -> bool:
        """Whether they say of media of that kind which filter it goes through, or that it goes through none."""
        return self.attribute(media_path("shot", 1, f"shot_001_take_001{suffix}"), b"filter") is not None


@contextmanager
def open_film(root: Path, worktree: Path, memory: Memory | None = None) -> Iterator[FilmInGit]:
    """The film in the repository of that worktree; RepositoryUnusable says why it is none to be used."""
    with open_repository(worktree) as repository:
        film = FilmInGit(repository, root, memory)
        try:
            yield film
        finally:
            film.rules.forget()


class FolderEntries:
    """The entries in one folder, for as long as one look at it takes; they go by their paths in the worktree.

    What holds for all of them is worked out once: by which rules, and whether git has anything of it yet. Where it has
    nothing, nothing is searched for.

    `folder` is that of the folder; the `problems` say what stands in the way of changing an entry.
    """

    def __init__(
        self, folder: bytes, index: GitIndex, inner: InnerRepositories, film: FilmInGit, problems: list[str]
    ) -> None:
        self._start = folder + b"/" if folder else b""
        self._folder = folder
        self._index = index
        self._inner = inner
        self._repository = film.repository
        self._rules = film.rules
        self._own_rules = film.rules.within(folder)
        self._problems = problems
        self._is_vacant = index.is_vacant(folder)

    def path(self, name: str) -> bytes:
        """The path of what is called so, as git spells it."""
        return self._start + os.fsencode(name)

    def attribute(self, path: bytes, name: bytes) -> Value:
        """What `.gitattributes` say of a file."""
        return self._rules.said_of(path, self._own_rules).get(name)

    def find(self, path: bytes) -> Entry | None:
        """The mode and the blob to be committed; None where there is none, or several, or one that is not ours to touch."""
        head = self._head(path)
        return self._index.entry_in(head) if head else None

    def is_current(self, path: bytes, mode: int, found: os.stat_result) -> bool:
        """Whether git has the file as it is on the disk, by its stat."""
        known = self._head(path)
        return known is not None and known[:40] == entry_stat(mode, found)

    def may_stage(self, path: bytes) -> bool:
        """Whether a file is the film's to stage: not set aside or ignored, in no conflict, in no other repository."""
        if self._head(path):
            return not self._index.is_set_aside(path)
        if not self._is_vacant and self._index.is_in_conflict(path):
            self._problems.append(f"{os.fsdecode(path)} is in conflict: settle it, and git add it")
            return False
        is_elsewhere = self._index.is_in_file(self._folder) or self._inner.around(self._folder) is not None
        return not is_elsewhere and not self._own_rules.ignores(path)

    def put(
        self, path: bytes, mode: int, content: bytes, found: os.stat_result | None, blob: bytes | None = None
    ) -> None:
        """Have that content, whose `blob` may be known, at a path.

        Without a stat, git compares it with the file when it next looks.
        """
        blob = blob or self._repository.object_id("blob", content)
        head = entry_head(path, blob, mode, found)
        known = self._head(path)
        if known and (known[:-2] if found else known[40:-2]) == (head[:-2] if found else head[40:-2]):
            return
        self._repository.add_object("blob", content, blob)
        self._index.put(path, head, is_free=self._is_vacant)

    def _head(self, path: bytes) -> bytes | None:
        return self._index.changed_head(path) if self._is_vacant else self._index.head(path)


class Entries:
    """The entries as they are at one moment; `problems` says what stood in the way of changing one."""

    def __init__(self, film: FilmInGit) -> None:
        self.problems: list[str] = []
        self._film = film
        self._repository = film.repository
        self._prefix = os.fsencode(film.prefix)
        known = film.memory.index
        self._last: tuple[str, FolderEntries] | None = None
        self._index = read_index(self._repository.index_path, self._repository.id_length, known)
        self._inner = InnerRepositories(film.repository.worktree, self._index)
        self.read_as = self._index.known
        film.memory.note(self.read_as, self._index.changed)

    @property
    def known(self) -> Known:
        """Which index this is, as it was read or written."""
        return self._index.known

    def below(self, path: str) -> Range:
        """The paths at that one in the film and below."""
        key = self._key(path).rstrip(b"/")
        return (key + b"/", key + b"0") if key else ALL

    def folders(self, among: Range) -> Iterator[tuple[str, set[str]]]:
        """By folder in the film, what git had there among those paths when the entries were read.

        One may come in several parts.
        """
        (first, behind), (begin, end) = among, self.below("")
        ends = [one for one in (behind, end) if one is not None]
        found = self._index.read_between((max(first, begin), min(ends, default=None)))
        paths = (os.fsdecode(path[len(self._prefix) :]) for path in found)
        for folder, group in groupby(paths, key=lambda path: path.rpartition("/")[0]):
            start = len(folder) + 1 if folder else 0
            yield folder, {path[start:] for path in group}

    def names_in(self, folder: str) -> set[str]:
        """What git had in a folder of the film, and in none within that, when the entries were read."""
        start = len(key := self._key(folder)) + 1
        names = {path[start:] for path in self._index.read_below(key)}
        return {os.fsdecode(name) for name in names if b"/" not in name}

    def within(self, folder: str) -> FolderEntries:
        """The entries in that folder of the film, and in none below it."""
        # The same one is mostly asked for some times in a row.
        if self._last is None or self._last[0] != folder:
            film = self._film
            place = os.fsencode(film.full(folder).rstrip("/"))
            found = FolderEntries(place, self._index, self._inner, film, self.problems)
            self._last = folder, found
        return self._last[1]

    def find(self, path: str) -> Entry | None:
        """The mode and the blob to be committed; None where there is none, or several, or one that is not ours to touch."""
        return self._index.mode_and_blob(self._key(path))

    def has(self, path: str) -> bool:
        """Whether there is anything at that path."""
        full = self._key(path)
        return self._index.head(full) is not None or self._index.is_in_conflict(full)

    def content(self, path: str) -> bytes | None:
        """What git has of a file."""
        blob = self._index.blob(self._key(path))
        return self._repository.read_blob(blob) if blob else None

    def seen(self, path: str, found: os.stat_result) -> Seen:
        """All that decides what git is to have of a file that is staged already."""
        full = self._film.full(path)
        return state_in(found), self._index.head(os.fsencode(full)), self._film.rules.attributes(full)

    def may_stage(self, path: str) -> bool:
        """Whether a path is the film's to stage."""
        return self.within(path.rpartition("/")[0]).may_stage(self._key(path))

    def inner_repository(self, path: str) -> str | None:
        """Where, in the worktree, the repository within this one lies that a path belongs to, if it does."""
        found = self._inner.around(self._key(path).rpartition(b"/")[0])
        return None if found is None else os.fsdecode(found)

    def put(self, path: str, mode: int, content: bytes, found: os.stat_result | None) -> None:
        """Have that content at a path."""
        self.within(path.rpartition("/")[0]).put(self._key(path), mode, content, found)

    def remove(self, path: str) -> bool:
        """Have nothing at a path, unless it is set aside; whether nothing is there."""
        full = self._key(path)
        if self._index.head(full) and not self._index.is_set_aside(full):
            self._index.remove(full)
        return not self.has(path)

    def write(self) -> bool:
        """Write what has changed; False where somebody else has written meanwhile. IndexLocked."""
        if self._index.is_changed:
            path, locks = self._repository.index_path, self._film.locks
            if not write_index(path, self._index, locks, self._is_steady):
                return False
            self._film.memory.index = self._index.known
            self._last = None
        return True

    def _key(self, path: str) -> bytes:
        return os.fsencode(self._film.full(path))

    def _is_steady(self, path: bytes) -> bool:
        """Whether a path is in the folder of a take: what lies there is replaced, and never changed in its place."""
        below = path.removeprefix(self._prefix) if path.startswith(self._prefix) else b""
        return shot_above(os.fsdecode(below.rpartition(b"/")[0])) is not None


def _few(ranges: list[Range]) -> list[Range]:
    """The same, or all paths where they are many: to look at each of them would take longer."""
    return [ALL] if ALL in ranges or len(ranges) > _MOST_RANGES else ranges


def is_among(path: bytes, ranges: Sequence[Range]) -> bool:
    """Whether a path, or anything below it, is in one of those ranges."""
    first, behind = path, path + b"0"
    return any(low < behind and (high is None or first < high) for low, high in ranges)


def file_at(path: Path | str) -> os.stat_result | None:
    """What a regular file is, without following a link; None where there is none."""
    try:
        found = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found if stat.S_ISREG(found.st_mode) else None
