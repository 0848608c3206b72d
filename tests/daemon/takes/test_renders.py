"""One render, one take: the picture, the video and the video with sound that VideoHelperSuite writes."""

import itertools
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest

from daemon.takes.admission import NO_SOUND, NO_VIDEO, SOUND, VIDEO
from events import Take
from events.shot import purge
from projections.files.fingerprint import identity
from tests.support.core import ASKED, Core, World, new_film, running_core
from tests.support.film import until

PICTURE, SILENT, HEARD = "AnimateDiff_00001.png", "AnimateDiff_00001.mp4", "AnimateDiff_00001-audio.mp4"
FILES = (PICTURE, SILENT, HEARD)


def world(*, sound: bool = True, names: Sequence[str] = FILES, graph: str = "one") -> World:
    """A world whose decoder finds that graph in files that hold their own names."""
    made = World()
    made.decoder.renders = {name.encode(): {"graph": graph, "has_sound": sound} for name in names}
    return made


def drop(core: Core, *names: str) -> None:
    for name in names:
        core.drop(name.encode(), name)


async def rest(core: Core, seconds: float = 6.0) -> None:
    """Have nothing happen for so long."""
    await core.at_rest()
    core.turn(seconds)
    await core.at_rest()


async def usable(core: Core) -> list[Take]:
    return [take for take in (await core.takes()).values() if take.is_usable]


async def waiting(core: Core) -> dict[str, str]:
    return {Path(path).name: reason for path, reason in core.parts.reconciler.notes.waiting.items()}


def beside(core: Core, number: int = 1) -> dict[str, bytes]:
    """What lies beside a take's media that came of its render."""
    folder = core.film.take(number)
    return {
        path.name: path.read_bytes()
        for path in folder.iterdir()
        if "_recipe.png" in path.name or "_silent" in path.name
    }


async def give_up(core: Core, number: int = 1) -> None:
    """Have a take's bytes go for good."""
    path = core.film.media(number, suffix=".mp4")
    rule = partial(purge, number=number, size=1, identity=identity(path.stat()))
    await core.delete(number)
    await core.parts.shots.change((await core.shot()).stream, rule, ASKED)

    async def gone() -> bool:
        return not path.exists()

    await until(gone)
    await core.at_rest()


ALL_BESIDE = {
    "shot_001_take_001_recipe.png": PICTURE.encode(),
    "shot_001_take_001_silent.mp4": SILENT.encode(),
}


async def test_the_three_files_of_a_render_are_one_take_whose_media_has_sound(tmp_path: Path) -> None:
    film = new_film(tmp_path)
    async with running_core(film, world()) as core:
        drop(core, PICTURE, SILENT, HEARD)
        take = await core.settled()
        await core.at_rest()
        assert (take.status, take.source.name) == ("complete", HEARD)
        assert {one.role: one.origin for one in take.companions} == {"picture": PICTURE, "silent": SILENT}
        assert beside(core) == ALL_BESIDE
        assert film.media(1, suffix=".mp4").read_bytes() == HEARD.encode()
        assert len(await core.takes()) == 1
        assert [path.name for path in film.takes().iterdir()] == ["take_001"]


async def test_a_picture_waits_for_its_video_and_is_its_recipe(tmp_path: Path) -> None:
    async with running_core(new_film(tmp_path), world(sound=False)) as core:
        drop(core, PICTURE)
        await rest(core, 60.0)
        assert await core.takes() == {}
        assert await waiting(core) == {PICTURE: NO_VIDEO}
        drop(core, SILENT)
        take = await core.settled()
        assert take.source.name == SILENT
        assert (await core.row(1)).read_params() == {"seed": len(PICTURE)}
        assert beside(core) == {"shot_001_take_001_recipe.png": PICTURE.encode()}


async def test_a_picture_whose_video_never_comes_is_a_take(tmp_path: Path) -> None:
    async with running_core(new_film(tmp_path), world()) as core:
        drop(core, PICTURE)
        await rest(core, VIDEO + 1)
        take = await core.settled()
        assert take.source.name == PICTURE


async def test_a_silent_video_waits_for_the_one_with_sound(tmp_path: Path) -> None:
    async with running_core(new_film(tmp_path), world()) as core:
        drop(core, PICTURE, SILENT)
        await rest(core, SOUND / 2)
        assert await core.takes() == {}
        assert (await waiting(core))[SILENT] == NO_SOUND
        drop(core, HEARD)
        await core.settled()
        assert beside(core) == ALL_BESIDE


async def test_a_video_without_a_sound_waits_for_none(tmp_path: Path) -> None:
    async with running_core(new_film(tmp_path), world(sound=False)) as core:
        drop(core, PICTURE, SILENT)
        take = await core.settled()
        assert (take.number, take.source.name) == (1, SILENT)


async def test_sound_that_comes_late_supersedes_the_silent_take(tmp_path: Path) -> None:
    async with running_core(new_film(tmp_path), world()) as core:
        drop(core, PICTURE, SILENT)
        await rest(core, SOUND + 1)
        silent = await core.settled()
        await core.at_rest()
        assert (await core.shot()).active == 1
        drop(core, HEARD)
        await core.settled(2)
        await core.at_rest()
        shot = await core.shot()
        assert (shot.active, silent.deleted, silent.superseded) == (2, "asked", 2)
        row = await core.row(1)
        assert (row.deleted, row.superseded) == ("asked", 2)
        assert core.film.media(1, suffix=".mp4").read_bytes() == SILENT.encode()  # it is as it was
        assert (await core.row(2)).read_params() == {"seed": len(PICTURE)}


async def test_a_choice_that_was_made_meanwhile_stays(tmp_path: Path) -> None:
    async with running_core(new_film(tmp_path), world()) as core:
        core.drop(b"another", "another.png")
        await core.settled(1)
        drop(core, PICTURE, SILENT)
        await rest(core, SOUND + 1)
        await core.settled(2)
        drop(core, HEARD)
        await core.settled(3)
        await core.at_rest()
        assert (await core.shot()).active == 1
        assert [take.number for take in await usable(core)] == [1, 3]


async def test_a_superseded_take_can_be_restored(tmp_path: Path) -> None:
    async with running_core(new_film(tmp_path), world()) as core:
        drop(core, PICTURE)
        await rest(core, VIDEO + 1)
        await core.settled(1)
        drop(core, SILENT, HEARD)
        await core.settled(2)
        await core.at_rest()
        assert [take.number for take in await usable(core)] == [2]
        await core.restore(1)
        assert [take.number for take in await usable(core)] == [1, 2]
        assert (await core.row(1)).superseded is None


@pytest.mark.parametrize("order", list(itertools.permutations(FILES)), ids=" ".join)
async def test_in_whichever_order_they_come_they_are_one_take(tmp_path: Path, order: Sequence[str]) -> None:
    async with running_core(new_film(tmp_path), world()) as core:
        for name in order:
            drop(core, name)
            await rest(core, VIDEO + 1)  # each is taken for all that there will be
        (take,) = await usable(core)
        assert take.source.name == HEARD
        assert (await core.shot()).active == take.number
        assert (await core.row(take.number)).read_params() == {"seed": len(PICTURE)}
        assert {path.name for path in core.film.takes().iterdir()} <= {"take_001", "take_002", "take_003"}


async def test_files_that_come_after_the_take_lie_beside_it(tmp_path: Path) -> None:
    async with running_core(new_film(tmp_path), world()) as core:
        drop(core, HEARD)
        before = await core.settled()
        drop(core, SILENT)
        await rest(core)
        drop(core, PICTURE)
        await rest(core)
        assert beside(core) == ALL_BESIDE
        assert len(await core.takes()) == 1
        assert (await core.events()).count("TakeJoined") == 2
        assert before.source.name == HEARD
        assert not core.film.take(1).joinpath("shot_001_take_001_recipe.png").stat().st_mode & 0o222


async def test_files_of_one_name_that_are_no_render_are_takes_of_their_own(tmp_path: Path) -> None:
    async with running_core(new_film(tmp_path), World()) as core:
        core.drop(b"a still", "x.png")
        core.drop(b"a clip", "x.mp4")
        core.drop(b"counted", "y_00001.png")
        core.drop(b"counted too", "y_00001.mp4")
        await core.settled(4)
        await core.at_rest()
        assert {take.source.name for take in await usable(core)} == {
            "x.png",
            "x.mp4",
            "y_00001.png",
            "y_00001.mp4",
        }


async def test_files_of_one_name_of_two_graphs_are_takes_of_their_own(tmp_path: Path) -> None:
    one = world(sound=False)
    one.decoder.renders[SILENT.encode()] = {"graph": "another", "has_sound": False}
    async with running_core(new_film(tmp_path), one) as core:
        drop(core, PICTURE, SILENT)
        assert {(await core.settled(number)).status for number in (1, 2)} == {"complete"}


async def test_a_counter_that_began_anew_is_another_render(tmp_path: Path) -> None:
    one = world(sound=False)
    one.decoder.renders |= {
        b"second picture": {"graph": "two", "has_sound": False},
        b"second video": {"graph": "two", "has_sound": False},
    }
    async with running_core(new_film(tmp_path), one) as core:
        drop(core, PICTURE, SILENT)
        await core.settled(1)
        await core.at_rest()
        core.drop(b"second picture", PICTURE)
        await rest(core)
        core.drop(b"second video", SILENT)
        await core.settled(2)
        await core.at_rest()
        assert beside(core, 2) == {"shot_001_take_002_recipe.png": b"second picture"}
        assert [take.number for take in await usable(core)] == [1, 2]


async def test_a_renamed_render_is_one_take_where_both_files_are_there(tmp_path: Path) -> None:
    names = ("dawn.png", "dawn.mp4")
    async with running_core(new_film(tmp_path), world(sound=False, names=names)) as core:
        drop(core, *names)
        await rest(core)
        (take,) = await usable(core)
        assert take.source.name == "dawn.mp4"


async def test_sound_that_is_broken_leaves_the_silent_video(tmp_path: Path) -> None:
    one = world()
    one.decoder.refused[HEARD.encode()] = "it is cut off"
    async with running_core(new_film(tmp_path), one) as core:
        drop(core, PICTURE, SILENT, HEARD)
        assert (await core.settled(1)).status == "failed"
        await rest(core, SOUND + 1)
        assert (await core.settled(2)).source.name == SILENT
        assert beside(core, 2) == {"shot_001_take_002_recipe.png": PICTURE.encode()}


async def test_a_file_that_was_said_to_join_a_take_follows_after_a_crash(tmp_path: Path) -> None:
    film, one = new_film(tmp_path), world()
    async with running_core(film, one) as core:
        drop(core, HEARD)
        await core.settled()
        drop(core, PICTURE)
        await rest(core)
        own = film.take(1) / "shot_001_take_001_recipe.png"
        own.rename(film.takes() / PICTURE)  # as if it had not been moved
    async with running_core(film, one) as core:
        await rest(core)
        assert own.read_bytes() == PICTURE.encode()
        assert (await core.events()).count("TakeJoined") == 1


async def test_files_beside_a_take_are_purged_with_it(tmp_path: Path) -> None:
    film = new_film(tmp_path)
    async with running_core(film, world()) as core:
        drop(core, PICTURE, SILENT, HEARD)
        await core.settled()
        await core.at_rest()
        await give_up(core)
        assert beside(core) == {}


async def test_a_file_that_was_put_in_the_place_of_one_beside_a_take_is_not_purged(tmp_path: Path) -> None:
    film = new_film(tmp_path)
    async with running_core(film, world()) as core:
        drop(core, PICTURE, SILENT, HEARD)
        await core.settled()
        await core.at_rest()
        own = film.take(1) / "shot_001_take_001_silent.mp4"
        own.unlink()
        own.write_bytes(b"somebody's own")
        await give_up(core)
        assert beside(core) == {own.name: b"somebody's own"}
