"""The fold of the rows: it tells the same life as the folded shot, by which the rules decide."""

from collections.abc import Iterator, Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from events import Event, Media, Record, Shot, ShotRegistered, Take, TakesError, fold
from events.codec import CODEC, page_of
from projections.index.folding import Fold
from projections.index.rows import ShotRow, TakeRow
from tests.events.samples import A_LIFE, AT
from tests.projections.histories import WHAT, decide

BEGINNINGS = st.builds(
    lambda last, deleted: ShotRegistered(
        path="001_Dawn", device=66, inode=12, given=last, hidden=tuple(sorted(deleted & {*range(last + 1)}))
    ),
    st.integers(0, 4),
    st.sets(st.integers(1, 4)),
)
"""Of a shot that is new, or that came with numbers which a log before this one had given."""

LIFE = st.lists(st.tuples(st.sampled_from(WHAT), st.integers(1, 3)), min_size=15, max_size=60)
"""Of few takes, so that much happens to each."""

RUNS = st.sets(st.integers(0, 60))
"""Turns after which the rows are written, and those that come next are fetched again."""


class Twice:
    """A shot that is folded in both ways."""

    def __init__(self) -> None:
        self.shot = Shot("stream")
        self.row = ShotRow(1, "stream")
        self.takes: dict[int, TakeRow] = {}
        self.write()

    def write(self) -> None:
        """Have the rows fetched from now on as an earlier run left them."""
        self._rows = Fold(lambda _: self.row, lambda _, number: self.takes[number])

    def tell(self, events: Sequence[Event]) -> None:
        records = list(self._records(events))
        fold(self.shot, records)
        self._rows.fold(page_of(records, CODEC).entries())
        self.takes |= {number: take for (_, number), take in self._rows.takes.items()}

    def _records(self, events: Sequence[Event]) -> Iterator[Record]:
        for version, event in enumerate(events, self.shot.version + 1):
            yield Record(version + 5, "stream", version, f"id{version}", AT, "cli", None, event, "")


def of_shot(shot: Shot) -> dict[str, Any]:
    """What the rules know of a shot."""
    present = [take for take in shot.takes.values() if take.deleted is None]
    return {
        "stream": shot.stream,
        "place": (shot.path, shot.device, shot.inode),
        "version": (shot.version, shot.position),
        "active": shot.active,
        "next number": shot.next_number,
        "takes": len(present),
        "making": len([take for take in present if take.status == "generating"]),
        "said": (shot.stage, shot.notes),
    }


def of_row(row: ShotRow) -> dict[str, Any]:
    """The same as its row has it."""
    return {
        "stream": row.stream,
        "place": (row.path, row.device, row.inode),
        "version": (row.version, row.position),
        "active": row.active,
        "next number": row.given + 1,
        "takes": row.takes,
        "making": row.making,
        "said": (row.stage or "", {one.note: one.state for one in row.read_notes()}),
    }


def of_take(take: Take) -> dict[str, Any]:
    """What the rules know of a take. Which file it is they need to know of one that is complete and there."""
    is_there = take.status == "complete" and not take.purged
    return {
        "number": take.number,
        "source": (take.source.kind, take.source.name),
        "status": (take.status, take.started, take.is_awaited, take.is_cancelled),
        "name": take.name,
        "holds": (take.sha256, take.bytes, take.kept),
        "file": take.file if is_there else None,
        "deleted": (take.deleted, take.deleted is not None),
        "purged": take.purged,
        "asked for": take.request.params if take.request and take.status != "complete" else None,
        "said": (take.rating, take.mark, [*take.tags], take.notes),
        "open notes": len([state for state in take.notes.values() if state == "open"]),
    }


def of_take_row(row: TakeRow) -> dict[str, Any]:
    """The same as its row has it."""
    media = row.read_media()
    is_asked_for = row.source == "request" and row.status != "complete"
    return {
        "number": row.number,
        "source": (row.source, row.origin),
        "status": (
            row.status,
            row.started is not None,
            row.source == "request" and row.status == "generating",
            row.cancelled is not None,
        ),
        "name": row.name,
        "holds": (*_held(media), row.kept),
        "file": row.read_file() if row.status == "complete" and not row.purged else None,
        "deleted": (row.deleted, row.deleted_at is not None),
        "purged": row.purged is not None,
        "asked for": row.read_params() if is_asked_for else None,
        "said": (
            row.rating or 0,
            row.mark or "none",
            row.read_tags(),
            {one.note: one.state for one in row.read_notes()},
        ),
        "open notes": row.open_notes or 0,
    }


def _held(media: Media | None) -> tuple[str | None, int]:
    return (media.sha256, media.bytes) if media else (None, 0)


def check(both: Twice) -> None:
    shot, row = both.shot, both.row
    assert of_row(row) == of_shot(shot)
    assert [of_take_row(both.takes[number]) for number in sorted(both.takes)] == [
        of_take(shot.takes[number]) for number in sorted(shot.takes)
    ]
    on_purpose = {number for number, take in shot.takes.items() if take.deleted == "asked"}
    since_before = {*shot.hidden} - shot.takes.keys()
    undecided = {number for number in shot.hidden if number in shot.takes and not shot.takes[number].deleted}
    assert {*row.read_deleted_numbers()} - undecided == on_purpose | since_before


@settings(max_examples=150)
@given(BEGINNINGS, LIFE, RUNS)
def test_the_rows_and_the_folded_shot_agree_after_every_step(
    beginning: ShotRegistered, life: list[tuple[str, int]], runs: set[int]
) -> None:
    both = Twice()
    both.tell([beginning])
    check(both)
    for turn, (what, number) in enumerate(life):
        try:
            events = decide(both.shot, what, number, turn)
        except TakesError:
            continue
        both.tell(events)
        check(both)
        if turn in runs:
            both.write()


def test_the_rows_and_the_folded_shot_agree_on_every_event_there_is() -> None:
    both = Twice()
    for event in A_LIFE:
        both.tell([event])
        check(both)
