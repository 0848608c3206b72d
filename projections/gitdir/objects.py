"""Objects: what a repository holds, each in a file of its own, many in a pack, or in another repository."""

import os
from collections.abc import Callable, Container, Iterator
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from typing import IO, Self

from dulwich.object_format import ObjectFormat, get_object_format
from dulwich.objects import ObjectID, ShaFile
from dulwich.pack import Pack, PackData, PackFileDisappeared, load_pack_index_file

from projections.files.opening import open_file
from projections.files.reading import GIT_OBJECT, GIT_TEXT, read
from projections.gitdir.new_packs import NewPacks
from projections.gitdir.pack_names import PackNames

MOST_OTHERS = 100
"""Folders of other repositories in which an object is looked for; each may name others, and that one again."""

Raw = tuple[int, bytes]
"""An object's kind, by the number that packs have for it, and its content."""


class Objects:
    """The objects in a folder, and those that it borrows, for as long as it is entered."""

    def __init__(self, folder: Path, form: str | None, seen: set[Path] | None = None) -> None:
        self._folder = folder
        self._name = form
        self._form: ObjectFormat = get_object_format(form)
        self._seen = set[Path]() if seen is None else seen
        self._packs: dict[str, Pack] = {}
        self._stack = ExitStack()
        self._others: list[Objects] | None = None

    @property
    def id_length(self) -> int:
        """Bytes of an object's id."""
        return int(self._form.oid_length)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def find(self, name: bytes) -> Raw | None:
        """The object of that id, in hexadecimal; None where it is not there."""
        ways = (self._loose, self._in_known_packs, self._in_new_packs, self._elsewhere)
        return next((found for way in ways if (found := way(ObjectID(name)))), None)

    def packed(self) -> Callable[[bytes], bool]:
        """Says of binary ids whether such an object is in a pack by now, or is borrowed."""
        self._open_new()
        packs, others = [self._names_in(path) for path in self._packs], self._borrowed()

        def is_packed(name: bytes) -> bool:
            known = any(name in pack for pack in packs)
            return known or any(other.find(name.hex().encode()) for other in others)

        return is_packed

    def new_packs(self, put: Callable[[Path, bytes], None]) -> NewPacks:
        """Takes up objects, and has them in new packs; `put` writes a file for good."""
        return NewPacks(self._folder / "pack", self._name, put)

    def _names_in(self, path: str) -> Container[bytes]:
        try:
            names = PackNames(f"{path}.idx", self.id_length)
        except FileNotFoundError:  # others have packed anew
            return ()
        except ValueError:
            return {bytes(name) for name, _, _ in self._packs[path].index.iterentries()}
        self._stack.callback(names.close)
        return names

    def _loose(self, name: ObjectID) -> Raw | None:
        text = name.decode()
        content = read(self._folder / text[:2] / text[2:], GIT_OBJECT, follows=True)
        if content is None:
            return None
        found = ShaFile.from_file(BytesIO(content), name, object_format=self._form, max_size=4 * GIT_OBJECT)
        return found.type_num, found.as_raw_string()

    def _in_known_packs(self, name: ObjectID) -> Raw | None:
        for path, pack in [*self._packs.items()]:
            try:
                return pack.get_raw(name)
            except KeyError:
                continue
            except PackFileDisappeared:  # others have packed anew
                del self._packs[path]
        return None

    def _in_new_packs(self, name: ObjectID) -> Raw | None:
        return self._in_known_packs(name) if self._open_new() else None

    def _open_new(self) -> bool:
        """Know the packs that are new, if there are any."""
        new = {path: self._open(path) for path in _packs(self._folder / "pack") if path not in self._packs}
        self._packs |= new
        return bool(new)

    def _open(self, path: str) -> Pack:
        """A pack, of which the index is opened now and the rest when it is asked for."""

        def opened(ending: str) -> IO[bytes]:
            return self._stack.enter_context(os.fdopen(open_file(path + ending, follows=True), "rb"))

        pack = Pack.from_lazy_objects(
            lambda: PackData.from_file(opened(".pack"), self._form),
            lambda: load_pack_index_file(path, opened(".idx"), self._form),
        )
        self._stack.callback(pack.close)
        return pack

    def _elsewhere(self, name: ObjectID) -> Raw | None:
        return next((found for one in self._borrowed() if (found := one.find(name))), None)

    def _borrowed(self) -> "list[Objects]":
        """The objects of other repositories."""
        if self._others is None:
            self._others = [
                self._stack.enter_context(Objects(folder, self._name, self._seen))
                for folder in self._alternates()
            ]
        return self._others

    def _alternates(self) -> Iterator[Path]:
        """The folders of other repositories (gitrepository-layout(5))."""
        self._seen.add(self._folder.resolve())
        said = read(self._folder / "info" / "alternates", GIT_TEXT, follows=True) or b""
        for line in said.splitlines():
            folder = (self._folder / os.fsdecode(line)).resolve()
            is_one = bool(line) and not line.startswith(b"#") and folder not in self._seen
            if is_one and len(self._seen) <= MOST_OTHERS:
                self._seen.add(folder)
                yield folder


def _packs(folder: Path) -> Iterator[str]:
    """The packs in a folder that have their index, by their paths without an ending."""
    try:
        names = {one.name for one in os.scandir(folder)}
    except (FileNotFoundError, NotADirectoryError):
        return
    for name in sorted(names):
        if name.endswith(".pack") and f"{name.removesuffix('.pack')}.idx" in names:
            yield str(folder / name.removesuffix(".pack"))
