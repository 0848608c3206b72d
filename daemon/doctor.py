"""The doctor: checks what git and the codecs need, and says of each thing that is wrong the command that mends it.

It only looks. No program of git is run, and nothing that a repository's configuration names.
"""

import re
import shlex
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from daemon.config.table import GitConfig
from daemon.decoding.decoders import WITHOUT_CAGE, Decoders, danger
from daemon.decoding.pool import NoDecoder
from daemon.watching.scan import NOT_PULLED
from events import Media
from projections.artifacts.frame_lists import File, files_of
from projections.artifacts.project_file import read_project_file, told
from projections.files.threads import in_thread
from projections.film import beside_media, present
from projections.git.checks import Check, GitMedia, check_repository, well, wrong
from projections.index.index import Index
from projections.layout import PROJECT_FILE, THUMBNAIL, media_path
from projections.worktree import worktree_of

FFMPEG = (8, 1, 2)
"""The first FFmpeg that mends CVE-2026-8461, which a dropped file could use."""


async def examine(
    root: Path,
    index: Index,
    not_taken: Mapping[str, str],
    config: GitConfig,
    decoders: Decoders,
    share: str | None,
) -> list[Check]:
    """Look at everything; `not_taken` says by path why something was not taken in, `share` what it lies on, if on one."""
    expected = await _expected(root, index)
    waiting = [path for path, reason in not_taken.items() if reason == NOT_PULLED]
    checks = await in_thread(_check_git, root, expected, waiting, config)
    shared = [well("share", f"the film lies on {share}")] if share else []
    return [*shared, *await in_thread(_check_project_file, root), *checks, *await check_decoders(decoders)]


def _check_project_file(root: Path) -> list[Check]:
    """What is wrong with it, where it is not even a file of a sensible size."""
    try:
        read_project_file(root)
    except OSError as error:
        place = shlex.quote(str(root / PROJECT_FILE))
        return [wrong("film", told(error), f"mv {place} {place}.aside")]
    return []


async def _expected(root: Path, index: Index) -> list[GitMedia]:
    """The takes whose media should be in git."""
    return [
        GitMedia(file.path, beside_media(shot, take, THUMBNAIL), file.sha256, file.bytes)
        for shot in await index.shots()
        for take, media in present(await index.takes(shot.id))
        for file in await in_thread(_large_files, root, media_path(shot.path, take.number, media.name), media)
    ]


def _large_files(root: Path, path: str, media: Media) -> list[File]:
    """What of a take is in git as a pointer; the list of a sequence's frames is there as it is."""
    return list(files_of(root, path, media))[1 if media.frames else 0 :]


def _check_git(
    root: Path, expected: Sequence[GitMedia], waiting: Sequence[str], config: GitConfig
) -> list[Check]:
    worktree = worktree_of(root)
    if worktree is None:
        return [well("repository", "the film lies in no git repository")]
    if not config.stage:
        return [well("repository", "nothing is staged, as the configuration says")]
    return check_repository(
        root, worktree, expected, waiting, commits=config.commit != "never", moment=time.time()
    )


async def check_decoders(decoders: Decoders) -> list[Check]:
    """Whether they start, which FFmpeg looks into the files, and whether each has what it is lent and nothing else."""
    try:
        said = await decoders.greeting()
    except NoDecoder as error:
        return [wrong("decoders", str(error), error.hint)]
    return [_check_ffmpeg(said.ffmpeg), _check_cage(said.holes)]


def _check_ffmpeg(said: str) -> Check:
    numbers = re.match(r"n?(\d+)\.(\d+)(?:\.(\d+))?", said)
    if not numbers:
        return wrong("FFmpeg", f"its version cannot be told ({said})", _upgrade())
    if tuple(int(number or 0) for number in numbers.groups()) < FFMPEG:
        return wrong("FFmpeg", f"{said} has a hole that a dropped file could use (CVE-2026-8461)", _upgrade())
    return well("FFmpeg", f"{said} looks into what is dropped")


def _check_cage(holes: Sequence[str]) -> Check:
    if holes:
        return wrong("decoders", danger(holes), WITHOUT_CAGE)
    return well("decoders", "each has the file that it is lent, and nothing else")


def _upgrade() -> str:
    return f"{shlex.quote(sys.executable)} -m pip install --upgrade 'av>=18.1'"
