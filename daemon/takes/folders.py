"""Take folders: what somebody has put into the folder of a take that was asked for, and take folders made by hand."""

from collections.abc import Callable, Container
from functools import partial
from pathlib import Path

from daemon.shots.shots import FILESYSTEM, Shots
from daemon.takes.admission import (
    Adopt,
    Complete,
    NotTaken,
    TakeFolder,
    Wait,
    decide_awaited,
    decide_folder,
)
from daemon.takes.findings import Findings
from daemon.watching.resting import Resting
from daemon.watching.scan import Entry, Seen, media_in, media_of_take, recipe_beside
from daemon.watching.sequences import NoSequence, sequence_in
from events import Shot, Source, TakeKey
from events.shot import adopt
from projections.artifacts.sidecars import read_sidecar
from projections.artifacts.told_opinions import opinions_told
from projections.files.threads import in_thread
from projections.git.lfs import is_pointer
from projections.layout import HIGHEST, take_name, take_path, takes_path


class TakeFolders:
    """Looks into the take folders of one project.

    `under_way` are the takes that a runner is at; `attend` is called with a folder in which a file is awaited, and that a
    folder is looked into again is `look_again` seconds later.
    """

    def __init__(
        self,
        root: Path,
        shots: Shots,
        resting: Resting,
        under_way: Container[TakeKey],
        attend: Callable[[str], None],
        look_again: float,
    ) -> None:
        self._root = root
        self._shots = shots
        self._resting = resting
        self._under_way = under_way
        self._attend = attend
        self._look_again = look_again

    async def find_awaited(self, shot: Shot, findings: Findings) -> None:
        """See whether a file has come into the folder of a take that was asked for, which is made for that."""
        for number in awaited_by(shot):
            if TakeKey(shot.stream, number) in self._under_way:
                continue
            name, folder = take_name(number), take_path(shot.path, number)
            found = await in_thread(self._come_for, folder, shot.path, number)
            waits = await self._resting.waits(folder, found)
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

    async def adopt(self, shot: Shot, seen: Seen, findings: Findings) -> None:
        """Take in the take folders made by hand, under their own numbers."""
        for number in sorted(seen.folders - shot.takes.keys()):
            match decide_folder(await self._look_into(shot, number), self._look_again):
                case Adopt(media, is_sequence):
                    await self._adopt_one(shot, number, media, is_sequence=is_sequence)
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
            wait=(await self._resting.waits(folder, [media]))[media.name],
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
            wait=await self._resting.wait_for_frames(takes_path(shot.path), take_name(number), found),
            is_pointer=await in_thread(is_pointer, self._root / folder / first),
            is_sequence=True,
        )

    async def _adopt_one(self, shot: Shot, number: int, entry: Entry, *, is_sequence: bool) -> None:
        folder = take_path(shot.path, number)
        self._resting.forget(folder, entry.name)
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


def awaited_by(shot: Shot) -> list[int]:
    """The takes that were asked for and are not made yet."""
    return [take.number for take in shot.making if take.is_awaited and not take.deleted]
