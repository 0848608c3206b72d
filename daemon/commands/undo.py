"""Undoing: what a person chose last is taken back, or made again, by events that name it.

What there is to take back is known from the log alone: a person's commands, the last first. One that was taken back
counts no more; one of which nothing stands any more, since others have chosen since, is passed over.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial
from itertools import groupby

from msgspec.structs import replace

from daemon.project.parts import Parts
from daemon.shots.shots import Origin, Rule
from events import NothingToUndo, Record, Shot, ShotChoice, TakeChoice, TakeRestored, fold
from events.choices import is_choice, take_back
from projections.files.threads import in_thread

PAGE = 50
"""Choices that are asked for at once."""

LOOKED_BACK = 500
"""Commands after which nobody looks further back."""

BringBack = Callable[[str, Sequence[int]], Awaitable[None]]
"""Has the media of those takes of that stream back on the disk."""


async def undo(parts: Parts, origin: Origin, bring_back: BringBack, *, again: bool) -> Sequence[Record]:
    """Take back the last choice of whoever asks, or with `again` the last that was taken back; NothingToUndo."""
    by = origin.by or ""
    await parts.index.seen.reach(parts.log.head)
    async for command in _redoable(parts, by) if again else _undoable(parts, by):
        if records := await _take_back(parts, command, origin, bring_back):
            return records
    raise NothingToUndo(by, again=again)


async def _undoable(parts: Parts, by: str) -> AsyncIterator[Sequence[Record]]:
    """The commands that are not taken back, the last first."""
    undone = set[str | None]()
    async for command in _commands(parts, by):
        if command[0].cause in undone:
            continue
        if target := undone_by(command):
            undone.add(target)
        else:
            yield command


async def _redoable(parts: Parts, by: str) -> AsyncIterator[Sequence[Record]]:
    """The commands that took something back, since anything else was chosen, and were not taken back themselves."""
    undone = set[str | None]()
    async for command in _commands(parts, by):
        if command[0].cause in undone:
            continue
        target = undone_by(command)
        if target is None:
            return
        if undone_by(await parts.log.command(target)):
            undone.add(target)
        else:
            yield command


async def _commands(parts: Parts, by: str) -> AsyncIterator[Sequence[Record]]:
    """All that a person has chosen, command by command, the last first."""
    before, seen = parts.log.head + 1, 0
    while found := await parts.index.choices_of(by, before, PAGE):
        for position in found:
            if position >= before:  # of the command before
                continue
            (record,) = await parts.log.read(position - 1, 1)
            command = await parts.log.command(record.cause or "")
            before = command[0].position if command else position  # none for what a sidecar has told
            if command:
                yield command
            if (seen := seen + 1) == LOOKED_BACK:
                return


def undone_by(command: Sequence[Record]) -> str | None:
    """The cause of the command that this one took back."""
    events = (one.event for one in command)
    return next(
        (one.undoes for one in events if isinstance(one, TakeChoice | ShotChoice) and one.undoes), None
    )


async def _take_back(
    parts: Parts, command: Sequence[Record], origin: Origin, bring_back: BringBack
) -> Sequence[Record]:
    """Append what takes that command back in all shots that it changed, as far as it stands; nothing where nothing does."""
    rules = dict[str, Rule]()
    for stream, found in groupby(command, lambda one: one.stream):
        of_shot = list(found)
        before, after = await in_thread(_around, await parts.log.stream(stream), of_shot)
        events = [one.event for one in of_shot if is_choice(one.event)]
        rules[stream] = rule = partial(take_back, events, before, after)
        planned = rule(await parts.shots.load(stream))
        if back := [one.take for one in planned if isinstance(one, TakeRestored)]:
            await bring_back(stream, back)
    return await parts.shots.change_all(rules, replace(origin, undoes=command[0].cause))


def _around(records: Sequence[Record], command: Sequence[Record]) -> tuple[Shot, Shot]:
    """A shot as it was before that command, and after it."""
    before, after = Shot(command[0].stream), Shot(command[0].stream)
    fold(before, records[: command[0].version - 1])
    fold(after, records[: command[-1].version])
    return before, after
