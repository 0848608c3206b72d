"""Drops: files that somebody has put into a shot, and which become takes once nobody writes them any more.

They come right into `takes/`, into the folder of a take that was asked for, or as a whole take folder.
"""

import stat
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from msgspec.structs import replace

from daemon.config.table import Config
from daemon.disk.leases import is_written
from daemon.metrics import Steps
from daemon.protection.known_files import KnownFiles
from daemon.sequences.gather import MORE_TO_COME, Gathered, Gatherer
from daemon.shots.shots import FILESYSTEM, WATCHER, Shots
from daemon.takes.admission import (
    ALONE,
    Adopt,
    Complete,
    Drop,
    Facts,
    Join,
    Judging,
    NotTaken,
    Number,
    TakeFolder,
    Wait,
    decide_awaited,
    decide_folder,
    in_parts,
    pair,
)
from daemon.takes.findings import Findings
from daemon.takes.place import bring_in
from daemon.takes.renders import Asked, Renders
from daemon.watching.renders import ROLES, parse
from daemon.watching.scan import NOT_PULLED, Entry, Seen, media_in, media_of_take, recipe_beside
from daemon.watching.sequences import FrameFolder, NoSequence, is_any_written, sequence_in
from daemon.watching.settling import Settling
from events import Companion, Identity, Shot, Source, TakeKey
from events.shot import adopt, create
from projections.artifacts.sidecars import read_sidecar
from projections.artifacts.told_opinions import opinions_told
from projections.files.fingerprint import identity, is_likely
from projections.files.threads import in_thread
from projections.git.lfs import is_pointer, may_be_pointer
from projections.layout import (
    HIGHEST,
    companion_name,
    is_named_for,
    media_name,
    recipe_name,
    take_name,
    take_path,
    takes_path,
)

AGAIN_PARTIAL = 10.0
"""Seconds until a folder is looked at again in which a frame is still to come; whoever writes it is no event of ours."""


NUMBERED = 500
"""Drops that get their numbers in one append: of thousands at once each takes some kilobytes until that is through."""

ADMITTED = 1000
"""Takes of a shot that may be lined up to be finished; the rest of very many drops waits in its place until they are fewer."""

AGAIN_CROWDED = 10.0
"""Seconds until such a shot is looked at again, where nothing says sooner that they are fewer."""


class Drops:
    """Gives the drops of one project their numbers.

    `under_way` are the takes that a runner is at, and `lined_up` says how many of a shot wait to be finished; `attend` is
    called with a folder in which a file is awaited, and `asked` is who reads labels.
    """

    def __init__(
        self,
        root: Path,
        config: Config,
        shots: Shots,
        known_files: KnownFiles,
        settling: Settling,
        under_way: Container[TakeKey],
        lined_up: Callable[[str], int],
        attend: Callable[[str], None],
        steps: Steps,
        asked: Asked,
    ) -> None:
        self._root = root
        self._look_again = config.scan_every_unwatched
        self._shots = shots
        self._known_files = known_files
        self._under_way = under_way
        self._lined_up = lined_up
        self._attend = attend
        self._settling = settling
        self._steps = steps
        self._renders = Renders(root, shots, asked)
        self._gatherer = Gatherer(root, settling, is_on=config.sequences.loose)

    async def waits(self, folder: str, entries: Sequence[Entry]) -> dict[str, float]:
        """For each of those files the seconds until it has settled, 0 if it has."""
        return {name: wait for name, (wait, _) in (await self._ask_of(folder, entries)).items()}

    async def _ask_of(self, folder: str, entries: Sequence[Entry]) -> dict[str, tuple[float, bool]]:
        """For each of those files the seconds until it has settled, and whether it is a pointer of Git LFS."""
        asked = self._settling.clock()
        told = await in_thread(_ask_each, self._root / folder, entries) if entries else []
        return {
            one.name: (self._settling.wait(folder, one.name, found, is_open=is_open, asked=asked), is_one)
            for one, (found, is_open, is_one) in zip(entries, told, strict=True)
        }

    def forget(self, folder: str, name: str) -> None:
        """That file is dealt with."""
        self._settling.forget(folder, name)

    async def admit(self, shot: Shot, seen: Seen, moving: Sequence[Source], findings: Findings) -> None:
        """Give numbers to the drops that have settled; `moving` are those that had one when we looked.

        Those that have one by now are others: a take may have been finished since. Of very many as many of the first get
        theirs as there is room for, and the others are looked at once those are takes.
        """
        drops, alone = pair(seen, moving)
        facts, takes = self._facts(shot, drops), takes_path(shot.path)
        drops, loose = await self._gather(takes, drops, seen, facts, findings)
        alone = [recipe for recipe in alone if recipe.name not in loose.held]
        self._forget_others(shot, drops, seen)
        await self._ask_of(takes, alone)  # they have rested when their media comes
        room, judging, left = ADMITTED - self._lined_up(shot.stream), Judging(facts), len(drops)
        for part in in_parts(drops, NUMBERED):
            if room <= 0:
                break
            room -= await self._admit_part(shot, seen, part, judging, findings)
            left -= len(part)
        if left:
            findings.leave(left, AGAIN_CROWDED)
        folders = [] if loose.has_moved else await self._settled(takes, seen, moving, findings)
        if folders:
            await self._give_numbers(shot, seen, folders)
        for recipe in [recipe for recipe in alone if not _is_claimed(recipe, shot)]:
            findings.note(recipe.name, NotTaken(ALONE))

    async def _admit_part(
        self, shot: Shot, seen: Seen, drops: Sequence[Drop], judging: Judging, findings: Findings
    ) -> int:
        """Do that with some of them; how many got a number."""
        takes, ready = takes_path(shot.path), list[Drop]()
        drops = await self._renders.put_together(shot, await self._look(takes, drops))
        for drop, decision in judging.decide_each(drops):
            match decision:
                case Number():
                    ready.append(drop)
                case Complete(number):
                    await self._bring_in(shot, drop, number, findings)
                case Join(number):
                    with suppress(FileNotFoundError):
                        await self._renders.join(shot, drop.media, number, findings)
                        self._settling.forget(takes, drop.media.name)
                case NotTaken() | Wait():
                    for one in (drop.media, *drop.companions):
                        findings.note(one.name, decision)
        if ready:
            await self._give_numbers(shot, seen, [_source(one) for one in ready])
        return len(ready)

    def _forget_others(self, shot: Shot, drops: Sequence[Drop], seen: Seen) -> None:
        """What was remembered goes of all but those drops, the recipes, and what else may come to be a take."""
        files = {one.media.name for one in drops} | {one.name for one in seen.recipes}
        others = _folders(shot, seen) | self._gatherer.names(seen.drops)
        self._settling.keep_only(takes_path(shot.path), files | others, seen.began)

    async def _look(self, folder: str, drops: Sequence[Drop]) -> list[Drop]:
        """Those drops, and what the disk tells of them."""
        told = await self._ask_of(folder, [one for drop in drops for one in (drop.media, drop.recipe) if one])
        return [
            replace(
                drop,
                wait=max(told[one.name][0] for one in (drop.media, drop.recipe) if one),
                is_open=self._settling.is_open(folder, drop.media.name),
                age=self._settling.age(folder, drop.media.name),
                is_pointer=told[drop.media.name][1],
            )
            for drop in drops
        ]

    def _facts(self, shot: Shot, drops: Sequence[Drop]) -> Facts:
        """What the drops are held against. A file that the shot has may have another name still, and be among them."""
        inodes = {drop.media.identity.inode for drop in drops}
        return Facts(
            stream=shot.stream,
            path=shot.path,
            known={file for file in self._files(shot) if file.inode in inodes} if inodes else set(),
            awaited=_awaited(shot),
            under_way=self._under_way,
            look_again=self._look_again,
        )

    def _files(self, shot: Shot) -> Iterator[Identity]:
        """Which files its takes are, and were when they came."""
        for take in shot.takes.values():
            if take.source.identity:
                yield take.source.identity
            if take.name and not take.deleted:
                now = self._known_files.file(TakeKey(shot.stream, take.number), take.file)
                if now:
                    yield now

    async def _bring_in(self, shot: Shot, drop: Drop, number: int, findings: Findings) -> None:
        """A drop that is named for a take that was asked for is that take's, and gets no number of its own."""
        takes = self._root / takes_path(shot.path)
        name = media_name(shot.path, number, Path(drop.media.name).suffix)
        recipe = recipe_name(shot.path, number)
        beside = {
            companion_name(shot.path, number, one.role, Path(one.name).suffix): takes / one.name
            for one in _companions(drop)
        }
        folder = takes / take_name(number)
        with suppress(FileExistsError):  # one is there already; this one is a take of its own after that
            await in_thread(bring_in, takes / drop.media.name, folder, name, recipe, beside)
        findings.arrived.add(number)

    async def _gather(
        self, takes: str, drops: Sequence[Drop], seen: Seen, facts: Facts, findings: Findings
    ) -> tuple[list[Drop], Gathered]:
        """The drops that are takes of their own, and what became of those that are frames of a sequence."""
        others = [
            drop.media
            for drop in drops
            if drop.media.identity not in facts.known
            and not any(is_named_for(drop.media.name, facts.path, one) for one in facts.awaited)
        ]
        loose = await self._gatherer.gather(takes, others, seen.recipes, seen.sequences)
        for name, wait in loose.waiting.items():
            findings.note(name, Wait(wait, MORE_TO_COME))
        if loose.has_moved:
            findings.again.append(0.0)
        return [drop for drop in drops if drop.media.name not in loose.held], loose

    async def _settled(
        self, takes: str, seen: Seen, moving: Sequence[Source], findings: Findings
    ) -> list[Source]:
        """The folders of frames that are whole, and have no number yet."""
        whole = []
        for name, found in seen.sequences.items():
            if found.identity and any(
                one.is_folder and one.identity and is_likely(found.identity, one.identity) for one in moving
            ):
                continue
            if isinstance(found, NoSequence):
                wait = found.identity and self._settling.wait_for_frames(takes, name, found.identity)
                findings.note(name, Wait(wait) if wait else NotTaken(found.reason))
            elif wait := await self._wait_for_frames(takes, name, found):
                findings.note(name, Wait(wait))
            elif await in_thread(is_pointer, self._root / takes / name / next(iter(found.frames.values()))):
                findings.note(name, NotTaken(NOT_PULLED))
            else:
                whole.append(Source(kind="drop", name=name, identity=found.identity, is_folder=True))
        return whole

    async def _wait_for_frames(self, takes: str, name: str, found: FrameFolder) -> float:
        """Seconds until all frames are whole; each of them is only asked for once nothing else has changed."""
        wait = self._settling.wait_for_frames(takes, name, found.identity)
        if found.is_partial:
            return wait or AGAIN_PARTIAL
        if not wait and await in_thread(is_any_written, self._root / takes / name, found):
            return self._settling.wait_for_frames(takes, name, found.identity, is_open=True)
        return wait

    async def _give_numbers(self, shot: Shot, seen: Seen, sources: Sequence[Source]) -> None:
        """One number each, in that order."""
        at_least = max((number for number in seen.folders if number <= HIGHEST), default=0) + 1
        for start in range(0, len(sources), NUMBERED):
            part = sources[start : start + NUMBERED]
            with self._steps.time("number"):
                rule = partial(create, sources=part, at_least=at_least)
                await self._shots.change(shot.stream, rule, WATCHER)
        for source in sources:
            for name in (source.name or "", *(one.name for one in source.companions)):
                self._settling.forget(takes_path(shot.path), name)

    async def find_awaited(self, shot: Shot, findings: Findings) -> None:
        """See whether a file has come into the folder of a take that was asked for, which is made for that."""
        for number in _awaited(shot):
            if TakeKey(shot.stream, number) in self._under_way:
                continue
            name, folder = take_name(number), take_path(shot.path, number)
            found = await in_thread(self._come_for, folder, shot.path, number)
            waits = await self.waits(folder, found)
            match decide_awaited(number, list(waits.values())):
                case Complete():
                    findings.arrived.add(number)
                case NotTaken() as decision:
                    findings.note(name, decision)
                case Wait() as decision:
                    findings.note(f"{name}/{found[0].name}", decision)

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
            match decide_folder(await self._look_into(shot, number), self._look_again):
                case Adopt(media, is_sequence):
                    await self._adopt(shot, number, media, is_sequence=is_sequence)
                case decision:
                    findings.note(take_name(number), decision)

    async def _look_into(self, shot: Shot, number: int) -> TakeFolder:
        if number > HIGHEST:
            return TakeFolder(None, is_too_high=True)
        folder = take_path(shot.path, number)
        media = await in_thread(media_of_take, self._root / folder, shot.path, number)
        if media is None:
            return await self._look_for_frames(shot, number)
        return TakeFolder(
            media,
            wait=(await self.waits(folder, [media]))[media.name],
            is_pointer=await in_thread(is_pointer, self._root / folder / media.name),
        )

    async def _look_for_frames(self, shot: Shot, number: int) -> TakeFolder:
        folder = take_path(shot.path, number)
        try:
            found = await in_thread(sequence_in, self._root / folder)
        except (NoSequence, OSError):
            return TakeFolder(None, was_deleted=number in shot.hidden)
        first = next(iter(found.frames.values()))
        return TakeFolder(
            Entry(first, found.identity),
            wait=await self._wait_for_frames(takes_path(shot.path), take_name(number), found),
            is_pointer=await in_thread(is_pointer, self._root / folder / first),
            is_sequence=True,
        )

    async def _adopt(self, shot: Shot, number: int, entry: Entry, *, is_sequence: bool) -> None:
        folder = take_path(shot.path, number)
        self._settling.forget(folder, entry.name)
        recipe = await in_thread(recipe_beside, self._root / folder, entry.name)
        told = await in_thread(read_sidecar, self._root / folder, shot.path, number)
        source = Source(
            kind="adopted",
            name=entry.name,
            identity=entry.identity,
            recipe=recipe,
            created=told.created if told else None,
            is_folder=is_sequence,
        )
        rule = partial(adopt, number=number, source=source, told=opinions_told(told, number))
        await self._shots.change(shot.stream, rule, FILESYSTEM)


def _ask_each(folder: Path, entries: Sequence[Entry]) -> list[tuple[Identity, bool | None, bool]]:
    """Which file each of those is by now, whether somebody writes it, and whether it is a pointer of Git LFS."""
    return [_ask_all(folder / one.name, one.identity) for one in entries]


def _ask_all(path: Path, file: Identity) -> tuple[Identity, bool | None, bool]:
    found, is_open = _ask(path, file)
    return found, is_open, may_be_pointer(found.size) and is_pointer(path)


def _ask(path: Path, file: Identity) -> tuple[Identity, bool | None]:
    is_open = is_written(path)
    with suppress(OSError):
        found = path.lstat()
        if not stat.S_ISREG(found.st_mode) and found.st_ino != file.inode:
            return file, True  # a link has come into its place: the next look tells what that is
        return identity(found), is_open
    return file, is_open


def _source(drop: Drop) -> Source:
    return Source(
        kind="drop",
        name=drop.media.name,
        identity=drop.media.identity,
        recipe=drop.recipe.name if drop.recipe else None,
        companions=_companions(drop),
        supersedes=drop.supersedes,
    )


def _folders(shot: Shot, seen: Seen) -> set[str]:
    """The folders in `takes/` of which is remembered how they came."""
    return {*seen.sequences, *map(take_name, seen.folders - shot.takes.keys())}


def _companions(drop: Drop) -> tuple[Companion, ...]:
    """The other files of a drop's render, as they were dropped."""
    found = [(one, name) for one in drop.companions if (name := parse(one.name))]
    return tuple(
        Companion(role=ROLES[name.part], name=one.name, identity=one.identity) for one, name in found
    )


def _awaited(shot: Shot) -> list[int]:
    """The takes that were asked for and are not made yet."""
    return [take.number for take in shot.making if take.is_awaited and not take.deleted]


def _is_claimed(recipe: Entry, shot: Shot) -> bool:
    """Whether a recipe belongs to a take that is on its way, and will follow it."""
    return any(take.source.recipe == recipe.name for take in shot.making)
