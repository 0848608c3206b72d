"""What the names of files say of the render that they came of."""

import pytest

from daemon.watching.renders import Name, is_one, parse


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("AnimateDiff_00001.png", Name("AnimateDiff_00001", "picture", ".png")),
        ("AnimateDiff_00001.mp4", Name("AnimateDiff_00001", "video", ".mp4")),
        ("AnimateDiff_00001-audio.mp4", Name("AnimateDiff_00001", "sound", ".mp4")),
        ("x_00001-audio.WEBM", Name("x_00001", "sound", ".webm")),
        ("x_00001.gif", Name("x_00001", "video", ".gif")),
        ("x_00001-audio.gif", Name("x_00001-audio", "video", ".gif")),
        ("-audio.mp4", Name("-audio", "video", ".mp4")),
        ("x.wav", None),
        ("x.jpg", None),
    ],
)
def test_a_name_says_what_a_file_is_of_its_render(name: str, expected: Name | None) -> None:
    assert parse(name) == expected


def counted(name: str) -> bool:
    found = parse(name)
    return found is not None and found.is_counted


def test_the_counter_is_that_of_videohelpersuite() -> None:
    assert counted("a_00001.png")
    assert counted("a_123456-audio.mp4")
    assert not counted("a_00001_.png")  # ComfyUI's own savers
    assert not counted("a_0001.png")
    assert not counted("a00001.png")


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("a.png", "a.mp4", "a-audio.mp4"), True),
        (("a.png", "a.gif"), True),
        (("a.mp4", "a.webm"), False),
        (("a.mp4", "a-audio.webm"), False),
    ],
)
def test_the_files_of_one_render_are_of_one_kind(names: tuple[str, ...], *, expected: bool) -> None:
    assert is_one(found for name in names if (found := parse(name))) is expected
