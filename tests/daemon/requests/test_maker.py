"""The queue and the maker with a runner that does as it is told: in which order, how many, and what is tried again."""

from pathlib import Path

from daemon.requests.maker import RETRY as TAKE_IN_AGAIN
from daemon.requests.queue import RETRY
from daemon.watching.settling import AGAIN
from tests.support.core import Core, ToldRunner, World, new_film, running_core
from tests.support.film import until


def asking(**choices: object) -> tuple[World, ToldRunner]:
    """A world in which takes are made; the runner has to be let make them."""
    world = World(runner=choices)
    world.runner = ToldRunner()
    return world, world.runner


async def begun(runner: ToldRunner, *numbers: int) -> None:
    """The runner is, or was, at those takes, in that order."""

    async def so() -> bool:
        return len(runner.begun) >= len(numbers)

    await until(so)
    assert runner.begun == list(numbers)


def problems(core: Core) -> list[str]:
    return [one.what for one in core.parts.board.problems()]


async def told(core: Core, words: str) -> None:
    async def so() -> bool:
        return any(words in one for one in problems(core))

    await until(so)


async def test_takes_are_made_one_after_the_other_in_the_order_in_which_they_were_asked_for(
    tmp_path: Path,
) -> None:
    world, runner = asking()
    async with running_core(new_film(tmp_path), world) as core:
        for _ in range(3):
            await core.ask_for(seed=1)
        await begun(runner, 1)
        runner.may_make.set()
        for number in (1, 2, 3):
            assert (await core.settled(number)).status == "complete"
            assert core.film.media(number).read_bytes() == b"made %d" % number
        assert runner.begun == [1, 2, 3]


async def test_as_many_are_under_way_as_was_chosen(tmp_path: Path) -> None:
    world, runner = asking(parallel=2)
    async with running_core(new_film(tmp_path), world) as core:
        for _ in range(4):
            await core.ask_for()

        async def both_begun() -> bool:
            return len(runner.begun) == 2  # in whichever order: they have a slot each

        await until(both_begun)
        await core.at_rest()
        assert {number for _, number in core.parts.queue.under_way.takes} == {1, 2}
        runner.may_make.set()
        for number in (1, 2, 3, 4):
            assert (await core.settled(number)).status == "complete"


async def test_a_runner_that_is_away_is_asked_again_in_a_while_and_that_is_told(tmp_path: Path) -> None:
    world, runner = asking()
    runner.away = "it sleeps"
    runner.may_make.set()
    async with running_core(new_film(tmp_path), world) as core:
        await core.ask_for()
        await told(core, "it sleeps")
        runner.away = ""
        core.turn(RETRY - 0.1)
        await core.at_rest()
        assert not runner.begun
        core.turn(0.1)
        assert (await core.settled()).status == "complete"
        assert not problems(core)


async def test_a_take_that_nobody_wants_any_more_is_let_go_of_and_the_next_one_begun(tmp_path: Path) -> None:
    world, runner = asking()
    async with running_core(new_film(tmp_path), world) as core:
        await core.ask_for()
        await core.ask_for()
        await begun(runner, 1)
        await core.delete(1)
        await begun(runner, 1, 2)
        assert runner.let_go == [1]
        runner.may_make.set()
        assert (await core.settled(2)).status == "complete"


async def test_a_take_that_takes_too_long_fails_by_the_clock(tmp_path: Path) -> None:
    world, runner = asking(timeout=600.0)
    async with running_core(new_film(tmp_path), world) as core:
        await core.ask_for()
        await begun(runner, 1)
        core.turn(599)
        await core.at_rest()
        assert (await core.take(1)).status == "generating"
        core.turn(1)
        assert (await core.settled()).status == "failed"
        assert await core.said(1) == "it took longer than 600 s"
        assert runner.let_go == [1]


async def test_what_was_made_is_kept_until_its_shot_is_there_again(tmp_path: Path) -> None:
    world, runner = asking()
    film = new_film(tmp_path)
    async with running_core(film, world) as core:
        await core.ask_for()
        await begun(runner, 1)
        film.shot().rename(tmp_path / "away")
        runner.may_make.set()

        async def is_told() -> bool:
            core.turn(AGAIN)
            return any("a take is not generated" in one for one in problems(core))

        await until(is_told)
        (tmp_path / "away").rename(film.shot())
        core.turn(TAKE_IN_AGAIN)
        assert (await core.settled()).status == "complete"
        assert runner.begun == [1]


async def test_a_runner_whose_job_fails_fails_the_take_and_goes_on(tmp_path: Path) -> None:
    world, runner = asking()
    async with running_core(new_film(tmp_path), world) as core:
        await core.ask_for()
        await begun(runner, 1)
        runner.fails = "out of memory"
        runner.may_make.set()
        assert (await core.settled()).status == "failed"
        assert await core.said(1) == "out of memory"
        runner.fails = ""
        await core.ask_for()
        assert (await core.settled(2)).status == "complete"


async def test_the_time_that_a_take_took_is_the_clocks(tmp_path: Path) -> None:
    world, runner = asking()
    async with running_core(new_film(tmp_path), world) as core:
        await core.ask_for()
        await begun(runner, 1)
        core.turn(42)
        runner.may_make.set()
        await core.settled()
        row = await core.row(1)
        resources = row.read_resources()
        assert resources is not None
        assert resources.generation_time == 42


async def test_work_that_was_interrupted_is_begun_again_or_fails_as_was_chosen(tmp_path: Path) -> None:
    world, runner = asking(interrupted="fail")
    film = new_film(tmp_path)
    async with running_core(film, world) as core:
        await core.ask_for()
        await core.ask_for()
        await begun(runner, 1)
    runner.may_make.set()
    async with running_core(film, world) as core:
        assert (await core.settled()).status == "failed"
        assert "interrupted" in await core.said(1)
        assert (await core.settled(2)).status == "complete"
        assert runner.begun == [1, 2]
