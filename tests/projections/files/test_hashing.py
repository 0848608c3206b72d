"""Hashing: all of a file is hashed, and what nobody waits for any more is left, and closed when that can be."""

import asyncio
import hashlib
import os
import threading
import time
from pathlib import Path

import pytest

from projections.files import hashing
from projections.files.hashing import (
    NotAwaited,
    OpenFile,
    awaiting,
    sha256_of,
    sha256_of_open,
    sha256_while,
)
from tests.support.deadline import DEADLINE

PIECE = 8


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashing, "PIECE", PIECE)


@pytest.fixture
def media(tmp_path: Path) -> Path:
    path = tmp_path / "media"
    path.write_bytes(os.urandom(10 * PIECE))
    return path


class Gate:
    """Holds up whoever reads, on its thread."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.come, self.go, self.reads = threading.Event(), threading.Event(), 0
        read = OpenFile.read

        def held_up(file: OpenFile) -> bytes:
            self.reads += 1
            self.come.set()
            assert self.go.wait(20)
            return read(file)

        monkeypatch.setattr(OpenFile, "read", held_up)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    return Gate(monkeypatch)


def is_open(path: Path) -> bool:
    """Whether this process has the file open."""
    wanted = path.stat()
    for descriptor in range(256):
        try:
            if os.path.samestat(os.fstat(descriptor), wanted):
                return True
        except OSError:
            continue
    return False


def until_closed(path: Path) -> None:
    deadline = time.monotonic() + DEADLINE
    while is_open(path):
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 5 * PIECE + 3])
async def test_a_hash_is_that_of_all_bytes(tmp_path: Path, size: int) -> None:
    path = tmp_path / "media"
    path.write_bytes(os.urandom(size))
    expected = hashlib.sha256(path.read_bytes()).hexdigest()
    assert await sha256_of(path) == expected
    assert sha256_while(lambda: True, path) == expected
    await asyncio.to_thread(until_closed, path)


async def test_an_open_file_is_the_one_that_was_opened(media: Path) -> None:
    expected, file = await sha256_of(media), OpenFile(media)
    before = file.stat()
    _replace(media)
    assert await sha256_of_open(file) == expected
    assert os.path.samestat(file.stat(), before)


def _replace(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.write_bytes(b"another")


async def test_a_link_is_not_followed_and_a_folder_is_no_file(tmp_path: Path, media: Path) -> None:
    (tmp_path / "link").symlink_to(media.name)
    for path in (tmp_path / "link", tmp_path):
        with pytest.raises(OSError, match=r"it is a link|not a file"):
            await sha256_of(path)


async def test_nothing_more_is_read_once_nobody_waits_and_the_reader_closes_the_file(
    media: Path, gate: Gate
) -> None:
    hashed = asyncio.create_task(sha256_of(media))
    assert await asyncio.to_thread(gate.come.wait, 20)
    hashed.cancel()
    with pytest.raises(asyncio.CancelledError):
        await hashed
    assert is_open(media)  # the number of what is closed now, another file would have before it is read from
    gate.go.set()
    await asyncio.to_thread(until_closed, media)
    assert gate.reads == 1


async def test_a_thread_that_nobody_waits_for_hashes_no_further(media: Path, gate: Gate) -> None:
    with awaiting() as is_awaited:
        hashed = asyncio.create_task(asyncio.to_thread(sha256_while, is_awaited, media))
        assert await asyncio.to_thread(gate.come.wait, 20)
    gate.go.set()
    with pytest.raises(NotAwaited):
        await hashed
    assert gate.reads == 1
    assert not is_open(media)
