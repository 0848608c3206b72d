"""Staging: one look at what git should have of a film, one write of its index, and the commits that follow.

Idempotent: what is staged already is seen by its stat and costs a look.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from msgspec import Struct, field

from events import Media
from projections.active_link import POINTER
from projections.film import read, take_folder, write
from projections.git import Branch, Change, Repository
from projections.git_attributes import ATTRIBUTES, MARK, merged
from projections.git_index import LINK, GitIndex, entry, read_index, write_index
from projections.git_lfs import is_file
from projections.layout import ACTIVE, HIDDEN, PROJECT_FILE, TAKES, short_id, take_name, take_number
from projections.lfs import Objects, pointer
from projections.project_file import ProjectFileUnreadable, splice, value_of
from projections.rows import ShotRow, ShotTakes, TakeRow

PLAIN, EXECUTABLE = 0o100644, 0o100755
OURS = {ACTIVE, POINTER, PROJECT_FILE, ATTRIBUTES}
MOVING = 100
"""How often a new index is made where others write it all the time."""


class Group(Struct):
    """What belongs into one commit, by path in the worktree.

    `media` is the file that makes it a new take, with that title; else it is called `otherwise`.
    """

    title: str
    otherwise: str
    media: str | None = None
    changes: dict[str, Change] = field(default_factory=dict)


class Staged(Struct):
    """What came of staging: what stood in the way, and what could be committed."""

    problems: list[str] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)


class Staging:
    """Stages the takes of one film in one repository."""

    def __init__(self, repository: Repository, root: Path, objects: Objects) -> None:
        self.repository = repository
        self._root = root
        self._objects = objects
        below = os.path.relpath(root, repository.worktree.resolve())
        self.prefix = "" if below == "." else f"{below}/"
        self._index = GitIndex()
        self._known: dict[str, set[str]] = {}
        self._is_changed = False
        self._problems: list[str] = []

    def is_wanted(self) -> bool:
        """Whether the user lets git see the film at all."""
        return not (self.prefix and self.repository.is_ignored(self.prefix))

    def stage(self, touched: Sequence[ShotTakes], shots: set[str]) -> Staged:
        """Have git's index say what these takes should be in git; `shots` are the paths of all there are."""
        self._merge_attributes()
        for _ in range(MOVING):
            self._index = read_index(self.repository.index_path, self.repository.width)
            self._known = self._known_names()
            self._is_changed, self._problems = False, []
            shared = self._remove_strays(shots)
            groups = [group for one in touched for group in self._stage_shot(one)]
            shared |= self._stage_shared()
            if not self._is_changed or write_index(self.repository.index_path, self._index):
                break
        else:
            self._problems.append("git's index is written by another program all the time")
        groups = [group for group in groups if group.changes] or [
            Group("The takes of the film", "The takes of the film")
        ]
        groups[-1].changes |= shared
        return Staged(self._problems, groups)

    # What belongs to no take.

    def _merge_attributes(self) -> None:
        """Have our lines in the film's `.gitattributes`, once."""
        path = self._root / ATTRIBUTES
        before = is_file(path)
        if before is None and os.path.lexists(path):
            return
        text = (read(path) or b"").decode("utf-8", "surrogateescape")
        wanted = merged(text, self._is_decided)
        if wanted != text:
            self._write_attributes(path, wanted, before)

    def _write_attributes(self, path: Path, text: str, before: os.stat_result | None) -> None:
        write(path, text.encode("utf-8", "surrogateescape"), instead_of=before)
        self.repository.read_attributes()

    def _is_decided(self, suffix: str) -> bool:
        """Whether the user's own attributes say how media of that kind is to be filtered."""
        path = f"{self.prefix}shot/{TAKES}/take_001/shot_001_take_001{suffix}"
        return b"filter" in self.repository.attributes(path)

    def _stage_shared(self) -> dict[str, Change]:
        """The two files that hold the user's words beside ours: of what is staged, only our part changes."""
        changes: dict[str, Change] = {}
        for name in (ATTRIBUTES, PROJECT_FILE):
            found = is_file(self._root / name)
            content = read(self._root / name)
            if found and content is not None and self._may_stage(self._path(name)):
                staged = self._index.blob(os.fsencode(self._path(name)))
                before = self.repository.read_blob(staged) if staged else None
                wanted = self.with_ours(name, before)
                is_whole = wanted == self._as_stored(self._path(name), content)
                self._put(self._path(name), PLAIN, wanted, found if is_whole else None)
                changes[self._path(name)] = self._staged(self._path(name))
        return changes

    def with_ours(self, name: str, before: bytes | None) -> bytes:
        """What git has of a shared file, with our part of it as it is on the disk."""
        content = self._as_stored(self._path(name), read(self._root / name) or b"")
        if before is None:
            return content
        if name == ATTRIBUTES:
            return content if MARK.encode() not in before else before
        value = value_of(content.decode("utf-8", "replace"))
        try:
            return splice(before.decode(), value).encode() if value else before
        except (ProjectFileUnreadable, UnicodeDecodeError):
            return before

    def _known_names(self) -> dict[str, set[str]]:
        """By folder in the film, what git's index has there."""
        known: dict[str, set[str]] = {}
        prefix = os.fsencode(self.prefix)
        for path, number in self._index.entries:
            if path.startswith(prefix):
                folder, _, name = os.fsdecode(path[len(prefix) :]).rpartition("/")
                known.setdefault(folder, set()).add(name)
                if f"/{TAKES}/" in folder or name in OURS:
                    self._index.sure.add((path, number))
        return known

    def _remove_strays(self, shots: set[str]) -> dict[str, Change]:
        """Take out what is left of shots that have moved or are gone, unless it is on the disk."""
        changes: dict[str, Change] = {}
        for folder, names in self._known.items():
            shot, _, take = folder.rpartition(f"/{TAKES}/")
            is_take = bool(shot) and take_number(take) is not None and shot not in shots
            is_shot = folder not in shots and bool(names & {ACTIVE, POINTER})
            for name in names if is_take else names & {ACTIVE, POINTER} if is_shot else ():
                if not os.path.lexists(self._root / folder / name):
                    self._remove(f"{folder}/{name}")
                    changes[self._path(f"{folder}/{name}")] = None
        return changes

    # A shot and its takes.

    def _stage_shot(self, one: ShotTakes) -> list[Group]:
        groups = [self._stage_take(one.shot, take) for take in one.takes if take.status == "complete"]
        changes = self._stage_link(one.shot)
        if not groups:
            uses = f"{short_id(one.shot.path)} uses {take_name(one.shot.active) if one.shot.active else 'no take'}"
            groups = [Group(uses, uses)]
        groups[-1].changes |= changes
        return groups

    def _stage_take(self, shot: ShotRow, take: TakeRow) -> Group:
        """Stage a complete take's media and what lies beside it; take out what is gone for good."""
        folder, media, name = take_folder(shot, take), take.read_media(), take.name or ""
        there = set(_names(self._root / folder, name))
        for beside in sorted(there):
            if beside != name:
                self._stage_file(f"{folder}/{beside}")
            elif media and not take.purged:
                self._stage_media(f"{folder}/{name}", media, take)
        changes: dict[str, Change] = {}
        if take.deleted == "missing" or take.purged:
            known = {one for one in self._known.get(folder, ()) if _belongs(one, name)}
            for gone in (known | {name}) - there:
                self._remove(f"{folder}/{gone}")
                changes[self._path(f"{folder}/{gone}")] = None
        paths = [self._path(f"{folder}/{one}") for one in there]
        changes |= {path: change for path in paths if (change := self._staged(path))}
        return Group(
            f"{take.id} of {short_id(shot.path)}", _news(shot, take), self._path(f"{folder}/{name}"), changes
        )

    def _stage_media(self, path: str, media: Media, take: TakeRow) -> None:
        """Stage a pointer to the media, and see that its object is whole."""
        full = self._path(path)
        found = is_file(self._root / path)
        filtered = self.repository.attributes(full).get(b"filter") == b"lfs"
        if not (found and filtered and found.st_size == media.bytes and self._may_stage(full)):
            return
        known = take.read_file()
        is_same = bool(known) and known is not None and known.mtime_ns == found.st_mtime_ns
        source = self._source(path, media, is_sure=is_same)
        if source is None:
            return
        self._objects.keep(source, media.sha256, media.bytes)
        found = is_file(self._root / path)  # a link to it has changed its ctime
        self._put(full, self._mode(found), pointer(media.sha256, media.bytes), found if is_same else None)

    def _source(self, path: str, media: Media, *, is_sure: bool) -> Path | None:
        """A file that holds the take's bytes for sure; None where what lies there is something else."""
        kept = self._root / HIDDEN / "objects" / media.sha256[:2] / media.sha256[2:]
        found = is_file(kept)
        if found and found.st_size == media.bytes:
            return kept
        if is_sure:
            return self._root / path
        with (self._root / path).open("rb") as file:
            is_it = hashlib.file_digest(file, "sha256").hexdigest() == media.sha256
        return self._root / path if is_it else None

    def _stage_file(self, path: str) -> None:
        """Stage a small file as it is, unless a filter of the user's is to change it."""
        full, found = self._path(path), is_file(self._root / path)
        if found is None or not self._may_stage(full) or self.repository.attributes(full).get(b"filter"):
            return
        known = self._index.entries.get((os.fsencode(full), 0))
        if known and known[:40] == entry(b"", b"", self._mode(found), found)[:40]:
            return
        content = read(self._root / path)
        if content is not None:
            self._put(full, self._mode(found), self._as_stored(full, content), found)

    def _stage_link(self, shot: ShotRow) -> dict[str, Change]:
        """Stage the link to the active take, or the file that stands for it; take out the one that is not there."""
        changes: dict[str, Change] = {}
        for name in (ACTIVE, POINTER):
            path = f"{shot.path}/{name}"
            if name == POINTER:
                self._stage_file(path)
            elif (self._root / path).is_symlink() and self._may_stage(self._path(path)):
                target = os.fsencode((self._root / path).readlink())
                self._put(self._path(path), LINK, target, (self._root / path).lstat())
            if not os.path.lexists(self._root / path) and name in self._known.get(shot.path, ()):
                self._remove(path)
                changes[self._path(path)] = None
            elif change := self._staged(self._path(path)):
                changes[self._path(path)] = change
        return changes

    # The index.

    def _path(self, path: str) -> str:
        """A path of the film as one of the worktree."""
        return self.prefix + path

    def _mode(self, found: os.stat_result | None) -> int:
        is_program = found is not None and bool(found.st_mode & 0o100) and self.repository.keeps_modes
        return EXECUTABLE if is_program else PLAIN

    def _as_stored(self, path: str, content: bytes) -> bytes:
        """Text has line feeds in git, whatever it has on the disk."""
        is_text = self.repository.attributes(path).get(b"text") is True
        return content.replace(b"\r\n", b"\n") if is_text else content

    def _may_stage(self, path: str) -> bool:
        """Whether a path is the film's to stage: not ignored, not in conflict, not within another repository."""
        full = os.fsencode(path)
        if (full, 0) in self._index.entries:
            return True
        if self._index.is_in_conflict(full):
            self._problems.append(f"{path} is in conflict: settle it, and git add it")
            return False
        parts = full.split(b"/")
        above = (b"/".join(parts[:count]) for count in range(1, len(parts)))
        return not any((one, 0) in self._index.entries for one in above) and not self.repository.is_ignored(
            path
        )

    def _put(self, path: str, mode: int, content: bytes, found: os.stat_result | None) -> None:
        full, blob = os.fsencode(path), self.repository.blob_id(content)
        head = entry(full, blob, mode, found)
        known = self._index.entries.get((full, 0))
        if known and (known[:-2] if found else known[40:-2]) == (head[:-2] if found else head[40:-2]):
            return
        self.repository.add_blob(content)
        self._index.put(full, head)
        self._is_changed = True

    def _remove(self, path: str) -> None:
        full = os.fsencode(self._path(path))
        if (full, 0) in self._index.entries:
            self._index.remove(full)
            self._is_changed = True

    def _staged(self, path: str) -> Change:
        head = self._index.entries.get((os.fsencode(path), 0))
        return (int.from_bytes(head[24:28]), head[40 : 40 + self._index.width]) if head else None


def _names(folder: Path, media: str) -> Iterator[str]:
    """What lies in a take's folder that is the take's: its media, and what is named after that."""
    try:
        with os.scandir(folder) as entries:
            for one in entries:
                if one.is_file(follow_symlinks=False) and _belongs(one.name, media):
                    yield one.name
    except (FileNotFoundError, NotADirectoryError):
        return


def _belongs(name: str, media: str) -> bool:
    return name == media or name.startswith(f"{Path(media).stem}_")


def _news(shot: ShotRow, take: TakeRow) -> str:
    """What has happened to a take that git has already."""
    what = f"{take.id} of {short_id(shot.path)}"
    if take.purged:
        return f"{what} is purged"
    if take.deleted:
        return f"{what} is {'hidden' if take.deleted == 'asked' else 'gone'}"
    return f"{short_id(shot.path)} uses {take.id}" if shot.active == take.number else what


def commit_each(staging: Staging, groups: Sequence[Group], moment: datetime) -> None:
    """One commit for each group in which something is new; CommitRefused where none can be made."""
    branch = staging.repository.branch(moment)
    for group in groups:
        branch.add(_for_branch(staging, branch, group.changes), _title(branch, group) + "\n")
    branch.finish()


def commit_all(staging: Staging, groups: Sequence[Group], moment: datetime) -> None:
    """One commit for all of them; CommitRefused where none can be made."""
    branch = staging.repository.branch(moment)
    titles = list(dict.fromkeys(_title(branch, group) for group in groups if _is_news(branch, group)))
    titles = titles or [groups[-1].otherwise]
    changes = {path: change for group in groups for path, change in group.changes.items()}
    subject = titles[0] if len(titles) < 2 else f"{titles[0]}, and {len(titles) - 1} more"
    body = "" if len(titles) < 2 else "\n\n" + "\n".join(titles)
    branch.add(_for_branch(staging, branch, changes), subject + body + "\n")
    branch.finish()


def _is_news(branch: Branch, group: Group) -> bool:
    return any(branch.find(path) != change for path, change in group.changes.items())


def _title(branch: Branch, group: Group) -> str:
    """A new take by its name; of one that the branch has already, what became of it."""
    if group.media is None or group.changes.get(group.media) is None:
        return group.otherwise
    return group.otherwise if branch.find(group.media) == group.changes[group.media] else group.title


def _for_branch(staging: Staging, branch: Branch, changes: Mapping[str, Change]) -> dict[str, Change]:
    """The changes, with the shared files as the branch has them but for our part of each."""
    adapted = dict(changes)
    for name in (ATTRIBUTES, PROJECT_FILE):
        path = f"{staging.prefix}{name}"
        if adapted.get(path):
            found = branch.find(path)
            before = staging.repository.read_blob(found[1]) if found else None
            adapted[path] = (PLAIN, staging.repository.add_blob(staging.with_ours(name, before)))
    return adapted
