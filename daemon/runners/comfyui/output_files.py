"""The files of a ComfyUI on this machine: which of those in the film are ours, and new; and what is left elsewhere."""

import os
import shutil
import stat
from collections.abc import Callable
from hashlib import file_digest
from pathlib import Path, PurePosixPath

from daemon.runners.comfyui.messages import OutputFile, PromptOutcome
from daemon.runners.runner import Job
from events import Identity
from projections.files.fingerprint import identity, is_unchanged
from projections.files.opening import folder_in, opened
from projections.layout import takes_path

Snapshot = dict[str, Identity]
"""What was in a folder: names, and which file each was."""


def snapshot(folder: Path, wanted: Callable[[os.stat_result], bool] = lambda _: True) -> Snapshot:
    """What is in the folder now."""
    found: Snapshot = {}
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                about = entry.stat(follow_symlinks=False)
                if wanted(about):
                    found[entry.name] = identity(about)
    except OSError:
        pass  # then nothing in it counts as old, and nothing of it will be found either
    return found


def snapshot_before(job: Job, outcome: PromptOutcome | None) -> Snapshot:
    """What was in the shot's folder before an earlier attempt began, as far as times of change tell; never its own."""
    begun = outcome.started if outcome and outcome.started is not None else None
    found = snapshot(job.takes, lambda about: begun is None or about.st_mtime_ns / 1e6 < begun - 1000)
    return {name: file for name, file in found.items() if not _is_named_for(name, job)}


def _is_named_for(name: str, job: Job) -> bool:
    rest = name.removeprefix(job.stem)
    return rest != name and not rest[:1].isdigit()


def written_in_place(job: Job, file: OutputFile, before: Snapshot) -> Path | None:
    """The file in the shot's own folder, where ComfyUI has written it right there, and since the job began."""
    folders = PurePosixPath(file.subfolder).parts
    shot = PurePosixPath(takes_path(job.shot)).parts
    if not folders or not (folders[-len(shot) :] == shot or job.takes.parts[-len(folders) :] == folders):
        return None
    path = job.takes / file.name
    try:
        about = path.lstat()
    except OSError:
        return None
    known = before.get(file.name)
    is_old = known is not None and is_unchanged(known, identity(about))
    return path if stat.S_ISREG(about.st_mode) and not is_old else None


def discard(job: Job, file: OutputFile, before: Snapshot) -> None:
    """Take a picture that was only saved once more out of the shot's folder; it goes with the job's own."""
    path = written_in_place(job, file, before)
    if path and _is_named_for(file.name, job):
        shutil.move(path, job.folder / file.name)


def remove_left(output: Path, left: str, root: Path, sha256: str) -> str | None:
    """Remove what is left of a take in ComfyUI's output folder; why it stays, where it does.

    It goes only if it holds what the take holds, and never from the film's own folder.
    """
    path = output / left
    folder, _, name = left.rpartition("/")
    if path.resolve().is_relative_to(root.resolve()):
        return f"{path} stays: it lies in the film"
    try:
        with folder_in(output, folder) as place:
            with opened(name, within=place) as file:
                known, digest = identity(os.fstat(file.fileno())), file_digest(file, "sha256").hexdigest()
            if digest != sha256 or identity(os.stat(name, dir_fd=place, follow_symlinks=False)) != known:
                return f"{path} stays: it does not hold what the take holds"
            os.unlink(name, dir_fd=place)
    except OSError as error:
        return f"{path} cannot be removed: {error.strerror}"
    return None
