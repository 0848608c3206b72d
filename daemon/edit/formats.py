"""The formats: by their names, how a cut is written in each, and what that is called."""

from collections.abc import Callable
from typing import Any, Literal

from msgspec import Struct

from daemon.edit import edl, fcpxml, otio, resolve, sheet, sums
from daemon.edit.cut import Cut

FormatName = Literal["otio", "fcpxml", "edl", "csv", "resolve", "sha256"]


class Format(Struct, frozen=True):
    """How a cut becomes a file: the writer, which is told whether paths are relative; its media type, and its schema."""

    write: Callable[[Cut, bool], bytes]
    media_type: str
    is_json: bool = False

    @property
    def schema(self) -> dict[str, Any]:
        """What an API says of it."""
        return {"schema": {"type": "object"} if self.is_json else {"type": "string", "format": "binary"}}


FORMATS: dict[FormatName, Format] = {
    "otio": Format(
        lambda cut, relative: otio.write(cut, is_relative=relative), "application/json", is_json=True
    ),
    "fcpxml": Format(lambda cut, relative: fcpxml.write(cut, is_relative=relative), "application/xml"),
    "edl": Format(lambda cut, _: edl.write(cut), "text/plain"),
    "csv": Format(lambda cut, _: sheet.write(cut), "text/csv"),
    "resolve": Format(lambda cut, _: resolve.write(cut), "text/x-python"),
    "sha256": Format(lambda cut, _: sums.write(cut), "text/x-sha256sum"),
}
