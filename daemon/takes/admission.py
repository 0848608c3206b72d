"""Admission: what becomes of the files that lie in a shot, given what is known of them.

Pure: whoever asks has looked at the disk already, and does what is decided.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from msgspec import Struct
from msgspec.structs import replace

from daemon.watching.renders import ROLES, Name, Part, parse
from daemon.watching.scan import NOT_PULLED, Entry, Seen
from events import Identity, Shot, Source, Take, TakeCreated, TakeKey
from events.shot import create
from projections.files.fingerprint import is_likely
from projections.layout import HIGHEST, is_named_for, recipes_of

ANOTHER_NAME = "it is another name of a file that is a take already"
ALONE = "it is no media, and no media of the same name is beside it"
NOT_ONE = "it does not hold one media file"
TOO_HIGH = f"its number is past {HIGHEST}, the highest that a folder made by hand may have"
TOO_MANY = "it holds more than one media file"

BEING_WRITTEN = "it is still being written"
BEING_MADE = "its take is being made"
NOT_ITS_TURN = "one that came before it is not whole yet"
EMPTY = "it is empty so far"

TURN = 5.0
"""Seconds that a whole drop waits for one that came before it; a recipe may be written for hours."""

VIDEO, SOUND = 600.0, 60.0
"""Seconds that the picture of a render waits for its video, and a silent video for the one with its sound."""

LATE = 3600 * 10**9
"""Nanoseconds within which files of one name were written that are one render: counters begin anew in an empty folder."""

MADE_SOON = 1.0
"""Seconds until a file is looked at again whose render is being taken in."""

NO_VIDEO = "it is the first picture of a video, which is waited for"
NO_SOUND = "the same video with its sound is waited for"


class NotTaken(Struct, frozen=True):
    """It is no take, because of that; where no event is expected of it, it is looked at again in so many seconds."""

    reason: str
    again: float | None = None


class Wait(Struct, frozen=True):
    """It is not ready yet, because of that; it is looked at again in so many seconds."""

    again: float
    reason: str = BEING_WRITTEN


class Ignore(Struct, frozen=True):
    """Nothing is said of it; it is looked at again in so many seconds."""

    again: float


class Complete(Struct, frozen=True):
    """It is the file of that take, which was asked for."""

    number: int


class Adopt(Struct, frozen=True):
    """It is a take under the number that its folder has, and that file is its media, or the first frame of it."""

    media: Entry
    is_sequence: bool = False


class Number(Struct, frozen=True):
    """It is a take, and is given a number."""


class Join(Struct, frozen=True):
    """It is a file of the render that this take is, and comes to lie beside its media."""

    number: int


class Drop(Struct, frozen=True):
    """A media file in `takes/` and the recipe beside it; `wait` is in how many seconds both are whole, 0 if they are.

    `is_open` says that somebody has the media open for writing, `age` for how many seconds it has been as it is.
    `companions` are the other files of the same render, and what it still `lacks` of that; or it `joins` the take of
    the render, or `supersedes` one that has less of it.
    """

    media: Entry
    recipe: Entry | None = None
    wait: float = 0.0
    is_open: bool = False
    age: float = 0.0
    is_pointer: bool = False
    companions: tuple[Entry, ...] = ()
    lacks: Wait | None = None
    joins: int | None = None
    supersedes: int | None = None


class Facts(Struct, frozen=True):
    """What is known of a shot: which files its takes are, and which takes were asked for and wait for theirs.

    `under_way` are the takes that a runner is at; each drop is held against it in its turn, since a runner may have
    begun meanwhile. `look_again` is the seconds for which what no event is expected of is left alone.
    """

    stream: str
    path: str
    known: AbstractSet[Identity | None]
    awaited: Sequence[int]
    under_way: Container[TakeKey]
    look_again: float


class TakeFolder(Struct, frozen=True):
    """A take folder made by hand, and the one media file in it, None where it does not hold one; or its first frame.

    `was_deleted` says that the take of that number was deleted before there was a log, `is_too_high` that no folder
    made by hand may have it.
    """

    media: Entry | None
    wait: float = 0.0
    is_pointer: bool = False
    was_deleted: bool = False
    is_too_high: bool = False
    is_sequence: bool = False


class Judging:
    """Judges the drops of one look, of which there may be many, part by part: each in its turn.

    A file is one take whatever names it has, and a take has one file. Whichever came later waits a while for the one
    before it, if that has its media and needs its recipe or some rest.
    """

    def __init__(self, facts: Facts) -> None:
        self._known, self._awaited = set(facts.known), list(facts.awaited)
        self._facts = replace(facts, known=self._known, awaited=self._awaited)
        self._before: Wait | None = None

    def decide_each(
        self, drops: Iterable[Drop]
    ) -> Iterator[tuple[Drop, NotTaken | Wait | Complete | Join | Number]]:
        """What becomes of each of these, in the order in which they came; they came after those of the parts before."""
        for drop in sorted(drops, key=_came):
            decision = decide(drop, self._facts)
            if isinstance(decision, Number) and self._before and drop.age < TURN:
                decision = Wait(self._before.again, NOT_ITS_TURN)
            elif isinstance(decision, Wait) and decision.reason == BEING_WRITTEN and not drop.is_open:
                self._before = self._before or decision
            self._known.add(drop.media.identity)
            if isinstance(decision, Complete):
                self._awaited.remove(decision.number)
            yield drop, decision


def in_parts(drops: Sequence[Drop], most: int) -> Iterator[Sequence[Drop]]:
    """The drops in the order in which they came, so many at a time; with the first file of a render come the others."""
    if len(drops) <= most:
        yield drops
        return
    drops = sorted(drops, key=_came)
    keys = [key_of(drop) for drop in drops]
    first = dict(zip(reversed(keys), range(len(keys) - 1, -1, -1), strict=True))
    order = sorted(range(len(drops)), key=lambda place: first[keys[place]])
    start = 0
    while start < len(order):
        end = start + most
        while end < len(order) and keys[order[end]] == keys[order[end - 1]]:
            end += 1
        yield [drops[place] for place in order[start:end]]
        start = end


def key_of(drop: Drop) -> str:
    """What all files of a drop's render are called alike; of a drop that is none of a render, its own name."""
    name = None if drop.is_pointer else parse(drop.media.name)
    return name.key if name else f"/{drop.media.name}"


def _came(drop: Drop) -> tuple[int, int, str]:
    return drop.media.arrived, drop.media.identity.mtime_ns, drop.media.name


def decide(drop: Drop, facts: Facts) -> NotTaken | Wait | Complete | Join | Number:
    """What becomes of one drop, the plainest reason first."""
    if drop.media.identity in facts.known:
        return NotTaken(ANOTHER_NAME)
    if drop.is_pointer:
        return NotTaken(NOT_PULLED)
    if not drop.media.identity.size:  # a browser keeps the place for its download so
        return Wait(facts.look_again, EMPTY)
    meant = next((one for one in facts.awaited if is_named_for(drop.media.name, facts.path, one)), None)
    if meant is not None and TakeKey(facts.stream, meant) in facts.under_way:
        return Wait(facts.look_again, BEING_MADE)
    if drop.wait:
        return Wait(drop.wait)
    if drop.joins is not None:
        return Join(drop.joins)
    if drop.lacks:
        return drop.lacks
    return Number() if meant is None else Complete(meant)


def of_one_render(drops: Sequence[Drop], earlier: Take | None, *, has_sound: bool) -> list[Drop]:
    """The files of one render as one drop; or those that join the `earlier` take of it, which may be of a part.

    Its media is the video with sound, else the silent one.
    """
    by: dict[Part, Drop] = {name.part: one for one in drops if (name := parse(one.media.name))}
    lead = by.get("sound") or by.get("video") or by["picture"]
    name, before = parse(lead.media.name), earlier and parse(earlier.source.name or "")
    assert name is not None  # noqa: S101 - that is how it came to be one of these
    if earlier and before and (before.part, name.part) in _LESS and _all_fit(by, earlier):
        return [replace(one, joins=earlier.number) for one in drops]
    has_more = earlier and before and (before.part, name.part) in _MORE
    return [
        replace(
            lead,
            recipe=next((one.recipe for one in (lead, *drops) if one.recipe), None),
            wait=max(one.wait for one in drops),
            is_open=any(one.is_open for one in drops),
            companions=tuple(one.media for one in drops if one is not lead),
            lacks=_lacks(name, lead.age, has_sound=has_sound),
            supersedes=earlier.number if earlier and has_more else None,
        )
    ]


_MORE = {("picture", "video"), ("picture", "sound"), ("video", "sound")}
"""What a take is of a render, and what a drop is that has more of it."""

_LESS = {(take, drop) for drop, take in _MORE}
"""What a take is of a render, and what a drop is that has less of it."""


def _all_fit(by: Mapping[Part, Drop], take: Take) -> bool:
    """Whether the take has none of those parts yet, or these very files."""
    kept = {one.role: one.identity for one in take.companions}
    found = {ROLES[part]: one.media.identity for part, one in by.items()}
    return all(role not in kept or is_likely(file, kept[role]) for role, file in found.items())


def _lacks(name: Name, age: float, *, has_sound: bool) -> Wait | None:
    """What is waited for before this becomes a take; None where it is all there, or has not come for long."""
    if name.part == "picture" and name.is_counted and age < VIDEO:
        return Wait(VIDEO - age, NO_VIDEO)
    if name.may_have_sound and has_sound and age < SOUND:
        return Wait(SOUND - age, NO_SOUND)
    return None


def give_numbers(
    shot: Shot, sources: Sequence[Source], *, since: int, at_least: int
) -> Sequence[TakeCreated]:
    """The next numbers for those of these files that have none.

    `since` is the number that was next when they were held against the takes. Another machine may have given them theirs
    meanwhile, or this one, and the answer was lost with the database.
    """
    newer = [take.source for number in range(since, shot.next_number) if (take := shot.takes.get(number))]
    given = {one.name: one.identity for one in newer if one.kind == "drop"}
    return create(shot, [one for one in sources if not _has_come(one, given)], at_least=at_least)


def _has_come(source: Source, given: Mapping[str | None, Identity | None]) -> bool:
    before = given.get(source.name)
    return before is not None and source.identity is not None and is_likely(source.identity, before)


def decide_awaited(number: int, waits: Sequence[float]) -> NotTaken | Wait | Complete | None:
    """What becomes of the media files in the folder of a take that was asked for, each whole in so many seconds."""
    if len(waits) > 1:
        return NotTaken(TOO_MANY)
    for seconds in waits:
        return Wait(seconds) if seconds else Complete(number)
    return None


def decide_folder(folder: TakeFolder, look_again: float) -> NotTaken | Wait | Ignore | Adopt:
    """What becomes of a take folder that is in no log."""
    if folder.is_too_high:
        return NotTaken(TOO_HIGH, look_again)
    if folder.media is None:
        return Ignore(look_again) if folder.was_deleted else NotTaken(NOT_ONE, look_again)
    if folder.is_pointer:
        return NotTaken(NOT_PULLED, look_again)
    return Wait(folder.wait) if folder.wait else Adopt(folder.media, folder.is_sequence)


def pair(seen: Seen, moving: Sequence[Source]) -> tuple[list[Drop], list[Entry]]:
    """The drops, each with the recipe beside it, and the recipes that are beside none.

    `moving` are the sources of takes that have their number and are not in their folder yet: what is one of those is
    no drop, and its recipe is not without media.
    """
    recipes = {recipe.name: recipe for recipe in seen.recipes}
    drops = [
        Drop(media, _take_first(recipes, recipes_of(media.name)) if recipes else None) for media in seen.drops
    ]
    on_their_way = _OnTheirWay(moving)
    fresh = [drop for drop in drops if not on_their_way.has(drop.media)]
    return fresh, list(recipes.values())


class _OnTheirWay:
    """Files that are takes' by their number and not in their folders yet, found by name and inode: there may be many."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._named = defaultdict[str, list[Identity]](list)
        self._sources = defaultdict[int, list[Source]](list)
        for source in sources:
            for one in source.companions:
                self._named[one.name].append(one.identity)
            if source.identity is not None:
                self._named[source.name or ""].append(source.identity)
                self._sources[source.identity.inode].append(source)

    def has(self, media: Entry) -> bool:
        """Whether that file is one of them: it may have been written on under its name, or been renamed."""
        if any(is_likely(media.identity, one) for one in self._named.get(media.name, ())):
            return True
        return any(one.name != media.name for one in self._sources.get(media.identity.inode, ()))


def _take_first(recipes: dict[str, Entry], names: Sequence[str]) -> Entry | None:
    return next((recipes.pop(name) for name in names if name in recipes), None)
