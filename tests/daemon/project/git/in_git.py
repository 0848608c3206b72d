"""Films that lie in a git repository."""

import subprocess
from pathlib import Path
from typing import Any

from tests.e2e.repository import Git
from tests.support.film import DAWN, Daemon, environment, until


async def drop_all(daemon: Daemon, *contents: bytes, shot: str = DAWN) -> None:
    """Drop these one after the other, and wait until all is at rest."""
    before = len(await daemon.takes(shot))
    for number, content in enumerate(contents, before + 1):
        suffix = ".png" if content.startswith(b"\x89PNG") else ".mp4"
        daemon.film.drop(content, f"render{suffix}", shot)
        await daemon.finished(number, shot)
    await daemon.at_rest()


async def well(daemon: Daemon) -> dict[str, Any]:
    """The status at rest, with nothing in the way."""
    status = await daemon.at_rest()
    assert status["problems"] == []
    return status


async def problem(daemon: Daemon, words: str) -> str:
    """Wait for a problem that has those words."""

    async def told() -> str | None:
        found = (await daemon.status())["problems"]
        return next((one["what"] for one in found if words in one["what"]), None)

    return await until(told)


def files(root: Path) -> dict[str, bytes]:
    """The media and what lies beside it, of all takes."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.glob("**/takes/take_*/*"))
        if path.is_file()
    }


def known(take: dict[str, Any]) -> dict[str, Any]:
    """What is told of a take, but for the file's name before it was dropped, its place in the log, and what was drawn here."""
    return {**take, "origin": None, "position": None, "colour": None}


def check_clean(git: Git) -> None:
    assert git.unstaged() == []
    assert "OK" in git("lfs", "fsck")
    git("fsck", "--strict")


def run(daemon: Daemon, *command: str) -> "subprocess.CompletedProcess[str]":
    """Run that in the film, as its user."""
    env = environment(daemon.film.folder, TAKES_SOCKET=str(daemon.socket), GIT_CONFIG_NOSYSTEM="1")
    return subprocess.run(command, cwd=daemon.film.root, env=env, check=False, capture_output=True, text=True)
