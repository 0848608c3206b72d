"""The doctor: checks what git and the codecs need, and says of each thing that is wrong the command that mends it.

It only looks. No program of git is run, and nothing that a repository's configuration names.
"""

import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
from msgspec import Struct

from daemon.api.views_upkeep import CheckView, DoctorView
from daemon.config import GitConfig
from daemon.project.project import Project
from daemon.watching.scan import NOT_PULLED
from events import Media, TakesError
from projections.artifacts.thumbnails import ENDING
from projections.files.threads import in_thread
from projections.film import beside_media, has_folder, take_folder
from projections.git.attributes import ATTRIBUTES, LFS
from projections.git.index import IndexUnusable, read_index
from projections.git.lfs import object_path
from projections.index.index import Index
from projections.worktree import LOCK, worktree_of

if TYPE_CHECKING:
    from projections.git.repository import Repository
    from projections.git.rules import Rules

FFMPEG = (8, 1, 2)
"""The first FFmpeg that mends CVE-2026-8461, which a dropped file could use."""

STALE = 10.0
"""Seconds after which a lock of git's index counts as left behind."""

_INSTALL = "brew install git git-lfs" if sys.platform == "darwin" else "sudo apt install git git-lfs"


class Kept(Struct, frozen=True):
    """A complete take's media and thumbnail, by path in the film."""

    path: str
    thumbnail: str
    media: Media


async def examine(project: Project, config: GitConfig) -> DoctorView:
    """Look at everything."""
    parts = project.parts
    kept = await _kept(parts.index)
    waiting = [path for path, reason in parts.reconciler.notes.not_taken.items() if reason == NOT_PULLED]
    checks = await in_thread(_check_git, project.root, kept, waiting, config)
    checks.append(await _check_ffmpeg())
    return DoctorView(ok=all(check.ok for check in checks), checks=checks)


async def _kept(index: Index) -> list[Kept]:
    """The takes whose media should be in git."""
    return [
        Kept(f"{take_folder(shot, take)}/{media.name}", beside_media(shot, take, ENDING), media)
        for shot in await index.shots()
        for take in await index.takes(shot.id)
        if (media := take.read_media()) and has_folder(take) and not take.purged
    ]


def _check_git(
    root: Path, kept: Sequence[Kept], waiting: Sequence[str], config: GitConfig
) -> list[CheckView]:
    worktree = worktree_of(root)
    if worktree is None:
        return [_well("repository", "the film lies in no git repository")]
    if not config.stage:
        return [_well("repository", "nothing is staged, as the configuration says")]
    from projections.git.repository import open_repository  # noqa: PLC0415 - a film outside of git does without

    programs = _check_programs()
    try:
        with open_repository(worktree) as repository:
            return [programs, *_check_repository(repository, root, kept, waiting, config)]
    except TakesError as error:
        return [programs, _wrong("repository", str(error), error.hint)]
    except OSError as error:
        return [programs, _wrong("repository", f"{error.filename}: {error.strerror}")]


def _check_repository(
    repository: "Repository", root: Path, kept: Sequence[Kept], waiting: Sequence[str], config: GitConfig
) -> Iterator[CheckView]:
    from projections.git.rules import Rules  # noqa: PLC0415

    worktree, rules = repository.worktree.resolve(), Rules(repository)
    prefix = f"{root.relative_to(worktree)}/" if root != worktree else ""
    if prefix and rules.ignores(prefix):
        yield _well("repository", f"{worktree} ignores the film: nothing is staged")
        return
    yield _well("repository", f"the film lies in {worktree}")
    if config.commit != "never":
        yield _check_identity(repository)
    yield _check_filters(repository)
    yield _check_hooks(repository)
    yield _check_attributes(repository, rules, prefix, kept)
    yield _check_lock(repository)
    yield _check_index(repository)
    yield _check_objects(repository, kept)
    if waiting:
        what = f"{len(waiting)} takes are not pulled yet, among them {waiting[0]}"
        yield _wrong("pulled", what, f"cd {shlex.quote(str(worktree))} && git lfs pull")


def _check_programs() -> CheckView:
    missing = [name for name in ("git", "git-lfs") if not shutil.which(name)]
    if missing:
        return _wrong("programs", f"{' and '.join(missing)} cannot be found", _INSTALL)
    return _well("programs", "git and git-lfs are installed")


def _check_identity(repository: "Repository") -> CheckView:
    try:
        who = repository.identity().decode(errors="replace")
        signature = ", unsigned" if repository.is_on("commit", "gpgSign") else ""
        return _well("identity", f"commits are made as {who}{signature}")
    except TakesError as error:
        return _wrong("identity", str(error), error.hint)


def _check_filters(repository: "Repository") -> CheckView:
    for name in ("clean", "smudge", "process"):
        said = repository.setting("filter", "lfs", name)
        if not said:
            return _wrong(
                "filters",
                f"git has no filter.lfs.{name}: it would take pointers for media",
                "git lfs install",
            )
        if "git-lfs" not in said and "git lfs" not in said:
            what = f"filter.lfs.{name} runs something else than Git LFS: {said}"
            return _wrong("filters", what, f"git config --unset filter.lfs.{name}; git lfs install --force")
    return _well("filters", "git sends the media through Git LFS")


def _check_hooks(repository: "Repository") -> CheckView:
    chosen = repository.setting("core", "hooksPath")
    hooks = repository.worktree / Path(chosen).expanduser() if chosen else repository.common / "hooks"
    try:
        text = (hooks / "pre-push").read_text(errors="replace")
    except OSError:
        text = ""
    if "git lfs" in text or "git-lfs" in text:
        return _well("hooks", "a push takes the media along")
    what = "there is no pre-push hook of Git LFS: a push would leave the media behind"
    return _wrong("hooks", what, "git lfs install --local" if not text else "git lfs update --manual")


def _check_attributes(
    repository: "Repository", rules: "Rules", prefix: str, kept: Sequence[Kept]
) -> CheckView:
    """Whether all media go to Git LFS and no thumbnail does; the first that is not so is named."""
    for one in kept:
        path = prefix + one.path
        if rules.attributes(path).get(b"filter") != b"lfs":
            place = rules.decides(path, b"filter") or _own(repository, prefix)
            line = f"*{Path(path).suffix} {LFS}"
            what = f"{path} is not staged: the attributes do not send it to Git LFS"
            return _wrong("attributes", what, f"echo {shlex.quote(line)} >> {shlex.quote(str(place))}")
        thumbnail = prefix + one.thumbnail
        if rules.attributes(thumbnail).get(b"filter"):
            place = rules.decides(thumbnail, b"filter") or _own(repository, prefix)
            what = f"{thumbnail} is not staged: the attributes send it through a filter"
            line = "*_thumbnail.png !filter !diff !merge"
            return _wrong("attributes", what, f"echo {shlex.quote(line)} >> {shlex.quote(str(place))}")
    return _well("attributes", f"{len(kept)} media files go to Git LFS, their thumbnails do not")


def _own(repository: "Repository", prefix: str) -> Path:
    """The film's own attributes."""
    return repository.worktree / prefix / ATTRIBUTES


def _check_lock(repository: "Repository") -> CheckView:
    lock = repository.index_path.with_name(repository.index_path.name + LOCK)
    try:
        age = time.time() - lock.stat().st_mtime
    except OSError:
        return _well("lock", "git's index is free")
    if age < STALE:
        return _well("lock", "a program is writing git's index just now")
    what = (
        f"git's index has been locked for {age:.0f} s: a program that died may have left {lock.name} behind"
    )
    return _wrong("lock", what, f"rm {shlex.quote(str(lock))}")


def _check_index(repository: "Repository") -> CheckView:
    try:
        index = read_index(repository.index_path, repository.width)
    except IndexUnusable as error:
        return _wrong("index", str(error), error.hint)
    return _well("index", f"git's index is of version {index.version}, with {len(index.entries)} entries")


def _check_objects(repository: "Repository", kept: Sequence[Kept]) -> CheckView:
    wrong = [one for one in kept if not _has_object(repository, one)]
    if not wrong:
        return _well("objects", f"{len(kept)} media files have their object, of the right size")
    what = f"{len(wrong)} objects of Git LFS are missing or of the wrong size, among them that of {wrong[0].path}"
    return _wrong("objects", what, "takes rebuild git-lfs")


def _has_object(repository: "Repository", one: Kept) -> bool:
    try:
        return object_path(repository.lfs_objects, one.media.sha256).stat().st_size == one.media.bytes
    except OSError:
        return False


async def _check_ffmpeg() -> CheckView:
    """Which FFmpeg looks into the files; it is asked in a process of its own, since no codec is loaded here.

    With -P: an `av.py` in the folder that the daemon was started in is nothing to run.
    """
    command = [sys.executable, "-P", "-c", "import av; print(av.ffmpeg_version_info)"]
    answer = await anyio.run_process(
        command, check=False, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    said = answer.stdout.decode(errors="replace").strip()
    numbers = re.match(r"n?(\d+)\.(\d+)(?:\.(\d+))?", said)
    if not numbers:
        return _wrong("FFmpeg", f"its version cannot be told ({said or 'it cannot be loaded'})", _upgrade())
    if tuple(int(number or 0) for number in numbers.groups()) < FFMPEG:
        return _wrong(
            "FFmpeg", f"{said} has a hole that a dropped file could use (CVE-2026-8461)", _upgrade()
        )
    return _well("FFmpeg", f"{said} looks into what is dropped")


def _upgrade() -> str:
    return f"{shlex.quote(sys.executable)} -m pip install --upgrade 'av>=18.1'"


def _well(name: str, what: str) -> CheckView:
    return CheckView(name=name, ok=True, what=what)


def _wrong(name: str, what: str, mend: str = "") -> CheckView:
    return CheckView(name=name, ok=False, what=what, mend=mend or None)
