"""A film, a shot or a take that is away for a while, at any moment: nothing of it is taken for done."""

from functools import partial
from pathlib import Path

import pytest

from events.shot import purge
from tests.support.core import ASKED, World, new_film, running_core
from tests.support.film import DAWN, check_on_disk, make_film, still, until
from tests.support.inside import Daemon, running_daemon


async def suspended(daemon: Daemon) -> bool:
    (project,) = (await daemon.get("/api/projects"))["projects"]
    return bool(project["state"] == "suspended")


@pytest.mark.parametrize("empty", [False, True], ids=["nothing", "an empty folder"])
async def test_a_film_that_goes_away_right_after_a_take_is_whole_when_it_is_back(
    tmp_path: Path, *, empty: bool
) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        for number in (1, 2, 3):
            film.drop(still(number))
            await daemon.finished(number)
            film.root.rename(tmp_path / "away")
            if empty:
                film.root.mkdir()
            await until(partial(suspended, daemon))
            if empty:
                film.root.rmdir()
            (tmp_path / "away").rename(film.root)
            await until(lambda: _is_live(daemon))
        await daemon.at_rest()
        await daemon.verify()
        for take in await daemon.takes():
            check_on_disk(film, take)


async def _is_live(daemon: Daemon) -> bool:
    return not await suspended(daemon)


async def test_a_choice_that_was_made_while_the_shot_was_away_is_not_taken_back_by_its_old_link(
    tmp_path: Path,
) -> None:
    film = new_film(tmp_path)
    async with running_core(film, World()) as core:
        for number in (1, 2):
            core.drop(b"%d" % number)
            await core.settled(number)
        await core.at_rest()
        film.shot().rename(tmp_path / "away")
        await core.activate(2)
        await core.parts.projector.catch_up("active-link", core.parts.log.head)
        (tmp_path / "away").rename(film.shot())
        core.parts.scheduler._agenda.look_soon(DAWN)

        async def led() -> bool:
            return film.link() == "takes/take_002"

        await until(led)
        await core.at_rest()
        assert (await core.shot()).active == 2


async def test_what_is_purged_while_its_folder_is_away_goes_when_that_is_back(tmp_path: Path) -> None:
    film = new_film(tmp_path)
    async with running_core(film, World()) as core:
        for number in (1, 2):
            core.drop(b"%d" % number)
            await core.settled(number)
        await core.delete(2)
        await core.at_rest()
        take = await core.take(2)
        film.take(2).rename(tmp_path / "away")
        rule = partial(purge, number=2, size=1, identity=take.file)
        await core.parts.shots.change((await core.shot()).stream, rule, ASKED)
        await core.parts.projector.catch_up("purged", core.parts.log.head)
        (tmp_path / "away").rename(film.take(2))
        assert film.media(2).exists()
        await core.scan()
        assert await core.parts.projector.differences() == []
        assert not film.media(2).exists()
