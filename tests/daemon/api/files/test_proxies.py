"""The API's proxies: asked for until they are there, and then sent as a file."""

import os
from io import BytesIO
from pathlib import Path
from typing import Any

import av
import httpx

from tests.support.clips import make_still, make_video
from tests.support.film import make_film, until
from tests.support.inside import Daemon, running_daemon

SETTLED = ("complete", "failed")


async def dropped(daemon: Daemon, path: Path) -> str:
    """Drop that file, wait for its take, and answer where its proxy is."""
    count = len(await daemon.takes())
    os.replace(path, daemon.film.takes() / path.name)  # noqa: PTH105

    async def is_there() -> bool:
        takes = await daemon.takes()
        return len(takes) > count and all(take["status"] in SETTLED for take in takes)

    await until(is_there)
    found = max(await daemon.takes(), key=lambda take: int(take["number"]))
    address: str = found["mediaUrl"]
    return address.replace("/media", "/proxy")


async def made(daemon: Daemon, address: str, **headers: str) -> httpx.Response:
    """The answer once it is not `still being made` any more."""
    answers: list[httpx.Response] = []

    async def is_made() -> bool:
        answers.append(await daemon.ask("GET", address, headers=headers))
        return answers[-1].status_code != 202

    await until(is_made)
    return answers[-1]


async def test_a_video_is_made_one_that_every_browser_plays(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        address = await dropped(daemon, make_video(tmp_path / "a.mov", codec="prores_ks"))
        first = await daemon.ask("GET", address)
        assert first.status_code == 202
        assert 0 <= first.json()["progress"] <= 1
        answer = await made(daemon, address)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "video/mp4")
        with av.open(BytesIO(answer.content), "r") as container:
            assert container.streams.video[0].codec_context.name == "h264"
            assert len(list(container.decode(video=0))) == 24
        part = await daemon.ask("GET", address, headers={"Range": "bytes=0-99"})
        assert (part.status_code, part.content) == (206, answer.content[:100])


async def test_it_is_made_once_and_kept(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        address = await dropped(daemon, make_video(tmp_path / "a.mov", codec="prores_ks"))
        tag = (await made(daemon, address)).headers["etag"]
    async with running_daemon(film) as daemon:
        again = await daemon.ask("GET", address)
        assert (again.status_code, again.headers["etag"]) == (200, tag)


async def test_what_does_not_move_has_none(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        address = await dropped(daemon, make_still(tmp_path / "a.png"))
        answer = await daemon.ask("GET", address)
        problem: Any = answer.json()
        assert (answer.status_code, problem["detail"]) == (404, "only a video has a proxy")


async def test_one_that_is_larger_than_the_cache_is_not_made_again_and_again(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, cache_mb=0) as daemon:
        address = await dropped(daemon, make_video(tmp_path / "a.mov", codec="prores_ks"))

        async def refusal() -> httpx.Response | None:
            answer = await daemon.ask("GET", address)  # which may be in time to see it, before it goes
            return answer if answer.status_code == 404 else None

        answer = await until(refusal)
        assert "raise cache_mb" in answer.json()["detail"]


async def test_where_that_is_chosen_each_is_made_once_its_take_is_complete(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, proxies="completion") as daemon:
        clips = [
            make_video(tmp_path / "b.mp4"),
            make_video(tmp_path / "a.mov", codec="prores_ks", colours=[(200, 9, 9)]),
            make_video(tmp_path / "c.mov", codec="prores_ks", colours=[(9, 200, 9)]),
        ]
        for count, path in enumerate(clips, 1):
            film.drop(path.read_bytes(), path.name)
            await daemon.finished(count)
        cache = film.root / ".takes" / "cache"

        async def are_made() -> bool:
            return len(list(cache.glob("*-proxy*.mp4"))) == 2

        await until(are_made)
        await daemon.at_rest()
        shas = {
            take["media"]["sha256"] for take in await daemon.takes() if take["media"]["codec"] == "prores"
        }
        assert {path.name.partition("-")[0] for path in cache.glob("*-proxy*.mp4")} == shas
