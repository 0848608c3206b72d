"""Placing: a file gets into its take's folder once, and never over another one."""

import errno
import os
from pathlib import Path

import pytest

from daemon.disk import moving
from daemon.disk.moving import exchange, freeze, rename_new
from daemon.intake.place import DropGone, place
from events import Identity
from projections.files.fingerprint import identity
from projections.files.modes import close_up
from projections.files.writing import put_in_place, sync
from tests.support.filesystems import HERE, SHARE

NAME = "shot_001_take_001.mp4"


@pytest.fixture
def takes(tmp_path: Path) -> Path:
    (tmp_path / "takes").mkdir()
    return tmp_path / "takes"


@pytest.fixture
def drop(takes: Path) -> Path:
    path = takes / "render.mp4"
    path.write_bytes(b"bytes")
    return path


def known(path: Path) -> Identity:
    return identity(path.lstat())


def test_a_drop_gets_its_takes_name_in_its_takes_folder(takes: Path, drop: Path) -> None:
    wanted = known(drop)
    entry = place(drop, wanted, takes / "take_001", NAME)
    assert (entry.name, entry.identity) == (NAME, wanted)
    assert (takes / "take_001" / NAME).read_bytes() == b"bytes"
    assert not drop.exists()


def test_to_place_it_twice_is_to_place_it_once(takes: Path, drop: Path) -> None:
    wanted = known(drop)
    first = place(drop, wanted, takes / "take_001", NAME)
    again = place(drop, wanted, takes / "take_001", NAME)
    assert (again.name, again.identity) == (first.name, first.identity)
    assert os.listdir(takes / "take_001") == [NAME]  # noqa: PTH208 - just the names


def test_a_file_that_is_there_already_is_never_replaced(takes: Path, drop: Path) -> None:
    (takes / "take_001").mkdir()
    (takes / "take_001" / NAME).write_bytes(b"mine")
    entry = place(drop, known(drop), takes / "take_001", NAME)
    assert entry.name == "shot_001_take_001_1.mp4"
    assert (takes / "take_001" / NAME).read_bytes() == b"mine"
    assert (takes / "take_001" / entry.name).read_bytes() == b"bytes"


def test_another_file_under_the_drops_name_is_not_taken_for_it(takes: Path, drop: Path) -> None:
    wanted = known(drop)
    drop.rename(takes / "elsewhere.mp4")
    drop.write_bytes(b"other")
    with pytest.raises(DropGone, match=r"render\.mp4"):
        place(drop, wanted, takes / "take_001", NAME)
    assert drop.read_bytes() == b"other"


def test_a_link_in_the_place_of_the_drop_is_not_followed(takes: Path, drop: Path) -> None:
    wanted = known(drop)
    real = drop.rename(takes / "real.mp4")
    drop.symlink_to(real)
    with pytest.raises(DropGone):
        place(drop, wanted, takes / "take_001", NAME)
    assert real.exists()


def test_a_drop_that_is_gone_is_said_to_be(takes: Path, drop: Path) -> None:
    wanted = known(drop)
    drop.unlink()
    with pytest.raises(DropGone):
        place(drop, wanted, takes / "take_001", NAME)
    assert not (takes / "take_001").exists()


def test_a_drop_that_was_written_on_meanwhile_is_the_same_drop(takes: Path, drop: Path) -> None:
    wanted = known(drop)
    drop.write_bytes(b"more bytes than before")
    assert place(drop, wanted, takes / "take_001", NAME).identity.size == 22


def test_an_adopted_file_that_has_its_name_stays_where_it_is(takes: Path) -> None:
    folder = takes / "take_001"
    folder.mkdir()
    (folder / NAME).write_bytes(b"bytes")
    wanted = known(folder / NAME)
    assert place(folder / NAME, wanted, folder, NAME).identity == wanted


def test_nothing_is_renamed_over_a_file_a_folder_or_a_link(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"source")
    (tmp_path / "file").write_bytes(b"mine")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("nowhere")
    for name in ("file", "folder", "link"):
        with pytest.raises(FileExistsError):
            rename_new(source, tmp_path / name)
    assert source.read_bytes() == b"source"
    assert (tmp_path / "file").read_bytes() == b"mine"


@pytest.mark.parametrize("answer", [errno.EINVAL, errno.ENOSYS, errno.ENOTSUP])
def test_a_filesystem_that_cannot_rename_exclusively_is_asked_to_link(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: int
) -> None:
    monkeypatch.setattr(moving, "_rename", lambda *_: answer)
    source = tmp_path / "source"
    source.write_bytes(b"source")
    (tmp_path / "file").write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        rename_new(source, tmp_path / "file")
    rename_new(source, tmp_path / "new")
    assert (tmp_path / "new").read_bytes() == b"source"
    assert (tmp_path / "file").read_bytes() == b"mine"
    assert not source.exists()


def test_other_troubles_are_told_with_both_names(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "gone" / "new"
    source.touch()
    with pytest.raises(FileNotFoundError) as caught:
        rename_new(source, target)
    assert (caught.value.filename, caught.value.filename2) == (str(source), str(target))


def test_strange_names_are_placed_as_bytes(takes: Path) -> None:
    drop = takes / os.fsdecode(b"-caf\xe9\n.mp4")
    drop.write_bytes(b"bytes")
    assert place(drop, known(drop), takes / "take_001", NAME).name == NAME


def test_frozen_media_can_be_written_by_nobody(drop: Path) -> None:
    drop.chmod(0o666)
    close_up(drop, below=drop.parent)
    assert drop.stat().st_mode & 0o777 == 0o444
    close_up(drop, below=drop.parent)
    assert drop.stat().st_mode & 0o777 == 0o444
    freeze(drop)


def test_files_and_folders_are_brought_to_the_disk(takes: Path, drop: Path) -> None:
    sync(drop)
    sync(takes)
    with pytest.raises(FileNotFoundError):
        sync(takes / "gone")


def test_two_files_change_their_places_in_one_step(tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(b"one")
    (tmp_path / "other").write_bytes(b"other")
    assert exchange(tmp_path / "one", tmp_path / "other")
    assert (tmp_path / "one").read_bytes() == b"other"
    assert (tmp_path / "other").read_bytes() == b"one"
    with pytest.raises(FileNotFoundError):
        exchange(tmp_path / "one", tmp_path / "gone")


def test_a_drop_that_became_another_name_of_bytes_that_were_there_is_found(takes: Path, drop: Path) -> None:
    wanted = known(drop)
    folder = takes / "take_001"
    place(drop, wanted, folder, NAME)
    (takes / "object").write_bytes(b"the same")
    (folder / NAME).unlink()
    (folder / NAME).hardlink_to(takes / "object")
    assert place(drop, wanted, folder, NAME).name == NAME


def test_a_disk_that_gives_a_file_another_inode_has_the_drop_still(takes: Path, drop: Path) -> None:
    wanted = known(drop)
    shifted = Identity(device=9, inode=wanted.inode + 1, size=wanted.size, mtime_ns=wanted.mtime_ns)
    assert place(drop, shifted, takes / "take_001", NAME).name == NAME


def test_where_nothing_can_be_linked_a_name_is_still_never_taken_from_another_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(moving, "_rename", lambda *_: errno.EINVAL)
    monkeypatch.setattr(os, "link", refuse)
    source = tmp_path / "source"
    source.write_bytes(b"source")
    (tmp_path / "file").write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        rename_new(source, tmp_path / "file")
    rename_new(source, tmp_path / "new")
    assert (tmp_path / "new").read_bytes() == b"source"
    assert (tmp_path / "file").read_bytes() == b"mine"


@pytest.mark.parametrize("disk", [HERE, SHARE], indirect=True)
@pytest.mark.parametrize("folder", ["", "take_001"])
def test_of_two_names_that_a_kill_has_left_a_file_keeps_the_new_one(disk: Path, folder: str) -> None:
    source, target = disk / "render.mp4", disk / folder / NAME
    target.parent.mkdir(exist_ok=True)
    source.write_bytes(b"bytes")
    target.hardlink_to(source)
    wanted = known(source)
    assert rename_new(source, target) == wanted
    assert not source.exists()
    assert target.read_bytes() == b"bytes"


@pytest.mark.parametrize(("one", "other"), [("A.mp4", "a.mp4"), ("\u00e4.mp4", "a\u0308.mp4")])
def test_what_may_be_one_name_in_two_ways_of_writing_it_is_not_removed(
    tmp_path: Path, one: str, other: str
) -> None:
    (tmp_path / one).write_bytes(b"bytes")
    (tmp_path / other).hardlink_to(tmp_path / one)
    with pytest.raises(FileExistsError):
        rename_new(tmp_path / one, tmp_path / other)
    assert (tmp_path / one).exists()


@pytest.mark.parametrize("disk", [SHARE], indirect=True)
def test_a_file_comes_over_from_another_disk_and_replaces_none(disk: Path, tmp_path: Path) -> None:
    source, target = tmp_path / "made.mp4", disk / NAME
    source.write_bytes(b"bytes")
    os.utime(source, ns=(1, 10**18))
    came = rename_new(source, target)
    assert came == known(target)
    assert (came.mtime_ns, target.read_bytes()) == (10**18, b"bytes")
    source.write_bytes(b"others")
    with pytest.raises(FileExistsError):
        rename_new(source, target)
    assert not exchange(source, target)
    assert put_in_place(source, target) == known(target)
    assert [one.name for one in disk.iterdir()] == [NAME]
    assert target.read_bytes() == b"others"
    assert not source.exists()
