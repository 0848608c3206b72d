"""The names in a pack: whether an object is in it, as its index says (gitformat-pack(5)); many are asked for."""

import mmap
import os
import struct

from projections.files.opening import open_file

_SECOND = b"\xfftOc\0\0\0\2"
_FANS = struct.Struct(">256L")


class PackNames:
    """The sorted names of one pack, on the disk. ValueError where its index is of another kind than git writes today."""

    def __init__(self, path: str, id_length: int) -> None:
        file = open_file(path, follows=True)
        try:
            self._index = mmap.mmap(file, 0, access=mmap.ACCESS_READ)
        finally:
            os.close(file)
        self._id_length = id_length
        self._names = len(_SECOND) + _FANS.size
        if self._index[: len(_SECOND)] != _SECOND or len(self._index) < self._names:
            self._index.close()
            raise ValueError(f"{path} is no index of version 2")
        self._ends = (0, *_FANS.unpack_from(self._index, len(_SECOND)))

    def __contains__(self, name: object) -> bool:
        """Whether an object of that binary id is in the pack."""
        length = self._id_length
        if not isinstance(name, bytes):
            return False
        start, end = (self._names + self._ends[name[0] + after] * length for after in (0, 1))
        while (at := self._index.find(name, start, end)) >= 0:
            if not (at - start) % length:
                return True
            start = at + length - (at - start) % length
        return False

    def close(self) -> None:
        self._index.close()
