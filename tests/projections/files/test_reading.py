"""Reading: whatever lies in the place of a file, nobody waits for it, and it takes no more memory than it may."""

import os
import stat
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from projections.files.modes import close_up, close_up_as
from projections.files.opening import Linked, LinkedFolder, NoFile, open_to_write
from projections.files.reading import TooLarge, read, read_fit, read_in
from tests.support.odd import (
    SECRET,
    elsewhere,
    known,
    linked,
    linked_to_device,
    linked_to_nothing,
    listening,
    sparse,
)

MOST = 1000


ODD: dict[Callable[[Path], None], tuple[type[OSError], str]] = {
    sparse: (TooLarge, "larger than"),
    os.mkfifo: (NoFile, "a pipe"),
    listening: (NoFile, "a socket"),
    Path.mkdir: (NoFile, "a folder"),
    linked: (Linked, "a link"),
    linked_to_nothing: (Linked, "a link"),
    linked_to_device: (Linked, "a link"),
}


@pytest.mark.parametrize(("put", "said"), ODD.items())
def test_what_is_no_file_or_too_large_is_told_and_not_read(
    tmp_path: Path, put: Callable[[Path], None], said: tuple[type[OSError], str]
) -> None:
    folder = tmp_path / "film"
    folder.mkdir()
    path = folder / "project.json"
    put(path)
    before = known(path)
    tracemalloc.start()
    with pytest.raises(said[0], match=said[1]) as error:
        read(path, MOST)
    with pytest.raises(said[0]):
        read_in(folder, path.name, MOST)
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()
    assert error.value.filename == str(path)
    assert read_fit(path, MOST) is None
    assert known(path) == before


def test_a_device_is_told_also_where_links_are_followed(tmp_path: Path) -> None:
    linked_to_device(tmp_path / "config")
    with pytest.raises(NoFile, match="a device"):
        read(tmp_path / "config", MOST, follows=True)


def test_a_file_of_just_the_size_is_read_and_one_byte_more_is_not(tmp_path: Path) -> None:
    path = tmp_path / "a"
    for size in (0, 1, MOST):
        path.write_bytes(b"x" * size)
        assert read(path, MOST) == b"x" * size
    path.write_bytes(b"x" * (MOST + 1))
    with pytest.raises(TooLarge):
        read(path, MOST)
    assert read(tmp_path / "none", MOST) is read(path / "none", MOST) is None


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux has such files")
def test_a_file_that_says_that_it_is_empty_is_read_no_further_than_it_may_be() -> None:
    assert (read("/proc/self/comm", MOST) or b"").endswith(b"\n")
    with pytest.raises(TooLarge):
        read("/proc/self/smaps", MOST)


def test_no_file_is_reached_by_a_folder_that_is_a_link(tmp_path: Path) -> None:
    film, other = tmp_path / "film", tmp_path / "elsewhere"
    (film / "takes").mkdir(parents=True)
    other.mkdir()
    (other / "a.json").write_bytes(SECRET)
    (film / "takes/take_001").symlink_to(other)
    with pytest.raises(LinkedFolder):
        read_in(film, "takes/take_001/a.json", MOST)
    assert read_in(film, "takes/take_002/a.json", MOST) is None


def test_nothing_but_a_file_is_written_into(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("file")
    (tmp_path / "file").write_bytes(SECRET)
    for name, error in (("pipe", NoFile), ("link", Linked)):
        with pytest.raises(error):
            open_to_write(tmp_path / name)
    os.close(open_to_write(tmp_path / "new"))
    assert (tmp_path / "file").read_bytes() == SECRET


@pytest.mark.parametrize(
    ("before", "after"), [(0o600, 0o400), (0o644, 0o444), (0o664, 0o444), (0o640, 0o440), (0o755, 0o555)]
)
def test_to_close_up_takes_away_and_never_adds(tmp_path: Path, before: int, after: int) -> None:
    take, made = tmp_path / "take.png", tmp_path / "made"
    take.touch()
    made.touch()
    take.chmod(before)
    close_up(take, below=tmp_path)
    close_up_as(made, take)
    assert stat.S_IMODE(take.stat().st_mode) == stat.S_IMODE(made.stat().st_mode) == after


@pytest.mark.parametrize("put", [linked, os.mkfifo, listening])
def test_to_close_up_leaves_alone_what_is_no_file(tmp_path: Path, put: Callable[[Path], None]) -> None:
    film = tmp_path / "film"
    film.mkdir()
    take = film / "take.png"
    put(take)
    elsewhere(take).touch()
    elsewhere(take).chmod(0o600)
    before = take.lstat().st_mode
    close_up(take, below=film)
    assert (stat.S_IMODE(elsewhere(take).stat().st_mode), take.lstat().st_mode) == (0o600, before)


def test_to_close_up_follows_no_folder_that_is_a_link(tmp_path: Path) -> None:
    (tmp_path / "film").mkdir()
    other = tmp_path / "elsewhere"
    other.mkdir()
    (other / "a.png").touch()
    (other / "a.png").chmod(0o644)
    (tmp_path / "film/take_001").symlink_to(other)
    close_up(tmp_path / "film/take_001/a.png", below=tmp_path / "film")
    assert stat.S_IMODE((other / "a.png").stat().st_mode) == 0o644
