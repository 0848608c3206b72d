"""A disk that answers no call holds up its own film, and no other one."""

from pathlib import Path

import pytest

from tests.e2e.film import running_daemon
from tests.support.filesystems import FUSE, hanging, mounted
from tests.support.film import DAWN, make_film, still

MANY = 40
"""Drops that are under way when their disk stops answering: more than one film has threads."""


@pytest.mark.parametrize("many", [0, MANY])
@pytest.mark.parametrize("disk", [FUSE])
async def test_a_disk_that_hangs_stops_no_other_film_and_no_answer_about_it(
    tmp_path: Path, disk: str, many: int
) -> None:
    """With no drop there, no decoder is loaded yet when the first is needed."""
    with mounted(disk, tmp_path) as place:
        film, stuck = await make_film(tmp_path, "Whole"), await make_film(place, "Stuck")
        async with running_daemon(film, stuck) as daemon:
            daemon.project = "whole"
            await daemon.scanned()
            for number in range(many):
                stuck.drop(still(number), f"frame{number}.png")
            with hanging(place):
                film.drop(still(1))
                (take,) = await daemon.finished(1)
                assert take["status"] == "complete"
                await daemon.at_rest()
                shown = await daemon.ask(
                    "GET", f"shots/{DAWN.replace('/', ':')}/takes/take_001/thumbnail?size=1280"
                )
                assert shown.status_code == 200
                listed = (await daemon.get("/api/projects"))["projects"]
                assert {one["id"] for one in listed} == {"whole", "stuck"}
            daemon.project = "stuck"
            stuck.drop(still(many))
            assert len(await daemon.finished(many + 1)) == many + 1
