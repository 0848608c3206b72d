"""The entries of git's index as the bytes that they are: found by a search, changed by a splice.

They are sorted. Every so many of them a mark says where one begins and which it is; what lies from one mark to the next
is taken apart only where something is looked for there, and made anew only where something changes. All other bytes
are copied as they lie.
"""

import struct
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping

from msgspec import Struct, field

Key = tuple[bytes, int]
"""A path, and its stage: 0, or one of the three that a merge leaves in conflict."""

Run = dict[Key, bytes]
"""Entries that follow each other, by key: of each the part before its path, with stat, blob and flags."""

STRIDE = 64
"""Entries from one mark to the next."""

VERSIONS = (2, 3, 4)

_HEADER = struct.Struct(">4sLL")
_EXTENDED = 0x4000
_MTIME, _MODE, _BLOB = slice(8, 16), slice(24, 28), 40


class Marks(Struct):
    """Where the entries of an index are: of each marked one where it starts, its key, and the path before it.

    `end` is where the entries end. `meaning` is a sum over what they say but for their stats: two indexes of the same
    meaning have the same paths, modes, blobs and flags. It holds in one process only. `young` are those whose files
    have changed no earlier than some moment.
    """

    version: int = 2
    id_length: int = 20
    count: int = 0
    starts: list[int] = field(default_factory=list)
    firsts: list[Key] = field(default_factory=list)
    befores: list[bytes] = field(default_factory=list)
    end: int = _HEADER.size
    meaning: int = 0
    is_sorted: bool = True
    has_conflicts: bool = False
    young: set[Key] = field(default_factory=set)


def read_header(content: bytes) -> tuple[bytes, int, int]:
    """The signature, the version, and how many entries there are; struct.error where it is too short."""
    signature, version, count = _HEADER.unpack_from(content)
    return signature, version, count


def survey(content: bytes, id_length: int, moment: bytes) -> Marks:
    """Look at every entry once; ValueError or IndexError where they are damaged.

    Those whose files changed at that moment or later, which is as it is noted of a file, are the young ones.
    """
    _, version, count = read_header(content)
    marks = Marks(version, id_length, count)
    at, fixed, before, last = _HEADER.size, 42 + id_length, b"", -1
    for number in range(count):
        flags = content[at + fixed - 2] << 8 | content[at + fixed - 1]
        start = at + fixed + (2 if flags & _EXTENDED else 0)
        name, after = _name(content, at, start, before, version)
        stage = flags >> 12 & 3
        if name < before or (name == before and stage <= last):
            marks.is_sorted = False
        if not number % STRIDE:
            marks.starts.append(at)
            marks.firsts.append((name, stage))
            marks.befores.append(before if version == 4 else b"")
        marks.meaning += hash(
            content[at + _MODE.start : at + _MODE.stop] + content[at + _BLOB : start] + name
        )
        if stage:
            marks.has_conflicts = True
        if content[at + _MTIME.start : at + _MTIME.stop] >= moment:
            marks.young.add((name, stage))
        at, before, last = after, name, stage
    if at > len(content) - id_length:
        raise ValueError("it ends too early")
    marks.end = at
    return marks


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
        if not folder:
            for number in range(len(self.marks.firsts)):
                yield from self._taken_apart(number)
            return
        prefix = folder + b"/"
        first = self._number((prefix, 0))
        for number in range(first, len(self.marks.firsts)):
            keys = self._keys(number)
            for key in keys[bisect_left(keys, (prefix, 0)) if number == first else 0 :]:
                if not key[0].startswith(prefix):
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
            made.note(key, wanted[number].pop(key, None), head)
            if head is not None:
                wanted[number][key] = head
        done = 0
        for number in sorted(wanted):
            if number < done:
                continue
            made.copy(done, number)
            made.render(wanted[number])
            done = number + 1
            while made.is_next_stale(
                done
            ):  # it leaves out what it has in common with a path that has changed
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
        if number >= len(marks.starts):
            return run
        at, before, fixed = marks.starts[number], marks.befores[number], 42 + marks.id_length
        stop = marks.starts[number + 1] if number + 1 < len(marks.starts) else marks.end
        while at < stop:
            flags = content[at + fixed - 2] << 8 | content[at + fixed - 1]
            start = at + fixed + (2 if flags & _EXTENDED else 0)
            before, after = _name(content, at, start, before, marks.version)
            run[before, flags >> 12 & 3] = content[at:start]
            at = after
        return run


class _Spliced:
    """An index that is put together from runs of an old one, copied or made anew, in their order."""

    def __init__(self, content: bytes, old: Marks) -> None:
        self._content = memoryview(content)
        self._old = old
        self._parts: list[bytes | memoryview] = []
        self._last = b""
        self._new = Marks(
            old.version, old.id_length, old.count, meaning=old.meaning, has_conflicts=old.has_conflicts
        )

    def note(self, key: Key, before: bytes | None, after: bytes | None) -> None:
        """Have it counted that an entry comes, goes, or says something else."""
        self._new.has_conflicts |= key[1] > 0
        for head, sign in ((before, -1), (after, 1)):
            if head is not None:
                self._new.count += sign
                self._new.meaning += sign * hash(head[_MODE] + head[_BLOB:] + key[0])

    def copy(self, first: int, behind: int) -> None:
        """Copy the runs from the one up to the other."""
        old, new = self._old, self._new
        if first >= behind:
            return
        start, is_to_end = old.starts[first], behind >= len(old.starts)
        stop = old.end if is_to_end else old.starts[behind]
        moved = new.end - start
        new.starts += [one + moved for one in old.starts[first:behind]]
        new.firsts += old.firsts[first:behind]
        new.befores += old.befores[first:behind]
        self._add(self._content[start:stop])
        self._last = b"" if is_to_end else old.befores[behind]

    def render(self, run: Run) -> None:
        """Make a run anew; a long one becomes several."""
        new = self._new
        every = STRIDE if len(run) > 2 * STRIDE else len(run)
        parts: list[bytes] = []
        size = new.end
        for number, key in enumerate(sorted(run)):
            head, path = run[key], key[0]
            if not number % every:
                new.starts.append(size)
                new.firsts.append(key)
                new.befores.append(self._last if new.version == 4 else b"")
            if new.version == 4:
                shared = _shared(self._last, path)
                entry = b"%b%b%b\0" % (head, as_varint(len(self._last) - shared), path[shared:])
                self._last = path
            else:
                length = len(head) + len(path)
                entry = b"%b%b%b" % (head, path, bytes(((length + 8) & ~7) - length))
            parts.append(entry)
            size += len(entry)
        self._add(b"".join(parts))

    def is_next_stale(self, number: int) -> bool:
        """Whether a run of the old index leaves out parts of a path that does not stand before it any more."""
        return (
            number < len(self._old.befores)
            and self._old.version == 4
            and self._last != self._old.befores[number]
        )

    def finish(self) -> tuple[list[bytes | memoryview], Marks]:
        header = _HEADER.pack(b"DIRC", self._new.version, self._new.count)
        return [header, *self._parts], self._new

    def _add(self, part: bytes | memoryview) -> None:
        self._parts.append(part)
        self._new.end += len(part)


def _name(content: bytes, at: int, start: int, before: bytes, version: int) -> tuple[bytes, int]:
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
