"""The disk: what is shared is counted once, and comes back with the last that has it."""

import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.space.extents import Disk, Extent, Occupied, Tally, coming_back
from projections.files.sharing import reflink
from tests.support.deadline import DEADLINE
from tests.support.filesystems import REFLINKS, mounted, sync

FILE = st.builds(
    lambda extents: [(start, start + length) for start, length in extents],
    st.lists(st.tuples(st.integers(0, 30), st.integers(1, 10)), max_size=3),
)


def occupied(number: int, size: int = 100, *, names: int = 1, extents: tuple[Extent, ...] = ()) -> Occupied:
    return Occupied((1, number), names, size, extents)


def shared(start: int, end: int) -> Extent:
    return Extent(start, end, shared=True)


# What comes back.


def test_a_file_brings_its_blocks_back() -> None:
    assert coming_back([occupied(1), occupied(2, 50)]) == [100, 50]


def test_names_of_one_file_bring_its_blocks_back_with_the_last_of_them() -> None:
    assert coming_back([occupied(1, names=2), occupied(1, names=2)]) == [0, 100]


def test_a_file_that_has_another_name_brings_nothing_back() -> None:
    assert coming_back([occupied(1, names=2)]) == [0]
    assert coming_back([occupied(1, names=3), occupied(1, names=3)]) == [0, 0]


def test_blocks_that_two_files_share_come_back_once_with_both() -> None:
    first = occupied(1, extents=(shared(0, 100),))
    second = occupied(2, extents=(shared(0, 100),))
    assert coming_back([first, second]) == [0, 100]


def test_blocks_that_a_file_that_stays_has_too_do_not_come_back() -> None:
    first = occupied(1, extents=(shared(0, 100),))
    assert coming_back([first], [occupied(2, extents=(shared(0, 100),))]) == [0]


def test_blocks_that_somebody_unknown_shares_do_not_come_back() -> None:
    assert coming_back([occupied(1, extents=(shared(0, 60), Extent(60, 100)))]) == [40]


def test_of_a_file_that_was_changed_in_part_the_rest_comes_back() -> None:
    first = occupied(1, extents=(shared(0, 60), Extent(200, 240)))
    second = occupied(2, extents=(shared(0, 60), Extent(60, 100)))
    assert coming_back([first], [second]) == [40]
    assert sum(coming_back([first, second])) == 140


def test_two_names_of_a_file_are_not_two_that_share_its_blocks() -> None:
    one = occupied(1, names=2, extents=(shared(0, 100),))
    assert coming_back([one, one]) == [0, 0]


@given(st.lists(FILE, min_size=1, max_size=5), st.data())
def test_what_comes_back_are_the_blocks_that_nobody_has_any_more(
    files: list[list[tuple[int, int]]], data: st.DataObject
) -> None:
    blocks = [{block for run in runs for block in range(*run)} for runs in files]
    count = {block: sum(block in some for some in blocks) for some in blocks for block in some}
    whole = [
        Occupied(
            (1, number),
            1,
            len(mine),
            tuple(Extent(block, block + 1, count[block] > 1) for block in sorted(mine)),
        )
        for number, mine in enumerate(blocks)
    ]
    going = data.draw(st.sets(st.integers(0, len(files) - 1)))
    back = coming_back(
        [whole[one] for one in sorted(going)],
        [one for number, one in enumerate(whole) if number not in going],
    )
    left = {block for number, mine in enumerate(blocks) for block in mine if number not in going}
    gone = {block for number in going for block in blocks[number]}
    assert sum(back) == len(gone - left)
    tally = Tally()
    assert sum(tally.add(one) for one in whole) == len(left | gone)


# What is there.


def test_two_names_of_a_file_are_counted_once(tmp_path: Path) -> None:
    path, other = tmp_path / "a", tmp_path / "b"
    path.write_bytes(os.urandom(100_000))
    os.link(path, other)
    disk, tally = Disk(tmp_path), Tally()
    first, second = disk.look(path), disk.look(other)
    assert first
    assert second
    assert first.names == 2
    assert tally.add(first) == path.stat().st_blocks * 512
    assert tally.add(second) == 0


def test_what_is_not_there_takes_up_nothing(tmp_path: Path) -> None:
    assert Disk(tmp_path).look(tmp_path / "none") is None


def test_runs_that_overlap_in_any_order_are_counted_once() -> None:
    tally = Tally()
    runs = [(10, 20), (30, 40), (15, 35), (0, 5), (5, 10), (0, 50)]
    added = [
        tally.add(occupied(number, end - start, extents=(shared(start, end),)))
        for number, (start, end) in enumerate(runs)
    ]
    assert added == [10, 10, 10, 5, 5, 10]


# What really happens on a disk where files share blocks.


def free(disk: Path) -> int:
    sync(disk)
    found = os.statvfs(disk)
    return found.f_bfree * found.f_frsize


def wait_until_free(disk: Path, wanted: int) -> None:
    """XFS gives blocks back a little after the file is gone."""
    deadline = time.monotonic() + DEADLINE
    while free(disk) != wanted:
        assert time.monotonic() < deadline, (free(disk), wanted)
        time.sleep(0.05)


@pytest.mark.parametrize("disk", REFLINKS)
def test_what_is_said_to_come_back_from_shared_blocks_does(tmp_path: Path, disk: str) -> None:
    with mounted(disk, tmp_path) as place:
        (place / ".takes").mkdir()
        (place / ".takes/log.db").write_bytes(bytes(5000))
        one, two, three = (place / name for name in ("one", "two", "three"))
        one.write_bytes(os.urandom(8 << 20))
        assert reflink(one, two)
        assert reflink(one, three)
        with three.open("r+b") as file:
            file.seek(1 << 20)
            file.write(os.urandom(1 << 20))
        sync(place)
        there = Disk(place)
        assert not there.may_share
        found = [occupied for path in (one, two, three) if (occupied := there.look(path))]
        tally = Tally()
        assert [tally.add(occupied) for occupied in found] == [8 << 20, 0, 1 << 20]
        assert coming_back(found[:1]) == [0]
        said = coming_back(found[2:], found[:2])
        assert said == [1 << 20]
        before = free(place)
        three.unlink()
        wait_until_free(place, before + sum(said))
        said = coming_back([occupied for path in (one, two) if (occupied := there.look(path))])
        assert said == [0, 8 << 20]
        one.unlink()
        two.unlink()
        wait_until_free(place, before + (1 << 20) + sum(said))
