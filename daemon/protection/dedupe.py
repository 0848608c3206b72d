"""Deduplicating: takes of the same bytes have them on the disk once. They are compared, byte by byte, before."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from daemon.disk.leases import is_written
from daemon.protection.restore import Restorer
from daemon.shots.files import TakeMedia, media_of
from daemon.shots.shots import Shots
from events import Identity
from projections.artifacts.frame_lists import read_list
from projections.files import sharing
from projections.files.fingerprint import identity
from projections.files.hashing import sha256_of
from projections.files.threads import in_thread
from projections.files.writing import put_in_place
from projections.keeping import NotKept
from projections.layout import FRAMES, list_of

ELSEWHERE = "another machine keeps its shot: ask there, too"
NOTHING = "this disk has neither reflinks nor hard links"
BASE = "{} does not hold what the log says; `takes verify` tells more"
ANOTHER = "it does not hold what the log says; `takes verify` tells more"


class Twin(Struct, frozen=True):
    """A take's media, with blocks of its own, and the file of the same hash whose blocks it could share."""

    media: TakeMedia
    base: Path


class Deduped(Struct):
    """The media that share their bytes now, or could; `left` are those that do not, by path, with the reason.

    What is linked is lost as one: `is_linked` says that it is so here.
    """

    is_linked: bool = False
    shared: list[TakeMedia] = field(default_factory=list)
    left: dict[str, str] = field(default_factory=dict)


async def dedupe(restorer: Restorer, shots: Shots, *, dry_run: bool) -> Deduped:
    """Have all takes of the same bytes share them; with `dry_run` only say which could, as far as their sizes tell."""
    why: str | None
    disk = await restorer.disk()
    found = Deduped(is_linked=disk == "link")
    for twin in await find_twins(restorer, shots):
        if disk not in {"reflink", "link"}:
            why = NOTHING
        elif not restorer.film.keeping.keeps(twin.media.key.stream):
            why = ELSEWHERE
        elif dry_run:
            why = None
        else:
            why = await _share_here(restorer, twin)
        if why:
            found.left[twin.media.path] = why
        else:
            found.shared.append(twin.media)
    return found


async def find_twins(restorer: Restorer, shots: Shots) -> list[Twin]:
    """The media that could share the blocks of another file: of the object, or of the first take of that hash."""
    groups: dict[str, list[TakeMedia]] = {}
    for row in await restorer.film.index.shots():
        shot = await shots.load(row.stream)
        for take in shot.takes.values():
            if not take.purged and take.deleted != "missing" and (media := media_of(shot, take)):
                for one in await in_thread(_files, restorer.film.root, media):
                    groups.setdefault(one.sha256, []).append(one)
    return await in_thread(lambda: [twin for group in groups.values() for twin in _apart(restorer, group)])


def _files(root: Path, media: TakeMedia) -> list[TakeMedia]:
    """The take's media and, of a sequence, its frames."""
    frames = read_list(root / media.path, media.sha256) if media.path.endswith(FRAMES) else None
    return [media] + [
        replace(media, path=path, sha256=frame.sha256, bytes=frame.bytes, file=None)
        for path, frame in (frames.paths(media.path) if frames else ())
    ]


def _apart(restorer: Restorer, group: Sequence[TakeMedia]) -> Iterator[Twin]:
    root = restorer.film.root
    there = [one for one in group if _is_whole(root / one.path, one.bytes)]
    if not there:
        return
    base = restorer.store.find(there[0].sha256, there[0].bytes) or root / there[0].path
    for one in there:
        path = root / one.path
        if path != base and not sharing.is_shared(base, path):
            yield Twin(one, base)


def _is_whole(path: Path, size: int) -> bool:
    try:
        return path.lstat().st_size == size and not path.is_symlink()
    except OSError:
        return False


async def _share_here(restorer: Restorer, twin: Twin) -> str | None:
    try:
        with restorer.film.keeping.work(twin.media.key.stream):
            return await _share(restorer, twin)
    except NotKept:
        return ELSEWHERE


async def _share(restorer: Restorer, twin: Twin) -> str | None:
    """Have the file share those blocks; why not, where it does not."""
    path = restorer.film.root / twin.media.path
    try:
        before = await in_thread(_at_rest, path)
        if before is None:
            return "somebody is writing it"
        merged = await in_thread(sharing.merge, twin.base, path)
        if merged is None and await in_thread(sharing.is_equal, twin.base, path):
            if await in_thread((path.parent / list_of(path.name)).exists):
                return await in_thread(_link_frame, restorer, twin.base, path, before)
            return await restorer.overwrites.link_instead(twin.media, twin.base, before)
        if merged:
            return None
        if await sha256_of(twin.base) != twin.media.sha256:
            return BASE.format(twin.base.relative_to(restorer.film.root))
    except OSError as error:
        return str(error.strerror)
    return ANOTHER


def _link_frame(restorer: Restorer, base: Path, path: Path, before: Identity) -> str | None:
    """Have a frame be another name of that file, which holds the same; why not, where it does not."""
    with restorer.store.passing() as made:
        if not sharing.link(base, made):
            return NOTHING
        if identity(path.lstat()) != before:
            return "it was changed meanwhile"
        put_in_place(made, path)
    return None


def _at_rest(path: Path) -> Identity | None:
    return None if is_written(path) else identity(path.lstat())
