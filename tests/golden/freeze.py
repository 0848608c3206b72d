"""Freeze a log of today's format: run when the format or its events have grown, never by the tests.

    python -m tests.golden.freeze [NAME]

writes `NAME.sql`, the file's own schema and rows as text, and `NAME.json`, what they must mean for ever: the shots
folded from them. Without a name it is the first of today's format that was not released. Both are looked through by
a person. Once they are released they are never written again.
"""

import asyncio
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from events import (
    FILM,
    AccessGranted,
    AccessRevoked,
    Request,
    SearchRemoved,
    SearchSaved,
    ShotRegistered,
    Source,
    TakeCreated,
    TakeDeleted,
    TakeFailed,
    open_log,
)
from events.facts import CANCELLED
from events.store.log_file import FORMAT
from tests.events.samples import A_LIFE, A_SEQUENCE, DROP, append
from tests.golden.frozen import AlreadyReleased, meaning, next_name, write


async def freeze(path: Path) -> bytes:
    """Write a log with every event in it; what it means."""
    async with open_log(path) as log:
        await log.append(append("01a20877-shot", *A_LIFE[:3], cause="request:0001"))
        await log.append(
            append("01a20878-other", ShotRegistered(path="002_Köche"), TakeCreated(take=1, source=DROP))
        )
        for version, event in enumerate(A_LIFE[3:], 3):
            await log.append(append("01a20877-shot", event, expected=version))
        await log.append(
            append("01a20878-other", TakeDeleted(take=1), expected=2, cause=(await log.read())[0].id)
        )
        asked = TakeCreated(take=2, source=Source(kind="request"), request=Request(params={"seed": 7}))
        gone = TakeFailed(take=2, error=CANCELLED, why="cancelled")
        await log.append(append("01a20878-other", asked, gone, TakeDeleted(take=2), expected=3))
        await log.append(append("01a20878-other", *A_SEQUENCE, expected=6))
        saved = SearchSaved(name="heroes", query="tag:hero rating:>3", by="anna")
        again = SearchSaved(name="late", query="after:2026-11-01", by="anna")
        await log.append(append(FILM, saved, again, SearchRemoved(name="late", by="jörg")))
        people = [
            AccessGranted(person=f"{name}@studio", role="artist", by="jörg") for name in ("anna", "ben")
        ]
        left = AccessRevoked(person="ben@studio", by="anna@studio")
        await log.append(append(FILM, *people, left, expected=3))
        return msgspec.json.format(msgspec.json.encode(await meaning(log)), indent=2)


def dump(path: Path) -> str:
    """The file as SQL text that makes it again."""
    with closing(sqlite3.connect(path)) as db:
        (number,) = db.execute("PRAGMA user_version").fetchone()
        return "\n".join([f"PRAGMA user_version = {number};", *db.iterdump(), ""])


def main(name: str) -> None:
    """Write both files of that name for the format of today."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "log.db"
        told = asyncio.run(freeze(path)) + b"\n"
        write(name, dump(path), told)


if __name__ == "__main__":
    try:
        main(sys.argv[1] if sys.argv[1:] else next_name(FORMAT))
    except AlreadyReleased as error:
        sys.exit(f"{error}: leave the name out, and one that is free is taken.")
