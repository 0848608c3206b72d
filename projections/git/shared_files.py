"""The shared files: `.gitattributes` and `project.json`, where the user's words stand beside ours.

Of both, git gets our part, and all else as it was staged or committed before. What the attributes say of
`project.json` git finds in its configuration: our filter, and our merge driver.
"""

import shlex
import shutil
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from projections.artifacts.project_text import ProjectFileUnreadable, for_git, splice, value_of
from projections.files.opening import Unfit
from projections.files.reading import GIT_TEXT, PROJECT, read
from projections.files.writing import write, written_beside
from projections.git.attributes import ATTRIBUTES, CHOICES_MARK, MARK, OWN, SHARED, merged, with_choices
from projections.git.entries import Entries, FilmInGit, file_at, open_film
from projections.git.repository import Repository
from projections.gitdir.entry_heads import state_of
from projections.gitdir.index import PLAIN
from projections.layout import PROJECT_FILE


def merge_attributes(film: FilmInGit) -> bool:
    """Have our lines in the film's `.gitattributes`, once; whether they are new."""
    path = film.root / ATTRIBUTES
    before, content = file_at(path), read(path, GIT_TEXT)
    text = (content or b"").decode("utf-8", "surrogateescape")

    def is_decided(ending: str) -> bool:
        if ending == PROJECT_FILE:
            return film.attribute(ending, b"filter") is not None
        return film.is_decided(ending)

    wanted = merged(text, is_decided)
    if wanted != text:
        write(path, wanted.encode("utf-8", "surrogateescape"), instead_of=before, anew=before is None)
        film.rules.read_again()
    return wanted != text


COMMANDS = {
    ("filter", OWN, "clean"): "git-clean",
    ("merge", OWN, "driver"): "merge-project-file %O %A %B",
}
"""What git asks of us about `project.json`, by the setting that says so."""


def set_up(root: Path, worktree: Path) -> None:
    """Have git know our filter and our merge driver, where the attributes of the film in that worktree name them."""
    with open_film(root, worktree) as film:
        configure(film)


def configure(film: FilmInGit) -> bool:
    """The same; whether that is new. A configuration that cannot be written stays as it is, and `takes doctor` says so."""
    is_new = is_ours(film) and not is_configured(film.repository)
    if is_new:
        with suppress(OSError):
            _add_settings(film, settings())
    return is_new


def is_ours(film: FilmInGit) -> bool:
    """Whether the attributes of `project.json` name us."""
    return film.attribute(PROJECT_FILE, b"filter") == OWN.encode()


def is_configured(repository: Repository) -> bool:
    """Whether git knows our filter and our merge driver, and they are there."""
    return all(_is_program(repository.setting(*names)) for names in COMMANDS)


def settings() -> Mapping[tuple[str, str, str], str]:
    """What git's configuration is to say, as any shell understands it."""
    beside = Path(sys.executable).with_name("takes")
    program = [str(beside)] if beside.exists() else [sys.executable, "-P", "-m", "daemon"]
    return {names: f"{shlex.join(program)} {command}" for names, command in COMMANDS.items()}


def _is_program(command: str | None) -> bool:
    with suppress(ValueError, IndexError):
        return shutil.which(shlex.split(command or "")[0]) is not None
    return False


def _add_settings(film: FilmInGit, wanted: Mapping[tuple[str, str, str], str]) -> None:
    """Add them behind all else, where git takes the last word for what is said."""
    path = film.repository.common_dir / "config"
    before, state = path.stat(), state_of(path)
    text = read(path, GIT_TEXT, follows=True) or b""
    for (section, name, key), value in wanted.items():
        quoted = value.replace("\\", "\\\\").replace('"', '\\"')
        text = text.removesuffix(b"\n") + f'\n[{section} "{name}"]\n\t{key} = "{quoted}"\n'.encode()
    with written_beside(path, text, like=before, prefix="config.") as made:
        film.locks.put(made, path, lambda: state_of(path) == state)


def stage_shared(film: FilmInGit, entries: Entries) -> None:
    """Stage our part of both."""
    for name in SHARED:
        found = file_at(film.root / name)
        shared = film.memory.shared
        if not found or entries.seen(name, found) == shared.get(name) or not entries.may_stage(name):
            continue
        try:
            before = entries.content(name)
            wanted, is_whole = _with_ours(film, name, before)
        except Unfit as error:
            entries.problems.append(f"git: {error.filename}: {error.strerror}")
        else:
            entries.put(name, PLAIN, wanted, found if is_whole else None)
            shared[name] = entries.seen(name, found)


def with_ours(film: FilmInGit, name: str, before: bytes | None) -> bytes:
    """What git has of a shared file, with our part of it as it is on the disk."""
    return _with_ours(film, name, before)[0]


def _with_ours(film: FilmInGit, name: str, before: bytes | None) -> tuple[bytes, bool]:
    """The same, and whether the user's part of it is as it is on the disk, too."""
    content = film.rules.as_staged(film.full(name), _on_disk(film, name), before)
    if name != PROJECT_FILE:
        wanted = content if before is None else _with_blocks(before, content)
        return wanted, wanted == content
    ours = for_git(content) if is_ours(film) else content
    wanted = ours if before in (None, ours) else _with_key(before or b"", ours)
    return wanted, wanted == ours or _is_whole(wanted, content)


def _on_disk(film: FilmInGit, name: str) -> bytes:
    """A shared file as it is on the disk; Unfit where something else is in its place."""
    return read(film.root / name, PROJECT if name == PROJECT_FILE else GIT_TEXT) or b""


def _with_blocks(before: bytes, content: bytes) -> bytes:
    """What git has of the attributes, with those of our lines that it has not had yet."""
    if MARK.encode() not in before:
        return content
    mark = CHOICES_MARK.encode()
    if mark in before or mark not in content:
        return before
    return with_choices(before.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


def _with_key(before: bytes, ours: bytes) -> bytes:
    """What git has of the project file, with our key."""
    value = value_of(ours.decode("utf-8", "replace"))
    try:
        return splice(before.decode(), value).encode() if value else before
    except (ProjectFileUnreadable, UnicodeDecodeError):
        return before


def _is_whole(wanted: bytes, content: bytes) -> bool:
    """Whether the user's part of a project file is in git as it is on the disk."""
    try:
        return splice(content.decode(), value_of(wanted.decode())).encode() == wanted
    except (ProjectFileUnreadable, UnicodeDecodeError):
        return False
