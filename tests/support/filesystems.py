"""Filesystems: disks of other kinds, each in a file, for what is different there. Root alone can mount them.

A test that is parametrized with the name of one by `disk` is not collected where there is none, which is said
loudly at the end.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

import pytest

HERE = "here"
"""The disk that the tests run on."""

EXT4 = "ext4"
REFLINKS = ("btrfs", "xfs")
FAT = "fat"
"""Neither hard links nor symbolic ones nor modes: vfat, or exFAT where only that can be mounted."""

FUSE = "fuse"
"""A disk whose every call is answered by a process, which can be stopped: exFAT by FUSE."""

SHARE = "share"
"""A folder of this machine as another one sees it: by FUSE, under a name that counts as a share's. It knows no renames
that replace nothing. What is written in the folder `server` beside it, nobody hears of."""

KINDS = (EXT4, *REFLINKS, FAT, FUSE, SHARE)
MEGABYTES = 400

GOING_DOWN = 0x8004587D
"""The call that stops ext4 and XFS as a failing disk does: EXT4_IOC_SHUTDOWN, XFS_IOC_GOINGDOWN."""


@contextmanager
def mounted(kind: str, folder: Path, megabytes: int = MEGABYTES) -> Iterator[Path]:
    """An empty disk of that kind; `folder` holds the file that it is in."""
    if kind == HERE:
        yield folder
        return
    if kind == SHARE:
        with _shared(folder / "server", folder / "share") as place:
            yield place
        return
    image, place = folder / f"{kind}.disk", folder / kind
    with image.open("wb") as file:
        file.truncate(megabytes << 20)
    place.mkdir()
    _mount(kind, image, place)
    try:
        yield place
    finally:
        _run("umount", "--lazy", place)


@contextmanager
def _shared(server: Path, place: Path) -> Iterator[Path]:
    server.mkdir()
    place.mkdir()
    _run("bindfs", "-o", "subtype=share,attr_timeout=0,entry_timeout=0", server, place)
    try:
        yield place
    finally:
        _run("umount", "--lazy", place)


def _mount(kind: str, image: Path, place: Path) -> None:
    if kind in (EXT4, *REFLINKS):
        _run(f"mkfs.{kind}", "-q", image)
        _run("mount", "-o", "loop", image, place)
    elif kind == FAT and "vfat" in Path("/proc/filesystems").read_text():
        _run("mkfs.vfat", image)
        _run("mount", "-t", "vfat", "-o", "loop", image, place)
    else:
        _run("mkfs.exfat", image)
        device = _run("losetup", "--find", "--show", image).strip()
        try:
            _run("mount.exfat-fuse", device, place)
        finally:
            _run("losetup", "--detach", device)  # which it is, once nobody has it open


def sync(place: Path) -> None:
    """Have all on that disk be written, and wait for no other one, which may hang."""
    _run("sync", "--file-system", place)


@contextmanager
def full(place: Path) -> Iterator[None]:
    """A disk has not a byte left for a while."""
    ballast = place / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 16, 1 << 12, 1 << 9):
            with suppress(OSError):
                while True:
                    file.write(bytes(size))
    try:
        yield
    finally:
        ballast.unlink()


def shut_down(place: Path) -> None:
    """Have an ext4 or XFS disk stop for good, as one that fails: it takes nothing and gives nothing any more."""
    folder = os.open(place, os.O_RDONLY)
    try:
        fcntl.ioctl(folder, GOING_DOWN, (2).to_bytes(4, "little"))
    finally:
        os.close(folder)


@contextmanager
def hanging(place: Path, at_most: float = 30.0) -> Iterator[None]:
    """Have a FUSE disk answer no call at all for a while; it goes on by itself, should the test be killed meanwhile.

    While it hangs, every sync() of this machine does.
    """
    (server,) = [int(pid.name) for pid in Path("/proc").glob("[0-9]*") if _serves(pid, place)]
    rescue = subprocess.Popen(
        ["sh", "-c", f"sleep {at_most}; kill -CONT {server}"],
        start_new_session=True,
        stdin=subprocess.DEVNULL,
    )
    os.kill(server, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server, signal.SIGCONT)
        os.killpg(rescue.pid, signal.SIGKILL)
        rescue.wait()


def _serves(process: Path, place: Path) -> bool:
    with suppress(OSError):
        return os.fsencode(place) in process.joinpath("cmdline").read_bytes().split(b"\0")
    return False


def _run(*command: str | Path) -> str:
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout
    except subprocess.CalledProcessError as error:
        raise OSError(f"{command[0]}: {(error.stderr or '').strip()}") from error


@cache
def why_not(kind: str) -> str | None:
    """Why there can be no disk of that kind on this machine; None where there can."""
    if not shutil.which("mount"):
        return "there is no mount"
    with tempfile.TemporaryDirectory() as folder:
        try:
            with mounted(kind, Path(folder)):
                return None
        except OSError as error:
            return str(error)


def leave_out_what_cannot_be(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the tests that ask for a disk that cannot be had."""
    gone = [item for item in items if (kind := _disk_of(item)) and why_not(kind)]
    items[:] = [item for item in items if item not in gone]
    config.hook.pytest_deselected(items=gone)


def _disk_of(item: pytest.Item) -> str | None:
    call = getattr(item, "callspec", None)
    kind = call.params.get("disk") if call else None
    return kind if kind in KINDS else None


def reasons() -> list[str]:
    """What to say at the end of the kinds that cannot be had."""
    return [f"nothing is tested on {kind}: {why}" for kind in KINDS if (why := why_not(kind))]
