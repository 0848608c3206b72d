"""New packs: many new objects in a few files, where each in a file of its own would cost more than what is in it."""

import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from dulwich.object_format import ObjectFormat, get_object_format
from dulwich.pack import pack_object_header, write_pack_header, write_pack_index_v2

LARGEST = 32 << 20
"""Bytes from which on a pack is closed and the next one begun: it is in memory twice by then."""

_SHORT = 1 << 12
"""Bytes of a text that a window of 12 bits holds."""

_PNG = b"\x89PNG"


class NewPacks:
    """Takes objects up, and has them in packs in that folder once it is closed; `put` writes a file there for good."""

    def __init__(self, folder: Path, form: str | None, put: Callable[[Path, bytes], None]) -> None:
        self._folder = folder
        self._form: ObjectFormat = get_object_format(form)
        self._put = put
        self._names = set[bytes]()
        self._begin()

    def _begin(self) -> None:
        self._pieces: list[bytes] = []
        self._size = 12
        self._entries: list[tuple[bytes, int, int | None]] = []

    def __contains__(self, name: bytes) -> bool:
        return name in self._names

    def add(self, kind: int, name: bytes, content: bytes) -> None:
        """Take up an object of that kind, by the number that packs have for it, and that binary id."""
        piece = bytes(pack_object_header(kind, None, len(content), self._form)) + _compressed(content)
        self._entries.append((name, self._size, zlib.crc32(piece)))
        self._names.add(name)
        self._pieces.append(piece)
        self._size += len(piece)
        if self._size >= LARGEST:
            self.close()

    def close(self) -> None:
        """Have all that was taken up on disk."""
        if not self._entries:
            return
        self._folder.mkdir(exist_ok=True)
        header = BytesIO()
        write_pack_header(header.write, len(self._entries))
        hashed = self._form.new_hash()
        for piece in (pieces := [header.getvalue(), *self._pieces]):
            hashed.update(piece)
        checksum = hashed.digest()
        index = BytesIO()
        write_pack_index_v2(index, sorted(self._entries), checksum)
        path = self._folder / f"pack-{checksum.hex()}"
        self._put(path.with_suffix(".pack"), b"".join([*pieces, checksum]))
        self._put(path.with_suffix(".idx"), index.getvalue())  # by which it is found
        self._begin()


def _compressed(content: bytes) -> bytes:
    """A picture is compressed already. Of a short text the window is no larger than it: to make a large one takes longer."""
    if content.startswith(_PNG):
        stored = zlib.compressobj(0, wbits=9, memLevel=1)
        return stored.compress(content) + stored.flush()
    if len(content) > _SHORT:
        return zlib.compress(content)
    short = zlib.compressobj(wbits=12, memLevel=5)
    return short.compress(content) + short.flush()
