"""Git: the repository that a film lies in, read and added to without running a program of it.

No hook, no filter and no command that a repository's configuration names is
ever run, and a repository that belongs to somebody else is left alone, as git itself does, unless the user calls it safe.
"""

import errno
import os
import shlex
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

from msgspec import Struct

from events import TakesError
from projections.files.reading import GIT_TEXT, read
from projections.files.writing import put_in_place, written_beside
from projections.gitdir.config import Config, conditions, is_called_safe, share, shared_files
from projections.gitdir.index import digest
from projections.gitdir.locks import Locks
from projections.gitdir.new_packs import NewPacks
from projections.gitdir.objects import Objects
from projections.gitdir.refs import Refs, may_be_branch
from projections.worktree import git_dir_of, lock_of

Kind = Literal["commit", "tree", "blob"]
_KINDS: dict[int, Kind] = {1: "commit", 2: "tree", 3: "blob"}
"""The kinds of objects, by the numbers that packs have for them."""

_NUMBERS = {kind: number for number, kind in _KINDS.items()}

_KNOWN = {"worktreeconfig", "objectformat", "relativeworktrees", "refstorage"}
"""Extensions of a repository's format that leave alone what we do there."""


class RepositoryUnusable(TakesError):
    """Raised when a film lies in a repository into which nothing is staged; the message says why."""

    def __init__(self, worktree: Path, reason: str, hint: str = "") -> None:
        super().__init__(f"the git repository {worktree} {reason}")
        self.hint = hint or "Nothing is staged there; the takes themselves are kept as ever."


class CommitRefused(TakesError):
    """Raised when no commit can be made as things are; what is staged stays staged."""

    def __init__(self, reason: str, hint: str) -> None:
        super().__init__(f"no commit is made: {reason}")
        self.hint = hint


class Repository:
    """A repository and its worktree, for as long as one look at it takes. Objects go by their binary ids."""

    def __init__(self, worktree: Path, place: "_Place", config: Config, objects: Objects) -> None:
        self.worktree = worktree
        self.git_dir = place.git_dir.resolve()
        self.common_dir = place.common_dir.resolve()
        self.id_length = objects.id_length
        self._refs = Refs(self.git_dir, self.common_dir)
        self._objects = objects
        self._config = config
        self._gathered: NewPacks | None = None
        self._is_packed: Callable[[bytes], bool] = lambda _: False
        self._fans = set[str]()

    @property
    def index_path(self) -> Path:
        return self.git_dir / "index"

    # What the configuration says, of the repository or of the user.

    def setting(self, *names: str) -> str | None:
        """What git's configuration says: `setting("filter", "lfs", "clean")`."""
        return self._config.setting(*names)

    def is_on(self, *names: str, otherwise: bool = False) -> bool:
        """Whether that is switched on; `otherwise` holds where nothing is said of it."""
        return self._config.is_on(*names, otherwise=otherwise)

    @property
    def config_files(self) -> list[Path]:
        """The files of the configuration, whether or not they are there."""
        return self._config.paths

    @property
    def keeps_modes(self) -> bool:
        """Whether a file's executable bit is its own, and not the filesystem's."""
        return self.is_on("core", "fileMode", otherwise=True)

    @property
    def lfs_objects(self) -> Path:
        """Where Git LFS keeps its objects: one place for all worktrees."""
        return self.common_dir / (self.setting("lfs", "storage") or "lfs") / "objects"

    def user_file(self, setting: str, name: str) -> Path:
        """The user's own file of rules for all repositories: the one that is set, or the one of that name."""
        home = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
        return Path(self.setting("core", setting) or f"{home}/git/{name}").expanduser()

    def identity(self) -> bytes:
        """The user, as git's configuration names them; CommitRefused where it does not."""
        name, address = self.setting("user", "name"), self.setting("user", "email")
        if not name or not address:
            raise CommitRefused(
                "git does not know who you are",
                'git config --global user.name "Your Name" && git config --global user.email you@example.org',
            )
        clean = str.maketrans("", "", "<>\n\0")
        return f"{name.translate(clean)} <{address.translate(clean)}>".encode()

    # Objects.

    def read_object(self, name: bytes) -> tuple[Kind, bytes] | None:
        """The kind and the content of an object; None where it is not there."""
        with _as_one_error(self.worktree):
            found = self._objects.find(_hex(name))
            return (_KINDS[found[0]], found[1]) if found else None

    def read_blob(self, name: bytes) -> bytes | None:
        """The content of a blob; None where it is not there, or is none."""
        kind, content = self.read_object(name) or ("", b"")
        return content if kind == "blob" else None

    def object_id(self, kind: Kind, content: bytes) -> bytes:
        """The id that such an object has, whether or not it is there."""
        return digest(_with_header(kind, content), self.id_length)

    @contextmanager
    def gathering(self) -> Iterator[None]:
        """Have the objects that are added meanwhile in packs, which are there in the end."""
        self._gathered = self._objects.new_packs(self._write)
        self._is_packed, self._fans = (
            self._objects.packed(),
            {one.name for one in (self.common_dir / "objects").iterdir()},
        )
        try:
            yield
            self._gathered.close()
        finally:
            self._gathered = None

    def add_object(self, kind: Kind, content: bytes, known: bytes | None = None) -> bytes:
        """Have an object, loose as git writes one: a temporary name that `git gc` would know, then a rename.

        Its id, which may be `known` already.
        """
        name = known or self.object_id(kind, content)
        if self._gathered is not None:
            if name not in self._gathered and not self._is_packed(name) and not self._is_loose(name):
                self._gathered.add(_NUMBERS[kind], name, content)
            return name
        path = Path(self._loose(name))
        if _freshen(path) or (not path.exists() and self.read_object(name)):
            return name
        if not path.parent.exists():
            path.parent.mkdir(exist_ok=True)
            self._share(path.parent)
        self._write(path, zlib.compress(_with_header(kind, content)))
        return name

    def _is_loose(self, name: bytes) -> bool:
        """Whether an object had a file of its own when the gathering began; it is as young as a new one then."""
        return f"{name[0]:02x}" in self._fans and _freshen(self._loose(name))

    def _loose(self, name: bytes) -> str:
        """Where an object has a file of its own, if it has one."""
        text = name.hex()
        return f"{self.common_dir}/objects/{text[:2]}/{text[2:]}"

    def _write(self, path: Path, content: bytes) -> None:
        """Write one of git's files that are never changed."""
        with written_beside(path, content, mode=0o444, prefix="tmp_obj_") as made:
            self._share(made)
            put_in_place(made, path)

    def _share(self, path: Path) -> None:
        """Let others in, where the repository is meant for several users."""
        share(path, self.setting("core", "sharedRepository"))

    # The branch that is checked out.

    def head(self) -> tuple[str | None, bytes | None]:
        """The full name of the branch that is checked out, if one is, and the commit that is."""
        if self.setting("extensions", "refStorage") not in (None, "files"):
            raise CommitRefused("its branches are not in files", "Commit what is staged: git commit")
        with _as_one_error(self.worktree):
            name, tip = self._refs.head()
            return os.fsdecode(name) if name else None, bytes.fromhex(tip.decode()) if tip else None

    def move_branch(self, branch: str, before: bytes | None, after: bytes, locks: Locks) -> None:
        """Have a branch end in another commit, all or nothing; CommitRefused where it has moved meanwhile."""
        name = os.fsencode(branch)
        with _as_one_error(self.worktree):
            path = self._file_of(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            with written_beside(path, _hex(after) + b"\n") as made:
                self._share(made)
                was = _hex(before) if before else None
                is_done = _locked(locks, made, path, lambda: self._refs.read(name) == was)
        if not is_done:
            raise CommitRefused("somebody else has just committed", "It is tried again.")

    def _file_of(self, name: bytes) -> Path:
        """Where a branch has its file, which is nobody else's."""
        path = self.common_dir / os.fsdecode(name)
        if not may_be_branch(name):
            raise ValueError(f"{name!r} is no name of a branch")
        packed = self._refs.packed()
        if any(above in packed for above in _above(name)):
            raise NotADirectoryError(errno.ENOTDIR, "there is a branch in the place of a folder", str(path))
        return path


class _Place(Struct, frozen=True):
    """Where a worktree's repository is: its own folder, and the one that all worktrees share."""

    git_dir: Path
    common_dir: Path


@contextmanager
def open_repository(worktree: Path) -> Iterator[Repository]:
    """The repository whose `.git` lies in that folder; RepositoryUnusable says why it is none to be used."""
    for path in (worktree, worktree / ".git"):
        _check_owner(worktree, path)
    place = _place(worktree)
    with _as_one_error(worktree):
        own = Config([place.common_dir / "config"])
        _check_format(worktree, own)
        config = _config(place, own)
        form = own.setting("extensions", "objectFormat") if _version(own) == "1" else None
        objects = Objects(place.common_dir / "objects", form)
    if not (worktree / ".git").is_file() and config.is_on("core", "bare"):
        raise RepositoryUnusable(worktree, "is bare: it has no files")
    elsewhere = own.setting("core", "worktree")
    if elsewhere and (place.git_dir / elsewhere).resolve() != worktree.resolve():
        raise RepositoryUnusable(worktree, f"keeps its files elsewhere: core.worktree is {elsewhere}")
    with objects:
        yield Repository(worktree, place, config, objects)


def _place(worktree: Path) -> _Place:
    git_dir = git_dir_of(worktree / ".git")
    said = read(git_dir / "commondir", GIT_TEXT, follows=True)
    place = _Place(git_dir, git_dir if said is None else git_dir / os.fsdecode(said.rstrip(b"\r\n")))
    if not (place.common_dir / "objects").is_dir():
        raise RepositoryUnusable(worktree, "cannot be read: its .git is no repository")
    for path in (place.git_dir, place.common_dir):
        _check_owner(worktree, path.resolve())
    return place


def _check_format(worktree: Path, own: Config) -> None:
    """RepositoryUnusable where the repository is of a kind that we do not know."""
    version = _version(own)
    unknown = {*own.names("extensions")} - _KNOWN
    if version not in ("0", "1") or unknown:
        what = f"of version {version}" if version not in ("0", "1") else f"with {', '.join(sorted(unknown))}"
        raise RepositoryUnusable(worktree, f"is of a kind that is not known ({what})")


def _version(own: Config) -> str:
    return own.setting("core", "repositoryFormatVersion") or "0"


def _config(place: _Place, own: Config) -> Config:
    """The configuration, the closest file first."""
    files = [place.common_dir / "config", *shared_files()]
    if own.is_on("extensions", "worktreeConfig"):
        files.insert(0, place.git_dir / "config.worktree")
    branch = Refs(place.git_dir, place.common_dir).branch()
    name = branch.removeprefix(b"refs/heads/") if branch else None
    return Config(files, conditions(place.git_dir, {*own.urls()}, name))


@contextmanager
def _as_one_error(worktree: Path) -> Iterator[None]:
    """Have what dulwich cannot read said as one error: it has many ways to say so."""
    try:
        yield
    except (OSError, TakesError):
        raise
    except Exception as error:
        raise RepositoryUnusable(worktree, f"cannot be read: {type(error).__name__}: {error}") from error


def _check_owner(worktree: Path, path: Path) -> None:
    """Git's own rule: what belongs to another user may be made to do us harm."""
    if path.lstat().st_uid != os.geteuid() and not is_called_safe(worktree):
        raise RepositoryUnusable(
            worktree,
            f"belongs to somebody else ({path})",
            f"If you trust it: git config --global --add safe.directory {shlex.quote(str(worktree))}",
        )


def _locked(locks: Locks, made: Path, path: Path, is_as_known: Callable[[], bool]) -> bool:
    try:
        return locks.put(made, path, is_as_known) is not None
    except FileExistsError as error:
        left = f"If no git runs, remove {str(lock_of(path))!r}."
        raise CommitRefused("the branch is locked", left) from error


def _above(name: bytes) -> Iterator[bytes]:
    """The names of what would be a folder if that is a branch."""
    parts = name.split(b"/")
    return (b"/".join(parts[:end]) for end in range(3, len(parts)))


def _with_header(kind: Kind, content: bytes) -> bytes:
    return b"%b %d\0%b" % (kind.encode(), len(content), content)


def _hex(name: bytes) -> bytes:
    return name.hex().encode()


def _freshen(path: Path | str) -> bool:
    """Whether an object is there; it is as young as if it had just been written, so that no gc removes it."""
    with suppress(OSError):
        os.utime(path)
        return Path(path).stat().st_size > 0
    return False
