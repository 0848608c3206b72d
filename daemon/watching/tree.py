"""The tree: the folders of a project, and which of them are shots.

Links are passed over, and so are folders that are hidden or a disk's own. A folder whose time of change is as it
was holds the same names as it did, so that most of a second look is a stat for each folder.
"""

import os
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import islice
from pathlib import Path

from msgspec import Struct

from daemon.disk.times import Times
from projections.layout import (
    ACTIVE,
    OWN_FOLDER,
    TAKES,
    is_junk,
    is_picture,
    is_set_aside,
    kind_of,
    takes_path,
)

MOST_LINKS = 100
"""Links of one folder of which it is asked where they lead."""

FolderTimes = tuple[int, int, int, int]
"""When a shot's folder was last changed (ns), and when anything about it, such as that time; the same of its `takes/`."""


class Found(Struct, frozen=True, gc=False):
    """A shot, by path relative to the project, and its stamp; None where it has only just been changed."""

    path: str
    stamp: FolderTimes | None


class Folder(Struct, frozen=True, gc=False, array_like=True):
    """A folder: when it was changed (ns), and what lies in it that matters outside of `takes/`.

    `touched` is when anything about it was changed, such as that time. `names` are the folders in it, `media` is one
    media file of so many, `links` are what may lead to folders, and `like_takes` what is called `takes` in whatever
    letters and is not a shot's. In a `project` another project begins: its shots are its own.
    """

    changed: int
    touched: int = 0
    names: tuple[str, ...] = ()
    media: tuple[str, int] | None = None
    links: tuple[str, ...] = ()
    like_takes: tuple[str, ...] = ()
    project: bool = False

    @property
    def is_odd(self) -> bool:
        """Whether something lies in it that may have been meant for another place."""
        return bool(self.media or self.links or self.like_takes)

    def below(self, path: str) -> list[str]:
        """The folders in it that may be, or hold, shots, where it is at that path."""
        return [f"{path}/{name}" if path else name for name in self.names if name != TAKES]


class Tree:
    """A project's folders. `visit` is given every folder before it is looked into, so that it can be watched.

    `clock` says what time it is on the disk (ns), `ask` what a folder is. `odd` are the folders, by path, in which
    something lies that may have been meant for another place; `above` those that shots lie below, the project itself
    always.
    """

    def __init__(
        self,
        root: Path,
        visit: Callable[[str], None] = lambda _: None,
        clock: Callable[[], int] = time.time_ns,
        ask: Callable[[str], os.stat_result] = os.lstat,
    ) -> None:
        self._root = str(root)
        self._visit = visit
        self._times = Times(root, clock)
        self._ask = ask
        self.known: dict[str, Folder] = {}
        self.odd: dict[str, Folder] = {}
        self.above = {""}

    def shots(self, below: str = "") -> Iterator[Found]:
        """The shots at and below that folder."""
        odd, above = (self.odd, self.above) if below else ({}, {""})
        for path in [path for path in odd if path.startswith(f"{below}/")]:
            del odd[path]
        pending = [below] if _is_text(below) and not is_set_aside(below) else []
        while pending:
            path = pending.pop()
            self._visit(path)
            folder = self._look(path)
            if folder and folder.project and path:
                folder = None
            _note(odd, path, folder)
            if folder is None:
                continue
            if TAKES in folder.names and path:
                above.update(_parents(path))
                self._visit(takes_path(path))
                yield Found(path, self._stamp(path, folder))
            pending += folder.below(path)
        if not below:
            self.odd, self.above = odd, above

    def at(self, paths: Iterable[str]) -> Iterator[Found]:
        """Those of the paths at which there is a shot."""
        for path in paths:
            folder = self._look(path)
            if folder and TAKES in folder.names:
                self._visit(path)
                self._visit(takes_path(path))
                yield Found(path, self._stamp(path, folder))

    def look_at(self, folders: Collection[str]) -> None:
        """See what lies in these folders now that may have been meant for another place."""
        for path in folders:
            _note(self.odd, path, self._look(path))

    def _look(self, path: str) -> Folder | None:
        known = self.known.get(path)
        folder = list_folder(f"{self._root}/{path}", known, self._ask)
        if folder is None:
            self.known.pop(path, None)
        elif folder is not known and self._times.are_sure(folder.changed):
            self.known[path] = folder
        return folder

    def _stamp(self, path: str, folder: Folder) -> FolderTimes | None:
        try:
            takes = self._ask(f"{self._root}/{takes_path(path)}")
        except OSError:
            return None
        if not self._times.are_sure(folder.changed, takes.st_mtime_ns):
            return None
        return folder.changed, folder.touched, takes.st_mtime_ns, takes.st_ctime_ns


def _note(odd: dict[str, Folder], path: str, folder: Folder | None) -> None:
    """Keep a folder that is odd, and forget one that is not any more, or not there."""
    if folder and (folder.is_odd or (not path and TAKES in folder.names)):
        odd[path] = folder
    else:
        odd.pop(path, None)


def _parents(path: str) -> Iterator[str]:
    """The folders above that one, up to the project."""
    while path:
        path = path.rpartition("/")[0]
        yield path


def list_folder(
    place: str, known: Folder | None = None, ask: Callable[[str], os.stat_result] = os.lstat
) -> Folder | None:
    """What lies in that folder, None where it cannot be told; `known` is how it was before, and may be still."""
    try:
        found = ask(place)
        changed, touched = found.st_mtime_ns, found.st_ctime_ns
        if known and known.changed == changed and known.touched == touched:
            return known
        return _listed(place, changed, touched)
    except OSError:
        return None


def _listed(place: str, changed: int, touched: int) -> Folder:
    names, media, links, like, project = [], [], [], [], False
    with os.scandir(place) as entries:
        for entry in entries:
            name = entry.name
            project = project or name == OWN_FOLDER
            if name[0] == "." or not (name.isascii() or _is_text(name)):
                continue
            is_folder = entry.is_dir(follow_symlinks=False)
            if name.lower() == TAKES and not (is_folder and name == TAKES):
                like.append(name)
            elif is_folder:
                names.append(name)
            elif entry.is_symlink():
                links.append(name)
            elif kind_of(name) and not is_junk(name) and not is_picture(name):
                media.append(name)
    return Folder(
        changed,
        touched,
        tuple(name for name in names if not is_set_aside(name)),
        (min(media), len(media)) if media else None,
        tuple(name for name in links[:MOST_LINKS] if name != ACTIVE),
        tuple(like),
        project,
    )


def _is_text(name: str) -> bool:
    """Whether a name is Unicode, and so can stand in a log."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def chunks(found: Iterator[Found], size: int) -> Iterator[list[Found]]:
    """The shots in lists of at most that many."""
    while chunk := list(islice(found, size)):
        yield chunk
