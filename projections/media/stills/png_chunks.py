"""PNG: its chunks, walked without a decoder, so that no text in them decides whether its picture can be seen."""

import struct
import zlib
from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from io import SEEK_CUR, SEEK_SET
from itertools import accumulate
from typing import BinaryIO, Final, NamedTuple, cast

from projections.media.errors import Undecodable
from projections.media.jobs import MOST_LABEL

_BEGINNING: Final = b"\x89PNG\r\n\x1a\n"
_TEXTS: Final = frozenset({b"tEXt", b"zTXt", b"iTXt", b"comf"})
"""The chunks that hold texts; `comf` is ComfyUI's own."""

_MANY: Final = 512
"""Chunks of which the kinds are looked at before a decoder is asked."""

_KEYWORD: Final = 80
"""Bytes of the longest key of a text, and the zero after it."""

_BEGUN: Final = _KEYWORD + 80
"""Bytes of a text that tell what it may be."""


class Chunk(NamedTuple):
    """A chunk: what it is, where its bytes begin in the file, and how many they are."""

    kind: bytes
    start: int
    length: int


def anatomy(file: BinaryIO) -> tuple[list[float], BinaryIO]:
    """How long each frame is shown, in seconds, where it moves; and the file as a decoder is to see it."""
    delays: list[float] = []
    spans, begin = [], 0
    for chunk in _chunks(file):
        if chunk.kind == b"fcTL" and chunk.length == 26:
            control = file.read(26)
            if len(control) < 26:
                raise Undecodable("the file is cut off")
            top, bottom = struct.unpack(">20x2H2x", control)
            delays.append(top / (bottom or 100))
        elif chunk.kind in _TEXTS or (chunk.kind == b"eXIf" and chunk.length > MOST_LABEL):
            spans.append((begin, chunk.start - 8))
            begin = chunk.start + chunk.length + 4
    end = file.seek(0, 2)
    seen = cast("BinaryIO", _Spans(file, [*spans, (begin, end)])) if spans else file
    return delays, seen


def may_have_json(file: BinaryIO, wanted: Collection[str]) -> bool:
    """False of a PNG that certainly has none as a text, nor any EXIF; `wanted` are the keys, in small letters.

    The kinds of its chunks tell that, with the keys and the beginnings of its texts, and nothing else is read.
    """
    if file.read(len(_BEGINNING)) != _BEGINNING:
        return True
    try:
        for number, chunk in enumerate(_chunks(file)):
            if chunk.kind == b"eXIf" or number > _MANY:
                return True
            if chunk.kind in _TEXTS and _may_be_json(chunk, file.read(min(chunk.length, _BEGUN)), wanted):
                return True
    except Undecodable:
        return True
    return False


def texts(file: BinaryIO, wanted: Collection[str]) -> Iterator[tuple[str, str]]:
    """The texts whose keys, in small letters, are wanted, each with its key; of one that is too large the beginning."""
    for chunk in _chunks(file):
        if chunk.kind in _TEXTS:
            text = file.read(min(chunk.length, MOST_LABEL + 4 * _KEYWORD))
            if (name := _key(text)).lower() in wanted:
                yield name, _text(chunk.kind, text.partition(b"\0")[2])


def _chunks(file: BinaryIO) -> Iterator[Chunk]:
    """Each chunk, with the file at its first byte; the last is IEND, or else the file is cut off."""
    place, kind = len(_BEGINNING), b""
    while kind != b"IEND":
        file.seek(place)
        head = file.read(8)
        if len(head) < 8:
            raise Undecodable("the file is cut off")
        length, kind = struct.unpack(">I4s", head)
        yield Chunk(kind, place + 8, length)
        place += length + 12
    if place > file.seek(0, 2):
        raise Undecodable("the file is cut off")


def _may_be_json(chunk: Chunk, begun: bytes, wanted: Collection[str]) -> bool:
    """Whether an object, or a text that holds one, may be in that text under one of those keys."""
    text = begun.partition(b"\0")[2].lstrip(b" \t\r\n")
    return _key(begun).lower() in wanted and (chunk.kind != b"tEXt" or not text or text[:1] in b'{"')


def _key(text: bytes) -> str:
    return text.partition(b"\0")[0].decode("latin-1")


def _text(kind: bytes, text: bytes) -> str:
    if kind == b"comf":
        return text.decode("utf-8", "replace")
    if kind == b"tEXt":
        return _latin(text)
    if kind == b"zTXt":
        return _latin(_unpacked(text[1:]))
    # In iTXt a language and a translated key go before.
    packed, text = text[:1] == b"\1", text[2:].split(b"\0", 2)[-1]
    return (_unpacked(text) if packed else text).decode("utf-8", "replace")


def _latin(text: bytes) -> str:
    """Latin-1, as the standard has it, but for what is UTF-8, which many write there all the same."""
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        return text.decode("latin-1")


def _unpacked(packed: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(packed, MOST_LABEL + 1)
    except zlib.error as error:
        raise Undecodable("one of them is damaged") from error


class _Spans:
    """A file of which only some spans are there, one after the other; read as Pillow reads files."""

    def __init__(self, file: BinaryIO, spans: Sequence[tuple[int, int]]) -> None:
        self._file = file
        self._spans = spans
        self._starts = list(accumulate((end - start for start, end in spans), initial=0))
        self._place = 0

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = SEEK_SET) -> int:
        base = {SEEK_SET: 0, SEEK_CUR: self._place}.get(whence, self._starts[-1])
        self._place = base + offset
        return self._place

    def read(self, size: int = -1) -> bytes:
        wanted = self._starts[-1] - self._place
        wanted = min(wanted, size) if size >= 0 else wanted
        parts = []
        while wanted > 0 and (part := self._read_in_one_span(wanted)):
            parts.append(part)
            self._place += len(part)
            wanted -= len(part)
        return b"".join(parts)

    def _read_in_one_span(self, most: int) -> bytes:
        number = bisect_right(self._starts, self._place) - 1
        start, end = self._spans[number]
        at = start + self._place - self._starts[number]
        self._file.seek(at)
        return self._file.read(min(most, end - at))
