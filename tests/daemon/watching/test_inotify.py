"""The watch on Linux: what only inotify does."""

import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import anyio.to_thread
import pytest

if not sys.platform.startswith("linux"):
    pytest.skip("inotify is Linux's", allow_module_level=True)

from daemon.watching.inotify import LinuxWatch
from tests.daemon.watching.listener import SHOT, Listener
from tests.support.deadline import DEADLINE


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "film" / SHOT / "takes").mkdir(parents=True)
    return tmp_path / "film"


@pytest.fixture
async def listener(root: Path) -> AsyncIterator[Listener]:
    one = Listener(root)
    await one.open(LinuxWatch)
    yield one
    await anyio.to_thread.run_sync(one.watch.close)


@pytest.fixture
def watch(listener: Listener) -> LinuxWatch:
    assert isinstance(listener.watch, LinuxWatch)
    return listener.watch


async def test_what_the_kernel_dropped_is_said_to_be_lost_and_all_is_watched_anew(
    listener: Listener, watch: LinuxWatch, root: Path
) -> None:
    await listener.arm()
    with watch._lock:  # the reader waits, and the kernel's queue fills
        await anyio.to_thread.run_sync(overflow, root / SHOT / "takes")
    await listener.until(lambda heard: bool(heard.lost))
    assert watch.folders == 0
    await listener.arm()
    await listener.hears(SHOT)


async def test_a_move_that_was_lost_leaves_no_folder_unwatched(
    listener: Listener, watch: LinuxWatch, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await listener.arm()
    with monkeypatch.context() as deaf:
        dropped: list[object] = []
        deaf.setattr(watch, "on_event", dropped.append)
        (root / "01_C").rename(root / "05_C")
        (root / SHOT / "takes").mkdir(parents=True)
        with anyio.fail_after(DEADLINE):
            while len(dropped) < 3:  # noqa: ASYNC110 - moved from, moved to, created: on another thread
                await anyio.sleep(0.01)
    watch.on_queue_overflow()
    await listener.arm()
    listener.forget()
    await listener.hears("05_C/001_A")
    await listener.hears(SHOT)
    assert watch.folders == 7


async def test_a_file_is_heard_of_as_closed_when_its_writer_has_closed_it(
    listener: Listener, root: Path
) -> None:
    await listener.arm()
    path = root / SHOT / "takes" / "render.mp4"
    with path.open("wb"):
        await listener.until(lambda heard: SHOT in heard.shots)
        assert not listener.heard.closed
    await listener.until(lambda heard: f"{SHOT}/takes/render.mp4" in heard.closed)


async def test_too_few_watches_are_told_with_what_to_do(
    listener: Listener, watch: LinuxWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(watch._reader, "add_callback", refuse)
    await listener.arm()
    assert watch.mode == "scanning"
    assert "max_user_watches" in watch.problem


async def test_a_folder_that_may_not_be_read_is_tried_again(
    listener: Listener, watch: LinuxWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as refusing:
        refusing.setattr("watchdog.observers.inotify_c.inotify_add_watch", lambda *_: -1)
        refusing.setattr("watchdog.observers.inotify_c.ctypes.get_errno", lambda: 13)
        await listener.arm()
    assert watch.folders == 0
    await listener.arm()
    await listener.hears(SHOT)


def overflow(folder: Path) -> None:
    """Let more happen there than the kernel keeps for a reader who does not read."""
    most = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text("ascii"))
    paths = [folder / name for name in ("a.png", "b.png")]  # in turn: two events that are the same are one
    for number in range(most + 5000):  # what the reader has taken already, it has taken in one
        os.close(os.open(paths[number % 2], os.O_WRONLY | os.O_CREAT))
