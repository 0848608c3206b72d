"""Mounts: what counts as a share, on real ones."""

from pathlib import Path

import pytest

from daemon.disk.leases import is_written
from daemon.disk.mounts import filesystem_of, remote_filesystem, share_of
from tests.support.filesystems import SHARE, mounted


def test_a_folder_of_this_machine_is_on_no_share(tmp_path: Path) -> None:
    assert remote_filesystem(tmp_path) is None
    assert share_of(tmp_path) is None
    assert share_of(tmp_path, chosen=True) == filesystem_of(tmp_path)


@pytest.mark.parametrize("disk", [SHARE], indirect=True)
def test_a_share_is_known_by_its_filesystem_unless_somebody_says_otherwise(disk: Path) -> None:
    assert share_of(disk / "not" / "there" / "yet") == "fuse.share"
    assert share_of(disk.parent) is None
    assert share_of(disk, chosen=False) is None


@pytest.mark.parametrize("disk", [SHARE])
@pytest.mark.parametrize("name", ["two words", "Käse", "back\\slash"])
def test_a_mount_is_found_under_any_name(tmp_path: Path, disk: str, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    with mounted(disk, folder) as place:
        assert filesystem_of(place) == "fuse.share"


@pytest.mark.parametrize("disk", [SHARE], indirect=True)
def test_a_lease_that_is_refused_on_a_share_says_nothing(disk: Path) -> None:
    path = disk / "render.mp4"
    with path.open("wb"):
        assert is_written(path) is None
