"""A film in a studio that several machines have: one database, one folder, and a process for each machine."""

from pathlib import Path

import pytest

from tests.e2e.seats import in_studio, machine
from tests.film import check_on_disk, still, until
from tests.postgres import make_database, server


@pytest.fixture
def database() -> str:
    return make_database(server())


async def test_a_desk_shows_the_film_and_chooses_and_does_nothing_on_disk(
    tmp_path: Path, database: str
) -> None:
    film, services = await in_studio(tmp_path, server(), database)
    async with machine(film, "desk", services, "desk") as desk:
        film.drop(still(1))
        async with machine(film, "keeper", services) as keeper:
            film.drop(still(2), "second.png")
            assert len(await keeper.finished(2)) == 2
            check_on_disk(film, (await desk.finished(2))[0])
            assert (await desk.activate(2)).status_code == 200

            async def is_linked() -> bool:
                return film.link() == "takes/take_002"

            await until(is_linked)
            await keeper.verify()
            await desk.verify()
        film.drop(still(3))
        assert (await desk.delete(1)).status_code == 200
        assert len(await desk.takes()) == 2
    assert film.takes().joinpath("render.png").read_bytes() == still(3)
