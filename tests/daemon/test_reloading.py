"""Reloading: a daemon that runs takes its films and its policies anew, and says what has to wait for a restart."""

from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from daemon import locations
from daemon.home.init import init_project
from daemon.reloading import Reloader
from projections.files.threads import in_thread
from tests.daemon.space.old_film import POLICY, Old, make_old_film, purges
from tests.support.film import Film, make_film, still, until, write_config
from tests.support.inside import Daemon, running_daemon

SAID = ("reloaded", "some settings wait for a restart", "nothing is reloaded")


def reloader(daemon: Daemon, *, follows: bool = False) -> Reloader:
    assert daemon.projects
    assert daemon.shared
    return Reloader(daemon.projects, daemon.shared.policies, follows=follows)


async def told(daemon: Daemon, *, follows: bool = False) -> list[dict[str, Any]]:
    """What the daemon's log says as it reloads."""
    with capture_logs() as found:
        await reloader(daemon, follows=follows).reload()
    return [dict(one) for one in found if one["event"] in SAID]


async def test_the_next_take_goes_by_the_new_choice(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        film.drop(still(1), "a.png")
        await daemon.finished(1)
        write_config(film.folder, auto_activate="latest")
        (said,) = await told(daemon)
        assert (said["event"], said["changed"]) == ("reloaded", ["auto_activate"])
        film.drop(still(2), "b.png")
        await daemon.finished(2)
        assert await daemon.active() == "take_002"


async def test_a_new_policy_is_kept_at_once(tmp_path: Path) -> None:
    film = await make_old_film(tmp_path, Old(1, still(1)))
    async with running_daemon(film) as daemon:
        await daemon.scanned()
        await daemon.at_rest()
        assert not await purges(daemon)
        write_config(film.folder, cleanup=POLICY)
        await reloader(daemon).reload()

        async def purged() -> bool:
            return await purges(daemon) == [1]

        await until(purged)


async def test_what_waits_for_a_restart_is_named_and_not_begun(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        write_config(film.folder, backups=7, git={"idle": 3.0}, log_level="debug")
        reloaded, waiting = await told(daemon)
        assert reloaded["changed"] == ["log_level"]
        assert (waiting["log_level"], waiting["settings"]) == ("warning", ["backups", "git.idle"])
        assert daemon.shared
        assert (daemon.shared.config.backups, daemon.shared.config.log_level) == (3, "debug")


async def test_a_file_that_makes_no_sense_changes_nothing_and_is_told(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        assert daemon.shared
        before = daemon.shared.config
        write_config(film.folder, auto_activate="latest", backups=-1)
        (said,) = await told(daemon)
        assert said["event"] == "nothing is reloaded"
        assert "backups" in said["why"]
        assert said["hint"]
        assert daemon.shared.config == before


async def test_the_films_are_those_of_the_registry_again(tmp_path: Path) -> None:
    film, other = await make_film(tmp_path), await make_film(tmp_path, "Other")
    async with running_daemon(film) as daemon:
        await in_thread(locations.register_project, str(other.root))
        await reloader(daemon).reload()
        assert await kept(daemon) == ["myfilm"]  # those that it was given by name
        await reloader(daemon, follows=True).reload()
        assert await kept(daemon) == ["other"]
        other.drop(still(1))
        daemon.project = "other"
        await daemon.finished(1)


async def kept(daemon: Daemon) -> list[str]:
    return [one["id"] for one in (await daemon.get("/api/projects"))["projects"]]


# A film that is to be forgotten.


async def test_a_film_that_is_forgotten_is_left_as_it_is_and_can_be_kept_again(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await in_thread(locations.register_project, str(film.root))
        film.drop(still(1))
        await daemon.finished(1)
        await daemon.at_rest()
        before = everything(film)
        answer = await daemon.ask("DELETE", "/api/projects/myfilm")
        assert (answer.status_code, answer.json()) == (200, {"id": "myfilm", "path": str(film.root)})
        assert await kept(daemon) == []
        assert await in_thread(locations.registered_projects) == []
        assert (await daemon.ask("DELETE", "/api/projects/myfilm")).status_code == 404
        film.drop(still(2), "meanwhile.png")
        assert {name for name in everything(film) if ".takes" not in name} == {
            *(name for name in before if ".takes" not in name),
            str(film.takes() / "meanwhile.png"),
        }
        assert (await daemon.ask("POST", "/api/projects", {"path": str(film.root)})).status_code == 201
        assert [one["number"] for one in await daemon.finished(2)] == [1, 2]
        await daemon.verify()


def everything(film: Film) -> set[str]:
    return {str(path) for path in film.root.rglob("*")}


async def test_whoever_listens_to_a_film_that_is_forgotten_hears_the_end(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        headers = {"accept": "text/event-stream"}
        async with daemon.client.stream("GET", "/api/projects/myfilm/events", headers=headers) as answer:
            lines = answer.aiter_lines()
            await anext(lines)
            assert (await daemon.ask("DELETE", "/api/projects/myfilm")).status_code == 200
            async for _ in lines:
                pass


def test_a_film_can_be_registered_and_forgotten_with_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    paths = [init_project(tmp_path / name).path for name in ("a", "b")]
    for path in paths:
        locations.register_project(path, "its log")
    assert [locations.forget_project(paths[0]) for _ in range(2)] == [True, False]
    assert locations.registered_projects() == paths[1:]
    assert [locations.registered_log(path) for path in paths] == [None, "its log"]
