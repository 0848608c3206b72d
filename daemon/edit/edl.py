"""CMX 3600: a cut as the list of edits that every program reads, with the take, model and seed of each as comments.

OpenTimelineIO's adapter takes all clips to be of one rate, drops no frames and writes no black; so this writes the lines
itself, and a test has that adapter read them.
"""

from collections.abc import Iterator
from fractions import Fraction

from daemon.edit.cut import Clip, Cut, CutTake, notes_of
from daemon.edit.saying import judgements, one_line, said
from events import Refused
from projections.layout import full_id
from projections.media.timecode import dropped, timecode

MOST_EDITS = 999
"""The number of an edit has three digits."""


class TooManyShots(Refused):
    """Raised when a film has more shots than a list can have edits."""

    hint = "Export it as otio or fcpxml, which have no such limit."

    def __init__(self, shots: int) -> None:
        super().__init__(f"an EDL has at most {MOST_EDITS} edits, and this film has {shots} shots")


def write(cut: Cut) -> bytes:
    """The list, in frames of the film's rate; a shot without an active take is black. TooManyShots."""
    if len(cut.clips) > MOST_EDITS:
        raise TooManyShots(len(cut.clips))
    kind = "DROP FRAME" if dropped(cut.rate) else "NON-DROP FRAME"
    return bytes(
        "\n".join([f"TITLE: {one_line(cut.film)}", f"FCM: {kind}", "", *_edits(cut)]) + "\n", "utf-8"
    )


def _edits(cut: Cut) -> Iterator[str]:
    at = cut.zero
    for number, clip in enumerate(cut.clips, 1):
        take = clip.active
        start, length = (_of_film(take, cut.rate)) if take else (0, cut.gap)
        times = (start, start + length, at, at + length)
        codes = " ".join(timecode(time, cut.rate) for time in times)
        yield f"{number:03d}  {_reel(clip, number):8} V     C        {codes}"
        yield f"* FROM CLIP NAME: {one_line(clip.name)}"
        yield f"* SHOT: {one_line(full_id(clip.shot.path))}"
        yield from (f"* CHANGED: {one_line(said)}" for said in clip.changed)
        if take:
            yield from _comments(cut, take)
            yield from _locators(take, start, start + length, at, cut.rate)
        at += length


def _of_film(take: CutTake, rate: Fraction) -> tuple[int, int]:
    """Where a take begins and how long it is, in frames of that rate."""
    start, end = (round(frame / take.rate * rate) for frame in (take.start, take.start + take.length))
    return start, max(1, end - start)


def _reel(clip: Clip, number: int) -> str:
    return f"S{number:03d}T{clip.active.row.number:03d}"[:8] if clip.active else "BL"


def _comments(cut: Cut, take: CutTake) -> Iterator[str]:
    params = take.row.read_params() or {}
    yield f"* FROM FILE: {one_line(str(cut.root / take.path))}"
    yield f"* TAKE: {take.row.id}"
    for name in ("model", "seed"):
        if value := params.get(name):
            yield f"* {name.upper()}: {one_line(str(value))}"
    for name, value in judgements(take.row):
        yield f"* {name.upper()}: {value}"
    for note in notes_of(take.row):
        yield f"* NOTE: {said(note)}"


def _locators(take: CutTake, start: int, end: int, at: int, rate: Fraction) -> Iterator[str]:
    """The notes at frames that are in the film, at their places in it, as programs read markers of an EDL."""
    for note, first, _ in take.markers:
        frame = round(first / take.rate * rate)
        if start <= frame < end:
            colour = "GREEN" if note.state == "resolved" else "RED"
            yield f"* LOC: {timecode(at + frame - start, rate)} {colour:7} {one_line(note.text)}"
