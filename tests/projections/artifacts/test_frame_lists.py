"""The list of a sequence's frames: what it says, and what is told of it."""

from pathlib import Path

import pytest

from events import Gap
from projections.artifacts.frame_lists import (
    GAPS,
    LARGEST,
    MOST,
    Frame,
    FrameList,
    decode,
    encode,
    is_frame,
    listed_at,
    summary,
)

SHA = "ab" * 32


def listed(*numbers: int) -> FrameList:
    return FrameList(".exr", 4, [Frame(number, 10, SHA) for number in numbers])


def test_the_same_frames_are_the_same_bytes_and_a_line_each() -> None:
    content = encode(listed(1, 2))
    assert content == encode(listed(1, 2))
    assert decode(content) == listed(1, 2)
    assert content.splitlines()[1].startswith(b"[1,10,")


def test_the_longest_list_is_read() -> None:
    frames = [Frame(999_999_999 - number, 10**12, SHA) for number in range(MOST)]
    assert len(encode(FrameList(".exr", 9, frames))) < LARGEST


@pytest.mark.parametrize("content", [b"", b"{}", b'{"frames":[[1]],"suffix":".exr","digits":4}', b"\xff"])
def test_what_is_no_list_is_none(content: bytes) -> None:
    assert decode(content) is None


def test_what_is_missing_is_told_by_runs_and_no_more_of_them_than_a_hundred() -> None:
    told = summary(listed(1001, 1002, 1005, 1007), 24.0)
    assert (told.first, told.last, told.count, told.bytes) == (1001, 1007, 4, 40)
    assert (told.missing, told.gaps) == (3, (Gap(first=1003, last=1004), Gap(first=1006, last=1006)))
    holes = summary(listed(*range(1, 2 * MOST, 2)), 24.0)
    assert (holes.missing, len(holes.gaps)) == (MOST - 1, GAPS)


@pytest.mark.parametrize(
    ("count", "rate", "poster"), [(2, 24.0, 2), (24, 24.0, 13), (240, 24.0, 25), (3, 0.1, 1)]
)
def test_the_frame_at_one_second_stands_for_all_or_that_in_the_middle(
    count: int, rate: float, poster: int
) -> None:
    assert summary(listed(*range(1, count + 1)), rate).poster == poster


def test_a_file_is_a_frame_by_its_time_or_by_its_bytes(tmp_path: Path) -> None:
    path, own = tmp_path / "a.0001.exr", tmp_path / "a.frames"
    path.write_bytes(b"frame")
    own.touch()
    frame = Frame(1, 5, "not its hash")
    assert is_frame(path, frame, listed_at(own))
    assert not is_frame(path, frame, 0)
    assert not is_frame(path, Frame(1, 6, ""), listed_at(own))
