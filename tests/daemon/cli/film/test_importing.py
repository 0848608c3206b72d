"""Importing a folder of old renders: shown first, brought once that was agreed, gone on with, and taken back as a whole."""

import errno
import json
from pathlib import Path
from typing import Any

import pytest

from daemon.disk import moving
from daemon.ingest.importing import Importer
from daemon.shots.shots import Origin
from tests.daemon.cli.film.test_bringing import bringing, made
from tests.daemon.cli.test_choosing import GULLS, NIGHT, PIER, Out, known
from tests.daemon.sequences.rendered import render
from tests.support.film import Film, make_film, still, video
from tests.support.inside import Daemon, running_daemon


async def film_of_three(tmp_path: Path) -> Film:
    return await make_film(tmp_path, "MyFilm", GULLS, PIER, NIGHT)


def old_renders(folder: Path) -> None:
    made(folder / "gulls_over_the_pier_v1.png", still(1))
    made(folder / "gulls_over_the_pier_v1.json", b'{"seed": 4}')
    made(folder / "night/a.mp4", video())
    render(folder / "night/sea", name="sea.{:04d}.png")
    made(folder / "by prompt.png", still(2))
    made(folder / "by prompt.json", json.dumps({"prompt": "boats at the pier, noon"}).encode())
    made(folder / "whatever.png", still(3))
    made(folder / "night/gulls over the pier.png", still(4))
    made(folder / "empty night.png", b"")
    made(folder / "notes.txt", b"buy milk")
    made(folder / ".hidden/010.png", still(5))


def states(answer: Any) -> dict[str, tuple[str, str | None]]:
    return {Path(one["path"]).name: (one["state"], one["by"]) for one in answer["renders"]}


async def pier_has_a_prompt(film: Film, daemon: Daemon) -> None:
    made(film.takes(PIER) / "first.json", json.dumps({"prompt": "Boats at the pier, noon"}).encode())
    film.drop(still(9), "first.png", PIER)
    await daemon.finished(1, PIER)
    await known(daemon)


async def test_what_is_clear_is_shown_and_comes_once_that_was_agreed(tmp_path: Path, capsys: Out) -> None:
    film, old = await film_of_three(tmp_path), tmp_path / "old"
    old_renders(old)
    before = sorted(old.rglob("*"))
    async with running_daemon(film) as daemon:
        takes = bringing(daemon, capsys)
        await pier_has_a_prompt(film, daemon)
        code, out, _ = await takes("import", str(old), "--dry-run", "--json")
        assert code == 4  # some of it is not clear
        assert states(json.loads(out)) == {
            "gulls_over_the_pier_v1.png": ("new", "name"),
            "a.mp4": ("new", "folder"),
            "sea": ("new", "folder"),
            "by prompt.png": ("new", "prompt"),
            "whatever.png": ("unclear", None),
            "gulls over the pier.png": ("unclear", None),
        }
        assert [Path(one["path"]).name for one in json.loads(out)["left"]] == ["empty night.png"]
        for wrong in ([], ["--dry-run", "--format", "edl"]):
            assert (await takes("import", str(old), *wrong))[0] == 2
        assert (await takes("import", str(old / "notes.txt"), "--move", "--dry-run"))[0] == 2
        assert len(await daemon.events()) == 6
        code, out, _ = await takes("import", str(old), "--yes")
        assert code == 4
        assert "4 renders brought in" in out
        assert "nothing tells its shot" in out
        await daemon.finished(1, GULLS)
        assert {one["origin"] for one in await daemon.finished(2, NIGHT)} == {"a.mp4", "sea"}
        assert (await daemon.finished(2, PIER))[1]["origin"] == "by prompt.png"
        (gulls,) = await daemon.takes(GULLS)
        assert gulls["generationParams"]["seed"] == 4
        assert sorted(old.rglob("*")) == before


async def test_the_same_again_brings_nothing_twice(tmp_path: Path, capsys: Out) -> None:
    film, old = await film_of_three(tmp_path), tmp_path / "old"
    made(old / "night/a.png", still(1))
    async with running_daemon(film) as daemon:
        takes = bringing(daemon, capsys)
        await known(daemon)
        await takes("import", str(old), "--yes")
        await daemon.finished(1, NIGHT)
        made(old / "night/b.png", still(2))
        code, out, _ = await takes("import", str(old), "--yes", "--json")
        assert (code, states(json.loads(out))["a.png"]) == (0, ("there", "name"))
        assert [one["origin"] for one in await daemon.finished(2, NIGHT)] == ["a.png", "b.png"]
        assert (await takes("rm", "night", "1"))[0] == 0
        assert "Here already: 2 renders" in (await takes("import", str(old), "--dry-run"))[1]


@pytest.mark.parametrize("move", [False, True])
async def test_an_import_is_taken_back_as_a_whole(tmp_path: Path, capsys: Out, *, move: bool) -> None:
    film, old = await film_of_three(tmp_path), tmp_path / "old"
    for number, name in enumerate(("night/a.png", "night/b.png", "gulls over the pier/a.png")):
        made(old / name, still(number))
    async with running_daemon(film) as daemon:
        takes = bringing(daemon, capsys)
        await known(daemon)
        await takes("import", str(old), "--yes", *(["--move"] if move else []))
        await daemon.finished(2, NIGHT)
        await daemon.finished(1, GULLS)
        assert (old / "night/a.png").exists() is not move
        code, out, _ = await takes("undo")
        assert (code, out.count("take_")) == (0, 3)
        assert [one["deleted"] for one in await daemon.takes(NIGHT) + await daemon.takes(GULLS)] == [True] * 3
        assert (await takes("redo"))[0] == 0
        assert [one["deleted"] for one in await daemon.takes(NIGHT) + await daemon.takes(GULLS)] == [
            False
        ] * 3
        await takes("undo")
        for path in ("night/a.png", "night/b.png", "gulls over the pier/a.png"):
            assert (old / path).exists()


async def test_what_was_taken_back_may_come_again(tmp_path: Path, capsys: Out) -> None:
    film, old = await film_of_three(tmp_path), tmp_path / "old"
    made(old / "night/a.png", still(1))
    async with running_daemon(film) as daemon:
        takes = bringing(daemon, capsys)
        await known(daemon)
        await takes("import", str(old), "--yes")
        await daemon.finished(1, NIGHT)
        await takes("undo")
        await takes("import", str(old), "--yes")
        assert [one["deleted"] for one in await daemon.finished(2, NIGHT)] == [True, False]


async def test_what_has_changed_since_it_was_looked_at_is_not_brought(tmp_path: Path) -> None:
    film, old = await film_of_three(tmp_path), tmp_path / "old"
    made(old / "night/a.png", still(1))
    async with running_daemon(film) as daemon:
        await known(daemon)
        plan = (await daemon.ask("POST", "renders", {"folder": str(old), "dryRun": True})).json()["plan"]
        made(old / "night/b.png", still(2))
        answer = await daemon.ask("POST", "renders", {"folder": str(old), "plan": plan})
        assert answer.status_code == 409
        assert list(film.takes(NIGHT).iterdir()) == []
        for folder, status in (
            ("x", 400),
            (str(old / "none"), 404),
            (str(film.root), 409),
            (str(film.takes(NIGHT)), 409),
        ):
            assert (await daemon.ask("POST", "renders", {"folder": folder})).status_code == status


async def test_only_what_is_sure_comes_where_that_is_asked_for(tmp_path: Path, capsys: Out) -> None:
    film, old = await film_of_three(tmp_path), tmp_path / "old"
    made(old / "030_Night.png", still(1))
    made(old / "030_v2.png", still(2))
    async with running_daemon(film) as daemon:
        takes = bringing(daemon, capsys)
        await known(daemon)
        await takes("import", str(old), "--yes", "--only-sure")
        await daemon.finished(1, NIGHT)
        assert [one["origin"] for one in await daemon.takes(NIGHT)] == ["030_Night.png"]


async def test_files_of_one_name_come_under_two(tmp_path: Path, capsys: Out) -> None:
    film, old = await film_of_three(tmp_path), tmp_path / "old"
    for number in range(3):
        made(old / f"{number}/night/ComfyUI_00001_.png", still(number))
    async with running_daemon(film) as daemon:
        takes = bringing(daemon, capsys)
        await known(daemon)
        await takes("import", str(old), "--yes")
        names = {one["origin"] for one in await daemon.finished(3, NIGHT)}
        assert names == {"ComfyUI_00001_.png", "ComfyUI_2_00001_.png", "ComfyUI_3_00001_.png"}
        assert "Here already: 3 renders" in (await takes("import", str(old), "--dry-run"))[1]


async def test_what_we_bring_is_taken_at_once_also_where_the_disk_knows_no_rename_that_replaces_nothing(
    tmp_path: Path, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        moving, "_rename", lambda *_: errno.EINVAL
    )  # as on NFS: a second name, of which nobody hears
    film, hour = await film_of_three(tmp_path), {"quiet": 3600.0, "still": 3600.0}
    made(tmp_path / "old/night/0.png", still(0))
    async with running_daemon(film, settle=hour) as daemon:
        takes = bringing(daemon, capsys)
        await known(daemon)
        await takes("import", str(tmp_path / "old"), "--yes")
        await daemon.finished(1, NIGHT)
        await takes("add", str(made(tmp_path / "b.png", still(1))), "night")
        await daemon.finished(2, NIGHT)


async def test_what_was_cut_short_is_gone_on_with(tmp_path: Path, capsys: Out) -> None:
    film, old = await film_of_three(tmp_path), tmp_path / "old"
    for number in range(3):
        made(old / f"night/{number}.png", still(number))
    async with running_daemon(film) as daemon:
        takes = bringing(daemon, capsys)
        await known(daemon)
        assert daemon.projects
        project = daemon.projects.find(daemon.project)
        parts = project.parts
        importer = Importer(
            project.root, parts.index, parts.log, parts.shots, project.decoders, parts.mailbox
        )
        plan = await importer.plan(old)
        run = importer.run(plan, Origin("cli", "request:1", "anna"), None, move=False)
        assert await anext(run) == 1
        await run.aclose()
        await daemon.finished(1, NIGHT)
        told = (await takes("import", str(old), "--dry-run", "--json"))[1]
        assert sorted(state for state, _ in states(json.loads(told)).values()) == [
            "resumed",
            "resumed",
            "there",
        ]
        await takes("import", str(old), "--yes")
        assert {one["origin"] for one in await daemon.finished(3, NIGHT)} == {"0.png", "1.png", "2.png"}
        said = [one for one in await daemon.events() if one["type"] == "shot.received"]
        assert len(said) == 1
        await daemon.verify()
