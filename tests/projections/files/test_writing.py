"""Writing: old or new, never half, whoever looks and whenever the power goes."""

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from events import Identity
from projections.files.fingerprint import identity
from projections.files.writing import (
    ChangedMeanwhile,
    put_in_place,
    sync,
    write,
    write_each,
    written_beside,
)
from tests.support.odd import Put, known, linked_to_nothing

OLD, NEW = b"old", b"new and longer"


@pytest.fixture
def _no_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[tuple[str, bytes]]:
    """What was put on disk, and what lay at `film.json` then."""
    seen: list[tuple[str, bytes]] = []
    sync = os.fsync

    def watched(descriptor: int) -> None:
        found = os.fstat(descriptor)
        what = "folder" if stat.S_ISDIR(found.st_mode) else f"{found.st_size} bytes"
        seen.append((what, (tmp_path / "film.json").read_bytes()))
        sync(descriptor)

    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr(os, "fsync", watched)
    return seen


def test_all_bytes_are_on_disk_before_the_name_and_the_name_before_it_returns(
    tmp_path: Path, synced: list[tuple[str, bytes]]
) -> None:
    path = tmp_path / "film.json"
    path.write_bytes(OLD)
    write(path, NEW)
    assert synced == [(f"{len(NEW)} bytes", OLD), ("folder", NEW)]


def test_what_is_put_in_place_has_its_name_on_disk(tmp_path: Path, synced: list[tuple[str, bytes]]) -> None:
    path, made = tmp_path / "film.json", tmp_path / "made"
    path.write_bytes(OLD)
    made.write_bytes(NEW)
    put_in_place(made, path)
    assert synced == [("folder", NEW)]
    assert not made.exists()


def test_a_folder_may_be_reached_by_a_link(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "folder").symlink_to("elsewhere")
    write(tmp_path / "folder" / "film.json", NEW)
    assert (tmp_path / "elsewhere" / "film.json").read_bytes() == NEW


def test_a_disk_that_knows_no_sync_of_folders_can_be_written_to_and_one_that_fails_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(descriptor: int) -> None:
        is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        raise OSError(errno.EINVAL if is_folder else errno.EIO, "the disk says no")

    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr(os, "fsync", refuse)
    sync(tmp_path)
    with pytest.raises(OSError, match="the disk says no"):
        write(tmp_path / "film.json", NEW)
    assert not list(tmp_path.iterdir())


def test_a_file_that_was_changed_meanwhile_stays_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "film.json"
    path.write_bytes(OLD)
    before = path.stat()
    path.write_bytes(OLD + b"er")
    with pytest.raises(ChangedMeanwhile):
        write(path, NEW, instead_of=before)
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("film.json", OLD + b"er")]


def test_a_link_that_has_come_in_the_place_of_a_file_stays_and_so_does_what_it_leads_to(
    tmp_path: Path,
) -> None:
    path, elsewhere = tmp_path / "film.json", tmp_path / "elsewhere"
    path.write_bytes(OLD)
    before = path.lstat()
    path.rename(elsewhere)
    path.symlink_to("elsewhere")
    with pytest.raises(ChangedMeanwhile):
        write(path, NEW, instead_of=before)
    assert path.is_symlink()
    assert elsewhere.read_bytes() == OLD


@pytest.mark.parametrize("put", [os.mkfifo, Path.touch, linked_to_nothing])
def test_a_file_that_is_made_anew_takes_nobodys_place(tmp_path: Path, put: Put) -> None:
    path = tmp_path / "film" / "film.json"
    path.parent.mkdir()
    put(path)
    before = known(path)
    with pytest.raises(ChangedMeanwhile):
        write(path, NEW, anew=True)
    assert known(path) == before
    path.unlink()
    write(path, NEW, anew=True)
    assert path.read_bytes() == NEW


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o777])
def test_a_file_that_is_replaced_keeps_its_mode(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "film.json"
    path.write_bytes(OLD)
    path.chmod(mode)
    write(path, NEW, instead_of=path.stat())
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert path.read_bytes() == NEW


def test_a_new_file_has_the_mode_that_the_umask_leaves(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write(tmp_path / "film.json", NEW)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "film.json").stat().st_mode) == 0o640


@pytest.mark.usefixtures("_no_umask")
def test_a_file_that_is_meant_for_its_owner_is_never_open_to_others(tmp_path: Path) -> None:
    with written_beside(tmp_path / "token", NEW, mode=0o600) as made:
        assert stat.S_IMODE(made.stat().st_mode) == 0o600


def test_what_is_written_beside_and_not_put_in_place_is_gone(tmp_path: Path) -> None:
    with written_beside(tmp_path / "index", NEW, prefix="index.") as made:
        assert made.name.startswith("index.")
        assert made.read_bytes() == NEW
    assert not list(tmp_path.iterdir())


def test_many_files_are_on_disk_before_any_has_its_name_and_each_folder_is_synced_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done, fsync, replace = list[str](), os.fsync, Path.replace

    def note_sync(descriptor: int) -> None:
        name = Path(f"/proc/self/fd/{descriptor}").readlink().name
        done.append("bytes" if name.endswith(".tmp") else name)
        fsync(descriptor)

    def note_name(path: Path, target: Path) -> Path:
        done.append("name")
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", note_sync)
    monkeypatch.setattr(Path, "replace", note_name)
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
    paths = [tmp_path / folder / name for folder in ("one", "two", "away") for name in ("a", "b")]
    came = write_each([(path, path.name.encode()) for path in paths])
    assert done == ["bytes"] * 4 + ["name"] * 4 + ["one", "two"]
    assert [type(one) for one in came] == [Identity] * 4 + [FileNotFoundError] * 2
    assert [path.read_bytes() for path in paths[:4]] == [b"a", b"b", b"a", b"b"]
    assert [identity(path.lstat()) for path in paths[:4]] == came[:4]
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a", "a", "b", "b", "one", "two"]


def test_files_whose_folder_the_disk_does_not_write_are_told_of_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused, asked, fsync = tmp_path / "refused", list[int](), os.fsync

    def fail(descriptor: int) -> None:
        if Path(f"/proc/self/fd/{descriptor}").resolve() == refused:
            asked.append(descriptor)
            raise OSError(errno.EIO, "Input/output error")
        fsync(descriptor)

    refused.mkdir()
    with monkeypatch.context() as while_it_fails:
        while_it_fails.setattr(os, "fsync", fail)
        came = write_each([(folder / name, b"") for folder in (refused, tmp_path) for name in ("a", "b")])
    assert [isinstance(one, Identity) for one in came] == [False, False, True, True]
    assert len(asked) == 2  # it is written once more, with a new name, and not for each file
    sync(refused)
