"""`takes export`, asked of a daemon that keeps a film."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import opentimelineio as otio  # type: ignore[import-untyped]
import pytest

from daemon.cli.main import main
from tests.support.film import DAWN, make_film, still
from tests.support.inside import Daemon, running_daemon

Out = pytest.CaptureFixture[str]


async def run(daemon: Daemon, *args: str, command: str = "export") -> int:
    """The exit code of that command, about that daemon's film."""
    where = ("--socket", str(daemon.socket), "--project", daemon.project)
    return await anyio.to_thread.run_sync(partial(main, [command, *args, *where]))


def told(capsys: Out) -> Any:
    """The answer in JSON; the daemon of this process writes its own lines to the same output."""
    return json.loads(capsys.readouterr().out.rstrip("\n").rpartition("\n")[2])


async def test_a_film_is_written_to_a_file_that_an_edit_can_read(tmp_path: Path, capsys: Out) -> None:
    film = await make_film(tmp_path)
    file = tmp_path / "film.otio"
    async with running_daemon(film) as daemon:
        film.drop(still(), "a.png")
        await daemon.finished(1)
        assert await run(daemon, str(file)) == 0
        assert "has no active take" in capsys.readouterr().out
        made = otio.adapters.read_from_file(str(file))
        clip = next(item for item in made.tracks[0] if isinstance(item, otio.schema.Clip))
        found = anyio.Path(clip.media_reference.target_url.removeprefix("file://"))
        assert await found.read_bytes() == still()
        assert await run(daemon, str(file)) == 2
        assert "--replace writes over it" in capsys.readouterr().err
        assert await run(daemon, str(file), "--replace", "--json") == 0
        assert told(capsys)["bytes"] == (await anyio.Path(file).stat()).st_size


@pytest.mark.parametrize(("name", "format_"), [("-", "csv"), ("-", "edl"), ("-", "fcpxml"), ("-", "otio")])
async def test_each_format_can_go_to_the_output(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], name: str, format_: str
) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        film.drop(still(), "a.png")
        await daemon.finished(1)
        assert await run(daemon, name, "--format", format_, "--relative") == 0
        assert Path(DAWN).name.encode() in capfdbinary.readouterr().out


async def test_a_name_that_says_no_format_is_asked_about(tmp_path: Path, capsys: Out) -> None:
    assert await anyio.to_thread.run_sync(main, ["export", str(tmp_path / "film.txt")]) == 2
    assert "end it in .otio, .fcpxml, .edl, .csv, .py, .sha256" in capsys.readouterr().err


async def test_the_choices_of_an_edit_come_back_once_somebody_has_said_yes(
    tmp_path: Path, capsys: Out
) -> None:
    film = await make_film(tmp_path)
    file = tmp_path / "cut.edl"
    async with running_daemon(film) as daemon:
        for number in (1, 2):
            film.drop(still(number), "a.png")
            await daemon.finished(number)
        assert await run(daemon, str(file)) == 0
        edit = await anyio.Path(file).read_text()
        await anyio.Path(file).write_text(edit.replace("take_001", "take_002") + "* a \xe9\n", "latin-1")
        capsys.readouterr()
        assert await run(daemon, str(file), command="import") == 2
        assert "--yes" in capsys.readouterr().err
        assert await run(daemon, str(file), "--dry-run", command="import") == 0
        assert "take_002, was take_001\n1 would be active now, 0 as before" in capsys.readouterr().out
        assert await daemon.active() == "take_001"
        assert await run(daemon, str(file), "--yes", command="import") == 0
        assert await daemon.active() == "take_002"
        capsys.readouterr()
        await anyio.Path(file).write_text(edit.replace("take_001", "take_009"))
        assert await run(daemon, str(file), "--yes", "--json", command="import") == 4
        (left,) = told(capsys)["left"]
        assert left["reason"] == "no take of this film has that file"


async def test_a_file_that_is_no_edit_is_not_imported(tmp_path: Path, capsys: Out) -> None:
    file = anyio.Path(tmp_path / "takes.csv")
    await file.write_text("")
    assert (
        await anyio.to_thread.run_sync(main, ["import", str(file), "--dry-run", "--socket", "/nowhere"]) == 5
    )
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        assert await run(daemon, str(file), "--dry-run", command="import") == 2
        assert "end it in .otio, .fcpxml, .edl, or give --format" in capsys.readouterr().err


async def test_the_media_goes_along_to_a_folder_and_the_paths_are_from_there(
    tmp_path: Path, capsys: Out
) -> None:
    film = await make_film(tmp_path)
    folder = anyio.Path(tmp_path / "for the edit")
    to = ("--copy-to", str(folder))
    async with running_daemon(film) as daemon:
        for number in (1, 2):
            film.drop(still(number), "a.png")
            await daemon.finished(number)
        assert await run(daemon, "film.otio", *to) == 0
        made = otio.adapters.read_from_file(str(folder / "film.otio"))
        references = made.tracks[0][0].media_references()
        for number in (1, 2):
            found = folder / references[f"take_{number:03d}"].target_url
            assert await found.read_bytes() == still(number)
        assert (await (folder / "film.sha256").read_text()).count("take_00") == 4
        assert await run(daemon, "film.otio", *to) == 2
        assert "film.otio is there already; --replace" in capsys.readouterr().err
        await (folder / "film.otio").unlink()
        taken = film.media(1).relative_to(film.root)
        await (folder / taken).chmod(0o600)
        await (folder / taken).write_bytes(b"mine")
        assert await run(daemon, "film.otio", *to) == 4
        assert "another file is there already, and stays" in capsys.readouterr().err
        assert not await (folder / "film.otio").exists()
        assert await (folder / taken).read_bytes() == b"mine"


async def test_only_the_active_takes_go_along_with_an_edl_or_where_that_is_wanted(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        for number in (1, 2):
            film.drop(still(number), "a.png")
            await daemon.finished(number)
        for name, *more in (("a.edl",), ("b.fcpxml", "--active", "--link")):
            folder = anyio.Path(tmp_path / name)
            assert await run(daemon, name, "--copy-to", str(folder), *more) == 0
            pictures = [path.name async for path in folder.rglob("*.png")]
            assert pictures == ["shot_001_take_001.png"]


async def test_no_copies_lie_in_a_film(tmp_path: Path, capsys: Out) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        assert await run(daemon, "film.otio", "--copy-to", str(film.root / "out")) == 2
        assert "name a folder that is in none" in capsys.readouterr().err
        assert await run(daemon, str(tmp_path / "film.otio"), "--copy-to", str(tmp_path / "out")) == 2
        assert "FILE is a name in FOLDER" in capsys.readouterr().err


async def test_a_contact_sheet_is_a_pdf_or_pages_as_pictures(tmp_path: Path, capsys: Out) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        for number in range(1, 14):
            film.drop(still(number), "a.png")
            await daemon.finished(number)
        assert await run(daemon, str(tmp_path / "all.pdf"), command="sheet") == 0
        assert (await anyio.Path(tmp_path / "all.pdf").read_bytes()).startswith(b"%PDF")
        assert await run(daemon, str(tmp_path / "dawn.png"), "001_Dawn", command="sheet") == 0
        pages = [tmp_path / f"dawn-{number}.png" for number in (1, 2)]
        assert capsys.readouterr().out.splitlines()[-2:] == [str(path) for path in pages]
        assert await run(daemon, str(tmp_path / "one.png"), "daw", "--active", command="sheet") == 0
        assert (await anyio.Path(tmp_path / "one.png").read_bytes()).startswith(b"\x89PNG")
        assert await run(daemon, str(tmp_path / "all.pdf"), command="sheet") == 2
        assert await run(daemon, str(tmp_path / "x.pdf"), "nowhere", command="sheet") == 3
        assert "no shot and no scene" in capsys.readouterr().err


async def test_the_reel_is_one_film_and_tells_what_it_could_not_show(tmp_path: Path, capsys: Out) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        film.drop(still(), "a.png")
        await daemon.finished(1)
        file = anyio.Path(tmp_path / "film.mp4")
        assert await run(daemon, str(file), "--still", "0.5", command="reel") == 0
        assert "film.mp4: 2 shots" in capsys.readouterr().out
        assert (await file.read_bytes())[4:8] == b"ftyp"
        assert await run(daemon, str(file), "001_Dawn", "--replace", "--still", "0.5", command="reel") == 0
        assert "film.mp4: 1 shot," in capsys.readouterr().out
        assert await run(daemon, str(file), command="reel") == 2
        assert await run(daemon, str(tmp_path / "film.mov"), command="reel") == 2
        media = anyio.Path(film.media(1))
        await media.unlink()
        assert await run(daemon, str(file), "001_Dawn", "--replace", "--json", command="reel") == 4
        (left,) = told(capsys)["left"]
        assert left["name"] == DAWN.replace("/", ":")
