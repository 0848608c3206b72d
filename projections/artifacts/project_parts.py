"""The parts of our key in `project.json`: what it says of one shot, found and changed in the bytes as we wrote them.

Only in a file that is known to be the one that we wrote: any other is held against the index as a whole.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from events import Head, Identity
from projections.artifacts.project_text import place_of

_PART = "\n      {}: {{"
_PART_END = b"\n      }"
_HEAD = b'\n    "log": {'


class Ours(Struct, frozen=True):
    """Where the value of our key begins and ends in a file that we wrote (bytes), and which file that is."""

    file: Identity
    start: int
    end: int


def ours_in(text: str, file: Identity | None) -> Ours | None:
    """The same of a text that we have just put into that file; None where it has no key of ours, or the file is another."""
    place = place_of(text)
    if place is None or file is None or file.size != len(text.encode()):
        return None
    start = len(text[: place[0]].encode())
    return Ours(file, start, start + len(text[place[0] : place[1]].encode()))


def said_in(content: bytes, ours: Ours, path: str) -> Mapping[str, Any] | None:
    """What is said of the shot at that path; None where nothing is."""
    part = _find(content, ours, path)
    return msgspec.json.decode(b"{" + content[slice(*part)] + b"}")[path] if part else None


def with_parts(content: bytes, ours: Ours, said: Mapping[str, Any], head: Head | None) -> bytes | None:
    """The file with that said of these shots, by path, and with that end of the log, if it has one.

    None where it does not speak of one of them yet, or has an end of the log and is to have none, or the other way.
    """
    end = content.rfind(_HEAD, ours.start, ours.end)
    if (end >= 0) != (head is not None):
        return None
    pieces = {path: _find(content, ours, path) for path in said}
    found = sorted((part, path) for path, part in pieces.items() if part)
    if len(found) < len(said):
        return None
    made, done = list[bytes](), 0
    for (first, last), path in found:
        made += [content[done:first], _part(path, said[path])]
        done = last
    if head is not None:
        made += [content[done:end], _indented({"log": log_end(head)}, 2)]
        done = ours.end
    return b"".join([*made, content[done:]])


def log_end(head: Head) -> dict[str, Any]:
    """Where the log ends, as a project file says it."""
    return {"id": head.log, "position": head.position, "hash": head.hash}


def _find(content: bytes, ours: Ours, path: str) -> tuple[int, int] | None:
    """Where the part of a shot lies."""
    beginning = _PART.format(msgspec.json.encode(path).decode()).encode()
    first = content.find(beginning, ours.start, ours.end)
    last = content.find(_PART_END, first + 1, ours.end) if first >= 0 else -1
    return (first, last + len(_PART_END)) if last >= 0 else None


def _part(path: str, said: Any) -> bytes:
    return _indented({path: said}, 4).removesuffix(b"\n    }")


def _indented(value: Any, spaces: int) -> bytes:
    """An object as it stands that deep in our key, from behind its opening bracket."""
    text = msgspec.json.format(msgspec.json.encode(value), indent=2)[1:]
    return text.replace(b"\n", b"\n" + b" " * spaces)
