"""Line ends: how a text is kept in git, by what is said of it, where it has the line ends of another system (git's convert.c)."""

from collections.abc import Mapping
from typing import Literal

_CONTROLS = bytes(set(range(32)) - set(b"\b\t\n\f\r\x1b\0")) + b"\x7f"
"""What no text has. A NUL and a carriage return that stands alone tell more, and are looked for by themselves."""

_ON = {"true", "yes", "on", "1", "input"}

Ends = Literal["as they are", "line feeds", "line feeds where it is text"]


def ends_of(attributes: Mapping[bytes, bool | bytes | None], autocrlf: str | None) -> Ends:
    """What is to become of a file's ends of lines; `autocrlf` is what git's configuration says."""
    said = attributes.get(b"text", attributes.get(b"crlf"))
    if said is False:
        return "as they are"
    if said == b"auto":
        return "line feeds where it is text"
    if said in (True, b"input") or attributes.get(b"eol") in (b"lf", b"crlf"):
        return "line feeds"
    return "line feeds where it is text" if (autocrlf or "").lower() in _ON else "as they are"


def as_git_keeps(content: bytes, ends: Ends, before: bytes | None) -> bytes:
    """The content as git would stage it; `before` is what it has of the file already."""
    if ends == "as they are" or b"\r\n" not in content:
        return content
    if ends == "line feeds where it is text":
        has_them = before is not None and b"\r\n" in before and not _is_binary(before)
        if has_them or _is_binary(content):
            return content
    return content.replace(b"\r\n", b"\n")


def _is_binary(content: bytes) -> bool:
    """What git takes for no text."""
    lone = content.count(b"\r") - content.count(b"\r\n")
    body = content.removesuffix(b"\x1a")
    odd = len(body) - len(body.translate(None, _CONTROLS))
    ends = content.count(b"\n") + content.count(b"\r")
    return bool(lone) or b"\0" in content or (len(body) - odd - ends) >> 7 < odd
