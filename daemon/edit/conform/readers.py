"""The readers: by the names of the formats, how an edit in each is read."""

from collections.abc import Callable
from typing import Literal

from daemon.edit.conform import edl, fcpxml, otio
from daemon.edit.conform.used import Used

EditName = Literal["otio", "fcpxml", "edl"]

READERS: dict[EditName, Callable[[str], list[Used]]] = {
    "otio": otio.read,
    "fcpxml": fcpxml.read,
    "edl": edl.read,
}
