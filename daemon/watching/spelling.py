"""Spelling: on some disks a name leads to what is spelled in other letters: small for capital ones, or composed ones."""

import os
import unicodedata
from collections.abc import Iterator
from pathlib import Path


def spelling_key(path: str) -> str:
    """What all spellings of a path have in common, where letters count as little as they do anywhere."""
    return unicodedata.normalize("NFC", path).casefold()


def may_vary(root: Path, path: str) -> bool:
    """Whether the disk leads there by another spelling of the path, too."""
    return any(_may_vary(folder, name) for folder, name in _steps(root, path))


def is_misspelled(root: Path, path: str) -> bool:
    """Whether the disk leads there, and has it in another spelling."""
    return any(
        _may_vary(folder, name) and folder / name not in folder.iterdir() and os.path.lexists(folder / name)
        for folder, name in _steps(root, path)
    )


def _steps(root: Path, path: str) -> Iterator[tuple[Path, str]]:
    """Each folder on the way, and the name in it that leads on."""
    for name in path.split("/"):
        yield root, name
        root /= name


def _may_vary(folder: Path, name: str) -> bool:
    others = {name.swapcase(), *(unicodedata.normalize(form, name) for form in ("NFC", "NFD"))} - {name}
    return any(os.path.lexists(folder / other) for other in others)
