"""Restoring: the bytes of a project's takes, brought back from their objects, and how well they are protected."""

import stat
from contextlib import suppress
from pathlib import Path

from msgspec.structs import replace

from daemon.disk import crash_points
from daemon.disk.moving import freeze, move, rename_new
from daemon.protection.known_files import KnownFiles
from daemon.protection.overwrites import Overwrites
from daemon.protection.second_names import Protection, SecondNames
from daemon.protection.spares import Spares
from daemon.watching.mailbox import Mailbox
from events import Identity, Kept, Media, Refused, TakeKey
from projections.artifacts.frame_lists import Frame, frames_of, is_frame, listed_at
from projections.artifacts.sidecars import Sidecars
from projections.artifacts.store import Store
from projections.artifacts.thumbnails import Thumbnails
from projections.files.fingerprint import identity
from projections.files.reading import read_fit
from projections.files.threads import in_thread
from projections.files.writing import put_in_place
from projections.film import Film, take_folder
from projections.git.lfs import LONGEST_POINTER, is_pointer
from projections.index.rows import ShotRow, ShotTakes, TakeRow
from projections.layout import media_path


class MediaGone(Refused):
    """Raised when a take is to be brought back whose file is gone, and whose bytes are kept nowhere else."""

    def __init__(self, path: str, others: int = 0) -> None:
        more = f", with {others} more frames," if others else ""
        super().__init__(f"{path}{more} is gone, and neither an object nor another take has its bytes")
        self.hint = (
            "Put the file back there from a backup, and the take is back by itself; the log has its hash."
        )


class InTheWay(Refused):
    """Raised when a take is to be brought back and something else lies in its place."""

    def __init__(self, path: str, what: str, instead: str = "") -> None:
        super().__init__(f"{path} is {what}")
        self.hint = f"{instead}Move it away, and ask again: then the take's bytes are brought back."


class Restorer:
    """The bytes of one project's takes."""

    def __init__(
        self,
        film: Film,
        store: Store,
        spares: Spares,
        known_files: KnownFiles,
        overwrites: Overwrites,
        mailbox: Mailbox,
    ) -> None:
        self.film = film
        self.store = store
        self.known_files = known_files
        self.overwrites = overwrites
        self._spares = spares
        self._mailbox = mailbox
        self._disk: Kept | None = None
        self._is_tried = False
        self._second_names = SecondNames(store, film.index)

    async def bring_back(self, shot: ShotRow, take: TakeRow) -> None:
        """Have a take's media on the disk, with its sidecar and its picture; MediaGone or InTheWay where that cannot be.

        A file that lies there already stays: whoever looks at the shot sees whether it is the take. A pointer of
        Git LFS to it gives way.
        """
        with self.film.keeping.work(shot.stream):
            await self._bring_back(shot, take)

    async def _bring_back(self, shot: ShotRow, take: TakeRow) -> None:
        path = self.film.root / media_path(shot.path, take.number, take.name or "")
        media = take.read_media()
        await self._bring_companions(shot, take)
        if media and media.frames:
            self._mailbox.ours(take_folder(shot, take))
            await self._bring_frames(str(path.relative_to(self.film.root)), media)
        if take.name is None or not await in_thread(self._has_room, path, media):
            return
        spare = await self._spares.find(media.sha256, media.bytes, path) if media else None
        if spare is None:
            if await in_thread(is_pointer, path):
                raise self._in_the_way(path, "a pointer of Git LFS", "Run git lfs pull. ")
            raise MediaGone(str(path.relative_to(self.film.root)))
        self._mailbox.ours(take_folder(shot, take))
        put = await in_thread(self._put, spare, path)
        await self.known_files.note(TakeKey(shot.stream, take.number), take.read_file(), put)
        shown = [ShotTakes(shot, [replace(take, deleted=None)])]
        for projection in (Sidecars(), Thumbnails()):
            await projection.mend(self.film, shown)
        crash_points.point("brought")

    async def _bring_companions(self, shot: ShotRow, take: TakeRow) -> None:
        """Have the other files of the render beside the media, those whose bytes another take has: there is no object of them."""
        for one in take.read_companions():
            path = self.film.root / media_path(shot.path, take.number, one.name)
            spare = await self._spares.of_absent(one.sha256, one.identity.size, path) if one.sha256 else None
            if spare:
                self._mailbox.ours(take_folder(shot, take))
                await in_thread(self._put, spare, path)

    async def _bring_frames(self, path: str, media: Media) -> None:
        """Have the frames on the disk whose list belongs at that path; then MediaGone where some are lost.

        What is in the place of one, and is another file, goes into `takes/`, and is a drop.
        """
        frames = await in_thread(frames_of, self.film.root, path, media)
        listed = await in_thread(listed_at, self.film.root / path)
        absent: dict[Path, Path] = {}
        lost: list[str] = []
        for where, frame in frames.paths(path) if frames else ():
            file = self.film.root / where
            if not await in_thread(self._is_there, file, frame, listed):
                spare = await self._spares.find(frame.sha256, frame.bytes, file)
                if spare is None:
                    lost.append(where)
                else:
                    absent[file] = spare
        for file, spare in absent.items():
            await in_thread(_make_room, file)
            await in_thread(self._put, spare, file)
        if lost:
            raise MediaGone(lost[0], len(lost) - 1)

    def _is_there(self, file: Path, frame: Frame, listed: int) -> bool:
        known = Media(name=file.name, bytes=frame.bytes, sha256=frame.sha256, kind="image")
        return not self._has_room(file, known) and is_frame(file, frame, listed)

    def _has_room(self, path: Path, media: Media | None) -> bool:
        """Whether there is nothing at that path but, at most, a pointer to the media; InTheWay where no file can be."""
        with suppress(FileNotFoundError, NotADirectoryError):
            if not stat.S_ISDIR(path.parent.lstat().st_mode):
                raise self._in_the_way(path.parent, "no folder")
            if not stat.S_ISREG(path.lstat().st_mode):
                raise self._in_the_way(path, "no file")
            if not is_pointer(path):
                return False
            if media and media.sha256.encode() not in (read_fit(path, LONGEST_POINTER) or b""):
                raise self._in_the_way(path, "a pointer of Git LFS to something else")
        return True

    def _in_the_way(self, path: Path, what: str, instead: str = "") -> InTheWay:
        return InTheWay(str(path.relative_to(self.film.root)), what, instead)

    def _put(self, spare: Path, path: Path) -> Identity:
        path.parent.mkdir(parents=True, exist_ok=True)
        with self.store.passing() as made:
            self.store.give(spare, made)
            put = identity(made.lstat())
            if is_pointer(path):
                put = put_in_place(made, path)
            else:
                with suppress(FileExistsError):  # somebody else has brought it back
                    put = rename_new(made, path)
        freeze(path)
        return put

    async def protection(self) -> Protection:
        """How well the takes are protected."""
        return await self._second_names.protection(await self.disk())

    async def disk(self) -> Kept | None:
        """The best that the film's disk can do to keep bytes twice, tried once; None while it cannot be tried."""
        if not self._is_tried and not self.film.keeping.is_desk:
            with suppress(OSError):  # there is no room, say
                self._disk, self._is_tried = await in_thread(self.store.can), True
        return self._disk


def _make_room(file: Path) -> None:
    """Move what is in the place of a frame into `takes/`, unless it is a pointer to one."""
    if file.exists() and not is_pointer(file):
        move(file, file.parent.parent, file.name)
