"""The folder `.takes` is its owner's alone, whatever the umask and whoever made it."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from daemon.disk.private import keep_private, make_private
from daemon.home.init import init_project
from tests.support.film import Film, make_film
from tests.support.inside import running_daemon

UMASKS = [0, 0o002, 0o022, 0o027, 0o077, 0o177]


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def mode(folder: Path) -> int:
    return stat.S_IMODE(folder.stat().st_mode)


@pytest.mark.parametrize("mask", [*UMASKS, 0o777], ids=oct)
def test_a_private_folder_is_that_under_every_umask(tmp_path: Path, mask: int) -> None:
    with umask(mask):
        make_private(tmp_path / "own")
    assert mode(tmp_path / "own") == 0o700


def test_what_else_is_said_of_a_folder_stays(tmp_path: Path) -> None:
    tmp_path.chmod(0o2755)
    keep_private(tmp_path)
    assert mode(tmp_path) == 0o2700


def test_the_folder_of_another_user_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.chmod(0o755)
    monkeypatch.setattr("os.geteuid", lambda: tmp_path.stat().st_uid + 1)
    keep_private(tmp_path)
    assert mode(tmp_path) == 0o755


@pytest.mark.parametrize("mask", UMASKS, ids=oct)
def test_a_new_film_has_a_folder_that_is_its_owners_alone(tmp_path: Path, mask: int) -> None:
    film = Film(tmp_path)
    before = mode(film.root)
    with umask(mask):
        init_project(film.root)
    assert mode(film.root / ".takes") == 0o700
    assert mode(film.root) == before


async def test_a_film_of_an_earlier_release_is_closed_to_others(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    (film.root / ".takes").chmod(0o755)
    async with running_daemon(film) as daemon:
        await daemon.scanned()
        assert mode(film.root / ".takes") == 0o700
