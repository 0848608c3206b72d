"""The beginning of a project: what `takes init` makes of a folder, and what a folder says that it is."""

import asyncio
import json
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from daemon.config.table import Share
from daemon.disk.marker import BINDING, LOG
from daemon.disk.mounts import journal_for
from daemon.disk.private import make_private
from daemon.home.home import Home, find_home, new_folder, settle, take_over
from daemon.recovery.copies import copies_of
from daemon.recovery.recover import Recovery
from daemon.recovery.standing import registered_log
from daemon.watching.tree import Tree
from events import Refused, TakesError, open_log
from events.store.database import Journal
from projections.artifacts.project_file import read_project_file
from projections.files.writing import write
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
        make_private(root / OWN_FOLDER)
        ignore = root / OWN_FOLDER / ".gitignore"
        if not ignore.exists():
            write(ignore, b"*\n")
        if read_project_file(root) is None:
            begun = {"id": slug(name or root.name), "name": name or root.name}
            text = json.dumps(begun, ensure_ascii=False, indent=2) + "\n"
            write(root / PROJECT_FILE, text.encode(), anew=True)
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
    """Have a log, from all that is left of the film where there is none; its id.

    One that an earlier release has left on a share is moved by the daemon, which tells that.
    """
    if home.studio:
        return home.studio.log
    if home.log.exists() and not home.is_log_empty:
        return "" if home.is_on_share else asyncio.run(_id_of(home.log, journal_for(home.folder)))
    folder = new_folder() if home.is_on_share else home.folder
    # what a clone says of its log is that of the film which it is a clone of
    known = registered_log(home.root)
    made = Recovery(home.root, folder, lambda log: copies_of(log) if log == known else (), known).run()
    log = made.log or ""
    if home.is_on_share:
        settle(home.root, folder, log)
    return log


async def _id_of(path: Path, journal: Journal) -> str:
    async with open_log(path, journal=journal) as events:
        return events.id


def _set_up_git(root: Path) -> None:
    """Have git find us where a film that was cloned says that it is to ask; else `takes doctor` says what to do."""
    worktree = worktree_of(root)
    if worktree:
        from projections.git.shared_files import set_up  # noqa: PLC0415 - only a film in git pays for it

        with suppress(TakesError):
            set_up(root, worktree)


def describe(root: Path, shots: int = 0, log: str = "") -> ProjectInfo:
    """What `project.json` says the project is called; the folder's name where it says nothing."""
    try:
        content = json.loads(read_project_file(root) or b"{}")
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
