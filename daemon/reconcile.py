"""Reconciling: what lies in one shot's folder against what the log says of it.

What is on disk and not in the log becomes an event; what is in the log and not on disk is missed, and
only after a while said to be gone.
"""

import os
import time
from collections.abc import Callable, Container, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

import structlog
from msgspec import Struct, field

from daemon.config import Config
from daemon.familiar import Familiar
from daemon.marker import Marker
from daemon.overwrites import Overwrites, files_of
from daemon.place import bring_in
from daemon.scan import (
    NOT_PULLED,
    Entry,
    Known,
    Seen,
    is_same,
    look,
    media_in,
    media_of_take,
    recipe_beside,
)
from daemon.settle import Settling, is_written
from daemon.shots import FILESYSTEM, WATCHER, Shots
from daemon.tree import Tree
from events import Shot, Source, StaleVersion, Take
from events.shot import activate, adopt, create, delete, restore
from projections.active_link import ActiveLink
from projections.index import Index
from projections.layout import TAKES, is_named_for, media_name, recipe_name, take_name
from projections.lfs import is_pointer
from projections.projector import Projector
from projections.sidecars import read_sidecar
from projections.threads import in_thread

log = structlog.get_logger()

Drop = tuple[Entry, Entry | None]
"""A media file, and the recipe beside it."""


def shown(name: str) -> str:
    """A file's name as it can be written down, with the bytes that are no UTF-8 in hexadecimal."""
    return os.fsencode(name).decode(errors="backslashreplace")


class Notes(Struct):
    """What no log tells, by path: the drops that wait, and what was not taken, each with the reason."""

    waiting: dict[str, str] = field(default_factory=dict)
    not_taken: dict[str, str] = field(default_factory=dict)

    def write(self, shot: str, waiting: dict[str, str], not_taken: dict[str, str]) -> None:
        """Replace what was said of that shot."""
        for notes, said in ((self.waiting, waiting), (self.not_taken, not_taken)):
            below = f"{shot}/{TAKES}/"
            for path in [path for path in notes if path.startswith(below)]:
                del notes[path]
            notes.update({f"{below}{shown(name)}": reason for name, reason in said.items()})


class Findings(Struct):
    """What came of looking at a shot: by name, why things are not taken or wait, and in how many seconds to look again.

    `arrived` are the takes that were asked for and whose file lies in their folder, whole.
    """

    not_taken: dict[str, str]
    waiting: dict[str, str] = field(default_factory=dict)
    again: list[float] = field(default_factory=list)
    arrived: set[int] = field(default_factory=set)

    def wait(self, name: str, seconds: float, why: str = "it is still being written") -> None:
        """That file is not ready yet."""
        self.waiting[name] = why
        self.again.append(seconds)

    @property
    def soonest(self) -> float | None:
        """In how many seconds to look again; None where there is no need."""
        return min(self.again, default=None)


class Outcome(Struct, frozen=True):
    """A shot that was looked at, None where it is not there; its takes to be finished; in how many seconds to look again."""

    shot: Shot | None
    to_finish: Sequence[int]
    again: float | None


class Reconciler:
    """Brings a project's log and its shots together, one shot at a time."""

    def __init__(
        self,
        root: Path,
        config: Config,
        marker: Marker,
        index: Index,
        shots: Shots,
        projector: Projector,
        familiar: Familiar,
        overwrites: Overwrites,
        *,
        under_way: Container[tuple[str, int]],
        attend: Callable[[str], None],
        line_up: Callable[[], None],
    ) -> None:
        self.notes = Notes()
        self._under_way = under_way
        self._attend = attend
        self._line_up = line_up
        self._root = root
        self._config = config
        self._marker = marker
        self._index = index
        self._shots = shots
        self._projector = projector
        self._familiar = familiar
        self._overwrites = overwrites
        self._settling = Settling(config.settle)
        self._moved: set[str] = set()
        self._missing: dict[tuple[str, int], float] = {}
        self._noted: set[str] = set()

    def renamed_in(self, paths: set[str]) -> None:
        """These files were renamed into their place, so they were whole when they came."""
        self._moved |= paths

    async def reconcile(self, path: str) -> Outcome:
        """Deal with all that is different in one shot."""
        known = await self._shots.at(path)
        mended = self._projector.position(ActiveLink.name, known.stream) if known else 0
        moving = begun(known) if known else []
        seen = await in_thread(self._look_for_sure, path, expected(known) if known else ())
        if seen is None:
            self.notes.write(path, {}, {})
            findings = Findings({})
            if known:
                awaited = {take.number for take in known.making if take.is_awaited and not take.deleted}
                await self._miss(known, awaited | {number for number, _ in expected(known)}, findings)
            return Outcome(None, (), findings.soonest)
        shot = await self._whose(seen, known)
        if shot is not known:
            moving, seen = begun(shot), await self._look(path, expected(shot)) or seen
            mended = 0  # that was said of another shot
        findings = Findings(dict(seen.not_taken))
        await self._overwrites.recover(shot)
        await self._look_for_awaited(shot, findings)
        await self._take_drops(shot, seen, moving, findings)
        await self._adopt_folders(shot, seen, findings)
        await self._look_at_strange(shot, seen, findings)
        self.notes.write(path, findings.waiting, findings.not_taken)
        await self._find(shot, seen)
        await self._follow_link(shot, seen, mended)
        await self._miss(shot, seen.absent, findings)
        to_finish = [t.number for t in shot.making if not t.is_awaited or t.number in findings.arrived]
        return Outcome(shot, to_finish, findings.soonest)

    def _look_for_sure(self, path: str, known: Known) -> Seen | None:
        """What lies there; MarkerGone where the whole project is away, and so nothing can be said of a shot."""
        seen = look(self._root, path, known)
        self._marker.check()
        return seen

    async def _look(self, path: str, known: Known) -> Seen | None:
        return await in_thread(look, self._root, path, known)

    async def _whose(self, seen: Seen, known: Shot | None) -> Shot:
        """The shot that lies at a path: the one that is known there, unless another one's folder has come."""
        if known and known.inode == seen.inode:
            return known
        if known and await self._holds(seen.path, known):
            return await self._note_inode(known, seen)
        for row in await self._index.shots_with_inode(seen.inode):
            came = await self._shots.load(row.stream)
            if await self._has_come(came, seen, is_sure=known is None):
                if known:
                    await self._look_for(known)
                log.info("shot moved", shot=seen.path, before=row.path)
                return await self._shots.move(row.stream, seen.path, seen.device, seen.inode)
        if known:
            return known
        log.info("shot found", shot=seen.path)
        return await self._shots.register(seen.path, seen.device, seen.inode)

    async def _note_inode(self, shot: Shot, seen: Seen) -> Shot:
        """A copied or restored film has new inodes; said once a run, since some filesystems change them all the time."""
        if shot.stream in self._noted:
            return shot
        self._noted.add(shot.stream)
        return await self._shots.move(shot.stream, seen.path, seen.device, seen.inode)

    async def _has_come(self, shot: Shot, seen: Seen, *, is_sure: bool) -> bool:
        """Whether a folder with the inode of a shot is that shot: not where it was, and with takes of it."""
        left = await self._look(shot.path, ()) if shot.path != seen.path else None
        if left and left.inode == seen.inode:
            return False
        return await self._holds(seen.path, shot) or (
            is_sure and not any(t.name for t in shot.takes.values())
        )

    async def _holds(self, path: str, shot: Shot) -> bool:
        """Whether media of that shot lies at that path, by name and size."""
        return await in_thread(_holds_media, self._root / path / TAKES, list(shot.takes.values()))

    async def _look_for(self, shot: Shot) -> None:
        """Find the folder of a shot in whose place another one lies; where there is none, its takes are gone."""
        found = await in_thread(_shot_with_inode, self._root, shot.inode)
        if found:
            await self._shots.move(shot.stream, found.path, found.device, found.inode)
        for number, _ in () if found else expected(shot):
            await self._shots.change(shot.stream, partial(delete, number=number, why="missing"), FILESYSTEM)

    async def _take_drops(self, shot: Shot, seen: Seen, moving: Sequence[Source], findings: Findings) -> None:
        """Give numbers to the drops that have settled; `moving` are those that had one when we looked."""
        ready: list[Drop] = []
        awaited = [take.number for take in shot.making if take.is_awaited and not take.deleted]
        recipes = {Path(recipe.name).stem: recipe for recipe in seen.recipes}
        is_moving = {drop.name for drop in seen.drops if any(_is_from(drop, one) for one in moving)}
        fresh = [drop for drop in seen.drops if drop.name not in is_moving]
        self._forget_others(shot.path, {entry.name for entry in (*fresh, *seen.recipes)})
        waits = await self._waits(f"{shot.path}/{TAKES}", [*fresh, *seen.recipes])
        taken = {
            self._familiar.file((shot.stream, take.number), take.file or take.source.identity)
            for take in shot.takes.values()
            if take.name and not take.deleted
        }
        others: set[int] = set()
        for drop in seen.drops:
            recipe = recipes.pop(Path(drop.name).stem, None)
            if drop.name in is_moving:  # not the takes in the making by now: one may be done since
                continue
            if drop.identity in taken or drop.identity.inode in others:
                findings.not_taken[drop.name] = "it is another name of a file that is a take already"
                continue
            others.add(drop.identity.inode)
            if await in_thread(is_pointer, self._root / shot.path / TAKES / drop.name):
                findings.not_taken[drop.name] = NOT_PULLED
                continue
            if not drop.identity.size:  # a browser keeps the place for its download so
                findings.wait(drop.name, self._config.scan_every_unwatched, "it is empty so far")
                continue
            wait = max(waits[one.name] for one in (drop, recipe) if one)
            meant = next((number for number in awaited if is_named_for(drop.name, shot.path, number)), None)
            if meant and (shot.stream, meant) in self._under_way:
                findings.wait(drop.name, self._config.scan_every_unwatched, "its take is being made")
            elif wait:
                findings.wait(drop.name, wait)
            elif meant:
                awaited.remove(meant)
                await self._bring_in(shot, drop, meant, findings)
            else:
                ready.append((drop, recipe))
        if ready:
            await self._give_numbers(shot, seen, ready)
        alone = "it is no media, and no media of the same name is beside it"
        findings.not_taken.update(
            {recipe.name: alone for recipe in recipes.values() if not _is_claimed(recipe, shot)}
        )

    async def _look_for_awaited(self, shot: Shot, findings: Findings) -> None:
        """See whether a file has come into the folder of a take that was asked for, which is made for that."""
        for number in [take.number for take in shot.making if take.is_awaited and not take.deleted]:
            folder = f"{shot.path}/{TAKES}/{take_name(number)}"
            if (shot.stream, number) in self._under_way:
                continue
            found = await in_thread(self._come_for, folder, shot.path, number)
            if len(found) > 1:
                findings.not_taken[take_name(number)] = "it holds more than one media file"
            for entry in found if len(found) == 1 else ():
                if wait := (await self._waits(folder, [entry]))[entry.name]:
                    findings.wait(f"{take_name(number)}/{entry.name}", wait)
                else:
                    findings.arrived.add(number)

    def _come_for(self, folder: str, shot: str, number: int) -> list[Entry]:
        """The media in the folder of a take that was asked for: the one that is it, or all that might be."""
        place = self._root / folder
        place.mkdir(exist_ok=True)
        self._attend(folder)
        entry = media_of_take(place, shot, number)
        found = [entry] if entry else media_in(place)
        return [one for one in found if one.identity.size and not is_pointer(place / one.name)]

    async def _bring_in(self, shot: Shot, drop: Entry, number: int, findings: Findings) -> None:
        """A drop that is named for a take that was asked for is that take's, and gets no number of its own."""
        takes = self._root / shot.path / TAKES
        name = media_name(shot.path, number, Path(drop.name).suffix)
        recipe = recipe_name(shot.path, number)
        with suppress(
            FileExistsError
        ):  # one is there already: this one is a take of its own, once that is done
            await in_thread(bring_in, takes / drop.name, takes / take_name(number), name, recipe)
        findings.arrived.add(number)

    def _forget_others(self, shot: str, names: set[str]) -> None:
        """What was remembered of files that are not in that shot's `takes/` any more."""
        below = f"{shot}/{TAKES}/"
        self._moved = {path for path in self._moved if path.removeprefix(below) in names or below not in path}
        self._settling.keep_only(below, names)

    async def _waits(self, folder: str, entries: Sequence[Entry]) -> dict[str, float]:
        """For each of those files the seconds until it has settled, 0 if it has."""
        paths = {entry.name: f"{folder}/{entry.name}" for entry in entries}
        places = [self._root / path for path in paths.values()]
        written = await in_thread(lambda: [is_written(place) for place in places]) if places else []
        return {
            entry.name: self._settling.wait(
                paths[entry.name], entry.identity, written=now, moved=paths[entry.name] in self._moved
            )
            for entry, now in zip(entries, written, strict=True)
        }

    async def _give_numbers(self, shot: Shot, seen: Seen, ready: Sequence[Drop]) -> None:
        """One number each, the older render first; all of them or none."""
        sources = [
            Source(
                kind="drop", name=drop.name, identity=drop.identity, recipe=recipe.name if recipe else None
            )
            for drop, recipe in sorted(ready, key=lambda pair: (pair[0].identity.mtime_ns, pair[0].name))
        ]
        at_least = max(seen.folders, default=0) + 1
        await self._shots.change(shot.stream, partial(create, sources=sources, at_least=at_least), WATCHER)
        for source in sources:
            path = f"{shot.path}/{TAKES}/{source.name}"
            self._settling.forget(path)
            self._moved.discard(path)

    async def _adopt_folders(self, shot: Shot, seen: Seen, findings: Findings) -> None:
        """Take in the take folders made by hand, under their own numbers."""
        for number in sorted(seen.folders - shot.takes.keys()):
            name = take_name(number)
            folder = f"{shot.path}/{TAKES}/{name}"
            entry = await in_thread(media_of_take, self._root / folder, shot.path, number)
            if entry is None:
                if number not in shot.hidden:
                    findings.not_taken[name] = "it does not hold one media file"
                findings.again.append(self._config.scan_every_unwatched)
            elif await in_thread(is_pointer, self._root / folder / entry.name):
                findings.not_taken[name] = NOT_PULLED
                findings.again.append(self._config.scan_every_unwatched)
            elif wait := (await self._waits(folder, [entry]))[entry.name]:
                findings.wait(name, wait)
            else:
                self._settling.forget(f"{folder}/{entry.name}")
                recipe = await in_thread(recipe_beside, self._root / folder, entry.name)
                told = await in_thread(read_sidecar, self._root / folder, shot.path, number)
                created = told.created if told else None
                source = Source(
                    kind="adopted", name=entry.name, identity=entry.identity, recipe=recipe, created=created
                )
                await self._shots.change(
                    shot.stream, partial(adopt, number=number, source=source), FILESYSTEM
                )

    async def _look_at_strange(self, shot: Shot, seen: Seen, findings: Findings) -> None:
        """See to the takes whose file is another one than the log speaks of: moved, restored or overwritten."""
        files = files_of(shot)
        self._overwrites.forget_troubles(shot.stream, files, seen.media)
        for _, number in self._overwrites.strange(files, seen.media):
            take, found = shot.takes[number], seen.media[number]
            entry = Entry(take.name or "", found)
            folder, name = f"{shot.path}/{TAKES}/{take_name(number)}", f"{take_name(number)}/{entry.name}"
            if await in_thread(is_pointer, self._root / folder / entry.name):
                findings.not_taken[name] = NOT_PULLED
            elif wait := (await self._waits(folder, [entry]))[entry.name]:
                findings.wait(name, wait)
            elif await self._overwrites.attend(shot, take, found):
                self._settling.forget(f"{folder}/{entry.name}")
                findings.again.append(0.0)
            else:
                findings.waiting[name] = "it is another file than it was, and is compared with the log"

    async def _miss(self, shot: Shot, absent: set[int], findings: Findings) -> None:
        """Hide the takes that have been gone for as long as from one scan to the next."""
        now = time.monotonic()
        for key in [key for key in self._missing if key[0] == shot.stream and key[1] not in absent]:
            del self._missing[key]
        for number in sorted(
            absent, key=lambda one: (one == shot.active, one)
        ):  # no fallback to one that is gone too
            key = (shot.stream, number)
            wait = self._missing.setdefault(key, now) + self._config.scan_every - now
            if wait > 0:
                findings.again.append(wait)
            else:
                del self._missing[key]
                rule = partial(delete, number=number, why="missing")
                await self._shots.change(shot.stream, rule, FILESYSTEM)
                self._line_up()  # without it, if it was one that waits

    async def _find(self, shot: Shot, seen: Seen) -> None:
        """Bring back the takes that were missing and whose media is there again."""
        lost = [
            (take.number, take.name)
            for take in shot.takes.values()
            if take.deleted == "missing" and not take.purged
        ]
        if any(number in seen.folders for number, _ in lost) and (again := await self._look(shot.path, lost)):
            for number in {number for number, _ in lost} - again.absent:
                await self._shots.change(
                    shot.stream, partial(restore, number=number, why="found"), FILESYSTEM
                )
                self._line_up()

    async def _follow_link(self, shot: Shot, seen: Seen, mended: int) -> None:
        """A link that we had set right, and that leads elsewhere now, was re-pointed by a person."""
        if seen.active == shot.active or shot.position > mended:
            return
        chosen = shot.takes.get(seen.active or 0)
        if chosen is None or not chosen.is_usable:
            self._projector.touch(ActiveLink.name, shot.stream)
            return
        rule = partial(activate, number=chosen.number, why="link")
        with suppress(StaleVersion):  # the log has moved on, so the link is the log's to set again
            await self._shots.change(shot.stream, rule, FILESYSTEM, expected=shot.version)


def begun(shot: Shot) -> list[Source]:
    """What becomes takes of the shot just now."""
    return [take.source for take in shot.making]


def _is_from(drop: Entry, source: Source) -> bool:
    if source.identity is None:
        return False
    if drop.name == source.name:
        return is_same(drop.identity, source.identity)
    return drop.identity.inode == source.identity.inode


def _holds_media(takes: Path, made: Sequence[Take]) -> bool:
    return any(
        _has_size(takes / take_name(take.number) / take.name, take.bytes) for take in made if take.name
    )


def _has_size(path: Path, size: int) -> bool:
    try:
        return size in (path.lstat().st_size, 0)  # of a failed take none is known
    except (FileNotFoundError, NotADirectoryError):
        return False


def _shot_with_inode(root: Path, inode: int | None) -> Seen | None:
    """The shot whose folder has that inode, wherever it lies."""
    for one in Tree(root).shots():
        seen = look(root, one.path, ())
        if seen and seen.inode == inode:
            return seen
    return None


def expected(shot: Shot) -> Known:
    """The takes whose media should be on disk."""
    return [(take.number, take.name) for take in shot.takes.values() if take.name and not take.deleted]


def _is_claimed(recipe: Entry, shot: Shot) -> bool:
    """Whether a recipe belongs to a take that is on its way, and will follow it."""
    return any(take.source.recipe == recipe.name for take in shot.making)
