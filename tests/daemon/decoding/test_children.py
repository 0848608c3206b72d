"""The processes that look into files: what one costs that dies, hangs or takes too much, and how all end."""

import errno
import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import anyio
import pytest
from PIL import Image

from daemon.decoding import child as child_module
from daemon.decoding import pool as module
from daemon.decoding.decoders import open_decoders
from daemon.decoding.pool import NoDecoder
from projections.media.errors import NeedsMore, Undecodable
from tests.daemon.decoding.asked import _no_hurry, is_gone, the_child, until
from tests.support.clips import make_endless, make_still

__all__ = ["_no_hurry"]


FALSE = shutil.which("false")


ROOT = Path(__file__).parents[3]


async def test_what_a_child_refuses_after_another_file_is_asked_of_one_that_has_seen_none(
    tmp_path: Path,
) -> None:
    """Whatever the others have left in it, this one may be good; where it is not, a child of its own says so."""
    good, bad = make_still(tmp_path / "a.png"), tmp_path / "b.png"
    bad.write_bytes(b"no media at all")
    async with open_decoders(1) as decoders:
        await decoders.inspect(good, name="")
        pid = the_child(decoders).greeting.pid
        with pytest.raises(NeedsMore):
            await decoders.inspect(bad, name="")
        await until(lambda: is_gone(pid))
        with pytest.raises(Undecodable):
            await decoders.inspect(bad, name="", patient=True)
        with pytest.raises(Undecodable):
            await decoders.picture(bad)
        await decoders.inspect(good, name="")


@pytest.mark.parametrize("death", [signal.SIGSEGV, signal.SIGKILL, signal.SIGABRT])
async def test_a_child_that_dies_costs_its_own_job_and_nothing_else(
    tmp_path: Path, death: signal.Signals
) -> None:
    path = make_still(tmp_path / "a.png")
    outcomes: list[str] = []

    async def look() -> None:
        try:
            outcomes.append((await decoders.inspect(path, name="")).kind)
        except NeedsMore as error:
            outcomes.append(error.reason)

    async with open_decoders(1) as decoders:
        await decoders.inspect(path, name="")
        child = the_child(decoders)
        os.kill(child.greeting.pid, signal.SIGSTOP)
        async with anyio.create_task_group() as group:
            for _ in range(4):
                group.start_soon(look)
            await until(lambda: child.owes)
            os.kill(child.greeting.pid, death)
            with suppress(ProcessLookupError):  # a kill needs no going on: it may be gone by now
                os.kill(child.greeting.pid, signal.SIGCONT)
        await until(lambda: is_gone(child.greeting.pid))
    assert sorted(outcomes) == ["image", "image", "image", "the decoder crashed on it"]


async def test_a_child_that_dies_between_two_jobs_costs_nothing(tmp_path: Path) -> None:
    path = make_still(tmp_path / "a.png")
    async with open_decoders(1) as decoders:
        await decoders.inspect(path, name="")
        pid = the_child(decoders).greeting.pid
        os.kill(pid, signal.SIGKILL)
        await until(lambda: is_gone(pid))
        assert (await decoders.inspect(path, name="")).kind == "image"


async def test_a_server_that_dies_is_started_again(tmp_path: Path) -> None:
    path = make_still(tmp_path / "a.png")
    async with open_decoders(1) as decoders:
        await decoders.inspect(path, name="")
        assert decoders._pool._server is not None
        for pid in (decoders._pool._server._program.pid, the_child(decoders).greeting.pid):
            os.kill(pid, signal.SIGKILL)
        await until(lambda: not the_child(decoders).is_there())
        assert (await decoders.inspect(path, name="")).kind == "image"


async def test_a_decoder_that_never_starts_is_an_error_with_a_hint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", FALSE)
    async with open_decoders(1) as decoders:
        with pytest.raises(NoDecoder) as caught:
            await decoders.inspect(make_still(tmp_path / "a.png"), name="")
    assert caught.value.hint


async def test_a_job_that_hangs_is_cut_off_and_the_next_one_goes_on(tmp_path: Path) -> None:
    slow, quick = make_still(tmp_path / "slow.png", size=(9000, 9000)), make_still(tmp_path / "quick.png")
    async with open_decoders(1, limit=0.1) as decoders:
        with pytest.raises(Undecodable, match=r"took longer than 0\.1 s"):
            await decoders.picture(slow)
        assert (await decoders.inspect(quick, name="")).kind == "image"


async def test_a_look_that_takes_for_ever_ends_in_a_verdict(tmp_path: Path) -> None:
    path = make_endless(tmp_path / "a.gif")
    async with open_decoders(1, limit=0.35) as decoders:
        with pytest.raises(NeedsMore):
            await decoders.inspect(path, name="a.gif")
        with pytest.raises(Undecodable, match=r"took longer than 0\.35 s"):
            await decoders.inspect(path, name="a.gif", patient=True)


async def test_a_large_picture_is_seen_by_the_one_that_has_the_memory_for_it(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.new("LA", (8000, 6500)).save(path, compress_level=1)
    async with open_decoders(1, limit=300) as decoders:
        assert Image.open(BytesIO(await decoders.picture(path))).size == (320, 180)


@pytest.mark.parametrize(
    ("gigabytes", "children"), [(2, (1, 2)), (8, (1, 4)), (16, (2, 8)), (64, (8, 32)), (1024, (32, 64))]
)
def test_all_decoders_together_take_half_of_the_memory_at_most(
    gigabytes: int, children: tuple[int, int]
) -> None:
    assert module.most_children(gigabytes << 30) == children


async def test_no_more_children_have_a_file_at_a_time_than_there_is_memory_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "most_children", lambda _: (1, 2))
    path = make_still(tmp_path / "a.png")
    at_work: list[int] = []

    async def look() -> None:
        await decoders.inspect(path, name="")
        at_work.append(len(decoders._pool._idle))

    async with open_decoders(8) as decoders, anyio.create_task_group() as group:
        for _ in range(40):
            group.start_soon(look)
    assert max(at_work) <= 2


async def test_a_job_that_is_cancelled_leaves_no_process_behind_and_no_broken_pool(tmp_path: Path) -> None:
    path = make_still(tmp_path / "a.png")
    async with open_decoders(1) as decoders:
        await decoders.inspect(path, name="")
        child = the_child(decoders)
        os.kill(child.greeting.pid, signal.SIGSTOP)
        async with anyio.create_task_group() as group:
            group.start_soon(lambda: decoders.inspect(path, name=""))
            await until(lambda: child.owes)
            group.cancel_scope.cancel()
        with suppress(ProcessLookupError):  # a child that is killed needs no going on
            os.kill(child.greeting.pid, signal.SIGCONT)
        await until(lambda: is_gone(child.greeting.pid))
        assert (await decoders.inspect(path, name="")).kind == "image"


async def test_a_bomb_is_refused_without_taking_the_machine_with_it(tmp_path: Path) -> None:
    path = make_still(tmp_path / "a.png")
    whole = bytearray(path.read_bytes())
    whole[16:24] = (60_000).to_bytes(4, "big") * 2
    path.write_bytes(whole)
    async with open_decoders(1) as decoders:
        with pytest.raises(Undecodable):
            await decoders.inspect(path, name="")


async def test_the_codecs_leave_memory_when_nobody_asks_and_come_back(tmp_path: Path) -> None:
    path = make_still(tmp_path / "a.png")
    async with open_decoders(1, rest=0.05) as decoders:
        assert not decoders.is_loaded
        await decoders.inspect(path, name="")
        await until(lambda: not decoders.is_loaded)
        assert (await decoders.inspect(path, name="")).kind == "image"


async def test_decoders_that_do_not_outlive_a_look_are_counted_film_by_film(tmp_path: Path) -> None:
    path, other = make_endless(tmp_path / "a.gif"), make_still(tmp_path / "b.png")
    async with open_decoders(1, limit=0.5) as decoders:
        with pytest.raises(NeedsMore):
            await decoders.inspect(path, name="")
        assert dict(decoders.killed) == {"first": 1}
        with pytest.raises(Undecodable):
            await decoders.inspect(path, name="", patient=True)
        assert dict(decoders.killed) == {"first": 1, "patient": 1}
        film = decoders.apart()
        await film.inspect(other, name="")
        assert film.killed.total() == 0


async def test_a_child_that_does_not_heed_its_connection_is_killed(tmp_path: Path) -> None:
    path = make_still(tmp_path / "a.png")
    async with open_decoders(1) as decoders:
        await decoders.inspect(path, name="")
        child = the_child(decoders)
        os.kill(child.greeting.pid, signal.SIGSTOP)
        child.close()
        await until(lambda: is_gone(child.greeting.pid))


async def test_a_kernel_without_descriptors_of_processes_does_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: int) -> int:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))

    monkeypatch.setattr(os, "pidfd_open", refuse, raising=False)
    async with open_decoders(1) as decoders:
        assert (await decoders.inspect(make_still(tmp_path / "a.png"), name="")).kind == "image"
        child = the_child(decoders)
        child.close()
        await until(lambda: is_gone(child.greeting.pid))


async def test_a_look_that_never_ends_and_takes_no_time_is_given_up_for_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child_module, "STUCK", 0.2)
    path = make_still(tmp_path / "a.png")
    async with open_decoders(1) as decoders:
        await decoders.greeting()
        child = the_child(decoders)
        os.kill(child.greeting.pid, signal.SIGSTOP)
        with pytest.raises(child_module.Stuck):
            await decoders.inspect(path, name="")
        await until(lambda: is_gone(child.greeting.pid))


async def test_nothing_is_left_running_at_the_end(tmp_path: Path) -> None:
    async with open_decoders(1) as decoders:
        await decoders.inspect(make_still(tmp_path / "a.png"), name="")
        assert decoders._pool._server is not None
        pids = [decoders._pool._server._program.pid, the_child(decoders).greeting.pid]
    await until(lambda: all(map(is_gone, pids)))


async def test_the_processes_end_with_a_daemon_that_is_killed(tmp_path: Path) -> None:
    program = (
        "import asyncio, os, pathlib, signal, sys\n"
        "from daemon.decoding.decoders import open_decoders\n"
        "async def main():\n"
        "    async with open_decoders(1) as decoders:\n"
        "        await decoders.inspect(pathlib.Path(sys.argv[1]), name='')\n"
        "        print(decoders._pool._server._program.pid, decoders._pool._idle[0].greeting.pid, flush=True)\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "asyncio.run(main())\n"
    )
    command = [sys.executable, "-c", program, str(make_still(tmp_path / "a.png"))]
    done = await anyio.run_process(command, cwd=ROOT, check=False)
    pids = [int(word) for word in done.stdout.split()]
    assert len(pids) == 2
    await until(lambda: all(map(is_gone, pids)))


def test_the_daemon_never_loads_a_codec() -> None:
    program = "import sys, daemon.decoding.decoders; sys.exit(bool({'av', 'PIL'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False).returncode == 0
