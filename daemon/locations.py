"""Where things are: the daemon's socket, the list of projects, and the project and shot that a folder means.

Paths are text here: the command line is in a hurry, and pathlib would cost it 7 of its 150 ms.
"""

# ruff: noqa: PTH103, PTH111, PTH112, PTH117, PTH118, PTH120, PTH123

import fcntl
import json
import os
import shlex
import stat
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from events import NotFound, TakesError

ProjectFacts = dict[str, Any]
"""What the daemon says of a project: its `id`, its `path` and more."""

SOCKET = "takes.sock"
REGISTRY = "projects.json"
PRIVATE_MODE = 0o700

HOMES = {
    "config": ("XDG_CONFIG_HOME", "~/.config", "~/.config"),
    "state": ("XDG_STATE_HOME", "~/Library/Application Support", "~/.local/state"),
    "runtime": ("XDG_RUNTIME_DIR", "~/Library/Caches", f"/run/user/{os.getuid()}"),
}
"""The folders that hold one of ours: the variable that names each, and where it is on a Mac and elsewhere."""

_SHAPE = '{"projects": ["/films/MyFilm"]}'


class RuntimeDirectoryUnsafe(TakesError):
    """Raised when the folder that should hold the socket can be changed by somebody else."""

    hint = "Remove it if you do not know it, or name another socket with --socket or TAKES_SOCKET."

    def __init__(self, path: str) -> None:
        super().__init__(f"{path} is not a folder that only you can change")
        self.path = path


class RegistryUnreadable(TakesError):
    """Raised when the list of registered projects is there and cannot be understood."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"the list of projects at {path} cannot be read: {reason}")
        self.hint = (
            f"Mend it or move it away; `takes init` on each project writes it anew. It looks like {_SHAPE}"
        )
        self.path = path


class NotAShot(TakesError):
    """Raised when a path cannot be a shot of the project."""

    hint = "A shot is a folder inside the project that holds a takes/ folder; `takes ls` lists them."

    def __init__(self, text: str, root: str) -> None:
        super().__init__(f"{text} is not a shot of the project at {root}")
        self.text = text


class ProjectNotChosen(TakesError):
    """Raised when several projects could be meant."""

    hint = "Say which with --project or TAKES_PROJECT, or ask from inside its folder."

    def __init__(self, candidates: Sequence[str]) -> None:
        super().__init__("the daemon has several projects, and this folder is in none of them")
        self.candidates = candidates


class ProjectNotServed(NotFound):
    """Raised when the current folder is in a project that the daemon does not have."""

    def __init__(self, path: str) -> None:
        super().__init__(f"the daemon does not have the project at {path}")
        self.hint = f"Add it with `{shlex.join(['takes', 'init', path])}`, or choose another with --project."


class NoProjects(NotFound):
    """Raised when the daemon has no project at all."""

    hint = "Make one with `takes init PATH`, where PATH is the folder of a film."

    def __init__(self) -> None:
        super().__init__("the daemon has no projects")


def socket_path() -> str:
    """Where the daemon listens unless it is told otherwise."""
    return os.path.join(runtime_directory(), SOCKET)


def runtime_directory() -> str:
    """The folder for the socket, which may not exist yet; RuntimeDirectoryUnsafe where it is not ours."""
    directory = _runtime_directory()
    if os.path.lexists(directory) and not _is_private(directory):
        raise RuntimeDirectoryUnsafe(directory)
    return directory


def state_directory() -> str:
    """The folder for what outlives a run of the daemon; may not exist yet."""
    return _home_of("state")


def config_path() -> str:
    """The configuration file: `$TAKES_CONFIG`, else one in the user's configuration folder."""
    return os.environ.get("TAKES_CONFIG") or os.path.join(_home_of("config"), "config.toml")


def families_file() -> str:
    """A person's own table of node families, beside the configuration; it need not be there."""
    return os.path.join(os.path.dirname(config_path()), "families.toml")


def registered_projects() -> list[str]:
    """The folders of the registered projects, in the order in which they came; RegistryUnreadable."""
    return list(_registry())


def registered_log(path: str) -> str | None:
    """The id of the log of the film that was registered in that folder, as far as it is known."""
    return _registry().get(path)


def register_project(path: str, log: str | None = None) -> bool:
    """Add a project's folder to the registry, with its log's id; False where all of it was there already."""
    directory = state_directory()
    os.makedirs(directory, mode=PRIVATE_MODE, exist_ok=True)
    with locked(directory):
        known = _registry()
        if path in known and log in (None, known[path]):
            return False
        known[path] = log
        _write_registry(directory, known)
        return True


def forget_project(path: str) -> bool:
    """Take a project's folder out of the registry; False where it is not in there."""
    directory = state_directory()
    if path not in _registry():
        return False
    with locked(directory):
        _write_registry(directory, {folder: log for folder, log in _registry().items() if folder != path})
    return True


def _write_registry(directory: str, known: Mapping[str, str | None]) -> None:
    logs = {folder: one for folder, one in known.items() if one}
    told = {"projects": list(known), **({"logs": logs} if logs else {})}
    text = json.dumps(told, indent=2, ensure_ascii=False)
    replace_file(os.path.join(directory, REGISTRY), f"{text}\n")


def _registry() -> dict[str, str | None]:
    """The registered folders, each with the id of its log, where that is known."""
    path = os.path.join(state_directory(), REGISTRY)
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            told = json.load(file)
        projects, logs = _projects(told), told.get("logs", {})
        return {one: logs.get(one) if isinstance(logs, dict) else None for one in projects}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise RegistryUnreadable(path, str(error)) from error


@contextmanager
def locked(directory: str) -> Iterator[None]:
    """Hold the folder, so that two that write there at once do not undo each other."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def replace_file(path: str, text: str, mode: int = 0o666) -> None:
    """Have that text in the file, in one step: a reader sees the old one or this."""
    from pathlib import Path  # noqa: PLC0415

    from projections.files.writing import write  # noqa: PLC0415 - most commands write nothing

    write(Path(path), text.encode("utf-8", "surrogateescape"), mode=mode)


def project_meant(projects: Sequence[ProjectFacts], here: str) -> ProjectFacts:
    """The project that somebody at this folder means: the one around it, or the only one."""
    by_path = {str(project["path"]): project for project in projects}
    if root := innermost_root(here, list(by_path)):
        return by_path[root]
    if stranger := project_above(here):  # a command must not reach into another film than this one
        raise ProjectNotServed(stranger)
    if len(projects) > 1:
        raise ProjectNotChosen(sorted(str(project["id"]) for project in projects))
    if not projects:
        raise NoProjects
    return projects[0]


def project_at(projects: Sequence[ProjectFacts], folder: str) -> ProjectFacts:
    """The project that this folder is, or lies in; ProjectNotServed."""
    by_path = {str(project["path"]): project for project in projects}
    root = innermost_root(folder, list(by_path))
    if root is None:
        raise ProjectNotServed(os.path.realpath(folder))
    return by_path[root]


def innermost_root(folder: str, roots: Sequence[str]) -> str | None:
    """The innermost of the roots that the folder lies in, links resolved."""
    around = [root for root in roots if _inside(folder, root) is not None]
    return max(around, key=lambda root: len(os.path.realpath(root)), default=None)


def project_above(folder: str) -> str | None:
    """The nearest folder from here upwards that is a project, served or not."""
    folder = os.path.realpath(folder)
    while not os.path.isdir(os.path.join(folder, ".takes")):
        folder, below = os.path.dirname(folder), folder
        if folder == below:
            return None
    return folder


def shot_id(text: str, root: str) -> str:
    """The shot that somebody means: an id as it is, a path as the full id of the folder that it leads to.

    A path may start at the current folder or at the project, and may lead into the shot's takes/ folder.
    """
    inner = _inside(text, root) if _is_path(text) or os.path.isdir(text) else None
    if inner is None and _is_path(text):
        raise NotAShot(text, root)
    parts = [part for part in (inner or text).split("/") if part not in {"", "."}]
    if "takes" in parts:
        parts = parts[: parts.index("takes")]
    if not parts:
        raise NotAShot(text, root)
    return ":".join(parts)


def _runtime_directory() -> str:
    directory = _home_of("runtime")
    if _absolute("XDG_RUNTIME_DIR") or _can_hold_a_socket(directory):
        return directory
    return os.path.join(_absolute("TMPDIR") or "/tmp", f"takes-{os.getuid()}")  # noqa: S108 - checked to be ours


def _home_of(kind: str) -> str:
    variable, on_mac, elsewhere = HOMES[kind]
    home = _absolute(variable) or os.path.expanduser(on_mac if sys.platform == "darwin" else elsewhere)
    return os.path.join(home, "takes")


def _can_hold_a_socket(directory: str) -> bool:
    """Whether a socket in it has a name that the system can take, 104 bytes on a Mac, or else is ours to make."""
    if sys.platform == "darwin":
        return len(os.fsencode(os.path.join(directory, SOCKET))) < 104
    return os.access(os.path.dirname(directory), os.W_OK)


def _absolute(variable: str) -> str | None:
    """An environment variable that is a whole path; the XDG standard has others ignored."""
    value = os.environ.get(variable, "")
    return value if os.path.isabs(value) else None


def _is_private(directory: str) -> bool:
    """Whether it is a folder, no link, of this user, that nobody else can write to."""
    facts = os.lstat(directory)
    return stat.S_ISDIR(facts.st_mode) and facts.st_uid == os.getuid() and not facts.st_mode & 0o022


def _projects(registry: object) -> list[str]:
    projects = registry.get("projects") if isinstance(registry, dict) else None
    if not isinstance(projects, list) or not all(isinstance(path, str) for path in projects):
        raise ValueError(f"it is not of the form {_SHAPE}")
    return projects


def _is_path(text: str) -> bool:
    return os.path.isabs(text) or text in {".", ".."} or text.startswith(("./", "../"))


def _inside(path: str, root: str) -> str | None:
    """The path from the root to there, links resolved; None where it leads out of the root."""
    path, root = os.path.realpath(path), os.path.realpath(root)
    if path == root:
        return "."
    return os.path.relpath(path, root) if path.startswith(root.rstrip("/") + "/") else None
