"""A desk is a machine whose user works on a film that others keep: it tells them what he does, and they do it."""

import shutil
import socket
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from projections.layout import full_id
from tests.e2e.film import Daemon
from tests.e2e.studio.seats import DEAF, as_user, in_studio, machine, watches
from tests.support.film import DAWN, NOON, Film, bytes_of, hashes, still, until
from tests.support.postgres import make_database, server


@pytest.fixture
def database() -> str:
    return make_database(server())


HOST = socket.gethostname()


def everything_in(film: Film) -> dict[str, int]:
    """What lies in the film's folder, and when each was changed."""
    return {str(one): one.lstat().st_mtime_ns for one in film.root.rglob("*")}


async def test_what_changes_the_disk_is_done_there_when_it_is_answered(tmp_path: Path, database: str) -> None:
    film, services = await in_studio(tmp_path, server(), database)
    async with machine(film, "keeper", services) as keeper, machine(film, "desk", services, "desk") as desk:
        for number in (1, 2):
            film.drop(still(number), f"{number}.png")
        await keeper.finished(2)
        await desk.finished(2)
        answer = await desk.activate(2)
        assert (answer.status_code, answer.json().get("behind")) == (200, None)
        assert film.link() == "takes/take_002"
        answer = await desk.delete(2)
        assert answer.json().get("behind") is None
        assert film.link() == "takes/take_001"


@pytest.mark.timeout(180)  # three machines
async def test_what_two_keepers_do_between_them_is_done_when_a_desk_is_answered(
    tmp_path: Path, database: str
) -> None:
    shots = [f"01_Chapter/01_Scene/{number:03d}_Shot" for number in range(1, 7)]
    film, services = await in_studio(tmp_path, server(), database, *shots)
    async with (
        machine(film, "first", services) as first,
        machine(film, "second", services) as second,
        machine(film, "desk", services, "desk") as desk,
    ):
        for shot in shots:
            for number in (1, 2):
                film.drop(still(number), f"{number}.png", shot)

        async def is_shared() -> bool:
            held = [(await one.status())["studio"]["shards"] for one in (first, second)]
            return held == [8, 8]

        await until(is_shared)
        for shot in shots:
            await desk.finished(2, shot)
            answer = await desk.activate(2, shot)
            assert (answer.status_code, answer.json().get("behind")) == (200, None)
            assert film.link(shot) == "takes/take_002"


async def test_a_desk_knows_the_colours_of_pictures_that_a_keeper_has_made(
    tmp_path: Path, database: str
) -> None:
    film, services = await in_studio(tmp_path, server(), database)
    async with machine(film, "keeper", services) as keeper, machine(film, "desk", services, "desk") as desk:
        film.drop(still(7))
        await keeper.finished(1)
        await keeper.at_rest()
        await desk.finished(1)
        assert [one["colour"] for one in await desk.takes()] == ["#070063"]


async def test_where_nobody_keeps_the_film_a_desk_answers_all_the_same_and_says_what_is_behind(
    tmp_path: Path, database: str
) -> None:
    film, services = await in_studio(tmp_path, server(), database)
    async with machine(film, "desk", services, "desk") as desk:
        async with machine(film, "keeper", services) as keeper:
            film.drop(still(1), "1.png")
            film.drop(still(2), "2.png")
            await keeper.finished(2)
            await keeper.at_rest()
        await desk.finished(2)
        answer = await desk.activate(2)
        assert (answer.status_code, answer.json()["behind"]) == (200, ["active-link", "project-file"])
        assert film.link() == "takes/take_001"
        async with machine(film, "keeper", services):

            async def is_done() -> bool:
                return film.link() == "takes/take_002"

            await until(is_done)


async def test_a_desk_asks_for_a_take_and_notes_and_undoes(tmp_path: Path, database: str) -> None:
    film, services = await in_studio(tmp_path, server(), database)
    async with machine(film, "keeper", services) as keeper, machine(film, "desk", services, "desk") as desk:
        film.drop(still(1))
        await keeper.finished(1)
        await desk.finished(1)
        asked = await desk.ask("POST", f"shots/{full_id(DAWN)}/takes", {"generationParams": {"seed": 7}})
        assert (asked.status_code, asked.json()["takeId"]) == (202, "take_002")

        async def has_folder() -> bool:
            return film.takes().joinpath("take_002").is_dir()

        await until(has_folder)
        assert (await desk.delete(2)).json()["status"] == "failed"  # it is cancelled
        said = await desk.ask("PATCH", f"shots/{full_id(DAWN)}/takes/take_001", {"rating": 4})
        assert said.status_code == 200, said.text

        async def is_rated() -> bool:
            return bool((await keeper.takes())[0]["rating"] == 4)

        await until(is_rated)
        assert (await desk.ask("POST", "undo")).status_code == 200


async def test_what_was_hidden_and_lost_is_brought_back_by_the_keeper(tmp_path: Path, database: str) -> None:
    film, services = await in_studio(tmp_path, server(), database)
    async with machine(film, "keeper", services) as keeper, machine(film, "desk", services, "desk") as desk:
        film.drop(still(1))
        await keeper.finished(1)
        await keeper.at_rest()
        await desk.finished(1)
        assert (await desk.delete(1)).status_code == 200
        film.media(1, suffix=".png").unlink()
        answer = await desk.ask("POST", f"shots/{full_id(DAWN)}/takes/take_001/restore")
        assert answer.status_code == 200, answer.text

        async def is_back() -> bool:
            return film.media(1, suffix=".png").exists()

        await until(is_back)
        assert film.media(1, suffix=".png").read_bytes() == still(1)


DUSK = "01_Chapter/01_Scene/003_Dusk"
UPLOAD = "uploads/0123456789"


async def test_what_is_sent_to_a_desk_is_a_take_at_once_where_a_keeper_hears_of_nothing(
    tmp_path: Path, database: str
) -> None:
    film, services = await in_studio(tmp_path, server(), database)
    sent = {"clip.png": still(1), "clip.json": b'{"seed": 7}', "sea/1.png": still(2), "sea/2.png": still(3)}
    async with (
        machine(film, "keeper", services, **DEAF) as keeper,
        machine(film, "desk", services, "desk") as desk,
    ):
        await keeper.scanned()
        await until(partial(watches, desk))
        before = sorted((film.root / ".takes").iterdir())
        plan = await desk.ask("POST", "uploads", {"files": [{"path": "clip.png", "bytes": 1}]})
        assert plan.status_code == 200, plan.text
        for path, content in sent.items():
            put = await desk.client.put(f"/api/projects/myfilm/{UPLOAD}/{path}", content=content)
            assert put.status_code == 200, put.text
        assert sorted((film.root / ".takes").iterdir()) == before
        for _ in range(2):  # asked again, it says the same and does nothing
            brought = await desk.ask("POST", f"shots/{full_id(DAWN)}/files", {"upload": "0123456789"})
            assert brought.status_code == 202, brought.text
            assert [one["name"] for one in brought.json()["files"]] == ["clip.png", "sea"]
        takes = await desk.finished(2)
        assert sorted((one["media"]["frames"] or {}).get("count", 0) for one in takes) == [0, 2]
        assert [one["generationParams"] for one in takes if not one["media"]["frames"]] == [{"seed": 7}]
        assert (await desk.ask("DELETE", UPLOAD)).status_code == 204


async def test_files_of_its_machine_are_brought_in_at_a_desk(tmp_path: Path, database: str) -> None:
    film, services = await in_studio(tmp_path, server(), database)
    mine = tmp_path / "mine.png"
    mine.write_bytes(still(1))
    async with (
        machine(film, "keeper", services, **DEAF) as keeper,
        machine(film, "desk", services, "desk") as desk,
    ):
        await keeper.scanned()
        await until(partial(watches, desk))
        brought = await desk.ask("POST", f"shots/{full_id(DAWN)}/files", {"paths": [str(mine)]})
        assert brought.status_code == 202, brought.text
        assert bytes_of(await desk.finished(1)) == hashes(still(1))
    assert mine.read_bytes() == still(1)


async def test_a_folder_of_old_renders_is_brought_in_at_a_desk_and_taken_back_there(
    tmp_path: Path, database: str
) -> None:
    film, services = await in_studio(tmp_path, server(), database)
    old = tmp_path / "old"
    for name, content in {
        "001_Dawn/a.png": still(1),
        "001_Dawn/sea/sea.0001.png": still(2),
        "001_Dawn/sea/sea.0002.png": still(3),
        "elsewhere.png": still(4),
    }.items():
        (old / name).parent.mkdir(parents=True, exist_ok=True)
        (old / name).write_bytes(content)
    async with (
        machine(film, "keeper", services, **DEAF) as keeper,
        machine(film, "desk", services, "desk") as desk,
    ):
        await keeper.scanned()
        await until(partial(watches, desk))
        for brought in (2, 0):  # what is there does not come twice
            answer = await desk.ask("POST", "renders", {"folder": str(old), "move": False})
            assert (answer.status_code, answer.json()["brought"]) == (200, brought), answer.text
            await desk.finished(2)
        states = {one["path"]: one["state"] for one in answer.json()["renders"]}
        assert sorted(states.values()) == ["there", "there", "unclear"]
        assert (await desk.ask("POST", "undo")).status_code == 200
        assert all(one["deleted"] for one in await desk.takes())
    assert (old / "001_Dawn" / "a.png").read_bytes() == still(1)


@pytest.mark.parametrize("shots", [(DAWN,), ()])
async def test_a_shot_that_is_made_at_a_desk_is_known_where_a_keeper_hears_of_nothing(
    tmp_path: Path, database: str, shots: tuple[str, ...]
) -> None:
    film, services = await in_studio(tmp_path, server(), database, *shots)
    if not shots:
        shutil.rmtree(film.root / "01_Chapter")
    async with (
        machine(film, "keeper", services, **DEAF) as keeper,
        machine(film, "desk", services, "desk") as desk,
    ):
        await keeper.scanned()
        wanted = {"name": "003_Dusk", "scene": "01_Chapter/01_Scene", "makeScene": True}
        made = await desk.ask("POST", "shots", wanted)
        assert (made.status_code, made.json()["path"]) == (201, DUSK), made.text
        await until(partial(knows, desk, DUSK))
        film.drop(still(4), shot=DUSK)
        assert bytes_of(await keeper.finished(1, DUSK)) == hashes(still(4))


async def knows(one: Daemon, shot: str) -> bool:
    return (await one.ask("GET", f"shots/{full_id(shot)}")).status_code == 200


async def test_a_failed_take_that_is_accepted_at_a_desk_is_complete_when_it_is_answered(
    tmp_path: Path, database: str
) -> None:
    film, services = await in_studio(tmp_path, server(), database)
    async with machine(film, "keeper", services) as keeper:
        film.drop(b"no picture", "bad.png")
        await keeper.finished(1)
        await keeper.at_rest()
        async with machine(film, "desk", services, "desk") as desk:
            await desk.finished(1)
            address = f"shots/{full_id(DAWN)}/takes/take_001"
            answer = await desk.ask("POST", f"{address}/accept")
            assert (answer.status_code, answer.json()["status"]) == (200, "complete"), answer.text
            said = [one for one in await desk.events() if one["type"] in ("take.accepted", "take.completed")]
            assert [one["actor"].partition(":")[0] for one in said] == ["api", "watcher"]
            assert film.media(1, suffix=".png").read_bytes() == b"no picture"
            assert (await desk.ask("POST", f"{address}/accept")).status_code == 409
            film.drop(b"no picture either", "worse.png")
            await desk.finished(2)
            film.media(2, suffix=".png").unlink()
            gone = await desk.ask("POST", f"shots/{full_id(DAWN)}/takes/take_002/accept")
            assert (gone.status_code, "it is gone" in gone.json()["detail"]) == (409, True), gone.text


RULES = {"deletedAfterDays": 7, "failedAfterDays": 0.3, "keepNewest": 5}

REFUSED = (
    ("cleanup", {"dryRun": False}, "takes cleanup"),
    ("cleanup", RULES, "takes cleanup --deleted-after 7d --failed-after 8h --keep-newest 5"),
    ("dedupe", {"dryRun": False}, "takes dedupe"),
    ("dedupe", {"dryRun": True}, "takes dedupe --dry-run"),
)
"""What a desk is asked that only a keeper does, and by which command that does it."""


async def test_a_desk_changes_nothing_in_the_films_folder_but_what_its_user_puts_there(
    tmp_path: Path, database: str
) -> None:
    film, services = await in_studio(tmp_path, server(), database)
    async with machine(film, "keeper", services) as keeper:
        film.drop(still(1))
        await keeper.finished(1)
        await keeper.at_rest()
    before = everything_in(film)
    async with machine(film, "desk", services, "desk") as desk:
        await desk.finished(1)
        for path, body, command in REFUSED:
            answer = await desk.ask("POST", path, body)
            assert answer.status_code == 409, (path, answer.text)
            said = f"{command} --project myfilm"
            nobody = "Nobody keeps it now. On a machine that does"
            assert answer.json()["hint"] in (f"On {HOST}, run: {said}", f"{nobody}, run: {said}")
        for path in ("thumbnail?size=640", "filmstrip", "media"):
            answer = await desk.ask("GET", f"shots/{full_id(DAWN)}/takes/take_001/{path}")
            assert answer.status_code in (200, 404), (path, answer.text)
        assert (await desk.ask("POST", "verify")).status_code == 200
        assert (await desk.ask("POST", "rebuild", {})).json()["rebuilt"] == ["index"]
        await desk.get("doctor")
        await desk.get("du")
        status = await desk.status()
    assert (status["studio"]["role"], status["studio"]["behind"]) == ("desk", 0)
    assert everything_in(film) == before
    assert (tmp_path / "desk").exists()


async def test_a_desk_says_who_keeps_the_film(tmp_path: Path, database: str) -> None:
    film, services = await in_studio(tmp_path, server(), database)
    async with machine(film, "keeper", services) as keeper, machine(film, "desk", services, "desk") as desk:
        for one, role in ((keeper, "keeper"), (desk, "desk")):

            async def knows(one: Daemon = one) -> dict[str, Any] | None:
                said: dict[str, Any] = (await one.status())["studio"]
                return said if said["keptBy"] and not said["behind"] else None

            said = await until(knows)
            assert (said["role"], len(said["keptBy"]), said["away"]) == (role, 1, None)


async def test_what_a_desk_sees_is_taken_at_once_where_a_keeper_hears_of_nothing(
    tmp_path: Path, database: str
) -> None:
    film, services = await in_studio(tmp_path, server(), database)
    async with machine(film, "keeper", services, **DEAF) as keeper:
        await keeper.scanned()
        film.drop(still(1), shot=NOON)  # which nobody sees
        async with machine(film, "desk", services, "desk") as desk:
            await until(partial(watches, desk))
            film.drop(still(2), "second.png")  # it comes by a rename
            film.takes().joinpath("third.png").write_bytes(still(3))  # and this one is closed
            takes = await keeper.finished(2)
            assert sorted(one["media"]["sha256"] for one in takes) == hashes(still(2), still(3))
            await desk.finished(2)
        assert [one.name for one in film.takes(NOON).iterdir()] == ["render.png"]


async def test_a_folder_of_frames_and_a_shot_that_are_made_at_a_desk_are_heard_of(
    tmp_path: Path, database: str
) -> None:
    film, services = await in_studio(tmp_path, server(), database)
    scanning = DEAF | {"scan_every_unwatched": 0.5}  # what is new is found, and waits until it is still
    async with (
        machine(film, "keeper", services, **scanning) as keeper,
        machine(film, "desk", services, "desk") as desk,
    ):
        await keeper.scanned()
        await until(partial(watches, desk))
        frames = tmp_path / "sea"
        frames.mkdir()
        for number in range(3):
            frames.joinpath(f"sea.{number:04d}.png").write_bytes(still(number))
        frames.rename(film.takes() / "sea")
        assert (await keeper.finished(1))[0]["media"]["frames"]["count"] == 3
        dusk = "01_Chapter/01_Scene/003_Dusk"
        film.takes(dusk).mkdir(parents=True)
        await until(partial(watches, desk, 9))
        film.drop(still(4), shot=dusk)
        assert bytes_of(await keeper.finished(1, dusk)) == hashes(still(4))


async def test_the_roles_of_the_database_are_enough_for_a_keeper_and_for_a_desk(
    tmp_path: Path, database: str
) -> None:
    film, _ = await in_studio(tmp_path, server(), database)
    services = {role: as_user(film, server(), database, role) for role in ("keeper", "desk")}
    async with (
        machine(film, "keeper", services["keeper"], **DEAF) as keeper,
        machine(film, "desk", services["desk"], "desk") as desk,
    ):
        await keeper.scanned()
        await until(partial(watches, desk))
        for number in (1, 2):
            film.drop(still(number), f"{number}.png")
        await keeper.finished(2)
        await desk.finished(2)
        answer = await desk.activate(2)
        assert (answer.status_code, answer.json().get("behind")) == (200, None), answer.text
        for one in (keeper, desk):
            assert (await one.status())["problems"] == []
