"""Git: the repository that a film lies in, read and added to without running a program of it.

The one module that knows dulwich. No hook, no filter and no command that a repository's configuration names is
ever run, and a repository that belongs to somebody else is left alone, as git itself does.
"""

import os
import stat
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from io import BytesIO
from pathlib import Path

from dulwich.attrs import (
    AttributeValue,
    GitAttributes,
    Pattern,
    compile_gitattributes_patterns,
    parse_git_attributes,
)
from dulwich.config import StackedConfig
from dulwich.file import FileLocked
from dulwich.ignore import IgnoreFilterManager
from dulwich.objects import Blob, Commit, ObjectID, ShaFile, Tree
from dulwich.refs import HEADREF
from dulwich.repo import Repo

from events import TakesError
from projections.film import UMASK
from projections.git_attributes import ATTRIBUTES

UNDER_WAY = {
    "MERGE_HEAD": "a merge",
    "rebase-merge": "a rebase",
    "rebase-apply": "a rebase",
    "CHERRY_PICK_HEAD": "a cherry-pick",
    "REVERT_HEAD": "a revert",
    "sequencer": "a cherry-pick or revert",
    "BISECT_LOG": "a bisect",
}
"""What lies in git's folder while something is under way that a commit would disturb."""

LONGEST_CONFIG = 1 << 20
"""Bytes of a file of attributes or a configuration."""

FOLDER = 0o040000

Change = tuple[int, bytes] | None
"""The mode and the blob of a path; None where it is not to be there."""

Patterns = list[tuple[Pattern, Mapping[bytes, AttributeValue]]]


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
    """A repository and its worktree, for as long as one look at it takes."""

    def __init__(self, worktree: Path, repo: Repo, config: StackedConfig) -> None:
        self.worktree = worktree
        self.control = Path(repo.controldir()).resolve()
        self.common = Path(repo.commondir()).resolve()
        self._repo = repo
        self._config = config
        self.read_attributes()
        self._ignored = IgnoreFilterManager.from_repo(repo, self._config)

    @property
    def index_path(self) -> Path:
        return self.control / "index"

    @property
    def width(self) -> int:
        """Bytes of an object's id."""
        return int(self._repo.object_format.oid_length)

    def setting(self, *names: str) -> str | None:
        """What git's configuration says, of the repository or of the user: `setting("filter", "lfs", "clean")`."""
        return _setting(self._config, *names)

    @property
    def lfs_objects(self) -> Path:
        """Where Git LFS keeps its objects: one place for all worktrees."""
        chosen = Path(self.setting("lfs", "storage") or "lfs").expanduser()
        return self.common / chosen / "objects"

    @property
    def keeps_modes(self) -> bool:
        """Whether a file's executable bit is its own, and not the filesystem's."""
        return (self.setting("core", "filemode") or "true").lower() != "false"

    def attributes(self, path: str) -> Mapping[bytes, AttributeValue]:
        """What `.gitattributes` say of a path in the worktree."""
        return self._attributes.match_path(os.fsencode(path))

    def decides(self, path: str, attribute: bytes) -> Path | None:
        """The file whose lines have the last word on an attribute of that path; None where none speaks of it."""
        places = [(self.common / "info" / "attributes", b"")]
        for folder in Path(path).parents:
            below = b"" if folder == Path() else os.fsencode(folder)
            places.append((self.worktree / folder / ATTRIBUTES, below))
        for place, below in places:
            if any(
                rule.match(os.fsencode(path)) and attribute in said for rule, said in _patterns(place, below)
            ):
                return place
        return None

    def is_ignored(self, path: str) -> bool:
        """Whether `.gitignore` keeps a path out of git."""
        return bool(self._ignored.is_ignored(path))

    def read_attributes(self) -> None:
        """Read what all `.gitattributes` say, again where one has changed."""

        def read(folder: bytes) -> Patterns:
            return _patterns(self.worktree / os.fsdecode(folder) / ATTRIBUTES, folder)

        info = _patterns(self.common / "info" / "attributes", b"")
        self._attributes = GitAttributes(read(b""), directory_loader=read, info_patterns=info)

    def read_blob(self, blob: bytes) -> bytes | None:
        """The content of a blob, by its binary id; None where it is not there, or is none."""
        try:
            found = self._repo.object_store[ObjectID(blob.hex().encode())]
        except KeyError:
            return None
        return found.as_raw_string() if isinstance(found, Blob) else None

    def add_blob(self, content: bytes) -> bytes:
        """Have that content as an object; its binary id."""
        return bytes.fromhex(self.add(Blob.from_string(content)).decode())

    def blob_id(self, content: bytes) -> bytes:
        """The binary id that content has, whether or not it is there."""
        return bytes.fromhex(Blob.from_string(content).get_id(self._repo.object_format).decode())

    def add(self, one: ShaFile) -> ObjectID:
        """Write a loose object as git does: a temporary name that `git gc` would know, then a rename."""
        name = ObjectID(one.get_id(self._repo.object_format))
        folder = self.common / "objects" / name[:2].decode()
        path = folder / name[2:].decode()
        if _freshen(path) or (not path.exists() and name in self._repo.object_store):
            return name
        folder.mkdir(exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(prefix="tmp_obj_", dir=folder)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(one.as_legacy_object())
                file.flush()
                os.fchmod(descriptor, 0o444 & ~UMASK)
                os.fsync(descriptor)
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        return name

    def under_way(self) -> str | None:
        """What is under way in this worktree that a commit would disturb."""
        return next((what for name, what in UNDER_WAY.items() if (self.control / name).exists()), None)

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

    def branch(self, moment: datetime) -> "Branch":
        """The branch that is checked out, for commits of that moment."""
        return Branch(self, self._repo, moment)


class Branch:
    """The branch that is checked out, and the commits that are put on top of it."""

    def __init__(self, repository: Repository, repo: Repo, moment: datetime) -> None:
        self._repository = repository
        self._repo = repo
        self._moment = moment
        names, tip = repo.refs.follow(HEADREF)
        self._name = names[-1]
        self._is_detached = len(names) < 2
        self._before = self._tip = tip
        self._identity = b""
        self._tree = self._tree_of(tip) if tip else None

    def _tree_of(self, tip: ObjectID) -> ObjectID | None:
        commit = self._repo.object_store[tip]
        return commit.tree if isinstance(commit, Commit) else None

    def find(self, path: str) -> tuple[int, bytes] | None:
        """The mode and the binary id of what the branch has at that path."""
        found: tuple[int, ObjectID] | None = (FOLDER, self._tree) if self._tree else None
        for name in os.fsencode(path).split(b"/"):
            tree = self._load(found)
            found = _child(tree, name) if tree else None
        return (found[0], bytes.fromhex(found[1].decode())) if found else None

    def add(self, changes: Mapping[str, Change], message: str) -> None:
        """Put a commit with those changes, and no others, on top, where they change anything. CommitRefused."""
        paths = {tuple(os.fsencode(path).split(b"/")): change for path, change in changes.items()}
        tree = self._graft(self._tree, paths) or self._repository.add(Tree())
        if tree == self._tree:
            return
        self._identity = self._identity or self._begin()
        commit = Commit()
        commit.tree, commit.parents = tree, [self._tip] if self._tip else []
        commit.author = commit.committer = self._identity
        commit.author_time = commit.commit_time = int(self._moment.timestamp())
        offset = self._moment.utcoffset()
        commit.author_timezone = commit.commit_timezone = int(offset.total_seconds()) if offset else 0
        commit.encoding, commit.message = b"UTF-8", message.encode()
        self._tip, self._tree = self._repository.add(commit), tree

    def _begin(self) -> bytes:
        """See that commits can be made just then, and who makes them."""
        if what := self._repository.under_way():
            raise CommitRefused(f"{what} is under way", "It is tried again once that is done.")
        if self._is_detached:
            raise CommitRefused("no branch is checked out", "Check one out: git switch BRANCH")
        return self._repository.identity()

    def finish(self) -> None:
        """Have the branch end in the last of those commits; CommitRefused where it has moved meanwhile."""
        if self._tip is None or self._tip == self._before:
            return
        try:
            is_done = self._repo.refs.set_if_equals(
                self._name,
                self._before or ObjectID(b"0" * len(self._tip)),
                self._tip,
                committer=self._identity,
                timestamp=int(self._moment.timestamp()),
                message=b"commit: takes",
            )
        except FileLocked as error:
            raise CommitRefused(
                "the branch is locked", f"If no git runs, remove {error.lockfilename!r}."
            ) from error
        if not is_done:
            raise CommitRefused("somebody else has just committed", "It is tried again.")

    def _load(self, found: tuple[int, ObjectID] | None) -> Tree | None:
        if found is None or not stat.S_ISDIR(found[0]):
            return None
        tree = self._repo.object_store[found[1]]
        return tree if isinstance(tree, Tree) else None

    def _graft(self, base: ObjectID | None, changes: Mapping[tuple[bytes, ...], Change]) -> ObjectID | None:
        """The tree with those changes; None where nothing is left in it."""
        loaded = self._load((FOLDER, base)) if base else None
        tree = Tree.from_string(loaded.as_raw_string()) if loaded else Tree()
        for name, below in _by_first(changes):
            if () in below:
                new = below[()]
                made = (new[0], ObjectID(new[1].hex().encode())) if new else None
            else:
                child = _child(tree, name)
                inner = self._graft(child[1] if child and stat.S_ISDIR(child[0]) else None, below)
                made = (FOLDER, inner) if inner else None
            if made:
                tree.add(name, *made)
            elif _child(tree, name):
                del tree[name]
        return self._repository.add(tree) if len(tree) else None


def _child(tree: Tree, name: bytes) -> tuple[int, ObjectID] | None:
    """The mode and the object of a name in a tree; None where it has none."""
    try:
        return tree[name]
    except KeyError:
        return None


def _by_first(
    changes: Mapping[tuple[bytes, ...], Change],
) -> Iterable[tuple[bytes, dict[tuple[bytes, ...], Change]]]:
    grouped: dict[bytes, dict[tuple[bytes, ...], Change]] = {}
    for (first, *rest), change in changes.items():
        grouped.setdefault(first, {})[tuple(rest)] = change
    return grouped.items()


@contextmanager
def open_repository(worktree: Path) -> Iterator[Repository]:
    """The repository whose `.git` lies in that folder; RepositoryUnusable says why it is none to be used."""
    dot = worktree / ".git"
    for path in (worktree, dot):
        _check_owner(worktree, path)
    with _opened(worktree) as repo:
        for path in (Path(repo.controldir()), Path(repo.commondir())):
            _check_owner(worktree, path.resolve())
        yield _checked(worktree, repo, is_linked=dot.is_file())


def _opened(worktree: Path) -> Repo:
    try:
        return Repo(str(worktree))
    except OSError:
        raise
    except Exception as error:  # dulwich has many ways to say that it cannot read it
        raise RepositoryUnusable(worktree, f"cannot be read: {type(error).__name__}: {error}") from error


def _checked(worktree: Path, repo: Repo, *, is_linked: bool) -> Repository:
    config = repo.get_config_stack()
    if not is_linked and (_setting(config, "core", "bare") or "").lower() in ("true", "1", "yes", "on"):
        raise RepositoryUnusable(worktree, "is bare: it has no files")
    if Path(repo.path).resolve() != worktree.resolve():
        raise RepositoryUnusable(worktree, f"keeps its files elsewhere: core.worktree is {repo.path}")
    return Repository(worktree, repo, config)


def _check_owner(worktree: Path, path: Path) -> None:
    """Git's own rule: what belongs to another user may be made to do us harm."""
    if path.lstat().st_uid != os.geteuid():
        raise RepositoryUnusable(
            worktree,
            f"belongs to somebody else ({path})",
            f"If it is yours: sudo chown -R $(id -u) '{worktree}'",
        )


def _setting(config: StackedConfig, *names: str) -> str | None:
    *section, name = names
    try:
        value = config.get(tuple(part.encode() for part in section), name.encode())
    except KeyError:
        return None
    return value.decode(errors="replace")


def _patterns(path: Path, folder: bytes) -> Patterns:
    return compile_gitattributes_patterns(parse_git_attributes(BytesIO(_small_file(path))), base=folder)


def _small_file(path: Path) -> bytes:
    """The content of a regular file of a sensible size, empty otherwise: a pipe would never end."""
    try:
        found = path.lstat()
        if stat.S_ISREG(found.st_mode) and found.st_size <= LONGEST_CONFIG:
            return path.read_bytes()
    except OSError:
        pass
    return b""


def _freshen(path: Path) -> bool:
    """Whether an object is there; it is as young as if it had just been written, so that no gc removes it."""
    try:
        if path.stat().st_size:
            os.utime(path)
            return True
    except OSError:
        pass
    return False
