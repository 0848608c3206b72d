"""A disk that is full, or fails, costs its film some time and nothing else; it takes no other film along."""

from pathlib import Path
from typing import Any

import pytest

from tests.e2e.film import Daemon, running_daemon
from tests.support.filesystems import EXT4, REFLINKS, full, mounted, shut_down
from tests.support.film import DAWN, Film, bytes_of, hashes, make_film, still, until

MEGABYTES = 320
"""The least that XFS does with."""

DROPS = range(2, 12)


async def has_taken(daemon: Daemon, film: Film, content: bytes) -> None:
    """That film is kept as ever."""
    before, daemon.project = daemon.project, film.root.name.lower()
    film.drop(content)
    (take,) = await daemon.finished(1)
    assert take["status"] == "complete"
    daemon.project = before


async def state(daemon: Daemon) -> dict[str, Any]:
    """How the list of projects has the one that is asked about."""
    listed = (await daemon.get("/api/projects"))["projects"]
    return next(one for one in listed if one["id"] == daemon.project)


@pytest.mark.parametrize("disk", [EXT4, *REFLINKS])
async def test_on_a_full_disk_drops_wait_answers_are_given_and_all_goes_on_by_itself(
    tmp_path: Path, disk: str
) -> None:
    with mounted(disk, tmp_path, MEGABYTES) as place:
        whole, film = await make_film(tmp_path, "Whole"), await make_film(place, "Full")
        async with running_daemon(whole, film, git={"stage": False}) as daemon:
            daemon.project = "full"
            await daemon.scanned()
            film.drop(still(1))
            await daemon.finished(1)
            await daemon.at_rest()
            hidden = [film.takes() / f".{number}.part" for number in DROPS]
            for number, path in zip(DROPS, hidden, strict=True):
                path.write_bytes(still(number))
            with full(place):
                for path in hidden:
                    path.rename(path.with_name(f"{path.stem[1:]}.png"))
                await until(lambda: _problems(daemon))
                assert (await state(daemon))["state"] == "live"
                taken = await daemon.takes()
                assert not [take for take in taken if take["status"] == "failed"]
                assert (
                    await daemon.ask("GET", f"shots/{DAWN.replace('/', ':')}/takes/take_001/media")
                ).is_success
                await has_taken(daemon, whole, still(1))
            takes = await daemon.finished(1 + len(DROPS))
            assert bytes_of(takes) == hashes(*map(still, (1, *DROPS)))
            await until(lambda: _well(daemon))
            await daemon.verify()
            assert await daemon.stop() == 0


async def _problems(daemon: Daemon) -> list[Any]:
    problems: list[Any] = (await daemon.status())["problems"]
    return problems


async def _well(daemon: Daemon) -> bool:
    return not await _problems(daemon)


@pytest.mark.parametrize("disk", ["xfs"])
async def test_a_disk_that_fails_takes_no_other_film_along(tmp_path: Path, disk: str) -> None:
    with mounted(disk, tmp_path, MEGABYTES) as place:
        whole, film = await make_film(tmp_path, "Whole"), await make_film(place, "Failing")
        async with running_daemon(whole, film) as daemon:
            daemon.project = "failing"
            await daemon.scanned()
            film.drop(still(1))
            await daemon.finished(1)
            shut_down(place)
            refused = await daemon.activate(1)
            assert refused.status_code in (200, 503, 507), refused.text

            async def suspended() -> bool:
                return "nput/output error" in ((await state(daemon)).get("reason") or "")

            await until(suspended)
            await has_taken(daemon, whole, still(2))
            assert await daemon.stop() == 0
