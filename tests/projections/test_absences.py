"""What is away is not done: it is kept, told of, and done when it is back; and what is gone for good is not waited for."""

import errno
from collections.abc import Collection, Sequence
from pathlib import Path

import anyio
import pytest

from events import DiskRefused, MemoryLog, TakeKey
from projections.absences import Absences
from projections.film import Film
from projections.index.rows import ShotTakes
from projections.layout import sidecar_name, take_name, takes_path, thumbnail_name
from projections.projection import Away, Reactor, Trouble
from tests.events.samples import media
from tests.projections.histories import PATHS, Step, Teller
from tests.projections.test_replay import Screening, screening
from tests.support.deadline import DEADLINE
from tests.support.film import until

SHOT = PATHS[0]
TAKE = f"{takes_path(SHOT)}/take_001"

MADE: tuple[Step, ...] = ((0, "create", 1), (0, "complete", 1), (0, "create", 1), (0, "complete", 2))
"""A shot with two takes, of which the first is active."""


async def tell(teller: Teller, *steps: Step) -> None:
    for turn, step in enumerate(steps):
        await teller.tell(step, turn)


async def looked(film: Screening) -> None:
    """Every projection has looked at all that the log tells."""
    for standing in film.projector.standings()[1:]:
        await film.projector.catch_up(standing.name, film.log.head)


def behind(film: Screening) -> list[str]:
    return [standing.name for standing in film.projector.standings() if standing.behind]


@pytest.mark.parametrize("folder", ["01_A", SHOT, takes_path(SHOT), TAKE])
@pytest.mark.parametrize(
    "step",
    [
        (0, "complete", 3),
        (0, "fail", 3),
        (0, "activate", 2),
        (0, "delete", 1),
        (0, "delete", 2),
        (0, "restore", 4),
        (0, "purge", 4),
    ],
)
async def test_what_happens_while_a_folder_is_away_is_made_when_it_is_back(
    tmp_path: Path, folder: str, step: Step
) -> None:
    log = MemoryLog()
    before: list[Step] = [(0, "create", 1), (0, "create", 1), (0, "complete", 4), (0, "delete", 4)]
    async with screening(tmp_path, log) as film:
        teller = Teller(tmp_path, log)
        await teller.begin()
        await tell(teller, *MADE, *before)
        await film.at_rest()
        (tmp_path / folder).rename(tmp_path / "away")
        await tell(teller, step)
        await looked(film)
        (tmp_path / "away").rename(tmp_path / folder)
        assert await film.projector.differences() == []
        assert behind(film) == []
        assert film.projector.waiting() == {}


async def test_who_waits_for_what_is_away_is_told_and_has_not_come_past_it(tmp_path: Path) -> None:
    log = MemoryLog()
    async with screening(tmp_path, log) as film:
        teller = Teller(tmp_path, log)
        await teller.begin()
        (tmp_path / TAKE).rename(tmp_path / "away")
        await tell(teller, *MADE[:2])
        await looked(film)
        assert behind(film) == ["active-link", "sidecars", "recipes", "thumbnails"]
        assert film.projector.waiting() == {
            SHOT: "it is not there; for it wait active-link",
            TAKE: "it is not there; for it wait sidecars, recipes",
            f"{TAKE}/{media(1).name}": "it is not there; for it wait thumbnails",
        }


async def test_of_what_the_scan_says_that_it_is_gone_nobody_waits_any_more(tmp_path: Path) -> None:
    log = MemoryLog()
    async with screening(tmp_path, log) as film:
        teller = Teller(tmp_path, log)
        await teller.begin()
        (tmp_path / TAKE).rename(tmp_path / "away")
        await tell(teller, *MADE[:2], (0, "miss", 1))
        await film.at_rest()
        assert film.projector.waiting() == {}


async def test_a_hidden_take_that_is_removed_holds_nothing_up(tmp_path: Path) -> None:
    log = MemoryLog()
    async with screening(tmp_path, log) as film:
        teller = Teller(tmp_path, log)
        await teller.begin()
        await tell(teller, *MADE)
        await film.at_rest()
        (tmp_path / takes_path(SHOT) / "take_002").rename(tmp_path / "away")
        await tell(teller, (0, "delete", 2), (0, "purge", 2))
        await film.at_rest()
        assert film.projector.waiting() == {}


class Slow(Reactor):
    """Misses the folder of the first take, and needs longer for the others than those that follow it would."""

    name = "slow"
    pause = 0.0

    def __init__(self) -> None:
        self.done: set[int] = set()

    async def mend(self, film: Film, touched: Sequence[ShotTakes]) -> Collection[Trouble]:
        for _ in range(20):
            await film.index.shots()
        found = [(one.shot, take) for one in touched for take in one.takes]
        self.done |= {take.number for _, take in found}
        return [Away.of_take(shot, take, TAKE) for shot, take in found if take.number == 1]

    async def differences(self, film: Film, touched: Sequence[ShotTakes]) -> Collection[str]:
        return ()

    async def start_over(self, film: Film, touched: Sequence[ShotTakes]) -> None:
        """There is nothing of it."""


class Follower(Slow):
    """Notes of each take that it looks at whether the one that it follows was through with it."""

    name = "follower"

    def __init__(self, other: Slow) -> None:
        super().__init__()
        self._other = other
        self.early: set[int] = set()

    async def mend(self, film: Film, touched: Sequence[ShotTakes]) -> Collection[Trouble]:
        numbers = {take.number for one in touched for take in one.takes}
        self.early |= numbers - self._other.done
        self.done |= numbers
        return []


async def test_who_follows_others_waits_for_them_though_something_is_away(tmp_path: Path) -> None:
    log, slow = MemoryLog(), Slow()
    follower = Follower(slow)
    async with screening(tmp_path, log, [slow], [follower]) as film:
        with anyio.fail_after(DEADLINE):
            teller = Teller(tmp_path, log)
            await teller.begin()
            await tell(teller, *MADE[:2])
            while not film.projector.waiting():  # noqa: ASYNC110
                await anyio.sleep(0.001)
            await tell(teller, *MADE[2:])
            while 2 not in follower.done:  # noqa: ASYNC110
                await anyio.sleep(0.001)
            assert follower.early == set()


@pytest.mark.parametrize("last", ["complete", "purge"])
async def test_what_was_away_is_not_forgotten_by_a_restart(tmp_path: Path, last: str) -> None:
    """Also of a hidden take, for which no position is held."""
    log = MemoryLog()
    teller, number = Teller(tmp_path, log), 3 if last == "complete" else 2
    folder = tmp_path / takes_path(SHOT) / take_name(number)
    async with screening(tmp_path, log) as film:
        await teller.begin()
        await tell(teller, *MADE, (0, "create", 1), (0, "delete", 2))
        await film.at_rest()
        folder.rename(tmp_path / "away")
        await tell(teller, (0, last, number))
        await looked(film)
    (tmp_path / "away").rename(folder)
    sidecar = folder / sidecar_name(SHOT, number)
    async with screening(tmp_path, log) as film:

        async def told() -> bool:
            content = await anyio.Path(sidecar).read_text() if sidecar.exists() else ""
            return ("purged" if last == "purge" else "complete") in content

        await until(told)
        assert await film.projector.differences() == []


async def test_a_folder_that_is_seen_again_is_not_waited_for_any_longer(tmp_path: Path) -> None:
    log = MemoryLog()
    async with screening(tmp_path, log) as film:
        teller = Teller(tmp_path, log)
        await teller.begin()
        (tmp_path / TAKE).rename(tmp_path / "away")
        await tell(teller, *MADE[:2])
        await looked(film)
        (tmp_path / "away").rename(tmp_path / TAKE)
        film.projector.look_again("stream0")
        await film.at_rest()
        assert (tmp_path / TAKE / thumbnail_name(SHOT, 1)).exists()
        assert film.projector.waiting() == {}


async def test_what_could_not_be_noted_of_what_is_away_is_noted_later_with_what_came_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with screening(tmp_path, MemoryLog()) as film:
        kept = film.projector._film
        absences = Absences("some", kept)
        one, two, three = (Away("shot", number, "01", is_missed=True) for number in (1, 2, 3))
        absences.note({}, [one, two])
        await absences.save()

        async def refuse(*_: object) -> None:
            absences.note({"shot": {1, 2}}, [one])  # the second is back while this goes on
            raise DiskRefused(errno.ENOSPC, "database or disk is full")

        absences.note({}, [three])
        with monkeypatch.context() as patched:
            patched.setattr(kept.index, "save_away", refuse)
            with pytest.raises(DiskRefused):
                await absences.save()
        absences.note({"shot": {3}}, [])
        await absences.save()
        assert await kept.index.away_of("some") == [TakeKey("shot", 1)]
