"""The keeper: a file that is whole becomes read-only, and its bytes get their second name, on the disk for good."""

import errno
from pathlib import Path

import structlog
from msgspec import Struct
from msgspec.structs import replace

from daemon.disk import crash_points
from daemon.disk.leases import is_written
from daemon.disk.moving import freeze_name, renew, separate
from events import Identity, Kept
from projections.artifacts.objects import Store
from projections.board import Board
from projections.files.fingerprint import has_same_inode, identity
from projections.files.hashing import sha256_on_disk
from projections.files.modes import close_up
from projections.files.threads import in_thread
from projections.files.writing import NotOnDisk, sync

log = structlog.get_logger()


class Known(Struct, frozen=True):
    """What a file holds that was looked into: whether it `was_there` before, and `may_share` its bytes with other names.

    Of what was there nobody knows whether the disk has refused it since: it may look whole and not be on the disk.
    """

    sha256: str
    bytes: int
    was_there: bool = False
    may_share: bool = False


class Frozen(Struct, frozen=True):
    """A file that is a take's for good: which one it is, and how its bytes are kept twice."""

    file: Identity
    kept: Kept | None


class Keeper:
    """Keeps the files of one project's takes."""

    def __init__(self, root: Path, store: Store, board: Board) -> None:
        self._root = root
        self._store = store
        self._board = board
        self._refused: set[Path] = set()

    async def keep(self, path: Path, file: Identity, known: Known) -> Frozen | None:
        """Have that file be a take's for good; None where it is another one by now, or somebody writes it."""
        try:
            return await self._keep(path, file, known)
        finally:
            self._board.report_failed_folders(self._root)

    async def _keep(self, path: Path, file: Identity, known: Known) -> Frozen | None:
        own: Identity | None = file
        while own:
            try:
                if path not in self._refused:
                    return await in_thread(_freeze_own, path, own, known, self._store)
            except NotOnDisk as error:
                self._note_refused(path, error)
            own = await in_thread(renew, path, own, self._store, known.sha256)
            if own:
                self._refused.discard(path)
                known = replace(known, was_there=False, may_share=True)  # it has bytes of its own now
        return None

    def _note_refused(self, path: Path, error: NotOnDisk) -> None:
        """What the disk has refused once is written anew, however often it takes."""
        self._refused.add(path)
        log.warning("refused by the disk, and written anew", file=str(path), why=str(error))
        if error.errno == errno.EIO:  # where there was only no room, all is well once there is
            self._board.report_failing(self._root, path, error.strerror or str(error))


def _freeze_own(path: Path, file: Identity, known: Known, store: Store) -> Frozen | None:
    """Give the file bytes of its own, unless it may share them, and have it be the take's."""
    own = file if known.may_share else separate(path, file, store, known.sha256)
    return _freeze_if(path, own, known, store) if own else None


def _freeze_if(path: Path, looked_at: Identity, known: Known, store: Store) -> Frozen | None:
    """Make the file read-only and keep its bytes, if it is still that and nobody writes it; NotOnDisk where the disk refuses."""
    close_up(path, below=store.root)
    if is_written(path) or identity(path.lstat()) != looked_at:
        return None
    sync(path)
    kept = _keep(path, known, store)
    crash_points.point("kept")
    if not has_same_inode(identity(path.lstat()), looked_at):
        sync(path)  # it is one more name of the bytes that were kept before
    freeze_name(path)
    if known.was_there and sha256_on_disk(path) != known.sha256:
        raise NotOnDisk(errno.EIO, "the disk does not hold what was written", str(path))
    found = identity(path.lstat())
    is_changed = has_same_inode(found, looked_at) and found != looked_at
    return None if is_changed else Frozen(found, kept)


def _keep(path: Path, known: Known, store: Store) -> Kept | None:
    try:
        return store.keep(path, known.sha256, known.bytes, is_on_disk=True)
    except NotOnDisk:
        raise
    except OSError as error:  # the projection of that name tries again, and tells
        log.warning("its bytes have no second name yet", file=str(path), why=str(error))
        return None
