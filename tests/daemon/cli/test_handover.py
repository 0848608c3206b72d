"""`takes export`, asked of a daemon that keeps a film."""

import json
from functools import partial
from pathlib import Path

import anyio
import opentimelineio as otio  # type: ignore[import-untyped]
import pytest

from daemon.cli.main import main
from tests.film import DAWN, make_film, still
from tests.inside import Daemon, running_daemon

Out = pytest.CaptureFixture[str]


async def run(daemon: Daemon, *args: str) -> int:
    """The exit code of that command, about that daemon's film."""
    where = ("--socket", str(daemon.socket), "--project", daemon.project)
    return await anyio.to_thread.run_sync(partial(main, ["export", *args, *where]))


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
        assert json.loads(capsys.readouterr().out)["bytes"] == (await anyio.Path(file).stat()).st_size


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
    assert "end it in .otio, .fcpxml, .edl, .csv" in capsys.readouterr().err
