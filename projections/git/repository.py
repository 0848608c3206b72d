"""Git: the repository that a film lies in, read and added to without running a program of it.

The one module that knows dulwich. No hook, no filter and no command that a repository's configuration names is
ever run, and a repository that belongs to somebody else is left alone, as git itself does.
"""

import errno
import os
import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

from dulwich.config import ConfigFile, StackedConfig
from dulwich.errors import NotGitRepository
from dulwich.file import adjust_shared_perm
from dulwich.objects import ObjectID
from dulwich.refs import HEADREF, Ref, check_ref_format
from dulwich.repo import Repo, parse_shared_repository
from dulwich.wildmatch import MalformedPattern, translate

from events import TakesError
from projections.files.writing import put_in_place, written_beside
from projections.git.index import digest
from projections.git.locks import Locks
from projections.worktree import lock_of

Kind = Literal["commit", "tree", "blob"]
_KINDS: dict[int, Kind] = {1: "commit", 2: "tree", 3: "blob"}
"""The kinds of objects, by the numbers that packs have for them."""

_NO = {"false", "no", "off", "0", ""}


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


def wildmatch(pattern: bytes, *, any_case: bool = False) -> re.Pattern[bytes] | None:
    """One of git's patterns, to be held against a whole path; None where git would find no sense in it."""
    try:
        return re.compile(translate(pattern), re.DOTALL | (re.IGNORECASE if any_case else 0))
    except MalformedPattern:
        return None


class Repository:
    """A repository and its worktree, for as long as one look at it takes. Objects go by their binary ids."""

    def __init__(self, worktree: Path, repo: Repo, config: StackedConfig) -> None:
        self.worktree = worktree
        self.git_dir = Path(repo.controldir()).resolve()
        self.common_dir = Path(repo.commondir()).resolve()
        self.id_length = int(repo.object_format.oid_length)
        self._repo = repo
        self._config = config

    @property
    def index_path(self) -> Path:
        return self.git_dir / "index"

    # What the configuration says, of the repository or of the user.

    def setting(self, *names: str) -> str | None:
        """What git's configuration says: `setting("filter", "lfs", "clean")`."""
        return _setting(self._config, *names)

    def is_on(self, *names: str, otherwise: bool = False) -> bool:
        """Whether that is switched on; `otherwise` holds where nothing is said of it."""
        said = self.setting(*names)
        return otherwise if said is None else said.lower() not in _NO

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
            try:
                kind, content = self._repo.object_store.get_raw(_hex(name))
            except KeyError:
                return None
        return _KINDS[kind], content

    def read_blob(self, name: bytes) -> bytes | None:
        """The content of a blob; None where it is not there, or is none."""
        kind, content = self.read_object(name) or ("", b"")
        return content if kind == "blob" else None

    def object_id(self, kind: Kind, content: bytes) -> bytes:
        """The id that such an object has, whether or not it is there."""
        return digest(_with_header(kind, content), self.id_length)

    def add_object(self, kind: Kind, content: bytes) -> bytes:
        """Have an object, loose as git writes one: a temporary name that `git gc` would know, then a rename."""
        whole = _with_header(kind, content)
        name = digest(whole, self.id_length)
        folder = self.common_dir / "objects" / name.hex()[:2]
        path = folder / name.hex()[2:]
        if _freshen(path) or (not path.exists() and _hex(name) in self._repo.object_store):
            return name
        if not folder.exists():
            folder.mkdir(exist_ok=True)
            self._share(folder)
        with written_beside(path, zlib.compress(whole), mode=0o444, prefix="tmp_obj_") as made:
            self._share(made)
            put_in_place(made, path)
        return name

    def _share(self, path: Path) -> None:
        """Let others in, where the repository is meant for several users."""
        said = self.setting("core", "sharedRepository")
        adjust_shared_perm(path, parse_shared_repository(said) if said else None)

    # The branch that is checked out.

    def head(self) -> tuple[str | None, bytes | None]:
        """The full name of the branch that is checked out, if one is, and the commit that is."""
        with _as_one_error(self.worktree):
            names, tip = self._repo.refs.follow(HEADREF)
        name = os.fsdecode(names[-1]) if len(names) > 1 else None
        return name, bytes.fromhex(tip.decode()) if tip else None

    def move_branch(self, branch: str, before: bytes | None, after: bytes, locks: Locks) -> None:
        """Have a branch end in another commit, all or nothing; CommitRefused where it has moved meanwhile."""
        name, refs = Ref(os.fsencode(branch)), self._repo.refs
        with _as_one_error(self.worktree):
            path = self._file_of(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            with written_beside(path, _hex(after) + b"\n") as made:
                self._share(made)
                was = _hex(before) if before else None
                is_done = _locked(locks, made, path, lambda: refs.read_ref(name) == was)
        if not is_done:
            raise CommitRefused("somebody else has just committed", "It is tried again.")

    def _file_of(self, name: Ref) -> Path:
        """Where a branch has its file, which is nobody else's."""
        path = self.common_dir / os.fsdecode(name)
        if not name.startswith(b"refs/heads/") or not check_ref_format(name):
            raise ValueError(f"{name!r} is no name of a branch")
        if any(above in self._repo.refs.get_packed_refs() for above in _above(name)):
            raise NotADirectoryError(errno.ENOTDIR, "there is a branch in the place of a folder", str(path))
        return path


@contextmanager
def open_repository(worktree: Path) -> Iterator[Repository]:
    """The repository whose `.git` lies in that folder; RepositoryUnusable says why it is none to be used."""
    dot = worktree / ".git"
    for path in (worktree, dot):
        _check_owner(worktree, path)
    with _as_one_error(worktree):
        repo = Repo(str(worktree))
    with repo:
        for path in (Path(repo.controldir()), Path(repo.commondir())):
            _check_owner(worktree, path.resolve())
        with _as_one_error(worktree):
            config = _config(repo)
        repository = Repository(worktree, repo, config)
        if not dot.is_file() and repository.is_on("core", "bare"):
            raise RepositoryUnusable(worktree, "is bare: it has no files")
        if Path(repo.path).resolve() != worktree.resolve():
            raise RepositoryUnusable(worktree, f"keeps its files elsewhere: core.worktree is {repo.path}")
        yield repository


@contextmanager
def _as_one_error(worktree: Path) -> Iterator[None]:
    """Have what dulwich cannot read said as one error: it has many ways to say so."""
    try:
        yield
    except (OSError, TakesError):
        raise
    except NotGitRepository as error:
        raise RepositoryUnusable(worktree, "cannot be read: its .git is no repository") from error
    except Exception as error:
        raise RepositoryUnusable(worktree, f"cannot be read: {type(error).__name__}: {error}") from error


def _check_owner(worktree: Path, path: Path) -> None:
    """Git's own rule: what belongs to another user may be made to do us harm."""
    if path.lstat().st_uid != os.geteuid():
        raise RepositoryUnusable(
            worktree,
            f"belongs to somebody else ({path})",
            f"If it is yours: sudo chown -R $(id -u) '{worktree}'",
        )


def _config(repo: Repo) -> StackedConfig:
    """The configuration, the closest file first. dulwich leaves out of the user's what is for some repositories."""
    own = repo.get_config()
    files = [own, *StackedConfig.default_backends()]
    if own.get_boolean((b"extensions",), b"worktreeConfig", False):
        files.insert(0, repo.get_worktree_config())
    conditions = _conditions(repo, own)
    found = [Path(os.fsdecode(one.path)) for one in files if one.path]
    return StackedConfig(
        [ConfigFile.from_path(path, condition_matchers=conditions) for path in found if path.exists()]
    )


def _conditions(repo: Repo, own: ConfigFile) -> dict[str, Callable[[str], bool]]:
    """When git includes a file of configuration in others (includeIf)."""
    git_dir = Path(repo.controldir()).absolute()
    places = {os.fsencode(git_dir), os.fsencode(git_dir.resolve())}
    urls = {own.get(one, b"url") for one in own.sections() if one[0] == b"remote" and (b"url" in own[one])}
    names, _ = repo.refs.follow(HEADREF)
    branches = {names[-1].removeprefix(b"refs/heads/")} if len(names) > 1 else set()
    return {
        "gitdir:": lambda said: _is_any(places, _gitdir_pattern(said)),
        "gitdir/i:": lambda said: _is_any(places, _gitdir_pattern(said), any_case=True),
        "onbranch:": lambda said: _is_any(branches, _with_all_below(said)),
        "hasconfig:remote.*.url:": lambda said: _is_any(urls, said),
    }


def _is_any(texts: set[bytes], pattern: str, *, any_case: bool = False) -> bool:
    rule = wildmatch(os.fsencode(pattern), any_case=any_case)
    return rule is not None and any(rule.fullmatch(text) for text in texts)


def _gitdir_pattern(said: str) -> str:
    """A pattern for the place of a repository, as git completes it."""
    if said.startswith("~/"):
        said = f"{Path.home().resolve()}{said[1:]}"
    return _with_all_below(said if said.startswith("/") else f"**/{said}")


def _with_all_below(said: str) -> str:
    """With a slash at its end a pattern stands for all that is below."""
    return f"{said}**" if said.endswith("/") else said


def _setting(config: StackedConfig, *names: str) -> str | None:
    *section, name = names
    try:
        value = config.get(tuple(part.encode() for part in section), name.encode())
    except KeyError:
        return None
    return value.decode(errors="replace")


def _locked(locks: Locks, made: Path, path: Path, is_as_known: Callable[[], bool]) -> bool:
    try:
        return locks.put(made, path, is_as_known) is not None
    except FileExistsError as error:
        left = f"If no git runs, remove {str(lock_of(path))!r}."
        raise CommitRefused("the branch is locked", left) from error


def _above(name: Ref) -> Iterator[Ref]:
    """The names of what would be a folder if that is a branch."""
    parts = name.split(b"/")
    return (Ref(b"/".join(parts[:end])) for end in range(3, len(parts)))


def _with_header(kind: Kind, content: bytes) -> bytes:
    return f"{kind} {len(content)}\0".encode() + content


def _hex(name: bytes) -> ObjectID:
    return ObjectID(name.hex().encode())


def _freshen(path: Path) -> bool:
    """Whether an object is there; it is as young as if it had just been written, so that no gc removes it."""
    with suppress(OSError):
        if path.stat().st_size:
            os.utime(path)
            return True
    return False
