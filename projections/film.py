"""The film on disk: where the files of its shots belong, and how a projection changes one.

Everything is written beside its place and renamed into it, so that whoever looks sees the old or the new.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct, field

from events import Media
from projections.board import Board
from projections.index.index import Index
from projections.index.rows import ShotRow, TakeRow
from projections.keeping import EVERYTHING, Keeping
from projections.layout import OWN_FOLDER, beside, media_name, take_path


class Thumbnail(NamedTuple):
    """The picture that stands for a take, as PNG, and its mean colour, as `#rrggbb`."""

    png: bytes
    colour: str


Picture = Callable[[Path, str], Awaitable[Thumbnail]]
"""Makes the thumbnail of a media file that holds what has that hash; raises Undecodable."""


class Film(Struct, frozen=True):
    """A project as its projections see it: its folder, its index, somebody who can make pictures, and what is theirs to do."""

    root: Path
    index: Index
    picture: Picture
    board: Board = field(default_factory=Board)
    keeping: Keeping = EVERYTHING

    @property
    def own_folder(self) -> Path:
        """Our own folder in the project."""
        return self.root / OWN_FOLDER


def take_folder(shot: ShotRow, take: TakeRow) -> str:
    """A take's folder, relative to the film."""
    return take_path(shot.path, take.number)


def beside_media(shot: ShotRow, take: TakeRow, ending: str) -> str:
    """Where a take's file of that ending belongs, relative to the film: named after its media."""
    media = take.name or media_name(shot.path, take.number, "")
    return f"{take_folder(shot, take)}/{beside(media, ending)}"


def has_folder(take: TakeRow) -> bool:
    """Whether the take has a folder on disk, as far as the log knows."""
    return take.name is not None and take.deleted != "missing"


def present(takes: Iterable[TakeRow]) -> Iterator[tuple[TakeRow, Media]]:
    """Those of the takes whose media should be on the disk, and what it is."""
    for take in takes:
        media = take.read_media()
        if media and has_folder(take) and not take.purged:
            yield take, media
