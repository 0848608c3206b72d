"""The scan: what is seen in a shot's folder, and that nothing in it is followed or judged."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from daemon.disk.times import FRESH
from daemon.watching.scan import (
    DOWNLOADING,
    PART,
    find_media,
    look,
    look_without_media,
    media_in,
    media_of_take,
)
from daemon.watching.tree import Tree, chunks

SHOT = "01_Scene/001_Dawn"


@pytest.fixture
def takes(tmp_path: Path) -> Path:
    path = tmp_path / SHOT / "takes"
    path.mkdir(parents=True)
    return path


def put(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")


def test_a_shot_that_is_not_there_is_not_seen(tmp_path: Path, takes: Path) -> None:
    assert look(tmp_path, "nothing", ()) is None
    takes.rmdir()
    assert look(tmp_path, SHOT, ()) is None
    takes.write_bytes(b"a file")
    assert look(tmp_path, SHOT, ()) is None
    takes.unlink()
    takes.symlink_to(tmp_path)
    assert look(tmp_path, SHOT, ()) is None


def test_everything_in_a_shot_is_sorted(tmp_path: Path, takes: Path) -> None:
    put(takes, "a.mp4", "B.PNG", "a.json", "notes.txt", ".hidden.mp4", "b.mp4.part", "take_002/m.mp4")
    (takes / "folder.mp4").mkdir()
    (takes / "folder.mp4" / "inside.txt.zip").touch()
    (takes / "link.mp4").symlink_to("a.mp4")
    os.mkfifo(takes / "pipe.mp4")
    (takes.parent / "active_take").symlink_to("takes/take_002")
    seen = look(tmp_path, SHOT, ())
    assert seen is not None
    assert sorted(one.name for one in seen.drops) == ["B.PNG", "a.mp4"]
    assert sorted(one.name for one in seen.recipes) == ["a.json", "notes.txt"]
    assert sorted(seen.not_taken) == ["folder.mp4", "link.mp4", "pipe.mp4"]
    assert (seen.folders, seen.active) == ({2}, 2)
    own = (tmp_path / SHOT).stat()
    assert (seen.device, seen.inode) == (own.st_dev, own.st_ino)


def test_what_a_downloader_is_still_at_is_no_drop(tmp_path: Path, takes: Path) -> None:
    put(
        takes,
        "a.mp4",
        "a.mp4.aria2",
        "b.mp4",
        "c.f137.mp4",
        "c.f140-1.m4a",
        "c.temp.mp4",
        "c.fhls-1080p.mp4",
        "c.f140-drc.m4a",
        "s.tmp.png",
        "d.f1001.exr",
        "e.mp4",
        "e.mp4.st",
        "f.final.mp4",
        "f24.mp4",
    )
    put(takes, "gone.mp4.aria2")
    seen = look(tmp_path, SHOT, ())
    assert seen is not None
    assert sorted(one.name for one in seen.drops) == ["b.mp4", "d.f1001.exr", "f.final.mp4", "f24.mp4"]
    names = ("c.f137.mp4", "c.f140-1.m4a", "c.temp.mp4", "c.fhls-1080p.mp4", "c.f140-drc.m4a", "s.tmp.png")
    parts = dict.fromkeys(names, PART)
    assert seen.not_taken == {"a.mp4": DOWNLOADING, "e.mp4": DOWNLOADING, **parts}
    (takes / "a.mp4.aria2").unlink()
    seen = look(tmp_path, SHOT, ())
    assert seen is not None
    assert "a.mp4" in [one.name for one in seen.drops]


def test_a_drop_is_seen_with_its_identity(tmp_path: Path, takes: Path) -> None:
    put(takes, "a.mp4")
    found = (takes / "a.mp4").stat()
    seen = look(tmp_path, SHOT, ())
    assert seen is not None
    (drop,) = seen.drops
    assert (drop.identity.inode, drop.identity.size, drop.identity.mtime_ns) == (
        found.st_ino,
        1,
        found.st_mtime_ns,
    )


def test_takes_that_should_be_there_and_are_not_are_absent(tmp_path: Path, takes: Path) -> None:
    put(takes, "take_001/a.mp4", "take_002/other.mp4", "take_003/b.mp4")
    seen = look(tmp_path, SHOT, [(1, "a.mp4"), (2, "a.mp4"), (3, None), (4, "a.mp4"), (5, None)])
    assert seen is not None
    assert seen.absent == {2, 4, 5}


def test_a_look_without_media_leaves_every_take_folder_alone(
    tmp_path: Path, takes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(takes, "take_001/a.mp4", "take_002/b.mp4", "a.mp4", "a.json")
    (takes / "broken.mov.aria2").touch()
    (takes.parent / "active_take").symlink_to("takes/take_002")
    known = [(1, "a.mp4"), (2, "gone.mp4"), (3, None)]
    whole = look(tmp_path, SHOT, known)
    scandir, lstat, asked = os.scandir, os.lstat, list[str]()

    def asking(how: Callable[..., Any]) -> Callable[..., Any]:
        def ask(path: object, *more: Any, **named: Any) -> object:
            asked.append(str(path))
            return how(path, *more, **named)

        return ask

    with monkeypatch.context() as watched:
        watched.setattr(os, "scandir", asking(scandir))
        watched.setattr(os, "lstat", asking(lstat))
        seen = look_without_media(tmp_path, SHOT)
    assert asked  # or nobody was watched
    assert not [path for path in asked if "/take_00" in path]
    assert seen is not None
    assert (seen.folders, seen.active, seen.media, seen.absent) == ({1, 2}, 2, {}, set())
    find_media(tmp_path, known, seen)  # and that is all that is between the two
    assert seen == whole
    assert (seen.absent, list(seen.media)) == ({2, 3}, [1])


def test_a_look_without_media_sees_nothing_where_a_look_sees_nothing(tmp_path: Path, takes: Path) -> None:
    assert look_without_media(tmp_path, "nothing") is None
    aside = tmp_path / "01_Scene" / ".set_aside"
    (aside / "takes").mkdir(parents=True)
    assert look_without_media(tmp_path, "01_Scene/.set_aside") is None
    takes.rmdir()
    takes.symlink_to(tmp_path)
    assert look_without_media(tmp_path, SHOT) is None


@pytest.mark.parametrize(
    "name", ["take_000", "take_01", "take_0001", "Take_001", "take_001 copy", "take_99999999999"]
)
def test_a_folder_that_is_named_otherwise_is_no_take(tmp_path: Path, takes: Path, name: str) -> None:
    put(takes, f"{name}/a.mp4")
    seen = look(tmp_path, SHOT, ())
    assert seen is not None
    assert not seen.folders
    assert name in seen.not_taken


def test_a_link_that_looks_like_a_take_folder_is_none(tmp_path: Path, takes: Path) -> None:
    (tmp_path / "outside").mkdir()
    (takes / "take_001").symlink_to(tmp_path / "outside")
    seen = look(tmp_path, SHOT, ())
    assert seen is not None
    assert not seen.folders
    assert "link" in seen.not_taken["take_001"]


@pytest.mark.parametrize(
    ("target", "active"),
    [
        ("takes/take_002", 2),
        ("takes/take_002/", 2),
        ("./takes/../takes/take_1000", 1000),
        ("takes/take_002/shot.mp4", None),
        ("../002_Noon/takes/take_002", None),
        ("takes", None),
        ("/etc", None),
    ],
)
def test_the_link_says_which_take_is_active(
    tmp_path: Path, takes: Path, target: str, active: int | None
) -> None:
    (takes.parent / "active_take").symlink_to(target)
    seen = look(tmp_path, SHOT, ())
    assert seen is not None
    assert seen.active == active


def test_the_media_of_a_take_folder_is_the_one_file_that_is_not_ours(tmp_path: Path) -> None:
    put(tmp_path, "beach.mp4", "shot_001_take_001_thumbnail.png", "shot_001_take_001_metadata.json", "a.txt")
    found = media_of_take(tmp_path, SHOT, 1)
    assert found is not None
    assert found.name == "beach.mp4"


def test_of_several_media_the_one_with_the_takes_name_is_the_take(tmp_path: Path) -> None:
    put(tmp_path, "beach.mp4", "other.mp4")
    assert media_of_take(tmp_path, SHOT, 1) is None
    put(tmp_path, "shot_001_take_001.mp4")
    found = media_of_take(tmp_path, SHOT, 1)
    assert found is not None
    assert found.name == "shot_001_take_001.mp4"
    put(tmp_path, "shot_001_take_001.png")
    assert media_of_take(tmp_path, SHOT, 1) is None


def test_a_folder_that_is_gone_holds_no_media(tmp_path: Path) -> None:
    assert media_in(tmp_path / "gone") == []


# The tree.


def paths(tree: Tree, below: str = "") -> list[str]:
    return sorted(one.path for one in tree.shots(below))


def test_every_folder_with_takes_in_it_is_a_shot(tmp_path: Path) -> None:
    for shot in ("001_A", "01_C/01_S/001_B", "01_C/01_S/001_B/alternates/002_D"):
        (tmp_path / shot / "takes" / "take_001").mkdir(parents=True)
    assert paths(Tree(tmp_path)) == ["001_A", "01_C/01_S/001_B", "01_C/01_S/001_B/alternates/002_D"]
    assert paths(Tree(tmp_path), "01_C/01_S/001_B") == [
        "01_C/01_S/001_B",
        "01_C/01_S/001_B/alternates/002_D",
    ]


def test_links_and_hidden_folders_and_the_root_are_no_shots(tmp_path: Path) -> None:
    (tmp_path / "takes").mkdir()
    (tmp_path / ".git" / "takes").mkdir(parents=True)
    (tmp_path / "001_A" / "takes").mkdir(parents=True)
    (tmp_path / "002_Link").symlink_to(tmp_path / "001_A")
    (tmp_path / "003_Round").mkdir()
    (tmp_path / "003_Round" / "round").symlink_to(tmp_path)
    assert paths(Tree(tmp_path)) == ["001_A"]


def test_a_folder_that_is_not_there_has_no_shots(tmp_path: Path) -> None:
    assert paths(Tree(tmp_path), "gone") == []
    assert paths(Tree(tmp_path / "gone")) == []


def test_a_name_in_bytes_that_are_no_text_is_passed_over(tmp_path: Path) -> None:
    strange = os.fsdecode(b"caf\xe9")
    (tmp_path / strange / "takes").mkdir(parents=True)
    assert paths(Tree(tmp_path)) == []
    assert paths(Tree(tmp_path), strange) == []


def test_every_folder_is_visited_before_it_is_looked_into(tmp_path: Path) -> None:
    (tmp_path / "01_C" / "001_A" / "takes").mkdir(parents=True)
    visited: list[str] = []

    def visit(folder: str) -> None:
        visited.append(folder)
        if folder == "01_C":
            (tmp_path / "01_C" / "002_B" / "takes").mkdir(parents=True)

    assert paths(Tree(tmp_path, visit)) == ["01_C/001_A", "01_C/002_B"]
    assert {"", "01_C", "01_C/001_A", "01_C/001_A/takes", "01_C/002_B", "01_C/002_B/takes"} == set(visited)


def test_a_folder_that_was_remembered_is_looked_into_again_once_it_changes(tmp_path: Path) -> None:
    (tmp_path / "01_C" / "001_A" / "takes").mkdir(parents=True)
    long_ago = 1_000_000_000
    for folder in (tmp_path, *(path for path in tmp_path.rglob("*") if path.is_dir())):
        os.utime(folder, (long_ago, long_ago))
    tree = Tree(tmp_path)
    assert paths(tree) == ["01_C/001_A"]
    (tmp_path / "01_C" / "002_B" / "takes").mkdir(parents=True)
    assert paths(tree) == ["01_C/001_A", "01_C/002_B"]
    (tmp_path / "01_C" / "001_A").rename(tmp_path / "01_C" / "003_C")
    assert paths(tree) == ["01_C/002_B", "01_C/003_C"]


def test_a_shot_that_has_just_changed_has_no_stamp(tmp_path: Path) -> None:
    (tmp_path / "001_A" / "takes").mkdir(parents=True)
    for folder in (tmp_path / "001_A" / "takes", tmp_path / "001_A"):
        os.utime(folder, ns=(5, 5))
    for now, is_sure in ((5, False), (FRESH + 5, False), (FRESH + 6, True)):
        (one,) = Tree(tmp_path, clock=lambda now=now: now).shots()  # type: ignore[misc]
        assert (one.stamp is not None) == is_sure


def test_shots_come_in_chunks(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / f"{number}" / "takes").mkdir(parents=True)
    assert [len(chunk) for chunk in chunks(Tree(tmp_path).shots(), 2)] == [2, 2, 1]


@pytest.mark.parametrize("comes", [None, "link", "folder"])
def test_what_comes_into_a_files_place_while_its_folder_is_read_is_no_file(
    tmp_path: Path, takes: Path, monkeypatch: pytest.MonkeyPatch, comes: str | None
) -> None:
    put(takes, "render.png", "take_002/render.png", "elsewhere.png")
    (takes / "elsewhere.png").rename(tmp_path / "elsewhere.png")

    def replace(folder: Path) -> None:
        (folder / "render.png").unlink()
        if comes == "link":
            (folder / "render.png").symlink_to(tmp_path / "elsewhere.png")
        elif comes == "folder":
            (folder / "render.png").mkdir()

    scandir = os.scandir

    @contextmanager
    def late(folder: Path) -> Iterator[list[os.DirEntry[str]]]:
        with scandir(folder) as entries:
            found = list(entries)
        replace(folder)
        yield found

    monkeypatch.setattr(os, "scandir", late)
    seen = look(tmp_path, SHOT, ())
    assert seen is not None
    assert (seen.drops, seen.not_taken) == ([], {})
    assert media_in(takes / "take_002") == []
