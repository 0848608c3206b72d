"""The plan of a clean-up: the takes that are to go, their files, and what comes back with these."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from msgspec import Struct, field

from daemon.config.table import Policy
from daemon.space.checks import NotPurged, compare
from daemon.space.extents import Disk, Occupied, coming_back
from daemon.space.git_objects import GitObjects
from daemon.space.policy import Chosen
from projections.artifacts.frame_lists import File as TakeFile
from projections.artifacts.frame_lists import files_of, frames_of
from projections.film import has_folder, take_folder
from projections.index.rows import ShotRow, TakeRow
from projections.layout import FRAMES, object_path


class File(Struct):
    """A file that goes: `back` are the bytes that come back with it."""

    path: str
    kind: Literal["media", "object"]
    occupied: Occupied
    back: int = 0


class Candidate(Struct):
    """A take that is to be purged, and its files."""

    shot: ShotRow
    chosen: Chosen
    files: list[File] = field(default_factory=list)

    @property
    def take(self) -> TakeRow:
        return self.chosen.take

    @property
    def path(self) -> str:
        """Where its file is, or would be."""
        return f"{take_folder(self.shot, self.take)}/{self.take.name or ''}".rstrip("/")


class Plan(Struct):
    """What is purged; `left` are those that were chosen and stay, by path, with the reason.

    `staying` are files that share blocks with some that go, `may_share` says that the disk does not tell which do,
    and `in_git` that Git LFS has some of the bytes.
    """

    policy: Policy
    candidates: list[Candidate] = field(default_factory=list)
    left: dict[str, str] = field(default_factory=dict)
    staying: list[Occupied] = field(default_factory=list)
    may_share: bool = False
    in_git: bool = False

    @property
    def digest(self) -> str:
        """What tells these takes from others."""
        takes = sorted(f"{one.shot.stream} {one.take.number}" for one in self.candidates)
        return hashlib.sha256("\n".join(takes).encode()).hexdigest()[:16]

    @property
    def back(self) -> int:
        """The bytes that come back with all of it."""
        return sum(file.back for one in self.candidates for file in one.files)

    @property
    def at_most(self) -> bool:
        """Whether less may come back: a disk says that blocks are shared, and not by how many files."""
        files = [file for one in self.candidates for file in one.files if file.back]
        shared = (extent.shared for file in files for extent in file.occupied.extents)
        return bool(files) and (self.may_share or any(shared))

    def count(self) -> None:
        """Say of each of the files that go what comes back with it; what several share is said of the first."""
        files = [file for one in self.candidates for file in one.files][::-1]
        for file, back in zip(files, coming_back([one.occupied for one in files], self.staying), strict=True):
            file.back = back


class _Survey(Struct, frozen=True):
    """A plan on its disk."""

    root: Path
    plan: Plan
    disk: Disk
    git: GitObjects

    def find_media(self) -> None:
        """Find the file of each candidate; one whose file is not what the log says is left out."""
        chosen, self.plan.candidates = self.plan.candidates, []
        for one in chosen:
            try:
                one.files = self._media(one)
            except NotPurged as error:
                self.plan.left[one.path] = error.reason
            else:
                self.plan.candidates.append(one)

    def _media(self, one: Candidate) -> list[File]:
        if not has_folder(one.take):
            return []
        compare(self.root, one.path, one.take)
        paths = [file.path for file in _files(self.root, one)]
        return [File(path, "media", found) for path in paths if (found := self.disk.look(self.root / path))]

    def find_object(self, one: Candidate, sha256: str, needing: Sequence[str]) -> None:
        """Find the object of those bytes: it goes with the candidate, unless files at other paths need it."""
        of_git = self.git.find(sha256)
        self.plan.in_git = self.plan.in_git or of_git is not None
        self._stay(*(self.root / path for path in needing), *([of_git] if of_git else []))
        path = object_path(sha256)
        if needing:
            self._stay(self.root / path)
        elif own := self.disk.look(self.root / path):
            one.files.append(File(path, "object", own))

    def _stay(self, *paths: Path) -> None:
        self.plan.staying += [found for path in paths if (found := self.disk.look(path))]


def measure(root: Path, plan: Plan, holders: Mapping[str, Sequence[str]]) -> None:
    """Find what goes with the candidates, and count what comes back; `holders` are the takes of each hash, by path."""
    survey = _Survey(root, plan, Disk(root), GitObjects(root))
    plan.may_share = survey.disk.may_share
    survey.find_media()
    files = [(file, one) for one in plan.candidates for file in _files(root, one)]
    going = {file.path for file, _ in files}
    last = {file.sha256: one for file, one in files if file.sha256}
    for sha256, one in last.items():
        survey.find_object(one, sha256, [path for path in holders.get(sha256, ()) if path not in going])
    plan.count()


def hashes_of(root: Path, plan: Plan) -> set[str]:
    """Those of all files that are to go."""
    return {file.sha256 for one in plan.candidates for file in _files(root, one) if file.sha256}


def _files(root: Path, one: Candidate) -> Sequence[TakeFile]:
    """The candidate's file, and its frames where it is a sequence; nobody has the hash of what could not be decoded."""
    media = one.take.read_media()
    if media:
        return list(files_of(root, one.path, media))
    frames = frames_of(root, one.path, None) if one.path.endswith(FRAMES) else None
    there = [path for path, _ in frames.paths(one.path)] if frames else []
    return [TakeFile(path, 0, "") for path in (one.path, *there)]


def see_what_went(root: Path, plan: Plan) -> None:
    """Count what came back: not what could not be removed, nor an object that a take needs which was not purged."""
    for one in plan.candidates:
        for file in [file for file in one.files if os.path.lexists(root / file.path)]:
            if file.kind == "media":
                plan.left[file.path] = "it is purged, and its file is still there"
            plan.staying.append(file.occupied)
            one.files.remove(file)
    plan.count()
