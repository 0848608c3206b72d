"""The watch: real folders, and what is heard of what happens in them, whichever watch it is."""

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest

from daemon.watching.mailbox import Mail, Mailbox
from daemon.watching.portable import PortableWatch
from daemon.watching.watch import NoWatch, Watch, open_watch
from events import Signal
from tests.daemon.watching.listener import SHOT, Listener
from tests.support.clock import Clock

if sys.platform.startswith("linux"):
    from daemon.watching.inotify import LinuxWatch

    WATCHES: list[Callable[[Path, Mailbox], Watch]] = [LinuxWatch, PortableWatch]
else:
    WATCHES = [PortableWatch]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "film" / SHOT / "takes").mkdir(parents=True)
    return tmp_path / "film"


@pytest.fixture(params=WATCHES, ids=lambda make: make.__name__)
async def listener(root: Path, request: pytest.FixtureRequest) -> AsyncIterator[Listener]:
    one = Listener(root)
    await one.open(request.param)
    await one.arm()
    yield one
    await anyio.to_thread.run_sync(one.watch.close)


async def test_a_drop_is_heard(listener: Listener) -> None:
    await listener.hears(SHOT)
    assert not listener.heard.lost


async def test_a_file_that_is_renamed_in_is_heard_as_such(listener: Listener, root: Path) -> None:
    hidden = root / SHOT / "takes" / ".render.part"
    hidden.write_bytes(b"x")
    hidden.rename(root / SHOT / "takes" / "render.mp4")
    await listener.until(lambda heard: f"{SHOT}/takes/render.mp4" in heard.moved)
    assert SHOT in listener.heard.shots


async def test_a_file_that_comes_from_elsewhere_is_heard(
    listener: Listener, root: Path, tmp_path: Path
) -> None:
    (tmp_path / "render.mp4").write_bytes(b"x")
    (tmp_path / "render.mp4").rename(root / SHOT / "takes" / "render.mp4")
    await listener.until(lambda heard: SHOT in heard.shots)


@pytest.mark.parametrize("change", [os.unlink, lambda path: path.rename(path.with_suffix(".mov"))])
async def test_a_file_that_goes_is_heard(
    listener: Listener, root: Path, change: Callable[[Path], object]
) -> None:
    await listener.hears(SHOT, "a.mp4")
    await listener.hears(SHOT, "b.mp4")
    listener.forget()
    change(root / SHOT / "takes" / "a.mp4")
    await listener.until(lambda heard: SHOT in heard.shots)


async def test_a_link_that_is_re_pointed_is_heard(listener: Listener, root: Path) -> None:
    (root / SHOT / ".link").symlink_to("takes/take_002")
    (root / SHOT / ".link").rename(root / SHOT / "active_take")
    await listener.until(lambda heard: SHOT in heard.shots)


async def test_a_take_folder_that_comes_or_goes_is_heard(listener: Listener, root: Path) -> None:
    (root / SHOT / "takes" / "take_007").mkdir()
    await listener.until(lambda heard: SHOT in heard.shots)
    listener.forget()
    (root / SHOT / "takes" / "take_007").rmdir()
    await listener.until(lambda heard: SHOT in heard.shots)


async def test_junk_and_our_own_writes_are_not_heard(listener: Listener, root: Path) -> None:
    takes = root / SHOT / "takes"
    for name in ("._a.mp4", "a.mp4.part", ".DS_Store"):
        (takes / name).write_bytes(b"x")
    (root / "project.json").write_bytes(b"{}")
    (root / ".takes").mkdir()
    (root / ".takes" / "index.db").write_bytes(b"x")
    (root / "02_New").mkdir()
    await listener.until(lambda heard: "02_New" in heard.trees)
    assert not listener.heard.shots
    assert listener.heard.trees == {"02_New"}


async def test_a_new_folder_is_heard_and_then_what_happens_in_it(listener: Listener, root: Path) -> None:
    (root / "02_New" / "001_B" / "takes").mkdir(parents=True)
    await listener.until(lambda heard: "02_New" in heard.trees)
    await listener.arm("02_New")
    await listener.hears("02_New/001_B")


async def test_a_folder_that_is_renamed_is_heard_under_its_new_name_from_then_on(
    listener: Listener, root: Path
) -> None:
    (root / "01_C").rename(root / "05_C")
    await listener.until(lambda heard: {"01_C", "05_C"} <= heard.trees)
    await listener.arm()
    await listener.hears("05_C/001_A")
    assert SHOT not in listener.heard.shots


async def test_a_folder_that_is_armed_before_its_move_is_heard_of_is_watched(
    listener: Listener, root: Path
) -> None:
    for number in range(20):
        here, there = (root / "01_C", root / "05_C") if number % 2 == 0 else (root / "05_C", root / "01_C")
        here.rename(there)
        await listener.arm()  # a scan may come at any moment
        await listener.until(lambda heard, name=there.name: name in heard.trees)  # type: ignore[misc]
        await listener.arm()
        listener.forget()
        await listener.hears(f"{there.name}/001_A", f"{number}.png")


async def test_two_folders_that_swap_their_names_are_both_watched(listener: Listener, root: Path) -> None:
    (root / "02_D" / "001_A" / "takes").mkdir(parents=True)
    await listener.until(lambda heard: "02_D" in heard.trees)
    await listener.arm()
    listener.forget()
    (root / "01_C").rename(root / "swap")
    (root / "02_D").rename(root / "01_C")
    (root / "swap").rename(root / "02_D")
    await listener.until(lambda heard: {"01_C", "02_D", "swap"} <= heard.trees)
    await listener.arm()
    listener.forget()
    await listener.hears("01_C/001_A")
    await listener.hears("02_D/001_A")


BELOW = [
    (make, folder)
    for make in WATCHES
    for folder in ("01_C", "01_C/001_A", "01_C/001_A/takes")
    if make is not PortableWatch or not sys.platform.startswith("linux")
]
"""On Linux, where PortableWatch is not used, watchdog's recursive tree misses what comes fast in a folder that is new."""


@pytest.mark.parametrize(("listener", "folder"), BELOW, indirect=["listener"])
async def test_a_folder_that_is_removed_and_made_again_is_watched_again(
    listener: Listener, root: Path, folder: str
) -> None:
    for number in range(3):
        listener.forget()
        shutil.rmtree(root / folder)
        await listener.until(lambda heard: bool(heard.trees | heard.shots))
        (root / SHOT / "takes").mkdir(parents=True)
        await listener.until(lambda heard: any(SHOT.startswith(tree) for tree in heard.trees))
        await listener.arm()
        await listener.hears(SHOT, f"{number}.png")


async def test_a_folder_that_is_moved_out_of_the_film_is_not_heard_any_more(
    listener: Listener, root: Path, tmp_path: Path
) -> None:
    (root / "01_C").rename(tmp_path / "outside")
    await listener.until(lambda heard: "01_C" in heard.trees)
    await listener.arm()
    listener.forget()
    (tmp_path / "outside" / "001_A" / "takes" / "ghost.png").write_bytes(b"x")
    (root / "02_New").mkdir()
    await listener.until(lambda heard: "02_New" in heard.trees)
    assert not listener.heard.shots


async def test_to_watch_a_folder_twice_is_to_watch_it_once(listener: Listener) -> None:
    before = listener.watch.folders
    await listener.arm()
    await listener.arm()
    assert listener.watch.folders == before


async def test_a_folder_that_is_not_there_is_not_watched_and_no_problem(listener: Listener) -> None:
    await anyio.to_thread.run_sync(listener.watch.arm, "99_Gone")
    assert (listener.watch.problem, listener.watch.is_well()) == ("", True)


async def test_a_watch_that_is_closed_is_not_well(listener: Listener) -> None:
    assert listener.watch.is_well()
    await anyio.to_thread.run_sync(listener.watch.close)
    assert not listener.watch.is_well()


async def test_names_that_are_no_text_are_heard(listener: Listener, root: Path) -> None:
    await listener.hears(SHOT, os.fsdecode(b"caf\xe9.png"))


# Without folders.


class CountingSignal(Signal):
    """Counts how often it was given."""

    given = 0

    def give(self) -> None:
        self.given += 1
        super().give()


async def test_mail_wakes_the_loop_once_until_it_is_collected() -> None:
    mailbox = Mailbox(asyncio.get_running_loop())
    signal = mailbox._signal = CountingSignal()
    for number in range(5):
        mailbox.happened(f"{SHOT}/takes", f"{number}.png", is_folder=False, moved_in=True)
    await anyio.lowlevel.checkpoint()
    assert signal.given == 1
    mail = mailbox.collect()
    assert (mail.shots, len(mail.moved)) == ({SHOT}, 5)
    assert mailbox.collect() == Mail()
    mailbox.lost("the queue overflowed")
    await anyio.lowlevel.checkpoint()
    assert signal.given == 2
    assert mailbox.collect().lost == {"the queue overflowed"}


async def test_the_soonest_of_several_wishes_for_a_shot_counts() -> None:
    mailbox = Mailbox(asyncio.get_running_loop(), Clock())
    for seconds in (5.0, 1.0, 3.0):
        mailbox.look_at(SHOT, seconds)
    assert mailbox.collect().due == {SHOT: 101.0}


async def test_where_no_watch_is_wanted_none_is_there() -> None:
    watch = NoWatch()
    watch.arm(SHOT)
    assert (watch.mode, watch.folders, watch.problem, watch.is_well()) == ("scanning", 0, "", True)
    watch.close()


async def test_a_system_that_has_no_watch_left_is_scanned_and_says_so(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr("daemon.watching.watch.LocalWatch", refuse)
    mailbox = Mailbox(asyncio.get_running_loop())
    watch = await anyio.to_thread.run_sync(lambda: open_watch(root, mailbox))
    assert isinstance(watch, NoWatch)
    assert "Too many open files" in watch.problem
