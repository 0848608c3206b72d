"""The fingerprint: each way to tell a file again, on a real disk and on those that change what they say."""

import os
import shutil
from pathlib import Path

import pytest
from msgspec.structs import replace

from events import Identity
from projections.files.fingerprint import (
    has_same_content,
    has_same_inode,
    identity,
    identity_at,
    is_likely,
    is_unchanged,
)

FILE = Identity(device=1, inode=10, size=100, mtime_ns=5)


@pytest.mark.parametrize(
    ("other", "inode", "content"),
    [
        (FILE, True, True),
        (replace(FILE, device=9), True, True),
        (replace(FILE, inode=77), False, True),
        (replace(FILE, size=1), True, False),
        (replace(FILE, mtime_ns=6), True, False),
        (replace(FILE, inode=77, size=1), False, False),
    ],
)
def test_a_comparison_rests_on_what_its_name_says(other: Identity, *, inode: bool, content: bool) -> None:
    assert has_same_inode(FILE, other) is inode
    assert has_same_content(FILE, other) is content
    assert is_unchanged(FILE, other) is (inode and content)
    assert is_likely(FILE, other) is (inode or content)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "take.mp4"
    path.write_bytes(b"bytes")
    os.utime(path, ns=(5, 5))
    return path


def known(path: Path) -> Identity:
    return identity(path.lstat())


def test_a_file_that_is_renamed_is_unchanged(file: Path) -> None:
    before = known(file)
    file.rename(file.with_name("other.mp4"))
    assert is_unchanged(known(file.with_name("other.mp4")), before)


def test_a_file_that_is_written_into_is_likely_the_same(file: Path) -> None:
    before = known(file)
    with file.open("ab") as more:
        more.write(b"more")
    assert is_likely(known(file), before)
    assert not is_unchanged(known(file), before)


def test_a_copy_that_keeps_its_times_has_the_same_content(file: Path) -> None:
    copy = file.with_name("copy.mp4")
    shutil.copy2(file, copy)
    assert has_same_content(known(copy), known(file))
    assert not has_same_inode(known(copy), known(file))


def test_a_link_is_itself_wherever_it_leads(file: Path) -> None:
    link, lost = file.with_name("link"), file.with_name("lost")
    link.symlink_to(file.name)
    lost.symlink_to("nothing")
    assert identity_at(file) == known(file)
    assert identity_at(link) not in (known(file), identity_at(lost), None)
    assert identity_at(lost)
    assert identity_at(file.with_name("nothing")) is None
