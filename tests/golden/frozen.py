"""The frozen logs: their names, which of them a release has made final, and what a log means.

A name is `format_N`, or `format_N_M` for the M-th log of that format: an event that is added to a released format
gets into a log of its own.
"""

import hashlib
from pathlib import Path

import msgspec

from events import EventLog, Shot, fold

HERE = Path(__file__).parent

RELEASED = {
    "format_1": ("0.2.0", "391919b8d1affd00a8f56f9887194bb29e3ff3d78cdbb1b76233a07e4544893a"),
}
"""The logs that were released: with which version, and the SHA-256 of both files. They are never written again."""


class AlreadyReleased(Exception):
    """Raised when a log is to be written anew that people have by now."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} was released with {RELEASED[name][0]} and is never written again")


def frozen_names() -> list[str]:
    """The frozen logs that are there, the newest last."""
    return sorted((path.stem for path in HERE.glob("format_*.sql")), key=_place)


def next_name(number: int) -> str:
    """The name of a log of that format in which today's events are: the first that is not released."""
    name, edition = f"format_{number}", 1
    while name in RELEASED:
        edition += 1
        name = f"format_{number}_{edition}"
    return name


def write(name: str, sql: str, meaning: bytes) -> None:
    """Write a frozen log; AlreadyReleased where that is final."""
    if name in RELEASED:
        raise AlreadyReleased(name)
    HERE.joinpath(f"{name}.sql").write_text(sql, encoding="utf-8")
    HERE.joinpath(f"{name}.json").write_bytes(meaning)


def sha256(name: str) -> str:
    """The hash of both files of a frozen log."""
    files = (HERE / f"{name}{suffix}" for suffix in (".sql", ".json"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def _place(name: str) -> tuple[int, ...]:
    return tuple(map(int, name.split("_")[1:]))


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
