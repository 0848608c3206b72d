"""A machine of its own: a User-Mode Linux, a kernel as a process that takes this machine's files for its own.

It is Debian's, and starts in seconds. What it is told to do are scripts in a folder that both have.
"""

import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

MODULES = Path("/usr/lib/uml/modules")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

CODE = Path(__file__).parents[2]

DEADLINE = 120.0
"""Seconds for what takes a few."""

TAKES = f"""#!/bin/sh
exec {shlex.quote(sys.executable)} -c "import sys; from daemon.cli.main import main; sys.exit(main())" "$@"
"""

OBEY = """
number=1
while [ ! -e {folder}/off ]; do
  if [ -e {folder}/$number.sh ]; then
    ( . {folder}/$number.sh ) > {folder}/$number.out 2>&1; echo $? > {folder}/$number.part
    mv {folder}/$number.part {folder}/$number.code; number=$((number + 1))
  else sleep 0.05; fi
done
echo o > /proc/sysrq-trigger; sleep 60
"""
"""The part of a machine's script that does what it is told, and halts the machine in the end."""


class Machine:
    """A machine; what it is told to do, it does one after the other."""

    def __init__(self, folder: Path, process: "subprocess.Popen[bytes]") -> None:
        self._folder = folder
        self._process = process
        self._numbers = count(1)

    def run(self, script: str, *, fails: bool = False) -> str:
        """What that script of the shell says, once it has ended, with 0 unless it `fails`; it knows `takes`."""
        number = next(self._numbers)
        part = self._folder / f"{number}.part"
        part.write_text(script)
        part.rename(self._folder / f"{number}.sh")
        wait_for(lambda: (self._folder / f"{number}.code").exists() or self._process.poll() is not None)
        said = (self._folder / f"{number}.out").read_text(errors="replace")
        code = (self._folder / f"{number}.code").read_text().strip()
        assert (code != "0") == fails, f"{script}\nended with {code}:\n{said}"
        return said

    def turn_off(self) -> None:
        """Have it halt, and end it where it does not."""
        (self._folder / "off").touch()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(20)
            return
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


@contextmanager
def started(
    folder: Path, name: str, programs: Mapping[str, str], *options: str
) -> Iterator["subprocess.Popen[bytes]"]:
    """The process of a machine that begins with the program `init`; those lie in its folder, and `takes` does."""
    (folder / "lib").mkdir(parents=True)
    (folder / "lib" / "modules").symlink_to(MODULES)
    for program, text in {"takes": TAKES, **programs}.items():
        (folder / program).write_text(text)
        (folder / program).chmod(0o755)
    disk = ("rootfstype=hostfs", "rootflags=/", f"init={folder / 'init'}")
    console = ("con=null", "con0=null,fd:1", f"umlname={name}-{os.getpid()}")
    with (folder / "console").open("wb") as out:
        yield subprocess.Popen(
            ["linux.uml", *disk, *console, *options],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )


def why_not(programs: Sequence[str]) -> str | None:
    """Why there can be no machine here that has those programs; None where there can."""
    missing = [name for name in ("linux.uml", "modprobe", *programs) if not shutil.which(name, path=PATH)]
    return f"these programs are missing: {', '.join(missing)}" if missing else None


def wait_for(fact: Callable[[], T], at_most: float = DEADLINE, pause: float = 0.05) -> T:
    """What that answers, once it is something."""
    until = time.monotonic() + at_most
    while not (found := fact()):
        assert time.monotonic() < until, "it took too long"
        time.sleep(pause)
    return found
