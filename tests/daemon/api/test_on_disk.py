"""What a command changed is on the disk when it is answered, or the answer says what is not."""

import json
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from projections.artifacts.active_link import ActiveLink
from projections.artifacts.project_file import ProjectFile
from projections.files.writing import sync_folder
from tests.support.deadline import DEADLINE
from tests.support.film import DAWN, Film, make_film, still
from tests.support.inside import Daemon, running_daemon


def told(film: Film, shot: str = DAWN) -> dict[str, Any]:
    """What project.json says of a shot."""
    said: dict[str, Any] = json.loads((film.root / "project.json").read_bytes())["takes"]["shots"][shot]
    return said


def on_disk(film: Film) -> tuple[str | None, str | None]:
    """The active take by the link, and by project.json."""
    return (film.link() or "").removeprefix("takes/"), told(film)["activeTake"]


def behind(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    names: list[str] = answer.json().get("behind", [])
    return names


async def dropped(daemon: Daemon, count: int = 2) -> None:
    """So many takes, the first one active, as the disk says by now."""
    for number in range(1, count + 1):
        daemon.film.drop(still(number))
        await daemon.finished(number)
    await daemon.at_rest()


async def test_who_reads_the_disk_after_a_command_reads_what_it_did(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await dropped(daemon)
        for turn in range(20):
            number = 2 - turn % 2
            assert behind(await daemon.activate(number)) == []
            assert on_disk(film) == (f"take_{number:03d}",) * 2
        for _ in range(5):
            assert behind(await daemon.delete(1)) == []
            assert (on_disk(film), told(film)["hidden"]) == (("take_002",) * 2, ["take_001"])
            restored = await daemon.ask("POST", "shots/001_Dawn/takes/take_001/restore")
            assert (behind(restored), "hidden" in told(film)) == ([], False)
            await daemon.activate(1)
        await daemon.verify()


async def test_deleting_the_last_take_is_answered_when_the_link_is_gone(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await dropped(daemon, 1)
        assert behind(await daemon.delete(1)) == []
        assert (film.link(), told(film)["activeTake"]) == (None, None)


def put_folder_instead(link: Path) -> None:
    """A folder takes the link's place; the daemon may be faster, and put the link there again."""
    while not link.is_dir() or link.is_symlink():
        with suppress(FileExistsError):
            link.unlink(missing_ok=True)
            link.mkdir()


async def test_what_is_in_the_way_of_a_change_is_named_in_the_answer(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await dropped(daemon)
        put_folder_instead(film.shot() / "active_take")
        assert behind(await daemon.activate(2)) == [ActiveLink.name]
        assert told(film)["activeTake"] == "take_002"
        (film.root / "project.json").write_text("{ half")
        assert behind(await daemon.activate(1)) == [ActiveLink.name, ProjectFile.name]
        (film.shot() / "active_take").rmdir()
        (film.root / "project.json").write_text("{}")
        assert behind(await daemon.activate(2)) == []
        assert on_disk(film) == ("take_002",) * 2


async def test_a_shot_that_is_away_is_behind_and_others_are_not(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await dropped(daemon)
        for number in (1, 2):
            film.drop(still(number), shot=DAWN.replace("001_Dawn", "002_Noon"))
            await daemon.finished(number, DAWN.replace("001_Dawn", "002_Noon"))
        film.shot().rename(tmp_path / "away")
        assert behind(await daemon.activate(2)) == [ActiveLink.name]
        assert behind(await daemon.activate(2, DAWN.replace("001_Dawn", "002_Noon"))) == []


async def test_a_disk_that_takes_too_long_is_named_and_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await dropped(daemon)
        await daemon.at_rest()
        monkeypatch.setattr("daemon.api.shot_resource.PATIENCE", 0.0)
        assert behind(await daemon.activate(2)) == [ActiveLink.name, ProjectFile.name]
        monkeypatch.undo()
        assert behind(await daemon.activate(2)) == []
        assert on_disk(film) == ("take_002",) * 2


async def test_what_can_be_seen_is_answered_before_it_survives_a_power_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film, goes_on = await make_film(tmp_path), threading.Event()

    def sync(folder: int, path: Path) -> None:
        assert goes_on.wait(DEADLINE)
        sync_folder(folder, path)

    async with running_daemon(film) as daemon:
        await dropped(daemon)
        await daemon.at_rest()
        monkeypatch.setattr("projections.files.writing.sync_folder", sync)
        try:
            assert behind(await daemon.activate(2)) == []
            assert on_disk(film) == ("take_002",) * 2
            standings = {one["name"]: one["behind"] for one in (await daemon.status())["projections"]}
            assert standings[ActiveLink.name]
            assert standings[ProjectFile.name]
        finally:
            goes_on.set()
        await daemon.verify()
