"""Large recipes and sidecars: kept whole and compressed, beside a short one that a person can read.

The parameters of a generator can hold a workflow of megabytes. The log has the most of it, the `.json.gz` all.
"""

import gzip
import os
import stat
import zlib
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from projections.files.opening import Unfit
from projections.files.reading import RECIPE as LARGEST
from projections.files.reading import read_in
from projections.files.threads import in_thread
from projections.files.writing import write
from projections.film import Film, beside_media, has_folder, take_folder
from projections.index.rows import ShotRow, ShotTakes, TakeRow
from projections.layout import RECIPE
from projections.projection import ABSENT, Away, Projection, Trouble

LARGE = 100_000
"""Bytes of JSON from which on it is kept compressed."""

MAIN = frozenset({"model", "seed", "prompt", "negativePrompt", "steps", "cfg"})
"""The parameters that a person looks for: where they are `SHORT` they are left out last."""

SHORT = 1000

NAMED = 50
"""Parameters that were left out and are named: there may be ten thousand of them."""

LONGEST_NAME = 200

PACKED = ".gz"

_encode = msgspec.json.Encoder().encode


def shortened(params: Mapping[str, Any], most: int = LARGE) -> tuple[dict[str, Any], dict[str, int]]:
    """The parameters without the largest of them, so that the rest is less than that many bytes of JSON.

    With them the names of the largest that were left out, and the bytes of each.
    """
    sizes = {name: len(_encode(value)) for name, value in params.items()}
    size, left_out = len(_encode(params)), []
    for name in sorted(sizes, key=lambda one: (one in MAIN and sizes[one] < SHORT, -sizes[one], one)):
        if size < most:
            break
        left_out.append(name)
        size -= sizes[name] + len(_encode(name)) + 2
    gone = set(left_out)
    kept = {name: value for name, value in params.items() if name not in gone}
    return kept, {name[:LONGEST_NAME]: sizes[name] for name in left_out[:NAMED]}


def pack(content: bytes) -> bytes:
    """The content, compressed; the same content gives the same bytes."""
    return gzip.compress(content, mtime=0)


def unpack(packed: bytes | None) -> bytes | None:
    """The content; None where it was not packed, is cut off, or is larger than a recipe is."""
    unpacker = zlib.decompressobj(wbits=31)
    try:
        content = unpacker.decompress(packed or b"", LARGEST + 1)
    except zlib.error:
        return None
    return content if unpacker.eof and len(content) <= LARGEST else None


def as_json(value: object) -> bytes:
    """JSON for people, two spaces to a level."""
    return msgspec.json.format(_encode(value), indent=2) + b"\n"


class Recipes(Projection):
    """Packs each large recipe, with a short one in its place."""

    name = "recipes"

    async def mend(self, film: Film, touched: Sequence[ShotTakes]) -> Collection[Trouble]:
        return await in_thread(_mend_all, film.root, touched)

    async def differences(self, film: Film, touched: Sequence[ShotTakes]) -> Collection[str]:
        def work() -> list[str]:
            return [
                path
                for shot, take in _recipes(touched)
                if _differs(film.root, path := beside_media(shot, take, RECIPE), _short(shot, take))
            ]

        return await in_thread(work)

    async def erase(self, film: Film, touched: Sequence[ShotTakes]) -> None:
        def work() -> None:
            for shot, take in _recipes(touched):
                with suppress(Unfit, NotADirectoryError):  # there is nothing of ours in it
                    _put_back(film.root, beside_media(shot, take, RECIPE))

        await in_thread(work)


def _recipes(touched: Sequence[ShotTakes]) -> list[tuple[ShotRow, TakeRow]]:
    """The takes that may have a recipe, each with its shot."""
    return [
        (one.shot, take)
        for one in touched
        for take in one.takes
        if has_folder(take) and take.status != "generating"
    ]


def _short(shot: ShotRow, take: TakeRow) -> bytes:
    params, left_out = shortened(take.read_params() or {})
    whole = Path(beside_media(shot, take, RECIPE)).name + PACKED
    return as_json(
        {"generationParams": params, **({"leftOut": left_out} if left_out else {}), "whole": whole}
    )


def _mend_all(root: Path, touched: Sequence[ShotTakes]) -> list[Trouble]:
    troubles: list[Trouble] = []
    for shot, take in _recipes(touched):
        path, folder = beside_media(shot, take, RECIPE), take_folder(shot, take)
        try:
            os.lstat(f"{root}/{folder}")
            if os.path.lexists(f"{root}/{path}{PACKED}") or _is_large(f"{root}/{path}"):  # of nearly none
                _mend(root, path, _short(shot, take))
        except ABSENT:
            troubles.append(Away.of_take(shot, take, folder))
        except OSError as error:
            troubles.append(f"{path}: {error.strerror}")
    return troubles


def _mend(root: Path, path: str, short: bytes) -> None:
    """The whole one first, then the short one in its place: at every moment all of it is there."""
    packed = read_in(root, path + PACKED, LARGEST)
    if _is_large(root / path):
        content = read_in(root, path, LARGEST) or b""
        if packed is None:
            write(root / (path + PACKED), pack(content))
        elif unpack(packed) != content:
            return  # somebody has put another one there, and both stay
        write(root / path, short)
    elif packed is not None and _is_wrong(root, path, short):
        write(root / path, short)


def _differs(root: Path, path: str, short: bytes) -> bool:
    try:
        return _is_wrong(root, path, short)
    except (Unfit, NotADirectoryError):
        return True


def _is_wrong(root: Path, path: str, short: bytes) -> bool:
    """Whether a large recipe is not packed, or what stands for a packed one is not what it should be."""
    if read_in(root, path + PACKED, LARGEST) is None:
        return _is_large(root / path)
    found = None if _is_large(root / path) else read_in(root, path, LARGEST)
    return not _is_large(root / path) and _is_ours(found) and found != short


def _is_ours(content: bytes | None) -> bool:
    """Whether it is a short one, or none: what somebody else wrote there is left to them."""
    return content is None or b'"whole"' in content


def _is_large(path: Path | str) -> bool:
    """Whether a recipe is to be packed; one that is larger than a recipe may be stays as it is."""
    try:
        found = os.lstat(path)
    except OSError:
        return False
    return stat.S_ISREG(found.st_mode) and LARGE <= found.st_size <= LARGEST


def _put_back(root: Path, path: str) -> None:
    """The whole recipe under its own name, as it was before it was packed."""
    content = unpack(read_in(root, path + PACKED, LARGEST))
    if content is not None and _is_ours(read_in(root, path, LARGEST)):
        write(root / path, content)
        (root / (path + PACKED)).unlink()
