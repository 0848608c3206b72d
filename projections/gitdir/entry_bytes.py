"""The entries of git's index as the bytes that they are: found by a search, changed by a splice.

They are sorted. Every so many of them a mark says where one begins and which it is; what lies from one mark to the next
is taken apart only where something is looked for there, and made anew only where something changes. All other bytes
are copied as they lie.
"""

import struct
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from itertools import accumulate

from msgspec import Struct, field, structs

Key = tuple[bytes, int]
"""A path, and its stage: 0, or one of the three that a merge leaves in conflict."""

Run = dict[Key, bytes]
"""Entries that follow each other, by key: of each the part before its path, with stat, blob and flags."""

STRIDE = 64
"""Entries from one mark to the next."""

HEADER = struct.Struct(">4sLL")
EXTENDED = 0x4000
MTIME, MODE, BLOB = slice(8, 16), slice(24, 28), 40


class Mark(Struct, frozen=True, gc=False):
    """Entries that follow each other in an index: how many, in how many bytes, the key of the first, and the path before it.

    `meaning` is a sum over what they say but for their stats: entries of the same meaning have the same paths, modes,
    blobs and flags. `content` is a hash of their bytes. Both are the same in each process.
    """

    first: Key
    before: bytes
    size: int
    count: int
    meaning: int
    content: int


class Marks(Struct):
    """Where the entries of an index are, run by run.

    `starts` are the bytes at which each begins, and where the entries end; `firsts` the keys with which they do. `young`
    are those whose files have changed no earlier than some moment.
    """

    version: int = 2
    id_length: int = 20
    runs: list[Mark] = field(default_factory=list)
    is_sorted: bool = True
    has_conflicts: bool = False
    young: set[Key] = field(default_factory=set)
    starts: list[int] = field(default_factory=list)
    firsts: list[Key] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.starts = [*accumulate((run.size for run in self.runs), initial=HEADER.size)]
        self.firsts = [run.first for run in self.runs]

    @property
    def count(self) -> int:
        """How many entries there are."""
        return sum(run.count for run in self.runs)

    @property
    def end(self) -> int:
        """Where they end."""
        return self.starts[-1]

    @property
    def meaning(self) -> int:
        """What they say together."""
        return sum(run.meaning for run in self.runs)


class EntryBytes:
    """The entries in the content of an index, with the marks of that."""

    def __init__(self, content: bytes, marks: Marks) -> None:
        self.marks = marks
        self._content = content
        self._runs: dict[int, Run] = {}
        self._orders: dict[int, list[Key]] = {}
        self._last: tuple[Key | None, bytes | None] = None, None

    def find(self, key: Key) -> bytes | None:
        """The part of an entry before its path; None where there is no such entry."""
        if key != self._last[0]:  # the same one is mostly asked for some times in a row
            self._last = key, self._run(self._number(key)).get(key)
        return self._last[1]

    def below(self, folder: bytes) -> Iterator[Key]:
        """The keys of what lies in a folder, however deep; in all of it for the worktree, which has no name."""
        return self.between(folder + b"/", folder + b"0") if folder else self.between(b"", None)

    def between(self, first: bytes, behind: bytes | None) -> Iterator[Key]:
        """The keys from a path on, up to that of another or to the end."""
        start = self._number((first, 0))
        for number in range(start, len(self.marks.firsts)):
            keys = self._keys(number) if number == start else [*self._taken_apart(number)]
            for key in keys[bisect_left(keys, (first, 0)) if number == start else 0 :]:
                if behind is not None and key[0] >= behind:
                    return
                yield key

    def spliced(self, changes: Mapping[Key, bytes | None]) -> tuple[list[bytes | memoryview], Marks]:
        """An index's header and entries with those heads in the place of what was there, or nothing; and its marks."""
        made = _Spliced(self._content, self.marks)
        wanted: dict[int, Run] = {}
        for key, head in changes.items():
            number = self._number(key)
            if number not in wanted:
                wanted[number] = dict(self._run(number))
            wanted[number].pop(key, None)
            if head is not None:
                wanted[number][key] = head
            made.has_conflicts |= key[1] > 0
        done = 0
        for number in sorted(wanted):
            if number < done:
                continue
            made.copy(done, number)
            made.render(wanted[number])
            done = number + 1
            # The next one leaves out what it has in common with a path that has changed.
            while made.is_next_stale(done):
                made.render(wanted.get(done, self._run(done)))
                done += 1
        made.copy(done, len(self.marks.firsts))
        return made.finish()

    def _number(self, key: Key) -> int:
        """Behind which mark a key has its place."""
        return max(bisect_right(self.marks.firsts, key) - 1, 0)

    def _run(self, number: int) -> Run:
        """The entries from a mark to the next."""
        run = self._runs.get(number)
        if run is None:
            run = self._runs[number] = self._taken_apart(number)
        return run

    def _keys(self, number: int) -> list[Key]:
        """Their keys, in order."""
        keys = self._orders.get(number)
        if keys is None:
            keys = self._orders[number] = list(self._run(number))
        return keys

    def _taken_apart(self, number: int) -> Run:
        marks, content, run = self.marks, self._content, Run()
        if number >= len(marks.runs):
            return run
        at, stop, before = marks.starts[number], marks.starts[number + 1], marks.runs[number].before
        fixed = 42 + marks.id_length
        while at < stop:
            flags = content[at + fixed - 2] << 8 | content[at + fixed - 1]
            start = at + fixed + (2 if flags & EXTENDED else 0)
            before, after = path_at(content, at, start, before, marks.version)
            run[before, flags >> 12 & 3] = content[at:start]
            at = after
        return run


class _Spliced:
    """An index that is put together from runs of an old one, copied or made anew, in their order."""

    def __init__(self, content: bytes, old: Marks) -> None:
        self._content = memoryview(content)
        self._old = old
        self._parts: list[bytes | memoryview] = []
        self._runs: list[Mark] = []
        self._last = b""
        self.has_conflicts = old.has_conflicts

    def copy(self, first: int, behind: int) -> None:
        """Copy the runs from the one up to the other."""
        old = self._old
        if first >= behind:
            return
        self._runs += [structs.replace(old.runs[first], before=self._last), *old.runs[first + 1 : behind]]
        self._parts.append(self._content[old.starts[first] : old.starts[behind]])
        self._last = old.runs[behind].before if behind < len(old.runs) else b""

    def render(self, run: Run) -> None:
        """Make a run anew; a long one becomes several."""
        keys = sorted(run)
        every = STRIDE if len(keys) > 2 * STRIDE else 2 * STRIDE
        for start in range(0, len(keys), every):
            self._add(keys[start : start + every], run)

    def _add(self, keys: Sequence[Key], run: Run) -> None:
        """Add those entries of a run."""
        before, parts, meaning = self._last, list[bytes](), 0
        for key in keys:
            head, path = run[key], key[0]
            if self._old.version == 4:
                shared = _shared(self._last, path)
                parts.append(b"%b%b%b\0" % (head, as_varint(len(self._last) - shared), path[shared:]))
            else:
                length = len(head) + len(path)
                parts.append(b"%b%b%b" % (head, path, bytes(((length + 8) & ~7) - length)))
            self._last = path
            meaning += meaning_of(head, path)
        content = b"".join(parts)
        self._parts.append(content)
        self._runs.append(Mark(keys[0], before, len(content), len(keys), meaning, hash_of(content)))

    def is_next_stale(self, number: int) -> bool:
        """Whether a run of the old index leaves out parts of a path that does not stand before it any more."""
        old = self._old
        return old.version == 4 and number < len(old.runs) and self._last != old.runs[number].before

    def finish(self) -> tuple[list[bytes | memoryview], Marks]:
        old = self._old
        marks = Marks(old.version, old.id_length, self._runs, has_conflicts=self.has_conflicts)
        return [HEADER.pack(b"DIRC", marks.version, marks.count), *self._parts], marks


def meaning_of(head: bytes, path: bytes) -> int:
    """What an entry says but for its stat, as a number: few enough bits for a sum over many."""
    return hash_of(head[MODE] + head[BLOB:] + path)


def hash_of(content: bytes) -> int:
    """What bytes are known by, in each process."""
    return int.from_bytes(blake2b(content, digest_size=6).digest())


def path_at(content: bytes, at: int, start: int, before: bytes, version: int) -> tuple[bytes, int]:
    """The path of the entry at that place, which starts there, and where the next entry is."""
    if version != 4:
        end = content.index(0, start)
        return content[start:end], at + ((end - at + 8) & ~7)
    dropped, start = varint(content, start)
    if dropped > len(before):
        raise ValueError("a path leaves out more than there is")
    end = content.index(0, start)
    return before[: len(before) - dropped] + content[start:end], end + 1


def _shared(one: bytes, other: bytes) -> int:
    """How many bytes two paths begin with alike."""
    most = min(len(one), len(other))
    different = int.from_bytes(one[:most]) ^ int.from_bytes(other[:most])
    return most - (different.bit_length() + 7) // 8


def varint(content: bytes, at: int) -> tuple[int, int]:
    """A number as packs and indexes of version 4 have it (git's varint.c), and where it ends."""
    value = content[at] & 127
    while content[at] & 128:
        at += 1
        value = ((value + 1) << 7) + (content[at] & 127)
    return value, at + 1


def as_varint(value: int) -> bytes:
    """The same the other way."""
    digits = [value & 127]
    while value := value >> 7:
        value -= 1
        digits.append(128 | (value & 127))
    return bytes(reversed(digits))
