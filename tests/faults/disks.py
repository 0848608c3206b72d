"""Disks in files whose power can be cut: what was not on them for good is gone when they come back."""

import fcntl
import os
import shutil
import signal
import struct
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from tests.faults.world import World
from tests.support.film import until

KINDS = ("ext4", "xfs", "btrfs")
MEGABYTES = 320
"""The least that xfs can be made of."""

MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
"""Where the files of disks lie if there is such a place, so that no real disk is worn."""

SHUTDOWN = 0x8004587D
"""EXT4_IOC_SHUTDOWN, and XFS_IOC_GOINGDOWN: from now on nothing reaches the disk."""

WITHOUT_LOG = 2
"""How: what the filesystem has in memory of its own log is gone, too."""

MAKE = {
    "ext4": ("mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0"),
    "xfs": ("mkfs.xfs", "-q"),
    "btrfs": ("mkfs.btrfs", "-q"),
}


class Disk:
    """A mounted disk; `place` is where."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.kind = kind
        self.place = folder / "place"
        self._image = folder / "image"
        self.place.mkdir()
        with self._image.open("wb") as file:
            file.truncate(MEGABYTES << 20)
        make(kind, self._image)
        self.mount()

    def mount(self) -> None:
        run("mount", "-t", self.kind, "-o", "loop", self._image, self.place)

    def unmount(self) -> bool:
        """Whether nobody holds it any more."""
        return subprocess.run(["umount", self.place], capture_output=True, check=False).returncode == 0

    def lose(self) -> None:
        """Have nothing reach the disk from now on, as where it was pulled out."""
        folder = os.open(self.place, os.O_RDONLY)
        try:
            fcntl.ioctl(folder, SHUTDOWN, struct.pack("I", WITHOUT_LOG))
        finally:
            os.close(folder)

    async def cut(self, world: World) -> None:
        """Cut the power of the machine that the daemon runs on, and have the disk be there again."""
        if self.kind == "btrfs":  # it knows no such call: what has reached its file by now is what is left
            world.daemon.say(signal.SIGSTOP)
            left = self._image.with_name("left")
            run("cp", "--sparse=always", self._image, left)
            await world.gone()
            await self._is_free()
            left.replace(self._image)
        else:
            self.lose()
            await world.gone()
            await self._is_free()
        self.mount()

    async def _is_free(self) -> None:
        async def unmounted() -> bool:
            return self.unmount()

        await until(unmounted)


@contextmanager
def disk_of(kind: str, folder: Path | None = None) -> Iterator[Disk]:
    """An empty disk of that kind, which is gone afterwards; `folder` is where the file lies that it is in."""
    with temporary(folder) as own:
        disk = Disk(kind, own)
        try:
            yield disk
        finally:
            run("umount", "--lazy", disk.place)


@contextmanager
def temporary(folder: Path | None = None) -> Iterator[Path]:
    """A new folder in that one, or in memory, which is gone afterwards."""
    own = Path(tempfile.mkdtemp(prefix="faults-disk-", dir=folder or (MEMORY if MEMORY.is_dir() else None)))
    try:
        yield own
    finally:
        shutil.rmtree(own, ignore_errors=True)


class Thin:
    """A disk that promises more than it has: what it cannot hold is lost, and a sync says so once."""

    def __init__(self, disk: Disk, memory: Path, room: int) -> None:
        self.disk = disk
        self._memory = memory
        page_by_page(disk.place)
        self._room(used(memory) + room)

    def widen(self) -> None:
        """Have there be as much as it promises."""
        self._room(2 * MEGABYTES << 20)

    def _room(self, size: int) -> None:
        run("mount", "-o", f"remount,size={size}", self._memory)


def page_by_page(place: Path) -> None:
    """Have the disk there be written in pages: a loop device that could write a part of more says that it wrote all."""
    device = Path(run("findmnt", "--noheadings", "--output", "SOURCE", place).strip())
    Path("/sys/block", device.name, "queue/max_sectors_kb").write_text("4")


@contextmanager
def thin_disk(kind: str, room: int) -> Iterator[Thin]:
    """Such a disk; `room` are the bytes that it has for what is written to it."""
    with temporary() as folder:
        run("mount", "-t", "tmpfs", "-o", f"size={2 * MEGABYTES}m", "tmpfs", folder)
        try:
            with disk_of(kind, folder) as disk:
                yield Thin(disk, folder, room)
        finally:
            run("umount", "--lazy", folder)


def used(folder: Path) -> int:
    """The bytes that are taken on the disk of that folder."""
    found = os.statvfs(folder)
    return (found.f_blocks - found.f_bfree) * found.f_frsize


def make(kind: str, image: Path) -> None:
    """Make a filesystem in that file. mkfs asks all loop devices of the machine, and one may go while it does."""
    for left in reversed(range(5)):
        try:
            run(*MAKE[kind], image)
        except OSError:
            if not left:
                raise
        else:
            return


def run(*command: str | Path) -> str:
    """What a program prints; OSError says what it complains of."""
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout
    except FileNotFoundError as error:
        raise OSError(f"there is no {command[0]}") from error
    except subprocess.CalledProcessError as error:
        raise OSError(f"{command[0]}: {(error.stderr or '').strip()}") from error


@cache
def why_not(kind: str) -> str | None:
    """Why there can be no such disk here; None where there can."""
    if os.geteuid():
        return "only root can mount a disk"
    try:
        with disk_of(kind):
            return None
    except OSError as error:
        return f"there is no {kind} here: {error}"
