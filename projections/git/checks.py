"""Checks: whether a film's takes can be in git as they should be, and the command that mends what is wrong.

It only looks. No program of git is run, and nothing that a repository's configuration names.
"""

import shlex
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from events import TakesError
from projections.files.reading import GIT_TEXT, read
from projections.git.attributes import ADDED_SINCE, ATTRIBUTES, LFS, MARK, PLAIN_PICTURES
from projections.git.lfs import object_path
from projections.gitdir.index import IndexUnusable, read_index
from projections.layout import PROJECT_FILE
from projections.worktree import lock_of

if TYPE_CHECKING:
    from projections.git.entries import Entries, FilmInGit
    from projections.git.repository import Repository

STALE = 10.0
"""Seconds after which a lock of git's index counts as left behind."""

_INSTALL = "brew install git git-lfs" if sys.platform == "darwin" else "sudo apt install git git-lfs"


class Check(Struct, frozen=True):
    """A thing that was looked at; `mend` is the command that puts it right, where it is not."""

    name: str
    ok: bool
    what: str
    mend: str | None = None


class GitMedia(Struct, frozen=True):
    """A complete take's media and thumbnail, by path in the film, which should be in git."""

    path: str
    thumbnail: str
    sha256: str
    bytes: int


def check_repository(
    root: Path,
    worktree: Path,
    expected: Sequence[GitMedia],
    waiting: Sequence[str],
    *,
    commits: bool,
    moment: float,
) -> list[Check]:
    """Look at the repository of a film; `waiting` are the paths of media that are not pulled yet, `moment` is now, in s."""
    from projections.git.entries import open_film  # noqa: PLC0415 - a film outside of git does without

    programs = _check_programs()
    try:
        with open_film(root, worktree) as film:
            return [programs, *_check_film(film, expected, waiting, commits=commits, moment=moment)]
    except TakesError as error:
        return [programs, wrong("repository", str(error), error.hint)]
    except OSError as error:
        return [programs, wrong("repository", f"{error.filename}: {error.strerror}")]


def well(name: str, what: str) -> Check:
    """A thing that is as it should be."""
    return Check(name=name, ok=True, what=what)


def wrong(name: str, what: str, mend: str = "") -> Check:
    """A thing that is not."""
    return Check(name=name, ok=False, what=what, mend=mend or None)


def _check_film(
    film: "FilmInGit", expected: Sequence[GitMedia], waiting: Sequence[str], *, commits: bool, moment: float
) -> Iterator[Check]:
    repository, worktree = film.repository, film.repository.worktree.resolve()
    if film.is_left_out:
        yield well("repository", f"{worktree} ignores the film: nothing is staged")
        return
    yield well("repository", f"the film lies in {worktree}")
    if commits:
        yield _check_identity(repository)
    yield _check_filters(repository)
    yield _check_project_file(film)
    yield _check_hooks(repository)
    entries = _entries(film)
    elsewhere = {
        one.path: place for one in expected if entries and (place := entries.inner_repository(one.path))
    }
    if elsewhere:
        yield _said_of_inner(elsewhere)
    expected = [one for one in expected if one.path not in elsewhere]
    yield _check_attributes(film, expected)
    for folder in {one.path.rpartition("/")[0] for one in expected}:
        film.is_ignored(f"{folder}/")  # by rules that are read then
    for path, why in film.rules.unread.items():
        yield wrong("rules", f"{path} says nothing: {why}")
    yield _check_lock(repository, moment)
    yield _check_index(repository)
    if entries:
        yield _check_objects(repository, [one for one in expected if entries.has(one.path)])
    if waiting:
        what = f"{len(waiting)} takes are not pulled yet, among them {waiting[0]}"
        yield wrong("pulled", what, f"cd {shlex.quote(str(worktree))} && git lfs pull")


def _entries(film: "FilmInGit") -> "Entries | None":
    """What git's index has; None where it cannot be read, which has a check of its own."""
    from projections.git.entries import Entries  # noqa: PLC0415 - a film outside of git does without

    try:
        return Entries(film)
    except (IndexUnusable, OSError):
        return None


def _said_of_inner(places: Mapping[str, str]) -> Check:
    """That takes lie in repositories within the film's, as somebody has chosen."""
    first = next(iter(places.values()))
    what = f"{len(places)} media files lie in a repository within this one, such as {first}: nothing is staged of them"
    return well("inner repositories", what)


def _check_programs() -> Check:
    missing = [name for name in ("git", "git-lfs") if not shutil.which(name)]
    if missing:
        return wrong("programs", f"{' and '.join(missing)} cannot be found", _INSTALL)
    return well("programs", "git and git-lfs are installed")


def _check_identity(repository: "Repository") -> Check:
    try:
        who = repository.identity().decode(errors="replace")
        signature = ", unsigned" if repository.is_on("commit", "gpgSign") else ""
        return well("identity", f"commits are made as {who}{signature}")
    except TakesError as error:
        return wrong("identity", str(error), error.hint)


def _check_filters(repository: "Repository") -> Check:
    for name in ("clean", "smudge", "process"):
        said = repository.setting("filter", "lfs", name)
        if not said:
            what = f"git has no filter.lfs.{name}: it would take pointers for media"
            return wrong("filters", what, "git lfs install")
        if "git-lfs" not in said and "git lfs" not in said:
            what = f"filter.lfs.{name} runs something else than Git LFS: {said}"
            return wrong("filters", what, f"git config --unset filter.lfs.{name}; git lfs install --force")
    return well("filters", "git sends the media through Git LFS")


def _check_project_file(film: "FilmInGit") -> Check:
    """Whether git asks us what it is to have of `project.json`, where the attributes say that it is to."""
    from projections.git.shared_files import is_configured, is_ours, settings  # noqa: PLC0415

    if not is_ours(film):
        return well(PROJECT_FILE, "git takes it as it is, as the attributes say")
    if is_configured(film.repository):
        return well(PROJECT_FILE, "git asks takes what to have of it, and how to merge it")
    git = f"git -C {shlex.quote(str(film.repository.worktree))} config"
    mend = " && ".join(f"{git} {'.'.join(names)} {shlex.quote(said)}" for names, said in settings().items())
    what = "git does not find takes to ask: each drop would change it, and branches would conflict in it"
    return wrong(PROJECT_FILE, what, mend)


def _check_hooks(repository: "Repository") -> Check:
    chosen = repository.setting("core", "hooksPath")
    hooks = repository.worktree / Path(chosen).expanduser() if chosen else repository.common_dir / "hooks"
    try:
        text = (read(hooks / "pre-push", GIT_TEXT, follows=True) or b"").decode(errors="replace")
    except OSError as error:
        return wrong("hooks", f"{hooks / 'pre-push'}: {error.strerror}")
    if "git lfs" in text or "git-lfs" in text:
        return well("hooks", "a push takes the media along")
    what = "there is no pre-push hook of Git LFS: a push would leave the media behind"
    return wrong("hooks", what, "git lfs install --local" if not text else "git lfs update --manual")


def _check_attributes(film: "FilmInGit", expected: Sequence[GitMedia]) -> Check:
    """Whether all media go to Git LFS and no thumbnail does; the first that is not so is named."""
    for one in expected:
        if film.attribute(one.path, b"filter") != b"lfs":
            what = "the attributes do not send it to Git LFS"
            return _not_staged(film, one.path, what, f"*{Path(one.path).suffix} {LFS}")
        if film.attribute(one.thumbnail, b"filter"):
            return _not_staged(film, one.thumbnail, "the attributes send it through a filter", PLAIN_PICTURES)
    if lacking := _kinds_without_rule(film):
        what = f"{ATTRIBUTES} is older than these kinds of media, and says nothing of {', '.join(lacking)}"
        lines = shlex.join(f"*{suffix} {LFS}" for suffix in lacking)
        place = film.repository.worktree / film.prefix / ATTRIBUTES
        return wrong("attributes", what, f"printf '%s\\n' {lines} >> {shlex.quote(str(place))}")
    return well("attributes", f"{len(expected)} media files go to Git LFS, their thumbnails do not")


def _kinds_without_rule(film: "FilmInGit") -> list[str]:
    """The kinds of media that came after the template was merged in, and that nobody has decided on."""
    text = read(film.root / ATTRIBUTES, GIT_TEXT) or b""
    return [kind for kind in ADDED_SINCE if not film.is_decided(kind)] if MARK.encode() in text else []


def _not_staged(film: "FilmInGit", path: str, why: str, line: str) -> Check:
    """The attributes of a path are wrong; the line goes into the file that has the last word."""
    full = film.full(path)
    place = film.rules.deciding_file(full, b"filter") or film.repository.worktree / film.prefix / ATTRIBUTES
    mend = f"echo {shlex.quote(line)} >> {shlex.quote(str(place))}"
    return wrong("attributes", f"{full} is not staged: {why}", mend)


def _check_lock(repository: "Repository", moment: float) -> Check:
    lock = lock_of(repository.index_path)
    try:
        age = moment - lock.stat().st_mtime
    except OSError:
        return well("lock", "git's index is free")
    if age < STALE:
        return well("lock", "a program is writing git's index just now")
    what = (
        f"git's index has been locked for {age:.0f} s: a program that died may have left {lock.name} behind"
    )
    return wrong("lock", what, f"rm {shlex.quote(str(lock))}")


def _check_index(repository: "Repository") -> Check:
    try:
        index = read_index(repository.index_path, repository.id_length)
    except IndexUnusable as error:
        return wrong("index", str(error), error.hint)
    except OSError as error:
        return wrong("index", f"{repository.index_path}: {error.strerror}")
    return well("index", f"git's index is of version {index.version}, with {index.count} entries")


def _check_objects(repository: "Repository", expected: Sequence[GitMedia]) -> Check:
    lacking = [one for one in expected if not _has_object(repository, one)]
    if not lacking:
        return well("objects", f"{len(expected)} media files have their object, of the right size")
    what = f"{len(lacking)} objects of Git LFS are missing or of the wrong size, among them that of {lacking[0].path}"
    return wrong("objects", what, "takes rebuild git-lfs")


def _has_object(repository: "Repository", one: GitMedia) -> bool:
    try:
        return object_path(repository.lfs_objects, one.sha256).stat().st_size == one.bytes
    except OSError:
        return False
