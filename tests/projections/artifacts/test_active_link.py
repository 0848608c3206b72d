"""The active link: it is looked into where it, or what it should be, is not what it was when it was right."""

from pathlib import Path
from typing import Any

import pytest

from projections.artifacts import active_link
from projections.artifacts.active_link import ActiveLink
from projections.board import Board
from projections.film import Film
from projections.index.rows import ShotRow, ShotTakes, TakeRow
from projections.keeping import EVERYTHING
from projections.projection import Left

SHOT = "01_Harbour/001_Gulls"


class EveryTake:
    """An index that knows each take that a link may lead to."""

    async def take(self, shot: int, number: int) -> TakeRow:
        return TakeRow(shot, number, "", status="complete")


@pytest.fixture
def film(tmp_path: Path) -> Film:
    for number in (1, 2):
        (tmp_path / SHOT / "takes" / f"take_{number:03d}").mkdir(parents=True)
    return Film(tmp_path, EveryTake(), None, Board(), EVERYTHING)  # type: ignore[arg-type]


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The shots whose link was read."""
    seen, known = list[Path](), active_link.active_on_disk

    def note(shot: Path) -> int | None:
        seen.append(shot)
        return known(shot)

    monkeypatch.setattr(active_link, "active_on_disk", note)
    return seen


def touched(active: int | None) -> list[ShotTakes]:
    return [ShotTakes(ShotRow(1, "a", SHOT, active=active), [])]


async def test_a_link_that_is_as_it_was_made_is_not_read_again(film: Film, read: list[Path]) -> None:
    link, path = ActiveLink(), film.root / SHOT / "active_take"
    assert not await link.mend(film, touched(1))
    read.clear()
    assert not await link.mend(film, touched(1))
    assert not read
    assert not await link.mend(film, touched(2))
    assert read
    assert str(path.readlink()) == "takes/take_002"


async def test_a_link_that_is_gone_is_made_again(film: Film) -> None:
    link, path = ActiveLink(), film.root / SHOT / "active_take"
    await link.mend(film, touched(1))
    path.unlink()
    assert not await link.mend(film, touched(1))
    assert str(path.readlink()) == "takes/take_001"


async def test_a_shot_that_is_not_there_any_more_is_told_of(film: Film) -> None:
    link, folder = ActiveLink(), film.root / SHOT
    await link.mend(film, touched(1))
    folder.rename(folder.with_name("gone"))
    for _ in range(2):
        (trouble,) = await link.mend(film, touched(1))
        assert not isinstance(trouble, str)
        folder.touch()


async def test_a_link_that_comes_back_with_its_shot_stays_until_it_is_followed(
    film: Film, monkeypatch: pytest.MonkeyPatch
) -> None:
    link, shot, away = ActiveLink(), film.root / SHOT, film.root / "away"
    (shot / "active_take").symlink_to("takes/take_002")
    shot.rename(away)
    mend = link._mend

    def after_it_is_back(*asked: Any) -> Any:
        if away.exists():  # once it was decided that there is nothing to be left
            away.rename(shot)
        return mend(*asked)

    monkeypatch.setattr(link, "_mend", after_it_is_back)
    assert await link.mend(film, touched(None)) == [Left("a")]
    assert str((shot / "active_take").readlink()) == "takes/take_002"
