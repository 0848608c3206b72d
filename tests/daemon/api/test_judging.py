"""Judging over HTTP: what is said of takes is there for everybody, by whom, and is taken back one by one."""

import getpass
import json
from pathlib import Path
from typing import Any

import anyio
import httpx

from daemon.home.init import init_project
from tests.support.film import DAWN, NOON, Film, make_film, still, until
from tests.support.inside import Daemon, running_daemon

D = DAWN.replace("/", ":")
N = NOON.replace("/", ":")
ME = getpass.getuser()
PEN = {"kind": "pen", "points": [0.1, 0.1, 0.5, 0.5, 0.5, 0.9]}


async def dropped(film: Film, daemon: Daemon, count: int = 3) -> None:
    for number in range(1, count + 1):
        film.drop(still(number))
        await daemon.finished(number)


async def there(daemon: Daemon) -> bool:
    """Whether the shot is known."""
    return (await daemon.ask("GET", f"shots/{D}")).is_success


async def judge(daemon: Daemon, take: int, **wanted: Any) -> dict[str, Any]:
    answer = await daemon.ask("PATCH", f"shots/{D}/takes/take_{take:03d}", wanted)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def judge_all(daemon: Daemon, *takes: int, **wanted: Any) -> httpx.Response:
    body = {"takeIds": [f"take_{one:03d}" for one in takes], **wanted}
    return await daemon.ask("PATCH", f"shots/{D}/takes", body)


async def undo(daemon: Daemon, how: str = "undo") -> list[str]:
    answer = await daemon.ask("POST", how)
    assert answer.status_code == 200, answer.text
    return [one["type"] for one in answer.json()["events"]]


async def facts(daemon: Daemon) -> list[tuple[Any, ...]]:
    return [
        (one["rating"], one["mark"], one["tags"], one["deleted"], one["active"], len(one["notes"]))
        for one in await daemon.takes()
    ]


async def test_what_is_said_is_in_the_take_the_sidecar_the_search_and_the_log(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await dropped(film, daemon, 1)
        note = {"text": "six fingers", "frame": 12, "lastFrame": 20}
        said = await judge(daemon, 1, rating=4, mark="pick", addTags=["night", "hero"], note=note)
        assert (said["rating"], said["mark"], said["tags"]) == (4, "pick", ["hero", "night"])
        (one,) = said["notes"]
        assert (one["note"], one["text"], one["by"], one["state"]) == (1, "six fingers", ME, "open")
        assert (one["frame"], one["lastFrame"]) == (12, 20)
        await daemon.at_rest()
        assert '"rating": 4' in film.take(1).joinpath("shot_001_take_001_metadata.json").read_text()
        for query in ("fingers", "hero", "tag:night", "note:six", "rating:>3", "is:pick", "-is:rejected"):
            assert len((await daemon.get(f"find?q={query}"))["takes"]) == 1, query
        assert (await daemon.get("find?q=rating:5"))["takes"] == []
        events = [one for one in await daemon.events() if one["data"].get("by")]
        assert [one["type"] for one in events] == ["take.rated", "take.marked", "take.tagged", "take.noted"]
        assert len({one["cause"] for one in events}) == 1
        await daemon.verify()


async def test_a_drawing_is_kept_with_its_note_and_wrong_ones_are_refused(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await dropped(film, daemon, 1)
        arrow = {"kind": "arrow", "points": [0.1, 0.25, 0.5, 1 / 3], "colour": "red"}
        words = {"kind": "text", "points": [0.5, 0.5], "text": "here"}
        said = await judge(daemon, 1, note={"text": "mend it", "frame": 3, "drawing": [arrow, words]})
        kept = [
            {**arrow, "points": [0.1, 0.25, 0.5, 0.3333], "text": None},
            {**words, "colour": "yellow"},
        ]
        assert said["notes"][0]["drawing"] == kept
        await daemon.at_rest()
        sidecar = film.take(1).joinpath("shot_001_take_001_metadata.json").read_text()
        assert json.loads(sidecar)["notes"][0]["drawing"][0]["points"] == [0.1, 0.25, 0.5, 0.3333]
        take = f"shots/{D}/takes/take_001"
        for wrong in ({"kind": "pen", "points": [0.5, 0.5]}, {"kind": "pen", "points": [0, 0, 2, 0]}):
            answer = await daemon.ask("PATCH", take, {"note": {"text": "x", "drawing": [wrong]}})
            assert answer.status_code in {400, 422}
            assert answer.json()["hint"]
        await daemon.verify()


async def test_a_note_is_answered_resolved_and_withdrawn(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await dropped(film, daemon, 1)
        await judge(daemon, 1, note={"text": "wider?"})
        await judge(daemon, 1, note={"text": "yes", "answers": 1})
        take = f"shots/{D}/takes/take_001"
        assert (await daemon.ask("PATCH", f"{take}/notes/1", {"state": "resolved"})).is_success
        answer = await daemon.ask("PATCH", f"{take}/notes/2", {"state": "withdrawn"})
        assert [(one["note"], one["state"]) for one in answer.json()["notes"]] == [(1, "resolved")]
        assert (await daemon.ask("PATCH", f"{take}/notes/9", {"state": "open"})).status_code == 404
        wrong = await daemon.ask("PATCH", take, {"note": {"text": "x", "answers": 7}})
        assert wrong.status_code == 404


async def test_of_many_takes_all_are_judged_or_none(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await dropped(film, daemon)
        answer = await judge_all(daemon, 1, 2, rating=3)
        assert [one["rating"] for one in answer.json()["takes"]] == [3, 3]
        head = (await daemon.status())["position"]
        assert (await judge_all(daemon, 2, 9, rating=5)).status_code == 404
        assert (await judge_all(daemon, 2, 3, rating=6)).status_code == 400
        assert (await judge_all(daemon, 2, 3, addTags=["\x1b"])).status_code == 422
        assert (await daemon.status())["position"] == head
        hidden = (await judge_all(daemon, 1, 3, deleted=True)).json()
        assert [one["deleted"] for one in hidden["takes"]] == [True, True]
        assert hidden["activeTakeId"] == "take_002"
        back = (await judge_all(daemon, 1, 3, deleted=False)).json()
        assert [one["deleted"] for one in back["takes"]] == [False, False]


async def test_takes_of_several_shots_are_judged_as_one_choice(tmp_path: Path) -> None:
    film = await make_film(tmp_path)

    async def marks() -> list[list[tuple[str, bool]]]:
        shots = [await daemon.takes(), await daemon.takes(NOON)]
        return [[(one["mark"], one["deleted"]) for one in takes] for takes in shots]

    async def judge_film(key: str | None = None, **wanted: Any) -> httpx.Response:
        shots = [{"shotId": D, "takeIds": ["take_001", "take_002"]}, {"shotId": N, "takeIds": ["take_001"]}]
        headers = {"Idempotency-Key": key} if key else {}
        return await daemon.ask("PATCH", "takes", {"shots": shots, **wanted}, headers)

    async with running_daemon(film) as daemon:
        await dropped(film, daemon, 2)
        film.drop(still(9), shot=NOON)
        await daemon.finished(1, NOON)
        before = await marks()
        done = (await judge_film("k1", mark="pick")).json()["events"]
        assert [(one["type"], one["shotId"]) for one in done] == [("take.marked", D)] * 2 + [
            ("take.marked", N)
        ]
        assert len({one["cause"] for one in done}) == 1
        picked = await marks()
        assert picked == [[("pick", False)] * 2, [("pick", False)]]
        assert (await judge_film("k1", mark="pick")).json()["events"] == done
        assert (await judge_film("k1", mark="reject")).status_code == 409
        assert (await judge_film(deleted=True)).is_success
        assert await marks() == [[("pick", True)] * 2, [("pick", True)]]
        film.remove_by_hand(2)
        assert (await judge_film(deleted=False)).is_success
        assert film.take(2).exists()
        for expected in ([[("pick", True)] * 2, [("pick", True)]], picked, before):
            await undo(daemon)
            assert await marks() == expected
        await undo(daemon, "redo")
        assert await marks() == picked
        head = (await daemon.status())["position"]
        shots = [{"shotId": D, "takeIds": ["take_001"]}, {"shotId": N, "takeIds": ["take_007"]}]
        assert (await daemon.ask("PATCH", "takes", {"shots": shots, "rating": 5})).status_code == 404
        assert (await daemon.status())["position"] == head


async def test_a_shot_has_a_stage_and_notes_of_its_own(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, stages=["to do", "done"]) as daemon:
        await until(lambda: there(daemon))
        assert (await daemon.get("/api/projects/myfilm"))["stages"] == ["to do", "done"]
        answer = await daemon.ask("PATCH", f"shots/{D}", {"stage": "done", "note": {"text": "wider"}})
        assert answer.json()["stage"] == "done"
        assert answer.json()["notes"][0]["text"] == "wider"
        assert answer.headers["etag"]
        wrong = await daemon.ask("PATCH", f"shots/{D}", {"stage": "review"})
        assert wrong.status_code == 422
        assert "to do, done" in wrong.json()["hint"]
        state = await daemon.ask("PATCH", f"shots/{D}/notes/1", {"state": "withdrawn"})
        assert state.json()["notes"] == []
        assert await undo(daemon) == ["shot.note.marked"]
        assert await undo(daemon) == ["shot.note.marked", "shot.staged"]
        shown = await daemon.get(f"shots/{D}")
        assert (shown["stage"], shown["notes"]) == (None, [])


async def test_choices_are_taken_back_one_by_one_and_made_again(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await dropped(film, daemon)
        states = [await facts(daemon)]
        await judge_all(daemon, 1, 2, 3, rating=2, mark="reject")
        states.append(await facts(daemon))
        await daemon.activate(3)
        states.append(await facts(daemon))
        await daemon.delete(3)
        states.append(await facts(daemon))
        await judge(daemon, 2, addTags=["hero"], note={"text": "this one"})
        states.append(await facts(daemon))
        for state in reversed(states[:-1]):
            await undo(daemon)
            assert await facts(daemon) == state
        assert (await daemon.ask("POST", "undo")).status_code == 409
        for state in states[1:]:
            await undo(daemon, "redo")
            assert await facts(daemon) == state
        assert (await daemon.ask("POST", "redo")).status_code == 409
        await undo(daemon)
        assert await facts(daemon) == states[-2]
        await judge(daemon, 1, rating=5)
        nothing = await daemon.ask("POST", "redo")
        assert (nothing.status_code, nothing.json()["title"]) == (409, "Nothing to undo")
        await daemon.at_rest()
        assert film.link() == f"takes/{await daemon.active()}" == "takes/take_002"
        await daemon.verify()


async def test_undoing_a_deletion_brings_the_file_back(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await dropped(film, daemon, 2)
        await daemon.at_rest()
        await daemon.delete(2)
        film.media(2).unlink()
        assert await undo(daemon) == ["take.restored"]
        assert film.media(2).exists()


async def test_an_undo_that_is_sent_twice_is_done_once(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await dropped(film, daemon, 1)
        await judge(daemon, 1, rating=1)
        await judge(daemon, 1, rating=2)
        for _ in range(2):
            answer = await daemon.ask("POST", "undo", headers={"Idempotency-Key": "back"})
            assert answer.is_success, answer.text
        assert (await daemon.take(1) or {})["rating"] == 1
        other = await daemon.ask("POST", "redo", headers={"Idempotency-Key": "back"})
        assert other.status_code == 409


async def test_each_person_takes_back_what_is_his(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, port=0) as daemon:
        await dropped(film, daemon, 2)
        assert daemon.gallery
        address = f"http://127.0.0.1:{daemon.gallery.view.port}/api/projects/myfilm"
        token = {"Authorization": f"Bearer {daemon.gallery.token.text}"}
        async with httpx.AsyncClient(headers=token) as port:

            async def ask(by: str, method: str, path: str, body: Any = None) -> httpx.Response:
                return await port.request(method, f"{address}/{path}", json=body, headers={"Takes-By": by})

            take = f"shots/{D}/takes/take_001"
            assert (await ask("J%C3%B6rg", "PATCH", take, {"rating": 1})).is_success
            assert (await ask("anna", "PATCH", take, {"rating": 4})).is_success
            await judge(daemon, 2, mark="pick")
            by = [one["data"]["by"] for one in await daemon.events() if one["data"].get("by")]
            assert by == ["Jörg", "anna", ME]
            nothing_stands = await ask("J%C3%B6rg", "POST", "undo")
            assert nothing_stands.status_code == 409
            assert (await ask("anna", "POST", "undo")).is_success
            assert (await daemon.take(1) or {})["rating"] == 1
            assert (await ask("J%C3%B6rg", "POST", "undo")).is_success
            assert [(one["rating"], one["mark"]) for one in await daemon.takes()] == [
                (0, "none"),
                (0, "pick"),
            ]
            assert (await ask("a%1Bb", "PATCH", take, {"rating": 1})).status_code == 422


async def test_opinions_outlive_a_lost_log(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await dropped(film, daemon, 2)
        await judge(
            daemon, 1, rating=5, mark="pick", addTags=["hero"], note={"text": "keep", "drawing": [PEN]}
        )
        await judge(daemon, 1, note={"text": "yes", "answers": 1})
        await daemon.ask("PATCH", f"shots/{D}/takes/take_001/notes/1", {"state": "resolved"})
        await daemon.at_rest()
        before = await facts(daemon)
        notes = (await daemon.take(1) or {})["notes"]
    for path in film.root.joinpath(".takes").iterdir():
        if path.is_file():
            path.unlink()
    await anyio.to_thread.run_sync(init_project, film.root)
    async with running_daemon(film) as daemon:
        await daemon.finished(2)
        assert [one[:3] for one in await facts(daemon)] == [one[:3] for one in before]
        again = (await daemon.take(1) or {})["notes"]
        assert [{**one, "at": ""} for one in again] == [{**one, "at": ""} for one in notes]
