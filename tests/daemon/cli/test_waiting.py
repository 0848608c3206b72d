"""`takes new --wait` where nobody looks at a terminal: a line for each thing that the take waits for, and an end."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest

from daemon.cli.main import main
from daemon.cli.progress import making
from tests.comfyui.graphs import ELSEWHERE, video_graph
from tests.comfyui.server import running_comfyui
from tests.daemon.requests.asked import COMMAND, known
from tests.support.clock import Hurried
from tests.support.film import DAWN, Daemon, make_film, until
from tests.support.inside import running_daemon

Out = pytest.CaptureFixture[str]


class Waiting:
    """A person's script that waits for a take: what it has said so far, and the exit code at last."""

    def __init__(self, capsys: Out) -> None:
        self.said = ""
        self.code: int | None = None
        self._capsys = capsys

    async def run(self, daemon: Daemon, *more: str) -> None:
        args = [
            "new",
            DAWN,
            "--socket",
            str(daemon.socket),
            "--project",
            daemon.project,
            "--wait",
            "--json",
            *more,
        ]
        self.code = await anyio.to_thread.run_sync(main, args)

    async def says(self, words: str) -> None:
        async def heard() -> bool:
            self.said += self._capsys.readouterr().err
            return words in self.said

        await until(heard)


@asynccontextmanager
async def waiting(daemon: Daemon, capsys: Out, *more: str) -> AsyncIterator[Waiting]:
    """A script that waits, until the end of this."""
    one = Waiting(capsys)
    async with anyio.create_task_group() as group:
        group.start_soon(one.run, daemon, *more)
        yield one


async def test_it_says_that_the_runner_is_away_and_goes_on_once_it_is_back(
    tmp_path: Path, capsys: Out
) -> None:
    film = await make_film(tmp_path)
    film.root.joinpath("workflow.json").write_text(json.dumps(video_graph(ELSEWHERE)))
    async with running_comfyui(tmp_path / "output") as comfy:
        await comfy.stop()
        runner = {"kind": "comfyui", "url": comfy.url, "workflow": "workflow.json"}
        async with running_daemon(film, runner=runner, clock=Hurried()) as daemon:
            await known(daemon)
            async with waiting(daemon, capsys) as script:
                await script.says("take_001: ComfyUI cannot be reached at")
                await comfy.start()
            assert script.code == 0


async def test_it_says_that_the_film_is_away_and_goes_on_once_it_is_back(tmp_path: Path, capsys: Out) -> None:
    film = await make_film(tmp_path)
    go = tmp_path / "go"
    async with running_daemon(film, runner=COMMAND) as daemon:
        await known(daemon)
        async with waiting(daemon, capsys, "-p", f"wait={go}") as script:
            await until(daemon.takes)
            film.root.rename(tmp_path / "away")
            await script.says("take_001: waits for its film: ")
            (tmp_path / "away").rename(film.root)
            go.touch()
        assert script.code == 0


def test_each_reason_is_one_line_that_moves_no_cursor_and_steps_are_told_once(capsys: Out) -> None:
    with making("take_003") as advance:
        advance({"fraction": None, "message": "waits\x1b[2J for\nits turn"})
        advance({"fraction": None, "message": "waits\x1b[2J for\nits turn"})
        advance({"fraction": None, "message": None})
        for step in (1, 2):
            advance({"fraction": step / 4, "message": f"step {step} of 4"})
        advance({"fraction": 0.5, "message": "ComfyUI cannot be reached", "waits": True})
    assert capsys.readouterr().err.splitlines() == [
        "take_003: waits [2J for its turn",
        "take_003: is being made",
        "take_003: ComfyUI cannot be reached",
    ]
