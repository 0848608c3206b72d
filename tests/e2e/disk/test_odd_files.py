"""The real daemon, with odd things in the place of many files at once: it goes on, stays small, and ends when it is told to."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.daemon.project.git.in_git import problem
from tests.e2e.film import running_daemon
from tests.e2e.repository import begin
from tests.support.film import make_film, still
from tests.support.odd import Put, linked_to_device, listening, sparse

MOST = 512 << 20
"""Bytes of memory that it may have needed at any time: a file of 10 GB that is read is far more."""

SETS: Mapping[str, Mapping[str, Put]] = {
    "pipes": {
        "project.json": os.mkfifo,
        ".git/index": os.mkfifo,
        ".takes/head": os.mkfifo,
        "x.json": os.mkfifo,
    },
    "sizes": {"project.json": sparse, ".git/index": sparse, ".git/packed-refs": sparse, "x.json": sparse},
    "others": {"project.json": listening, ".git/config": linked_to_device, "x.json": listening},
}


def peak_of(pid: int) -> int:
    """The bytes of memory that a process has needed at any time."""
    lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM"))


@pytest.mark.parametrize("odd", SETS.values(), ids=SETS)
async def test_odd_files_neither_hang_nor_fill_the_daemon(tmp_path: Path, odd: Mapping[str, Put]) -> None:
    film = await make_film(tmp_path)
    begin(film)
    for name, put in odd.items():
        path = film.takes() / name if name == "x.json" else film.root / name
        path.unlink(missing_ok=True)
        put(path)
    async with running_daemon(film, git={"commit": "each"}) as daemon:
        film.drop(still(), "x.png")
        (take,) = await daemon.finished(1)
        assert take["status"] == "complete"
        for name in odd:
            if name in ("project.json", ".git/index", ".git/config"):
                await problem(daemon, name)
        assert (await daemon.get("doctor"))["checks"]
        assert peak_of(daemon.process.pid) < MOST
        assert await daemon.stop() == 0
