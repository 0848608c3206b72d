"""What a person most likely did wrong is told: media beside `takes/`, links, `Takes`; bins and snapshots are no film."""

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from daemon.takes.strays import (
    BESIDE,
    IN_NO_SHOT,
    IN_THE_FILM,
    LINKED,
    MOST,
    NOT_A_FOLDER,
    OTHER_LETTERS,
    WITHOUT_TAKES,
    strays,
)
from daemon.watching.tree import Tree
from tests.support.film import DAWN, Daemon, make_film, still, until
from tests.support.inside import running_daemon

SCENE = "01_Chapter/01_Scene"


def put(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(b"x")


def found(root: Path) -> dict[str, str]:
    tree = Tree(root)
    list(tree.shots())
    return dict(strays(tree.odd, tree.above))


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        (f"{DAWN}/render.mp4", BESIDE),
        (f"{SCENE}/render.mp4", IN_NO_SHOT),
        ("01_Chapter/render.wav", IN_NO_SHOT),
        ("render.PNG", IN_NO_SHOT),
        (f"{SCENE}/002_Noon/render.mp4", WITHOUT_TAKES),
        ("takes/render.mp4", IN_THE_FILM),
    ],
)
def test_a_media_file_that_lies_where_nothing_takes_it_is_told(
    tmp_path: Path, path: str, reason: str
) -> None:
    (tmp_path / DAWN / "takes").mkdir(parents=True)
    put(tmp_path, path)
    assert found(tmp_path) == {"takes" if reason is IN_THE_FILM else path: reason}


@pytest.mark.parametrize(
    "path",
    [
        f"{DAWN}/notes.txt",
        f"{DAWN}/.render.mp4",
        f"{DAWN}/render.mp4.part",
        f"{DAWN}/shot_001_take_001_thumbnail.png",
        f"{DAWN}/reference/still.png",
        f"{SCENE}/reference/still.png",
        "music/theme.wav",
        f"{DAWN}/@eaDir/render.mp4",
        f"{DAWN}/takes/render.mp4",
        "Other/.takes/film.mp4",
    ],
)
def test_what_may_well_belong_where_it_lies_is_not_told(tmp_path: Path, path: str) -> None:
    (tmp_path / DAWN / "takes").mkdir(parents=True)
    put(tmp_path, path)
    assert found(tmp_path) == {}


def test_in_a_film_without_shots_any_folder_of_media_is_a_shot_that_lacks_takes(tmp_path: Path) -> None:
    put(tmp_path, "Dawn/render.mp4")
    assert found(tmp_path) == {"Dawn/render.mp4": WITHOUT_TAKES}


def test_many_files_in_one_folder_are_told_as_one(tmp_path: Path) -> None:
    (tmp_path / DAWN / "takes").mkdir(parents=True)
    put(tmp_path, *(f"{DAWN}/{number:03d}.png" for number in range(500)))
    assert found(tmp_path) == {f"{DAWN}/000.png": f"{BESIDE} (and 499 more there)"}


@pytest.mark.parametrize(
    ("make", "path", "reason"),
    [
        (Path.mkdir, f"{DAWN}/Takes", OTHER_LETTERS),
        (Path.mkdir, f"{DAWN}/TAKES", OTHER_LETTERS),
        (Path.touch, f"{DAWN}/takes", NOT_A_FOLDER),
        (partial(Path.symlink_to, target="/nowhere"), f"{DAWN}/takes", NOT_A_FOLDER),
        (partial(Path.symlink_to, target="."), f"{DAWN}/takes", NOT_A_FOLDER),
    ],
)
def test_what_is_not_quite_a_takes_folder_is_told(
    tmp_path: Path, make: Callable[[Path], None], path: str, reason: str
) -> None:
    (tmp_path / DAWN).mkdir(parents=True)
    make(tmp_path / path)
    assert found(tmp_path) == {path: reason}


def test_a_film_that_is_looked_at_again_is_told_of_as_it_is_then(tmp_path: Path) -> None:
    (tmp_path / DAWN / "takes").mkdir(parents=True)
    put(tmp_path, f"{DAWN}/render.mp4", f"{SCENE}/002_Noon/render.mp4")
    tree = Tree(tmp_path)
    list(tree.shots())
    (tmp_path / DAWN / "render.mp4").rename(tmp_path / DAWN / "takes/render.mp4")
    tree.look_at([DAWN])
    assert set(strays(tree.odd, tree.above)) == {(f"{SCENE}/002_Noon/render.mp4", WITHOUT_TAKES)}
    shutil.rmtree(tmp_path / SCENE / "002_Noon")
    list(tree.shots(SCENE))
    assert tree.odd == {}


async def told(daemon: Daemon) -> dict[str, str]:
    return {one["path"]: one["reason"] for one in (await daemon.status())["notTaken"]}


async def until_told(daemon: Daemon, expected: dict[str, str]) -> None:
    async def is_told() -> bool:
        return await told(daemon) == expected

    await until(is_told)


async def test_strays_are_told_as_they_come_and_no_more_when_they_are_gone(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await daemon.scanned()
        stray = film.drop(still(), "../render.png")
        await until_told(daemon, {f"{DAWN}/render.png": BESIDE})
        stray.rename(film.takes() / "render.png")
        await daemon.finished(1)
        (film.shot().parent / "003_Dusk/Takes").mkdir(parents=True)
        await until_told(daemon, {f"{SCENE}/003_Dusk/Takes": OTHER_LETTERS})
        (film.shot().parent / "003_Dusk/Takes").rename(film.shot().parent / "003_Dusk/takes")
        await until_told(daemon, {})


@pytest.mark.parametrize("below", ["", "02_Scene/", "03_Chapter/02_Scene/"])
async def test_a_link_out_of_the_film_to_shots_is_told(tmp_path: Path, below: str) -> None:
    film = await make_film(tmp_path)
    (tmp_path / "disk" / below / "003_Dusk/takes").mkdir(parents=True)
    name = (below or "003_Dusk/").partition("/")[0]
    async with running_daemon(film) as daemon:
        await daemon.scanned()
        (film.root / name).symlink_to(tmp_path / "disk" / name)
        await until_told(daemon, {name: LINKED})
        (film.root / name).unlink()
        await until_told(daemon, {})


async def test_links_that_lead_to_no_shot_of_this_film_are_nobodys_concern(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    other = await make_film(tmp_path / "more", "Other")
    (tmp_path / "footage/day_1").mkdir(parents=True)
    links = {
        "latest": film.shot(),
        "footage": tmp_path / "footage",
        "other": other.root,
        "up": Path(".."),
        "itself": Path("itself"),
        "nowhere": Path("/nowhere"),
    }
    for name, place in links.items():
        (film.root / name).symlink_to(place)
    (film.root / "zz_last").symlink_to(tmp_path / "disk/003_Dusk")
    (tmp_path / "disk/003_Dusk/takes").mkdir(parents=True)
    async with running_daemon(film) as daemon:
        await until_told(daemon, {"zz_last": LINKED})


async def test_a_film_full_of_strays_has_a_status_that_can_be_read(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    for number in range(MOST + 20):
        put(film.root, f"{SCENE}/{number:03d}_Shot/render.mp4")
    async with running_daemon(film) as daemon:
        await daemon.scanned()
        assert len(await told(daemon)) == MOST


BINS = (
    "#recycle",
    "#Recycle",
    "@eaDir",
    "@Recycle",
    "@Recently-Snapshot",
    "#snapshot/@GMT-2026.01.02-03.04.05",
    "~snapshot/daily.0",
    "$RECYCLE.BIN",
    "System Volume Information",
    "lost+found",
    ".zfs/snapshot/auto",
    ".snapshot",
    ".Trash-1000/files",
    ".AppleDouble",
    "Network Trash Folder",
)


@pytest.mark.parametrize("name", BINS)
def test_a_bin_and_a_snapshot_hold_no_shots(tmp_path: Path, name: str) -> None:
    for place in ("", "01_Chapter/", f"{DAWN}/"):
        (tmp_path / place / name / "001_Dawn/takes").mkdir(parents=True)
        put(tmp_path, f"{place}{name}/render.mp4")
    (tmp_path / DAWN / "takes").mkdir()
    tree = Tree(tmp_path)
    assert [one.path for one in tree.shots()] == [DAWN]
    assert list(tree.shots(name)) == []
    assert dict(strays(tree.odd, tree.above)) == {}


async def test_a_shot_that_a_nas_has_put_into_its_bin_is_gone_and_is_itself_again_when_it_is_back(
    tmp_path: Path,
) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, scan_every=0.3) as daemon:
        film.drop(still(1))
        (film.takes() / "#recycle").mkdir()
        (film.takes() / "#recycle/old.png").write_bytes(still(2))
        await daemon.finished(1)
        film.root.joinpath("#recycle").mkdir()
        film.shot().rename(film.root / "#recycle/001_Dawn")

        async def is_gone() -> bool:
            return [one["shotId"] for one in (await daemon.get("shots"))["shots"]] == ["002_Noon"]

        await until(is_gone)
        (film.root / "#recycle/001_Dawn").rename(film.shot())

        async def is_back() -> bool:
            take = await daemon.take(1)
            return take is not None and not take["deleted"] and take["active"]

        await until(is_back)
        await until_told(daemon, {})
        await daemon.verify()
