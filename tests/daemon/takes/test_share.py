"""A film on a share, which other machines write into unheard: when a drop is taken there."""

from pathlib import Path

import anyio
import anyio.to_thread
import pytest

from daemon.watching.scan import media_in
from tests.support.core import World, new_film, running_core
from tests.support.filesystems import SHARE
from tests.support.film import DAWN, make_film, still, until
from tests.support.inside import running_daemon

on_share = pytest.mark.parametrize("disk", [SHARE], indirect=True)

SHARED = 40.0


def elsewhere(path: Path) -> Path:
    """That file of a share as another machine sees it, of whose writing nothing is heard here."""
    share = next(one for one in path.parents if one.name == "share")
    return share.with_name("server") / path.relative_to(share)


@on_share
async def test_what_another_machine_drops_is_taken_once_it_was_still_for_long(disk: Path) -> None:
    film = new_film(disk)
    async with running_core(film, World()) as core:
        there = elsewhere(film.takes() / "render.png")
        there.write_bytes(b"a part")
        await core.scan()
        core.turn(SHARED - 1)
        there.write_bytes(b"a part, and the rest")  # after its writer's cache was flushed
        await core.scan()
        core.turn(SHARED - 1)
        await core.at_rest()
        assert await core.takes() == {}
        core.turn(1)
        assert (await core.settled()).bytes == len(b"a part, and the rest")


@on_share
async def test_what_this_machine_has_closed_is_taken_at_once(disk: Path) -> None:
    film = new_film(disk)
    async with running_core(film, World()) as core:
        (film.takes() / "render.png").write_bytes(b"whole")
        core.parts.mailbox.happened(f"{DAWN}/takes", "render.png", is_folder=False, closed=True)
        await core.at_rest()
        core.turn(1)
        assert (await core.settled()).status == "complete"


@on_share
async def test_what_is_written_here_is_heard_on_a_share_too(
    disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    film = await make_film(disk)
    hour = {"quiet": 0.05, "still_shared": 3600.0}
    async with running_daemon(film, env={"XDG_STATE_HOME": str(tmp_path)}, settle=hour) as daemon:
        await daemon.scanned()
        (film.takes() / "render.png").write_bytes(still(1))
        (take,) = await daemon.finished(1)
        assert take["status"] == "complete"
        watch = (await daemon.status())["watch"]
        assert watch["mode"] == "scanning"
        assert watch["folders"] > 0


@on_share
async def test_a_drop_that_a_kill_has_left_with_both_names_is_one_take(disk: Path) -> None:
    film, world = new_film(disk), World()
    drop = film.drop(b"a render")
    async with running_core(film, world) as core:
        core.decoder.close()
        core.hears("render.png", moved_in=True)

        async def is_placed() -> bool:
            return film.media(1).exists()

        await until(is_placed)
    drop.hardlink_to(film.media(1))  # as between the two steps of a move there
    world.decoder.open()
    async with running_core(film, world) as core:
        assert (await core.settled()).status == "complete"
        assert sorted(one.name for one in film.takes().iterdir()) == ["take_001"]
        found = await anyio.to_thread.run_sync(media_in, film.take(1))
        assert [one.name for one in found] == [film.media(1).name]
        assert list(await core.takes()) == [1]
