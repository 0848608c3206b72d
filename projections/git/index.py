"""The git index: what git would commit next, changed without a trace on whatever else is in it.

Entries that are not ours are kept byte for byte, and so is what settles a conflict anew. The new index is made
beside the old one, and the lock is held for no longer than it takes to see that nobody has changed the old one and
to rename. dulwich's own reader is not used: it takes the paths of version 4 for others where 128 bytes of the one
before are dropped, and cannot write a file of 4 GiB.
"""

import hashlib
import os
import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from msgspec import Struct, field

from events import TakesError
from projections.files.reading import GIT_INDEX, read
from projections.files.writing import written_beside
from projections.git.locks import Locks
from projections.worktree import lock_of

PLAIN, EXECUTABLE, LINK = 0o100644, 0o100755, 0o120000
_ASSUMED, _EXTENDED = 0x8000, 0x4000
_SKIPPED, _TO_BE_ADDED = 0x4000, 0x2000
"""Flags of an entry: that it has more of them; that git is not to look at the file; that it is yet to be added."""

_RESOLVED, _UNTRACKED = b"REUC", b"UNTR"
_STAT = struct.Struct(">10L")
_MTIME = slice(8, 16)
_SIZE = slice(36, 40)

FileState = tuple[int, int, int, int]
"""Which file lies somewhere: inode, size, time of change of its content and of its inode (ns)."""


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


class GitIndex(Struct):
    """An index as it was read: for every path and stage the fixed part of its entry, with stat, blob and flags.

    `never_racy` are those whose files are replaced and never changed where they lie, so that their stat tells all.
    `extensions` are those that stay true when entries come and go.
    """

    version: int = 2
    entries: dict[tuple[bytes, int], bytes] = field(default_factory=dict)
    state: FileState | None = None
    id_length: int = 20
    never_racy: set[tuple[bytes, int]] = field(default_factory=set)
    extensions: list[tuple[bytes, bytes]] = field(default_factory=list)

    def blob(self, path: bytes) -> bytes | None:
        """The id of the blob at that path; None where there is none, or the path is in conflict."""
        head = self.entries.get((path, 0))
        return head[40 : 40 + self.id_length] if head else None

    def mode(self, path: bytes) -> int:
        """The mode of the entry at that path, which must be there."""
        return int.from_bytes(self.entries[path, 0][24:28])

    def is_in_conflict(self, path: bytes) -> bool:
        """Whether a merge has left several versions of that path."""
        return any((path, number) in self.entries for number in (1, 2, 3))

    def is_set_aside(self, path: bytes) -> bool:
        """Whether git was told not to look at the file, be it there or not: a sparse checkout, or by hand."""
        flags, more = self._flags(path)
        return bool(flags & _ASSUMED or more & _SKIPPED)

    def is_to_be_added(self, path: bytes) -> bool:
        """Whether the path is only to be added one day (`git add --intent-to-add`)."""
        return bool(self._flags(path)[1] & _TO_BE_ADDED)

    def put(self, path: bytes, head: bytes) -> None:
        """Have that entry at the path."""
        self.entries[path, 0] = head
        self.never_racy.add((path, 0))

    def remove(self, path: bytes) -> None:
        """Have no entry at the path."""
        self.entries.pop((path, 0), None)

    def _flags(self, path: bytes) -> tuple[int, int]:
        words = self.entries.get((path, 0), b"")[40 + self.id_length :]
        return int.from_bytes(words[:2]), int.from_bytes(words[2:])


def entry_head(path: bytes, blob: bytes, mode: int, found: os.stat_result | None) -> bytes:
    """The fixed part of an entry; without a stat, git compares the file with the blob when it next looks."""
    words = [0] * 6 + [mode] + [0] * 3
    if found:
        seconds, ns = divmod(found.st_ctime_ns, 10**9)
        words[:6] = [seconds, ns, *divmod(found.st_mtime_ns, 10**9), found.st_dev, found.st_ino]
        words[7:] = [found.st_uid, found.st_gid, _size(found.st_size)]
    return _STAT.pack(*(word & 0xFFFFFFFF for word in words)) + blob + min(len(path), 0xFFF).to_bytes(2)


def _size(size: int) -> int:
    """A size as git notes it: its last 32 bits, but 0 only for what is empty."""
    return size & 0xFFFFFFFF or (0x80000000 if size else 0)


def read_index(path: Path, id_length: int = 20) -> GitIndex:
    """The index in that file, an empty one where there is none; `id_length` is the bytes of an object's id."""
    while True:
        before = state_of(path)
        if before is None:
            return GitIndex(id_length=id_length)
        content = read(path, GIT_INDEX, follows=True) or b""
        if state_of(path) == before:
            break
    try:
        index = _parse(content, id_length)
    except (struct.error, ValueError, IndexError) as error:
        raise _damaged(str(error)) from error
    index.state = before
    return index


def write_index(path: Path, index: GitIndex, locks: Locks) -> bool:
    """Put the index in the place of the one that was read; False where that has changed since. IndexLocked.

    Its state is then that of what was written.
    """
    before = path.stat() if index.state else None
    with written_beside(path, _render(index), like=before, prefix="index.") as made:
        try:
            found = locks.put(made, path, lambda: state_of(path) == index.state)
        except FileExistsError as error:
            raise IndexLocked(lock_of(path)) from error
    index.state = _state(found) if found else index.state
    return found is not None


def state_of(path: Path) -> FileState | None:
    """Which file lies there; None where none does."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return _state(found)


def _state(found: os.stat_result) -> FileState:
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _damaged(reason: str) -> IndexUnusable:
    return IndexUnusable(f"is damaged ({reason})", "See what `git status` says; `git reset` makes a new one.")


def _parse(content: bytes, id_length: int) -> GitIndex:
    signature, version, count = struct.unpack_from(">4sLL", content)
    if signature != b"DIRC" or version not in (2, 3, 4):
        raise IndexUnusable(f"is of an unknown version ({version})", "`git update-index --index-version 2`")
    body, checksum = content[:-id_length], content[-id_length:]
    if any(checksum) and digest(body, id_length) != checksum:  # zeros where index.skipHash is set
        raise ValueError("its checksum is wrong")
    index = GitIndex(version, id_length=id_length)
    at = _parse_entries(body, count, index)
    index.extensions = list(_extensions(body, at, id_length))  # of a split index, the entries make no sense
    if len(index.entries) != count or list(index.entries) != sorted(index.entries):
        raise ValueError("its entries are not in order")
    return index


def _parse_entries(body: bytes, count: int, index: GitIndex) -> int:
    """Read that many entries into the index; where they end."""
    at, fixed, name = 12, 42 + index.id_length, b""
    for _ in range(count):
        flags = (body[at + fixed - 2] << 8) | body[at + fixed - 1]
        start = at + fixed + (2 if flags & _EXTENDED else 0)
        head = body[at:start]
        if index.version == 4:
            dropped, start = _varint(body, start)
            end = body.index(0, start)
            name, at = name[: len(name) - dropped] + body[start:end], end + 1
        else:
            end = body.index(0, start)
            name, at = body[start:end], at + ((end - at + 8) & ~7)
        index.entries[name, flags >> 12 & 3] = head
    return at


def _extensions(body: bytes, at: int, id_length: int) -> Iterator[tuple[bytes, bytes]]:
    """Those that stay. The others may be left out, as their capitals say; one that git needs is refused."""
    while at + 8 <= len(body):
        name, size = struct.unpack_from(">4sL", body, at)
        content = body[at + 8 : at + 8 + size]
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
    length, at = _varint(untracked, 0)
    settings = at + length + 76 + 2 * id_length  # which system it is of; two stats, flags, and two hashes
    return untracked[: untracked.index(0, settings) + 1] + b"\0"


def _render(index: GitIndex) -> bytes:
    """The index as a file.

    What others staged in the very moment of the last write may have been changed in that moment, too; the new
    index is younger, and would be believed, so git is told to compare it (git's racy entries).
    """
    parts = [struct.pack(">4sLL", b"DIRC", index.version, len(index.entries))]
    written = struct.pack(">LL", *divmod(index.state[2], 10**9)) if index.state else b"\xff" * 8
    before = b""
    for key in sorted(index.entries):
        head, path = index.entries[key], key[0]
        if head[_MTIME] >= written and key not in index.never_racy:
            head = head[: _SIZE.start] + bytes(4) + head[_SIZE.stop :]
        if index.version == 4:
            shared = _shared(before, path)
            parts += [head, _as_varint(len(before) - shared), path[shared:], b"\0"]
            before = path
        else:
            size = len(head) + len(path)
            parts += [head, path, bytes(((size + 8) & ~7) - size)]
    for name, content in index.extensions:
        parts += [name, struct.pack(">L", len(content)), content]
    body = b"".join(parts)
    return body + digest(body, index.id_length)


def _shared(one: bytes, other: bytes) -> int:
    """How many bytes two paths begin with alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (first, second) in pairs if first != second), min(len(one), len(other)))


def digest(content: bytes, id_length: int) -> bytes:
    """The hash that a repository with ids of that many bytes goes by."""
    return hashlib.new("sha1" if id_length == 20 else "sha256", content, usedforsecurity=False).digest()


def _varint(body: bytes, at: int) -> tuple[int, int]:
    """A number as packs and indexes of version 4 have it (git's varint.c), and where it ends."""
    value = body[at] & 127
    while body[at] & 128:
        at += 1
        value = ((value + 1) << 7) + (body[at] & 127)
    return value, at + 1


def _as_varint(value: int) -> bytes:
    digits = [value & 127]
    while value := value >> 7:
        value -= 1
        digits.append(128 | (value & 127))
    return bytes(reversed(digits))
