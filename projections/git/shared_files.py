"""The shared files: `.gitattributes` and `project.json`, where the user's words stand beside ours.

Of both, git gets our part as it is on the disk, and all else as it was staged or committed before.
"""

import os

from projections.artifacts.project_file import ProjectFileUnreadable, splice, value_of
from projections.files.writing import read, write
from projections.git.attributes import ATTRIBUTES, MARK, SHARED, merged
from projections.git.entries import Entries, FilmInGit, file_at
from projections.git.index import PLAIN
from projections.layout import media_path


def merge_attributes(film: FilmInGit) -> None:
    """Have our lines in the film's `.gitattributes`, once."""
    path = film.root / ATTRIBUTES
    before = file_at(path)
    if before is None and os.path.lexists(path):
        return
    text = (read(path) or b"").decode("utf-8", "surrogateescape")

    def is_decided(suffix: str) -> bool:
        media = media_path("shot", 1, f"shot_001_take_001{suffix}")
        return b"filter" in film.rules.attributes(film.full(media))

    wanted = merged(text, is_decided)
    if wanted != text:
        write(path, wanted.encode("utf-8", "surrogateescape"), instead_of=before)
        film.rules.read_again()


def stage_shared(film: FilmInGit, entries: Entries) -> None:
    """Stage our part of both."""
    for name in SHARED:
        found, content = file_at(film.root / name), read(film.root / name)
        if found and content is not None and entries.may_stage(name):
            before = entries.content(name)
            wanted = with_ours(film, name, before)
            is_whole = wanted == film.rules.as_staged(film.full(name), content, before)
            entries.put(name, PLAIN, wanted, found if is_whole else None)


def with_ours(film: FilmInGit, name: str, before: bytes | None) -> bytes:
    """What git has of a shared file, with our part of it as it is on the disk."""
    content = film.rules.as_staged(film.full(name), read(film.root / name) or b"", before)
    if before is None:
        return content
    if name == ATTRIBUTES:
        return content if MARK.encode() not in before else before
    value = value_of(content.decode("utf-8", "replace"))
    try:
        return splice(before.decode(), value).encode() if value else before
    except (ProjectFileUnreadable, UnicodeDecodeError):
        return before
