"""The note: which shards a run of this daemon has kept, so that the next one goes on where it was, and need not wait."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import Struct

from projections.files.reading import OURS, read_fit
from projections.files.writing import write

NOTE = "keeper.json"


class Note(Struct, frozen=True):
    """Who that run was, and its shards, each with its epoch, of which all was right that its projections have noted."""

    owner: str = ""
    epochs: Mapping[int, int] = {}


def read_note(folder: Path) -> Note:
    """What the last run has noted; nothing where there was none."""
    with suppress(msgspec.MsgspecError):
        if content := read_fit(folder / NOTE, OURS):
            return msgspec.json.decode(content, type=Note)
    return Note()


def write_note(folder: Path, note: Note) -> None:
    """Have that be what the next run reads."""
    write(folder / NOTE, msgspec.json.encode(note))
