"""What the world refuses a command: it says what, and what to do next, with the exit code of that; nobody sees a traceback."""

import subprocess
import sys
from pathlib import Path

import pytest
from anyio import to_thread

from daemon.cli.main import main
from tests.daemon.cli.canned.daemon import CannedDaemon
from tests.daemon.cli.canned.shell import RUN, Out, refused
from tests.support.film import environment, make_film, still, video
from tests.support.inside import running_daemon


def run(command: str, where: Path, **more: str) -> "subprocess.CompletedProcess[str]":
    """What a shell makes of that, in which `takes` is the program."""
    takes = f'takes() {{ "{sys.executable}" -c "{RUN}" "$@"; }}; set -o pipefail; '
    env = environment(where, **more)
    return subprocess.run(
        ["bash", "-c", takes + command], cwd=where, env=env, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    "command", ["config", "completion bash", "projects", "--help", "git-clean < /dev/null"]
)
def test_what_cannot_be_printed_is_told_once(tmp_path: Path, command: str) -> None:
    done = run(f"takes {command} > /dev/full", tmp_path)
    if "git-clean" not in command:  # it has nothing to print
        assert done.returncode == 4
        assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


@pytest.mark.parametrize(
    "command", ["config", "projects", "completion bash", "--help", "git-clean < /dev/null"]
)
def test_a_command_does_without_a_stream_that_is_closed(tmp_path: Path, command: str) -> None:
    for closed in (">&-", "2>&-", "<&-", ">&- 2>&- <&-"):
        done = run(f"takes {command} {closed}", tmp_path)
        assert done.returncode == 0, done.stderr
        assert not done.stderr


def test_what_a_command_opens_is_not_written_to_as_a_stream_that_is_closed(tmp_path: Path) -> None:
    look = "import os, sys; from daemon.cli.output import open_streams; open_streams(); print(os.open('x', 65), file=open('y', 'w'))"
    command = f'"{sys.executable}" -c "{look}" >&- 2>&- <&-'
    subprocess.run(["bash", "-c", command], cwd=tmp_path, env=environment(tmp_path), check=True)
    assert int((tmp_path / "y").read_text()) > 2


def test_whoever_reads_no_more_is_told_nothing(tmp_path: Path) -> None:
    done = run("takes config | head -0", tmp_path)
    assert done.stderr == ""


def test_a_folder_that_is_gone_is_called_so(tmp_path: Path) -> None:
    (gone := tmp_path / "gone").mkdir()
    done = run(f"cd {gone}; rmdir {gone}; takes init .", tmp_path)
    assert done.returncode == 4
    assert "the folder that you stand in is gone" in done.stderr
    assert "cd" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_parameter_without_end_is_refused(tmp_path: Path, capsys: Out) -> None:
    deep = "[" * 100_000
    (tmp_path / "deep.json").write_text(deep)
    for one in (f"x={deep}", f"@{tmp_path / 'deep.json'}"):
        code, err = refused(capsys, "new", "001", "-p", one)
        assert code == 2
        assert "too deep" in err


async def test_what_cannot_be_written_is_named(tmp_path: Path, capsys: Out) -> None:
    film = await make_film(tmp_path)
    (tmp_path / "file").touch()
    async with running_daemon(film) as daemon:
        film.drop(still(), "a.png")
        await daemon.finished(1)
        where = ("--socket", str(daemon.socket), "--project", daemon.project)
        for command in ("export X.otio", "export --html X", "export X.csv", "sheet X.png", "reel X.mp4"):
            place = tmp_path / "file" / "out"
            args = [*command.replace("X", str(place)).split(), *where]
            assert await to_thread.run_sync(main, args) == 4
            assert str(place) in capsys.readouterr().err.replace("'", "")


async def test_what_is_written_only_in_part_replaces_nothing_and_leaves_nothing(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    (folder := tmp_path / "out").mkdir()
    (folder / "was.otio").write_text("the last one")
    async with running_daemon(film) as daemon:
        film.drop(still(), "a.png")
        await daemon.finished(1)
        film.drop(video(), "b.mp4")
        await daemon.finished(2)
        where = f"--socket {daemon.socket} --project {daemon.project}"
        for command in (
            "export was.otio --replace",
            "export new.otio",
            "sheet new.png",
            "reel new.mp4",
            "proxy daw 2 --to .",
        ):
            done = await to_thread.run_sync(run, f"ulimit -f 0; takes {command} {where} 2>&1 | cat", folder)
            assert (command.split()[1] if "proxy" not in command else "proxy.mp4") in done.stdout
            assert "File too large" in done.stdout
            assert done.returncode == 4
            assert [one.name for one in folder.iterdir()] == ["was.otio"]
    assert (folder / "was.otio").read_text() == "the last one"


@pytest.mark.parametrize(
    "command", [("grant", "", "reader"), ("revoke", ""), ("search", "save", "", "x"), ("search", "rm", "")]
)
def test_an_empty_name_is_refused(capsys: Out, command: tuple[str, ...]) -> None:
    with CannedDaemon({"GET /api/projects": {"projects": [{"id": "film", "path": "/film"}]}}) as daemon:
        code, err = refused(capsys, "--socket", daemon.path, *command)
    assert (code, err.splitlines()[0]) == (2, "takes: a name is empty")
