"""Uploads: files come by the API, piece by piece, and become takes as if they had been dropped."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from projections.files.threads import in_thread
from tests.support.film import make_film, still, until, video
from tests.support.inside import Daemon, running_daemon

ID = "5b0c0a5e-2f5f-4a3e"
FILES = "shots/001_Dawn/files"


async def send(daemon: Daemon, path: str, content: bytes, upload: str = ID) -> httpx.Response:
    return await daemon.client.put(f"/api/projects/myfilm/uploads/{upload}/{path}", content=content)


async def bring(daemon: Daemon, upload: str = ID) -> httpx.Response:
    return await daemon.ask("POST", FILES, {"upload": upload})


async def known(daemon: Daemon) -> None:
    await until(lambda: _answers(daemon))


async def _answers(daemon: Daemon) -> bool:
    return (await daemon.ask("GET", "shots/001_Dawn")).status_code == 200


def kept(film: Any) -> list[str]:
    """What lies below the folder of uploads."""
    folder: Path = film.root / ".takes" / "uploads"
    return sorted(one.relative_to(folder).as_posix() for one in folder.rglob("*") if one.is_file())


async def test_what_is_sent_becomes_takes_with_its_recipe_and_its_frames(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await known(daemon)
        sent = {
            "clip.mp4": video(),
            "clip.json": b'{"prompt": "gulls", "seed": 7}',
            "sea/sea.0001.png": still(1),
            "sea/sea.0002.png": still(2),
        }
        for path, content in sent.items():
            answer = await send(daemon, path, content)
            assert (answer.status_code, answer.json()) == (200, {"path": path, "bytes": len(content)})
        assert not [path for path in film.takes().iterdir() if path.name.startswith(("clip", "sea"))]
        answer = await bring(daemon)
        assert answer.status_code == 202
        assert {(one["path"], one["name"]) for one in answer.json()["files"]} == {
            ("clip.mp4", "clip.mp4"),
            ("sea", "sea"),
        }
        takes = await daemon.finished(2)
        assert {one["media"]["kind"] for one in takes} == {"video", "image"}
        (clip,) = [one for one in takes if one["media"]["kind"] == "video"]
        assert clip["generationParams"]["prompt"] == "gulls"
        (sea,) = [one for one in takes if one["media"]["kind"] == "image"]
        assert sea["media"]["frames"]["count"] == 2
        assert (await bring(daemon)).json() == answer.json()
        assert len(await daemon.takes()) == 2
        assert kept(film) == [f"{ID}/.done.json"]
        late = await send(daemon, "late.png", still(3))
        assert (late.status_code, late.json()["detail"]) == (
            409,
            f"upload {ID!r} was brought in already",
        )


async def test_a_file_that_is_sent_twice_is_there_once_and_what_is_in_the_way_stays(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await known(daemon)
        film.takes().joinpath("a.png").mkdir()
        for number in (1, 2):
            await send(daemon, "a.png", still(number))
        answer = await bring(daemon)
        assert [one["name"] for one in answer.json()["files"]] == ["a_2.png"]
        (take,) = await daemon.finished(1)
        assert film.media(1).read_bytes() == still(2)
        assert take["origin"] == "a_2.png"


async def test_what_can_be_no_take_is_told_and_the_rest_comes(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await known(daemon)
        names = ["a.png", "notes.docx", ".DS_Store", ".git/b.png", "c.png.part"]
        plan = await daemon.ask("POST", "uploads", {"files": [{"path": one, "bytes": 9} for one in names]})
        assert plan.status_code == 200
        assert [one["path"] for one in plan.json()["left"]] == names[1:]
        assert plan.json()["bytes"] == 45
        for name in names[1:]:
            refused = await send(daemon, name, b"1")
            assert (refused.status_code, refused.json()["title"]) == (422, "Not brought")
        await send(daemon, "a.png", still(1))
        await send(daemon, "empty.png", b"")
        await send(daemon, "alone.json", b"{}")
        answer = (await bring(daemon)).json()
        assert [one["path"] for one in answer["files"]] == ["a.png"]
        assert {one["path"]: one["reason"] for one in answer["left"]}.keys() == {"empty.png", "alone.json"}
        await daemon.finished(1)
        await send(daemon, "empty.png", b"", "another-1")
        nothing = await bring(daemon, "another-1")
        assert nothing.status_code == 422
        assert nothing.json()["candidates"] == ["empty.png: it is empty"]


@pytest.mark.parametrize(
    "path",
    ["..%2Fa.png", "a%2F..%2F..%2Fb.png", "x" * 300 + ".png", "/".join("abcdefghij") + "/k.png", "a%00.png"],
)
async def test_no_name_leads_out_of_the_upload(tmp_path: Path, path: str) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await known(daemon)
        answer = await send(daemon, path, still(1))
        assert answer.status_code in {404, 409, 422}
        assert answer.json()["hint"]
        assert kept(film) == []


async def test_a_file_and_a_folder_of_one_name_are_refused(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await known(daemon)
        await send(daemon, "a.png", still(1))
        assert (await send(daemon, "a.png/b.png", still(2))).status_code == 409
        await send(daemon, "c.png/d.png", still(3))
        assert (await send(daemon, "c.png", still(4))).status_code == 409
        assert (await send(daemon, "a.png", still(1), "a/b")).status_code in {404, 409}
        assert (await send(daemon, "a.png", still(1), "short")).status_code == 409


async def test_an_upload_is_cancelled_and_nothing_of_it_stays(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await known(daemon)
        await send(daemon, "a.png", still(1))
        assert (await daemon.ask("DELETE", f"uploads/{ID}")).status_code == 204
        assert kept(film) == []
        gone = await bring(daemon)
        assert (gone.status_code, gone.json()["title"]) == (404, "Upload not found")
        both = await daemon.ask("POST", FILES, {"upload": ID, "paths": ["/a.png"]})
        assert both.status_code == 422
        assert (await daemon.ask("POST", FILES, {})).status_code == 422


async def test_of_a_file_whose_sender_goes_away_nothing_stays(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    begun = anyio.Event()

    async def half() -> AsyncIterator[bytes]:
        yield bytes(3 << 20)
        begun.set()
        await anyio.sleep_forever()

    async with running_daemon(film) as daemon:
        await known(daemon)
        async with anyio.create_task_group() as group:
            group.start_soon(_put, daemon, half)
            await begun.wait()
            await until(lambda: _has(film, 1))
            group.cancel_scope.cancel()
        await until(lambda: _has(film, 0))


async def _put(daemon: Daemon, content: Any) -> None:
    await daemon.client.put(f"/api/projects/myfilm/uploads/{ID}/a.mp4", content=content())


async def _has(film: Any, count: int) -> bool:
    return len(await in_thread(kept, film)) == count


async def test_a_full_disk_refuses_before_anything_is_sent(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await known(daemon)
        plan = await daemon.ask("POST", "uploads", {"files": [{"path": "a.mp4", "bytes": 1 << 60}]})
        assert plan.status_code == 409
        assert "Make room" in plan.json()["hint"]


async def test_what_was_left_for_a_day_is_gone_and_nothing_else(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    folder = film.root / ".takes" / "uploads"
    for name in ("left-long-ago", "left-just-now"):
        (folder / name / "deep").mkdir(parents=True)
        (folder / name / "deep" / "a.png").write_bytes(still(1))
    for one in (folder / "left-long-ago").rglob("*"):
        os.utime(one, (0, 0))
    os.utime(folder / "left-long-ago", (0, 0))
    async with running_daemon(film) as daemon:
        await known(daemon)
        assert kept(film) == ["left-just-now/deep/a.png"]


async def test_a_link_to_elsewhere_is_never_followed(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    other = tmp_path / "other" / "precious-things"
    other.mkdir(parents=True)
    os.utime(other, (0, 0))
    (film.root / ".takes" / "uploads").symlink_to(other.parent)
    async with running_daemon(film) as daemon:
        await known(daemon)
        assert (await send(daemon, "a.png", still(1))).status_code == 409
        await daemon.ask("POST", "uploads", {"files": [{"path": "a.png", "bytes": 1}]})
        assert other.is_dir()
