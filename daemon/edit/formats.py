"""The formats: by their names, how a cut is written in each, and what that is called."""

from collections.abc import Callable
from typing import Literal

from msgspec import Struct

from daemon.edit import edl, fcpxml, otio, sheet
from daemon.edit.cut import Cut

FormatName = Literal["otio", "fcpxml", "edl", "csv"]


class Format(Struct, frozen=True):
    """How a cut becomes a file: its suffix, its media type, and the writer, which is told whether paths are relative."""

    suffix: str
    media_type: str
    write: Callable[[Cut, bool], bytes]


FORMATS: dict[FormatName, Format] = {
    "otio": Format(".otio", "application/json", lambda cut, relative: otio.write(cut, is_relative=relative)),
    "fcpxml": Format(
        ".fcpxml", "application/xml", lambda cut, relative: fcpxml.write(cut, is_relative=relative)
    ),
    "edl": Format(".edl", "text/plain", lambda cut, _: edl.write(cut)),
    "csv": Format(".csv", "text/csv", lambda cut, _: sheet.write(cut)),
}
