"""Copying, on the command line: a folder of the editor's, with the media that an export names, and the hashes of it."""

import os
from pathlib import Path

import click

from daemon.cli import progress
from daemon.cli.output import DiskError, say
from daemon.cli.served_project import ServedProject
from daemon.edit import sums
from daemon.edit.copying import NotCopied, copy
from projections.files.reading import read_fit
from projections.files.writing import write

LARGEST = 1 << 30
"""Bytes of a list of hashes that is looked at."""

TOLD = 20
"""Files that are named, of those which are not there."""


class InAFilm(click.UsageError):
    """Raised when copies are to lie in a film: what is called takes there is watched, and would become more takes."""

    def __init__(self, folder: Path, film: str) -> None:
        super().__init__(f"{folder} is in the film {film}: name a folder that is in none.")


class NoRoom(DiskError):
    """Raised when the disk takes no more; what is there by then is whole."""

    hint = "Make room, or see to the disk, and say it again: it goes on from there."


class Folder:
    """A folder to which the media of a project are handed over; `file` is the export's path in it."""

    def __init__(self, project: ServedProject, folder: str, file: str, *, replace: bool) -> None:
        self._root = Path(project.facts["path"])
        self._folder = Path(folder).expanduser().resolve()
        name = Path(file).name
        if file == "-" or (file != name and Path(file).expanduser().resolve().parent != self._folder):
            raise click.UsageError("With --copy-to, FILE is a name in FOLDER, such as film.otio.")
        for film in project.daemon.ask("GET", "/api/projects")["projects"]:
            if self._folder.is_relative_to(Path(film["path"]).resolve()):
                raise InAFilm(self._folder, film["name"])
        self.file = str(self._folder / name)
        self._sums = Path(self.file).with_suffix(".sha256")
        self._may_replace = replace
        self._check(Path(self.file))

    def fill(self, hashes: bytes, *, link: bool) -> bool:
        """Have all those files there, and their hashes; False where that cannot be, and it is said which."""
        files = list(sums.read(hashes.decode("utf-8", "surrogateescape")))
        self._check(self._sums, hashes)
        with NoRoom.told():
            self._folder.mkdir(parents=True, exist_ok=True)
            with progress.copying(len(files)) as tell:
                missing = copy(files, self._root, self._folder, may_link=link, tell=tell)
            if not missing:
                write(self._sums, hashes)
        self._tell(missing)
        return not missing

    def _check(self, path: Path, content: bytes | None = None) -> None:
        """UsageError where something else is there, which may not be replaced."""
        is_other = os.path.lexists(path) and (content is None or read_fit(path, LARGEST) != content)
        if is_other and not self._may_replace:
            raise click.UsageError(f"{path} is there already; --replace writes over it.")

    def _tell(self, missing: list[NotCopied]) -> None:
        if missing:
            say(f"{len(missing)} files are not there, and {self.file} is not written:", err=True)
        for one in missing[:TOLD]:
            say(f"  {one.path}: {one.reason}", err=True)
