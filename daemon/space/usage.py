"""The usage: what a film takes up on the disk, by shot and by kind."""

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, get_args

from msgspec import Struct, field

from daemon.disk.marker import LOG
from daemon.space.extents import Disk, Tally
from daemon.space.git_objects import GitObjects
from events import Media
from projections.artifacts.frame_lists import frames_of
from projections.artifacts.picture_cache import CACHE
from projections.files.threads import in_thread
from projections.index.index import Index
from projections.layout import OBJECTS, OWN_FOLDER, THUMBNAIL, list_of, take_name, takes_path

Kind = Literal["media", "objects", "git", "sidecars", "cache", "log", "index", "other"]
"""`git` is what Git LFS keeps of takes, `sidecars` are thumbnails and recipes too, `other` what lies beside
takes and is none of ours."""

KINDS: Sequence[Kind] = get_args(Kind)

OURS = (THUMBNAIL, ".json", ".json.gz")
"""How the names of a take's other files end."""


class Usage(Struct):
    """Bytes on the disk: of each kind, and of each shot by its path; what is shared is counted once, with the first.

    `shared` are the bytes that would be needed beyond these if nothing were shared. `may_share` says that
    the disk does not tell all of it.
    """

    kinds: dict[Kind, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))
    shots: dict[str, dict[Kind, int]] = field(default_factory=dict)
    shared: int = 0
    may_share: bool = False


async def usage_of(root: Path, index: Index) -> Usage:
    """What the film takes up, looked up now."""
    media: dict[str, set[str]] = {}
    hashes: set[str] = set()
    for shot in await index.shots():
        takes = await index.takes(shot.id)
        media[shot.path] = {f"{take_name(take.number)}/{take.name}" for take in takes}
        hashes |= {known.sha256 for take in takes if (known := take.read_media())}
    hashes |= await in_thread(_hashes_of_frames, root, await index.sequences())
    return await in_thread(_measure, root, index.folder, media, hashes)


def _hashes_of_frames(root: Path, sequences: Sequence[tuple[str, Media]]) -> set[str]:
    found = (frames_of(root, path, media) for path, media in sequences)
    return {frame.sha256 for frames in found if frames for frame in frames.frames}


def _measure(root: Path, home: Path, media: Mapping[str, set[str]], hashes: Collection[str]) -> Usage:
    """Media first, so that what it shares with objects is counted as media."""
    disk, tally = Disk(root), Tally()
    usage = Usage(may_share=disk.may_share)
    files = [*_files(root, home, media), *_of_git(root, hashes)]
    found = sorted(files, key=lambda file: KINDS.index(file[0]))
    for kind, shot, path in found:
        occupied = disk.look(path)
        if occupied is None:
            continue
        added = tally.add(occupied)
        usage.kinds[kind] += added
        usage.shared += max(0, occupied.bytes - added)
        if shot is not None:
            usage.shots.setdefault(shot, dict.fromkeys(KINDS, 0))[kind] += added
    return usage


def _files(root: Path, home: Path, media: Mapping[str, set[str]]) -> Iterator[tuple[Kind, str | None, Path]]:
    """Every file of ours, and those that lie beside them, with its kind and its shot."""
    for shot, known in media.items():
        takes = root / takes_path(shot)
        for path in _below(takes):
            name = path.relative_to(takes).as_posix()
            is_media = name in known or list_of(name) in known
            yield _kind(name, is_media=is_media), shot, path
    for own in dict.fromkeys((root / OWN_FOLDER, home)):
        for path in _below(own):
            yield _kind_of_ours(path.relative_to(own).parts[0]), None, path


def _of_git(root: Path, hashes: Collection[str]) -> Iterator[tuple[Kind, str | None, Path]]:
    git = GitObjects(root)
    for sha256 in hashes:
        if path := git.find(sha256):
            yield "git", None, path


def _kind(name: str, *, is_media: bool) -> Kind:
    if is_media:
        return "media"
    return "sidecars" if "/" in name and name.endswith(OURS) else "other"


def _kind_of_ours(top: str) -> Kind:
    if top in (Path(OBJECTS).name, CACHE):
        return "cache" if top == CACHE else "objects"
    if top.startswith(LOG):
        return "log"
    return "index" if top.startswith("index.db") else "other"


def _below(folder: Path) -> Iterator[Path]:
    """The files below a folder, without following a link."""
    for place, folders, names in os.walk(folder):
        folders.sort()
        yield from (Path(place, name) for name in sorted(names))
