"""The store: a second, read-only name for bytes, by their hash.

What is overwritten or removed under a take's name is still there under this one. An object is no proof of itself: a
hard link leads to the same file as the take, and whoever writes into the one has written into both. So no more than
one take is such a file, unless somebody wants that: another one of the same bytes shares blocks, or has its own.
"""

import os
import secrets
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Literal

from events import Kept
from projections.files import sharing
from projections.files.fingerprint import identity
from projections.files.modes import CLOSED, close_up_as
from projections.files.writing import put_in_place, sync
from projections.layout import (
    OBJECT_FIRST,
    OBJECT_REST,
    OBJECTS,
    OWN_FOLDER,
    object_path,
)

Way = Literal["auto", "copy", "off"]
"""How much is done to keep bytes: what costs no room, a plain copy where nothing else goes, or nothing."""

Duplicates = Literal["apart", "link"]
"""What takes of the same bytes are where blocks cannot be shared: files of their own, or one file with many names."""

PASSING = "keep-"
"""How the names begin, in `.takes/work`, of what is on its way to its place and worth nothing elsewhere."""


class Store:
    """The objects of the film in `root`."""

    def __init__(self, root: Path, way: Way = "auto", duplicates: Duplicates = "apart") -> None:
        self.root = root
        self.folder = root / OBJECTS
        self.work = root / OWN_FOLDER / "work"
        self.way = way
        self.duplicates = duplicates
        self._may_reflink = True

    def path(self, sha256: str) -> Path:
        """Where the bytes of that hash belong."""
        return self.root / object_path(sha256)

    def find(self, sha256: str, size: int) -> Path | None:
        """Where they are; None where they are not, or something of another size is in their place."""
        path = f"{self.root}/{object_path(sha256)}"
        with suppress(OSError):
            found = os.lstat(path)
            return Path(path) if stat.S_ISREG(found.st_mode) and found.st_size == size else None
        return None

    def keep(
        self,
        media: Path,
        sha256: str,
        size: int,
        *,
        is_on_disk: bool = False,
        sync_folder: Callable[[Path], object] = sync,
    ) -> Kept | None:
        """Give a file's bytes their second name, on disk when this returns, or have it share those that are there.

        Where the file's bytes are known to be on disk, another name of it needs no sync of those. The file may be another
        one afterwards, with the same bytes. None where nothing can be done. `sync_folder` is called with each folder in
        which there is a new name, and may put that off.
        """
        if self.way == "off":
            return None
        there = self.find(sha256, size)
        kept = self._share(there, media) if there else None
        return kept or self._make(media, self.path(sha256), sync_folder, is_on_disk=is_on_disk)

    def give(self, source: Path, target: Path) -> None:
        """Make a read-only file of the bytes of an object, or of another take; FileNotFoundError where it is not there."""
        if not sharing.reflink(source, target) and not (
            self._may_link(source) and sharing.link(source, target)
        ):
            shutil.copyfile(source, target, follow_symlinks=False)
        close_up_as(target, source)
        sync(target)

    def _may_link(self, source: Path) -> bool:
        """Whether a file may have one more name: an object that no take is may."""
        is_free = source.is_relative_to(self.folder) and source.lstat().st_nlink == 1
        return is_free or self.duplicates == "link"

    def forget(self, sha256: str) -> None:
        """Remove what is under that name, where there is anything."""
        self.path(sha256).unlink(missing_ok=True)

    def folders(self) -> dict[str, int]:
        """The folders that objects lie in, by name, and when something last came there or went (ns)."""
        found = {}
        for one in _inside(self.folder):
            with suppress(OSError):
                if len(one.name) == OBJECT_FIRST and one.is_dir(follow_symlinks=False):
                    found[one.name] = one.stat(follow_symlinks=False).st_mtime_ns
        return found

    def objects_in(self, folder: str) -> Iterator[tuple[str, int, bool]]:
        """The objects in that folder: hash, size, and whether each has another name.

        What is no file, or cannot be looked at, is none.
        """
        for one in _inside(self.folder / folder):
            with suppress(OSError):
                if len(one.name) == OBJECT_REST and one.is_file(follow_symlinks=False):
                    found = one.stat(follow_symlinks=False)
                    yield f"{folder}{one.name}", found.st_size, found.st_nlink > 1

    def can(self) -> Kept | None:
        """What this disk can do, tried out on a file of ours; where the takes lie on another one, only a copy."""
        with self.passing() as tried, self.passing() as second:
            tried.write_bytes(b"takes")
            is_one_disk = tried.stat().st_dev == self.root.stat().st_dev
            if is_one_disk and sharing.reflink(tried, second):
                return "reflink"
            if is_one_disk and sharing.link(tried, second):
                return "link"
        return "copy" if self.way == "copy" else None

    def passing(self) -> "Passing":
        """A new name in `.takes/work`, for a file that is on its way."""
        _make_folders(self.work)
        return Passing(self.work / f"{PASSING}{secrets.token_hex(8)}")

    def clear(self) -> None:
        """Remove what was on its way when a daemon died; its bytes have another name."""
        for left in self.work.glob(f"{PASSING}*"):
            left.unlink(missing_ok=True)

    def _make(
        self, media: Path, target: Path, sync_folder: Callable[[Path], object], *, is_on_disk: bool
    ) -> Kept | None:
        folder = target.parent
        new = [] if folder.exists() else _make_folders(self.folder, folder)
        kept: Kept | None = "reflink" if self._reflinked(media, target) else None
        kept = kept or ("link" if self._linked(media, target, is_on_disk=is_on_disk) else None)
        if kept is None and self.way == "copy":
            kept = "copy"
            with self.passing() as made:
                shutil.copyfile(media, made, follow_symlinks=False)
                self._put(made, media, target)
        for one in (folder, *(one.parent for one in new)) if kept else ():
            sync_folder(one)
        return kept

    def _reflinked(self, media: Path, target: Path) -> bool:
        """Have a reflink of the media there, where the disk makes any: one that does not is asked once."""
        if not self._may_reflink:
            return False
        with self.passing() as made:
            is_made = sharing.reflink(media, made)
            self._may_reflink = is_made is not None
            if is_made:
                self._put(made, media, target)
        return bool(is_made)

    def _linked(self, media: Path, target: Path, *, is_on_disk: bool) -> bool:
        """Have another name of the media there, which is read-only then."""
        try:
            is_made = sharing.link(media, target)
        except FileExistsError:  # something else is in the way, which cannot be what it is called
            with self.passing() as made:
                is_made = sharing.link(media, made)
                if is_made:
                    _give_way(target)
                    made.replace(target)
        if is_made:
            if stat.S_IMODE(target.lstat().st_mode) & ~CLOSED:
                close_up_as(target, media)
            if not is_on_disk:
                _sync_linked(target)
        return is_made

    def _put(self, made: Path, media: Path, target: Path) -> None:
        """Have a file of ours that has the bytes of that media be there."""
        close_up_as(made, media)
        sync(made)
        _give_way(target)
        made.replace(target)

    def _share(self, there: Path, media: Path) -> Kept | None:
        """Have the file share the bytes that are kept already; None where those are not the same."""
        if there.samefile(media):
            return "link"
        if sharing.is_shared(there, media):
            return "reflink"
        merged = sharing.merge(there, media)
        if merged is None and sharing.is_equal(there, media):
            return self._link_instead(there, media) if self._may_link(there) else "copy"
        return "reflink" if merged else None

    def _link_instead(self, there: Path, media: Path) -> Kept | None:
        with self.passing() as made:
            if not sharing.link(there, made):
                return "copy"
            linked = identity(made.lstat())
            return "link" if put_in_place(made, media) == linked else "copy"


def _make_folders(*folders: Path) -> list[Path]:
    """Make those of them that are not there, each in the one before; which those were.

    Never `.takes` itself: a film that has moved away is not begun anew in its place.
    """
    new = [one for one in folders if not one.exists()]
    for one in new:
        one.mkdir(exist_ok=True)
    return new


def _give_way(target: Path) -> None:
    """Where a folder lies there, remove it: an empty one is nobody's loss."""
    if target.is_dir() and not target.is_symlink():
        target.rmdir()


def _sync_linked(target: Path) -> None:
    """Have a file's bytes on the disk in one step with its second name, which it keeps only where they are."""
    try:
        sync(target)
    except OSError:
        target.unlink()
        raise


class Passing:
    """A name for a file that is on its way; what is left there at the end is removed."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Path:
        return self._path

    def __exit__(self, *_: object) -> None:
        self._path.unlink(missing_ok=True)


def _inside(folder: Path) -> list[os.DirEntry[str]]:
    with suppress(OSError), os.scandir(folder) as entries:
        return list(entries)
    return []
