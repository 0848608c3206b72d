"""The attempts at takes: each has a folder of its own in the film, in which a worker makes it and says what came of it.

Its name has the id of the event that says that the take was begun. A file in it is whole once `outcome.json` is there:
that is written last, and all that it names is on the disk before. Two attempts never write into one folder, so which of
them is late does not matter.
"""

import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct, field

from daemon.runners.runner import Made, Progress
from events import Params, TakeKey
from projections.files.reading import OURS, read
from projections.files.writing import sync, write
from projections.layout import OWN_FOLDER, Role

T = TypeVar("T", bound=Struct)

ATTEMPT = "attempt-"
"""How the names of the folders begin."""

BEGUN, SO_FAR, OUTCOME = "attempt.json", "progress.json", "outcome.json"

MAKING = "making"
"""The folder in it that the runner has for itself."""


class Attempt(Struct, frozen=True):
    """Which take is made there, on which machine, and when the log says that it was begun."""

    stream: str
    number: int
    started: str = ""
    host: str = ""

    @property
    def key(self) -> TakeKey:
        return TakeKey(self.stream, self.number)


class File(Struct, frozen=True):
    """A file that was made: where it lies, from the film's folder on and never out of it, and its size."""

    path: str
    bytes: int

    def __post_init__(self) -> None:
        if Path(self.path).is_absolute() or ".." in Path(self.path).parts:
            raise ValueError("it lies outside of the film")


class Outcome(Struct, frozen=True):
    """What came of an attempt: its files, or why it `failed`. `left` is what the runner has of them; "" is the media."""

    media: File | None = None
    companions: Mapping[Role, File] = field(default_factory=dict)
    params: Params | None = None
    vram_used: float | None = None
    seconds: float | None = None
    left: Mapping[str, str] = field(default_factory=dict)
    failed: str | None = None

    def made(self, root: Path) -> Made | None:
        """The files, those that have been moved along already too; None while one is not seen as a whole here."""
        if self.media is None or not all(
            _is_whole(root, one) for one in (self.media, *self.companions.values())
        ):
            return None
        companions = {role: root / one.path for role, one in self.companions.items()}
        left: dict[Role | None, str] = {_role(role): path for role, path in self.left.items()}
        there = {role: path for role, path in companions.items() if path.exists()}
        return Made(root / self.media.path, self.params, self.vram_used, self.seconds, left, there)


def _role(said: str) -> Role | None:
    return msgspec.convert(said, Role) if said else None


def _is_whole(root: Path, file: File) -> bool:
    """Whether nothing of the file is still on its way to this machine."""
    with suppress(FileNotFoundError):
        return (root / file.path).lstat().st_size == file.bytes
    return True


def work_of(root: Path) -> Path:
    """Where in a film takes are made."""
    return root / OWN_FOLDER / "work"


def begin(root: Path, id_: str, attempt: Attempt) -> Path:
    """Make the folder of an attempt; the folder in it for the runner."""
    work_of(root).mkdir(exist_ok=True)  # not the film's own folder, should that have moved away
    folder = work_of(root) / f"{name_of(attempt.key)}{id_}"
    making = folder / MAKING
    folder.mkdir()
    making.mkdir()
    _say(folder / BEGUN, attempt)
    return making


def name_of(key: TakeKey) -> str:
    """How the names of the folders begin in which that take is made."""
    return f"{ATTEMPT}{key.stream}-{key.number}-"


def tell(folder: Path, progress: Progress) -> None:
    """Say how far the attempt in that folder is."""
    _say(folder / SO_FAR, progress)


def succeed(root: Path, folder: Path, made: Made) -> None:
    """Say what was made, once all of it is on the disk."""
    for path in (made.path, *made.companions.values()):
        sync(path)
    for parent in {made.path.parent, *(path.parent for path in made.companions.values()), folder}:
        sync(parent)
    files = {role: _file(root, path) for role, path in made.companions.items()}
    left: dict[str, str] = {role or "": path for role, path in made.left.items()}
    media = _file(root, made.path)
    _say(folder / OUTCOME, Outcome(media, files, made.params, made.vram_used, made.seconds, left))


def give_up(folder: Path, reason: str) -> None:
    """Say that the attempt came to nothing."""
    _say(folder / OUTCOME, Outcome(failed=reason))


def _file(root: Path, path: Path) -> File:
    return File(str(path.relative_to(root)), path.stat().st_size)


def _say(path: Path, said: Struct) -> None:
    write(path, msgspec.json.encode(said))


class Seen(Struct, frozen=True):
    """An attempt as it is found in its folder."""

    folder: Path
    attempt: Attempt
    progress: Progress | None = None
    outcome: Outcome | None = None


def attempts(root: Path) -> list[Seen]:
    """All attempts that there are in a film, in the order in which they were begun."""
    return sorted(_seen(work_of(root).glob(f"{ATTEMPT}*")), key=lambda one: one.attempt.started)


def is_done(root: Path, key: TakeKey, last: str | None) -> bool:
    """Whether an attempt at that take is whole, or the `last` one has failed: it is only to be taken in."""
    for seen in _seen(work_of(root).glob(f"{name_of(key)}*")):
        if seen.outcome and (seen.outcome.media or seen.folder.name == f"{name_of(key)}{last}"):
            return True
    return False


def _seen(folders: Iterable[Path]) -> Iterator[Seen]:
    for folder in folders:
        if attempt := _said(folder / BEGUN, Attempt) or _named(folder.name):
            outcome = _said(folder / OUTCOME, Outcome)
            yield Seen(folder, attempt, None if outcome else _said(folder / SO_FAR, Progress), outcome)


def _named(name: str) -> Attempt | None:
    """What the name of the folder alone says, whose worker was killed before it said more."""
    stream, _, rest = name.removeprefix(ATTEMPT).partition("-")
    number = rest.partition("-")[0]
    return Attempt(stream, int(number)) if number.isdecimal() else None


def _said(path: Path, kind: type[T]) -> T | None:
    """What stands there; None where there is nothing, or nothing that can be understood."""
    content = read(path, OURS)
    with suppress(msgspec.DecodeError):
        return msgspec.json.decode(content, type=kind) if content else None
    return None


def forget(folder: Path) -> None:
    """Remove all that is left of an attempt."""
    shutil.rmtree(folder, ignore_errors=True)
