"""Upkeep: what is wrong with the objects and the files of takes is told and mended, whatever lies in their places."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
from msgspec.structs import replace

from daemon.decoding.decoders import WITHOUT_CAGE, Decoders
from daemon.decoding.pool import NoDecoder
from tests.support.film import Film, make_film, still, until
from tests.support.inside import Daemon, LocalChild, running_daemon


async def verdict(daemon: Daemon) -> dict[str, Any]:
    """What a check says."""
    answer = await daemon.ask("POST", "verify")
    found: dict[str, Any] = json.loads(answer.text.splitlines()[-1])
    return found


async def with_take(daemon: Daemon, number: int = 1) -> bytes:
    """The bytes of a take that is complete, and whose other files are there."""
    content = still(number)
    daemon.film.drop(content)
    await daemon.finished(number)
    await daemon.at_rest()
    return content


def only_object(film: Film) -> Path:
    (found,) = [path for path in (film.root / ".takes/objects").rglob("*") if path.is_file()]
    return found


def _cut(path: Path) -> None:
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content[:100])


def _spoil(path: Path) -> None:
    size = path.stat().st_size
    path.unlink()
    path.write_bytes(bytes(size))


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _gone(path: Path) -> None:
    shutil.rmtree(path.parent.parent)


damages = pytest.mark.parametrize(
    ("damage", "protected"), [(_cut, 0), (_spoil, 1), (_folder, 0), (_pipe, 0), (Path.unlink, 0), (_gone, 0)]
)


@damages
async def test_an_object_that_is_damaged_is_told_and_a_rebuild_mends_it(
    tmp_path: Path, damage: Callable[[Path], None], protected: int
) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        content = await with_take(daemon)
        kept = only_object(film)
        await anyio.to_thread.run_sync(damage, kept)
        status = await daemon.status()
        assert status["protection"]["none"] == 1 - protected
        assert ("`takes rebuild objects`" in status["protection"]["says"]) == (not protected)
        found = await verdict(daemon)
        (problem,) = found["problems"]
        assert kept.name in problem["what"]
        assert "`takes rebuild objects`" in problem["hint"]
        assert (await daemon.ask("POST", "rebuild", {"name": "objects"})).status_code == 200
        assert (await verdict(daemon))["ok"]
        assert kept.read_bytes() == film.media(1).read_bytes() == content
        assert (await daemon.status())["protection"]["none"] == 0


@pytest.mark.parametrize("ending", ["_thumbnail.png", "_metadata.json"])
async def test_a_folder_in_the_place_of_one_file_stops_no_rebuild_and_stays(
    tmp_path: Path, ending: str
) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        for number in (1, 2, 3):
            await with_take(daemon, number)
        made = {
            number: film.media(number).with_name(f"{film.media(number).stem}{ending}") for number in (1, 2, 3)
        }
        made[2].unlink()
        made[2].mkdir()
        (made[2] / "mine.txt").write_text("mine")
        before = made[1].stat().st_mtime_ns, made[3].stat().st_mtime_ns
        assert (await daemon.ask("POST", "rebuild", {})).status_code == 200
        assert (made[2] / "mine.txt").read_text() == "mine"
        for number, then in zip((1, 3), before, strict=True):
            assert made[number].stat().st_mtime_ns > then
        assert any(made[2].name in one["what"] for one in (await daemon.status())["problems"])
        (made[2] / "mine.txt").unlink()
        made[2].rmdir()

        async def is_made() -> bool:
            return made[2].is_file()

        await until(is_made)
        await daemon.verify()


async def test_an_object_that_is_all_that_is_left_is_never_removed(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await with_take(daemon)
        kept = only_object(film)
        _spoil(kept)
        film.media(1).rename(tmp_path / "elsewhere.png")
        await daemon.ask("POST", "rebuild", {"name": "objects"})
        assert kept.exists()


@pytest.mark.parametrize("odd", ["zz", "a", "objects"])
async def test_what_is_odd_among_the_objects_is_no_error(tmp_path: Path, odd: str) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await with_take(daemon)
        objects = film.root / ".takes/objects"
        if odd == "objects":
            shutil.rmtree(objects)
            objects.write_text("no folder")
        else:
            (objects / odd).write_text("no folder")
        assert (await daemon.status())["protection"]["none"] == (odd == "objects")


@pytest.mark.parametrize("put", [Path.mkdir, os.mkfifo])
async def test_what_is_no_file_in_the_place_of_a_take_is_told(
    tmp_path: Path, put: Callable[[Path], None]
) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await with_take(daemon)
        await daemon.delete(1)
        film.media(1).unlink()
        put(film.media(1))
        found = await verdict(daemon)
        what = "a folder" if put is Path.mkdir else "a pipe"
        assert [one["what"].rpartition(".png ")[2] for one in found["problems"]] == [
            f"cannot be read: it is {what}, not a file: move it away"
        ]
        assert await daemon.stop() == 0


async def test_a_pipe_in_the_place_of_a_sidecar_holds_nothing_up(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await with_take(daemon)
        sidecar = film.media(1).with_name("shot_001_take_001_metadata.json")
        thumbnail = film.media(1).with_name("shot_001_take_001_thumbnail.png")
        for path in (sidecar, thumbnail):
            path.unlink()
            os.mkfifo(path)
        assert (await daemon.ask("POST", "rebuild", {"verify": True})).json()["differences"]
        await daemon.delete(1)

        async def is_back() -> bool | None:
            return (sidecar.is_file() and thumbnail.is_file()) or None

        await until(is_back)
        await daemon.verify()


async def test_where_the_object_is_the_damaged_one_no_take_is_blamed(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        content = await with_take(daemon)
        film.drop(content)
        await daemon.finished(2)
        await daemon.at_rest()
        kept = only_object(film)
        _spoil(kept)
        dry = (await daemon.ask("POST", "dedupe", {"dryRun": True})).json()
        assert len(dry["shared"]) == 2
        done = (await daemon.ask("POST", "dedupe", {})).json()
        assert not done["shared"]
        assert all(f"{kept.relative_to(film.root)} does not hold" in one["reason"] for one in done["left"])
        assert len(done["left"]) == 2
        await daemon.ask("POST", "rebuild", {"name": "objects"})
        assert (await verdict(daemon))["ok"]


async def test_a_project_file_that_is_no_text_is_told_and_the_film_is_kept(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        film.drop(still(1))
        await daemon.finished(1)
        await daemon.at_rest()
        await daemon.stop()
    (film.root / "project.json").write_bytes(b"\xff{")
    async with running_daemon(film) as daemon:
        daemon.project = film.root.name.lower()

        async def told() -> bool:
            return any("project.json" in one["what"] for one in (await daemon.status())["problems"])

        await until(told)
        film.drop(still(2))
        await daemon.finished(2)
        assert (film.root / "project.json").read_bytes() == b"\xff{"


async def test_what_the_cage_of_the_decoders_does_not_hold_is_told_and_takes_are_made_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await with_take(daemon)
        checks = {one["name"]: one for one in (await daemon.get("doctor"))["checks"]}
        assert (checks["decoders"]["ok"], (await daemon.status())["problems"]) == (True, [])
        holes = ("open files", "start programs")
        monkeypatch.setattr(LocalChild, "greeting", replace(LocalChild.greeting, holes=holes))
        checks = {one["name"]: one for one in (await daemon.get("doctor"))["checks"]}
        assert not checks["decoders"]["ok"]
        (problem,) = (await daemon.status())["problems"]
        for told in (checks["decoders"]["what"], problem["what"]):
            assert told == "a decoder that a file has taken over could open files, start programs"
        assert checks["decoders"]["mend"] == problem["hint"] == WITHOUT_CAGE


async def test_a_decoder_that_does_not_start_is_told_beside_all_else_that_the_doctor_sees(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(_: Decoders) -> None:
        raise NoDecoder

    monkeypatch.setattr(Decoders, "greeting", fail)
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        checks = {one["name"]: one for one in (await daemon.get("doctor"))["checks"]}
        assert not checks["decoders"]["ok"]
        assert checks["repository"]["ok"]
        assert checks["decoders"]["what"] == "the decoder cannot be started"
