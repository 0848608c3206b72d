"""A take is shown in the file manager of this machine, by whichever way there is one."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.film import make_film, still
from tests.support.inside import running_daemon

TAKE = "shots/001_Dawn/takes/take_001"


def program(folder: Path, name: str, code: int = 0) -> Path:
    """A program of that name which writes down how it was called; the file that it writes that to."""
    folder.mkdir(exist_ok=True)
    told = folder / f"{name}.told"
    path = folder / name
    path.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > "{told}"\nexit {code}\n')
    path.chmod(0o755)
    return told


@pytest.fixture
def desktop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mapping[str, str]:
    """The environment of a Linux desktop, whose programs are in a folder of the test's."""
    monkeypatch.setattr("sys.platform", "linux")
    return {
        "PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin",
        "DBUS_SESSION_BUS_ADDRESS": f"unix:path={tmp_path / 'bus'}",
    }


async def test_the_file_manager_is_asked_to_mark_the_file(tmp_path: Path, desktop: Mapping[str, str]) -> None:
    told = program(tmp_path / "bin", "gdbus")
    film = await make_film(tmp_path, "My Film, it's")
    film.drop(still(1))
    async with running_daemon(film, env=desktop) as daemon:
        daemon.project = "my-film-it-s"
        await daemon.finished(1)
        assert (await daemon.ask("POST", f"{TAKE}/reveal")).status_code == 204
        asked = told.read_text().splitlines()
        assert asked[-3:] == [
            "org.freedesktop.FileManager1.ShowItems",
            f"['{film.media(1).as_uri()}']",
            "",
        ]
        assert "My%20Film%2C%20it%27s" in asked[-2]
        assert (await daemon.ask("POST", "shots/001_Dawn/reveal")).status_code == 204
        assert told.read_text().splitlines()[-2] == f"['{film.takes().as_uri()}']"


async def test_where_nothing_marks_a_file_its_folder_is_opened(
    tmp_path: Path, desktop: Mapping[str, str]
) -> None:
    program(tmp_path / "bin", "gdbus", code=1)
    program(tmp_path / "bin", "dbus-send", code=1)
    told = program(tmp_path / "bin", "setsid")
    film = await make_film(tmp_path)
    film.drop(still(1))
    async with running_daemon(film, env={**desktop, "DISPLAY": ":0"}) as daemon:
        await daemon.finished(1)
        assert (await daemon.ask("POST", f"{TAKE}/reveal")).status_code == 204
        assert told.read_text().splitlines() == ["--fork", "xdg-open", str(film.take(1))]


async def test_where_there_is_no_file_manager_that_is_said(
    tmp_path: Path, desktop: Mapping[str, str]
) -> None:
    program(tmp_path / "bin", "gdbus", code=1)
    program(tmp_path / "bin", "dbus-send", code=1)
    film = await make_film(tmp_path)
    film.drop(still(1))
    async with running_daemon(film, env=desktop) as daemon:
        await daemon.finished(1)
        answer = await daemon.ask("POST", f"{TAKE}/reveal")
        assert answer.status_code == 409
        assert str(film.media(1)) in answer.json()["detail"]
        assert (await daemon.ask("POST", "shots/001_Dawn/takes/take_009/reveal")).status_code == 404
