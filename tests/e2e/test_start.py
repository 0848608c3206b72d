"""The start of the daemon that comes to nothing: it says what is wrong, and ends."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.film import started
from tests.support.deadline import DEADLINE
from tests.support.film import environment, make_film, write_config

BROKEN = """
import gc, sys
from pathlib import Path
from daemon.cli.main import main
from daemon.http.sockets import BadSocket

def fail():  # inside of all task groups that the daemon has
    raise {error}

gc.freeze = fail
sys.exit(main(["daemon", "--socket", sys.argv[1]]))
"""


@pytest.mark.parametrize(
    ("runner", "said"),
    [
        ({"kind": "comfyui", "url": "localhost:8188", "workflow": "w.json"}, "runner.url: it is no address"),
        ({"kind": "comfyui"}, "runner.workflow: it names no file"),
        ({"kind": "command"}, "runner.command: it names no program"),
        ({"kind": "command", "command": ["a"], "suffix": "mp4"}, "runner.suffix: 'mp4' is not how"),
    ],
)
async def test_a_runner_that_cannot_work_stops_the_start_with_its_own_message(
    tmp_path: Path, runner: dict[str, object], said: str
) -> None:
    film = await make_film(tmp_path)
    write_config(tmp_path, runner=runner)
    config = (tmp_path / "config.toml").read_text().splitlines()
    line = next(number for number, text in enumerate(config, 1) if text.startswith("runner"))
    async with started(film) as daemon:
        assert await daemon.ended() == 1
    told = (tmp_path / "daemon.log").read_text()
    assert told.startswith(f"takes: {tmp_path / 'config.toml'}: {said}")
    assert f"(at line {line}). Mend that line" in told
    assert len(told.splitlines()) == 1


def started_with(tmp_path: Path, error: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", BROKEN.format(error=error), str(tmp_path / "s")]
    return subprocess.run(
        command,
        env=environment(tmp_path, TAKES_PORT="off"),
        capture_output=True,
        text=True,
        check=False,
        timeout=DEADLINE,
    )


def test_an_error_in_the_groups_of_the_start_is_told_as_what_it_is(tmp_path: Path) -> None:
    result = started_with(tmp_path, "ExceptionGroup('both', [BadSocket('no socket'), BadSocket('no room')])")
    assert result.returncode == 1
    told = [line for line in result.stderr.splitlines() if line.startswith("takes: ")]
    assert told == [
        f"takes: {what}. Choose another place with --socket." for what in ("no socket", "no room")
    ]
    assert "Traceback" not in result.stderr


def test_an_error_that_nobody_foresaw_keeps_its_traceback(tmp_path: Path) -> None:
    result = started_with(tmp_path, "RuntimeError('out of luck')")
    assert result.returncode == 1
    assert "RuntimeError: out of luck" in result.stderr
    assert "in fail" in result.stderr
    assert "takes: " not in result.stderr
