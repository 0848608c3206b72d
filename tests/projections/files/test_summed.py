"""Files that one run leaves to the next: whole, or none."""

from pathlib import Path

import pytest
from msgspec import Struct

from projections.files.summed import read_summed, write_summed


class Left(Struct, array_like=True):
    """What a run has known."""

    count: int
    names: list[str]


def test_what_was_left_is_read_as_it_was(tmp_path: Path) -> None:
    write_summed(tmp_path / "left", Left(2, ["a", "b"]))
    assert read_summed(tmp_path / "left", Left) == Left(2, ["a", "b"])
    assert (tmp_path / "left").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("place", [0, 3, 4, -1])
def test_what_is_not_whole_is_none(tmp_path: Path, place: int) -> None:
    path = tmp_path / "left"
    write_summed(path, Left(2, ["a", "b"]))
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)
    assert read_summed(path, Left) is None


def test_what_is_cut_off_or_not_there_or_something_else_is_none(tmp_path: Path) -> None:
    path = tmp_path / "left"
    assert read_summed(path, Left) is None
    for content in (b"", b"ab", b"abcd"):
        path.write_bytes(content)
        assert read_summed(path, Left) is None
    write_summed(path, {"another": "kind"})
    assert read_summed(path, Left) is None
    path.unlink()
    path.mkdir()
    assert read_summed(path, Left) is None
