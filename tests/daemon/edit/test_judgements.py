"""What people have said of takes goes along into the edit, where each format has a place for it."""

import csv
import io
from pathlib import Path
from xml.etree import ElementTree as ET

import opentimelineio as otio  # type: ignore[import-untyped]
import pytest

from daemon.edit.cut import Cut
from events import ShotNoted, ShotStaged, Stroke, TakeMarked, TakeNoted, TakeNoteMarked, TakeRated, TakeTagged
from tests.daemon.edit import structure
from tests.daemon.edit.cuts import DAWN, film, written

ARROW = (Stroke(kind="arrow", points=(0.1, 0.2, 0.5, 0.5), colour="red"),)


async def judged(folder: Path) -> Cut:
    """The second take at dawn is a pick with four stars, two tags and three notes that stand; the first is rejected."""
    async with film(folder) as one:
        await one.tell(
            DAWN,
            TakeRated(take=2, rating=4, by="anna"),
            TakeMarked(take=2, mark="pick", by="anna"),
            TakeTagged(take=2, added=("hero", "night"), by="anna"),
            TakeNoted(take=2, note=1, text="six\nfingers", frame=12, last_frame=20, by="anna", drawing=ARROW),
            TakeNoted(take=2, note=2, text="the horizon tilts", frame=40, last_frame=90, by="ben"),
            TakeNoted(take=2, note=3, text="the best so far", by="anna"),
            TakeNoted(take=2, note=4, text="nonsense", frame=1, by="ben"),
            TakeNoted(take=2, note=5, text="long after its end", frame=4000, by="ben"),
            TakeNoteMarked(take=2, note=2, state="resolved", by="ben"),
            TakeNoteMarked(take=2, note=4, state="withdrawn", by="ben"),
            TakeMarked(take=1, mark="reject", by="anna"),
            ShotStaged(stage="review", by="anna"),
            ShotNoted(note=1, text="wider", by="anna"),
        )
        return await one.cut()


async def test_a_timeline_has_them_as_metadata_and_notes_at_frames_as_markers(tmp_path: Path) -> None:
    text = written(await judged(tmp_path), "otio")
    clip = otio.adapters.read_from_string(text, "otio_json").tracks[0][0]
    about = clip.media_reference.metadata["takes"]
    assert (about["rating"], about["mark"], list(about["tags"])) == (4, "pick", ["hero", "night"])
    assert [note["note"] for note in about["notes"]] == [1, 2, 3, 5]
    assert clip.media_references()["take_001"].metadata["takes"]["mark"] == "reject"
    assert "rating" not in clip.media_references()["take_003"].metadata["takes"]
    assert (clip.metadata["takes"]["stage"], clip.metadata["takes"]["notes"][0]["text"]) == (
        "review",
        "wider",
    )
    found = [
        (one.name, one.comment, one.color, one.marked_range.start_time.value, one.marked_range.duration.value)
        for one in clip.markers
    ]
    assert found == [
        ("anna", "six\nfingers", "RED", 12, 9),
        ("ben", "the horizon tilts", "GREEN", 40, 8),  # which is as far as the take goes
    ]
    (drawn,) = clip.markers[0].metadata["takes"]["drawing"]
    assert (drawn["kind"], list(drawn["points"]), drawn["colour"]) == ("arrow", [0.1, 0.2, 0.5, 0.5], "red")
    assert all(one.marked_range.start_time.rate == 24000 / 1001 for one in clip.markers)


async def test_fcpxml_has_markers_to_be_done_favourites_and_keywords(tmp_path: Path) -> None:
    root = ET.fromstring(written(await judged(tmp_path), "fcpxml"))  # noqa: S314 - it is ours
    structure.check(root)
    pick, _, rejected = root.iter("audition").__next__()
    markers = [(one.get("start"), one.get("value"), one.get("completed")) for one in pick.iter("marker")]
    assert markers == [
        ("12012/24000s", "anna at 12-20: six fingers", "0"),
        ("40040/24000s", "ben at 40-90: the horizon tilts (resolved)", "1"),
    ]
    assert [one.get("value") for one in pick.iter("rating")] == ["favorite"]
    assert [one.get("value") for one in rejected.iter("rating")] == ["reject"]
    assert [one.get("value") for one in pick.iter("keyword")] == ["hero, night, rating 4"]
    said = pick.findtext("note") or ""
    assert "rating: 4\nmark: pick\ntags: hero, night\nanna: the best so far\n" in said
    assert "ben at 4000: long after its end" in said


async def test_an_edl_has_comments_and_locators(tmp_path: Path) -> None:
    text = written(await judged(tmp_path), "edl")
    assert "* RATING: 4\n* MARK: pick\n* TAGS: hero, night\n* NOTE: anna at 12-20: six fingers\n" in text
    made = otio.adapters.read_from_string(text, "cmx_3600", rate=24000 / 1001, ignore_timecode_mismatch=True)
    markers = [(one.name, one.color) for one in made.tracks[0][0].markers]
    assert markers == [("six fingers", "RED"), ("the horizon tilts", "GREEN")]
    assert "* LOC: 01:00:00:12 RED     six fingers\n" in text


async def test_the_sheet_has_a_column_for_each(tmp_path: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(written(await judged(tmp_path), "csv"), newline="")))
    assert [rows[1][name] for name in ("rating", "mark", "tags")] == ["4", "pick", "hero, night"]
    assert rows[1]["notes"].splitlines()[2] == "anna: the best so far"
    assert rows[0]["mark"] == "reject"


@pytest.mark.parametrize("handles", [0, 8])
async def test_every_fcpxml_has_the_structure_of_the_format(tmp_path: Path, handles: int) -> None:
    async with film(tmp_path) as one:
        root = ET.fromstring(written(await one.cut(handles=handles), "fcpxml"))  # noqa: S314 - it is ours
    structure.check(root)
