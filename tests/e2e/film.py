"""The real daemon as a process of its own, for tests that kill it, stop it and start it again."""

import shutil
import signal
import subprocess
import sys
import tempfile
from asyncio.subprocess import Process, create_subprocess_exec
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx

from tests import blocking
from tests.e2e import nursery
from tests.e2e.nursery import Child
from tests.support import film as questions
from tests.support.deadline import DEADLINE
from tests.support.film import CODE, Film, asking, environment, until, write_config

COMMAND = (sys.executable, "-c", "import sys; from daemon.cli.main import main; sys.exit(main())")

BEFORE_START: Callable[[], None] | None = None
"""What the process of a daemon does before it is one, for a test that takes something from it."""


class Daemon(questions.Daemon):
    """The daemon as a process of its own."""

    def __init__(self, film: Film, process: Process | Child, socket: Path, client: httpx.AsyncClient) -> None:
        super().__init__(film, socket, client)
        self.process = process

    def say(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    async def ended(self) -> int:
        """The exit code, once it has ended by itself."""
        with anyio.fail_after(DEADLINE):
            return await self.process.wait()

    async def stop(self) -> int:
        """Tell it to stop; the exit code."""
        self.say(signal.SIGTERM)
        return await self.ended()

    async def kill(self) -> None:
        """End it in the middle of whatever it does."""
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()


@asynccontextmanager
async def started(
    film: Film, *more: Film, env: Mapping[str, str] | None = None, at: Path | None = None
) -> AsyncIterator[Daemon]:
    """The daemon, started for those films and not waited for; it is gone afterwards, whatever happens.

    Its socket is at that path, or in a folder that nobody has had before.
    """
    sockets = tempfile.mkdtemp(prefix="takes-")  # a socket's path is short, a test's folder is not
    socket, log = at or Path(sockets) / "s", film.folder / "daemon.log"
    roots = [str(one.root) for one in (film, *more)]
    args = ["daemon", *roots, "--socket", str(socket)]
    with log.open("ab") as output:
        process = await _start(args, environment(film.folder, **(env or {})), film.folder, output.fileno())
    async with asking(socket) as client:
        daemon = Daemon(film, process, socket, client)
        try:
            yield daemon
        except BaseException:
            print(log.read_text(errors="replace"))  # noqa: T201 - pytest shows it with the failure
            raise
        finally:
            await daemon.kill()
            blocking.check(log)
            shutil.rmtree(sockets)


async def _start(args: Sequence[str], env: Mapping[str, str], cwd: Path, output: int) -> Process | Child:
    if BEFORE_START is None and env["PYTHONPATH"] == str(CODE):
        return await nursery.start(args, env, cwd, output)
    return await create_subprocess_exec(
        *COMMAND,
        *args,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        cwd=cwd,
        env=env,
        preexec_fn=BEFORE_START,
    )


@asynccontextmanager
async def running_daemon(
    film: Film, *more: Film, env: Mapping[str, str] | None = None, **choices: Any
) -> AsyncIterator[Daemon]:
    """The daemon, answering."""
    write_config(film.folder, **choices)
    async with started(film, *more, env=env) as daemon:

        async def answers() -> bool:
            assert daemon.process.returncode is None, "the daemon ended by itself"
            return daemon.socket.exists() and await _is_there(daemon)

        await until(answers)
        yield daemon


async def _is_there(daemon: Daemon) -> bool:
    try:
        return (await daemon.ask("GET", "/api/health")).status_code == 200
    except httpx.TransportError:
        return False
