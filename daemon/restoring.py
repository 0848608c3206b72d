"""Restoring: the bytes of a project's takes, brought back from their objects, and how well they are protected."""

import os
import stat
from contextlib import suppress
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from daemon import faults
from daemon.familiar import Familiar
from daemon.hearing import Hearing
from daemon.overwrites import Overwrites
from daemon.place import freeze, rename_new
from daemon.scan import identity
from events import Identity, Kept, Media, Refused
from projections.film import Film, take_folder
from projections.layout import TAKES
from projections.objects import Store, Way
from projections.rows import ShotRow, ShotTakes, TakeRow
from projections.sharing import sha256_of
from projections.sidecars import Sidecars
from projections.threads import in_thread
from projections.thumbnails import Thumbnails


class MediaGone(Refused):
    """Raised when a take is to be brought back whose file is gone, and whose bytes are kept nowhere else."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path} is gone, and its bytes have no whole object")
        self.hint = (
            "Put the file back there from a backup, and the take is back by itself; the log has its hash."
        )


class Protection(Struct, frozen=True):
    """How many takes have a second name for their bytes, by how they have it, and how many have none.

    `objects` is what the configuration wants done for that, `disk` the best that this disk can do; None for nothing.
    """

    takes: int
    reflink: int
    link: int
    copy: int
    none: int
    objects: Way
    disk: Kept | None


class Bytes:
    """The bytes of one project's takes."""

    def __init__(
        self, film: Film, store: Store, familiar: Familiar, overwrites: Overwrites, hearing: Hearing
    ) -> None:
        self.film = film
        self.store = store
        self.familiar = familiar
        self.overwrites = overwrites
        self._hearing = hearing
        self._disk: Kept | None = None
        self._is_tried = False

    async def bring_back(self, shot: ShotRow, take: TakeRow) -> None:
        """Have a take's media on the disk, with its sidecar and its picture; MediaGone where that cannot be."""
        path = self.film.root / take_folder(shot, take) / (take.name or "")
        if take.name is None or await in_thread(os.path.lexists, path):
            return
        media = take.read_media()
        if media is None or not await self._is_whole(media):
            raise MediaGone(str(path.relative_to(self.film.root)))
        self._hearing.ours(f"{shot.path}/{TAKES}/{take.id}")
        put = await in_thread(self._put, media, path)
        await self.familiar.note((shot.stream, take.number), take.read_file(), put)
        shown = [ShotTakes(shot, [replace(take, deleted=None)])]
        for projection in (Sidecars(), Thumbnails()):
            await projection.mend(self.film, shown)
        faults.point("brought")

    async def _is_whole(self, media: Media) -> bool:
        kept = await in_thread(self.store.find, media.sha256, media.bytes)
        return kept is not None and await sha256_of(kept) == media.sha256

    def _put(self, media: Media, path: Path) -> Identity:
        path.parent.mkdir(parents=True, exist_ok=True)
        with self.store.passing() as made:
            self.store.give(media.sha256, media.bytes, made)
            put = identity(made.lstat())
            with suppress(FileExistsError):  # somebody else has brought it back
                rename_new(made, path)
        freeze(path)
        return put

    async def protection(self) -> Protection:
        """How well the takes are protected."""
        takes = await self.film.index.kept_hashes()
        await self.disk()
        return await in_thread(self._count, takes)

    async def disk(self) -> Kept | None:
        """The best that the film's disk can do to keep bytes twice, tried once."""
        if not self._is_tried:
            self._disk, self._is_tried = await in_thread(self.store.can), True
        return self._disk

    def _count(self, takes: list[tuple[str, Kept | None]]) -> Protection:
        there = self.store.hashes()
        ways = [kept or self._way(sha256) for sha256, kept in takes if sha256 in there]
        return Protection(
            takes=len(takes),
            reflink=ways.count("reflink"),
            link=ways.count("link"),
            copy=ways.count("copy"),
            none=len(takes) - len(ways),
            objects=self.store.way,
            disk=self._disk,
        )

    def _way(self, sha256: str) -> Kept:
        """How an object came to be of which the log says nothing."""
        with suppress(OSError):
            found = self.store.path(sha256).lstat()
            if stat.S_ISREG(found.st_mode) and found.st_nlink > 1:
                return "link"
        return "reflink" if self._disk == "reflink" else "copy"
