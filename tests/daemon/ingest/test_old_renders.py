"""Old renders: what is passed over in a folder, and said, instead of being an error."""

from pathlib import Path

import pytest

from daemon.ingest.old_renders import NoFolder, parcels_below
from daemon.ingest.parcels import Parcel, refusal
from tests.support.film import put, still

TOO_LONG = Path("/" + "x" * 300)


def test_a_folder_that_cannot_be_there_is_not_there(tmp_path: Path) -> None:
    for folder in (TOO_LONG, tmp_path / "gone", put(tmp_path / "a.png", still())):
        with pytest.raises(NoFolder):
            list(parcels_below(folder, tmp_path / "Film"))


def test_what_cannot_be_looked_at_is_said(tmp_path: Path) -> None:
    assert "it cannot be looked at" in refusal(TOO_LONG, move=False)
    assert refusal(put(tmp_path / "a.png", still()), move=False) == ""


def test_a_link_that_leads_to_itself_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    put(tmp_path / "old" / "a.png", still())
    (tmp_path / "old" / "loop").symlink_to("loop")
    (tmp_path / "old" / "b.png").symlink_to("b.png")
    found = list(parcels_below(tmp_path / "old", tmp_path / "Film"))
    assert [one.media[0].name for one in found if isinstance(one, Parcel)] == ["a.png"]
    assert [one for one in found if not isinstance(one, Parcel)] == [
        (tmp_path / "old" / "b.png", "it is a link")
    ]
