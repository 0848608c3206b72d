"""`takes proxy`, asked of a daemon that keeps a film."""

import json
from functools import partial
from pathlib import Path

import anyio
import av
import pytest

from daemon.cli.main import main
from tests.support.clips import make_video
from tests.support.film import make_film, still
from tests.support.inside import Daemon, running_daemon

Out = pytest.CaptureFixture[str]


async def proxy(daemon: Daemon, *args: str) -> int:
    """The exit code of that command, about that daemon's film; a shot by a part of its name."""
    where = ("--socket", str(daemon.socket), "--project", daemon.project)
    return await anyio.to_thread.run_sync(partial(main, ["proxy", "daw", *args, *where]))


async def test_proxies_are_made_and_copied_and_nothing_is_written_over(tmp_path: Path, capsys: Out) -> None:
    film = await make_film(tmp_path)
    clip = make_video(tmp_path / "a.mov", codec="prores_ks").read_bytes()
    out = tmp_path / "out"
    await anyio.Path(out).mkdir()
    async with running_daemon(film) as daemon:
        film.drop(clip, "a.mov")
        await daemon.finished(1)
        assert await proxy(daemon, "1") == 0
        assert "take_001: " in capsys.readouterr().out
        assert await proxy(daemon, "all", "--to", str(out), "--json") == 0
        (made,) = json.loads(capsys.readouterr().out.splitlines()[-1])["proxies"]
        with av.open(made["path"], "r") as container:
            assert len(list(container.decode(video=0))) == 24
        assert await proxy(daemon, "1", "--to", str(out)) == 2
        assert "--replace writes over it" in capsys.readouterr().err
        assert await proxy(daemon, "1", "--to", str(out), "--replace") == 0


async def test_a_still_has_none(tmp_path: Path, capsys: Out) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        film.drop(still(), "a.png")
        await daemon.finished(1)
        assert await proxy(daemon, "1") == 3
        assert "only a video has a proxy" in capsys.readouterr().err
