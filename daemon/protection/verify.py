"""Verifying: the log against its chain of hashes, and every take's media against the hash in the log."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

from msgspec import Struct

from events import Companion, EventLog, LogDamaged
from projections.artifacts.frame_lists import File, files_of
from projections.artifacts.store import Store
from projections.board import Problem
from projections.files.hashing import OpenFile, sha256_of_open
from projections.files.sharing import is_shared
from projections.files.threads import in_thread
from projections.film import present
from projections.index.index import Index
from projections.index.loading import ALL
from projections.index.rows import TakeRow
from projections.layout import media_path, object_path

REBUILD = "`takes rebuild objects` makes it again from the take, whose own file is whole."
RESTORE = "Bring the file back from a backup; the log has its name and hash."
COMES_BACK = "Its object is whole: the next look at its folder brings the file back."
ALONE = "Bring it back from a backup: what lies beside a take has no second name."
RESTORABLE = "Its object is whole: `takes restore` brings the file back."


class Checked(Struct, frozen=True):
    """How far a step has come: of so many things, those that are checked."""

    step: Literal["log", "media"]
    done: int
    total: int


class Verified(Struct, frozen=True):
    """How many records and files were checked, and what is wrong with them."""

    records: int
    files: int
    problems: list[Problem]


async def verify_media(
    root: Path, log: EventLog, index: Index, store: Store
) -> AsyncIterator[Checked | Verified]:
    """Check everything, telling how far it has come; the verdict comes last."""
    problems: list[Problem] = []
    records = 0
    try:
        async for records in log.verify():
            yield Checked("log", records, log.head)
    except LogDamaged as error:
        problems.append(Problem(str(error), error.hint))
    total = (await index.counts()).takes
    done = 0
    async for page in index.pages({shot.stream: (ALL,) for shot in await index.shots()}):
        for shot, take, media in [(one.shot, *found) for one in page for found in present(one.takes)]:
            path = media_path(shot.path, take.number, media.name)
            for file in await in_thread(lambda p, m: list(files_of(root, p, m)), path, media):
                problems += await _problems_of(root, file, take, store)
            for one in take.read_companions():
                problems += await _problems_beside(root, media_path(shot.path, take.number, one.name), one)
            done += 1
            yield Checked("media", done, max(total, done))
    yield Verified(records, done, problems)


async def _problems_of(root: Path, media: File, take: TakeRow, store: Store) -> list[Problem]:
    """What is wrong with a file of a take and with its object, and what can be done."""
    path, twin = media.path, store.path(media.sha256)
    wrong = await _what_is_wrong(root / path, media.bytes, media.sha256)
    if await in_thread(_is_one, twin, root / path):
        return [Problem(f"{path} {wrong}", RESTORE)] if wrong else []
    wrong_object = await _what_is_wrong(twin, media.bytes, media.sha256)
    if wrong:
        is_looked_at = path.endswith(f"/{take.name}") and not take.deleted
        hint = RESTORE if wrong_object else COMES_BACK if is_looked_at else RESTORABLE
        return [Problem(f"{path} {wrong}", hint)]
    is_expected = (take.kept and store.way != "off") or await in_thread(os.path.lexists, twin)
    shown = object_path(media.sha256)
    return [Problem(f"{shown} {wrong_object}", REBUILD)] if wrong_object and is_expected else []


async def _problems_beside(root: Path, path: str, one: Companion) -> list[Problem]:
    """What is wrong with another file of a take's render, of which there is no object."""
    wrong = await _what_is_wrong(root / path, one.identity.size, one.sha256)
    return [Problem(f"{path} {wrong}", ALONE)] if wrong else []


def _is_one(twin: Path, media: Path) -> bool:
    """Whether both are the same bytes on the disk, so that to read one is to have read both."""
    try:
        return is_shared(twin, media)
    except OSError:
        return False


async def _what_is_wrong(path: Path, size: int, sha256: str | None) -> str | None:
    try:
        file = await in_thread(OpenFile, path)
        found = (await in_thread(file.stat)).st_size
        if found != size:
            return f"has {found} bytes, not {size}"
        return None if sha256 in (None, await sha256_of_open(file)) else "is not what it was"
    except FileNotFoundError:
        return "is not there"
    except OSError as error:
        return f"cannot be read: {error.strerror}"
