"""C2PA: what a file's maker claims of it. Nobody has looked whether the signature under it is a good one.

A store is nested boxes (JUMBF), of which the last manifest counts. Its claim and its actions are CBOR, and no more of
that is read here than they need: a reader of all of it makes things of what a stranger's file says.
"""

import struct
from base64 import b64decode
from collections.abc import Iterator
from typing import Any, Final

from events import Params
from projections.recipes.formats.format import Labels

KEYS: Final = frozenset({"c2pa"})
"""The label that the decoder makes of a C2PA box, in base 64."""

_DEEPEST: Final = 12
_MOST_BOXES: Final = 2000
_MOST_CBOR: Final = 1 << 18
"""Bytes of a claim, or of a list of actions."""

_LONGEST: Final = 300
"""Characters of a name."""

_BREAK: Final = object()
_FLOATS: Final = {25: ">e", 26: ">f", 27: ">d"}
_PLAIN: Final = {20: False, 21: True, 22: None, 23: None}

Box = tuple[str, list[Any]]
"""A box of boxes: its label, and what is in it: boxes of boxes, and the content of others."""


def read(labels: Labels, name: str) -> Params | None:  # noqa: ARG001 - the protocol's
    """Who says to have made it, and of what kind it says that it is."""
    try:
        store = b64decode(labels.get("c2pa", ""))
        if int.from_bytes(store[:4], "big") > len(store):
            return None  # it is cut off, and the manifest that counts with it
        manifests = [one for one in _boxes(memoryview(store)) if isinstance(one, tuple)]
        manifests = [one for box in manifests for one in box[1] if isinstance(one, tuple)]
        found = _told(list(_inside(manifests[-1]))) if manifests else {}
    except (ValueError, struct.error):
        return None
    return {"claims": found} if found else None


def _told(parts: list[tuple[str, bytes]]) -> Params:
    found: Params = {}
    for label, content in parts:
        if label.startswith("c2pa.claim") and (said := _generator(_cbor(content))):
            found["generator"] = said
        elif label.startswith("c2pa.actions") and (source := _source(_cbor(content))):
            found.setdefault("digitalSourceType", source)
    return found


def _generator(claim: Any) -> str | None:
    """Its name and version: as both claims and older ones have it."""
    if not isinstance(claim, dict):
        return None
    about = claim.get("claim_generator_info")
    about = about[0] if isinstance(about, list) and about else about
    if isinstance(about, dict) and (name := _text(about.get("name"))):
        return f"{name} {_text(about.get('version')) or ''}".strip()
    return _text(claim.get("claim_generator"))


def _source(assertion: Any) -> str | None:
    """The last word of the address that says what kind of source it is, such as `trainedAlgorithmicMedia`."""
    actions = assertion.get("actions") if isinstance(assertion, dict) else None
    for action in actions if isinstance(actions, list) else ():
        said = _text(action.get("digitalSourceType")) if isinstance(action, dict) else None
        if said:
            return said.rstrip("/").rpartition("/")[2] or None
    return None


def _text(value: Any) -> str | None:
    return value.strip()[:_LONGEST] or None if isinstance(value, str) else None


# Boxes.


def _inside(box: Box) -> Iterator[tuple[str, bytes]]:
    """The contents in a box of boxes, however deep, each with the label of the box around it."""
    label, parts = box
    for part in parts:
        if isinstance(part, tuple):
            yield from _inside(part)
        else:
            yield label, part


def _boxes(data: memoryview, left: list[int] | None = None, depth: int = 0) -> list[Any]:
    """What is in a row of boxes."""
    left = left if left is not None else [_MOST_BOXES]
    found: list[Any] = []
    while len(data) >= 8 and left[0] > 0 and depth < _DEEPEST:
        left[0] -= 1
        length, kind, start = int.from_bytes(data[:4], "big"), bytes(data[4:8]), 8
        if length == 1:
            length, start = int.from_bytes(data[8:16], "big"), 16
        length = length or len(data)
        if length < start:
            break
        content = data[start:length]
        if kind == b"jumb":
            found.append(_labelled(content, left, depth))
        elif kind == b"cbor" and length <= _MOST_CBOR:
            found.append(bytes(content))
        data = data[length:]
    return found


def _labelled(content: memoryview, left: list[int], depth: int) -> Box:
    """A box of boxes; the first of them describes it: its kind, what it has, and its label."""
    length = int.from_bytes(content[:4], "big")
    described = bytes(content[8:length][17:_LONGEST]) if bytes(content[4:8]) == b"jumd" else b""
    label = described.partition(b"\0")[0].decode("utf-8", "replace")
    return label, _boxes(content[max(length, 8) :], left, depth + 1)


# CBOR.


def _cbor(data: bytes) -> Any:
    """The first item; ValueError where it is none."""
    return _Items(data).next(0)


class _Items:
    """Items of CBOR (RFC 8949), one after the other; tags say nothing here."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._place = 0

    def next(self, depth: int) -> Any:
        """The next item, or _BREAK; ValueError where there is none."""
        if depth > _DEEPEST:
            raise ValueError("it is nested too deep")
        first = self._take(1)[0]
        major, info = first >> 5, first & 31
        if info == 31:
            return _BREAK if major == 7 else self._until_break(major, depth)
        count = self._number(info)
        match major:
            case 0 | 1:
                return -1 - count if major else count
            case 2 | 3:
                return self._string(major, count)
            case 4:
                return [self.next(depth + 1) for _ in range(count)]
            case 5:
                return dict(self._pair(depth) for _ in range(count))
            case 6:
                return self.next(depth + 1)
        return self._simple(info, count)

    def _take(self, count: int) -> bytes:
        taken = self._data[self._place : self._place + count]
        if len(taken) < count:
            raise ValueError("it is cut off")
        self._place += count
        return taken

    def _number(self, info: int) -> int:
        if info < 24:
            return info
        if info > 27:
            raise ValueError("no number is that long")
        return int.from_bytes(self._take(1 << (info - 24)), "big")

    def _string(self, major: int, count: int) -> bytes | str:
        taken = self._take(count)
        return taken.decode("utf-8", "replace") if major == 3 else taken

    def _pair(self, depth: int) -> tuple[str | int | bytes, Any]:
        key = self.next(depth + 1)
        if not isinstance(key, str | int | bytes):
            raise ValueError("it is no name")  # noqa: TRY004 - of the file, not of a caller
        return key, self.next(depth + 1)

    def _until_break(self, major: int, depth: int) -> Any:
        """The parts of an item whose length is not told before."""
        parts = []
        while (part := self.next(depth + 1)) is not _BREAK:
            parts.append((part, self.next(depth + 1)) if major == 5 else part)
        match major:
            case 2:
                return b"".join(one for one in parts if isinstance(one, bytes))
            case 3:
                return "".join(one for one in parts if isinstance(one, str))
            case 4:
                return parts
            case 5:
                return {one[0]: one[1] for one in parts if isinstance(one[0], str)}
        raise ValueError("it has to have a length")

    @staticmethod
    def _simple(info: int, count: int) -> Any:
        if info in _FLOATS:
            return struct.unpack(_FLOATS[info], count.to_bytes(1 << (info - 24), "big"))[0]
        return _PLAIN.get(count)
