"""Staging: one look at what git should have of a film, and one write of its index.

Idempotent: what is staged already is seen by its stat and costs a look.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, field

from events import Identity, Media
from projections.artifacts.active_link import POINTER
from projections.artifacts.frame_lists import frames_of
from projections.artifacts.project_file import has_takes
from projections.artifacts.store import Store
from projections.files.fingerprint import identity
from projections.files.writing import write
from projections.film import take_folder
from projections.git.attributes import ATTRIBUTES
from projections.git.entries import Entries, FilmInGit, file_at, is_among
from projections.git.file_staging import FileStaging, LargeFile
from projections.git.lfs import LfsObjects
from projections.git.shared_files import configure, merge_attributes, stage_shared
from projections.gitdir.index import LINK
from projections.index.rows import ShotRow, ShotTakes, TakeRow
from projections.layout import (
    ACTIVE,
    FRAMES,
    KEEP,
    short_id,
    shot_of_take,
    take_name,
    take_path,
    takes_path,
)
from projections.take_files import belongs, files_of_take, folder_of, is_empty, is_frame
from projections.worktree import under_way

if TYPE_CHECKING:
    from projections.git.noted import Shots

ATTEMPTS = 100
"""How often a new index is made where others write it all the time."""

MANY = 50
"""Takes beyond which their objects come in packs."""

REST = "The takes of the film"
"""What a commit is called that is of no take and no shot."""

EMPTY = "The shots without takes"
"""What a commit is called that keeps their folders."""


class Group(Struct):
    """What belongs into one commit: the paths that are in git, and those that are out of it.

    `media` is the file that makes it a new take, with that title; where nothing but the `links` is new it is called
    as it `uses` a take, else `otherwise`. `take` is the shot's path and the number, where it is of a take.
    """

    title: str
    otherwise: str
    uses: str
    media: str | None = None
    take: tuple[str, int] | None = None
    links: set[str] = field(default_factory=set)
    staged: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)


class Staged(Struct):
    """What came of staging: the entries as they are now, what stood in the way, and what could be committed.

    `is_set_up` says that lines of ours have come into git's attributes or configuration.
    """

    entries: Entries
    problems: list[str]
    groups: list[Group]
    is_set_up: bool = False


class Staging:
    """Stages the takes of one film in one repository."""

    def __init__(self, film: FilmInGit, objects: LfsObjects) -> None:
        self._film = film
        self._objects = objects
        self._store = Store(film.root)

    def is_wanted(self, touched: Sequence[ShotTakes], shots: "Shots") -> bool:
        """Whether the user lets git see anything of the film."""
        if self._film.is_left_out:
            return False
        first = [one.shot.path for one in touched[:1]]
        return not shots.given or not all(self._film.is_ignored(f"{one}/") for one in (*first, *shots.given))

    def _are_attributes_left(self) -> bool:
        """Whether the file of attributes is as git has it in the midst of something."""
        return bool(under_way(self._film.root)) and (self._film.root / ATTRIBUTES).exists()

    def stage(self, touched: Sequence[ShotTakes], shots: "Shots") -> Staged:
        """Have git's index say what these takes should be in git."""
        first = [one.shot.path for one in touched[:1]]
        is_with_takes = has_takes(self._film.root, first) or has_takes(self._film.root, shots.given)
        is_new = False
        if is_with_takes and not self._are_attributes_left():
            is_new = merge_attributes(self._film) | configure(self._film)
        for _ in range(ATTEMPTS):
            entries = Entries(self._film)
            attempt = _Attempt(self._film, self._objects, self._store, entries, shots)
            with self._gathering(touched):
                groups = attempt.groups(touched, is_with_takes=is_with_takes)
            if entries.write():
                attempt.remember()
                return Staged(entries, entries.problems, groups, is_new)
        return Staged(entries, ["git's index is written by another program all the time"], [])

    def _gathering(self, touched: Sequence[ShotTakes]) -> AbstractContextManager[None]:
        """Of few takes each object is a file of its own, as git would have it; those of many come together."""
        is_many = sum(len(one.takes) for one in touched) > MANY
        return self._film.repository.gathering() if is_many else nullcontext()


class _Attempt:
    """One try, on the entries as they were when it began."""

    def __init__(
        self, film: FilmInGit, objects: LfsObjects, store: Store, entries: Entries, shots: "Shots"
    ) -> None:
        self._film = film
        self._root = film.root
        self._files = FileStaging(film, objects, store, entries)
        self._entries = entries
        self._shots = shots
        memory = film.memory
        self._changed = memory.unsearched
        self._left = {
            path for path in memory.left if not is_among(os.fsencode(film.full(path)), self._changed)
        }
        self._unkept = {*shots.empty} if self._changed else memory.unkept | shots.fresh

    def groups(self, touched: Sequence[ShotTakes], *, is_with_takes: bool) -> list[Group]:
        """Stage everything; what could be committed."""
        strays = self._remove_strays()
        found = [group for one in touched for group in self._stage_shot(one)]
        groups = [group for group in found if group.staged or group.gone] or [Group(REST, REST, REST)]
        groups[-1].gone |= strays
        if is_with_takes:
            stage_shared(self._film, self._entries)
            kept = self._keep_empty()
            groups = [Group(EMPTY, EMPTY, EMPTY, staged=kept), *groups] if kept else groups
        return groups

    def remember(self) -> None:
        """Have the next look go on from what was found, which is in git now."""
        memory = self._film.memory
        memory.unsearched, memory.left, memory.unkept = [], self._left, self._unkept

    def _keep_empty(self) -> set[str]:
        """Have a file of ours in the empty folders of takes that git does not have yet; those that it has now."""
        given = self._shots.given
        folders = {takes_path(shot): shot for shot in sorted(self._unkept) if given.get(shot) == 0}
        lacking = [folder for folder in folders if not self._entries.has(f"{folder}/{KEEP}")]
        paths = [f"{folder}/{KEEP}" for folder in lacking if is_empty(self._root / folder)]
        for path in () if under_way(self._root) else paths:
            with self._files.reporting(path):
                if self._entries.may_stage(path) and not os.path.lexists(self._root / path):
                    write(self._root / path, b"")
                if found := file_at(f"{self._root}/{path}"):
                    self._files.put(path, self._entries.within(path.rpartition("/")[0]), found)
        self._unkept = {shot for folder, shot in folders.items() if not self._entries.has(f"{folder}/{KEEP}")}
        return self._files.in_git(paths)

    def _remove_strays(self) -> set[str]:
        """Take out what is left of shots that have moved or are gone, unless it is on the disk.

        The index is searched for that where others have changed it.
        """
        if not (self._changed or self._left or self._shots.gone):
            return set()
        left = ((path.rpartition("/")[0], {path.rpartition("/")[2]}) for path in self._left)
        ranges = [*self._changed, *map(self._entries.below, self._shots.gone)]
        found = [left, *map(self._entries.folders, ranges)]
        wanted = {self._film.own(shot) for shot in self._shots.given}
        strays = {path for part in found for path in _strays_in(part, wanted)}
        self._left = {path for path in strays if os.path.lexists(self._root / path)}
        return self._files.remove(strays - self._left)

    def _stage_shot(self, one: ShotTakes) -> list[Group]:
        groups: list[Group] = []
        takes, short = takes_path(one.shot.path), short_id(one.shot.path)
        uses = f"{short} uses {take_name(one.shot.active) if one.shot.active else 'no take'}"
        with self._files.reporting(takes), folder_of(self._root, takes) as place:
            for take in one.takes:
                if take.status == "complete":
                    with self._files.reporting(take_folder(one.shot, take)):
                        groups.append(self._stage_take(one.shot, short, take, uses, place))
        groups = groups or [Group(uses, uses, uses)]
        if groups[0].take or self._has_active(one.shot):
            self._stage_link(one.shot, groups[-1])
        return groups

    def _has_active(self, shot: ShotRow) -> bool:
        """Whether git has something of the active take, if there is one: the link to it is not staged before it."""
        return not shot.active or bool(self._entries.names_in(take_path(shot.path, shot.active)))

    def _stage_take(self, shot: ShotRow, short: str, take: TakeRow, uses: str, takes: int | None) -> Group:
        """Stage a complete take's media and what lies beside it; take out what is gone for good.

        `short` is what the shot is called, `takes` the folder of its takes, if it is there.
        """
        folder, media, name = take_folder(shot, take), take.read_media(), take.name or ""
        large = {} if take.purged else self._large_files(f"{folder}/{name}", media, take.read_file())
        with folder_of(self._root, folder, takes) as place:
            found, others = files_of_take(place, name)
            if place is not None:
                self._film.rules.note_names(os.fsencode(self._film.full(folder)), others)
            entries = self._entries.within(folder)
            there = {one for one in found if one in large or not is_frame(one, name)}
            for one in sorted(there):
                path = f"{folder}/{one}"
                if one in large:
                    self._files.put_pointer(path, entries, found[one], large[one])
                elif one != name or name.endswith(FRAMES):
                    self._files.put(path, entries, found[one], place)
        title = f"{take.id} of {short}"
        group = Group(title, title + _fate(take), uses, f"{folder}/{name}", (shot.path, take.number))
        group.staged = {f"{folder}/{one}" for one in there if entries.find(entries.path(self._film.own(one)))}
        if take.deleted == "missing" or take.purged:
            known = {one for one in self._entries.names_in(folder) if belongs(one, name)}
            group.gone = self._files.remove({f"{folder}/{one}" for one in (known | {name}) - there})
        return group

    def _large_files(self, path: str, media: Media | None, known: Identity | None) -> dict[str, LargeFile]:
        """By name, what of the take at that path is in git as a pointer: its media, or the frames that it lists."""
        if media is None or media.frames is None:
            return {path.rpartition("/")[2]: LargeFile(media.sha256, media.bytes, known)} if media else {}
        frames, listed = frames_of(self._root, path, media), file_at(f"{self._root}/{path}")
        since = listed.st_mtime_ns if listed else 0
        return {
            Path(where).name: LargeFile(frame.sha256, frame.bytes, _known(f"{self._root}/{where}", since))
            for where, frame in (frames.paths(path) if frames else ())
        }

    def _stage_link(self, shot: ShotRow, group: Group) -> None:
        """Stage the link to the active take, or the file that stands for it; take out the one that is not there."""
        link, stand_in = f"{shot.path}/{ACTIVE}", f"{shot.path}/{POINTER}"
        with self._files.reporting(link):
            if found := file_at(f"{self._root}/{stand_in}"):
                self._files.put(stand_in, self._entries.within(shot.path), found)
            if (self._root / link).is_symlink() and self._entries.may_stage(link):
                target = os.fsencode((self._root / link).readlink())
                self._entries.put(link, LINK, target, (self._root / link).lstat())
        group.links = {link, stand_in}
        known = {path for path in group.links if self._entries.has(path)}
        group.gone |= self._files.remove({path for path in known if not os.path.lexists(self._root / path)})
        group.staged |= self._files.in_git((link, stand_in)) - group.gone


def _strays_in(folders: Iterator[tuple[str, set[str]]], shots: set[str]) -> Iterator[str]:
    """Of what git has in those folders, what is of no shot."""
    for folder, names in folders:
        shot = shot_of_take(folder)
        is_take = shot is not None and shot not in shots
        for name in names if is_take else names & {ACTIVE, POINTER} if folder not in shots else ():
            yield f"{folder}/{name}"


def _known(path: str, since: int) -> Identity | None:
    """Which file that frame is, where it was not written since that time (ns); None where it is to be hashed."""
    found = file_at(path)
    return identity(found) if found and found.st_mtime_ns <= since else None


def _fate(take: TakeRow) -> str:
    """What has become of a take, where that is more than that it changed."""
    if take.purged:
        return " is purged"
    return {"asked": " is hidden", "missing": " is gone"}.get(take.deleted or "", "")
