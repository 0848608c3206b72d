"""What a frozen log means: its identity and end, and every shot folded from it."""

import msgspec

from events import EventLog, Shot, fold


async def meaning(log: EventLog) -> dict[str, object]:
    """The whole log, folded, as plain values."""
    shots = []
    for stream in await log.streams_since(0):
        shot = Shot(stream)
        fold(shot, await log.stream(stream))
        shots.append(shot)
    last = (await log.read(log.head - 1))[0]
    return {
        "log": log.id,
        "head": log.head,
        "hash": last.hash,
        "shots": msgspec.to_builtins(shots, str_keys=True),
    }
