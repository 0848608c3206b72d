import re
from collections.abc import Callable
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.layout import (
    RECIPE,
    SIDECAR,
    THUMBNAIL,
    beside,
    is_picture,
    kind_of,
    media_name,
    media_path,
    recipe_name,
    shot_above,
    shot_of_take,
    shot_of_takes,
    sidecar_name,
    take_path,
    takes_path,
    thumbnail_name,
)

DAWN = "shots/001_Dawn"

FOLDERS = st.text(min_size=1, max_size=12).filter(lambda name: "/" not in name and name != "takes")
SHOTS = st.lists(FOLDERS, min_size=1, max_size=4).map("/".join)
NUMBERS = st.integers(1, 999_999_999)


def test_a_take_lies_in_the_takes_of_its_shot() -> None:
    assert takes_path(DAWN) == "shots/001_Dawn/takes"
    assert take_path(DAWN, 2) == "shots/001_Dawn/takes/take_002"
    assert media_path(DAWN, 1000, "a.mp4") == "shots/001_Dawn/takes/take_1000/a.mp4"


@given(SHOTS, NUMBERS, FOLDERS)
def test_a_path_tells_of_which_shot_it_is(shot: str, number: int, name: str) -> None:
    media = media_path(shot, number, name)
    assert str(PurePosixPath(media).parent) == str(PurePosixPath(take_path(shot, number)))
    assert shot_of_takes(takes_path(shot)) == shot
    assert shot_of_take(take_path(shot, number)) == shot
    assert [shot_above(path) for path in (media, take_path(shot, number), f"{takes_path(shot)}/{name}")] == [
        shot
    ] * 3


@pytest.mark.parametrize(
    "path", ["", "takes", DAWN, f"{DAWN}/takes/take_001", f"{DAWN}/mistakes", f"{DAWN}/takes/"]
)
def test_what_is_no_shots_takes_is_of_no_shot(path: str) -> None:
    assert shot_of_takes(path) is None


@pytest.mark.parametrize(
    "path",
    [
        "takes/take_001",
        f"{DAWN}/takes",
        f"{DAWN}/takes/take_0001",
        f"{DAWN}/takes/notes",
        f"{DAWN}/take_001",
        f"{DAWN}/takes/take_001/more",
    ],
)
def test_what_is_no_takes_folder_is_of_no_shot(path: str) -> None:
    assert shot_of_take(path) is None


@pytest.mark.parametrize("path", ["takes/take_001", DAWN, f"{DAWN}/takes", f"{DAWN}/mistakes/a.mp4"])
def test_what_lies_in_no_takes_is_of_no_shot(path: str) -> None:
    assert shot_above(path) is None


@pytest.mark.parametrize(
    ("name", "ending"), [(thumbnail_name, THUMBNAIL), (sidecar_name, SIDECAR), (recipe_name, RECIPE)]
)
def test_what_lies_beside_media_is_named_after_it(name: Callable[[str, int], str], ending: str) -> None:
    found = name(DAWN, 2)
    assert found == beside(media_name(DAWN, 2, ".mp4"), ending)
    assert re.fullmatch(r"shot_001_take_002_[a-z]+\.(json|png)", found)
    assert is_picture(found) == (ending == THUMBNAIL)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("gulls.png", "image"),
        ("GULLS.PNG", "image"),
        ("gulls.v2.mov", "video"),
        ("..png", "image"),
        (".png", None),
        ("png", None),
        ("gulls.", None),
        ("gulls.png.", None),
        ("folder.png/gulls", None),
        ("folder.v1/gulls.mp4", "video"),
    ],
)
def test_the_end_of_a_name_tells_the_kind(name: str, kind: str | None) -> None:
    assert kind_of(name) == kind


@given(FOLDERS.filter(lambda name: not name.endswith(".")))
def test_the_end_of_a_name_is_what_pathlib_says_that_it_is(name: str) -> None:
    media = f"{name}.png"
    assert (kind_of(media) is not None) == (PurePosixPath(media).suffix == ".png")
