"""Git LFS: objects are made without a copy where that can be, and one that is not whole is replaced."""

import hashlib
from pathlib import Path

import pytest

from projections.files.sharing import is_shared
from projections.git.lfs import LfsObjects, is_pointer, object_path, pointer

CONTENT = b"the bytes of a take" * 1000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def take(tmp_path: Path) -> Path:
    path = tmp_path / "take.mp4"
    path.write_bytes(CONTENT)
    path.chmod(0o444)
    return path


def test_an_object_has_the_bytes_and_nothing_is_left_beside_it(tmp_path: Path, take: Path) -> None:
    objects = LfsObjects(tmp_path / "lfs")
    for _ in range(2):
        objects.keep(take, SHA256, len(CONTENT))
        stored = object_path(tmp_path / "lfs", SHA256)
        assert stored.read_bytes() == CONTENT
        assert [one.name for one in stored.parent.iterdir()] == [SHA256]


def test_what_can_still_be_written_is_never_linked(tmp_path: Path, take: Path) -> None:
    take.chmod(0o644)
    LfsObjects(tmp_path / "lfs").keep(take, SHA256, len(CONTENT))
    stored = object_path(tmp_path / "lfs", SHA256)
    take.write_bytes(b"edited in place")
    assert stored.read_bytes() == CONTENT


@pytest.mark.parametrize("wrong", [b"", CONTENT[:-1], b"x" * len(CONTENT), CONTENT + b"x"])
def test_an_object_that_was_there_and_is_not_whole_is_replaced(
    tmp_path: Path, take: Path, wrong: bytes
) -> None:
    stored = object_path(tmp_path / "lfs", SHA256)
    stored.parent.mkdir(parents=True)
    stored.write_bytes(wrong)
    LfsObjects(tmp_path / "lfs").keep(take, SHA256, len(CONTENT))
    assert stored.read_bytes() == CONTENT


def test_a_pointer_is_told_from_media(tmp_path: Path, take: Path) -> None:
    text = tmp_path / "pointer.mp4"
    text.write_bytes(pointer(SHA256, len(CONTENT)))
    assert is_pointer(text)
    assert not is_pointer(take)
    assert not is_pointer(tmp_path / "nothing")
    text.write_bytes(pointer(SHA256, len(CONTENT)) + bytes(2000))
    assert not is_pointer(text)


def test_an_object_is_looked_at_once_whether_it_has_blocks_of_its_own(tmp_path: Path, take: Path) -> None:
    stored = object_path(tmp_path / "lfs", SHA256)
    stored.parent.mkdir(parents=True)
    stored.write_bytes(CONTENT)
    objects = LfsObjects(tmp_path / "lfs")
    objects.share(take, SHA256)
    assert is_shared(stored, take)
    stored.unlink()
    stored.write_bytes(CONTENT)
    objects.share(take, SHA256)
    assert not is_shared(stored, take)


def test_an_object_whose_bytes_cannot_be_shared_is_not_copied(tmp_path: Path, take: Path) -> None:
    take.chmod(0o644)
    stored = object_path(tmp_path / "lfs", SHA256)
    stored.parent.mkdir(parents=True)
    stored.write_bytes(CONTENT)
    before = stored.stat().st_ino
    LfsObjects(tmp_path / "lfs").share(take, SHA256)
    assert stored.stat().st_ino == before or is_shared(stored, take)
    assert stored.read_bytes() == CONTENT
    assert [one.name for one in (tmp_path / "tmp").iterdir()] == []
