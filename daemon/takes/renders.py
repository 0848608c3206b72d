"""Renders: files of one name that came of one render are one take, in whichever order they come."""

from collections.abc import Container, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Protocol

from cachetools import LRUCache
from msgspec.structs import replace

from daemon.intake.completion import LOGGED
from daemon.intake.place import put_beside
from daemon.shots.shots import WATCHER, Shots
from daemon.takes.admission import BEING_MADE, LATE, MADE_SOON, Drop, NotTaken, Wait, key_of, of_one_render
from daemon.takes.findings import Findings
from daemon.watching.renders import ROLES, is_one, is_with_and_without_sound, may_have_key, parse
from daemon.watching.scan import Entry
from events import Companion, Identity, Params, Shot, Take
from events.shot import join
from projections.artifacts.large_recipes import shortened
from projections.concurrency import for_each
from projections.files.hashing import sha256_of
from projections.files.opening import opened
from projections.files.threads import in_thread
from projections.layout import companion_name, media_path, take_path, takes_path
from projections.media.errors import Undecodable
from projections.media.jobs import Render
from projections.media.stills.png_chunks import may_have_json
from projections.recipes.renders import KEYS

ASKED = 512
"""Files of which it is remembered which render they came of."""

IS_THERE = "its take has such a file already"


class Asked(Protocol):
    """Reads what files are labelled with, in another process."""

    async def render(self, path: Path, *, name: str) -> Render | None:
        """Which render a file came of that has others beside it."""

    async def recipe(self, path: Path, *, name: str, patient: bool = False) -> Params:
        """The parameters in a picture; Undecodable where there are none."""


class Renders:
    """Puts together what came of one render, among the drops of one project."""

    def __init__(self, root: Path, shots: Shots, asked: Asked) -> None:
        self._root = root
        self._shots = shots
        self._asked = asked
        self._known: LRUCache[Identity, Render | None] = LRUCache(ASKED)

    async def put_together(self, shot: Shot, drops: Sequence[Drop]) -> list[Drop]:
        """The drops, those as one that came of one render, as far as their labels say so."""
        groups: dict[str, list[Drop]] = {}
        for drop in drops:
            groups.setdefault(key_of(drop), []).append(drop)
        found: dict[str, Sequence[Drop]] = {}
        takes = _by_name(shot, groups) if groups else {}

        async def put(key: str) -> None:
            found[key] = await self._as_render(shot, groups[key], takes.get(key), graphless)

        asked = [one for key, some in groups.items() if _are_asked(some, takes.get(key)) for one in some]
        graphless = await self._graphless(shot, asked)
        found |= {  # as most are: a task for each would cost more than all else here
            key: some
            for key, some in groups.items()
            if len(some) == 1 and key not in takes and some[0].media.identity in graphless
        }
        await for_each([key for key in groups if key not in found], put)
        return [one for key in groups for one in found[key]]

    async def _graphless(self, shot: Shot, drops: Sequence[Drop]) -> set[Identity]:
        """The files of which no decoder need be asked, seen in one go for a whole burst, however many they are."""
        asked = [one.media for one in drops if one.media.identity not in self._known and _may_be_asked(one)]
        folder = self._root / takes_path(shot.path)
        return await in_thread(_without_graph, folder, asked) if asked else set()

    async def _as_render(
        self, shot: Shot, drops: Sequence[Drop], earlier: Take | None, graphless: Container[Identity]
    ) -> Sequence[Drop]:
        """These files of one name as one drop, if they are one render; else as they are.

        `earlier` is the last take that was made of a file of that name; those that are `graphless` need not be asked.
        """
        names = [name for one in drops if (name := parse(one.media.name))]
        if earlier and not _may_be_of_one(earlier, drops):
            earlier = None
        if not _are_asked(drops, earlier) or not is_one(names):
            return drops
        if earlier and earlier.status == "generating":
            return [replace(one, lacks=Wait(MADE_SOON, BEING_MADE)) for one in drops]
        folder = takes_path(shot.path)
        whole = [one.media for one in drops if _may_be_asked(one) and one.media.identity not in graphless]
        found = [await self._render(f"{folder}/{one.name}", one.name, one.identity) for one in whole]
        if earlier and earlier.file:
            path = media_path(shot.path, earlier.number, earlier.name or "")
            before = await self._render_before(path, earlier.source.name or "", earlier.file)
            is_other = before and any(one and one.graph != before.graph for one in found)
            earlier, found = (None, found) if is_other else (earlier, [*found, before])
        known = [one for one in found if one]
        before_that = parse(earlier.source.name or "") if earlier else None
        tells = bool(known) or is_with_and_without_sound([*names, *([before_that] if before_that else [])])
        if not tells or len({one.graph for one in known}) > 1:
            return drops
        return of_one_render(drops, earlier, has_sound=any(one.has_sound for one in known))

    async def _render_before(self, path: str, name: str, file: Identity) -> Render | None:
        """The same of a take that is there, if there may be a graph in it."""
        if file not in self._known:
            with suppress(OSError):
                if not await in_thread(_may_have_graph, self._root / path):
                    self._known[file] = None
        return await self._render(path, name, file)

    async def _render(self, path: str, name: str, file: Identity) -> Render | None:
        """Which render that file came of; each is asked about once."""
        if file not in self._known:
            try:
                self._known[file] = await self._asked.render(self._root / path, name=name)
            except OSError:
                return None
        return self._known[file]

    async def join(self, shot: Shot, entry: Entry, number: int, findings: Findings) -> None:
        """A file that came after the take of its render lies beside that one's media from now on."""
        source, name = self._root / takes_path(shot.path) / entry.name, parse(entry.name)
        role, folder = ROLES[name.part if name else "picture"], take_path(shot.path, number)
        own = companion_name(shot.path, number, role, source.suffix)
        companion = Companion(
            role=role, name=own, identity=entry.identity, sha256=await sha256_of(source), origin=entry.name
        )
        params = await self._recipe_in(source, entry.name) if role == "picture" else None
        rule = partial(join, number=number, companion=companion, params=params or None)
        await self._shots.change(shot.stream, rule, WATCHER)
        try:
            await in_thread(put_beside, source, self._root / folder, own)
        except FileExistsError:
            findings.note(entry.name, NotTaken(IS_THERE))

    async def _recipe_in(self, picture: Path, name: str) -> Params:
        try:
            params = await self._asked.recipe(picture, name=name, patient=True)
        except (Undecodable, OSError):
            return {}
        return shortened(params, LOGGED)[0]


def _are_asked(drops: Sequence[Drop], earlier: Take | None) -> bool:
    """Whether files of one name may be of one render: they are several, or it may have more, or has a take."""
    names = [name for one in drops if (name := parse(one.media.name))]
    return bool(names) and (len(drops) > 1 or earlier is not None or any(one.is_counted for one in names))


def _may_be_asked(drop: Drop) -> bool:
    """Whether it is whole, so that it can be looked into."""
    return not (drop.is_pointer or drop.wait) and bool(drop.media.identity.size)


def _without_graph(folder: Path, files: Sequence[Entry]) -> set[Identity]:
    """Those of the files in which there is no graph for sure."""
    found = set()
    for one in files:
        with suppress(OSError):  # who asks for that one alone hears of it
            if not _may_have_graph(folder / one.name):
                found.add(one.identity)
    return found


def _may_have_graph(path: Path) -> bool:
    with opened(path) as file:
        return may_have_json(file, KEYS)


def _by_name(shot: Shot, keys: Container[str]) -> dict[str, Take]:
    """The last take that was made of a file of each of those names, as renders have them."""
    dropped = [take for take in shot.takes.values() if take.source.kind == "drop"]
    found = {}
    for take in dropped:
        origin = take.source.name or ""
        if may_have_key(origin, keys) and (name := parse(origin)):
            found[name.key] = take
    return found


def _may_be_of_one(take: Take, drops: Sequence[Drop]) -> bool:
    """Whether a take is there, or being made, whose file was written at about the same time as those."""
    file, newest = take.source.identity, max(one.media.identity.mtime_ns for one in drops)
    is_there = take.status != "failed" and take.deleted is None and not take.purged
    return is_there and file is not None and abs(file.mtime_ns - newest) < LATE
