"""Parcels: which of the files that somebody brings belong together, and are called alike wherever they go.

Media has its recipes with it, the files of one render each other, and the frames of a sequence are one folder.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from daemon.disk.leases import is_written
from daemon.watching.renders import parse
from daemon.watching.sequences import NoSequence, sequence_in
from events import Refused
from projections.layout import (
    TAKES,
    downloaded_by,
    is_junk,
    is_part,
    is_recipe,
    kind_of,
    loose_frame,
    recipes_of,
)

FEWEST = 2
"""Frames of a sequence."""

_COUNTER = re.compile(r"(.*?)(_[0-9]{5,}_?)")


class NotBrought(Refused):
    """Raised when some of the files cannot be brought in, and so none is; `candidates` are these, each with the reason."""

    hint = "Nothing was copied or moved. Leave these out, or mend them, and ask again."

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("these cannot become takes")
        self.candidates = reasons


class Parcel(Struct, frozen=True):
    """Files that come together, the recipes first. `stem` is how all their names begin.

    `folder` is the one that holds them, where that is brought as a whole; loose frames are to get one, so `is_sequence`.
    """

    stem: str
    files: tuple[Path, ...]
    bytes: int
    folder: Path | None = None
    is_sequence: bool = False

    @classmethod
    def of(
        cls, stem: str, files: Iterable[Path], folder: Path | None = None, *, is_sequence: bool = False
    ) -> "Parcel":
        """Those files, as large as they are now."""
        files = tuple(files)
        size = sum(one.stat().st_size for one in files)
        return cls(stem, files, size, folder, is_sequence=is_sequence)

    @property
    def media(self) -> list[Path]:
        """Those that are takes, or parts of one."""
        return [one for one in self.files if kind_of(one.name)]

    @property
    def shown(self) -> Path:
        """The one that stands for all when a person is told of them."""
        return self.folder or (self.media or [*self.files])[0]

    def names(self, attempt: int) -> list[str]:
        """What they are called in `takes/`, in the order of the files; each attempt has other names than the one before.

        Of a sequence it is its folder's name alone.
        """
        stem = _other(self.stem, attempt) if attempt else self.stem
        return [stem] if self.is_sequence else [stem + one.name[len(self.stem) :] for one in self.files]


def parcels_of(paths: Iterable[Path], *, move: bool = False) -> list[Parcel]:
    """What somebody brings, as parcels; NotBrought where something among it can be no take, or is not to be moved."""
    files, parcels, reasons = list[Path](), list[Parcel](), list[str]()
    for path in dict.fromkeys(paths):
        if reason := refusal(path, move=move):
            reasons.append(f"{path}: {reason}")
        elif path.is_dir():
            parcels.append(_folder(path))
        else:
            files.append(path)
    parcels += together(files)
    reasons += [f"{one.shown}: {LONELY}" for one in parcels if not one.media]
    if reasons:
        raise NotBrought(reasons)
    return parcels


LONELY = "it may be a recipe, and the media that it is of is not brought with it"


def refusal(path: Path, *, move: bool) -> str:
    """Why a file, or a folder, cannot become a take; nothing where it may."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return "its name, or that of a folder of it, is not valid UTF-8; rename it"
    try:
        return _refusal(path, move=move)
    except OSError as error:
        return f"it cannot be looked at: {error.strerror}"


def _refusal(path: Path, *, move: bool) -> str:
    if not path.exists():
        return "it is not there"
    if move and path.is_symlink():
        return "it is a link, and moving it would leave the file where it is; leave --move out"
    if move and TAKES in path.parts[:-1]:
        return "it lies in a takes/ folder already; leave --move out to have a copy of it"
    if path.is_dir():
        return _no_sequence(path)
    if not path.is_file():
        return "it is no regular file"
    return _no_media(path)


def refused_name(name: str) -> str:
    """Why a file of that name cannot become a take, nor a part of one; nothing where it may."""
    if is_junk(name) or is_part(name) or downloaded_by(name):
        return "its name says that it is hidden, or not whole yet; rename it, if it is"
    if not kind_of(name) and not is_recipe(name):
        return "its extension is not one of a video, an image or a sound"
    return ""


def _no_media(path: Path) -> str:
    if reason := refused_name(path.name):
        return reason
    if not path.stat().st_size:
        return "it is empty"
    return "somebody is still writing it" if is_written(path.resolve()) else ""


def _no_sequence(path: Path) -> str:
    try:
        found = sequence_in(path)
    except NoSequence as error:
        return f"{error.reason}; `takes import` brings in a whole folder of renders"
    except OSError as error:
        return f"it cannot be read: {error.strerror}"
    return "one of its frames is not there yet" if found.is_partial else ""


def _folder(path: Path) -> Parcel:
    found = sequence_in(path)
    names = [*found.recipes, *found.frames.values()]
    return Parcel.of(path.name, (path / name for name in names), path, is_sequence=True)


def together(files: Sequence[Path]) -> list[Parcel]:
    """Files as parcels, in their order: each with the recipes that lie beside it, whether they are among these or not."""
    groups: dict[tuple[Path, str], list[Path]] = {}
    frames = dict(_loose_frames([one for one in files if not is_recipe(one.name)]))
    recipes = {one for one in files if is_recipe(one.name)}
    for one in files:
        if one not in recipes:
            groups.setdefault((one.parent, frames.get(one) or _key(one.name)), []).append(one)
    parcels = []
    for (folder, stem), media in groups.items():
        beside = _recipes_beside(folder, stem, media)
        recipes -= {*beside}
        is_sequence = media[0] in frames
        parcels.append(Parcel.of(stem, (*beside, *sorted(media)), is_sequence=is_sequence))
    return parcels + [Parcel.of(one.stem, (one,)) for one in sorted(recipes)]


def _key(name: str) -> str:
    """How the names of all files begin that may be of one render with it."""
    found = parse(name)
    return found.key if found else Path(name).stem


def _loose_frames(files: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    """Frames that are a sequence by their names, and how these begin."""
    groups: dict[tuple[Path, str], list[Path]] = {}
    for one in files:
        if name := loose_frame(one.name):
            groups.setdefault((one.parent, name), []).append(one)
    for (_, name), frames in groups.items():
        numbers = [int(one.name.rsplit(".", 2)[1]) for one in frames]
        is_dense = max(numbers) - min(numbers) < 10 * len(numbers)
        if len(frames) >= FEWEST and is_dense:
            yield from ((one, name.partition(".####.")[0]) for one in frames)


def _recipes_beside(folder: Path, stem: str, media: Sequence[Path]) -> list[Path]:
    names = dict.fromkeys(name for one in media for name in recipes_of(one.name) if name.startswith(stem))
    names |= dict.fromkeys(f"{stem}{ending}" for ending in (".json", ".txt"))
    return [folder / name for name in names if (folder / name).is_file()]


def _other(stem: str, attempt: int) -> str:
    """Another name like that one: `render_2`, and `AnimateDiff_2_00001`, of which the counter stays its end."""
    counted = _COUNTER.fullmatch(stem)
    return f"{counted[1]}_{attempt + 1}{counted[2]}" if counted else f"{stem}_{attempt + 1}"
