"""A film with takes, as its index would tell of them, in a real repository; staged without a daemon."""

import hashlib
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import msgspec
import pytest

from daemon.home.init import init_project
from events import Identity, Media
from projections.artifacts.project_file import render
from projections.artifacts.project_text import splice
from projections.artifacts.store import Store
from projections.git.checks import Check, GitMedia, check_repository
from projections.git.commits import commit_each
from projections.git.entries import FilmInGit
from projections.git.lfs import LfsObjects, object_path
from projections.git.noted import Shots
from projections.git.projection import GitLfs
from projections.git.repository import open_repository
from projections.git.staging import Staging
from projections.index.rows import ShotRow, ShotTakes, TakeRow
from projections.layout import media_name, media_path
from tests.e2e.repository import begin
from tests.support.film import Film, environment

DAWN = "01_Chapter/001_Dawn"
NOON = "01_Chapter/002_Noon"
MOMENT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class GitFilm:
    """The film, its rows, and the real git beside it."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.film = Film(folder, "MyFilm", DAWN)
        self.root = self.film.root
        init_project(self.root)
        self.git = begin(self.film)
        if options:
            (self.root / ".git").rename(folder / "was")
            self.git("init", "--quiet", *options)
            self.git("lfs", "install", "--local")
        self.rows: dict[str, tuple[ShotRow, list[TakeRow]]] = {}

    def take(self, number: int, shot: str = DAWN, content: bytes = b"") -> Path:
        """A complete take, with its sidecar, its thumbnail and its object; where its media lies."""
        content = content or f"{shot} {number}".encode() * 50
        name = media_name(shot, number, ".mp4")
        path = self.root / shot / "takes" / f"take_{number:03d}" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(0o444)
        path.with_name(f"{path.stem}_metadata.json").write_text("{}\n")
        path.with_name(f"{path.stem}_thumbnail.png").write_bytes(b"\x89PNG" + bytes([number]))
        sha256 = hashlib.sha256(content).hexdigest()
        Store(self.root).keep(path, sha256, len(content))
        self._add_row(number, shot, Media(name=name, bytes=len(content), sha256=sha256, kind="video"), path)
        return path

    def _add_row(self, number: int, shot: str, media: Media, path: Path) -> None:
        row, takes = self.rows.setdefault(shot, (ShotRow(len(self.rows) + 1, shot, shot), []))
        found = path.stat()
        file = Identity(
            device=found.st_dev, inode=found.st_ino, size=found.st_size, mtime_ns=found.st_mtime_ns
        )
        one = TakeRow(row.id, number, "2026-01-02T03:04:05.000000Z", status="complete", name=media.name)
        one.media, one.file = _json(media), _json(file)
        takes.append(one)
        row.takes, row.given, row.active = row.takes + 1, number, row.active or number
        link = self.root / shot / "active_take"
        if not link.is_symlink():
            link.symlink_to(f"takes/take_{row.active:03d}")
        self.write_project()

    def write_project(self) -> None:
        """Have `project.json` say what the rows say."""
        path = self.root / "project.json"
        path.write_text(splice(path.read_text(), render([row for row, _ in self.rows.values()])))

    def touched(self) -> list[ShotTakes]:
        return [ShotTakes(row, takes) for row, takes in self.rows.values()]

    def stage(
        self, *, commit: bool = False, shots: Collection[str] | None = None, empty: Collection[str] = ()
    ) -> list[str]:
        """Stage everything, and commit it; the problems."""
        with open_repository(self.root) as repository:
            film = FilmInGit(repository, self.root)
            staging = Staging(film, LfsObjects(repository.lfs_objects))
            rows = [row for row, _ in self.rows.values() if shots is None or row.path in shots]
            rows += [ShotRow(1000 + number, path, path) for number, path in enumerate(empty)]
            staged = staging.stage(self.touched(), Shots(rows))
            if commit:
                commit_each(film, staged.entries, staged.groups, MOMENT)
            return staged.problems

    def lfs(self, commits: Literal["each", "idle"]) -> GitLfs:
        """The projection, with everything staged by it."""
        lfs = GitLfs(commits=commits, moment=lambda: MOMENT)
        lfs.begin_anew()
        self.stage_by(lfs)
        return lfs

    def stage_by(self, lfs: GitLfs) -> None:
        """Have that one stage everything."""
        lfs._shots = Shots([row for row, _ in self.rows.values()])
        assert not lfs._stage(self.root, self.root, self.touched())

    def object(self, path: Path) -> Path:
        """Where Git LFS has the bytes that a file should hold."""
        media = next(
            take.read_media() for _, takes in self.rows.values() for take in takes if take.name == path.name
        )
        assert media
        return object_path(self.root / ".git" / "lfs" / "objects", media.sha256)

    def name(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()


def _json(one: Media | Identity) -> str:
    return msgspec.json.encode(one).decode()


@pytest.fixture
def film(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GitFilm:
    """A film in a new repository; nothing of the user's configuration is seen."""
    at_home(tmp_path, monkeypatch)
    return GitFilm(tmp_path)


def at_home(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have this process find its user's configuration where the real git does."""
    for name, value in {**environment(folder), "GIT_CONFIG_NOSYSTEM": "1"}.items():
        monkeypatch.setenv(name, value)


def checks_of(film: GitFilm) -> list[Check]:
    """What the doctor has to say of a film's repository."""
    expected = [
        GitMedia(media_path(row.path, take.number, media.name), "thumbnail.png", media.sha256, media.bytes)
        for row, takes in film.rows.values()
        for take in takes
        if (media := take.read_media())
    ]
    return check_repository(film.root, film.root, expected, [], commits=False, moment=0.0)
