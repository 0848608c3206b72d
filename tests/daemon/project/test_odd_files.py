"""What is no file, or is far too large, in the place of a film's own: told, left as it is, and no harm to the takes."""

import json
import os
import stat
from pathlib import Path

import anyio
import pytest

from daemon.home.init import BadFolder, init_project
from tests.daemon.project.git.in_git import problem
from tests.support.film import Daemon, Film, make_film, still, until
from tests.support.inside import running_daemon
from tests.support.odd import ALL, SECRET, Put, elsewhere, known, linked, linked_to_nothing, listening, sparse

SAID = {
    sparse: "it is larger than the 16 MB",
    os.mkfifo: "it is a pipe",
    listening: "it is a socket",
    Path.mkdir: "it is a folder",
}


async def film_doctor(daemon: Daemon) -> list[str]:
    """What the doctor says of the film itself."""
    checks = (await daemon.get("doctor"))["checks"]
    return [f"{one['what']} {one['mend']}" for one in checks if one["name"] == "film"]


@pytest.mark.parametrize("put", ALL)
async def test_an_odd_project_file_is_told_and_left_and_the_takes_go_on(tmp_path: Path, put: Put) -> None:
    film = await make_film(tmp_path)
    path, said = film.root / "project.json", SAID.get(put, "it is a link")
    aside = path.rename(tmp_path / "aside.json")
    put(path)
    before = known(path)
    async with running_daemon(film) as daemon:
        film.drop(still())
        await daemon.finished(1)
        assert said in await problem(daemon, "project.json")
        assert "move it away" in await problem(daemon, said) or "put the file" in await problem(daemon, said)
        (told,) = await film_doctor(daemon)
        assert said in told
        assert f"mv {path}" in told
        answer = (await daemon.ask("POST", "rebuild", {"verify": True})).json()["differences"]
        assert [one["what"] for one in answer] == ["project.json"]
        assert (await daemon.ask("POST", "rebuild", {"name": "project-file"})).status_code == 200
        assert known(path) == before
        path.rmdir() if put is Path.mkdir else path.unlink()
        aside.rename(path)

        async def is_written() -> bool:
            return "takes" in json.loads(path.read_bytes())

        await until(is_written)
        assert not await film_doctor(daemon)
        assert await daemon.stop() == 0
    assert put is not linked or elsewhere(path).read_bytes() == SECRET
    assert put is not linked_to_nothing or not elsewhere(path).exists()


async def test_a_project_file_that_becomes_a_link_while_nothing_is_dropped_is_told(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, git={"idle": 0.2}) as daemon:
        film.drop(still())
        await daemon.finished(1)
        await daemon.at_rest()
        (film.root / "project.json").unlink()
        linked(film.root / "project.json")
        await problem(daemon, "it is a link")
    assert elsewhere(film.root / "project.json").read_bytes() == SECRET


@pytest.mark.parametrize("put", ALL)
async def test_an_odd_project_file_begins_no_project(tmp_path: Path, put: Put) -> None:
    folder = tmp_path / "New"
    (folder / ".takes").mkdir(parents=True)
    put(folder / "project.json")
    before = known(folder / "project.json")
    with pytest.raises(BadFolder, match=r"project\.json: it is"):
        await anyio.to_thread.run_sync(init_project, folder)
    assert known(folder / "project.json") == before
    assert put is not linked_to_nothing or not elsewhere(folder / "project.json").exists()


@pytest.mark.parametrize("put", ALL)
async def test_what_lies_beside_a_drop_in_the_place_of_its_recipe_costs_no_take(
    tmp_path: Path, put: Put
) -> None:
    film = await make_film(tmp_path)
    recipe = film.takes() / "render.json"
    put(recipe)
    async with running_daemon(film) as daemon:
        film.drop(still())
        (take,) = await daemon.finished(1)
        assert (take["status"], take["generationParams"]) == ("complete", None)
        await daemon.at_rest()
        assert await daemon.stop() == 0
    assert put is not linked or elsewhere(recipe).read_bytes() == SECRET
    assert recipe in film.takes().iterdir() or put is sparse  # which is a file, and goes with its take


@pytest.mark.parametrize("put", ALL)
async def test_what_lies_in_the_place_of_a_packed_recipe_or_sidecar_is_not_read(
    tmp_path: Path, put: Put
) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        film.drop(json.dumps({"prompt": "waves", "notes": "x" * 200_000}).encode(), "render.json")
        film.drop(still())
        await daemon.finished(1)
        await daemon.at_rest()
        packed = film.take(1) / "shot_001_take_001_recipe.json.gz"
        sidecar = film.take(1) / "shot_001_take_001_metadata.json"
        for path in (packed, sidecar):
            path.unlink()
            put(path)
        await daemon.ask("POST", "rebuild", {})
        await daemon.ask("POST", "rebuild", {"verify": True})
        assert packed in film.take(1).iterdir()
        assert sidecar.is_file() == (put is not Path.mkdir)
        assert await daemon.stop() == 0
    assert put is not linked or elsewhere(packed).read_bytes() == SECRET


@pytest.mark.parametrize("put", ALL)
@pytest.mark.parametrize("name", ["head", "git-lock"])
async def test_what_lies_in_the_place_of_what_we_keep_holds_up_no_start(
    tmp_path: Path, name: str, put: Put
) -> None:
    film = await make_film(tmp_path)
    (film.root / ".takes" / name).unlink(missing_ok=True)
    put(film.root / ".takes" / name)
    async with running_daemon(film) as daemon:
        film.drop(still())
        assert [one["status"] for one in await daemon.finished(1)] == ["complete"]
        assert await daemon.stop() == 0


@pytest.mark.parametrize("put", [one for one in ALL if one is not Path.mkdir])
@pytest.mark.parametrize("name", ["index.db", "index.db-wal", "index.db-shm"])
async def test_what_lies_in_the_place_of_the_index_gives_way_and_nothing_is_made_elsewhere(
    tmp_path: Path, name: str, put: Put
) -> None:
    film = await make_film(tmp_path)
    index = film.root / ".takes" / name
    index.unlink(missing_ok=True)
    put(index)
    async with running_daemon(film) as daemon:
        film.drop(still())
        assert [one["status"] for one in await daemon.finished(1)] == ["complete"]
        assert await daemon.stop() == 0
    assert name != "index.db" or stat.S_ISREG(index.lstat().st_mode)
    assert put is not linked or elsewhere(index).read_bytes() == SECRET
    assert put is not linked_to_nothing or not elsewhere(index).exists()


@pytest.mark.parametrize("put", ALL)
@pytest.mark.parametrize("name", ["log.db", "log.db-wal", "log.db-shm", "log.db-journal"])
async def test_what_lies_in_the_place_of_the_log_is_told_and_the_daemon_ends(
    tmp_path: Path, name: str, put: Put
) -> None:
    if put is sparse and name != "log.db":
        return  # a file is left to SQLite
    film = await make_film(tmp_path)
    await check_that_it_is_told(film, film.log.with_name(name), put)


@pytest.mark.parametrize("put", [linked, linked_to_nothing])
async def test_a_link_in_the_place_of_the_lock_is_told_and_not_followed(tmp_path: Path, put: Put) -> None:
    film = await make_film(tmp_path)
    await check_that_it_is_told(film, film.log.with_name("lock"), put)


def put_anew(path: Path, put: Put) -> None:
    path.unlink(missing_ok=True)
    put(path)


async def check_that_it_is_told(film: Film, path: Path, put: Put) -> None:
    """See that the film is suspended because of what is put there, which stays as it is, and that the daemon ends."""
    put_anew(path, put)
    before = known(path)
    async with running_daemon(film) as daemon:

        async def is_suspended() -> bool:
            (project,) = (await daemon.get("/api/projects"))["projects"]
            told = project["reason"] or ""
            return bool(project["state"] == "suspended" and (told if path == film.log else str(path) in told))

        await until(is_suspended)
        assert await daemon.stop() == 0
    assert known(path) == before
    assert put is not linked or elsewhere(path).read_bytes() == SECRET
    assert put is not linked_to_nothing or not elsewhere(path).exists()


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644])
async def test_a_take_and_its_object_are_open_to_nobody_to_whom_the_drop_was_not(
    tmp_path: Path, mode: int
) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        hidden = tmp_path / "render.png"
        hidden.write_bytes(still())
        hidden.chmod(mode)
        hidden.rename(film.takes() / "render.png")
        await daemon.finished(1)
        await daemon.at_rest()
        files = [film.media(1), *(one for one in (film.root / ".takes/objects").rglob("*") if one.is_file())]
        assert len(files) == 2
        assert [stat.S_IMODE(one.stat().st_mode) for one in files] == [mode & 0o444] * 2
