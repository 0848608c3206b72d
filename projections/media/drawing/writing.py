"""Writing: a text in several fonts, each character in the first one that has it; one that none has is written as its code."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from io import BytesIO
from itertools import groupby
from typing import Final

from PIL import ImageDraw, ImageFont, features

_LOADED: Final = [*map(features.check, ("raqm", "fribidi"))]
"""These would be opened at first use; a confined decoder can open nothing by then."""

_PROBED: Final = 17
"""The height of the letters by which it is looked what a font has."""

Face = ImageFont.FreeTypeFont | ImageFont.ImageFont


class Writing:
    """Writes with several fonts: those that came along, by their numbers from 1, and Pillow's own, which is 0."""

    def __init__(self, fonts: Sequence[bytes]) -> None:
        self._fonts = fonts
        self._order = (*range(1, len(fonts) + 1), 0)
        self._faces = lru_cache(None)(self._load)
        self._has = lru_cache(None)(self._look)

    def line(
        self,
        draw: ImageDraw.ImageDraw,
        at: tuple[int, int],
        text: str,
        size: int,
        colour: tuple[int, int, int],
        room: int,
        *,
        to_right: bool = False,
    ) -> None:
        """Write a line, as much of it as there is room for; `at` is its upper left end, or its right one."""
        text = self._fitted(text, size, room)
        left = at[0] - (self._length(text, size) if to_right else 0)
        for face, run in self._runs(text, size):
            draw.text((left, at[1] + size), run, colour, face, anchor="ls")
            left += face.getlength(run)

    def wrapped(self, lines: Sequence[str], size: int, room: int, most: int) -> list[str]:
        """Lines that are as long as there is room, at most so many; the last one says where there would be more."""
        found = [part for line in lines for part in self._parts(line, size, room)]
        if len(found) > most:
            found = [*found[: most - 1], f"{found[most - 1]} …"]
        return found

    def _parts(self, line: str, size: int, room: int) -> Iterator[str]:
        part = ""
        for word in line.split():
            longer = f"{part} {word}" if part else word
            if part and self._length(longer, size) > room:
                yield part
                longer = word
            while self._length(longer, size) > room:  # no blank in it: as much as fits
                count = next(
                    n
                    for n in range(len(longer) - 1, 0, -1)
                    if n == 1 or self._length(longer[:n], size) <= room
                )
                yield longer[:count]
                longer = longer[count:]
            part = longer
        if part:
            yield part

    def _fitted(self, text: str, size: int, room: int) -> str:
        if self._length(text, size) <= room:
            return text
        while text and self._length(f"{text}…", size) > room:
            text = text[:-1]
        return f"{text}…"

    def _length(self, text: str, size: int) -> float:
        return sum(face.getlength(run) for face, run in self._runs(text, size))

    def _runs(self, text: str, size: int) -> Iterator[tuple[Face, str]]:
        """The text in pieces, each with the font that has its characters."""
        chosen, last = list[tuple[int, str]](), self._order[0]
        for one in text:
            number = self._font_of(one, last)
            chosen += [(0, letter) for letter in f"[U+{ord(one):04X}]"] if number is None else [(number, one)]
            last = chosen[-1][0]
        for number, run in groupby(chosen, lambda one: one[0]):
            yield self._faces(number, size), "".join(letter for _, letter in run)

    def _font_of(self, one: str, last: int) -> int | None:
        """The font with that character: the last one, so that what belongs together stays so, or the first that has it."""
        return next((number for number in (last, *self._order) if self._has(number, one)), None)

    def _look(self, number: int, one: str) -> bool:
        if one == " ":
            return True
        # The basic layout puts nothing round a mark that it lacks.
        face = self._faces(number, _PROBED, ImageFont.Layout.BASIC)
        return one.isprintable() and bytes(face.getmask(one)) != bytes(face.getmask("\U0010fffe"))

    def _load(self, number: int, size: int, layout: ImageFont.Layout | None = None) -> Face:
        if number == 0:
            return ImageFont.load_default(size)
        return ImageFont.truetype(BytesIO(self._fonts[number - 1]), size, layout_engine=layout)
