"""Checks: whether the file of a take that is to be given up is still the one that the log knows."""

import os
import stat
from pathlib import Path

from daemon.disk.marker import Marker
from events import Identity, Media, TakesError
from projections.artifacts.frame_lists import frames_of, is_frame
from projections.files.fingerprint import has_same_content, identity
from projections.files.hashing import OpenFile, sha256_of_open
from projections.files.opening import NoFile, folder_in
from projections.files.threads import in_thread
from projections.film import has_folder
from projections.index.rows import TakeRow

CHANGED = "it is not what the log says it is"
NO_FILE = "a link, or something else that is no file, is in its place"
UNKNOWN = "the log does not say which file that is"


class NotPurged(TakesError):
    """Raised when a take is not purged after all."""

    hint = "`takes verify` tells what has changed."

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def compare(root: Path, path: str, take: TakeRow) -> None:
    """Compare the take's file, which belongs at that path, with the log by all but its bytes; NotPurged if it differs."""
    folder, _, name = path.rpartition("/")
    try:
        with folder_in(root, folder) as place:
            found = os.stat(name, dir_fd=place, follow_symlinks=False)
    except OSError as error:
        raise _cannot_read(error) from error
    if not stat.S_ISREG(found.st_mode):
        raise NotPurged(NO_FILE)
    _compare(take, identity(found))


async def check(root: Path, path: str, take: TakeRow, marker: Marker) -> Identity | None:
    """Read the take's file, which belongs at that path, and say which one it is; none where the take has no file.

    NotPurged where it is not what the log says; MarkerGone where the whole project is away.
    """
    if not has_folder(take):
        await in_thread(marker.check)
        return None
    file = await in_thread(_opened, root, path, marker)
    before = identity(await in_thread(file.stat))
    _compare(take, before)
    media = take.read_media()
    if media and await sha256_of_open(file) != media.sha256:
        raise NotPurged(CHANGED)
    if identity(await in_thread(file.stat)) != before:
        raise NotPurged(CHANGED)
    if media and media.frames:
        await in_thread(_check_frames, root, path, media)
    return before


def _check_frames(root: Path, path: str, media: Media) -> None:
    """Read all frames; one that is not there is no reason to keep the others."""
    frames = frames_of(root, path, media)
    for where, frame in frames.paths(path) if frames else ():
        try:
            is_same = is_frame(root / where, frame, 0)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise NotPurged(f"frame {frame.number} cannot be read: {error.strerror}") from error
        if not is_same:
            raise NotPurged(f"frame {frame.number} is not what the log says it is")


def _opened(root: Path, path: str, marker: Marker) -> OpenFile:
    folder, _, name = path.rpartition("/")
    try:
        with folder_in(root, folder) as place:
            return OpenFile(name, within=place)
    except NoFile as error:
        raise NotPurged(CHANGED) from error
    except OSError as error:
        marker.check()
        raise _cannot_read(error) from error


def _compare(take: TakeRow, found: Identity) -> None:
    """Hold the file against what the log knows of it: its size and, where it could not be decoded, its time."""
    media, known = take.read_media(), take.read_file()
    if media:
        is_same = media.bytes == found.size
    elif known:
        is_same = has_same_content(known, found)
    else:
        raise NotPurged(UNKNOWN)
    if not is_same:
        raise NotPurged(CHANGED)


def _cannot_read(error: OSError) -> NotPurged:
    return NotPurged(f"its file cannot be read: {error.strerror}")
