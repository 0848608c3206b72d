"""A failed take that a person accepts: it is complete, with its file as it is, and stays so."""

from functools import partial
from pathlib import Path

import anyio
import pytest

from daemon.shots.shots import Origin
from events import Refused, TakeAccepted, TakeHasNoFile, TakeIsDeleted, TakeNotFailed, TakeNotFound
from events.shot import ask_to_accept
from projections.files.threads import in_thread
from tests.support.core import Core, World, new_film, running_core
from tests.support.deadline import DEADLINE

BY = Origin("cli:1000", "request:1", by="anna")


def refusing(*contents: bytes) -> World:
    world = World()
    world.decoder.refused = dict.fromkeys(contents, "it is cut off")
    return world


async def accept(core: Core, number: int = 1) -> None:
    stream = (await core.shot()).stream
    await core.parts.shots.change(stream, await core.parts.acceptance.keep(stream, number), BY)
    await core.at_rest()


async def failed(core: Core, content: bytes = b"bad", name: str = "bad.png", number: int = 1) -> None:
    core.drop(content, name)
    assert (await core.settled(number)).status == "failed"
    await core.at_rest()


async def test_it_is_complete_with_its_file_kept_twice_and_active_as_the_first_one(tmp_path: Path) -> None:
    async with running_core(new_film(tmp_path), refusing(b"bad")) as core:
        await failed(core)
        await accept(core)
        take, row = await core.take(1), await core.row(1)
        assert (take.status, take.bytes, row.error, row.accepted) == ("complete", 3, None, "it is cut off")
        assert (await core.shot()).active == 1
        path = core.film.media(1)
        assert path.read_bytes() == b"bad"
        assert not path.stat().st_mode & 0o222
        assert await in_thread(core.parts.restorer.store.find, take.sha256 or "", 3)
        assert (await core.events())[-3:] == ["TakeAccepted", "TakeCompleted", "TakeActivated"]
        records = (await core.parts.log.read())[-3:]
        assert {one.actor for one in records} == {"cli:1000"}
        assert records[0].event == TakeAccepted(take=1, by="anna")
        assert b'"accepted": "it is cut off"' in path.with_name(f"{path.stem}_metadata.json").read_bytes()


async def test_it_is_active_only_where_any_other_would_be(tmp_path: Path) -> None:
    async with running_core(new_film(tmp_path), refusing(b"bad")) as core:
        await failed(core)
        core.drop(b"good", "good.png")
        await core.settled(2)
        await accept(core)
        assert ((await core.take(1)).status, (await core.shot()).active) == ("complete", 2)


async def test_what_has_not_failed_and_what_has_no_file_is_not_accepted(tmp_path: Path) -> None:
    async with running_core(new_film(tmp_path), refusing(b"bad", b"bad too")) as core:
        core.drop(b"good", "good.png")
        await core.settled()
        await failed(core, number=2)
        await failed(core, b"bad too", "too.png", 3)
        core.film.media(2).unlink()
        await core.delete(3)
        await core.ask_for(prompt="dawn")
        await core.delete(4)
        refused: dict[int, type[Exception]] = {
            1: TakeNotFailed,
            2: TakeHasNoFile,
            3: TakeIsDeleted,
            4: TakeIsDeleted,
            5: TakeNotFound,
        }
        for number, why in refused.items():
            with pytest.raises(why):
                await accept(core, number)
        assert issubclass(TakeHasNoFile, Refused)
        assert "TakeAccepted" not in await core.events()


async def test_a_cancelled_take_that_was_brought_back_has_nothing_to_accept(tmp_path: Path) -> None:
    async with running_core(new_film(tmp_path), World()) as core:
        await core.ask_for(prompt="dawn")
        await core.delete(1)
        await core.restore(1)
        with pytest.raises(TakeHasNoFile, match="never had one"):
            await accept(core)


async def test_another_file_in_its_place_is_a_drop_and_not_accepted(tmp_path: Path) -> None:
    async with running_core(new_film(tmp_path), refusing(b"bad")) as core:
        await failed(core)
        path = core.film.media(1)
        path.chmod(0o644)
        path.write_bytes(b"another one")
        with pytest.raises(TakeHasNoFile, match="another one"):
            await accept(core)


async def test_a_change_of_its_file_afterwards_is_healed_and_the_change_is_the_next_take(
    tmp_path: Path,
) -> None:
    async with running_core(new_film(tmp_path), refusing(b"bad")) as core:
        await failed(core)
        await accept(core)
        path = core.film.media(1)
        path.unlink()
        path.write_bytes(b"saved over")
        for _ in range(3):  # it is compared, swapped for what was there, and a drop
            await core.scan()
            core.turn(60)
            await core.at_rest()
        assert (await core.settled(2)).status == "complete"
        assert (path.read_bytes(), core.film.media(2).read_bytes()) == (b"bad", b"saved over")


async def test_it_stays_accepted_when_the_film_is_opened_again_and_when_its_log_is_lost(
    tmp_path: Path,
) -> None:
    film, world = new_film(tmp_path), refusing(b"bad")
    async with running_core(film, world) as core:
        await failed(core)
        await accept(core)
    async with running_core(film, world) as core:
        assert ((await core.row(1)).status, (await core.row(1)).accepted) == ("complete", "it is cut off")
    for one in (film.root / ".takes").glob("index.db*"):
        one.unlink()
    new = refusing(b"bad")
    async with running_core(film, new) as core:
        core.turn(120)
        await core.scan()
        assert (await core.settled()).status == "complete"
        assert (await core.row(1)).accepted == "it is cut off"
        assert (await core.events())[-4:-1] == ["TakeFailed", "TakeAccepted", "TakeCompleted"]


async def ask(core: Core, number: int = 1) -> None:
    """Say that it is accepted, as a desk does, which has no hand in the film's folder."""
    shot = await core.shot()
    await core.parts.acceptance.check(shot.stream, number)
    await core.parts.shots.change(shot.stream, partial(ask_to_accept, number=number), BY)


async def test_what_was_accepted_at_a_desk_is_complete_once_whoever_keeps_the_film_looks(
    tmp_path: Path,
) -> None:
    async with running_core(new_film(tmp_path), refusing(b"bad")) as core:
        await failed(core)
        await ask(core)
        core.parts.mailbox.look_at((await core.shot()).path)
        assert (await core.settled(1)).status == "complete"
        await core.at_rest()
        row = await core.row(1)
        assert (row.error, row.accepted, (await core.shot()).active) == (None, "it is cut off", 1)
        assert (await core.events())[-3:] == ["TakeAccepted", "TakeCompleted", "TakeActivated"]
        assert core.film.media(1).read_bytes() == b"bad"


async def test_what_was_accepted_while_nobody_kept_the_film_is_complete_after_the_next_start(
    tmp_path: Path,
) -> None:
    film, world = new_film(tmp_path), refusing(b"bad")
    async with running_core(film, world) as core:
        await failed(core)
        await ask(core)
    async with running_core(film, world) as core:
        assert (await core.settled(1)).status == "complete"


async def test_what_was_accepted_and_hidden_since_is_complete_and_hidden(tmp_path: Path) -> None:
    async with running_core(new_film(tmp_path), refusing(b"bad")) as core:
        await failed(core)
        await ask(core)
        await core.delete(1)
        core.parts.mailbox.look_at((await core.shot()).path)
        take = await core.settled(1)
        assert (take.status, take.deleted, (await core.shot()).active) == ("complete", "asked", None)


async def test_what_was_asked_for_and_is_accepted_is_not_made_again(tmp_path: Path) -> None:
    async with running_core(new_film(tmp_path), refusing(b"bad")) as core:
        await core.ask_for(prompt="dawn")
        core.film.media(1).parent.mkdir(exist_ok=True)
        core.film.media(1).write_bytes(b"bad")
        for _ in range(2):  # it is seen, and whole
            await core.scan()
            core.turn(60)
        assert (await core.settled(1)).status == "failed"
        await ask(core)
        await core.at_rest()
        assert not (await core.take(1)).is_awaited
        assert not await core.parts.index.awaited()


async def test_what_is_saved_over_before_it_is_complete_becomes_the_next_take(tmp_path: Path) -> None:
    async with running_core(new_film(tmp_path), refusing(b"bad")) as core:
        await failed(core)
        await ask(core)
        core.film.media(1).unlink()
        core.film.media(1).write_bytes(b"good")
        with anyio.fail_after(DEADLINE):
            while len(await core.takes()) < 2:  # it is waited for until it is still, moved out, and a drop
                await core.scan()
                core.turn(60)
                await core.at_rest()
        assert (await core.settled(2)).status == "complete"
        assert (await core.take(1)).status == "generating"
