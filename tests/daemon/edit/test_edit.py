"""What is handed over to an edit, read by the libraries that edits are read with."""

import csv
import io
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree as ET

import opentimelineio as otio  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from daemon.edit.edl import MOST_EDITS, TooManyShots
from daemon.edit.formats import FORMATS, FormatName
from daemon.edit.rates import exact, frames
from events import Frames, TakeActivated
from projections.media.timecode import timecode
from tests.daemon.edit.cuts import DAWN, NOON, RECIPE, SEED, STILL, film, told, written


async def test_a_timeline_has_every_take_and_the_active_one_chosen(tmp_path: Path) -> None:
    async with film(tmp_path) as one:
        made = otio.adapters.read_from_string(written(await one.cut(), "otio"), "otio_json")
    (track,) = made.tracks
    dawn, noon, night, dusk = track
    assert [item.name for item in track] == ["001_Dawn", "002_Noon", "003_Night", "001_Dusk"]
    assert list(dawn.media_references()) == ["take_001", "take_002", "take_003"]
    assert dawn.active_media_reference_key == "take_002"
    chosen = dawn.media_reference
    assert chosen.target_url == f"file:///films/A%20Film/{DAWN}/takes/take_002/shot_001_take_002.mp4"
    assert chosen.metadata["takes"]["recipe"]["seed"] == str(SEED)
    assert chosen.metadata["takes"]["recipe"]["loras"][0]["name"] == "grain"
    assert (dawn.source_range.duration.value, dawn.source_range.duration.rate) == (48, 24000 / 1001)
    assert (noon.source_range.duration.value, night.source_range.duration.value) == (72, 72)
    assert isinstance(night, otio.schema.Gap)
    assert (dusk.source_range.duration.value, dusk.source_range.duration.rate) == (50, 25)


async def test_handles_are_left_out_at_both_ends_where_a_take_is_long_enough(tmp_path: Path) -> None:
    async with film(tmp_path) as one:
        made = otio.adapters.read_from_string(written(await one.cut(handles=8), "otio"), "otio_json")
        dawn, noon, *_ = made.tracks[0]
        assert (dawn.source_range.start_time.value, dawn.source_range.duration.value) == (8, 32)
        assert dawn.available_range().duration.value == 48
        assert noon.source_range.start_time.value == 0
        whole = otio.adapters.read_from_string(written(await one.cut(handles=24), "otio"), "otio_json")
        assert whole.tracks[0][0].source_range.duration.value == 48


async def test_paths_are_from_the_films_folder_where_that_is_wanted(tmp_path: Path) -> None:
    async with film(tmp_path) as one:
        cut = await one.cut()
    made = otio.adapters.read_from_string(written(cut, "otio", relative=True), "otio_json")
    assert made.tracks[0][0].media_reference.target_url == f"{DAWN}/takes/take_002/shot_001_take_002.mp4"
    assert f'src="{DAWN}/takes/' in written(cut, "fcpxml", relative=True)


async def test_an_image_sequence_is_one_clip_with_its_own_numbers(tmp_path: Path) -> None:
    found = Frames(
        suffix=".exr", digits=4, first=1001, last=1024, count=23, bytes=9000, poster=1001, missing=1
    )
    facts = {**STILL, "name": "shot_001_take_001.frames", "frames": found, "frame_rate": 24.0}
    async with told(tmp_path) as one:
        await one.drop(DAWN, 1, **facts)
        await one.tell(DAWN, TakeActivated(take=1))
        cut = await one.cut(handles=2)
    clip = otio.adapters.read_from_string(written(cut, "otio"), "otio_json").tracks[0][0]
    reference = clip.media_reference
    assert reference.target_url_for_image_number(0).endswith("/take_001/shot_001_take_001.1001.exr")
    assert (reference.start_frame, reference.end_frame()) == (1001, 1024)
    assert clip.source_range.duration.value == 20
    assert "/shot_001_take_001.1001.exr" in written(cut, "fcpxml")
    assert ",9000," in written(cut, "csv")


async def test_an_edl_is_read_as_the_active_takes_one_behind_the_other(tmp_path: Path) -> None:
    async with film(tmp_path) as one:
        text = written(await one.cut(), "edl")
    made = otio.adapters.read_from_string(text, "cmx_3600", rate=24000 / 1001, ignore_timecode_mismatch=True)
    items = list(made.tracks[0])
    assert [item.name for item in items] == ["001_Dawn", "002_Noon", "003_Night", "001_Dusk"]
    assert [item.duration().value for item in items] == [48, 72, 72, 48]
    assert "* TAKE: take_002\n* MODEL: wan2.1.safetensors\n* SEED: 18446744073709551615\n" in text
    assert "003  BL       V     C        00:00:00:00 00:00:03:00 01:00:05:00 01:00:08:00\n" in text
    assert text.startswith("TITLE: A Film\nFCM: NON-DROP FRAME\n")


async def test_an_edl_drops_frames_where_the_film_does(tmp_path: Path) -> None:
    async with told(tmp_path) as one:
        await one.drop(DAWN, 1, duration=120.0, frame_rate=29.97)
        await one.drop(NOON, 1, duration=2.0, frame_rate=29.97)
        await one.tell(DAWN, TakeActivated(take=1))
        await one.tell(NOON, TakeActivated(take=1))
        text = written(await one.cut(), "edl")
    assert "FCM: DROP FRAME" in text
    assert "00:00:00;00 00:01:59;28 01:00:00;00 01:01:59;28" in " ".join(text.split())


async def test_a_film_of_very_many_shots_has_no_edl(tmp_path: Path) -> None:
    async with film(tmp_path) as one:
        cut = await one.cut()
    many = replace(cut, clips=[cut.clips[0]] * (MOST_EDITS + 1))
    with pytest.raises(TooManyShots, match="1000 shots"):
        written(many, "edl")


async def test_fcpxml_is_read_as_the_active_takes_and_has_the_others_as_auditions(tmp_path: Path) -> None:
    async with film(tmp_path) as one:
        text = written(await one.cut(), "fcpxml")
    root = ET.fromstring(text)  # noqa: S314 - it is ours
    assets = {asset.attrib["id"]: asset for asset in root.iter("asset")}
    formats = {one.attrib["id"]: one.attrib for one in root.iter("format")}
    spine = root.find("library/event/project/sequence/spine")
    assert spine is not None
    audition, noon, gap, dusk = spine
    assert [item.tag for item in spine] == ["audition", "asset-clip", "gap", "asset-clip"]
    assert [clip.attrib["name"] for clip in audition] == [
        "001_Dawn take_002",
        "001_Dawn take_003",
        "001_Dawn take_001",
    ]
    assert not any("offset" in clip.attrib for clip in audition)
    assert {clip.attrib["ref"] for clip in root.iter("asset-clip")} == set(assets)
    assert formats[assets[dusk.attrib["ref"]].attrib["format"]]["frameDuration"] == "1/25s"
    assert formats[assets[audition[0].attrib["ref"]].attrib["format"]]["frameDuration"] == "1001/24000s"
    ends = [
        seconds(item, "offset") + seconds(audition[0] if item is audition else item, "duration")
        for item in spine
    ]
    assert [seconds(item, "offset") for item in spine] == [0, *ends[:-1]]
    frame = Fraction(1001, 24000)
    assert all((end / frame).denominator == 1 for end in ends)
    assert seconds(root.find(".//sequence"), "duration") == ends[-1]
    assert "gulls &  <fog>" in (audition[0].findtext("note") or "")
    assert noon.findtext("note") is None
    assert gap.findtext("note") == "01_Sea:003_Night has no active take"


def seconds(item: ET.Element | None, name: str) -> Fraction:
    assert item is not None
    return Fraction(item.attrib[name].removesuffix("s"))


async def test_the_sheet_has_a_row_for_each_take_and_nothing_to_be_calculated(tmp_path: Path) -> None:
    async with film(tmp_path) as one:
        raw = FORMATS["csv"].write(await one.cut(), False)
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    assert [(row["shot"], row["take"], row["active"]) for row in rows] == [
        *(("01_Sea:001_Dawn", str(number), "yes" if number == 2 else "") for number in (1, 2, 3, 4)),
        ("01_Sea:002_Noon", "1", "yes"),
        ("01_Sea:003_Night", "1", ""),
        ("02_Pier:001_Dusk", "1", "yes"),
    ]
    dawn = rows[1]
    assert dawn["seed"] == str(SEED)
    assert dawn["prompt"] == RECIPE["prompt"]
    assert dawn["origin"] == "'=render.mp4"
    assert dawn["file"] == f"{DAWN}/takes/take_002/shot_001_take_002.mp4"
    assert rows[3]["deleted"] == "asked"
    assert (rows[5]["status"], rows[5]["error"]) == ("failed", "cut off")


@pytest.mark.parametrize("name", ["otio", "fcpxml", "edl", "csv"])
async def test_an_empty_film_is_a_file_too(tmp_path: Path, name: FormatName) -> None:
    async with told(tmp_path) as one:
        assert written(await one.cut(), name)


@given(
    st.integers(0, 24 * 3600 * 30 - 1),
    st.sampled_from([(24, 1), (25, 1), (30, 1), (24000, 1001), (30000, 1001), (60000, 1001)]),
)
def test_timecode_is_that_of_opentimelineio(count: int, parts: tuple[int, int]) -> None:
    rate = Fraction(*parts)
    time = otio.opentime.RationalTime(count, float(rate))
    assert timecode(count, rate) == otio.opentime.to_timecode(time, float(rate), None)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (23.976, (24000, 1001)),
        (23.98, (24000, 1001)),
        (29.97, (30000, 1001)),
        (24.0, (24, 1)),
        (12.5, (25, 2)),
        (59.94, (60000, 1001)),
    ],
)
def test_a_rate_in_decimals_is_the_exact_one_that_is_meant(written: float, meant: tuple[int, int]) -> None:
    assert exact(written) == Fraction(*meant)
    assert frames(10, Fraction(*meant)) == round(10 * Fraction(*meant))
