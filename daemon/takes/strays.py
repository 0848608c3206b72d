"""Strays: media files and folders that lie where nothing takes them, and were most likely meant for a shot."""

import os
from collections import deque
from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from pathlib import Path

from daemon.takes.findings import Notes
from daemon.watching.tree import Folder, Tree, list_folder
from events import Signal
from projections.files.threads import in_thread
from projections.layout import TAKES

BESIDE = "it lies beside takes/: move it into takes/, and it becomes a take"
IN_NO_SHOT = "it lies in no shot: move it into the takes/ of its shot, and it becomes a take"
WITHOUT_TAKES = "there is no takes/ beside it: make that folder, and move it in"
NOT_A_FOLDER = "it is a link or a file: make it a folder, and what is put into that becomes a take"
OTHER_LETTERS = "its name is not takes, in small letters: rename it, and it is a shot's"
IN_THE_FILM = "the film's own folder is no shot: make a folder for the shot, and move it there"
LINKED = "it is a link, and links are not followed: put the folder itself there"

MOST = 100
"""Strays that are told of, so that a folder of stills does not bury all else."""

LOOKED_INTO = 200
"""Folders behind a link that are looked into for a shot."""


class Strays:
    """Tells of those of one film, by what was seen in its folders."""

    def __init__(self, root: Path, tree: Tree, notes: Notes) -> None:
        self._root = root
        self._tree = tree
        self._notes = notes
        self._more = Signal()
        self._links: list[str] = []
        self._linked: list[str] = []

    async def look_at(self, folders: Collection[str]) -> None:
        """Something came into these folders, or went."""
        await in_thread(self._tree.look_at, folders)
        self.tell()

    def tell(self) -> None:
        """Tell of what has been seen by now."""
        odd, above = dict(self._tree.odd), set(self._tree.above)
        self._links = [_at(path, name) for path, folder in odd.items() for name in folder.links]
        linked = dict.fromkeys(set(self._linked) & set(self._links), LINKED)
        self._notes.strays = dict(islice({**linked, **dict(strays(odd, above))}.items(), MOST))
        self._more.give()

    async def follow_links(self) -> None:
        """Find out which links lead to shots, for ever. No scan waits for that: the disk behind one may never answer."""
        while True:
            await self._more.wait()
            self._linked = await in_thread(_leading_to_shots, self._root, self._links)
            self._notes.strays |= dict.fromkeys(self._linked, LINKED)


def strays(odd: Mapping[str, Folder], above: Collection[str]) -> Iterator[tuple[str, str]]:
    """Those of some folders, by path, each with what is wrong with it and what to do."""
    for path, folder in odd.items():
        for name in folder.like_takes:
            yield _at(path, name), NOT_A_FOLDER if name == TAKES else OTHER_LETTERS
        if not path and TAKES in folder.names:
            yield TAKES, IN_THE_FILM
        if folder.media and (why := _why(path, folder, above)):
            name, count = folder.media
            yield _at(path, name), f"{why} (and {count - 1} more there)" if count > 1 else why


def _why(path: str, folder: Folder, above: Collection[str]) -> str | None:
    """Why media files in a folder are no drops; None where they may well belong there."""
    if folder.like_takes:
        return None  # that is the mistake, and it is told
    if TAKES in folder.names and path:
        return BESIDE
    if path in above:
        return IN_NO_SHOT
    parent, _, name = path.rpartition("/")
    is_like_a_shot = name[0].isdigit() or len(above) == 1
    return WITHOUT_TAKES if parent in above and is_like_a_shot else None


def _at(path: str, name: str) -> str:
    return f"{path}/{name}" if path else name


def _leading_to_shots(root: Path, links: Collection[str]) -> list[str]:
    """Those of the links that lead out of the film to shots; what is linked within it is kept where it lies."""
    home = os.path.realpath(root)
    places = {link: os.path.realpath(f"{home}/{link}") for link in links}
    return [
        link
        for link, place in places.items()
        if os.path.commonpath((home, place)) not in (home, place) and _holds_shot(place)
    ]


def _holds_shot(place: str) -> bool:
    """Whether a shot lies there, or not far below; those of another film are kept as that one's."""
    pending = deque([place])
    for _ in range(LOOKED_INTO):
        if not pending:
            return False
        here = pending.popleft()
        folder = list_folder(here)
        if folder is None or folder.project:
            continue
        if TAKES in folder.names:
            return True
        pending.extend(f"{here}/{name}" for name in folder.names)
    return False
