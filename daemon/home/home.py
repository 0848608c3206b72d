"""The home of a film: the folder that holds its log, its index and its lock.

That is `.takes` in the film. Where this lies on a share, it is a folder of this machine's own: SQLite hangs on a share,
and a lock there is lost without a word. The film then carries a file that says where its log is: on one machine. Of a film
whose log is in a studio's database it says which, and each machine that has the film has a mirror of that in such a
folder.
"""

import hashlib
import shutil
import socket
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from daemon import locations
from daemon.config.table import Share
from daemon.disk.marker import BINDING, LOG, Marker
from daemon.disk.mounts import remote_filesystem, share_of
from daemon.recovery.standing import AnotherLog
from events import Refused
from projections.files.reading import OURS, read
from projections.files.writing import sync, write
from projections.layout import OWN_FOLDER

FILM = "film.txt"
"""What the file beside a log is called that says of which folder it is."""

MACHINE_IDS = ("/etc/machine-id", "/var/lib/dbus/machine-id")


class KeptElsewhere(Refused):
    """Raised when the log of a film on a share is another machine's."""

    def __init__(self, root: Path, host: str, folder: Path) -> None:
        super().__init__(f"{root} lies on a share and is kept by {host}, not by this machine")
        self.hint = (
            "A film on a share is for one machine only. To have this one keep it, stop takes there, copy the folder "
            f"{folder.name} from its films/ to {folder}, and run `takes init --here` on the film."
        )


class LogAway(Refused):
    """Raised when the log of a film on a share is not where this machine should have it."""

    def __init__(self, root: Path, folder: Path) -> None:
        super().__init__(f"the log of {root}, which lies on a share, is not in {folder}")
        self.hint = (
            "Bring that folder back from a backup, or have a new log made from what is left: "
            f"`takes recover {root}`. A film on a share is for one machine, and one of its users, only."
        )


class CopyOfFilm(Refused):
    """Raised when a film has come with a film.json of another one."""

    def __init__(self, root: Path, other: Path) -> None:
        super().__init__(f"{root} is a copy of {other}, which has the log of both")
        own = OWN_FOLDER if (root / OWN_FOLDER / LOG).exists() else f"{OWN_FOLDER}/{BINDING}"
        self.hint = f"Move {own} away in the copy and run `takes init` there: it begins a log of its own."


class NoOwnDisk(Refused):
    """Raised when not even the folder for this user's state lies on a disk of this machine."""

    hint = "A log cannot be kept on a share: have XDG_STATE_HOME name a folder on a disk of this machine."

    def __init__(self, folder: Path, kind: str) -> None:
        super().__init__(f"{folder} lies on a share, too ({kind})")


class Binding(Struct, frozen=True):
    """What binds a film and its log: the name of the log's folder, the log's id, and the machine that has both."""

    film: str
    log: str
    machine: str
    host: str = "another machine"


class InStudio(Struct, frozen=True, kw_only=True):
    """What a film says whose log is in a studio's database: the service of libpq, and the log's id. It is for any machine.

    `folder` is how the folder was called that the log came from, where that was not the film's own `.takes`. A release
    that does not know this misses `film` in it, and leaves the film alone.
    """

    at: Literal["postgres"]
    service: str
    log: str
    folder: str | None = None

    @property
    def here(self) -> Path:
        """The folder on this machine that has its mirror and its index."""
        return folder_of(self.folder or self.log)


class Home(Struct, frozen=True):
    """Where the log of the film in `root` is; `binding` says so where it is not in the film's own `.takes`.

    `is_on_share` says that it has yet to be moved away from there, and `studio` that it is the mirror of another one.
    """

    root: Path
    folder: Path
    binding: Binding | None = None
    is_on_share: bool = False
    studio: InStudio | None = None

    @property
    def log(self) -> Path:
        return self.folder / LOG

    @property
    def own_log(self) -> Path:
        """Where the film's log is while it is in no studio."""
        return self.root / OWN_FOLDER / LOG if self.studio and not self.studio.folder else self.log

    @property
    def is_log_empty(self) -> bool:
        """Whether the log's file is there, with nothing in it or beside it: another log would be begun in that."""
        ahead = self.log.with_name(f"{LOG}-wal")
        is_ahead = ahead.is_file() and ahead.stat().st_size > 0
        return self.log.is_file() and not self.log.stat().st_size and not is_ahead

    def check(self, log: str) -> None:
        """AnotherLog unless that is the id of the film's own log."""
        said = self.binding or self.studio
        if said and said.log != log:
            raise AnotherLog(self.root, log, said.log)

    def marker(self) -> Marker:
        """What tells that the film is there, and is this one; MarkerGone where it is not."""
        if self.studio:
            return Marker(self.root, read_studio)
        return Marker(self.root, self._look) if self.binding else Marker(self.root)

    def _look(self, root: Path) -> object:
        """What the film says of its log, and which file that is."""
        found = self.log.stat()
        return read_binding(root), found.st_dev, found.st_ino


def find_home(root: Path, *, share: Share = "auto", is_lost: bool = False) -> Home:
    """Where the log of that film is, or is to be; refuses a film that is not for this machine.

    LogAway where it is not there, but for one that `is_lost` and is to be recovered.
    """
    binding, own = read_binding(root), root / OWN_FOLDER
    if studio := read_studio(root):
        return _home_in_studio(root, studio)
    if binding is None:
        return Home(root, own, is_on_share=share_of(own, chosen=share) is not None)
    folder = folder_of(binding.film)
    if binding.machine != _machine():
        raise KeptElsewhere(root, binding.host, folder)
    if not is_lost and not (folder / LOG).exists():
        raise LogAway(root, folder)
    _check_not_copied(root, folder, binding)
    return Home(root, folder, binding)


def _home_in_studio(root: Path, studio: InStudio) -> Home:
    _check_not_copied(root, studio.here, studio)
    studio.here.mkdir(parents=True, exist_ok=True, mode=locations.PRIVATE_MODE)
    return Home(root, studio.here, studio=studio)


def take_over(root: Path) -> None:
    """Have this machine be the one that keeps the film, with a log that somebody has brought; LogAway without."""
    binding = read_binding(root)
    if binding is None:
        return
    if not (folder_of(binding.film) / LOG).exists():
        raise LogAway(root, folder_of(binding.film))
    _bind(root, binding.film, binding.log)


def new_folder() -> Path:
    """A new folder on this machine for the log of a film that lies on a share; NoOwnDisk."""
    folder = folder_of(uuid.uuid4().hex)
    if kind := remote_filesystem(folder):
        raise NoOwnDisk(folder, kind)
    folder.mkdir(parents=True, mode=locations.PRIVATE_MODE)
    return folder


def settle(root: Path, folder: Path, log: str) -> Home:
    """Have that log, which lies in that folder of this machine, be the one of the film."""
    for place in (folder, folder.parent, folder.parent.parent):
        sync(place)
    return Home(root, folder, _bind(root, folder.name, log))


def settle_in_studio(home: Home, service: str, log: str) -> Home:
    """Have the film say that its log is in the studio's database of that service."""
    folder = home.folder.name if home.binding else None
    said = InStudio(at="postgres", service=service, log=log, folder=folder)
    said.here.mkdir(parents=True, exist_ok=True, mode=locations.PRIVATE_MODE)
    write(said.here / FILM, f"{home.root}\n".encode(errors="surrogateescape"))
    write(home.root / OWN_FOLDER / BINDING, msgspec.json.format(msgspec.json.encode(said)) + b"\n")
    return Home(home.root, said.here, studio=said)


def settle_out_of_studio(home: Home) -> None:
    """Have the film say nothing of a studio any more: its own log has all that there is."""
    if home.studio and home.studio.folder:
        _bind(home.root, home.studio.folder, home.studio.log)
        return
    (home.root / OWN_FOLDER / BINDING).unlink(missing_ok=True)
    sync(home.root / OWN_FOLDER)
    shutil.rmtree(home.folder, ignore_errors=True)  # the mirror is of no use any more


def folder_of(film: str) -> Path:
    """Where the log of the film of that name is, on this machine."""
    return Path(locations.state_directory(), "films", film)


class _Said(Struct):
    """What tells the two kinds of film.json apart."""

    at: str = "machine"


def read_binding(root: Path) -> Binding | None:
    """On which machine the film says that its log is; None where it is in its own `.takes`, or in a studio."""
    said = _read(root)
    return said if isinstance(said, Binding) else None


def read_studio(root: Path) -> InStudio | None:
    """In which studio the film says that its log is."""
    said = _read(root)
    return said if isinstance(said, InStudio) else None


def _read(root: Path) -> Binding | InStudio | None:
    content = read(root / OWN_FOLDER / BINDING, OURS)
    if content is None:
        return None
    try:
        at = msgspec.json.decode(content, type=_Said).at
        if at == "machine":
            return msgspec.json.decode(content, type=Binding)
        return msgspec.json.decode(content, type=InStudio)
    except msgspec.DecodeError as error:
        raise OSError(f"{root / OWN_FOLDER / BINDING} cannot be read: {error}") from error


def _bind(root: Path, film: str, log: str) -> Binding:
    binding = Binding(film, log, _machine(), socket.gethostname())
    write(folder_of(film) / FILM, f"{root}\n".encode(errors="surrogateescape"))
    write(root / OWN_FOLDER / BINDING, msgspec.json.format(msgspec.json.encode(binding)) + b"\n")
    return binding


def _check_not_copied(root: Path, folder: Path, binding: Binding | InStudio) -> None:
    """CopyOfFilm where the film for which the log is kept lies elsewhere still; one that has moved is noted."""
    noted = (read(folder / FILM, OURS) or b"").decode(errors="surrogateescape").strip()
    other = Path(noted or root)
    if other == root:
        return
    with suppress(OSError):
        if _read(other) == binding and other.stat().st_ino != root.stat().st_ino:
            raise CopyOfFilm(root, other)
    folder.mkdir(parents=True, exist_ok=True, mode=locations.PRIVATE_MODE)
    write(folder / FILM, f"{root}\n".encode(errors="surrogateescape"))


def _machine() -> str:
    """Which machine this is, in a form that tells nobody its id."""
    said = next(
        (text for path in MACHINE_IDS if len(text := (read(path, OURS, follows=True) or b"").strip()) == 32),
        None,
    )
    return hashlib.sha256(b"takes of " + (said or _own_id())).hexdigest()[:32]


def _own_id() -> bytes:
    """An id of ours, where the system has none."""
    path = Path(locations.state_directory(), "machine")
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=locations.PRIVATE_MODE)
        write(path, uuid.uuid4().hex.encode())
    return read(path, OURS) or b""
