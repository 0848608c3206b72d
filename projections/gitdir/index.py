"""The git index: what git would commit next, changed without a trace on whatever else is in it.

Entries that are not ours are kept byte for byte, and so is what settles a conflict anew. The new index is made
beside the old one, and the lock is held for no longer than it takes to see that nobody has changed the old one and
to rename. dulwich's own reader is not used: it takes the paths of version 4 for others where 128 bytes of the one
before are dropped, and cannot write a file of 4 GiB.
"""

import hashlib
import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import takewhile
from pathlib import Path

from msgspec import Struct, field

from events import TakesError
from projections.files.reading import GIT_INDEX, read
from projections.files.writing import written_beside
from projections.gitdir.entry_bytes import EntryBytes, Key, Marks, varint
from projections.gitdir.entry_heads import MTIME, SIZE, FileState, moment_of, state_in, state_of
from projections.gitdir.locks import Locks
from projections.gitdir.surveying import ALL, VERSIONS, Range, read_header, survey
from projections.worktree import lock_of

PLAIN, EXECUTABLE, LINK = 0o100644, 0o100755, 0o120000
_ASSUMED, _SKIPPED, _TO_BE_ADDED = 0x80000000, 0x4000, 0x2000
"""Flags of an entry: that git is not to look at the file, by hand or in a sparse checkout; that it is yet to be added."""

_RESOLVED, _UNTRACKED = b"REUC", b"UNTR"


class IndexUnusable(TakesError):
    """Raised when git's index is of a kind that cannot be changed safely, or damaged; it is left as it is."""

    def __init__(self, reason: str, hint: str) -> None:
        super().__init__(f"git's index {reason}")
        self.hint = hint


class IndexLocked(TakesError):
    """Raised when a program holds the lock of git's index, or left it behind."""

    def __init__(self, lock: Path) -> None:
        super().__init__(f"git's index is locked by another program: {lock}")
        self.hint = f"If no git runs any more, remove what it left: rm '{lock}'"


Extensions = Sequence[tuple[bytes, bytes]]
"""What an index has beside its entries, by name: of that, what stays true when they come and go."""


class Known(Struct):
    """What is known of an index: which file it is, its checksum, and where its entries are."""

    state: FileState | None = None
    checksum: bytes = b""
    marks: Marks = field(default_factory=Marks)


class GitIndex:
    """An index as it was read or written, and what is to change in it.

    `changed` are the paths among which it said something else than what was known of it, when it was read.
    """

    def __init__(
        self,
        content: bytes = b"",
        known: Known | None = None,
        extensions: Extensions = (),
        changed: Sequence[Range] = (),
    ) -> None:
        self._extensions = extensions
        self.changed = changed
        self._begin(content, known or Known())

    def _begin(self, content: bytes, known: Known) -> None:
        self.known = known
        self._id_length = known.marks.id_length
        self._entries = EntryBytes(content, known.marks)
        self._changes: dict[Key, bytes | None] = {}
        self._folders = set[bytes]()
        self._are_in_file: dict[bytes, bool] = {}

    @property
    def version(self) -> int:
        return self.known.marks.version

    @property
    def count(self) -> int:
        """How many entries there are in the file."""
        return self.known.marks.count

    @property
    def is_changed(self) -> bool:
        """Whether anything is to be written."""
        return bool(self._changes)

    def head(self, path: bytes, stage: int = 0) -> bytes | None:
        """The fixed part of an entry, with stat, blob and flags; None where there is none."""
        key = (path, stage)
        return self._changes[key] if key in self._changes else self._entries.find(key)

    def changed_head(self, path: bytes) -> bytes | None:
        """The same of what was put there since the index was read or written."""
        return self._changes.get((path, 0))

    def is_vacant(self, folder: bytes) -> bool:
        """Whether there was nothing in a folder, however deep, when the index was read or written."""
        return next(self._entries.below(folder), None) is None

    def blob(self, path: bytes) -> bytes | None:
        """The id of the blob at that path; None where there is none, or the path is in conflict."""
        head = self.head(path)
        return head[40 : 40 + self._id_length] if head else None

    def mode_and_blob(self, path: bytes) -> tuple[int, bytes] | None:
        """What is to be committed; None where there is none, several, or one that is set aside or yet to be added."""
        return self.entry_in(self.head(path))

    def entry_in(self, head: bytes | None) -> tuple[int, bytes] | None:
        """The same, as the fixed part of an entry says it."""
        if head is None or any(self._flags(head)):
            return None
        return int.from_bytes(head[24:28]), head[40 : 40 + self._id_length]

    def is_in_conflict(self, path: bytes) -> bool:
        """Whether a merge has left several versions of that path."""
        return self.known.marks.has_conflicts and any(self.head(path, stage) for stage in (1, 2, 3))

    def is_set_aside(self, path: bytes) -> bool:
        """Whether git was told not to look at the file, be it there or not: a sparse checkout, or by hand."""
        is_assumed, is_skipped, _ = self._flags(self.head(path) or b"")
        return is_assumed or is_skipped

    def is_to_be_added(self, path: bytes) -> bool:
        """Whether the path is only to be added one day (`git add --intent-to-add`)."""
        return self._flags(self.head(path) or b"")[2]

    def is_in_file(self, folder: bytes) -> bool:
        """Whether a file, or another repository, is where that folder would have to be, or one above it."""
        found = self._are_in_file.get(folder)
        if found is None:
            above = folder.rpartition(b"/")[0]
            found = bool(folder) and (self.head(folder) is not None or self.is_in_file(above))
            self._are_in_file[folder] = found
        return found

    def read_below(self, folder: bytes) -> Iterator[bytes]:
        """The paths in a folder, however deep, when the index was read or written; one in conflict several times."""
        return (path for path, _ in self._entries.below(folder))

    def read_between(self, paths: Range) -> Iterator[bytes]:
        """The same of the paths of a range."""
        return (path for path, _ in self._entries.between(*paths))

    def put(self, path: bytes, head: bytes, *, is_free: bool = False) -> None:
        """Have that entry at the path, in the place of a folder, too; none was there where it `is_free`."""
        below = [] if is_free or self.head(path) else [*self._entries.below(path)]
        if path in self._folders:
            below += [key for key in self._changes if key[0].startswith(path + b"/")]
        if below:
            self._changes |= dict.fromkeys(below)
            self._are_in_file.clear()
        self._change(path, head)
        if path.rpartition(b"/")[0] not in self._folders:
            self._folders.update(takewhile(lambda one: one not in self._folders, _above(path)))

    def remove(self, path: bytes) -> None:
        """Have no entry at the path."""
        self._change(path, None)

    def _change(self, path: bytes, head: bytes | None) -> None:
        self._changes[path, 0] = head
        if path in self._are_in_file:
            self._are_in_file.clear()

    def rendered(self, is_steady: Callable[[bytes], bool]) -> tuple[bytes, Marks]:
        """The index as a file, and where its entries are; of what `is_steady` the stat tells all.

        What others staged in the very moment of the last write may have been changed in that moment, too; the new
        index is younger, and would be believed, so git is told to compare it (git's racy entries).
        """
        racy = {
            key: head[: SIZE.start] + bytes(4) + head[SIZE.stop :]
            for key in self.known.marks.young
            if not is_steady(key[0]) and (head := self._entries.find(key))
        }
        parts, marks = self._entries.spliced(racy | self._changes)
        for name, content in self._extensions:
            parts += [name, struct.pack(">L", len(content)), content]
        hashed = _hash(self._id_length)
        for part in parts:
            hashed.update(part)
        return b"".join([*parts, hashed.digest()]), marks

    def settle(self, content: bytes, marks: Marks, state: FileState) -> None:
        """Go on with what was written, which is in that file now."""
        moment, changes = moment_of(state), self._changes
        left = {key: self._entries.find(key) for key in self.known.marks.young if key not in changes}
        self._begin(content, Known(state, content[-self._id_length :], marks))
        marks.young = {key for key, head in (left | changes).items() if (head or b"")[MTIME] >= moment}

    def _flags(self, head: bytes) -> tuple[bool, bool, bool]:
        """Of an entry, whether it is assumed to be unchanged, skipped, and yet to be added."""
        words = int.from_bytes(head[40 + self._id_length :].ljust(4, b"\0"))
        return bool(words & _ASSUMED), bool(words & _SKIPPED), bool(words & _TO_BE_ADDED)


def _above(path: bytes) -> Iterator[bytes]:
    """The folders in which a path lies, the closest first."""
    while path := path.rpartition(b"/")[0]:
        yield path


def read_index(path: Path, id_length: int = 20, known: Known | None = None) -> GitIndex:
    """The index in that file, an empty one where there is none; `id_length` is the bytes of an object's id.

    What is `known` of that very file is not looked at once more, and of another one only what is not the same in it.
    """
    while True:
        before = state_of(path)
        if before is None:
            is_news = known is None or bool(known.marks.runs)
            return GitIndex(known=Known(marks=Marks(id_length=id_length)), changed=[ALL] if is_news else [])
        content = read(path, GIT_INDEX, follows=True) or b""
        if state_of(path) == before:
            break
    changed: Sequence[Range] = ()
    try:
        if known is None or (known.state, known.checksum) != (before, content[-id_length:]):
            known, changed = _looked_at(content, id_length, before, known)
        extensions = list(_extensions(content, known.marks.end, id_length))
        if not known.marks.is_sorted:  # as in an index that is split, which makes no sense by itself
            raise ValueError("its entries are not in order")
    except (struct.error, ValueError, IndexError) as error:
        raise _damaged(str(error)) from error
    return GitIndex(content, known, extensions, changed)


def write_index(
    path: Path, index: GitIndex, locks: Locks, is_steady: Callable[[bytes], bool] = lambda _: False
) -> bool:
    """Put the index in the place of the one that was read; False where that has changed since. IndexLocked.

    `is_steady` says of a path that a file there is replaced and never changed in its place, so that its stat tells all.
    The index is then that which was written.
    """
    known = index.known.state
    content, marks = index.rendered(is_steady)
    with written_beside(path, content, like=path.stat() if known else None, prefix="index.") as made:
        try:
            found = locks.put(made, path, lambda: state_of(path) == known)
        except FileExistsError as error:
            raise IndexLocked(lock_of(path)) from error
    if found:
        index.settle(content, marks, state_in(found))
    return found is not None


def _damaged(reason: str) -> IndexUnusable:
    return IndexUnusable(f"is damaged ({reason})", "See what `git status` says; `git reset` makes a new one.")


def _looked_at(
    content: bytes, id_length: int, state: FileState, before: Known | None
) -> tuple[Known, Sequence[Range]]:
    """What there is to know of an index, and what of it has changed since what was known before."""
    signature, version, _ = read_header(content)
    if signature != b"DIRC" or version not in VERSIONS:
        raise IndexUnusable(f"is of an unknown version ({version})", "`git update-index --index-version 2`")
    checksum = content[-id_length:]
    is_told = any(checksum)  # zeros where index.skipHash is set
    if is_told and digest(memoryview(content)[:-id_length], id_length) != checksum:
        raise ValueError("its checksum is wrong")
    is_of_use = (
        before and before.marks.is_sorted and before.state and moment_of(before.state) <= moment_of(state)
    )
    found = survey(content, id_length, moment_of(state), before.marks if before and is_of_use else None)
    return Known(state, checksum, found.marks), found.changed


def _extensions(index: bytes, at: int, id_length: int) -> Iterator[tuple[bytes, bytes]]:
    """Those that stay. The others may be left out, as their capitals say; one that git needs is refused."""
    while at + 8 <= len(index) - id_length:
        name, size = struct.unpack_from(">4sL", index, at)
        content = index[at + 8 : at + 8 + size]
        if name == b"link":
            raise IndexUnusable("is split", "Make it whole: git update-index --no-split-index")
        if name == b"sdir":
            raise IndexUnusable("is sparse", "Make it whole: git sparse-checkout reapply --no-sparse-index")
        if not name[:1].isupper():
            raise IndexUnusable(f"needs something unknown ({name!r})", "Stage the takes with `git add`.")
        if name == _RESOLVED:
            yield name, content
        elif name == _UNTRACKED:
            with suppress(ValueError, IndexError):  # one that is damaged, git too does without
                yield name, _emptied(content, id_length)
        at += 8 + size


def _emptied(untracked: bytes, id_length: int) -> bytes:
    """The cache of what is not tracked, with nothing in it any more: without it git would never fill it again."""
    length, at = varint(untracked, 0)
    settings = at + length + 76 + 2 * id_length  # which system it is of; two stats, flags, and two hashes
    return untracked[: untracked.index(0, settings) + 1] + b"\0"


def digest(content: bytes | memoryview, id_length: int) -> bytes:
    """The hash that a repository with ids of that many bytes goes by."""
    return _hash(id_length, content).digest()


def _hash(id_length: int, content: bytes | memoryview = b"") -> "hashlib._Hash":
    return (hashlib.sha1 if id_length == 20 else hashlib.sha256)(content, usedforsecurity=False)
