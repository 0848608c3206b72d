"""Fonts: those of the system that have the characters of most scripts, for what is drawn."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

from projections.files.reading import read_fit

FOLDERS = (
    ("/System/Library/Fonts", "/Library/Fonts")
    if sys.platform == "darwin"
    else ("/usr/share/fonts", "/usr/local/share/fonts")
)

WANTED = (
    "dejavusans.",
    "notosans-regular",
    "arial unicode",
    "notosanscjk-regular",
    "notosanscjksc-regular",
    "pingfang",
    "hiragino",
    "wqy",
    "droidsansfallback",
    "ipag",
    "nanumgothic.",
    "notosansarabic-regular",
    "notosanshebrew-regular",
    "notosansdevanagari-regular",
    "notosansthai-regular",
    "notosans",
    "unifont",
    "freesans.",
    "liberationsans-regular",
)
"""How the names of those files begin, in small letters, the first ones first."""

MOST = 64 << 20
"""Bytes of all of them."""


def fonts() -> Sequence[bytes]:
    """The files of the fonts that are there, as long as they are not too many."""
    found, size = list[bytes](), 0
    for path in _ranked():
        with suppress(OSError):
            if content := read_fit(path, MOST - size, follows=True):
                found.append(content)
                size += len(content)
    return found


@cache
def _ranked() -> Sequence[Path]:
    """Where they are, the most useful first; looked for once."""
    found = ((rank, path.name, path) for path in _files() if (rank := _rank(path.name)) is not None)
    return [path for *_, path in sorted(found)]


def _files() -> Iterator[Path]:
    for top in FOLDERS:
        for folder, _, names in os.walk(top):
            yield from (
                Path(folder, name) for name in names if name.lower().endswith((".ttf", ".otf", ".ttc"))
            )


def _rank(name: str) -> int | None:
    plain = name.lower()
    if "bold" in plain or "italic" in plain or "oblique" in plain:
        return None
    return next((rank for rank, start in enumerate(WANTED) if plain.startswith(start)), None)
