"""What a frozen log means: its identity and end, and every shot folded from it."""

import msgspec

from events import EventLog, Shot, fold


async def meaning(log: EventLog) -> dict[str, object]:
    """The whole log, folded, as plain values."""
    records = await log.read()
    shots = [Shot(stream) for stream in sorted({record.stream for record in records})]
    for shot in shots:
        fold(shot, await log.stream(shot.stream))
    return {
        "log": log.id,
        "head": log.head,
        "hash": records[-1].hash,
        "shots": msgspec.to_builtins(shots, str_keys=True),
    }
