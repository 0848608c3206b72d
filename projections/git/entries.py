"""Entries: what git's index has of a film, and what is put there or taken out. Paths are those in the film."""

import os
import stat
import unicodedata
from collections.abc import ItemsView, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from projections.git.branch import Entry
from projections.git.index import FileState, entry_head, read_index, write_index
from projections.git.locks import Locks
from projections.git.repository import Repository, open_repository
from projections.git.rules import Rules, up_from
from projections.layout import shot_above


class FilmInGit:
    """A film in its repository: where it lies there, and by which rules."""

    def __init__(self, repository: Repository, root: Path) -> None:
        self.repository = repository
        self.rules = Rules(repository)
        self.locks = Locks(root)
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

    def attribute(self, path: str, name: bytes) -> bool | bytes | None:
        """What `.gitattributes` say of a path."""
        return self.rules.attributes(self.full(path)).get(name)


@contextmanager
def open_film(root: Path, worktree: Path) -> Iterator[FilmInGit]:
    """The film in the repository of that worktree; RepositoryUnusable says why it is none to be used."""
    with open_repository(worktree) as repository:
        yield FilmInGit(repository, root)


class Entries:
    """The entries as they are at one moment; `problems` says what stood in the way of changing one."""

    def __init__(self, film: FilmInGit) -> None:
        self.problems: list[str] = []
        self._film = film
        self._repository = film.repository
        self._index = read_index(self._repository.index_path, self._repository.id_length)
        self.read_as = self._index.state
        self._is_changed = False
        self._names: dict[str, set[str]] = {}
        self._read_names()

    @property
    def state(self) -> FileState | None:
        """Which index this is, as it was read or written."""
        return self._index.state

    def names(self) -> ItemsView[str, set[str]]:
        """By folder in the film, what git has there."""
        return self._names.items()

    def names_in(self, folder: str) -> set[str]:
        """What git has in a folder of the film."""
        return self._names.get(self._film.own(folder), set())

    def find(self, path: str) -> Entry | None:
        """The mode and the blob to be committed; None where there is none, or several, or one that is not ours to touch."""
        full = self._key(path)
        blob = self._index.blob(full)
        is_left = self._index.is_to_be_added(full) or self._index.is_set_aside(full)
        return (self._index.mode(full), blob) if blob and not is_left else None

    def has(self, path: str) -> bool:
        """Whether there is anything at that path."""
        return (self._key(path), 0) in self._index.entries or self._index.is_in_conflict(self._key(path))

    def content(self, path: str) -> bytes | None:
        """What git has of a file."""
        blob = self._index.blob(self._key(path))
        return self._repository.read_blob(blob) if blob else None

    def is_current(self, path: str, mode: int, found: os.stat_result) -> bool:
        """Whether git has the file as it is on the disk, by its stat."""
        known = self._index.entries.get((self._key(path), 0))
        return known is not None and known[:40] == entry_head(b"", b"", mode, found)[:40]

    def may_stage(self, path: str) -> bool:
        """Whether a path is the film's to stage: not set aside or ignored, in no conflict, in no other repository."""
        full = self._key(path)
        if (full, 0) in self._index.entries:
            return not self._index.is_set_aside(full)
        if self._index.is_in_conflict(full):
            self.problems.append(f"{os.fsdecode(full)} is in conflict: settle it, and git add it")
            return False
        above = up_from(full.rpartition(b"/")[0])
        return not any((one, 0) in self._index.entries for one in above) and not self._film.is_ignored(path)

    def put(self, path: str, mode: int, content: bytes, found: os.stat_result | None) -> None:
        """Have that content at a path; without a stat, git compares it with the file when it next looks."""
        full, blob = self._key(path), self._repository.object_id("blob", content)
        head = entry_head(full, blob, mode, found)
        known = self._index.entries.get((full, 0))
        if known and (known[:-2] if found else known[40:-2]) == (head[:-2] if found else head[40:-2]):
            return
        self._repository.add_object("blob", content)
        if not known and full in self._folders:  # there is a file now in the place of a folder
            for below in [key for key in self._index.entries if key[0].startswith(full + b"/")]:
                del self._index.entries[below]
        self._index.put(full, head)
        self._is_changed = True

    def remove(self, path: str) -> bool:
        """Have nothing at a path, unless it is set aside; whether nothing is there."""
        full = self._key(path)
        if (full, 0) in self._index.entries and not self._index.is_set_aside(full):
            self._index.remove(full)
            self._is_changed = True
        return not self.has(path)

    def write(self) -> bool:
        """Write what has changed; False where somebody else has written meanwhile. IndexLocked."""
        return not self._is_changed or write_index(self._repository.index_path, self._index, self._film.locks)

    def _key(self, path: str) -> bytes:
        return os.fsencode(self._film.full(path))

    @cached_property
    def _folders(self) -> set[bytes]:
        """The folders in which there is something, and those above them."""
        above = {path.rpartition(b"/")[0] for path, _ in self._index.entries}
        return {folder for one in above for folder in up_from(one)}

    def _read_names(self) -> None:
        """Note what there is. What lies in a take's folder is replaced, and never changed in its place."""
        prefix = os.fsencode(self._film.prefix)
        for path, number in self._index.entries:
            if path.startswith(prefix):
                folder, _, name = os.fsdecode(path[len(prefix) :]).rpartition("/")
                self._names.setdefault(folder, set()).add(name)
                if shot_above(folder):
                    self._index.never_racy.add((path, number))


def file_at(path: Path) -> os.stat_result | None:
    """What a regular file is, without following a link; None where there is none."""
    try:
        found = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found if stat.S_ISREG(found.st_mode) else None
