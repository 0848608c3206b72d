"""Settling: how long a file is left alone, by a clock that the test holds."""

import fcntl
import mmap
import os
import signal
import sys
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.config.table import Settle
from daemon.disk.leases import ignore_lease_breaks, is_written
from daemon.watching.mailbox import Told
from daemon.watching.settling import AGAIN, LATE, TOLD, Settling
from events import Identity
from tests.support.clock import Clock

QUIET, STILL = 0.5, 5.0
FOLDER, NAME = "001_Dawn/takes", "render.mp4"
PATH = f"{FOLDER}/{NAME}"

linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="leases are Linux's")


def file(size: int = 1, inode: int = 1, mtime_ns: int = 1) -> Identity:
    return Identity(device=1, inode=inode, size=size, mtime_ns=mtime_ns)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def settling(clock: Clock) -> Settling:
    return Settling(Settle(quiet=QUIET, still=STILL), clock)


def wait(settling: Settling, found: Identity, *, is_open: bool | None = False, name: str = NAME) -> float:
    return settling.wait(FOLDER, name, found, is_open=is_open)


def test_a_closed_file_is_left_alone_for_a_moment(settling: Settling, clock: Clock) -> None:
    assert wait(settling, file()) == QUIET
    clock.now += QUIET / 2
    assert wait(settling, file()) == QUIET / 2
    clock.now += QUIET / 2
    assert wait(settling, file()) == 0


def test_where_nobody_can_say_who_writes_stillness_is_waited_for(settling: Settling, clock: Clock) -> None:
    assert wait(settling, file(), is_open=None) == STILL
    clock.now += STILL
    assert wait(settling, file(), is_open=None) == 0


SHARED = 40.0


def on_share(kind: str, clock: Clock) -> Settling:
    return Settling(Settle(quiet=QUIET, still=STILL, still_shared=SHARED), clock, kind)


@pytest.mark.parametrize(
    ("kind", "lease", "seconds"),
    [
        ("nfs4", None, SHARED),  # a lease was refused, as it is of every file there
        ("nfs4", False, QUIET),
        ("cifs", False, QUIET),
        ("fuse.sshfs", False, SHARED),  # granted by this machine alone
        ("fuse.sshfs", None, SHARED),
    ],
)
def test_on_a_share_a_lease_counts_where_its_server_grants_it(
    clock: Clock, kind: str, lease: None | Literal[False], seconds: float
) -> None:
    assert wait(on_share(kind, clock), file(), is_open=lease) == seconds


def test_what_this_machine_has_closed_on_a_share_is_whole(clock: Clock) -> None:
    settling = on_share("nfs4", clock)
    assert wait(settling, file(), is_open=None) == SHARED
    settling.closed([PATH])
    assert wait(settling, file(), is_open=None) == QUIET
    later = file(mtime_ns=1_000_000)  # which the server has set meanwhile
    assert wait(settling, later, is_open=None) == QUIET
    clock.now += QUIET
    assert wait(settling, later, is_open=None) == 0


@pytest.mark.parametrize("changed", [file(size=2), file(inode=2), file(mtime_ns=10**10)])
def test_what_is_written_again_on_a_share_is_waited_for_until_it_is_closed_again(
    clock: Clock, changed: Identity
) -> None:
    settling = on_share("nfs4", clock)
    settling.closed([PATH])
    wait(settling, file(), is_open=None)
    assert wait(settling, changed, is_open=None) == SHARED
    settling.closed([PATH])
    assert wait(settling, changed, is_open=None) == QUIET


def test_a_look_that_began_before_a_file_was_closed_does_not_hide_that_it_was(clock: Clock) -> None:
    settling = on_share("nfs4", clock)
    began = clock.now
    clock.now += 0.1
    settling.closed([PATH])
    settling.keep_only(FOLDER, set(), began)  # the file was not there yet
    assert settling.wait(FOLDER, NAME, file(), is_open=None, asked=began) == QUIET  # or was shorter
    assert settling.wait(FOLDER, NAME, file(size=2), is_open=None, asked=clock.now) == QUIET
    clock.now += QUIET
    assert settling.wait(FOLDER, NAME, file(size=2), is_open=None, asked=clock.now) == 0


def test_a_look_that_began_before_a_file_was_renamed_in_does_not_hide_that_it_was(clock: Clock) -> None:
    settling = on_share("nfs4", clock)
    began = clock.now
    clock.now += 0.1
    settling.renamed_in([PATH])
    settling.keep_only(FOLDER, set(), began)  # the file was not there yet
    assert wait(settling, file(), is_open=None) == 0
    settling.renamed_in([PATH])
    settling.keep_only(FOLDER, set(), clock.now + 0.1)  # nor is it there now
    assert wait(settling, file(), is_open=None) == SHARED


def test_what_another_machine_has_closed_is_whole_once_it_is_seen_as_it_was_there(clock: Clock) -> None:
    settling = on_share("nfs4", clock)
    settling.told({PATH: Told(moved=False, size=9, mtime_ns=1)})
    assert wait(settling, file(size=4), is_open=None) == LATE  # the rest is not seen here yet
    clock.now += LATE
    assert wait(settling, file(size=9), is_open=None) == QUIET
    clock.now += QUIET
    assert wait(settling, file(size=9), is_open=None) == 0
    assert wait(settling, file(size=9), is_open=True) == AGAIN


def test_what_another_machine_has_moved_in_is_whole_at_once(clock: Clock) -> None:
    settling = on_share("nfs4", clock)
    settling.told({PATH: Told(moved=True, size=9, mtime_ns=1)})
    assert wait(settling, file(size=9), is_open=None) == 0
    settling.forget(FOLDER, NAME)
    assert wait(settling, file(size=9), is_open=None) == SHARED


def test_what_is_written_again_after_another_machine_has_told_of_it_is_waited_for(clock: Clock) -> None:
    settling = on_share("nfs4", clock)
    settling.told({PATH: Told(moved=True, size=9, mtime_ns=1)})
    clock.now += TOLD + 1
    assert wait(settling, file(size=10), is_open=None) == SHARED
    clock.now += SHARED
    assert wait(settling, file(size=10), is_open=None) == 0


def test_on_a_disk_of_ones_own_a_lease_tells_more_than_that_a_file_was_closed(
    settling: Settling, clock: Clock
) -> None:
    settling.closed([PATH])
    assert wait(settling, file(), is_open=None) == STILL


@pytest.mark.parametrize("changed", [file(size=2), file(mtime_ns=2), file(inode=2)])
def test_a_file_that_changes_begins_to_settle_anew(
    settling: Settling, clock: Clock, changed: Identity
) -> None:
    wait(settling, file())
    clock.now += QUIET
    assert wait(settling, changed) == QUIET


def test_a_file_that_is_written_is_waited_for_however_long(settling: Settling, clock: Clock) -> None:
    for _ in range(1000):
        assert wait(settling, file(), is_open=True) == AGAIN
        clock.now += 3600
    assert wait(settling, file()) == QUIET


def test_a_file_that_is_forgotten_is_a_new_one(settling: Settling, clock: Clock) -> None:
    wait(settling, file())
    clock.now += QUIET
    settling.forget(FOLDER, NAME)
    assert wait(settling, file()) == QUIET
    settling.forget("never", "seen.mp4")


def test_files_settle_each_by_itself(settling: Settling, clock: Clock) -> None:
    wait(settling, file())
    clock.now += QUIET
    assert wait(settling, file(inode=2), name="other.mp4") == QUIET
    assert wait(settling, file()) == 0


def test_of_a_folder_only_the_files_that_are_still_there_are_remembered(
    settling: Settling, clock: Clock
) -> None:
    for name in (NAME, "other.mp4"):
        wait(settling, file(), name=name)
    settling.wait(f"{FOLDER}/take_001", NAME, file(), is_open=False)
    clock.now += QUIET
    settling.keep_only(FOLDER, {NAME}, clock.now)
    assert wait(settling, file()) == 0
    assert wait(settling, file(), name="other.mp4") == QUIET
    assert settling.wait(f"{FOLDER}/take_001", NAME, file(), is_open=False) == 0


# What was renamed in.


@pytest.mark.parametrize("is_open", [False, None])
def test_a_file_that_was_renamed_in_is_whole_at_once(settling: Settling, is_open: bool | None) -> None:  # noqa: FBT001
    settling.renamed_in([PATH])
    assert wait(settling, file(), is_open=is_open) == 0
    assert wait(settling, file(), is_open=is_open) == 0


def test_it_may_be_heard_of_after_it_was_seen(settling: Settling) -> None:
    assert wait(settling, file(), is_open=None) == STILL
    settling.renamed_in([PATH])
    assert wait(settling, file(), is_open=None) == 0


def test_a_file_that_was_renamed_in_and_is_written_is_waited_for(settling: Settling) -> None:
    settling.renamed_in([PATH])
    assert wait(settling, file(), is_open=True) == AGAIN
    assert wait(settling, file(size=2)) == 0


@pytest.mark.parametrize("other", [file(inode=2, size=2), file(inode=2, mtime_ns=2)])
def test_another_file_in_the_place_of_one_that_was_renamed_in_is_not_trusted(
    settling: Settling, clock: Clock, other: Identity
) -> None:
    settling.renamed_in([PATH])
    assert wait(settling, file()) == 0
    assert wait(settling, other, is_open=None) == STILL
    clock.now += STILL
    assert wait(settling, file(), is_open=None) == STILL  # nor is the first one, should it come back


def test_a_file_that_was_renamed_in_is_trusted_where_inodes_change_by_themselves(settling: Settling) -> None:
    settling.renamed_in([PATH])
    assert wait(settling, file()) == 0
    assert wait(settling, file(inode=2), is_open=None) == 0


def test_a_file_that_was_renamed_in_and_forgotten_is_not_trusted_any_more(
    settling: Settling, clock: Clock
) -> None:
    settling.renamed_in([PATH, f"{FOLDER}/other.mp4"])
    settling.forget(FOLDER, NAME)
    clock.now += 0.1
    settling.keep_only(FOLDER, {NAME}, clock.now)
    for name in (NAME, "other.mp4"):
        assert wait(settling, file(), name=name) == QUIET


@given(st.lists(st.tuples(st.sampled_from(["renamed", "seen", "open"]), st.integers(1, 2), st.floats(0, 9))))
def test_nothing_that_is_being_written_is_whole(life: list[tuple[str, int, float]]) -> None:
    clock = Clock()
    settling = Settling(Settle(quiet=QUIET, still=STILL), clock)
    since = {1: clock.now, 2: clock.now}
    renamed = False
    for what, inode, passed in life:
        if what == "renamed":
            settling.renamed_in([PATH])
            renamed = True
            continue
        seconds = wait(settling, file(inode=inode), is_open=what == "open")
        assert seconds > 0 if what == "open" else 0 <= seconds <= QUIET
        assert renamed or seconds > 0 or clock.now - since[inode] >= QUIET
        since = {inode: clock.now if what == "open" else since[inode], 3 - inode: clock.now + passed}
        clock.now += passed


# Who writes.


@linux_only
def test_an_open_writer_is_known(tmp_path: Path) -> None:
    path = tmp_path / "render.mp4"
    with path.open("wb") as writer:
        assert is_written(path) is True
        writer.write(b"x")
        assert is_written(path) is True
    assert is_written(path) is False


@linux_only
def test_an_open_reader_is_no_writer(tmp_path: Path) -> None:
    path = tmp_path / "render.mp4"
    path.write_bytes(b"x")
    with path.open("rb"):
        assert is_written(path) is False


@linux_only
def test_a_writer_that_holds_another_name_of_the_file_is_known(tmp_path: Path) -> None:
    path = tmp_path / ".render.part"
    with path.open("wb"):
        path.rename(tmp_path / "render.mp4")
        assert is_written(tmp_path / "render.mp4") is True


@linux_only
def test_a_writable_map_of_the_file_is_a_writer(tmp_path: Path) -> None:
    path = tmp_path / "render.mp4"
    path.write_bytes(bytes(mmap.PAGESIZE))
    with path.open("r+b") as writer:
        pages = mmap.mmap(writer.fileno(), mmap.PAGESIZE)
    assert is_written(path) is True
    pages.close()
    assert is_written(path) is False


@linux_only
def test_looking_leaves_no_lease_behind(tmp_path: Path) -> None:
    path = tmp_path / "render.mp4"
    path.write_bytes(b"x")
    assert is_written(path) is False
    descriptor = os.open(path, os.O_WRONLY | os.O_NONBLOCK)  # would fail with EWOULDBLOCK beside a lease
    os.close(descriptor)


def test_what_is_gone_a_link_or_a_pipe_is_not_waited_on(tmp_path: Path) -> None:
    (tmp_path / "link.mp4").symlink_to("/etc/hostname")
    os.mkfifo(tmp_path / "pipe.mp4")
    for name in ("gone.mp4", "link.mp4", "pipe.mp4"):
        assert is_written(tmp_path / name) is None


@linux_only
def test_a_writer_who_comes_while_we_look_does_not_kill_us(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGIO)
    try:
        ignore_lease_breaks()
        path = tmp_path / "render.mp4"
        path.write_bytes(b"x")
        reader = os.open(path, os.O_RDONLY)
        fcntl.fcntl(reader, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        with pytest.raises(BlockingIOError):
            os.open(path, os.O_WRONLY | os.O_NONBLOCK)
        os.close(reader)
    finally:
        signal.signal(signal.SIGIO, before)
