"""The film: a tree with as many shots and takes as are wanted, kept already: its log, its index and its files agree."""

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import anyio
from msgspec.structs import replace

from benchmarks.history import append_all, as_appends, content, registered, takes
from daemon.space.purge import Purged
from events import Event, TakeCompleted, open_log
from projections.artifacts.active_link import ActiveLink
from projections.artifacts.large_recipes import Recipes
from projections.artifacts.objects import Objects
from projections.artifacts.project_file import ProjectFile
from projections.artifacts.sidecars import Sidecars, render
from projections.artifacts.store import Store
from projections.artifacts.thumbnails import Thumbnails, stamp
from projections.files.fingerprint import identity
from projections.film import Film, Thumbnail, beside_media
from projections.git.projection import GitLfs
from projections.index.index import open_index
from projections.index.rows import ShotRow, TakeRow
from projections.layout import ACTIVE, OWN_FOLDER, TAKES, THUMBNAIL, take_name
from projections.projection import Mender

PROJECTIONS: Sequence[type[Mender]] = (
    ActiveLink,
    GitLfs,
    Objects,
    ProjectFile,
    Purged,
    Recipes,
    Sidecars,
    Thumbnails,
)


def make_film(root: Path, shots: int, each: int, thumbnail: bytes) -> list[str]:
    """Make it in that folder, which is a project already; the paths of its shots."""
    paths = [f"{n // 1000:02d}_Chapter/{n // 100 % 10:02d}_Scene/{n % 100:03d}_Pier" for n in range(shots)]
    for path in paths:
        (root / path / TAKES).mkdir(parents=True)
    anyio.run(_keep, root, paths, each, thumbnail)
    return paths


async def _keep(root: Path, paths: Sequence[str], each: int, thumbnail: bytes) -> None:
    film_folder = root / OWN_FOLDER
    async with open_log(film_folder / "log.db") as log:
        await append_all(log, as_appends(_stories(root, paths, each)))
        async with open_index(film_folder / "index.db", log) as index:
            for shot in await index.shots():
                for take in await index.takes(shot.id):
                    _make_take(root, shot, take, thumbnail)
                if shot.active:
                    (root / shot.path / ACTIVE).symlink_to(f"{TAKES}/{take_name(shot.active)}")
            await ProjectFile().mend(Film(root, index, _no_picture), ())
            for projection in PROJECTIONS:
                await index.save_position(projection.name, projection.version, log.head)


def _stories(root: Path, paths: Sequence[str], each: int) -> Iterator[tuple[str, int, Sequence[Event]]]:
    dice = random.Random(1)
    for number, path in enumerate(paths):
        folder = (root / path).stat()
        events = [*registered(path, folder.st_ino, folder.st_dev), *takes(path, range(1, each + 1), dice)]
        yield f"{number:016x}", 0, [_placed(root, path, event) for event in events]


def _placed(root: Path, shot: str, event: Event) -> Event:
    """Have a completed take's media on the disk, with an object for each of the few contents, and the event say so."""
    if not isinstance(event, TakeCompleted):
        return event
    media = root / shot / TAKES / take_name(event.take) / event.media.name
    media.parent.mkdir()
    media.write_bytes(content(event.take))
    kept = Store(root).path(event.media.sha256)
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.hardlink_to(media)
    return replace(event, identity=identity(media.lstat()), kept="link")


def _make_take(root: Path, shot: ShotRow, take: TakeRow, thumbnail: bytes) -> None:
    media = take.read_media()
    if media is None:
        return
    for path, sidecar in render(shot, take).items():
        (root / path).write_bytes(sidecar)
    (root / beside_media(shot, take, THUMBNAIL)).write_bytes(stamp(thumbnail, media.sha256))


async def _no_picture(path: Path, sha256: str) -> Thumbnail:
    raise NotImplementedError(f"{sha256}: {path}")
