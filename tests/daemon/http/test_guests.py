"""The guests: what a link leads to, and that nothing else of the film, of the daemon or of the machine can be had by it."""

import json
import re
import stat
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from daemon import locations
from daemon.api.app import describe_api
from tests.support.film import NOON, make_film, still, until, video
from tests.support.inside import Daemon, running_daemon


@asynccontextmanager
async def sharing(folder: Path) -> AsyncIterator[Daemon]:
    """A film with a clip and a hidden still at dawn, with a recipe and notes, and a still at noon."""
    film = await make_film(folder)
    async with running_daemon(film, port=0) as daemon:
        film.drop(b'{"prompt": "a secret prompt"}', "a.json")
        film.drop(video(), "a.mp4")
        await daemon.finished(1)
        film.drop(still(2))
        await daemon.finished(2)
        film.drop(still(3), shot=NOON)
        await daemon.finished(1, NOON)
        await daemon.ask("DELETE", "shots/001_Dawn/takes/take_002")
        await daemon.ask("PATCH", "shots/001_Dawn/takes/take_001", {"note": {"text": "too dark"}})
        await daemon.ask("PATCH", "shots/001_Dawn", {"note": {"text": "mind the tide"}})
        yield daemon


async def link(daemon: Daemon, of: str | None = "001_Dawn", **more: Any) -> dict[str, Any]:
    answer = await daemon.ask("POST", "shares", {"of": of, **more})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def port(daemon: Daemon) -> int:
    assert daemon.gallery
    return daemon.gallery.view.port


@asynccontextmanager
async def guest(daemon: Daemon, made: Mapping[str, Any] | None = None) -> AsyncIterator[httpx.AsyncClient]:
    """A browser at the port, which came by that link."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port(daemon)}") as client:
        if made:
            answer = await client.get(made["path"])
            assert (answer.status_code, answer.headers["location"]) == (303, "/shared/")
        yield client


async def test_a_guest_sees_the_takes_of_the_shot_and_nothing_else(tmp_path: Path) -> None:
    async with sharing(tmp_path) as daemon, guest(daemon, await link(daemon)) as client:
        await daemon.at_rest()
        answer = await client.get("/shared/film.json")
        film = answer.json()
        assert (film["title"], film["withNotes"]) == ("001_Dawn", False)
        (shot,) = film["shots"]
        (take,) = shot["takes"]
        assert (shot["name"], take["number"], take["active"], take["kind"]) == ("001_Dawn", 1, True, "video")
        assert take["notes"] == shot["notes"] == []
        assert re.fullmatch("#[0-9a-f]{6}", take["colour"])
        for word in ("secret", "prompt", "01_Chapter", "02_Noon", "too dark", "tide", str(tmp_path)):
            assert word not in answer.text
        for what in ("picture", "media"):
            assert (await client.get(f"/shared/{take[what]}")).status_code == 200
        part = await client.get(f"/shared/{take['media']}", headers={"range": "bytes=0-9"})
        assert (part.status_code, len(part.content)) == (206, 10)
        other = take["media"].replace("take_001", "take_002")
        assert (await client.get(f"/shared/{other}")).status_code == 404


async def test_what_belongs_to_another_shot_cannot_be_had(tmp_path: Path) -> None:
    async with sharing(tmp_path) as daemon:
        async with guest(daemon, await link(daemon, None)) as client:
            film = (await client.get("/shared/film.json")).json()
            (noon,) = [one for one in film["shots"] if one["name"] == "002_Noon"]
            media = f"/shared/{noon['takes'][0]['media']}"
            assert (await client.get(media)).status_code == 200
        async with guest(daemon, await link(daemon, "01_Chapter/01_Scene")) as client:
            assert (await client.get(media)).status_code == 200
        async with guest(daemon, await link(daemon)) as client:
            assert (await client.get(media)).status_code == 404
        assert (await daemon.ask("POST", "shares", {"of": "nowhere"})).status_code == 404
        assert (await daemon.ask("POST", "shares", {"days": 0})).status_code == 400


@pytest.fixture(scope="module")
def filled() -> Mapping[str, str]:
    return {
        "project_id": "myfilm",
        "shot_id": "001_Dawn",
        "take_id": "take_001",
        "note": "1",
        "number": "1",
        "upload_id": "5b0c0a5e-2f5f",
        "path": "a.png",
        "share_id": "0" * 8,
    }


async def test_no_route_of_the_api_answers_a_guest(tmp_path: Path, filled: Mapping[str, str]) -> None:
    paths = describe_api()["paths"]
    operations = [(method.upper(), path) for path, item in paths.items() for method in item]
    async with sharing(tmp_path) as daemon:
        made = await link(daemon, None, notes=True)
        secret, before = made["path"].partition("=")[2], await daemon.events()
        async with guest(daemon, made) as client:
            (shown,) = client.cookies.values()
            ours = {"cookie": f"takes-{port(daemon)}={shown}; takes-guest-{port(daemon)}={shown}"}
            for way in ({"authorization": f"Bearer {secret}"}, {"authorization": f"Bearer {shown}"}, ours):
                for method, path in operations:
                    address = re.sub(r"\{(\w+)(:\w+)?\}", lambda one: filled.get(one[1], "1"), path)
                    answer = await client.request(method, address, headers=way)
                    assert answer.status_code == 401, (method, address, answer.status_code)
                for path in ("/", "/index.html", "/schema", "/metrics", "/open", f"/open?token={secret}"):
                    assert (await client.get(path, headers=way)).status_code == 401, path
        assert await daemon.events() == before


PATHS = (
    "/shared/%2e%2e/api/projects",
    "/shared/../api/projects",
    "/shared/shots/x/takes/take_001/media",
    "/shared/shots/STREAM/takes/take_001",
    "/shared/shots/STREAM/takes/take_001/accept",
    "/shared/shots/STREAM/takes/take_001/media/../../../takes",
    "/shared/shots/STREAM/takes/take_001/frames/1%2f..%2fmedia",
    "/shared/shots/STREAM/takes/take_1/media",
    "/shared/index-1a2b.js",
    "/shared//",
    "/shared",
)


async def test_no_other_path_leads_anywhere(tmp_path: Path) -> None:
    async with sharing(tmp_path) as daemon, guest(daemon, await link(daemon)) as client:
        film = (await client.get("/shared/film.json")).json()
        found = {}
        for path in PATHS:
            there = path.replace("STREAM", film["shots"][0]["id"])
            url = httpx.URL(f"http://127.0.0.1:{port(daemon)}").copy_with(raw_path=there.encode())
            found[path] = (await client.get(url)).status_code
        assert not {path: code for path, code in found.items() if code not in {401, 404}}


async def test_a_guest_can_change_nothing(tmp_path: Path) -> None:
    async with sharing(tmp_path) as daemon, guest(daemon, await link(daemon)) as client:
        before = await daemon.events()
        take = (await client.get("/shared/film.json")).json()["shots"][0]["takes"][0]
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            for path in (
                "/share",
                "/shared/film.json",
                f"/shared/{take['media']}",
                f"/shared/{take['proxy']}",
            ):
                assert (await client.request(method, path)).status_code == 405
        assert await daemon.events() == before


async def test_notes_are_seen_where_that_was_said(tmp_path: Path) -> None:
    async with sharing(tmp_path) as daemon, guest(daemon, await link(daemon, notes=True)) as client:
        film = (await client.get("/shared/film.json")).json()
        assert [one["text"] for one in film["shots"][0]["takes"][0]["notes"]] == ["too dark"]
        assert [one["text"] for one in film["shots"][0]["notes"]] == ["mind the tide"]


async def test_a_link_leads_nowhere_once_it_is_withdrawn(tmp_path: Path) -> None:
    async with sharing(tmp_path) as daemon:
        made, other = await link(daemon), await link(daemon)
        async with guest(daemon, made) as client:
            media = (await client.get("/shared/film.json")).json()["shots"][0]["takes"][0]["media"]
            assert (await daemon.ask("DELETE", f"shares/{made['id']}")).status_code == 200
            for path in ("/shared/", "/shared/film.json", f"/shared/{media}", made["path"]):
                assert (await client.get(path)).status_code == 401
        listed = (await daemon.get("shares"))["shares"]
        assert [one["id"] for one in listed] == [other["id"]]
        assert "path" not in listed[0]
        assert (await daemon.ask("DELETE", f"shares/{made['id']}")).status_code == 404


async def test_a_link_leads_nowhere_once_its_time_is_over(tmp_path: Path) -> None:
    async with sharing(tmp_path) as daemon:
        made = await link(daemon, days=0.00002)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port(daemon)}") as client:

            async def is_over() -> bool:
                return (await client.get(made["path"])).status_code == 401

            assert (await client.get(made["path"])).status_code == 303
            shown = {"cookie": f"takes-guest-{port(daemon)}={client.cookies[f'takes-guest-{port(daemon)}']}"}
            await until(is_over)
            assert (await client.get("/shared/film.json", headers=shown)).status_code == 401
        assert (await daemon.get("shares"))["shares"] == []


async def test_only_a_hash_of_a_link_is_kept_where_nobody_else_can_read_or_write_it(tmp_path: Path) -> None:
    async with sharing(tmp_path) as daemon:
        made = await link(daemon)
        async with guest(daemon, made) as client:
            file = Path(locations.state_directory()) / "shares.json"
            text = file.read_text()
            assert made["path"].partition("=")[2] not in text
            assert next(iter(client.cookies.values())) not in text
            assert json.loads(text)[0]["title"] == "001_Dawn"
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
            file.chmod(0o666)
            assert (await client.get("/shared/film.json")).status_code == 401


async def test_a_link_follows_its_shot_and_shows_what_comes(tmp_path: Path) -> None:
    async with sharing(tmp_path) as daemon, guest(daemon, await link(daemon)) as client:
        daemon.film.drop(still(9))
        await daemon.finished(3)
        film = (await client.get("/shared/film.json")).json()
        assert [one["number"] for one in film["shots"][0]["takes"]] == [1, 3]
        daemon.film.shot().rename(daemon.film.shot().with_name("003_Dusk"))

        async def is_called() -> bool:
            shots = (await client.get("/shared/film.json")).json()["shots"]
            return [one["name"] for one in shots] == ["003_Dusk"]

        await until(is_called)


async def test_a_stranger_at_the_corner_of_guests_is_told_to_ask(tmp_path: Path) -> None:
    async with sharing(tmp_path) as daemon, guest(daemon) as client:
        for path in ("/share", "/share?token=x", "/share?token=x&token=y", "/shared/", "/shared/film.json"):
            answer = await client.get(path, headers={"accept": "text/html"})
            assert answer.status_code == 401
            assert "Ask whoever sent it" in answer.text
        elsewhere = await client.get("/shared/film.json", headers={"host": "evil.example"})
        assert elsewhere.status_code == 421
        foreign = await client.get("/shared/film.json", headers={"origin": "http://evil.example"})
        assert foreign.status_code == 403
