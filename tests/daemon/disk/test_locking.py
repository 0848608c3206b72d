import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from daemon.disk.locking import PATIENCE, held

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
