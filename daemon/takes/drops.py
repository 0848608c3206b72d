"""Drops: files that somebody has put into a shot, and which become takes once nobody writes them any more.

They come right into `takes/`. What comes into the folder of a take, or is one, is told in `folders.py`.
"""

from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from msgspec.structs import replace

from daemon.config.table import Config
from daemon.intake.place import bring_in
from daemon.metrics import Steps
from daemon.protection.known_files import KnownFiles
from daemon.sequences.gather import MORE_TO_COME, Gathered, Gatherer
from daemon.shots.shots import WATCHER, Shots
from daemon.takes.admission import (
    ALONE,
    Complete,
    Drop,
    Facts,
    Join,
    Judging,
    NotTaken,
    Number,
    Wait,
    give_numbers,
    in_parts,
    pair,
)
from daemon.takes.findings import Findings
from daemon.takes.folders import awaited_by
from daemon.takes.renders import Asked, Renders
from daemon.watching.renders import ROLES, parse
from daemon.watching.resting import Resting
from daemon.watching.scan import NOT_PULLED, Entry, Seen
from daemon.watching.sequences import NoSequence
from daemon.watching.settling import Settling
from events import Companion, Identity, Shot, Source, TakeKey
from projections.files.fingerprint import is_likely
from projections.files.threads import in_thread
from projections.git.lfs import is_pointer
from projections.layout import (
    HIGHEST,
    companion_name,
    is_named_for,
    media_name,
    recipe_name,
    take_name,
    takes_path,
)

NUMBERED = 500
"""Drops that get their numbers in one append: of thousands at once each takes some kilobytes until that is through."""

ADMITTED = 1000
"""Takes of a shot that may be lined up to be finished; the rest of very many drops waits in its place until they are fewer."""

AGAIN_CROWDED = 10.0
"""Seconds until such a shot is looked at again, where nothing says sooner that they are fewer."""


class Drops:
    """Gives the drops of one project their numbers.

    `under_way` are the takes that a runner is at, `lined_up` says how many of a shot wait to be finished, and `asked` is
    who reads labels.
    """

    def __init__(
        self,
        root: Path,
        config: Config,
        shots: Shots,
        known_files: KnownFiles,
        settling: Settling,
        resting: Resting,
        under_way: Container[TakeKey],
        lined_up: Callable[[str], int],
        steps: Steps,
        asked: Asked,
    ) -> None:
        self._root = root
        self._look_again = config.scan_every_unwatched
        self._shots = shots
        self._known_files = known_files
        self._under_way = under_way
        self._lined_up = lined_up
        self._settling = settling
        self._resting = resting
        self._steps = steps
        self._renders = Renders(root, shots, asked)
        self._gatherer = Gatherer(root, settling, is_on=config.sequences.loose)

    async def admit(self, shot: Shot, seen: Seen, moving: Sequence[Source], findings: Findings) -> None:
        """Give numbers to the drops that have settled; `moving` are those that had one when we looked.

        Those that have one by now are others: a take may have been finished since. Of very many as many of the first get
        theirs as there is room for, and the others are looked at once those are takes.
        """
        drops, alone = pair(seen, moving)
        facts, since, takes = self._facts(shot, drops), shot.next_number, takes_path(shot.path)
        drops, loose = await self._gather(takes, drops, seen, facts, findings)
        alone = [recipe for recipe in alone if recipe.name not in loose.held]
        self._forget_others(shot, drops, seen)
        await self._resting.ask(takes, alone)  # they have rested when their media comes
        room, judging, left = ADMITTED - self._lined_up(shot.stream), Judging(facts), len(drops)
        for part in in_parts(drops, NUMBERED):
            if room <= 0:
                break
            room -= await self._admit_part(shot, seen, part, judging, since, findings)
            left -= len(part)
        if left:
            findings.leave(left, AGAIN_CROWDED)
        folders = [] if loose.has_moved else await self._settled(takes, seen, moving, findings)
        if folders:
            await self._give_numbers(shot, seen, folders, since)
        for recipe in [recipe for recipe in alone if not _is_claimed(recipe, shot)]:
            findings.note(recipe.name, NotTaken(ALONE))

    async def _admit_part(
        self, shot: Shot, seen: Seen, drops: Sequence[Drop], judging: Judging, since: int, findings: Findings
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
            await self._give_numbers(shot, seen, [_source(one) for one in ready], since)
        return len(ready)

    def _forget_others(self, shot: Shot, drops: Sequence[Drop], seen: Seen) -> None:
        """What was remembered goes of all but those drops, the recipes, and what else may come to be a take."""
        files = {one.media.name for one in drops} | {one.name for one in seen.recipes}
        others = _folders(shot, seen) | self._gatherer.names(seen.drops)
        self._settling.keep_only(takes_path(shot.path), files | others, seen.began)

    async def _look(self, folder: str, drops: Sequence[Drop]) -> list[Drop]:
        """Those drops, and what the disk tells of them."""
        told = await self._resting.ask(
            folder, [one for drop in drops for one in (drop.media, drop.recipe) if one]
        )
        return [
            replace(
                drop,
                wait=max(told[one.name].wait for one in (drop.media, drop.recipe) if one),
                is_open=self._settling.is_open(folder, drop.media.name),
                age=self._settling.age(folder, drop.media.name),
                is_pointer=told[drop.media.name].is_pointer,
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
            awaited=awaited_by(shot),
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
            elif wait := await self._resting.wait_for_frames(takes, name, found):
                findings.note(name, Wait(wait))
            elif await in_thread(is_pointer, self._root / takes / name / next(iter(found.frames.values()))):
                findings.note(name, NotTaken(NOT_PULLED))
            else:
                whole.append(Source(kind="drop", name=name, identity=found.identity, is_folder=True))
        return whole

    async def _give_numbers(self, shot: Shot, seen: Seen, sources: Sequence[Source], since: int) -> None:
        """One number each, in that order."""
        at_least = max((number for number in seen.folders if number <= HIGHEST), default=0) + 1
        for start in range(0, len(sources), NUMBERED):
            part = sources[start : start + NUMBERED]
            with self._steps.time("number"):
                rule = partial(give_numbers, sources=part, since=since, at_least=at_least)
                await self._shots.change(shot.stream, rule, WATCHER)
        for source in sources:
            for name in (source.name or "", *(one.name for one in source.companions)):
                self._settling.forget(takes_path(shot.path), name)


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


def _is_claimed(recipe: Entry, shot: Shot) -> bool:
    """Whether a recipe belongs to a take that is on its way, and will follow it."""
    return any(take.source.recipe == recipe.name for take in shot.making)
