"""Importing: a folder of old renders is brought into the shots that it is of, as one command that can be taken back.

What is to come is said in the log before anything is copied or moved. Where that was cut short, the same import goes
on with what is missing, and leaves alone what is there.
"""

import hashlib
from collections.abc import AsyncGenerator, Sequence
from functools import partial
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct, field

from daemon.decoding.decoders import Decoders
from daemon.disk import crash_points
from daemon.ingest.deliveries import Before, Deliveries, Delivery, deliveries_of, told
from daemon.ingest.matching import Match, Matcher, Unclear
from daemon.ingest.old_renders import parcels_below
from daemon.ingest.parcels import Parcel
from daemon.ingest.placing import check_room, free_names, place
from daemon.shots.shots import Origin, Rule, Shots
from daemon.watching.mailbox import Mailbox
from events import Arrival, EventLog, Refused, Shot, ShotReceived
from projections.files.threads import in_thread
from projections.index.index import Index
from projections.layout import is_recipe, takes_path
from projections.media.errors import NeedsMore, Undecodable

AT_ONCE = 200
"""Files that one event speaks of."""

MOST_ASKED = 4
"""Files of a parcel that are asked for a prompt."""

State = Literal["new", "resumed", "there", "coming", "unclear"]
"""What a parcel is: to be brought in, for the first time or where that was cut short; or it is a take already, or waits in
`takes/` to become one; or nobody can tell its shot."""


class PlanChanged(Refused):
    """Raised when what would be brought in is not any more what somebody has agreed to."""

    hint = "Look at it again, and then say yes to that."

    def __init__(self) -> None:
        super().__init__("the folder, or the film, has changed since you looked: nothing was brought in")


class Entry(Struct):
    """A parcel of a folder: the shot that it is of, where that is clear, and why; else the `shots` of which it may be.

    `names` are what its files are called in `takes/`, and `take` is the number of the one that is there.
    """

    parcel: Parcel
    state: State
    match: Match | None = None
    shots: tuple[str, ...] = ()
    names: Sequence[str] = ()
    take: int | None = None


class Plan(Struct):
    """What is to become of a folder: its parcels, and the files that can be no take, each with the reason."""

    folder: Path
    entries: list[Entry] = field(default_factory=list)
    left: list[tuple[Path, str]] = field(default_factory=list)

    @property
    def coming(self) -> list[tuple[Entry, Match]]:
        """Those that are to be brought in, each with its shot."""
        return [(one, one.match) for one in self.entries if one.state in ("new", "resumed") and one.match]

    @property
    def mark(self) -> str:
        """What is another one whenever other files, or other shots, are meant."""
        meant = [(str(one.parcel.shown), match.shot, one.parcel.bytes) for one, match in self.coming]
        return hashlib.sha256(msgspec.json.encode(sorted(meant))).hexdigest()[:16]


class Importer:
    """Brings old renders into the film in that folder."""

    def __init__(
        self, root: Path, index: Index, log: EventLog, shots: Shots, decoders: Decoders, mailbox: Mailbox
    ) -> None:
        self._root = root
        self._index = index
        self._log = log
        self._shots = shots
        self._decoders = decoders
        self._mailbox = mailbox

    async def plan(self, folder: Path, *, only_sure: bool = False) -> Plan:
        """Which parcel of that folder is of which shot; nothing is changed. NoFolder or FilmItself."""
        plan = Plan(folder)
        found = await in_thread(lambda: [*parcels_below(folder, self._root)])
        prompts: dict[str, set[str]] = {}
        for prompt, shot in await self._index.prompts():
            prompts.setdefault(prompt, set()).add(shot)
        matcher = Matcher([one.path for one in await self._index.shots()], prompts)
        known = Deliveries(self._root, await self._deliveries())
        for one in found:
            if isinstance(one, tuple):
                plan.left.append(one)
            elif before := await in_thread(known.of, one):
                plan.entries.append(_again(before))
            else:
                plan.entries.append(await self._entry(folder, one, matcher, only_sure=only_sure))
        return plan

    async def run(
        self, plan: Plan, origin: Origin, agreed: str | None, *, move: bool
    ) -> AsyncGenerator[int, None]:
        """Bring in what the plan says; how many parcels are, after each. PlanChanged or NoRoom."""
        if agreed is not None and agreed != plan.mark:
            raise PlanChanged
        if not move:
            await in_thread(check_room, self._root, [one.parcel for one, _ in plan.coming])
        await self._announce([one for one in plan.coming if one[0].state == "new"], origin, move=move)
        crash_points.point("announced")
        for done, (entry, match) in enumerate(plan.coming, 1):
            await in_thread(partial(self._place, entry, match.shot, move=move))
            yield done

    async def _announce(self, fresh: Sequence[tuple[Entry, Match]], origin: Origin, *, move: bool) -> None:
        """Say in the log what is to come, as one command."""
        await in_thread(self._name, fresh)
        streams = {one.path: one.stream for one in await self._index.shots()}
        files: dict[str, list[Arrival]] = {}
        for entry, match in fresh:
            files.setdefault(streams[match.shot], []).extend(await in_thread(_arrivals, entry))
        rules: dict[str, Rule] = {
            stream: partial(_receive, files=told, moved=move) for stream, told in files.items()
        }
        if records := await self._shots.change_all(rules, origin):
            await self._index.show(records[-1].position)

    async def _entry(self, folder: Path, parcel: Parcel, matcher: Matcher, *, only_sure: bool) -> Entry:
        """A parcel that never came before."""
        around = [folder.name, *parcel.shown.relative_to(folder).parts[:-1]]
        found = matcher.by_name(parcel.stem, around)
        if isinstance(found, Unclear) and (prompt := await self._prompt(parcel)):
            found = matcher.by_prompt(prompt, found.shots)
        if isinstance(found, Unclear):
            return Entry(parcel, "unclear", shots=found.shots)
        if only_sure and found.sure != "sure":
            return Entry(parcel, "unclear", shots=(found.shot,))
        return Entry(parcel, "new", found)

    async def _prompt(self, parcel: Parcel) -> str:
        """The prompt in its recipe, or in the labels of its media; nothing where they say none."""
        for path in parcel.files[:MOST_ASKED]:
            try:
                if is_recipe(path.name):
                    params = await self._decoders.recipe(path, name=parcel.shown.name)
                else:
                    params = await self._decoders.labels(path, name=path.name)
            except (Undecodable, NeedsMore, OSError):
                continue
            if isinstance(prompt := params.get("prompt"), str) and prompt:
                return prompt
        return ""

    async def _deliveries(self) -> list[Delivery]:
        """What was brought in before, of each shot the first one first."""
        found = list[Delivery]()
        for row in await self._index.shots(gone=True):
            if row.received:
                records = await self._log.stream(row.stream, row.received - 1)
                found += deliveries_of(row.path, await self._index.takes(row.id), records)
        return found

    def _name(self, fresh: Sequence[tuple[Entry, Match]]) -> None:
        """Choose what the files are to be called, so that no two have one name."""
        used: dict[str, set[str]] = {}
        for entry, match in fresh:
            taken = used.setdefault(match.shot, set())
            entry.names = free_names(self._root / takes_path(match.shot), entry.parcel, frozenset(taken))
            taken.update(entry.names)

    def _place(self, entry: Entry, shot: str, *, move: bool) -> None:
        takes, goes_on = takes_path(shot), entry.state == "resumed"
        place(self._root / takes, entry.parcel, entry.names, move=move, goes_on=goes_on)
        self._mailbox.brought(takes, entry.names)
        crash_points.point("delivered")


def _again(before: Before) -> Entry:
    """A parcel that was brought before: it is there, or is coming, or that was cut short."""
    match = Match(before.shot, "name", ", ".join(before.names), "sure")
    state: State = "there" if before.take else "coming" if before.is_there else "resumed"
    return Entry(before.parcel, state, match, names=before.names, take=before.take)


def _arrivals(entry: Entry) -> list[Arrival]:
    files = zip(told(entry.parcel), entry.names, strict=True)
    return [Arrival(origin=origin, name=name, identity=file) for (origin, file), name in files]


def _receive(_: Shot, files: Sequence[Arrival], *, moved: bool) -> Sequence[ShotReceived]:
    """These are to come, in so many events that none is too large."""
    parts = [files[start : start + AT_ONCE] for start in range(0, len(files), AT_ONCE)]
    return [ShotReceived(files=tuple(part), moved=moved) for part in parts]
