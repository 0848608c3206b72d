"""Drops: files that somebody has put into a shot, and which become takes once nobody writes them any more.

They come right into `takes/`, into the folder of a take that was asked for, or as a whole take folder.
"""

from collections.abc import Callable, Container, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from daemon.config import Config
from daemon.disk.fingerprint import is_same
from daemon.disk.leases import is_written
from daemon.protection.known_files import KnownFiles
from daemon.shots import FILESYSTEM, WATCHER, Shots
from daemon.takes.findings import Findings
from daemon.takes.place import bring_in
from daemon.watching.scan import NOT_PULLED, Entry, Seen, media_in, media_of_take, recipe_beside
from daemon.watching.settling import Settling
from events import Identity, Shot, Source
from events.shot import adopt, create
from projections.artifacts.sidecars import read_sidecar
from projections.files.threads import in_thread
from projections.git.lfs import is_pointer
from projections.layout import TAKES, is_named_for, media_name, recipe_name, take_name

ANOTHER_NAME = "it is another name of a file that is a take already"
ALONE = "it is no media, and no media of the same name is beside it"
NOT_ONE = "it does not hold one media file"
TOO_MANY = "it holds more than one media file"

Drop = tuple[Entry, Entry | None]
"""A media file, and the recipe beside it."""


class Drops:
    """Gives the drops of one project their numbers.

    `under_way` are the takes that a runner is at; `attend` is called with a folder in which a file is awaited.
    """

    def __init__(
        self,
        root: Path,
        config: Config,
        shots: Shots,
        known_files: KnownFiles,
        under_way: Container[tuple[str, int]],
        attend: Callable[[str], None],
    ) -> None:
        self._root = root
        self._look_again = config.scan_every_unwatched
        self._shots = shots
        self._known_files = known_files
        self._under_way = under_way
        self._attend = attend
        self._settling = Settling(config.settle)
        self._moved: set[str] = set()

    def renamed_in(self, paths: set[str]) -> None:
        """These files were renamed into their place, so they were whole when they came."""
        self._moved |= paths

    async def waits(self, folder: str, entries: Sequence[Entry]) -> dict[str, float]:
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

    def forget(self, path: str) -> None:
        """The file at that path is dealt with."""
        self._settling.forget(path)
        self._moved.discard(path)

    async def take(self, shot: Shot, seen: Seen, moving: Sequence[Source], findings: Findings) -> None:
        """Give numbers to the drops that have settled; `moving` are those that had one when we looked."""
        ready: list[Drop] = []
        awaited = [take.number for take in shot.making if take.is_awaited and not take.deleted]
        recipes = {Path(recipe.name).stem: recipe for recipe in seen.recipes}
        drops = [(drop, recipes.pop(Path(drop.name).stem, None)) for drop in seen.drops]
        # Not the takes in the making by now: one may be done since.
        fresh = [pair for pair in drops if not any(_is_from(pair[0], one) for one in moving)]
        files = [drop for drop, _ in fresh] + seen.recipes
        self._forget_others(shot.path, {one.name for one in files})
        waits = await self.waits(f"{shot.path}/{TAKES}", files)
        known = self._files_of(shot)
        for drop, recipe in fresh:
            if drop.identity in known:
                findings.not_taken[drop.name] = ANOTHER_NAME
                continue
            known.add(drop.identity)
            wait = max(waits[one.name] for one in (drop, recipe) if one)
            meant = next((number for number in awaited if is_named_for(drop.name, shot.path, number)), None)
            if await in_thread(is_pointer, self._root / shot.path / TAKES / drop.name):
                findings.not_taken[drop.name] = NOT_PULLED
            elif not drop.identity.size:  # a browser keeps the place for its download so
                findings.wait(drop.name, self._look_again, "it is empty so far")
            elif meant and (shot.stream, meant) in self._under_way:
                findings.wait(drop.name, self._look_again, "its take is being made")
            elif wait:
                findings.wait(drop.name, wait)
            elif meant:
                awaited.remove(meant)
                await self._bring_in(shot, drop, meant, findings)
            else:
                ready.append((drop, recipe))
        if ready:
            await self._give_numbers(shot, seen, ready)
        for recipe in recipes.values():
            if not _is_claimed(recipe, shot):
                findings.not_taken[recipe.name] = ALONE

    def _files_of(self, shot: Shot) -> set[Identity | None]:
        """Which files the shot's takes are, and which they were when they came: another name may have those still."""
        takes = [take for take in shot.takes.values() if take.name and not take.deleted]
        known = {self._known_files.file((shot.stream, take.number), take.file) for take in takes}
        return known | {take.source.identity for take in takes}

    def _forget_others(self, shot: str, names: set[str]) -> None:
        """What was remembered of files that are not in that shot's `takes/` any more."""
        below = f"{shot}/{TAKES}/"
        self._moved = {path for path in self._moved if path.removeprefix(below) in names or below not in path}
        self._settling.keep_only(below, names)

    async def _bring_in(self, shot: Shot, drop: Entry, number: int, findings: Findings) -> None:
        """A drop that is named for a take that was asked for is that take's, and gets no number of its own."""
        takes = self._root / shot.path / TAKES
        name = media_name(shot.path, number, Path(drop.name).suffix)
        recipe = recipe_name(shot.path, number)
        with suppress(FileExistsError):  # one is there already; this one is a take of its own after that
            await in_thread(bring_in, takes / drop.name, takes / take_name(number), name, recipe)
        findings.arrived.add(number)

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
            self.forget(f"{shot.path}/{TAKES}/{source.name}")

    async def find_awaited(self, shot: Shot, findings: Findings) -> None:
        """See whether a file has come into the folder of a take that was asked for, which is made for that."""
        for number in [take.number for take in shot.making if take.is_awaited and not take.deleted]:
            folder = f"{shot.path}/{TAKES}/{take_name(number)}"
            if (shot.stream, number) in self._under_way:
                continue
            found = await in_thread(self._come_for, folder, shot.path, number)
            if len(found) > 1:
                findings.not_taken[take_name(number)] = TOO_MANY
            for entry in found if len(found) == 1 else ():
                if wait := (await self.waits(folder, [entry]))[entry.name]:
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

    async def adopt_folders(self, shot: Shot, seen: Seen, findings: Findings) -> None:
        """Take in the take folders made by hand, under their own numbers."""
        for number in sorted(seen.folders - shot.takes.keys()):
            name = take_name(number)
            folder = f"{shot.path}/{TAKES}/{name}"
            entry = await in_thread(media_of_take, self._root / folder, shot.path, number)
            if entry is None:
                if number not in shot.hidden:
                    findings.not_taken[name] = NOT_ONE
                findings.again.append(self._look_again)
            elif await in_thread(is_pointer, self._root / folder / entry.name):
                findings.not_taken[name] = NOT_PULLED
                findings.again.append(self._look_again)
            elif wait := (await self.waits(folder, [entry]))[entry.name]:
                findings.wait(name, wait)
            else:
                await self._adopt(shot, number, folder, entry)

    async def _adopt(self, shot: Shot, number: int, folder: str, entry: Entry) -> None:
        self.forget(f"{folder}/{entry.name}")
        recipe = await in_thread(recipe_beside, self._root / folder, entry.name)
        told = await in_thread(read_sidecar, self._root / folder, shot.path, number)
        source = Source(
            kind="adopted",
            name=entry.name,
            identity=entry.identity,
            recipe=recipe,
            created=told.created if told else None,
        )
        await self._shots.change(shot.stream, partial(adopt, number=number, source=source), FILESYSTEM)


def _is_from(drop: Entry, source: Source) -> bool:
    if source.identity is None:
        return False
    if drop.name == source.name:
        return is_same(drop.identity, source.identity)
    return drop.identity.inode == source.identity.inode


def _is_claimed(recipe: Entry, shot: Shot) -> bool:
    """Whether a recipe belongs to a take that is on its way, and will follow it."""
    return any(take.source.recipe == recipe.name for take in shot.making)
