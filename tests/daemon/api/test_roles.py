"""Roles: what a person may do who comes by the hub, route by route, and what each sees of which film."""

from pathlib import Path
from typing import Any, cast

from daemon.api.answers.roles import NEEDS, Need
from daemon.api.app import build_app
from daemon.api.routes.table import ROUTES
from events.people import ROLES
from tests.daemon.http.test_hub import OURS, by_proxy, hub
from tests.support.film import make_film, still
from tests.support.inside import Daemon, running_daemon

ORDER: tuple[Need, ...] = ("anybody", *ROLES, "owner")


async def test_each_route_says_what_it_takes_and_is_refused_below_that(tmp_path: Path) -> None:
    assert set(NEEDS) == {route.fn.__name__ for route in ROUTES}
    async with hub(tmp_path) as (daemon, client):
        for role in ROLES:
            await grant(daemon, f"{role}@studio", role)
        refused = []
        for route in build_app(cast("Any", None)).routes:
            for handler in getattr(route, "route_handlers", ()):
                name = handler.fn.__name__
                if name not in NEEDS:
                    continue  # the schema, and what answers OPTIONS
                path = address_of(route.path)
                for role in ROLES:
                    (method,) = handler.http_methods - {"HEAD", "OPTIONS"}
                    headers = {**by_proxy(daemon, f"{role}@studio"), **OURS}
                    body: Any = {} if method in {"POST", "PUT", "PATCH"} else None
                    if ORDER.index(NEEDS[name]) > ORDER.index(role):
                        answer = await client.request(method, path, headers=headers, json=body)
                        assert answer.status_code == 403, (method, path, role, answer.text)
                        assert answer.json()["title"] == "Not allowed"
                        refused.append((name, role))
                    if "{project_id" in route.path:
                        headers = {**by_proxy(daemon, "eve@studio"), **OURS}
                        answer = await client.request(method, path, headers=headers, json=body)
                        assert answer.status_code == 404, (method, path, answer.text)
                        assert "no project" in answer.json()["detail"]
        assert {("clean_up", "artist"), ("set_active", "reader"), ("show_metrics", "supervisor")} <= {
            *refused
        }


def address_of(path: str) -> str:
    """A path that leads to that route."""
    known = {"project_id": "myfilm", "shot_id": "001_Dawn", "take_id": "take_001", "note": "1", "frame": "1"}
    parts = [part.strip("{}").partition(":")[0] if "{" in part else part for part in path.split("/")]
    marked = ["{" in part for part in path.split("/")]
    return "/".join(
        known.get(part, "x") if is_one else part for part, is_one in zip(parts, marked, strict=True)
    )


async def grant(daemon: Daemon, name: str, role: str) -> Any:
    """Have somebody be that, as whoever runs the daemon says."""
    answer = await daemon.ask("PUT", f"people/{name}", {"role": role})
    assert answer.status_code == 200, answer.text
    return answer.json()["people"]


async def test_what_each_role_may_do_it_can(tmp_path: Path) -> None:
    async with hub(tmp_path) as (daemon, client):
        daemon.film.drop(still(1))
        daemon.film.drop(still(2), "b.png")
        await daemon.finished(2)
        for role in ROLES:
            await grant(daemon, f"{role}@studio", role)
        film = "/api/projects/myfilm"
        take = f"{film}/shots/001_Dawn/takes/take_002"

        async def ask(role: str, method: str, path: str, body: Any = None) -> int:
            headers = {**by_proxy(daemon, f"{role}@studio"), **OURS}
            answer = await client.request(method, path, headers=headers, json=body)
            return answer.status_code

        assert await ask("reader", "GET", f"{take}/media") == 200
        assert await ask("reader", "PATCH", take, {"rating": 3}) == 403
        assert await ask("artist", "PATCH", take, {"rating": 3, "note": {"text": "good"}}) == 200
        body = {"takeId": "take_002"}
        assert await ask("artist", "PUT", f"{film}/shots/001_Dawn/active-take", body) == 200
        # to hide a take by judging it is to delete it
        assert await ask("artist", "PATCH", take, {"deleted": True}) == 403
        several = {"takeIds": ["take_002"], "deleted": True}
        assert await ask("artist", "PATCH", f"{film}/shots/001_Dawn/takes", several) == 403
        shots = {"shots": [{"shotId": "001_Dawn", "takeIds": ["take_002"]}], "deleted": True}
        assert await ask("artist", "PATCH", f"{film}/takes", shots) == 403
        # and by a path any file of the machine could be had
        secret = {"paths": [str(tmp_path / "state" / "takes" / "hub-secret")]}
        assert await ask("supervisor", "POST", f"{film}/shots/001_Dawn/files", secret) == 403
        assert await ask("supervisor", "DELETE", take) == 200
        assert await ask("supervisor", "PATCH", take, {"deleted": False}) == 200
        assert await ask("supervisor", "PUT", f"{film}/people/ben@studio", {"role": "reader"}) == 200
        assert await ask("supervisor", "PUT", f"{film}/people/ben@studio", {"role": "owner"}) == 400
        (granted,) = [one for one in await daemon.events() if one["data"].get("person") == "ben@studio"]
        assert (granted["actor"], granted["data"]["by"]) == ("api:supervisor@studio", "supervisor@studio")


async def test_a_film_is_there_for_those_only_who_may_see_it(tmp_path: Path) -> None:
    async with hub(tmp_path, "Other") as (daemon, client):
        await grant(daemon, "anna@studio", "artist")

        async def seen(person: str) -> dict[str, str]:
            headers = by_proxy(daemon, person)
            told = (await client.get("/api/projects", headers=headers)).json()
            health = (await client.get("/api/health", headers=headers)).json()
            assert (health["gallery"], health["hub"]) == (None, None)
            assert told["asker"] == {"name": person, "owner": False}
            films = {one["id"]: one["role"] for one in told["projects"]}
            assert [*films] == [one["id"] for one in health["projects"]]
            return films

        assert await seen("anna@studio") == {"myfilm": "artist"}
        assert await seen("eve@studio") == {}
        one = await client.get("/api/projects/myfilm", headers=by_proxy(daemon, "anna@studio"))
        assert one.json()["role"] == "artist"
        answer = await client.get("/api/projects/other/shots", headers=by_proxy(daemon, "anna@studio"))
        assert (answer.status_code, answer.json()["hint"]) == (404, "Kept are: myfilm.")
        answer = await client.get("/api/projects/myfilm/shots", headers=by_proxy(daemon, "eve@studio"))
        assert "myfilm" not in answer.json()["hint"]
        mine = await daemon.get("/api/projects")
        assert mine["asker"]["owner"]
        assert [one["role"] for one in mine["projects"]] == ["supervisor"] * 2


async def test_whoever_is_sent_away_sees_no_more_at_once(tmp_path: Path) -> None:
    async with hub(tmp_path) as (daemon, client):
        await grant(daemon, "anna@studio", "reader")
        headers = {**by_proxy(daemon, "anna@studio"), "accept": "text/event-stream"}
        async with client.stream("GET", "/api/projects/myfilm/events", headers=headers) as feed:
            lines = feed.aiter_lines()
            await anext(lines)
            assert (await daemon.ask("DELETE", "people/anna@studio")).json() == {"people": []}
            told = [line async for line in lines]  # the stream ends
        assert not any("access.revoked" in line for line in told)
        answer = await client.get("/api/projects/myfilm/shots", headers=by_proxy(daemon, "anna@studio"))
        assert answer.status_code == 404
        gone = await daemon.ask("DELETE", "people/anna@studio")
        assert (gone.status_code, gone.json()["title"]) == (404, "Person not found")


async def test_roles_are_in_the_log_and_outlive_the_index(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await grant(daemon, "anna@studio", "artist")
        await grant(daemon, "ben@studio", "reader")
        people = await grant(daemon, "anna@studio", "supervisor")
        assert [(one["name"], one["role"]) for one in people] == [
            ("anna@studio", "supervisor"),
            ("ben@studio", "reader"),
        ]
        await grant(daemon, "ben@studio", "reader")  # which changes nothing
        types = [one["type"] for one in await daemon.events() if one["stream"] == "film"]
        assert types == ["access.granted"] * 3
        undone = await daemon.ask("POST", "undo")
        assert (
            undone.status_code == 409
        )  # who may see a film is not taken back by a key that was hit too often
        await daemon.ask("POST", "rebuild", {"name": "index"})
        assert (await daemon.get("people"))["people"] == people
        for name in ("a/b", "", " anna"):
            answer = await daemon.ask("PUT", f"people/{name.replace('/', '%2F')}", {"role": "reader"})
            assert answer.status_code in (404, 405, 422)
    async with running_daemon(film) as daemon:
        assert (await daemon.get("people"))["people"] == people
        await daemon.verify()
