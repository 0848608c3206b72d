"""Programs on a leash: each ends as it does, and with whoever has started it, whatever disk hangs meanwhile."""

import asyncio
import os
import signal
import socket
import sys
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

import anyio
import pytest

from daemon.programs import leash
from daemon.programs import program as module
from daemon.programs.program import LEASHES, Program, start
from tests.daemon.requests.asked import gone
from tests.support.deadline import DEADLINE
from tests.support.filesystems import FUSE, hanging, mounted
from tests.support.film import until


@asynccontextmanager
async def leashed(*command: str, **env: str) -> AsyncIterator[tuple[Program, anyio.Path]]:
    """A program, and the file that it writes what it says into."""
    async with anyio.TemporaryDirectory() as folder:
        said = Path(folder) / "said"
        file = os.open(said, os.O_RDWR | os.O_CREAT)
        try:
            program = await start(command, [file] * 3, {**os.environ, **env}, Path(folder))
        finally:
            os.close(file)
        try:
            yield program, anyio.Path(said)
        finally:
            program.close()


async def ended(*command: str, **env: str) -> tuple[int, bytes]:
    """The exit code of such a program, and what it has said."""
    async with leashed(*command, **env) as (program, said):
        with anyio.fail_after(DEADLINE):
            return await program.wait(), await said.read_bytes()


@pytest.mark.parametrize(
    ("command", "code"),
    [(("true",), 0), (("sh", "-c", "exit 3"), 3), (("sh", "-c", "kill -TERM $$"), -signal.SIGTERM)],
)
async def test_it_ends_as_the_program_does(command: Sequence[str], code: int) -> None:
    assert await ended(*command) == (code, b"")


async def test_it_has_the_environment_and_the_folder_that_it_is_given() -> None:
    code, said = await ended("sh", "-c", 'echo "$NAME"; ls', NAME="Anna \udcff")
    assert (code, said) == (0, b"Anna \xff\nsaid\n")


async def test_a_program_that_cannot_be_run_is_named() -> None:
    code, said = await ended("/no/such/renderer")
    assert code == leash.NOT_RUN
    assert b"/no/such/renderer: No such file" in said


async def test_who_gives_up_before_it_has_started_leaves_nothing_of_it_and_no_other_file_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_go_on, under_way, made = threading.Event(), anyio.Event(), list[socket.socket]()
    loop, files = asyncio.get_running_loop(), list[int]()

    def late(request: bytes, lent: Sequence[int], held: ExitStack) -> socket.socket:
        loop.call_soon_threadsafe(under_way.set)
        assert may_go_on.wait(DEADLINE)
        files.extend(os.fstat(file).st_ino for file in lent)
        made.append(asked(request, lent, held))
        return made[0]

    asked = module._asked
    monkeypatch.setattr(module, "_asked", late)
    said = os.open(tmp_path / "said", os.O_RDWR | os.O_CREAT)
    async with anyio.create_task_group() as group:
        group.start_soon(start, ["sleep", "1000"], [said] * 3, dict(os.environ))
        await under_way.wait()
        group.cancel_scope.cancel()
    os.close(said)
    other = os.open(tmp_path / "other", os.O_RDWR | os.O_CREAT)  # which has the number of that one, as a rule
    may_go_on.set()

    async def has_let_go() -> bool:
        return bool(made) and made[0].fileno() == -1

    await until(has_let_go)
    os.close(other)
    assert files == [(tmp_path / "said").stat().st_ino] * 3


async def test_who_lets_go_of_it_ends_the_program_and_its_children() -> None:
    async with leashed("sh", "-c", "sleep 1000 & echo $!; wait") as (program, said):

        async def child() -> int:
            return int(await said.read_bytes() or 0)

        left = await until(child)
        program.close()
        await gone(program.pid)
        await gone(left)


async def test_it_heeds_signals_as_any_program_does() -> None:
    """Nothing of what Python or a leash ignores is ignored by what it starts; what a shell has us ignore goes on to be."""
    listed = "grep SigIgn /proc/self/status" if sys.platform == "linux" else "echo SigIgn: 0"
    _, said = await ended("sh", "-c", listed)
    ignored = {one for one in signal.valid_signals() if signal.getsignal(one) == signal.SIG_IGN}
    inherited = sum(1 << one - 1 for one in ignored - {signal.SIGPIPE, signal.SIGXFSZ})
    assert int(said.split()[1], 16) & 0x7FFFFFFF & ~inherited == 0  # the next two are the C library's own
    async with leashed("sleep", "1000") as (program, _):
        program.tell(signal.SIGTERM)
        with anyio.fail_after(DEADLINE):
            assert await program.wait() == -signal.SIGTERM


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
async def test_it_has_three_files_and_no_other() -> None:
    with socket.socket() as other:
        os.set_inheritable(other.fileno(), True)
        _, said = await ended(sys.executable, "-I", "-c", "import os; print(os.listdir('/proc/self/fd'))")
    assert said.startswith(b"['0', '1', '2', '3']")  # the last is the folder that is listed


async def test_who_starts_them_is_started_again_when_it_is_gone() -> None:
    assert await ended("true") == (0, b"")
    os.kill(LEASHES.pid, signal.SIGKILL)
    assert await ended("true") == (0, b"")


@pytest.mark.parametrize("disk", [FUSE])
async def test_a_file_that_is_open_on_a_disk_that_hangs_keeps_no_program_from_starting(
    tmp_path: Path, disk: str
) -> None:
    LEASHES.begin()
    with mounted(disk, tmp_path) as place, (place / "open").open("wb"), hanging(place):
        assert await ended("true") == (0, b"")
