"""Looked: up to which position of a film's log somebody has asked what is new, as this machine keeps it for him."""

import json
import os
from contextlib import suppress

from daemon import locations

FILE = "looked.json"


def looked_at(film: str) -> int:
    """The position up to which all of the film in that folder was seen; 0 where nobody has looked yet."""
    found = _all().get(film)
    return found if isinstance(found, int) and found > 0 else 0


def look(film: str, position: int) -> None:
    """Note that all of it was seen up to there."""
    directory = locations.state_directory()
    os.makedirs(directory, mode=locations.PRIVATE_MODE, exist_ok=True)  # noqa: PTH103 - as quick as it gets
    with locations.locked(directory):
        text = json.dumps({**_all(), film: position}, indent=2)
        locations.replace_file(_path(), f"{text}\n", locations.PRIVATE_MODE & 0o666)


def _path() -> str:
    return f"{locations.state_directory()}/{FILE}"


def _all() -> dict[str, object]:
    from projections.files.reading import OURS, read_fit  # noqa: PLC0415 - few commands ask

    with suppress(ValueError):
        found = json.loads(read_fit(_path(), OURS) or b"{}")
        return found if isinstance(found, dict) else {}
    return {}
