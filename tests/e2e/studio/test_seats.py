"""A film in a studio that several machines have: one database, one folder, and a process for each machine."""

import socket
from functools import partial
from pathlib import Path

import pytest

from daemon.cli.main import main
from daemon.project import studio_moves
from daemon.protection.dedupe import ELSEWHERE
from events import open_log
from projections.files.threads import in_thread
from tests.daemon.space.old_film import Old, append_past
from tests.e2e.studio.seats import DEAF, HELD, SERVICE, check_whole, in_studio, machine, shared_by, watches
from tests.support.film import Film, bytes_of, check_on_disk, environment, hashes, make_film, still, until
from tests.support.inside import surroundings
from tests.support.postgres import make_database, server, write_services

HOST = socket.gethostname()


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
            await keeper.at_rest()
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


SHOTS = [f"01_Chapter/01_Scene/{number:03d}_Shot" for number in range(1, 13)]


async def test_the_studio_says_who_has_a_film_and_keeps_what(
    tmp_path: Path, database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    film, services = await in_studio(tmp_path, server(), database)

    def said() -> str:
        with surroundings(environment(film.folder, **services)):
            assert main(["studio", "status"]) == 0
        return capsys.readouterr().out

    async with machine(film, "bert", services, "desk"), machine(film, "anna", services) as anna:
        await shared_by(server(), database, 1)

        async def is_told() -> bool:
            told = await in_thread(said)
            return f"{HOST}  keeper  shards 0-15\n" in told and f"{HOST}  desk\n" in told

        await until(is_told)
        assert await anna.stop() == 0
        assert f"{HOST}  keeper" not in await in_thread(said)


async def test_two_keepers_take_each_drop_once(tmp_path: Path, database: str) -> None:
    film, services = await in_studio(tmp_path, server(), database, *SHOTS)
    async with machine(film, "anna", services) as anna, machine(film, "bert", services) as bert:
        await shared_by(server(), database, 2)
        contents = {shot: [still(20 * place + one) for one in range(3)] for place, shot in enumerate(SHOTS)}
        contents[SHOTS[0]] += [still(1000 + one) for one in range(30)]
        for shot, dropped in contents.items():
            for place, content in enumerate(dropped):
                film.drop(content, f"{place}.png", shot)
        for shot, dropped in contents.items():
            for daemon in (anna, bert):
                assert bytes_of(await daemon.finished(len(dropped), shot)) == hashes(*dropped)
        for daemon in (anna, bert):
            await daemon.verify()
            assert (await daemon.status())["problems"] == []
        assert await anna.events() == await bert.events()
        check_whole(film, await anna.events(), contents)
        owners = await in_thread(server().execute, HELD, database)
        assert sorted(count for _, count in owners) == [8, 8]


async def test_what_a_machine_hears_in_shots_that_another_one_keeps_is_taken_at_once(
    tmp_path: Path, database: str
) -> None:
    film, services = await in_studio(tmp_path, server(), database, *SHOTS)
    async with (
        machine(film, "deaf", services, "all", **DEAF) as deaf,
        machine(film, "hearing", services, "all", **DEAF | {"watch": True}) as hearing,
    ):
        await shared_by(server(), database, 2)
        await until(partial(watches, hearing, 2 * len(SHOTS) + 3))
        for number, shot in enumerate(SHOTS):
            film.drop(still(number), "moved.png", shot)
            film.takes(shot).joinpath("closed.png").write_bytes(still(100 + number))
        for number, shot in enumerate(SHOTS):
            for daemon in (deaf, hearing):
                assert bytes_of(await daemon.finished(2, shot)) == hashes(still(number), still(100 + number))


async def test_one_of_two_keepers_cleans_up_all_of_the_film_and_each_shares_the_bytes_of_its_own_shots(
    tmp_path: Path, database: str
) -> None:
    film, services = await old_film_in_studio(tmp_path, database)
    async with machine(film, "anna", services) as anna, machine(film, "bert", services) as bert:
        await shared_by(server(), database, 2)
        for daemon in (anna, bert):
            await daemon.at_rest()
        answer = await anna.ask("POST", "cleanup", {"deletedAfterDays": 7})
        assert (len(answer.json()["takes"]), answer.json()["left"]) == (len(SHOTS), []), answer.text
        assert not [shot for shot in SHOTS if list(film.takes(shot).glob("take_001/*take_001.png"))]
        shared = []
        for daemon in (anna, bert):
            answer = await daemon.ask("POST", "dedupe", {})
            assert {one["reason"] for one in answer.json()["left"]} <= {ELSEWHERE}, answer.text
            shared += [one["path"] for one in answer.json()["shared"]]
        assert len(shared) == len(set(shared)) == len(SHOTS) - 1
        answer = await anna.ask("POST", "dedupe", {"dryRun": True})
        assert (answer.json()["shared"], answer.json()["left"]) == ([], [])
        for daemon in (anna, bert):
            await daemon.verify()
            assert (await daemon.status())["problems"] == []


async def old_film_in_studio(folder: Path, database: str) -> tuple[Film, dict[str, str]]:
    """A film whose shots each have a take that was deleted long ago, and one of bytes that all of them have."""
    services = write_services(folder / "services", server(), takes=database)
    with surroundings(environment(folder, **services)):
        film = await make_film(folder, "MyFilm", *SHOTS)
        async with open_log(film.log) as log:
            for number, shot in enumerate(SHOTS):
                takes = Old(1, still(number)), Old(2, still(100), "active", has_object=False)
                await append_past(film, log, *takes, shot=shot, stream=f"s{number}")
        await studio_moves.make_ready(SERVICE)
        await studio_moves.join(film.root, SERVICE)
    return film, services
