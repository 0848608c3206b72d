"""The cut: the shots of a film in story order, each with all its takes and the one that it uses, as an edit counts them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from msgspec import Struct
from msgspec.structs import replace

from daemon.edit.rates import exact, frames
from events import Media, NotFound
from projections.index.changes import ShotChange, lines
from projections.index.loading import ALL
from projections.index.opinions import Note
from projections.index.queries import Queries
from projections.index.rows import ShotRow, ShotTakes, TakeRow
from projections.layout import frame_name, media_path, take_name
from projections.media.timecode import dropped

NO_RATE = Fraction(24)
"""Frames a second of a film that has no moving pictures yet."""

FIRST_HOUR = 3600
"""Seconds at which a film begins."""


class NoSuchPart(NotFound):
    """Raised when no shot and no scene is called so."""

    hint = "`takes ls` lists the shots; a scene is the path of its folder."

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no shot and no scene {name!r} in this film")


class Plan(Struct, frozen=True):
    """How a cut is made: `still` seconds that a picture is held, and a gap; `handles` frames that are left out at
    both ends of a take.

    With `active` it has only the active take of each shot.
    """

    still: float = 3.0
    handles: int = 0
    active: bool = False


class CutTake(Struct, frozen=True):
    """A take that can be played: `start` and `length` in frames of its own `rate`, of `frames` that there are.

    `path` is its file's, relative to the film; of an image sequence, that of its first frame.
    """

    row: TakeRow
    media: Media
    path: str
    rate: Fraction
    frames: int
    start: int
    length: int

    @property
    def markers(self) -> Sequence[tuple[Note, int, int]]:
        """The notes that are at frames it has, each with the first of those and how many they are."""
        placed = ((note, note.frame, note.last_frame) for note in notes_of(self.row))
        return [
            (note, first, min(first if last is None else last, self.frames - 1) - first + 1)
            for note, first, last in placed
            if first is not None and first < self.frames
        ]


class Clip(Struct, frozen=True):
    """A shot of the cut: all that is known of it, the takes that can be played, and the active one of them.

    `changes` says in words what is new: under 0 of the shot, and by number of its takes.
    """

    shot: ShotRow
    rows: Sequence[TakeRow]
    takes: Sequence[CutTake]
    active: CutTake | None
    changes: Mapping[int, str] = {}

    @property
    def name(self) -> str:
        return self.shot.path.rpartition("/")[2]

    @property
    def scene(self) -> str:
        return self.shot.path.rpartition("/")[0]

    @property
    def changed(self) -> Sequence[str]:
        """What is new of the shot and its takes, each in a line."""
        return [f"{take_name(number)} {said}" if number else said for number, said in self.changes.items()]


class Cut(Struct, frozen=True):
    """A film as an edit has it; `gap` is how many frames of its `rate` a shot without an active take lasts."""

    film: str
    root: Path
    rate: Fraction
    gap: int
    clips: Sequence[Clip]

    @property
    def zero(self) -> int:
        """The frame of the time code at which it begins: hour one, by custom."""
        return round(FIRST_HOUR * (self.rate if dropped(self.rate) else round(self.rate)))

    def frames(self, take: CutTake) -> int:
        """How long a take is, in frames of the film: a clip in it ends with one of those."""
        own, film = take.rate, self.rate
        return max(1, take.length * own.denominator * film.numerator // (own.numerator * film.denominator))

    def length(self, clip: Clip) -> int:
        """How long a clip is, in frames of the film; a gap is as long as all others."""
        return self.frames(clip.active) if clip.active else self.gap

    def url(self, take: CutTake, *, is_relative: bool) -> str:
        """Where the file of a take is: from the film's folder, or on this machine."""
        return quote(take.path) if is_relative else f"{_uri(self.root)}/{quote(take.path)}"


async def cut_of(index: Queries, film: str, root: Path, plan: Plan, today: Queries | None = None) -> Cut:
    """The cut of a film, by the paths of its shots, all as it is at one moment.

    Where that has passed, `today` knows where the files are by now, and what was purged since.
    """
    shots = await index.shots()
    known = {one.shot.stream: one for one in await index.load({shot.stream: {ALL} for shot in shots})}
    loaded = [known[shot.stream] for shot in shots if shot.stream in known]
    loaded = await _as_they_lie(loaded, today) if today else loaded
    rate = _most_common(
        take.read_media() for one in loaded for take in one.takes if one.shot.active == take.number
    )
    clips = [_clip(one.shot, one.takes, rate, plan) for one in loaded]
    return Cut(film, root, rate, frames(plan.still, rate), clips)


def with_changes(cut: Cut, changes: Iterable[ShotChange]) -> Cut:
    """The same, each shot with what has changed of it."""
    known = {one.shot.stream: lines(one) for one in changes}
    return replace(cut, clips=[replace(clip, changes=known.get(clip.shot.stream, {})) for clip in cut.clips])


async def _as_they_lie(loaded: Sequence[ShotTakes], today: Queries) -> list[ShotTakes]:
    """The same at the paths of today, without the bytes that are gone."""
    found = await today.load({one.shot.stream: {ALL} for one in loaded})
    known = {one.shot.stream: one for one in found}
    return [_as_it_lies(one, known[one.shot.stream]) for one in loaded]


def _as_it_lies(then: ShotTakes, today: ShotTakes) -> ShotTakes:
    purged = {take.number: take.purged for take in today.takes}
    takes = [replace(take, purged=purged.get(take.number)) for take in then.takes]
    return ShotTakes(replace(then.shot, path=today.shot.path), takes)


def within(cut: Cut, name: str | None) -> tuple[str, Cut]:
    """The shot of that name or path, or what is in that folder, or all of it; and what that is called. NoSuchPart."""
    path = (name or "").replace(":", "/").strip("/")
    if not path:
        return cut.film, cut
    clips = [clip for clip in cut.clips if _is_in(clip.shot.path, path)]
    if not clips:
        raise NoSuchPart(name or "")
    return f"{cut.film}: {path}", replace(cut, clips=clips)


def _is_in(shot: str, path: str) -> bool:
    return shot == path or shot.startswith(f"{path}/") or shot.endswith(f"/{path}")


def _clip(shot: ShotRow, rows: Sequence[TakeRow], rate: Fraction, plan: Plan) -> Clip:
    rows = [row for row in rows if row.number == shot.active] if plan.active else rows
    takes = list(_playable(shot, rows, rate, plan))
    active = next((take for take in takes if take.row.number == shot.active), None)
    return Clip(shot, rows, takes, active)


def _playable(shot: ShotRow, rows: Sequence[TakeRow], rate: Fraction, plan: Plan) -> Iterator[CutTake]:
    for row in rows:
        media = row.read_media()
        if media is None or row.status != "complete" or row.deleted or row.purged:
            continue
        own = exact(media.frame_rate) if media.frame_rate else rate
        count = _length(media, own, plan)
        is_moving = media.kind == "video" or media.frames is not None
        handles = plan.handles if is_moving and count > 2 * plan.handles else 0
        path = media_path(shot.path, row.number, first_file(media))
        yield CutTake(row, media, path, own, count, handles, count - 2 * handles)


@lru_cache(16)
def _uri(root: Path) -> str:
    return root.as_uri()


def notes_of(row: TakeRow | ShotRow) -> Sequence[Note]:
    """The notes on a take or a shot that nobody has withdrawn."""
    return () if row.notes is None else [note for note in row.read_notes() if note.state != "withdrawn"]


def first_file(media: Media) -> str:
    """The name of a take's file; of an image sequence, of its first frame."""
    found = media.frames
    return frame_name(stem(media), found.first, found.digits, found.suffix) if found else media.name


def stem(media: Media) -> str:
    """What stands before the dot in the name of a take's media, and before the numbers of its frames."""
    return media.name.rpartition(".")[0]


def _length(media: Media, rate: Fraction, plan: Plan) -> int:
    """How many frames a take lasts; those that a sequence lacks are counted."""
    if media.frames:
        return media.frames.last - media.frames.first + 1
    return frames(media.duration or plan.still, rate)


def _most_common(found: Iterator[Media | None]) -> Fraction:
    rates = Counter(exact(media.frame_rate) for media in found if media and media.frame_rate)
    return rates.most_common(1)[0][0] if rates else NO_RATE
