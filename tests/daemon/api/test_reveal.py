"""A take is shown in the file manager of this machine, by whichever way there is one."""

from pathlib import Path

import pytest

from tests.film import make_film, still
from tests.inside import running_daemon

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
def desktop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this machine's programs are, among them those of a desktop."""
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path / 'bus'}")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    return tmp_path / "bin"


async def test_the_file_manager_is_asked_to_mark_the_file(tmp_path: Path, desktop: Path) -> None:
    told = program(desktop, "gdbus")
    film = await make_film(tmp_path, "My Film, it's")
    film.drop(still(1))
    async with running_daemon(film) as daemon:
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
    tmp_path: Path, desktop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(desktop, "gdbus", code=1)
    program(desktop, "dbus-send", code=1)
    told = program(desktop, "setsid")
    monkeypatch.setenv("DISPLAY", ":0")
    film = await make_film(tmp_path)
    film.drop(still(1))
    async with running_daemon(film) as daemon:
        await daemon.finished(1)
        assert (await daemon.ask("POST", f"{TAKE}/reveal")).status_code == 204
        assert told.read_text().splitlines() == ["--fork", "xdg-open", str(film.take(1))]


async def test_where_there_is_no_file_manager_that_is_said(tmp_path: Path, desktop: Path) -> None:
    program(desktop, "gdbus", code=1)
    program(desktop, "dbus-send", code=1)
    film = await make_film(tmp_path)
    film.drop(still(1))
    async with running_daemon(film) as daemon:
        await daemon.finished(1)
        answer = await daemon.ask("POST", f"{TAKE}/reveal")
        assert answer.status_code == 409
        assert str(film.media(1)) in answer.json()["detail"]
        assert (await daemon.ask("POST", "shots/001_Dawn/takes/take_009/reveal")).status_code == 404
