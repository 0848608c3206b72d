"""The standing of a log: whether it is the film's own, and whether it knows all that was known before.

What was known is kept outside of it: in its head, in `project.json`, and, which log it is, in the registry. A log
that is behind gives no number twice; another one, or one that went another way, is not gone on with.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path

import structlog
from msgspec import Struct
from msgspec.structs import replace

from daemon import locations
from daemon.recovery.copies import newest_of
from daemon.recovery.head import HeadFile, read_head, write_head
from daemon.shots.shots import FILESYSTEM, Shots, new_stream
from events import FILM, Event, EventLog, Shot, ShotRecovered, ShotRegistered, TakesError, evolve
from events.choices import copied
from events.shot import recover
from projections.artifacts.project_file import read_if_fit
from projections.artifacts.project_told import ToldShot, read_told, read_told_head, read_told_searches
from projections.artifacts.sidecars import Sidecar, read_sidecar
from projections.artifacts.told_opinions import opinions_of_shot_told, opinions_told, searches_told
from projections.board import Board
from projections.files.threads import in_thread
from projections.index.index import Index
from projections.layout import OWN_FOLDER, sidecar_name, take_path

log = structlog.get_logger()

Place = tuple[int | None, int | None]
"""Which folder is that of a shot, by device and inode; neither where it is not there."""


class AnotherLog(TakesError):
    """Raised when the log is another one than the film's, by its head."""

    def __init__(self, root: Path, found: str, wanted: str) -> None:
        super().__init__(f"the log in {root} is {found}, and the film's own is {wanted}")
        self.hint = f"Put the film's own log.db back, or have a new one made: `takes recover {root}`."


class LogDiverged(TakesError):
    """Raised when the log holds another record where its head knows one: both went on from the same beginning."""

    def __init__(self, root: Path, log: str, position: int, found: str, wanted: str) -> None:
        super().__init__(
            f"the log {log} in {root} went another way: at position {position} it has the record {found[:12]}, "
            f"and {OWN_FOLDER}/head knows {wanted[:12]}"
        )
        self.hint = f"Put the log.db back that belongs to it, or have a new one made: `takes recover {root}`."


class ForeignFilm(TakesError):
    """Raised when another film lies in the folder than the one that was registered there."""

    def __init__(self, root: Path, found: str, wanted: str) -> None:
        super().__init__(
            f"another film lies in {root}: its log is {found}, and the registered one's is {wanted}"
        )
        self.hint = f"Put the film back, or run `takes init {root}` to have this one kept there."


class Told(Struct, frozen=True):
    """What is known of the film outside its log: its head, and what `project.json` says of the same log."""

    head: HeadFile | None
    project: Sequence[ToldShot]
    position: int
    """The last position of the log that either of them knows."""
    searches: Mapping[str, str] = {}


def registered_log(root: Path) -> str | None:
    """The log of the film that was registered in that folder, as far as the registry can tell."""
    with suppress(locations.RegistryUnreadable):
        return locations.registered_log(str(root))
    return None


async def check(root: Path, events: EventLog, registered: str | None) -> Told:
    """What is known of the film; AnotherLog, LogDiverged or ForeignFilm where this is not its log."""
    told = await in_thread(look, root, events.id)
    if registered and registered != events.id:
        raise ForeignFilm(root, events.id, registered)
    if head := told.head:
        if head.log != events.id:
            raise AnotherLog(root, events.id, head.log)
        found = await events.hash_at(head.position)
        if found and found != head.hash:
            raise LogDiverged(root, events.id, head.position, found, head.hash)
    return told


def look(root: Path, log: str) -> Told:
    """What is known of the film whose log that is. A `project.json` that speaks of another one may be a template."""
    head, content = read_head(root / OWN_FOLDER), read_if_fit(root)
    said = read_told_head(content)
    if said and said.log != log:
        said, content = None, b""
    position = max([one.position for one in (head, said) if one], default=0)
    return Told(head, read_told(content), position, read_told_searches(content))


OLDER = (
    "No number is given twice, and takes in their folders are taken in again. If you have a newer log.db, stop the "
    "daemon and put that in its place."
)

NEWER_COPY = (
    "Takes in their folders are taken in again. If what else was done since is missed, stop the daemon and put that "
    "copy in the log's place."
)


async def _tell_newer_copy(events: EventLog, board: Board) -> None:
    """Say where a copy of the log on this machine goes on beyond it: all of `.takes` may be an older one.

    It is only told. The log that is there may have gone another way since, and then stays what it is.
    """
    newest = await in_thread(newest_of, events.id)
    if newest and newest[1].position > events.head:
        path, end = newest
        what = f"the log ends at position {events.head}, and a copy of it at {end.position}: {path}"
        board.report("log", "copy", what, hint=NEWER_COPY)


async def catch_up(
    root: Path, events: EventLog, told: Told, index: Index, shots: Shots, board: Board
) -> None:
    """Have the log know every number that was given, and, where it is behind, what was hidden and active, and what
    people said.

    Numbers are compared at every start, so that a kill in the midst of this costs none.
    """
    end, is_behind = events.head, events.head < told.position
    if is_behind and told.head:  # which would seem to be of another log once this one has grown
        lowered = replace(told.head, position=end, hash=await events.hash_at(end) or "")
        await in_thread(write_head, root / OWN_FOLDER, lowered)
    known = {shot.stream: shot for shot in await index.shots(gone=True)}
    places = {stream: (shot.path, shot.inode) for stream, shot in known.items()}
    for stream, one in await in_thread(streams_of, root, told, places):
        if is_behind or (stream in known and one.given > known[stream].given):
            place = await in_thread(place_of, root, one.path)
            taken = one if is_behind else ToldShot(one.path, one.given)  # the rest is known better here
            await shots.change(stream, partial(take_over, told=taken, place=place), FILESYSTEM)
    if is_behind:
        await _catch_up_opinions(root, events, end, shots, known)
        await shots.change(FILM, partial(searches_told, told=told.searches), FILESYSTEM)
        log.warning("the log is behind", film=str(root), position=end, known=told.position)
        what = f"the log is an older one: it ended at position {end}, and one up to {told.position} is known"
        board.report("log", "standing", what, hint=OLDER)
    else:
        await _tell_newer_copy(events, board)


async def _catch_up_opinions(
    root: Path, events: EventLog, end: int, shots: Shots, known: Iterable[str]
) -> None:
    """Have a log that ended there know what people have said since of the takes that it has."""
    if not end:
        return
    (last,) = await events.read(end - 1, 1)
    for stream in known:
        shot = await shots.load(stream)
        told = await in_thread(_sidecars_since, root, shot, datetime.fromisoformat(last.at).timestamp())
        if told:
            await shots.change(stream, partial(_opinions_in, told=told), FILESYSTEM)


def _sidecars_since(root: Path, shot: Shot, since: float) -> dict[int, Sidecar]:
    """By number, the sidecars of the takes that were written after that time (in s since 1970)."""
    found = dict[int, Sidecar]()
    for number in shot.takes:
        folder = root / take_path(shot.path, number)
        with suppress(OSError):
            is_newer = (folder / sidecar_name(shot.path, number)).lstat().st_mtime > since
            if is_newer and (one := read_sidecar(folder, shot.path, number)):
                found[number] = one
    return found


def _opinions_in(shot: Shot, told: Mapping[int, Sidecar]) -> Sequence[Event]:
    return [event for number, one in told.items() for event in opinions_told(one, number, shot.takes[number])]


def streams_of(
    root: Path, told: Told, known: Mapping[str, tuple[str, int | None]]
) -> list[tuple[str, ToldShot]]:
    """What is told, by the stream that it is told of: that of the shot at that path, or whose folder it is by now.

    `known` are the path and the inode of each shot, by its stream.
    """
    paths = {path: stream for stream, (path, _) in known.items()}
    inodes = {inode: stream for stream, (_, inode) in known.items() if inode}
    head = told.head.shots if told.head else {}
    found = [
        (stream if stream in known else paths.get(one.path, stream), one.told) for stream, one in head.items()
    ]
    paths |= {one.path: stream for stream, one in found if one.path not in paths}
    for one in told.project:
        moved = None if one.path in paths else inodes.get(place_of(root, one.path)[1] or 0)
        found.append((paths.get(one.path) or moved or new_stream(), one))
    return found


def take_over(shot: Shot, told: ToldShot, place: Place) -> Sequence[Event]:
    """What is told of a shot, as events; one that is not known is begun with it."""
    made = copied(shot)
    if shot.version:
        begun: Sequence[Event] = recover(shot, told.given, told.hidden, told.active)
    else:
        device, inode = place
        first = ShotRegistered(
            path=told.path, device=device, inode=inode, given=told.given, hidden=told.hidden
        )
        awaited = ShotRecovered(given=told.given, active=told.active)
        begun = [first, awaited] if told.active else [first]
    for event in begun:
        evolve(made, event)
    return [*begun, *opinions_of_shot_told(made, told.stage, told.notes)]


def place_of(root: Path, shot: str) -> Place:
    """Which folder is that of the shot."""
    with suppress(OSError):
        found = (root / shot).lstat()
        return found.st_dev, found.st_ino
    return None, None
