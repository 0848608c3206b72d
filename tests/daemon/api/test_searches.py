"""Saved searches over HTTP: kept under names in the film's own stream, taken back, told as they were, and in the file."""

from pathlib import Path
from typing import Any

import httpx

from tests.support.film import DAWN, make_film, still, until
from tests.support.inside import Daemon, running_daemon


async def save(daemon: Daemon, name: str, query: str) -> httpx.Response:
    return await daemon.ask("PUT", f"searches/{name}", {"query": query})


async def kept(daemon: Daemon, as_of: int | None = None) -> dict[str, str]:
    found = await daemon.get("searches" if as_of is None else f"searches?asOf={as_of}")
    return {one["name"]: one["query"] for one in found["searches"]}


async def test_a_search_is_kept_replaced_removed_and_all_of_it_is_taken_back(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        film.drop(still(1))
        await daemon.finished(1)
        assert (await save(daemon, "of%20the%20pier", "pier")).json()["searches"][0]["name"] == "of the pier"
        await save(daemon, "best", "rating:>3")
        before = (await daemon.status())["position"]
        await save(daemon, "best", "rating:5 is:new")
        answer = await daemon.ask("DELETE", "searches/of%20the%20pier")
        assert [one["name"] for one in answer.json()["searches"]] == ["best"]
        assert await kept(daemon) == {"best": "rating:5 is:new"}
        assert await kept(daemon, before) == {"best": "rating:>3", "of the pier": "pier"}
        await daemon.ask("POST", "undo")
        assert await kept(daemon) == {"best": "rating:5 is:new", "of the pier": "pier"}
        await daemon.ask("POST", "undo")
        await daemon.ask("POST", "undo")
        assert await kept(daemon) == {"of the pier": "pier"}
        await daemon.ask("POST", "redo")
        assert await kept(daemon) == {"best": "rating:>3", "of the pier": "pier"}
        events = [one for one in await daemon.events() if one["type"].startswith("search.")]
        assert {(one["stream"], one["shotId"]) for one in events} == {("film", "")}
        assert [one["data"]["by"] for one in events] == [events[0]["data"]["by"]] * len(events)
        shots = (await daemon.get("shots"))["shots"]
        assert [one["path"] for one in shots if one["takeCount"]] == [DAWN]
        assert (await daemon.get("/api/projects"))["projects"][0]["shotCount"] == len(shots)
        await daemon.at_rest()
        await daemon.verify()
        await daemon.ask("POST", "rebuild?projection=index")
        assert await kept(daemon) == {"best": "rating:>3", "of the pier": "pier"}
    async with running_daemon(film) as daemon:
        assert await kept(daemon) == {"best": "rating:>3", "of the pier": "pier"}


async def test_what_cannot_be_kept_is_refused_with_what_to_do(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await until(lambda: there(daemon))
        head = (await daemon.status())["position"]
        wrong = await save(daemon, "best", "rating:good")
        assert wrong.status_code == 422
        assert "rating:" in wrong.json()["hint"]
        assert (await save(daemon, "%20best", "gulls")).status_code == 422
        assert (await save(daemon, "best", "  ")).status_code == 422
        assert (await save(daemon, "best", "")).status_code == 400
        missing = await daemon.ask("DELETE", "searches/best")
        assert missing.status_code == 404
        assert "takes search list" in missing.json()["hint"]
        assert (await daemon.status())["position"] == head


async def test_takes_are_new_behind_what_was_seen_and_come_in_another_order(tmp_path: Path) -> None:
    film = await make_film(tmp_path)

    async def found(**asked: Any) -> list[int]:
        query = "&".join(f"{name}={value}" for name, value in asked.items())
        return [one["take"]["number"] for one in (await daemon.get(f"find?{query}"))["takes"]]

    async with running_daemon(film) as daemon:
        for number, seed in ((1, 7), (2, 2**64 - 1), (3, 12)):
            film.takes().joinpath(f"{number}.json").write_text(f'{{"seed": {seed}}}')
            film.drop(still(number), f"{number}.png")
            await daemon.finished(number)
        seen = (await daemon.take(2) or {})["position"]
        for number, wanted in (
            (1, {"rating": 5, "mark": "reject"}),
            (2, {"rating": 3}),
            (3, {"mark": "pick"}),
        ):
            await daemon.ask("PATCH", f"shots/{DAWN.replace('/', ':')}/takes/take_{number:03d}", wanted)
        assert await found(q="is:new", seen=seen) == [3]
        assert await found(q="-is:new", seen=seen) == [2, 1]
        assert await found(q="is:new", seen=0) == [3, 2, 1]
        refused = await daemon.ask("GET", "find?q=gulls+is:new")
        assert refused.status_code == 422
        assert "new:4711" in refused.json()["hint"]
        assert await found() == [3, 2, 1]
        assert await found(sort="number") == [1, 2, 3]
        assert await found(sort="seed") == [1, 3, 2]
        assert await found(sort="rating") == [3, 2, 1]
        assert (await daemon.ask("GET", "find?sort=taste")).status_code == 400


async def there(daemon: Daemon) -> bool:
    return bool((await daemon.get("shots"))["shots"])
