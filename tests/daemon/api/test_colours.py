"""The colours of pictures: wherever a list has pictures, it has what stands in their places until they have come."""

from pathlib import Path

from projections.files.threads import in_thread
from projections.index.tables import erase
from projections.layout import full_id
from tests.support.film import DAWN, make_film, still
from tests.support.inside import Daemon, running_daemon

COLOUR = "#070063"
"""Of the still that is dropped."""


async def told(daemon: Daemon) -> set[str | None]:
    """What the overview, the shot by itself, its takes and a search say."""
    await daemon.at_rest()
    shots = (await daemon.get("shots"))["shots"]
    shot = await daemon.get(f"shots/{full_id(DAWN)}")
    takes = [*await daemon.takes(), *[one["take"] for one in (await daemon.get("find"))["takes"]]]
    return {
        *[one["activeColour"] for one in shots if one["activeTakeId"]],
        shot.get("activeColour"),
        *[one.get("colour") for one in takes],
    }


async def test_every_list_of_pictures_has_their_colours(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        film.drop(still(7))
        await daemon.finished(1)
        assert await told(daemon) == {COLOUR}
    await in_thread(erase, film.root / ".takes" / "index.db")
    async with running_daemon(film) as daemon:  # which has made none of the pictures
        await daemon.finished(1)
        assert await told(daemon) == {COLOUR}
