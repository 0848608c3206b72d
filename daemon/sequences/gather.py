"""Gathering: frames that are dropped one by one, `sea.0001.exr` and so on, go into a folder, which is a sequence then.

A folder in which a kill has left some of them is found by what they are called, and the others follow.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from itertools import count
from pathlib import Path

from msgspec import Struct, field

from daemon.disk import crash_points
from daemon.disk.leases import is_written
from daemon.disk.moving import rename_new
from daemon.watching.scan import Entry
from daemon.watching.sequences import FrameFolder, NoSequence
from daemon.watching.settling import Settling
from events import Identity
from projections.files.threads import in_thread
from projections.files.writing import sync
from projections.layout import is_recipe, loose_frame

MORE_TO_COME = "more frames of it may come"
"""Why frames wait that were dropped one by one."""

PLAIN = (".png", ".jpg", ".jpeg")
"""How stills end that are often no frames of anything."""

SPARSE = 10
"""Numbers for each frame that is there, at most, where they are such stills."""


class Loose(Struct):
    """Frames that lie in `takes/` itself, and the recipes that are called as they are; `folder` has others of them."""

    frames: list[Entry] = field(default_factory=list)
    recipes: list[str] = field(default_factory=list)
    folder: str | None = None

    @property
    def names(self) -> list[str]:
        return [one.name for one in self.frames] + self.recipes

    @property
    def is_sure(self) -> bool:
        """Whether they are frames of one sequence: stills may be called by their size, `sea.1080.png` and `sea.2160.png`."""
        if self.folder:
            return True
        numbers = [int(one.name.rsplit(".", 2)[1]) for one in self.frames]
        is_dense = max(numbers) - min(numbers) < SPARSE * len(numbers)
        return len(numbers) > 1 and (is_dense or not self.frames[0].name.lower().endswith(PLAIN))

    @property
    def identity(self) -> Identity:
        """What is another one whenever anything about them is."""
        size, changed = sum(one.identity.size for one in self.frames), max(one.arrived for one in self.frames)
        return Identity(0, len(self.frames), size, changed)


class Gathered(Struct):
    """What came of it: the files that are no drops of their own now, in how many seconds what they are is looked at again.

    `has_moved` says that there is a folder to be looked at.
    """

    held: set[str] = field(default_factory=set)
    waiting: dict[str, float] = field(default_factory=dict)
    has_moved: bool = False


class Gatherer:
    """Gathers the frames of one project, if that `is_on`."""

    def __init__(self, root: Path, settling: Settling, *, is_on: bool) -> None:
        self._root = root
        self._settling = settling
        self._is_on = is_on

    def names(self, files: Sequence[Entry]) -> set[str]:
        """What the sequences are called of which those may be frames: `sea.####.exr`."""
        return {name for one in files if (name := loose_frame(one.name))} if self._is_on else set()

    async def gather(
        self,
        takes: str,
        files: Sequence[Entry],
        recipes: Sequence[Entry],
        folders: Mapping[str, FrameFolder | NoSequence],
    ) -> Gathered:
        """Have those of the files that are frames go into a folder, once no more of them come."""
        done = Gathered()
        for name, loose in _groups(files, recipes, folders).items() if self._is_on else ():
            wait = self._settling.wait_for_frames(takes, name, loose.identity)
            if not wait and not loose.is_sure:
                continue
            if not wait and await in_thread(_is_any_written, self._root / takes, loose):
                wait = self._settling.wait_for_frames(takes, name, loose.identity, is_open=True)
            if wait:
                done.held.update(loose.names)
                done.waiting[name] = wait
            elif folder := await in_thread(partial(_move, self._root / takes, loose, name)):
                done.held.update(loose.names)
                done.has_moved = True
                self._settling.renamed_in([f"{takes}/{folder}"])
        return done


def _groups(
    files: Sequence[Entry], recipes: Sequence[Entry], folders: Mapping[str, FrameFolder | NoSequence]
) -> dict[str, Loose]:
    found: dict[str, Loose] = {}
    for one in files:
        if name := loose_frame(one.name):
            found.setdefault(name, Loose()).frames.append(one)
    for folder, inside in folders.items() if found else ():
        for name in {loose_frame(one) or "" for one in _inside(inside)} & found.keys():
            found[name].folder = folder
    for name, loose in found.items():
        stem = name.partition(".####.")[0]
        loose.recipes = [one.name for one in recipes if Path(one.name).stem == stem and is_recipe(one.name)]
    return found


def _inside(folder: FrameFolder | NoSequence) -> Iterator[str]:
    """The frames in a folder; of one with a single frame nothing more is known than that one."""
    if isinstance(folder, FrameFolder):
        yield from list(folder.frames.values())[:1]
    elif folder.frame:
        yield folder.frame


def _is_any_written(takes: Path, loose: Loose) -> bool:
    return any(is_written(takes / one.name) or not one.identity.size for one in loose.frames)


def _move(takes: Path, loose: Loose, name: str) -> str | None:
    """Move them into their folder, but for those whose names are used there; what it is called, None where none moved."""
    folder = takes / loose.folder if loose.folder else _new_folder(takes, name.partition(".####.")[0])
    moved = 0
    for one in loose.names:
        with suppress(FileExistsError, FileNotFoundError):
            rename_new(takes / one, folder / one)
            moved += 1
    crash_points.point("gathered")
    with suppress(FileNotFoundError):  # its take is being made
        sync(folder)
    sync(takes)
    return folder.name if moved else None


def _new_folder(takes: Path, stem: str) -> Path:
    for number in count():
        folder = takes / (f"{stem}_{number}" if number else stem)
        with suppress(FileExistsError):
            folder.mkdir()
            return folder
    raise AssertionError
