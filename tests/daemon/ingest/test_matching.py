"""Which shot a file is of: by what tells it, how sure that is, and that what may be of two is of none."""

import pytest

from daemon.ingest.matching import Match, Matcher, Unclear

GULLS, PIER, TRAM = "01_Harbour/010_Gulls_Over_The_Pier", "01_Harbour/020_Pier", "02_City/010_Night_Tram"
FILM = Matcher([GULLS, PIER, TRAM])


@pytest.mark.parametrize(
    ("name", "folders", "shot", "by", "sure"),
    [
        ("010_Gulls_Over_The_Pier_v3", [], GULLS, "name", "sure"),
        ("gulls-over-the-pier final", [], GULLS, "name", "sure"),
        ("GullsOverThePier_00012_", [], GULLS, "name", "sure"),
        ("wan22_night tram_4217", [], TRAM, "name", "sure"),
        ("020_comp", [], PIER, "name", "likely"),
        ("sh20_v001", [], PIER, "name", "likely"),
        ("pier_at_noon", [], PIER, "name", "likely"),
        ("shot_020_take_003", [], PIER, "name", "likely"),
        ("ComfyUI_00001_", ["old", "020_Pier"], PIER, "folder", "sure"),
        ("ComfyUI_00001_", ["old", "Night Tram", "drafts"], TRAM, "folder", "sure"),
        ("010_v2", ["old", "02_City"], TRAM, "name", "likely"),
        ("010_v2", ["old", "Harbour"], GULLS, "name", "likely"),
        ("render", ["01_Harbour", "010_Gulls_Over_The_Pier"], GULLS, "folder", "sure"),
    ],
)
def test_a_file_is_of_the_shot_that_its_name_or_its_folder_tells(
    name: str, folders: list[str], shot: str, by: str, sure: str
) -> None:
    found = FILM.by_name(name, folders)
    assert isinstance(found, Match)
    assert (found.shot, found.by, found.sure) == (shot, by, sure)


@pytest.mark.parametrize(
    ("name", "folders", "shots"),
    [
        ("010_v2", [], (GULLS, TRAM)),
        ("010_v2", ["old"], (GULLS, TRAM)),
        ("020_v2", ["010_Gulls_Over_The_Pier"], (GULLS, PIER)),
        ("ComfyUI_00010_", [], ()),
        ("render 1020", ["2026-11-20"], ()),
        ("tram", [], ()),
    ],
)
def test_what_may_be_of_two_shots_or_of_none_is_not_guessed(
    name: str, folders: list[str], shots: tuple[str, ...]
) -> None:
    assert FILM.by_name(name, folders) == Unclear(shots)


def test_a_prompt_tells_the_shot_whose_takes_have_it() -> None:
    film = Matcher(
        [GULLS, PIER, TRAM],
        {
            "Gulls over a pier, noon": [GULLS],
            "a tram at night": [TRAM, PIER],
            "an old lighthouse in fog": [PIER],
        },
    )
    same, near = film.by_prompt("gulls over a pier -- noon"), film.by_prompt("gulls over a pier, noon, 35mm")
    assert (same, near) == (
        Match(GULLS, "prompt", "gulls over a pier -- noon", "sure"),
        Match(GULLS, "prompt", "gulls over a pier, noon, 35mm", "likely"),
    )
    assert film.by_prompt("a tram at night") == Unclear((PIER, TRAM))
    assert film.by_prompt("a tram at night", (GULLS, TRAM)) == Match(
        TRAM, "prompt", "a tram at night", "sure"
    )
    assert film.by_prompt("a dog") == Unclear()
