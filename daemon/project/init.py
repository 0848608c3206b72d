"""The beginning of a project: what `takes init` makes of a folder, and what a folder says that it is."""

import asyncio
import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct

from daemon.config import Share
from daemon.disk.marker import LOG
from daemon.disk.mounts import journal_for
from daemon.project.home import BINDING, Home, find_home, new_folder, settle, take_over
from daemon.recovery.head import HEAD, read_head
from daemon.shots import new_stream
from daemon.watching.tree import Tree
from events import Append, Refused, ShotRegistered, TakesError, open_log, timestamp
from events.database import Journal
from projections.artifacts.project_file import ToldShot, read_told
from projections.files.writing import read, remove, write
from projections.layout import OWN_FOLDER, PROJECT_FILE, slug
from projections.worktree import worktree_of


class BadFolder(Refused):
    """Raised when a folder cannot become a project."""

    hint = "Choose the film's own folder, one that you may write to."


class ProjectInfo(Struct, frozen=True):
    """What a folder is as a project, how many shots it has, and the id of its log."""

    id: str
    name: str
    path: str
    shots: int
    log: str


def init_project(
    path: Path, name: str | None = None, *, share: Share = "auto", here: bool = False
) -> ProjectInfo:
    """Make the folder a project, and the folder itself where there is none; doing it again changes nothing.

    `here` has a film on a share that another machine has kept be kept by this one.
    """
    try:
        root = path.expanduser().resolve()
        _check_place(root)
        (root / OWN_FOLDER).mkdir(parents=True, exist_ok=True)
        ignore = root / OWN_FOLDER / ".gitignore"
        if not ignore.exists():
            write(ignore, b"*\n")
        if read(root / PROJECT_FILE) is None:
            begun = {"id": slug(name or root.name), "name": name or root.name}
            write(root / PROJECT_FILE, json.dumps(begun, ensure_ascii=False, indent=2).encode() + b"\n")
        if here:
            take_over(root)
        log = _begin(find_home(root, share=share))
        _set_up_git(root)
    except OSError as error:
        raise BadFolder(f"{error.filename or path}: {error.strerror}") from error
    except ValueError as error:  # there is a NUL in it
        raise BadFolder(f"{str(path)!r} cannot be the path of a folder: {error}") from error
    return describe(root, sum(1 for _ in Tree(root).shots()), log)


def _check_place(root: Path) -> None:
    if root in (Path(root.anchor), Path.home()):
        raise BadFolder(f"{root} is more than a film: everything in it would be looked through")
    for parent in root.parents:
        if any((parent / OWN_FOLDER / name).exists() for name in (LOG, BINDING)):
            raise BadFolder(f"{root} lies inside the project {parent}; its shots are kept already")


def _begin(home: Home) -> str:
    """Have a log, and its id; one that an earlier release has left on a share is moved by the daemon, which tells that."""
    told = [_registration(home.root, one) for one in _told(home)]
    if not home.is_on_share:
        return asyncio.run(_begin_log(home.log, journal_for(home.folder), told))
    if home.log.exists():
        return ""
    folder = new_folder()
    log = asyncio.run(_begin_log(folder / LOG, journal_for(folder), told))
    settle(home.root, folder, log)
    return log


def _told(home: Home) -> Iterable[ToldShot]:
    """What is known of the shots of a film without a log: from the head of the one that is lost, and from elsewhere."""
    if home.log.exists():
        return ()
    own = home.root / OWN_FOLDER
    head = read_head(own)
    told = {one.path: one for one in read_told(read(home.root / PROJECT_FILE) or b"")}
    told |= {one.path: one.told for one in head.shots.values()} if head else {}
    remove(own / HEAD)
    return told.values()


async def _begin_log(path: Path, journal: Journal, told: Sequence[Append]) -> str:
    """Have a log; what the project file of a film that was cloned knows of its numbers stands in it first. Its id."""
    async with open_log(path, journal=journal) as events:
        for one in told if not events.head else ():
            await events.append(one)
        return events.id


def _set_up_git(root: Path) -> None:
    """Have git find us where a film that was cloned says that it is to ask; else `takes doctor` says what to do."""
    worktree = worktree_of(root)
    if worktree:
        from projections.git.shared_files import set_up  # noqa: PLC0415 - only a film in git pays for it

        with suppress(TakesError):
            set_up(root, worktree)


def _registration(root: Path, told: ToldShot) -> Append:
    try:
        found = (root / told.path).lstat()
        place = {"device": found.st_dev, "inode": found.st_ino}
    except OSError:
        place = {}
    event = ShotRegistered(path=told.path, given=told.given, hidden=told.hidden, **place)
    at = timestamp(datetime.now(UTC))
    return Append(stream=new_stream(), events=[event], expected=0, at=at, actor="filesystem")


def describe(root: Path, shots: int = 0, log: str = "") -> ProjectInfo:
    """What `project.json` says the project is called; the folder's name where it says nothing."""
    try:
        content = json.loads(read(root / PROJECT_FILE) or b"{}")
    except (OSError, ValueError, RecursionError):
        content = {}
    said = content if isinstance(content, dict) else {}
    id_, name = said.get("id"), said.get("name")
    return ProjectInfo(
        _id(id_) if isinstance(id_, str) and id_ else slug(root.name),
        name if isinstance(name, str) and name else root.name,
        str(root),
        shots,
        log,
    )


def _id(said: str) -> str:
    """The id as it was said, unless it could not stand in a URL's path."""
    return said if said.isprintable() and "/" not in said and said not in (".", "..") else slug(said)
