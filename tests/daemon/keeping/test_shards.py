"""Shards: work goes on as long as they are held by this machine's own clock, and at the epoch at which it began."""

import os
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest

from daemon.keeping import shards as module
from daemon.keeping.note import Note, read_note, write_note
from daemon.keeping.shards import CALM, Shards
from events.store.postgres.claims import shard_of
from projections.artifacts.active_link import ActiveLink
from projections.board import Board
from projections.files.threads import in_thread
from projections.film import Film
from projections.index.rows import ShotRow, ShotTakes, TakeRow
from projections.keeping import EVERYTHING, Keeping, NotKept

SHOT = next(name for name in map(str, range(99)) if shard_of(name) == 3)
OTHER = next(name for name in map(str, range(99)) if shard_of(name) == 5)


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Claimed:
    """What a database would have said of the claims of this machine."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.epochs: dict[int, int] = {}
        self.links: dict[int, int] = {}
        self.until = 0.0
        self._clock = clock

    def holds(self, shard: int) -> bool:
        return shard in self.epochs and self._clock() < self.until

    def have(self, *shards: int, epoch: int = 2, links: int = 0) -> None:
        """These, at that epoch, for ten seconds."""
        self.epochs = dict.fromkeys(shards, epoch)
        self.links = dict.fromkeys(shards, links)
        self.until = self._clock() + 10


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "uptime", clock)
    return clock


@pytest.fixture
def claims(clock: Clock) -> Claimed:
    return Claimed(clock)


@pytest.fixture
def shards(claims: Claimed) -> Shards:
    claims.have(0, 3)
    shards = Shards(claims, None)  # type: ignore[arg-type]
    assert shards.settle() == [0, 3]
    return shards


async def step() -> None:
    await in_thread(lambda: None)


async def test_work_is_for_what_is_held(shards: Shards, claims: Claimed) -> None:
    assert (shards.keeps_film, shards.keeps(SHOT), shards.keeps(OTHER)) == (True, True, False)
    with shards.work(SHOT):
        await step()
        assert shards.epochs == {3: 2}
        with shards.work_on_film():
            assert shards.epochs == {0: 2}
    assert shards.epochs == {0: 2, 3: 2}
    for streams in ([OTHER], [SHOT, OTHER]):
        with pytest.raises(NotKept), shards.work(*streams):
            pass
    claims.have(3)
    assert shards.settle() == []
    assert not shards.keeps_film
    with pytest.raises(NotKept), shards.work_on_film():
        pass


async def test_work_stops_between_two_steps_and_goes_on_when_it_is_held_again(
    shards: Shards, claims: Claimed, clock: Clock
) -> None:
    done = []

    async def work() -> None:
        with shards.work(SHOT):
            await step()
            done.append("one")
            clock.now += 10
            await step()
            done.append("two")

    with pytest.raises(NotKept):
        await work()
    assert done == ["one"]
    with pytest.raises(NotKept), shards.work(SHOT):
        pass
    assert shards.keeps(SHOT)  # nobody else has it
    await step()  # what is no work on the shots of the film goes on
    claims.have(0, 3, epoch=3)
    assert shards.settle() == []
    with shards.work(SHOT):
        await step()


async def test_what_was_begun_at_another_epoch_does_not_go_on(shards: Shards, claims: Claimed) -> None:
    with shards.work(SHOT):
        await step()
        claims.have(0, 3, epoch=4)  # somebody else has had it meanwhile
        assert shards.settle() == [0, 3]
        assert shards.epochs == {3: 2}
        with pytest.raises(NotKept):
            await step()


async def test_what_is_being_given_back_is_not_begun_and_what_is_under_way_ends(shards: Shards) -> None:
    with shards.work(SHOT):
        shards.leaving.add(3)
        assert not shards.is_idle(3)
        await step()
        with pytest.raises(NotKept), shards.work(SHOT):
            pass
    assert shards.is_idle(3)


async def test_each_task_speaks_for_its_own_work(shards: Shards) -> None:
    said = []

    async def speak(*streams: str) -> None:
        with ExitStack() as stack:
            stack.enter_context(shards.work(*streams) if streams else shards.work_on_film())
            await anyio.lowlevel.checkpoint()
            await step()
            said.append((streams, dict(shards.epochs)))

    async with anyio.create_task_group() as group:
        group.start_soon(speak, SHOT)
        group.start_soon(speak)
    assert sorted(said) == [((), {0: 2}), ((SHOT,), {3: 2})]


async def test_a_link_is_a_wish_again_once_all_was_looked_at_and_a_minute_has_passed(
    shards: Shards, clock: Clock
) -> None:
    clock.now += CALM
    assert not shards.believes_link(SHOT)
    shards.held[3].is_right = True
    assert shards.believes_link(SHOT)
    clock.now -= 1
    assert not shards.believes_link(SHOT)
    assert not shards.believes_link(OTHER)


async def test_what_the_last_owner_has_not_linked_yet_is_known_for_old(claims: Claimed) -> None:
    shards = Shards(claims, None)  # type: ignore[arg-type]
    claims.have(3, links=70)
    shards.settle()
    assert (shards.is_old_link(SHOT, 70), shards.is_old_link(SHOT, 71)) == (False, True)
    shards.held[3].is_right = True
    assert not shards.is_old_link(SHOT, 71)
    claims.have(3, epoch=1)  # nobody was there before
    first = Shards(claims, None)  # type: ignore[arg-type]
    first.settle()
    assert not first.is_old_link(SHOT, 71)


class OneTake:
    """An index that knows the take that the link leads to."""

    async def take(self, shot: int, number: int) -> TakeRow:
        return TakeRow(shot, number, "", status="complete")


class Distrusting(Keeping):
    """Of a shot that was taken over before its link was set."""

    def is_old_link(self, stream: str, position: int) -> bool:
        return True


@pytest.mark.parametrize("keeping", [EVERYTHING, Distrusting()])
async def test_an_old_link_is_mended_though_it_seems_younger_than_the_choice(
    tmp_path: Path, keeping: Keeping
) -> None:
    for number in (1, 2):
        tmp_path.joinpath(f"shot/takes/take_{number:03d}").mkdir(parents=True)
    link = tmp_path / "shot" / "active_take"
    link.symlink_to("takes/take_001")
    chosen = datetime.now(UTC) - timedelta(hours=1)  # by a clock that is late
    os.utime(link, follow_symlinks=False)
    film = Film(tmp_path, OneTake(), None, Board(), keeping)  # type: ignore[arg-type]
    shot = ShotRow(1, SHOT, "shot", active=2, chosen=chosen.isoformat(), position=9)
    await ActiveLink().mend(film, [ShotTakes(shot, [])])
    assert str(link.readlink()) == ("takes/take_002" if keeping is not EVERYTHING else "takes/take_001")


def test_a_run_knows_what_the_last_one_has_noted(tmp_path: Path) -> None:
    assert read_note(tmp_path) == Note()
    write_note(tmp_path, Note("anna/1", {3: 7}))
    assert read_note(tmp_path) == Note("anna/1", {3: 7})
    (tmp_path / "keeper.json").write_text("[")
    assert read_note(tmp_path) == Note()
