"""What comes back from an edit, as the libraries that write edits have it, is matched to takes; nothing is guessed."""

from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import opentimelineio as otio  # type: ignore[import-untyped]
import pytest

from daemon.edit.conform.matching import Conformed, conform
from daemon.edit.conform.readers import READERS, EditName
from daemon.edit.conform.used import UnreadableEdit, Used
from daemon.edit.cut import Cut
from events import Frames, TakeActivated, TakePurged
from tests.daemon.edit.cuts import DAWN, DUSK, NOON, ROOT, STILL, film, told, written

RATE = 24000 / 1001


def chosen(cut: Cut, text: str, name: EditName) -> list[tuple[str, int]]:
    """The takes that an edit has chosen, where all of its clips are clear."""
    found = conform(cut, READERS[name](text))
    assert not found.left
    return [(one.shot.path, one.take.number) for one in found.chosen]


def left(cut: Cut, *clips: Used) -> list[str]:
    return [one.reason for one in conform(cut, clips).left]


async def cut(folder: Path) -> Cut:
    async with film(folder) as one:
        return await one.cut()


def rechosen_otio(text: str) -> str:
    made = otio.adapters.read_from_string(text, "otio_json")
    made.tracks[0][0].active_media_reference_key = "take_003"
    return str(otio.adapters.write_to_string(made, "otio_json"))


def rechosen_edl(text: str) -> str:
    made = otio.adapters.read_from_string(text, "cmx_3600", rate=RATE, ignore_timecode_mismatch=True)
    clip = made.tracks[0][0]
    clip.media_reference.target_url = clip.media_reference.target_url.replace("take_002", "take_003")
    return str(otio.adapters.write_to_string(made, "cmx_3600", rate=RATE))


def rechosen_fcpxml(text: str) -> str:
    """The audition at dawn as an editor leaves it who has taken the second choice."""
    root = ET.fromstring(text)  # noqa: S314 - it is ours
    audition = next(root.iter("audition"))
    assert audition[1].attrib["name"] == "001_Dawn take_003"
    pick = audition[0]
    audition.remove(pick)
    audition.insert(1, pick)
    return ET.tostring(root, "unicode")


@pytest.mark.parametrize(
    ("name", "rechosen"), [("otio", rechosen_otio), ("edl", rechosen_edl), ("fcpxml", rechosen_fcpxml)]
)
async def test_what_was_exported_comes_back_and_so_does_another_choice(
    tmp_path: Path, name: EditName, rechosen: Callable[[str], str]
) -> None:
    film_ = await cut(tmp_path)
    for text in (written(film_, name), written(film_, name, relative=True)):
        assert chosen(film_, text, name) == [(DAWN, 2), (NOON, 1), (DUSK, 1)]
        assert chosen(film_, rechosen(text), name) == [(DAWN, 3), (NOON, 1), (DUSK, 1)]


def edit(*urls: str) -> otio.schema.Timeline:
    """An edit that knows nothing of us, of those files."""
    timeline = otio.schema.Timeline("Reel 1")
    track = otio.schema.Track("V1", kind=otio.schema.TrackKind.Video)
    timeline.tracks.append(track)
    span = otio.opentime.TimeRange(otio.opentime.RationalTime(0, 24), otio.opentime.RationalTime(48, 24))
    for url in urls:
        media = otio.schema.ExternalReference(url, available_range=span)
        track.append(otio.schema.Clip(url.rpartition("/")[2], media, span))
    return timeline


@pytest.mark.parametrize(
    ("name", "adapter"), [("otio", "otio_json"), ("edl", "cmx_3600"), ("fcpxml", "fcpx_xml")]
)
async def test_the_edit_of_a_stranger_is_known_by_its_files(
    tmp_path: Path, name: EditName, adapter: str
) -> None:
    film_ = await cut(tmp_path)
    here = f"{ROOT.as_uri()}/{DAWN}/takes/take_003/shot_001_take_003.mp4"
    copied = f"file:///Volumes/Edit/Copy%20of%20it/{NOON}/takes/take_001/noon_take_001.png"
    text = otio.adapters.write_to_string(edit(here, copied), adapter)
    assert chosen(film_, text, name) == [(DAWN, 3), (NOON, 1)]


async def test_a_file_of_another_system_is_known_by_its_path(tmp_path: Path) -> None:
    film_ = await cut(tmp_path)
    windows = Used("a", rf"D:\Films\{NOON}\takes\take_001\noon_take_001.png".replace("/", "\\"))
    assert [one.take.number for one in conform(film_, [windows]).chosen] == [1]


async def test_an_image_sequence_is_known_by_any_of_its_names(tmp_path: Path) -> None:
    found = Frames(suffix=".exr", digits=4, first=1001, last=1024, count=24, bytes=9000, poster=1001)
    facts = {**STILL, "name": "shot_001_take_001.frames", "frames": found, "frame_rate": 24.0}
    async with told(tmp_path) as one:
        await one.drop(DAWN, 1, **facts)
        await one.tell(DAWN, TakeActivated(take=1))
        film_ = await one.cut()
    folder = f"/elsewhere/{DAWN}/takes/take_001"
    for number in ("1001", "1010", "[1001-1024]", "%04d", "####"):
        (known,) = conform(film_, [Used("a", f"{folder}/shot_001_take_001.{number}.exr")]).chosen
        assert known.take.number == 1
    for name in ("otio", "fcpxml", "edl"):
        assert chosen(film_, written(film_, name), name) == [(DAWN, 1)]


async def test_what_is_not_clear_is_left_with_the_reason(tmp_path: Path) -> None:
    async with film(tmp_path) as one:
        await one.tell(DAWN, TakePurged(take=4, bytes=1))
        film_ = await one.cut()
    media = f"/films/A Film/{DAWN}/takes/take_00{{}}/shot_001_take_00{{}}.mp4"
    assert left(film_, Used("a", "/elsewhere/gulls.mp4")) == ["no take of this film has that file"]
    assert left(film_, Used("a title")) == ["it names no file of this film"]
    assert left(film_, Used("a", media.format(4, 4))) == ["take_004 is purged: its bytes are gone"]
    assert left(film_, Used("a", "/cache/shot_001_take_001.mp4")) == [
        "01_Sea:001_Dawn take_001 and 02_Pier:001_Dusk take_001 have a file of that name"
    ]
    assert "have these bytes" in left(film_, Used("a", sha256="ab" * 32))[0]
    assert left(film_, Used("a", media.format(2, 2), sha256="cd" * 32)) == [
        "take_002 of this film is another file, by its hash"
    ]
    two = [Used("a", media.format(number, number)) for number in (2, 3, 2)]
    found = conform(film_, two)
    assert not found.chosen
    assert [one.reason for one in found.left] == ["the edit uses take_002 and take_003 of this shot"] * 2


async def test_a_take_that_is_used_twice_is_one_choice(tmp_path: Path) -> None:
    clip = Used("shot_001_take_003.mp4")
    found: Conformed = conform(await cut(tmp_path), [clip, clip])
    assert [(one.shot.path, one.take.number) for one in found.chosen] == [(DAWN, 3)]


def test_sound_black_and_what_is_switched_off_are_no_choices() -> None:
    lines = [
        "001  BL       V     C        00:00:00:00 00:00:01:00 01:00:00:00 01:00:01:00",
        "002  AX       A2    C        00:00:00:00 00:00:01:00 01:00:00:00 01:00:01:00",
        "* FROM CLIP NAME: music.wav",
        "003  AX       V     C        00:00:00:00 00:00:00:00 01:00:01:00 01:00:01:00",
        "003  AX       V     D    024 00:00:00:00 00:00:01:00 01:00:01:00 01:00:02:00",
        "* FROM CLIP NAME: one.mp4",
        "* TO CLIP NAME: two.mp4",
        "M2   AX       024.0                00:00:00:00",
        "004  AX       AA/V  C        00:00:00:00 00:00:01:00 01:00:02:00 01:00:03:00",
        "* FROM CLIP NAME: three.mp4",
    ]
    assert [one.name for one in READERS["edl"]("\r\n".join(lines))] == ["two.mp4", "three.mp4"]
    off = (
        '<fcpxml version="1.11"><project><sequence><spine><asset-clip name="a" ref="r1" enabled="0"/></spine>'
    )
    assert READERS["fcpxml"](f"{off}</sequence></project></fcpxml>") == []
    sound = '{"OTIO_SCHEMA": "Track.1", "kind": "Audio", "children": [{"OTIO_SCHEMA": "Clip.2"}]}'
    assert READERS["otio"](sound) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("edl", ""),
        ("edl", "TITLE: nothing"),
        ("otio", "{"),
        ("otio", "[]"),
        ("otio", '{"OTIO_SCHEMA": "Clip.2"}'),
        ("otio", '{"OTIO_SCHEMA": "Stack.1", "children": 3}'),
        ("otio", '{"children": [' * 100_000),
        ("fcpxml", "<fcpxml>"),
        ("fcpxml", "<xmeml/>"),
        ("fcpxml", '<!DOCTYPE a [<!ENTITY b "c">]><fcpxml>&b;</fcpxml>'),
        ("fcpxml", "\ud800"),
    ],
)
def test_a_file_that_is_no_such_edit_is_refused(name: EditName, text: str) -> None:
    with pytest.raises(UnreadableEdit):
        READERS[name](text)
