"""Surveying: one look at all of an index, of which only what has changed since the last one is taken apart.

A run whose bytes are those of one that is known is that one. What lies between two of those is looked at entry by entry,
up to where a known one begins again.
"""

from msgspec import Struct, structs

from projections.gitdir.entry_bytes import (
    EXTENDED,
    HEADER,
    MTIME,
    STRIDE,
    EntryBytes,
    Key,
    Mark,
    Marks,
    hash_of,
    meaning_of,
    path_at,
)

VERSIONS = (2, 3, 4)

Range = tuple[bytes, bytes | None]
"""Paths from the one on, up to the other or to the end."""

ALL: Range = (b"", None)


def read_header(content: bytes) -> tuple[bytes, int, int]:
    """The signature, the version, and how many entries there are; struct.error where it is too short."""
    signature, version, count = HEADER.unpack_from(content)
    return signature, version, count


class Survey(Struct):
    """What was found: where the entries are, and among which paths one says something else than before."""

    marks: Marks
    changed: list[Range]


def survey(content: bytes, id_length: int, moment: bytes, known: Marks | None = None) -> Survey:
    """Look at every entry that is not known; ValueError or IndexError where they are damaged.

    Those whose files changed at that moment or later, which is as it is noted of a file, are the young ones. `known` are
    the marks of an index before, which was written no later than this one.
    """
    _, version, count = read_header(content)
    if known and ((known.version, known.id_length) != (version, id_length) or known.has_conflicts):
        known = None
    under_way = _Survey(content, Marks(version, id_length), moment, known or Marks())
    under_way.look(count)
    marks = under_way.finish()
    if marks.end > len(content) - id_length:
        raise ValueError("it ends too early")
    return Survey(marks, under_way.changed if known else [ALL])


class _Survey:
    """A survey under way: the runs so far, and which of the known ones may come next."""

    def __init__(self, content: bytes, new: Marks, moment: bytes, known: Marks) -> None:
        self.changed: list[Range] = []
        self._content = content
        self._new = new
        self._moment = moment
        self._known = known
        self._old = known.runs[:-1]  # of the last one, nothing says with which path it ends
        self._numbers = {run.first: number for number, run in enumerate(self._old)}
        self._next = 0
        self._at = HEADER.size
        self._last: Key = b"", -1
        self._gap: tuple[bytes, int, int] | None = None

    def look(self, count: int) -> None:
        """Look at so many entries."""
        while count:
            if self._is_known(count):
                self._end_gap(self._next)
                count -= self._take_known()
            else:
                self._begin_gap()
                count -= self._take_apart(count)
        self._begin_gap()
        self._end_gap(len(self._known.runs))

    def finish(self) -> Marks:
        """Where the entries are."""
        new = self._new
        marks = Marks(new.version, new.id_length, new.runs, new.is_sorted, new.has_conflicts, new.young)
        entries = EntryBytes(self._content, marks)
        was_young = ((key, entries.find(key)) for key in self._known.young)
        marks.young |= {key for key, head in was_young if head and head[MTIME] >= self._moment}
        return marks

    def _is_known(self, left: int) -> bool:
        """Whether the next one of the known runs begins here; there are so many entries left."""
        if self._next >= len(self._old):
            return False
        run = self._old[self._next]
        is_readable = self._new.version != 4 or run.before == self._last[0]
        is_next = run.count <= left and run.first > self._last
        return (
            is_readable and is_next and hash_of(self._content[self._at : self._at + run.size]) == run.content
        )

    def _take_known(self) -> int:
        """Go on behind a run that is known; how many entries it has."""
        run = self._old[self._next]
        if run.before != self._last[0]:
            run = structs.replace(run, before=self._last[0])
        self._new.runs.append(run)
        self._next += 1
        self._at, self._last = self._at + run.size, (self._known.runs[self._next].before, 0)
        return run.count

    def _take_apart(self, left: int) -> int:
        """Look at a few of the entries that are left, up to where a known run begins; how many they are."""
        new, content, begin, before = self._new, self._content, self._at, self._last[0]
        at, last, first, fixed = begin, self._last, None, 42 + new.id_length
        number = meaning = 0
        while number < min(left, STRIDE):
            flags = content[at + fixed - 2] << 8 | content[at + fixed - 1]
            start = at + fixed + (2 if flags & EXTENDED else 0)
            name, after = path_at(content, at, start, last[0], new.version)
            key = name, flags >> 12 & 3
            if first is None:
                first = key
            elif self._numbers.get(key, -1) >= self._next:
                self._next, self._at, self._last = self._numbers[key], at, last
                if self._is_known(left - number):
                    break
            new.is_sorted &= key > last
            new.has_conflicts |= key[1] > 0
            if content[at + MTIME.start : at + MTIME.stop] >= self._moment:
                new.young.add(key)
            meaning += meaning_of(content[at:start], name)
            number, at, last = number + 1, after, key
        self._at, self._last = at, last
        new.runs.append(Mark(first or last, before, at - begin, number, meaning, hash_of(content[begin:at])))
        return number

    def _begin_gap(self) -> None:
        """What comes now is not known, unless it was not so before already."""
        self._gap = self._gap or (self._last[0], self._next, len(self._new.runs))

    def _end_gap(self, known: int) -> None:
        """It is known from here on, by the run of that number: see whether what was not says the same as before."""
        if self._gap is None:
            return
        (first, since, came), self._gap = self._gap, None
        before, after = self._known.runs[since:known], self._new.runs[came:]
        if sum(run.meaning for run in before) != sum(run.meaning for run in after):
            behind = self._known.runs[known].first[0] if known < len(self._known.runs) else None
            self.changed.append((first, behind))
