import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from projections.artifacts.store import Duplicates, Store, Way
from projections.files.sharing import blocks, is_equal, is_shared, link, merge, reflink
from tests.support.filesystems import FAT, HERE, REFLINKS, mounted

CONTENT = os.urandom(1_000_003)
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(autouse=True)
def _film(tmp_path: Path) -> None:
    (tmp_path / ".takes").mkdir()


@pytest.fixture
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    with mounted(request.param, tmp_path) as place:
        (place / ".takes").mkdir(exist_ok=True)
        yield place


everywhere = pytest.mark.parametrize("disk", [HERE, *REFLINKS], indirect=True)
on_reflinks = pytest.mark.parametrize("disk", REFLINKS, indirect=True)
on_fat = pytest.mark.parametrize("disk", [FAT], indirect=True)


def media(folder: Path, name: str = "media", content: bytes = CONTENT) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def sizes(store: Store) -> dict[str, int]:
    return {sha256: size for folder in store.folders() for sha256, size, _ in store.objects_in(folder)}


@everywhere
def test_bytes_are_kept_under_their_hash_and_share_their_blocks(disk: Path) -> None:
    store, path = Store(disk), media(disk)
    way = "link" if disk.name not in REFLINKS else "reflink"
    assert store.keep(path, SHA256, len(CONTENT)) == way
    kept = store.find(SHA256, len(CONTENT))
    assert kept == disk / ".takes" / "objects" / SHA256[:2] / SHA256[2:]
    assert kept.read_bytes() == CONTENT
    assert not kept.stat().st_mode & 0o222
    assert is_shared(kept, path)
    assert sizes(store) == {SHA256: len(CONTENT)}
    assert store.can() == way
    assert not list(store.work.iterdir())


def test_a_disk_that_makes_no_reflinks_is_asked_for_one_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def none(source: Path, target: Path) -> None:
        asked.append((source, target))

    monkeypatch.setattr("projections.files.sharing.reflink", none)
    store = Store(tmp_path)
    for name in ("one", "two", "three"):
        content = name.encode()
        sha256 = hashlib.sha256(content).hexdigest()
        assert store.keep(media(tmp_path, name, content), sha256, len(content)) == "link"
        assert (store.find(sha256, len(content)) or tmp_path).read_bytes() == content
    assert len(asked) == 1


def test_what_is_in_the_place_of_an_object_gives_way_to_it(tmp_path: Path) -> None:
    store, path = Store(tmp_path), media(tmp_path)
    store.path(SHA256).parent.mkdir(parents=True)
    store.path(SHA256).write_bytes(b"cut short")
    store.keep(path, SHA256, len(CONTENT))
    assert store.path(SHA256).read_bytes() == CONTENT
    store.forget(SHA256)
    store.path(SHA256).mkdir()
    store.keep(path, SHA256, len(CONTENT))
    assert store.path(SHA256).read_bytes() == CONTENT


@everywhere
def test_to_keep_twice_is_to_keep_once(disk: Path) -> None:
    store, path = Store(disk), media(disk)
    first = store.keep(path, SHA256, len(CONTENT))
    assert store.keep(path, SHA256, len(CONTENT)) == first
    assert path.read_bytes() == CONTENT


@everywhere
@pytest.mark.parametrize("duplicates", ["apart", "link"])
def test_the_same_bytes_share_blocks_and_are_one_file_only_where_that_is_wanted(
    disk: Path, duplicates: Duplicates
) -> None:
    store, one, other = Store(disk, "auto", duplicates), media(disk, "one"), media(disk, "other")
    first = store.keep(one, SHA256, len(CONTENT))
    is_apart = (first, duplicates) == ("link", "apart")
    assert store.keep(other, SHA256, len(CONTENT)) == ("copy" if is_apart else first)
    assert is_shared(one, other) != is_apart
    assert one.samefile(other) == ((first, duplicates) == ("link", "link"))
    assert other.read_bytes() == CONTENT


@pytest.mark.parametrize("duplicates", ["apart", "link"])
def test_an_object_that_is_a_take_is_given_as_a_copy(tmp_path: Path, duplicates: Duplicates) -> None:
    store, one, given = Store(tmp_path, "auto", duplicates), media(tmp_path, "one"), tmp_path / "given"
    if store.keep(one, SHA256, len(CONTENT)) != "link":
        pytest.skip("this disk shares blocks")
    store.give(store.path(SHA256), given)
    assert given.samefile(one) == (duplicates == "link")
    one.unlink()
    given.unlink()
    store.give(store.path(SHA256), given)
    assert given.samefile(store.path(SHA256))
    assert given.read_bytes() == CONTENT


@everywhere
@pytest.mark.parametrize("damage", [b"", b"x" * len(CONTENT)])
def test_an_object_that_is_damaged_is_replaced_by_the_bytes_that_are_whole(disk: Path, damage: bytes) -> None:
    store, path = Store(disk), media(disk)
    kept = store.path(SHA256)
    kept.parent.mkdir(parents=True)
    kept.write_bytes(damage)
    assert store.keep(path, SHA256, len(CONTENT))
    assert kept.read_bytes() == CONTENT


@everywhere
def test_what_is_kept_is_given_back_read_only(disk: Path) -> None:
    store, path = Store(disk), media(disk)
    store.keep(path, SHA256, len(CONTENT))
    path.unlink()
    store.give(store.path(SHA256), path)
    assert path.read_bytes() == CONTENT
    assert not path.stat().st_mode & 0o222


@on_reflinks
def test_what_is_written_into_a_file_is_not_in_its_reflink(disk: Path) -> None:
    store, path = Store(disk), media(disk)
    store.keep(path, SHA256, len(CONTENT))
    with path.open("r+b") as file:
        file.write(b"edited")
    assert store.path(SHA256).read_bytes() == CONTENT
    assert not is_shared(store.path(SHA256), path)


@on_fat
def test_where_nothing_can_be_shared_nothing_is_kept_unless_a_copy_is_asked_for(disk: Path) -> None:
    path = media(disk)
    assert Store(disk).can() is None
    assert Store(disk).keep(path, SHA256, len(CONTENT)) is None
    copying = Store(disk, "copy")
    assert copying.can() == "copy"
    assert copying.keep(path, SHA256, len(CONTENT)) == "copy"
    assert copying.path(SHA256).read_bytes() == CONTENT


def test_what_is_switched_off_keeps_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path, "off")
    assert store.keep(media(tmp_path), SHA256, len(CONTENT)) is None
    assert sizes(store) == {}


def test_what_was_on_its_way_is_cleared_and_nothing_else(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with store.passing() as path:
        path.write_bytes(b"1")
        (store.work / "job-1").mkdir()
        store.clear()
        assert [one.name for one in store.work.iterdir()] == ["job-1"]


def test_what_somebody_else_put_there_is_no_object(tmp_path: Path) -> None:
    store = Store(tmp_path)
    media = tmp_path / "take.mp4"
    media.write_bytes(CONTENT)
    store.keep(media, SHA256, len(CONTENT))
    (store.folder / "ab").write_text("no folder")
    assert sizes(store) == {SHA256: len(CONTENT)}


@on_reflinks
def test_two_files_are_merged_only_where_they_are_the_same(disk: Path) -> None:
    one, same, other = media(disk, "one"), media(disk, "same"), media(disk, "other", CONTENT[:-1] + b"!")
    before = same.lstat()
    assert merge(one, same) is True
    assert is_shared(one, same)
    assert (same.lstat().st_ino, same.lstat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    if CONTENT[-1:] != b"!":
        assert merge(one, other) is False
    assert merge(one, media(disk, "short", b"x")) is False
    assert reflink(one, disk / "clone")
    assert blocks(disk / "clone") == blocks(one)


def test_a_disk_that_cannot_merge_says_so_and_a_link_is_as_good(tmp_path: Path) -> None:
    one, same = media(tmp_path, "one"), media(tmp_path, "same")
    if merge(one, same) is None:
        assert not is_shared(one, same)
    assert link(one, tmp_path / "link")
    assert is_shared(one, tmp_path / "link")
    with pytest.raises(FileExistsError):
        link(one, same)


def test_files_are_compared_byte_by_byte(tmp_path: Path) -> None:
    one, same = media(tmp_path, "one"), media(tmp_path, "same")
    assert is_equal(one, same)
    assert not is_equal(one, media(tmp_path, "short", CONTENT[:-1]))
    assert not is_equal(
        one, media(tmp_path, "other", b"\0" + CONTENT[1:]) if CONTENT[:1] != b"\0" else same.parent / "short"
    )


@pytest.mark.parametrize("way", ["auto", "copy"])
def test_a_film_that_has_moved_away_is_not_begun_anew_in_its_place(tmp_path: Path, way: Way) -> None:
    store = Store(tmp_path / "Away", way)
    with pytest.raises(FileNotFoundError):
        store.keep(store.root / "a.png", SHA256, len(CONTENT))
    assert not store.root.exists()
