"""New packs: many new objects in a few files, where each in a file of its own would cost more than what is in it."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from dulwich.object_format import ObjectFormat, get_object_format
from dulwich.pack import write_pack_header, write_pack_index_v2, write_pack_object

LARGEST = 64 << 20
"""Bytes from which on a pack is closed and the next one begun."""

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
        start, level = self._size, 0 if content.startswith(_PNG) else -1  # a picture is compressed already
        check = write_pack_object(self._write, kind, [content], self._form, compression_level=level)
        self._entries.append((name, start, check))
        self._names.add(name)
        if self._size >= LARGEST:
            self.close()

    def close(self) -> None:
        """Have all that was taken up on disk."""
        if not self._entries:
            return
        self._folder.mkdir(exist_ok=True)
        header = BytesIO()
        write_pack_header(header.write, len(self._entries))
        body = b"".join([header.getvalue(), *self._pieces])
        checksum = self._form.hash_object(body)
        index = BytesIO()
        write_pack_index_v2(index, sorted(self._entries), checksum)
        path = self._folder / f"pack-{checksum.hex()}"
        self._put(path.with_suffix(".pack"), body + checksum)
        self._put(path.with_suffix(".idx"), index.getvalue())  # by which it is found
        self._begin()

    def _write(self, piece: bytes) -> int:
        self._pieces.append(bytes(piece))
        self._size += len(piece)
        return len(piece)
