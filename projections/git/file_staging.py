"""Staging a file: what of one file of a film git is to have, a pointer or all of it, and that an object holds the rest."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from events import Identity
from projections.artifacts.store import Store
from projections.files.fingerprint import has_same_content, identity, is_unchanged
from projections.files.reading import GIT_OBJECT, read, read_in
from projections.git.entries import Entries, FilmInGit, FolderEntries, file_at
from projections.git.lfs import LfsObjects, pointer
from projections.gitdir.index import EXECUTABLE, PLAIN


class LargeFile(NamedTuple):
    """What is in git as a pointer: the hash and the bytes of a file, and which one it is known to be."""

    sha256: str
    bytes: int
    file: Identity | None


class FileStaging:
    """Puts files of one film into the entries of git's index, and takes them out."""

    def __init__(self, film: FilmInGit, objects: LfsObjects, store: Store, entries: Entries) -> None:
        self._film = film
        self._root = film.root
        self._objects = objects
        self._store = store
        self._entries = entries

    def put_pointer(self, path: str, entries: FolderEntries, found: os.stat_result, large: LargeFile) -> None:
        """Stage a pointer to the file of those bytes, and see that its object is whole."""
        sha256, size, known = large
        key = entries.path(self._film.own(path.rpartition("/")[2]))
        if found.st_size != size or entries.attribute(key, b"filter") != b"lfs":
            return
        is_same = known is not None and has_same_content(known, identity(found))
        if not entries.may_stage(key):
            return
        mode, content = self._mode(found), pointer(sha256, size)
        blob = self._film.repository.object_id("blob", content)
        is_staged = entries.find(key) == (mode, blob)
        if not is_staged or not self._objects.has(sha256, size):
            source = self._source(path, sha256, size, is_same=is_same)
            if source is None:
                return
            self._objects.keep(source, sha256, size)
        elif sha256 not in self._objects.shared and is_same:
            self._objects.share(f"{self._root}/{path}", sha256)
        after = file_at(f"{self._root}/{path}")  # a link to it has changed its ctime
        is_same = is_same and after is not None and is_unchanged(identity(after), identity(found))
        entries.put(key, mode, content, after if is_same else None, blob)

    def put(self, path: str, entries: FolderEntries, found: os.stat_result, place: int | None = None) -> None:
        """Stage a small file as it is, unless a filter of the user's is to change it; `place` is the folder it lies in."""
        key = entries.path(self._film.own(path.rpartition("/")[2]))
        if entries.is_current(key, mode := self._mode(found), found):
            return
        if entries.attribute(key, b"filter") or not entries.may_stage(key):
            return
        content = self._content(path, place)
        if content is not None:
            if b"\r\n" in content:  # all else is in git as it is on the disk
                content = self._film.rules.as_staged(
                    self._film.full(path), content, self._entries.content(path)
                )
            entries.put(key, mode, content, found)

    def remove(self, paths: set[str]) -> set[str]:
        """Take those out of git; those that are."""
        return {path for path in paths if self._entries.remove(path)}

    def in_git(self, paths: Iterable[str]) -> set[str]:
        """Those of them that git has."""
        return {path for path in paths if self._entries.find(path)}

    @contextmanager
    def reporting(self, path: str) -> Iterator[None]:
        """Have what the disk refuses told, and go on with the others."""
        try:
            yield
        except OSError as error:
            self._entries.problems.append(f"git: {error.filename or path}: {error.strerror}")

    def _source(self, path: str, sha256: str, size: int, *, is_same: bool) -> str | None:
        """A file that holds the take's bytes for sure; None where what lies there is something else."""
        own = f"{self._root}/{path}"
        if is_same:
            return own
        spare = self._store.find(sha256, size)
        candidates = [str(spare), own] if spare else [own]
        return next((one for one in candidates if self._objects.holds(one, sha256, size)), None)

    def _content(self, path: str, place: int | None) -> bytes | None:
        if place is None:
            return read_in(self._root, path, GIT_OBJECT)
        try:
            return read(path.rpartition("/")[2], GIT_OBJECT, within=place)
        except OSError as error:
            error.filename = f"{self._root}/{path}"
            raise

    def _mode(self, found: os.stat_result) -> int:
        is_program = bool(found.st_mode & 0o100) and self._film.repository.keeps_modes
        return EXECUTABLE if is_program else PLAIN
