"""The lock of a film: one daemon has it, whatever becomes of the file that it lies in, and it is free in the end."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio
import anyio.to_thread
import pytest

from daemon.disk.locking import PATIENCE, held
from daemon.home.holding import ProjectInUse, locked
from daemon.home.home import find_home
from tests.support.film import make_film, until
from tests.support.inside import running_daemon

HOLDER = """
import os, sys, time
from pathlib import Path
from daemon.disk.locking import held

with held(Path(sys.argv[1]), RuntimeError("it was to be free")):
    if os.fork() == 0:  # as one that has not begun its own program yet
        print("held", flush=True)
        time.sleep(float(sys.argv[2]))
        os._exit(0)
    time.sleep(60)
"""


class InUse(Exception):
    pass


@contextmanager
def holder(path: Path, child_holds: float) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the file, and whose child holds it for so many seconds too."""
    command = [sys.executable, "-c", HOLDER, str(path), str(child_holds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def test_a_child_that_outlives_a_killed_holder_for_a_moment_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with holder(path, child_holds=0.3) as process:
        process.kill()
        process.wait()
        with held(path, InUse()):
            assert os.lstat(path).st_size == 0


def test_one_who_keeps_the_file_is_no_moment_and_the_other_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with holder(path, child_holds=0):
        began = time.monotonic()
        with pytest.raises(InUse), held(path, InUse()):
            pass
        assert time.monotonic() - began >= PATIENCE


def test_the_file_is_free_again_at_the_end_whatever_it_was(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with pytest.raises(ZeroDivisionError), held(path, InUse()):
        raise ZeroDivisionError
    with held(path, InUse()):
        assert path.stat().st_mode & 0o777 == 0o600


def remove(lock: Path) -> None:
    lock.unlink()


def replace(lock: Path) -> None:
    lock.rename(lock.with_name("old"))
    lock.touch()


@pytest.mark.parametrize("damage", [remove, replace])
def test_a_lock_that_is_removed_is_held_anew(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    path = tmp_path / "lock"
    with held(path, KeyError("first")) as lock:
        damage(path)
        lock.keep()
        with pytest.raises(KeyError, match="second"), held(path, KeyError("second")):
            pass
    with held(path, KeyError("third")) as lock:
        lock.keep()


def test_whoever_was_faster_has_the_lock_that_was_removed(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with held(path, KeyError("first")) as lock:
        path.unlink()
        with held(path, KeyError("second")), pytest.raises(KeyError, match="first"):
            lock.keep()


def taken(root: Path) -> None:
    with locked(find_home(root)):
        pass


def refused(root: Path) -> None:
    with pytest.raises(ProjectInUse):
        taken(root)


async def test_no_second_daemon_gets_in_while_the_lock_of_a_film_is_gone(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    lock = film.root / ".takes" / "lock"
    async with running_daemon(film) as daemon:
        await daemon.scanned()
        lock.unlink()
        await anyio.to_thread.run_sync(refused, film.root)

        async def is_back() -> bool:
            return lock.exists()

        await until(is_back)
        await anyio.to_thread.run_sync(refused, film.root)
        assert (await daemon.get("/api/projects"))["projects"][0]["state"] == "live"
    await anyio.to_thread.run_sync(taken, film.root)
