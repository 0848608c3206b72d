"""Files over HTTP: one as it is, whole or in part (RFC 9110, ranges)."""

import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from email.utils import formatdate
from pathlib import Path
from typing import Any, BinaryIO

from litestar import Request, Response
from litestar.response import Stream

from daemon.api.answers.problems import problem
from events import NotFound
from projections.files.opening import open_file
from projections.files.threads import close_soon, in_thread

SLICE = 2**18
"""Bytes read from the disk at a time."""

RANGE_HINT = "Ask for a range that begins before its end, or for all of it."

CHECKED = "private, no-cache"
"""For what may be another file the next time: a browser asks whether it is."""

FOR_EVER = "private, max-age=31536000, immutable"
"""For what has in its address what it is of."""

_RANGE = re.compile(r"bytes=([0-9]{0,99})-([0-9]{0,99})")


class MediaNotFound(NotFound):
    """Raised when a take has no such file."""

    hint = "`takes status` says what is still being made."


MEDIA_TYPES = {
    ".mp4": "video/mp4",
    ".mov": "video/quicktime",
    ".avi": "video/x-msvideo",
    ".webm": "video/webm",
    ".mkv": "video/x-matroska",
    ".m4v": "video/mp4",
    ".mxf": "application/mxf",
    ".wmv": "video/x-ms-wmv",
    ".flv": "video/x-flv",
    ".dv": "video/x-dv",
    ".ts": "video/mp2t",
    ".m2ts": "video/mp2t",
    ".mts": "video/mp2t",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".exr": "image/aces",
    ".dpx": "image/x-dpx",
    ".jp2": "image/jp2",
    ".j2k": "image/j2c",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".gif": "image/gif",
    ".wav": "audio/x-wav",
    ".aif": "audio/aiff",
    ".aiff": "audio/aiff",
    ".aifc": "audio/aiff",
    ".mp3": "audio/mpeg",
    ".flac": "audio/flac",
    ".ogg": "audio/ogg",
    ".m4a": "audio/mp4",
    ".opus": "audio/ogg",
    ".aac": "audio/aac",
}
"""The media type of each extension: the same on every machine, and read from no file of it."""


async def serve(
    request: Request[Any, Any, Any], path: Path, otherwise: str, cache: str = CHECKED, *, known_as: str = ""
) -> Response[Any]:
    """The file, the part of it that is asked for, or 304 where the client has it; MediaNotFound says `otherwise`.

    What it is `known_as` tells it from all others; without that, its place on the disk and its time do.
    """
    file = await in_thread(_open, path)
    if file is None:
        raise MediaNotFound(otherwise)
    found = os.fstat(file.fileno())
    tag = f'"{known_as or f"{found.st_ino:x}-{found.st_size:x}-{found.st_mtime_ns:x}"}"'
    headers = {
        "ETag": tag,
        "Accept-Ranges": "bytes",
        "Cache-Control": cache,
        "Last-Modified": formatdate(found.st_mtime, usegmt=True),
    }
    if _has_it(request.headers.get("if-none-match", ""), tag):
        close_soon(file.close)
        return Response(None, status_code=304, headers=headers)
    kind = MEDIA_TYPES.get(path.suffix.lower(), "application/octet-stream")
    wanted = _wanted(request, tag, found.st_size)
    if wanted is None:
        close_soon(file.close)
        length = {"Content-Range": f"bytes */{found.st_size}"}
        return problem(416, "No such bytes", f"the file has {found.st_size} bytes", RANGE_HINT, length)
    headers["Content-Length"] = str(len(wanted))
    is_part = _range(request, tag) is not None  # also of all: a player asks so whether it may seek
    if is_part:
        headers["Content-Range"] = f"bytes {wanted.start}-{wanted.stop - 1}/{found.st_size}"
    return Stream(
        _slices(file, wanted), status_code=206 if is_part else 200, media_type=kind, headers=headers
    )


async def serve_made(
    request: Request[Any, Any, Any], tag: str, make: Callable[[], Awaitable[bytes]], cache: str
) -> Response[Any]:
    """The JPEG that `make` answers; 304 where the client has the one with that tag, and nothing is made then."""
    headers = {"ETag": f'"{tag}"', "Cache-Control": cache}
    known = request.headers.get("if-none-match", "")
    if known.strip() != "*" and _has_it(known, f'"{tag}"'):
        return Response(None, status_code=304, headers=headers)
    content = await make()
    if _has_it(known, f'"{tag}"'):
        return Response(None, status_code=304, headers=headers)
    return Response(content, media_type="image/jpeg", headers=headers)


def _has_it(if_none_match: str, tag: str) -> bool:
    known = [one.strip().removeprefix("W/") for one in if_none_match.split(",")]
    return tag in known or "*" in known


def _open(path: Path) -> BinaryIO | None:
    with suppress(OSError):
        return os.fdopen(open_file(path), "rb")
    return None


def _range(request: Request[Any, Any, Any], tag: str) -> re.Match[str] | None:
    """The one range that is asked for; None where all is, or where the client knows another file."""
    match = _RANGE.fullmatch(request.headers.get("range", ""))
    return match if match and any(match.groups()) and request.headers.get("if-range", tag) == tag else None


def _wanted(request: Request[Any, Any, Any], tag: str, size: int) -> range | None:
    """The bytes that are asked for: all, where it is not one range; None where there are none there."""
    match = _range(request, tag)
    if not match:
        return range(size)
    first, last = match.groups()
    start = int(first) if first else max(0, size - int(last))
    stop = min(size, int(last) + 1) if first and last else size
    return range(start, stop) if start < stop else None


async def _slices(file: BinaryIO, wanted: range) -> AsyncIterator[bytes]:
    try:
        file.seek(wanted.start)
        left = len(wanted)
        while left:
            piece = await in_thread(file.read, min(SLICE, left))
            if not piece:
                return
            left -= len(piece)
            yield piece
    finally:
        close_soon(file.close)
