"""What is told of a drawing, as it goes to where it is drawn: a contact sheet, a label in a reel, a grade.

Nothing here draws, so that whoever tells it needs no library for that.
"""

from collections.abc import Sequence
from typing import Final, Literal

import msgspec
from msgspec import Struct

COLUMNS, ROWS = 4, 3
ON_A_PAGE: Final = COLUMNS * ROWS

Channel = Literal["rgb", "r", "g", "b", "a", "luma"]
"""What of a picture is seen: all its colours, one of them, how clear it is, or how light."""


class Grade(Struct, frozen=True, omit_defaults=True):
    """How somebody wants to look at a picture: its light doubled so many times, with that gamma, in that channel."""

    stops: float = 0.0
    gamma: float = 1.0
    channel: Channel = "rgb"

    @property
    def changes_light(self) -> bool:
        """Whether it is more than a choice of channels."""
        return self.channel != "a" and (self.stops != 0 or self.gamma != 1)


class Cell(Struct, frozen=True):
    """A take on a sheet: its picture, none where it has none; the line above all others, and those."""

    picture: bytes | None
    head: str
    lines: Sequence[str]
    mark: Literal["pick", "reject"] | None = None
    is_active: bool = False


class Sheet(Struct, frozen=True):
    """A contact sheet, or one `page` of it from 1 on; what stands on top of each, and font files in their order."""

    title: str
    about: str
    cells: Sequence[Cell]
    form: Literal["png", "pdf"]
    page: int | None = None
    fonts: Sequence[bytes] = ()

    @property
    def pages(self) -> int:
        return max(1, -(-len(self.cells) // ON_A_PAGE))

    @property
    def places(self) -> range:
        """Which of the cells are on what is drawn."""
        first = 0 if self.page is None else (self.page - 1) * ON_A_PAGE
        return range(first, min(len(self.cells), len(self.cells) if self.page is None else first + ON_A_PAGE))


class Label(Struct, frozen=True):
    """What stands at the left of the band, as wide as that is, and font files in their order."""

    text: str
    width: int
    fonts: Sequence[bytes] = ()


def encode(told: Sheet | Label) -> bytes:
    """What is told, to be drawn elsewhere."""
    return msgspec.msgpack.encode(told)
