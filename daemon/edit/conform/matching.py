"""Matching: which takes of a film an edit has used. What is not clear is left, with the reason; nothing is guessed."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from daemon.edit.conform.used import Used
from daemon.edit.cut import Cut
from projections.index.rows import ShotRow, TakeRow
from projections.layout import full_id, media_path, take_name

_FRAMES = re.compile(r"\.(\[?[0-9]+(-[0-9]+)?\]?|%0?[0-9]*d|#+|@+)(\.[A-Za-z0-9]+)")
"""The numbers of an image sequence, as they end the names that programs have for it."""


class Known(Struct, frozen=True):
    """A take that a clip may show, and its shot."""

    shot: ShotRow
    take: TakeRow


class Left(Struct, frozen=True):
    """A clip that changes nothing, and why."""

    name: str
    file: str | None
    reason: str


class Conformed(Struct, frozen=True):
    """What an edit has chosen: one take of each shot that it uses, in its order; and what is left."""

    chosen: Sequence[Known]
    left: Sequence[Left]


def conform(cut: Cut, clips: Iterable[Used]) -> Conformed:
    """Match the clips of an edit to the takes of a film."""
    takes, left = _Takes(cut), list[Left]()
    by_shot = defaultdict[str, dict[int, tuple[Used, Known]]](dict)
    for clip in clips:
        found = takes.of(clip)
        if isinstance(found, str):
            left.append(Left(clip.name, clip.file, found))
        else:
            by_shot[found.shot.stream].setdefault(found.take.number, (clip, found))
    chosen = list[Known]()
    for of_shot in by_shot.values():
        if len(of_shot) == 1:
            chosen += (known for _, known in of_shot.values())
            continue
        several = f"the edit uses {_listed(map(take_name, sorted(of_shot)))} of this shot"
        left += (Left(clip.name, clip.file, several) for clip, _ in of_shot.values())
    return Conformed(chosen, left)


class _Takes:
    """The takes of a film, by all that a clip may know them by."""

    def __init__(self, cut: Cut) -> None:
        self._by_path = dict[str, Known]()
        self._by_name = defaultdict[str, list[Known]](list)
        self._by_hash = defaultdict[str, list[Known]](list)
        self._by_id = dict[tuple[str, str], Known]()
        for clip in cut.clips:
            for row in clip.rows:
                self._add(Known(clip.shot, row))

    def _add(self, known: Known) -> None:
        shot, row = known.shot, known.take
        self._by_id[full_id(shot.path), row.id] = known
        if media := row.read_media():
            suffix = media.frames.suffix if media.frames else None
            name = str(PurePosixPath(media.name).with_suffix(suffix)) if suffix else media.name
            self._by_path[_plain(media_path(shot.path, row.number, name))] = known
            self._by_name[_plain(name)].append(known)
            self._by_hash[media.sha256].append(known)

    def of(self, clip: Used) -> Known | str:
        """The take that a clip shows, or why it is not clear which one, or cannot be used."""
        found = self._found(clip)
        if isinstance(found, str):
            return found
        media = found.take.read_media()
        if clip.sha256 and media and media.sha256 != clip.sha256:
            return f"{found.take.id} of this film is another file, by its hash"
        return _why_not(found.take) or found

    def _found(self, clip: Used) -> Known | str:
        if clip.file and (known := self._at(clip.file)):
            return known
        if clip.sha256 and (found := self._by_hash.get(clip.sha256)):
            return _only(found, "have these bytes")
        if clip.shot and clip.take and (known := self._by_id.get((clip.shot, clip.take))):
            return known
        for text in (clip.file, clip.name):
            for path in _paths(text or ""):
                if found := self._by_name.get(path.rpartition("/")[2]):
                    return _only(found, "have a file of that name")
        return "no take of this film has that file" if clip.file else "it names no file of this film"

    def _at(self, file: str) -> Known | None:
        """The take whose file that is: in the film's folder, or in a copy of it elsewhere."""
        for path in _paths(file):
            parts = path.strip("/").split("/")
            tails = ("/".join(parts[start:]) for start in range(len(parts)))
            if found := next((known for tail in tails if (known := self._by_path.get(tail))), None):
                return found
        return None


def _why_not(take: TakeRow) -> str | None:
    """Why a take cannot be the active one."""
    if take.purged:
        return f"{take.id} is purged: its bytes are gone"
    if take.deleted:
        return f"{take.id} is deleted; `takes restore` brings it back"
    return None if take.status == "complete" else f"{take.id} is {take.status}"


def _only(found: Sequence[Known], have: str) -> Known | str:
    """The one take that it can be."""
    if len(found) == 1:
        return found[0]
    return f"{_listed(f'{full_id(one.shot.path)} {one.take.id}' for one in found)} {have}"


def _listed(texts: Iterable[str]) -> str:
    *first, last = texts
    return f"{', '.join(first)} and {last}" if first else last


def _paths(file: str) -> Iterator[str]:
    """The path that is meant, without the numbers of a sequence's frames: as it is written, and as that of an URL."""
    if "://" not in file:
        yield _FRAMES.sub(r"\3", _plain(file))
    with suppress(ValueError):  # where it looks like an URL and is none
        yield _FRAMES.sub(r"\3", _plain(unquote(urlsplit(file).path)))


def _plain(text: str) -> str:
    """A text as every system writes it."""
    return unicodedata.normalize("NFC", text.replace("\\", "/"))
