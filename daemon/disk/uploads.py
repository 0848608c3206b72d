"""The uploads: files that a page sends, in a folder of ours until they are all there and brought in.

They lie below `.takes/uploads`, each upload in a folder by its id. One that was left is removed after a day. At a desk
of a studio they wait in a folder of its own: `.takes` is for those who keep the film.
"""

import re
import secrets
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from daemon.disk.private import make_private
from events import NotFound, Refused
from projections.files.reading import OURS, read
from projections.files.writing import put_in_place, sync, write
from projections.layout import OWN_FOLDER

UPLOADS = "uploads"

SPARE = 64 << 20
"""Bytes of the disk that are left free."""

LEFT = 24 * 60 * 60
"""Seconds after which an upload in which nothing has come was left."""

DEEPEST = 8
"""Folders in folders."""

LONGEST = 240
"""Bytes of a name, of which a disk allows 255."""

DONE = ".done.json"
"""The file by which an upload is known that was brought in; none that is sent is called so, for it is hidden."""

_ID = re.compile(r"[A-Za-z0-9-]{8,64}")


class BadUpload(Refused):
    """Raised when a file cannot be kept under the name that it was sent with."""

    hint = "Rename it, or send it by itself."


class UploadNotFound(NotFound):
    """Raised when there is no such upload, or no more."""

    hint = "Send the files again, as another upload."

    def __init__(self, upload: str) -> None:
        super().__init__(
            f"there is no upload {upload!r}: it was never sent, was cancelled, or was left for a day"
        )


class UploadBusy(Refused):
    """Raised when an upload is to be brought in that just is."""

    hint = "Wait for the answer to the first request."

    def __init__(self, upload: str) -> None:
        super().__init__(f"upload {upload!r} is being brought in")


class NoRoomForUpload(Refused):
    """Raised when the film's disk, or that on which it waits, has no room for what is sent."""

    hint = "Make room there, and drop the files again."

    def __init__(self, needed: int, disk: str, free: int) -> None:
        super().__init__(f"the files take {needed:,} bytes, and {disk} has {free:,} free")


class Uploads:
    """What is sent to the film in that folder, and waits in `folder`. Whatever is called here waits for their disks."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.folder = root / OWN_FOLDER / UPLOADS
        self._busy: dict[str, object] = {}

    @property
    def _is_ours(self) -> bool:
        """Whether the folder is where it should be: in a film that somebody copied it may lead elsewhere."""
        above = self.folder.parent.parent
        return self.folder.resolve() == above.resolve() / self.folder.relative_to(above)

    def check_room(self, needed: int) -> None:
        """NoRoomForUpload where there is none for so many bytes more."""
        for folder, disk in ((self._root, "the film's disk"), (self.folder.parent, "this machine's disk")):
            free = shutil.disk_usage(folder).free
            if needed + SPARE > free:
                raise NoRoomForUpload(needed, disk, free)

    def receive(self, upload: str, path: str, size: int | None) -> "Arriving":
        """Begin with a file of that upload, so many bytes long, if that is known; BadUpload or NoRoomForUpload."""
        parts = _checked(path)
        self.check_room(size or 0)
        folder = self._folder_of(upload)
        target = folder.joinpath(*parts)
        if (folder / DONE).exists():
            raise BadUpload(f"upload {upload!r} was brought in already")
        make_private(self.folder)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError) as error:
            raise BadUpload(f"a folder that {path!r} is in is a file of this upload already") from error
        if target.is_dir():
            raise BadUpload(f"{path!r} is a folder of this upload already")
        return Arriving(self, target)

    def remove(self, upload: str) -> None:
        """Have all that was sent of it gone; UploadBusy where it is being brought in."""
        if upload in self._busy:
            raise UploadBusy(upload)
        shutil.rmtree(self._folder_of(upload), ignore_errors=True)

    @contextmanager
    def taken(self, upload: str) -> Iterator[Path]:
        """The folder of an upload while it is brought in, by nobody else; UploadNotFound, UploadBusy."""
        folder = self._folder_of(upload)
        if self._busy.setdefault(upload, claim := object()) is not claim:
            raise UploadBusy(upload)
        try:
            if not folder.is_dir():
                raise UploadNotFound(upload)
            yield folder
        finally:
            del self._busy[upload]

    def answer(self, upload: str) -> bytes | None:
        """What was said when it was brought in; None where it was not yet."""
        return read(self._folder_of(upload) / DONE, OURS)

    def close(self, upload: str, answer: bytes) -> None:
        """It was brought in: what is left of it goes, and the answer stays for who asks again."""
        folder = self._folder_of(upload)
        write(folder / DONE, answer)
        for one in folder.iterdir():
            if one.name != DONE:
                shutil.rmtree(one) if one.is_dir() else one.unlink()  # our own copies of what nobody can take

    def sweep(self) -> None:
        """Remove what was left."""
        with suppress(OSError):  # it is tried again with the next upload
            for folder in self.folder.iterdir() if self._is_ours else ():
                if _ID.fullmatch(folder.name) and time.time() - _newest(folder) > LEFT:
                    shutil.rmtree(folder, ignore_errors=True)

    def _folder_of(self, upload: str) -> Path:
        if not _ID.fullmatch(upload):
            raise BadUpload("the id of an upload is 8 to 64 letters, digits and dashes")
        if not self._is_ours:
            raise BadUpload(f"{self.folder} leads out of the film: remove that link")
        return self.folder / upload


class Arriving:
    """A file that is being sent; it has its name once it is whole and on the disk."""

    def __init__(self, uploads: Uploads, target: Path) -> None:
        self._uploads = uploads
        self._target = target
        self._made = target.with_name(f".{secrets.token_hex(8)}.tmp")
        self._file = self._made.open("xb")
        self.bytes = 0

    def add(self, piece: bytes) -> None:
        """The next bytes of it; NoRoomForUpload where they would fill the disk."""
        self._uploads.check_room(len(piece))
        self._file.write(piece)
        self.bytes += len(piece)

    def finish(self) -> None:
        """It is whole. One that was sent before under this name is replaced."""
        self._file.close()
        sync(self._made)
        put_in_place(self._made, self._target)

    def give_up(self) -> None:
        """Have nothing left of it, unless it is whole."""
        self._file.close()
        self._made.unlink(missing_ok=True)


def _checked(path: str) -> Sequence[str]:
    """The folders and the name in the path of a file that is sent; BadUpload where they cannot be those on this disk."""
    parts = path.strip("/").split("/")
    if len(parts) > DEEPEST + 1:
        raise BadUpload(f"{path!r} is more than {DEEPEST} folders deep")
    for part in parts:
        if not part.strip() or part in {".", ".."} or "\0" in part:
            raise BadUpload(f"{path!r} has {part!r} in it, which is no name")
        if len(part.encode(errors="replace")) > LONGEST:
            raise BadUpload(f"{part[:40]!r}… is longer than the {LONGEST} bytes that a name may have")
    return parts


def _newest(folder: Path) -> float:
    """When something was last done in that folder, in seconds."""
    return max(one.lstat().st_mtime for one in (folder, *folder.rglob("*")))
