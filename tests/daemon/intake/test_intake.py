"""The intake and how drops settle: by the clock, by what a decoder says, and by what becomes of the file meanwhile."""

from hashlib import sha256
from pathlib import Path

import pytest

from daemon.intake.arrival import AWAY
from daemon.watching.settling import AGAIN
from events import TakeCompleted, TakeCreated
from tests.support.core import Core, World, new_film, running_core
from tests.support.film import DAWN, NOON, until

SETTLE = {"quiet": 5.0, "still": 5.0}


def waiting(core: Core) -> dict[str, str]:
    """What is said of the drops that wait, by their names."""
    return {Path(path).name: why for path, why in core.parts.reconciler.notes.waiting.items()}


async def test_a_file_that_was_written_there_is_a_take_once_it_was_left_alone_for_long_enough(
    tmp_path: Path,
) -> None:
    async with running_core(new_film(tmp_path), World(settle=SETTLE)) as core:
        core.film.drop(b"one")
        core.hears("render.png")
        await core.at_rest()
        assert waiting(core) == {"render.png": "it is still being written"}
        core.turn(4.9)
        await core.at_rest()
        assert not await core.takes()
        core.turn(0.1)
        assert (await core.settled()).status == "complete"
        await core.at_rest()
        assert not waiting(core)


async def test_whoever_writes_on_begins_the_wait_anew(tmp_path: Path) -> None:
    async with running_core(new_film(tmp_path), World(settle=SETTLE)) as core:
        for content in (b"o", b"on", b"one"):
            core.film.drop(content)
            core.hears("render.png")
            await core.at_rest()
            core.turn(4.9)
            await core.at_rest()
        assert not await core.takes()
        core.turn(0.1)
        await core.settled()
        assert core.film.media(1).read_bytes() == b"one"
        assert core.decoder.asked == [b"one"]


async def test_an_empty_file_waits_for_its_first_byte(tmp_path: Path) -> None:
    async with running_core(new_film(tmp_path), World()) as core:
        core.drop(b"")
        await core.at_rest()
        assert "empty" in waiting(core)["render.png"]
        core.turn(1000)
        await core.at_rest()
        assert not await core.takes()
        core.drop(b"one")
        assert (await core.settled()).status == "complete"


async def test_what_a_decoder_refuses_is_a_failed_take_with_its_reason_and_its_bytes(tmp_path: Path) -> None:
    world = World()
    world.decoder.refused[b"bad"] = "it is cut off"
    async with running_core(new_film(tmp_path), world) as core:
        core.drop(b"bad", "bad.png")
        assert (await core.settled()).status == "failed"
        core.drop(b"good", "good.png")
        assert (await core.settled(2)).status == "complete"
        await core.at_rest()
        assert core.film.media(1).read_bytes() == b"bad"
        assert (await core.shot()).active == 2
        assert await core.said(1) == "it is cut off"


async def test_a_drop_that_is_another_file_by_the_time_it_is_placed_fails_and_the_other_is_a_drop(
    tmp_path: Path,
) -> None:
    world = World()
    async with running_core(new_film(tmp_path), world) as core:
        world.decoder.close()
        for number in range(core.at_once):  # nobody is left to finish another one
            core.drop(b"first %d" % number, f"{number}.mp4")  # which are done one by one
        await asked(core, 1)
        core.drop(b"one", "late.png")
        await numbered(core, core.at_once + 1)
        core.film.drop(b"two", "late.png")
        world.decoder.open()
        late = core.at_once + 1
        assert (await core.settled(late)).status == "failed"
        assert "removed or replaced" in await core.said(late)
        core.hears("late.png", moved_in=True)
        assert (await core.settled(late + 1)).status == "complete"
        assert core.film.media(late + 1).read_bytes() == b"two"


async def test_stills_that_come_together_are_looked_into_together_and_a_bad_one_costs_only_itself(
    tmp_path: Path,
) -> None:
    world = World()
    world.decoder.refused[b"7"] = "it is cut off"
    world.decoder.needs_more.add(b"9")
    async with running_core(new_film(tmp_path, "MyFilm", DAWN, NOON), world) as core:
        for number in range(12):
            core.drop(b"%d" % number, f"{number:02d}.png", NOON if number % 3 else DAWN)
        for shot, count in ((DAWN, 4), (NOON, 8)):
            for number in range(1, count + 1):
                await core.settled(number, shot)
        await core.at_rest()
        takes = [take for shot in (DAWN, NOON) for take in (await core.takes(shot)).values()]
        assert [take.status for take in takes].count("failed") == 1
        assert {take.sha256 for take in takes if take.sha256} == {
            sha256(b"%d" % number).hexdigest() for number in range(12) if number != 7
        }
        assert [(await core.shot(shot)).active for shot in (DAWN, NOON)] == [1, 1]
        assert max(core.decoder.lent) > 1
        records = await core.parts.log.read()
        numbered = {
            (one.stream, one.event.take): one.id for one in records if isinstance(one.event, TakeCreated)
        }
        completed = [one for one in records if isinstance(one.event, TakeCompleted)]
        assert [one.cause for one in completed] == [
            numbered[one.stream, one.event.take] for one in completed if isinstance(one.event, TakeCompleted)
        ]


async def asked(core: Core, count: int) -> None:
    """So many files were looked into."""

    async def so() -> bool:
        return len(core.decoder.asked) >= count

    await until(so)


async def numbered(core: Core, number: int) -> None:
    """That number is given."""

    async def so() -> bool:
        return number in await core.takes()

    await until(so)


def write_on(path: Path, content: bytes) -> None:
    with path.open("ab") as file:
        file.write(content)


async def test_a_file_that_changes_while_it_is_looked_into_is_looked_into_again(tmp_path: Path) -> None:
    world = World()
    async with running_core(new_film(tmp_path), world) as core:
        world.decoder.close()
        core.drop(b"one")
        await asked(core, 1)
        write_on(core.film.media(1), b", and more")
        world.decoder.open()
        await core.at_rest()
        assert (await core.take(1)).status == "generating"
        core.turn(AGAIN)
        take = await core.settled()
        assert (take.status, take.bytes) == ("complete", len(b"one, and more"))
        assert core.decoder.asked == [b"one", b"one, and more"]


@pytest.mark.parametrize("begun", [False, True])
async def test_what_was_begun_goes_on_after_a_restart_and_its_number_is_given_once(
    tmp_path: Path, *, begun: bool
) -> None:
    film, world = new_film(tmp_path), World()
    async with running_core(film, world) as core:
        world.decoder.close()
        core.drop(b"one")
        await (asked(core, 1) if begun else numbered(core, 1))
    world.decoder.open()
    async with running_core(film, world) as core:
        assert (await core.settled()).status == "complete"
        await core.at_rest()
        assert (await core.events()).count("TakeCreated") == 1
        assert sorted(path.name for path in film.takes(DAWN).iterdir()) == ["take_001"]


async def test_drops_are_numbered_by_their_time_and_then_by_their_name(tmp_path: Path) -> None:
    film = new_film(tmp_path)
    for name in ("c.png", "a.png", "b.png"):
        film.drop(name.encode(), name)
    async with running_core(film, World(settle={"quiet": 0, "still": 0})) as core:
        for number in (1, 2, 3):
            await core.settled(number)
        names = [take.source.name for _, take in sorted((await core.takes()).items())]
        assert names == ["c.png", "a.png", "b.png"]


@pytest.mark.parametrize(("seconds", "becomes"), [(1.0, "complete"), (AWAY + 1.0, "failed")])
async def test_a_take_whose_folder_is_away_while_it_is_made_waits_for_it_a_minute(
    tmp_path: Path, seconds: float, becomes: str
) -> None:
    async with running_core(new_film(tmp_path), World()) as core:
        core.decoder.close()
        core.drop(b"one")

        async def asked() -> bool:
            return bool(core.decoder.asked)

        await until(asked)
        core.film.take(1).rename(core.film.folder / "elsewhere")
        core.decoder.open()
        await core.at_rest()
        assert (await core.take(1)).status == "generating"
        if becomes == "complete":
            (core.film.folder / "elsewhere").rename(core.film.take(1))
        core.turn(seconds)
        assert (await core.settled()).status == becomes
