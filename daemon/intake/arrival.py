"""The arrival: a take's file comes into its folder, with the other files of its render and its recipe.

It is one visit of the disk. Every step of it can be done again, and finds what was done.
"""

import os
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from msgspec import Struct

from daemon.disk import crash_points
from daemon.disk.leases import is_written
from daemon.disk.moving import rename_new
from daemon.intake.place import DropGone, bring_in, picture_of, place, put_all_beside
from daemon.protection.freezing import Known
from daemon.runners.runner import Made
from daemon.sequences import place as sequences
from daemon.watching.mailbox import Mailbox
from daemon.watching.scan import Entry, media_of_take, recipe_beside
from events import Identity, Shot, Take, TakeKey
from projections.files.fingerprint import identity
from projections.files.threads import in_thread
from projections.files.together import Together, each
from projections.files.writing import begin_sync, sync
from projections.layout import (
    companion_name,
    media_name,
    recipe_name,
    sidecar_name,
    take_name,
    take_path,
    takes_path,
)
from projections.media.jobs import Inspection

AWAY = 60.0
"""Seconds after which a take whose file was placed, and is away with its folder, counts as removed."""

LARGE = 1 << 20
"""Bytes of a file that the disk begins to write while it is looked into."""


class Work(Struct, frozen=True):
    """A take that is being made in its `folder`: `made` is what a runner has made for it, or else it was dropped.

    Where it is `patient`, it has all the time of a decoder that there is.
    """

    shot: Shot
    take: Take
    folder: Path
    made: Made | None
    patient: bool

    @property
    def key(self) -> TakeKey:
        return TakeKey(self.shot.stream, self.take.number)

    def called(self, name: str) -> str:
        """What the file was called that is called so now."""
        return self.take.source.name or (self.made.path.name if self.made else name)


class Placed(Struct, frozen=True):
    """A take's file in its folder: whether somebody still writes it, and whether it `was_there` before this look.

    Of what was there nobody knows whether the disk has refused it since: it may look whole and not be on the disk.
    """

    entry: Entry
    is_busy: bool | None
    was_there: bool

    def known(self, take: Take, look: Inspection | None = None) -> Known:
        """What is known of it; of a sequence it is each frame's own look that says what it holds."""
        sha256, size = (look.sha256, look.bytes) if look else ("", 0)
        # A film that was copied by hard links goes on sharing its bytes.
        return Known(sha256, size, was_there=self.was_there, may_share=take.source.kind == "adopted")


class Beside(Struct, frozen=True):
    """What lies beside a take's file: the other files of its render, and where its recipe is."""

    companions: Sequence[Entry]
    recipe: Path | None


class Arrivals:
    """The files of one project's takes, on their way into their folders."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._placed: dict[TakeKey, float] = {}
        self._together = Together(partial(each, self._bring))

    async def bring(self, work: Work) -> tuple[Placed, Beside]:
        """Have all of it in its folder."""
        source = work.take.source
        self._note_ours(work)
        if source.kind == "drop" and not (source.is_folder or source.companions or source.recipe):
            return await self._together.do(work)
        return await in_thread(self._bring, work)

    async def bring_each(self, works: Sequence[Work]) -> Sequence[tuple[Placed, Beside] | Exception]:
        """The same of several, in one visit of the disk; in its place what is wrong with one."""
        for work in works:
            self._note_ours(work)
        return await in_thread(each, self._bring, works)

    async def may_come_back(self, work: Work) -> bool:
        """Whether the take's file is away with its folder, where it was placed a moment ago."""
        placed = self._placed.get(work.key, -AWAY)
        return self._mailbox.clock() - placed < AWAY and not await in_thread(work.folder.is_dir)

    def forget(self, key: TakeKey) -> None:
        """Nothing more is to be brought for that take."""
        self._placed.pop(key, None)

    def _note_ours(self, work: Work) -> None:
        """Nobody need look since the file goes, and the take's folder comes."""
        source, folder = work.take.source, take_path(work.shot.path, work.take.number)
        if sequences.is_sequence(source):
            self._mailbox.ours(folder)  # another folder of the dropped one's name may come at once
        elif not work.take.is_awaited:
            self._mailbox.ours(f"{takes_path(work.shot.path)}/{source.name}", folder)

    def _bring(self, work: Work) -> tuple[Placed, Beside]:
        placed = bring(work.shot, work.take, work.folder, work.made)
        self._placed[work.key] = self._mailbox.clock()
        return placed, bring_beside(work.shot, work.take, work.folder, placed.entry.name)


def bring(shot: Shot, take: Take, folder: Path, made: Made | None) -> Placed:
    """Have the take's file in its folder: what a runner has `made`, or what was dropped.

    DropGone where it is neither there nor where it came; Undecodable where it was a sequence, and is none any more.
    """
    source, wanted = take.source, take.source.identity
    if take.is_awaited:
        return _bring(shot.path, take.number, folder, made)
    if source.name is None or wanted is None:
        raise DropGone(take_name(take.number))
    if sequences.is_sequence(source):
        return _place_folder(shot.path, take, wanted, folder)
    came_from = folder / source.name if source.kind == "adopted" else folder.parent / source.name
    name = media_name(shot.path, take.number, came_from.suffix)
    was_there = not os.path.lexists(came_from)
    entry = place(came_from, wanted, folder, name)
    if entry.identity.size >= LARGE:
        begin_sync(folder / entry.name)
    crash_points.point("placed")
    return Placed(entry, is_written(folder / entry.name), was_there)


def bring_beside(shot: Shot, take: Take, folder: Path, media: str) -> Beside:
    """Have the other files of the take's render beside its media, and its recipe."""
    companions = put_all_beside(shot, take, folder)
    return Beside(companions, recipe_of(shot, take, folder, media, is_alone=not companions))


def recipe_of(shot: Shot, take: Take, folder: Path, media: str, *, is_alone: bool = False) -> Path | None:
    """Where the recipe of a take lies, beside its media; None where it has none.

    Where the media is known to be alone, with no other file of its render, none of those is looked for.
    """
    path = _recipe_beside(shot, take, folder, media)
    if path is None and not (is_alone and take.source.supersedes is None):
        return picture_of(shot, take, folder)
    return path


def _recipe_beside(shot: Shot, take: Take, folder: Path, media: str) -> Path | None:
    with suppress(FileNotFoundError):
        if take.is_awaited:
            name = recipe_beside(folder, media)
            return folder / name if name else None
        if take.source.recipe:
            return _follow(shot, take, folder, take.source.recipe)
        if take.source.is_folder:
            return sequences.recipe_in(folder, shot.path, take.number)
    return None


def _follow(shot: Shot, take: Take, folder: Path, name: str) -> Path | None:
    """Where the recipe lies, once it has followed its media into the take's folder."""
    home = folder if take.source.kind == "adopted" else folder.parent
    source, target = (
        home / name,
        (folder / recipe_name(shot.path, take.number)).with_suffix(Path(name).suffix),
    )
    if take.source.kind == "adopted" and name == sidecar_name(shot.path, take.number):
        return source  # it stays what it is: our own sidecar
    if source.is_file() and not source.is_symlink():
        with suppress(FileExistsError):
            rename_new(source, target)
            sync(folder)
    return target if target.exists() else None


def _place_folder(shot: str, take: Take, wanted: Identity, folder: Path) -> Placed:
    """Have the folder of frames that was dropped be the take's, with a list of them in it."""
    name = take.source.name or ""
    was_there = not os.path.lexists(folder.parent / name)
    if take.source.kind == "drop" and not sequences.place(folder.parent / name, wanted, folder):
        raise DropGone(name)
    path = sequences.listed(folder, shot, take)
    crash_points.point("placed")
    return Placed(Entry(path.name, identity(path.lstat())), is_busy=False, was_there=was_there)


def _bring(shot: str, number: int, folder: Path, made: Made | None) -> Placed:
    """Have the file that came for a take that was asked for under its name: what a runner made, or what lies there."""
    folder.mkdir(exist_ok=True)
    path = _found(folder, shot, number, made)
    name = media_name(shot, number, path.suffix)
    was_there = path == folder / name
    if not was_there:
        came = made.companions if made and path == made.path else {}
        beside = {companion_name(shot, number, role, one.suffix): one for role, one in came.items()}
        bring_in(path, folder, name, recipe_name(shot, number), beside)
    return Placed(Entry(name, identity((folder / name).lstat())), is_written(folder / name), was_there)


def _found(folder: Path, shot: str, number: int, made: Made | None) -> Path:
    """What a runner has made, unless a file of that name came before it; else what lies in the take's folder."""
    if made and made.path.exists() and not (folder / media_name(shot, number, made.path.suffix)).exists():
        return made.path
    entry = media_of_take(folder, shot, number)
    if entry is None:
        raise DropGone(take_name(number))
    return folder / entry.name
