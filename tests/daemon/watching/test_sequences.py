"""Which folders are sequences: two frames at least, of one kind and with one counter, and nothing else."""

from pathlib import Path

import pytest

from daemon.watching.sequences import EMPTY, NO_FRAMES, ONE_FRAME, NoSequence, recipe_of, sequence_in


def put(folder: Path, *names: str, content: bytes = b"a frame") -> Path:
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_bytes(content)
    return folder


@pytest.mark.parametrize(
    "names",
    [
        ("shot.0001.exr", "shot.0002.exr"),
        ("shot_v2_0001.png", "shot_v2_0002.png"),
        ("0001.dpx", "0002.dpx"),
        ("1.tif", "2.tif"),
        ("ComfyUI_00001_.png", "ComfyUI_00002_.png"),
        ("A.0001.EXR", "A.0002.exr"),
    ],
)
def test_a_counter_is_whatever_digits_the_name_ends_with(tmp_path: Path, names: tuple[str, str]) -> None:
    found = sequence_in(put(tmp_path / "folder", *names))
    assert list(found.frames.items()) == [(1, names[0]), (2, names[1])]
    assert found.suffix == Path(names[1]).suffix.lower()


@pytest.mark.parametrize(
    ("names", "why"),
    [
        ((), EMPTY),
        (("a.0001.exr",), ONE_FRAME),
        (("a.mp4", "b.mp4"), NO_FRAMES),
        (("a.0001.webp", "a.0002.webp"), NO_FRAMES),
        (("a.0001.exr", "b.0002.exr"), "more than the frames of one sequence"),
        (("a.0001.exr", "a.0002.png"), "more than the frames of one sequence"),
        (("a.0001.exr", "a.1.exr"), "more than the frames of one sequence"),
    ],
)
def test_a_folder_that_is_none_says_why(tmp_path: Path, names: tuple[str, ...], why: str) -> None:
    with pytest.raises(NoSequence) as caught:
        sequence_in(put(tmp_path / "folder", *names))
    assert why in caught.value.reason
    assert (caught.value.identity is not None) == (len(names) < 2)


def test_what_may_lie_beside_frames_is_no_frame(tmp_path: Path) -> None:
    folder = put(tmp_path / "folder", "a.0001.exr", "a.0002.exr", "a.json", "b.txt", ".DS_Store", "Thumbs.db")
    found = sequence_in(folder)
    assert (list(found.frames), found.is_partial, recipe_of(found)) == ([1, 2], False, "a.json")


def test_two_recipes_of_which_neither_is_called_like_the_frames_are_none(tmp_path: Path) -> None:
    folder = put(tmp_path / "folder", "a.0001.exr", "a.0002.exr", "x.json", "y.json")
    assert recipe_of(sequence_in(folder)) is None


@pytest.mark.parametrize(("name", "content"), [("a.0003.exr.part", b"half"), ("a.0003.exr", b"")])
def test_a_frame_that_is_still_to_come_is_noticed(tmp_path: Path, name: str, content: bytes) -> None:
    folder = put(put(tmp_path / "folder", "a.0001.exr", "a.0002.exr"), name, content=content)
    assert sequence_in(folder).is_partial


def test_any_change_makes_it_another_folder_than_it_was(tmp_path: Path) -> None:
    folder = put(tmp_path / "folder", "a.0001.exr", "a.0002.exr")
    seen = {sequence_in(folder).identity}
    (folder / "a.0002.exr").write_bytes(b"longer than it was")
    seen.add(sequence_in(folder).identity)
    put(folder, "a.0003.exr")
    seen.add(sequence_in(folder).identity)
    assert len(seen) == 3


def test_a_take_whose_frames_are_half_named_is_one_sequence(tmp_path: Path) -> None:
    folder = put(tmp_path / "folder", "shot_001_take_002.0001.exr", "a.0002.exr")
    assert list(sequence_in(folder, own="shot_001_take_002.").frames) == [1, 2]
