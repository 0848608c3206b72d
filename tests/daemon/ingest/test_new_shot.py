"""How a new shot is called, and when it is refused."""

from pathlib import Path

import pytest

from daemon.ingest.new_shot import BadShotName, ShotExists, make_shot
from daemon.ingest.shots_on_disk import NoSuchScene, SceneNotClear


def film(root: Path, *shots: str) -> Path:
    for shot in shots:
        (root / shot / "takes").mkdir(parents=True)
    return root


@pytest.mark.parametrize(
    ("shots", "name", "made"),
    [
        (["010_Gulls_Over", "020_Pier"], "030 Gulls Over The Pier", "030_Gulls_Over_The_Pier"),
        (["010_Gulls_Over", "020_Pier"], "15 Boats", "015_Boats"),
        (["010_Gulls_Over", "020_Pier"], "Boats at Noon", "030_Boats_at_Noon"),
        (["1 - Gulls over", "2 - Pier"], "Boats at Noon", "3 - Boats at Noon"),
        (["0100-gulls-over", "0200-the-pier"], "Boats at Noon", "0300-Boats-at-Noon"),
        (["gulls_over", "the_pier"], "Boats at Noon", "Boats_at_Noon"),
        (["001_A", "002_B"], "C", "003_C"),
        (["001_A", "002_B"], "7", "007"),
        ([], "Boats at Noon", "010_Boats_at_Noon"),
    ],
)
def test_a_shot_is_called_as_the_others_are(tmp_path: Path, shots: list[str], name: str, made: str) -> None:
    assert make_shot(film(tmp_path, *shots), name, None, tmp_path) == made
    assert (tmp_path / made / "takes").is_dir()


def test_a_number_or_a_name_that_is_used_is_refused_and_a_free_one_is_told(tmp_path: Path) -> None:
    film(tmp_path, "010_Gulls", "020_Pier")
    (tmp_path / "030_Empty").mkdir()
    with pytest.raises(ShotExists) as error:
        make_shot(tmp_path, "10 Other", None, tmp_path)
    assert error.value.candidates == ["010_Gulls"]
    assert "015" in error.value.hint
    with pytest.raises(ShotExists, match="of that name"):
        make_shot(tmp_path, "010 GULLS", None, tmp_path)
    with pytest.raises(ShotExists, match="without takes"):
        make_shot(tmp_path, "30 Empty", None, tmp_path)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["010_Gulls", "020_Pier", "030_Empty"]


@pytest.mark.parametrize("name", ["a/b", "a\\b", " ", "a\x07b", "x" * 300])
def test_a_name_that_no_folder_can_have_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadShotName):
        make_shot(film(tmp_path, "010_Gulls"), name, None, tmp_path)


def test_the_scene_is_the_one_that_is_meant(tmp_path: Path) -> None:
    film(tmp_path, "01_Harbour/010_Gulls", "02_City/010_Tram")
    with pytest.raises(SceneNotClear) as error:
        make_shot(tmp_path, "Boats", None, tmp_path)
    assert error.value.candidates == ["01_Harbour", "02_City"]
    assert make_shot(tmp_path, "Boats", "harbour", tmp_path) == "01_Harbour/020_Boats"
    assert make_shot(tmp_path, "Boats", "2", tmp_path) == "02_City/020_Boats"
    assert make_shot(tmp_path, "Bus", None, tmp_path / "02_City/010_Tram") == "02_City/030_Bus"
    with pytest.raises(NoSuchScene) as missing:
        make_shot(tmp_path, "Boats", "01_Harbor", tmp_path)
    assert missing.value.candidates == ["01_Harbour"]
    for outside in (
        "../elsewhere",
        "/elsewhere/..",
        ".takes",
        "01_Harbour/010_Gulls/takes",
        "x" * 300,
        "a\0b",
    ):
        with pytest.raises(NoSuchScene):
            make_shot(tmp_path, "Boats", outside, tmp_path, make_scene=True)
    assert make_shot(tmp_path, "10 Sea", "03_Sea", tmp_path, make_scene=True) == "03_Sea/010_Sea"
