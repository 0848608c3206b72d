"""What is told of a file that is looked into: its picture, or why there is none."""

import errno
import hashlib
import os
import signal
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import anyio
import pytest
from PIL import Image

from daemon.decoding import first_looks
from daemon.decoding import pool as module
from daemon.decoding.child import Child
from daemon.decoding.decoders import open_decoders
from daemon.decoding.visits import GivenUp, Visit
from projections.media.errors import NeedsMore, Undecodable
from projections.media.jobs import MOST_FILES, DecoderJob, Step
from projections.media.lent_file import LentFile
from projections.media.steps import answered
from tests.daemon.decoding.asked import _no_hurry, is_gone, the_child, until
from tests.support.clips import GREY, make_endless, make_still, make_tone, make_video

__all__ = ["_no_hurry"]


async def test_a_look_tells_all_that_a_take_needs(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.mp4", tags={"parameters": "waves\nSteps: 9, Seed: 5"})
    async with open_decoders(1) as decoders:
        look = await decoders.inspect(path, name="render.mp4")
    assert look.bytes == path.stat().st_size
    assert look.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (look.kind, look.width, look.height, look.duration, look.codec) == ("video", 64, 36, 1.0, "h264")
    assert look.params == {"seed": 5, "prompt": "waves", "steps": 9}


async def test_a_look_that_goes_on_to_the_picture_has_it_drawn_as_it_is_drawn_alone(tmp_path: Path) -> None:
    files = [
        make_video(tmp_path / "a.mp4"),
        make_tone(tmp_path / "a.wav"),
        make_endless(tmp_path / "b.gif", frames=3),
    ]
    files += [
        make_still(tmp_path / f"a.{ending}", size=(700, 500))
        for ending in ("png", "jpg", "webp", "tif", "gif")
    ]
    async with open_decoders(1) as decoders:
        for path in files:
            alone = await decoders.picture(path)
            look = await decoders.inspect(path, name="", draw=True)
            kept = path.rename(tmp_path / "kept")
            assert await decoders.picture(path, look.sha256) == alone, path.name
            with pytest.raises(FileNotFoundError):  # it is given away once
                await decoders.picture(path, look.sha256)
            kept.unlink()


async def test_what_a_small_still_is_asked_is_answered_in_two_parts_the_picture_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard, hear = [], Child._hear

    async def note(child: Child) -> int:
        heard.append(child)
        return await hear(child)

    path = make_still(tmp_path / "a.png")
    async with open_decoders(1) as decoders:
        await decoders.greeting()
        monkeypatch.setattr(Child, "_hear", note)
        look = await decoders.inspect(path, name="", draw=True)
        await decoders.thumbnail(path, look.sha256)
        await until(lambda: bool(decoders._pool._idle))
    assert len(heard) == 2


async def test_small_stills_are_looked_into_and_drawn_by_one_child_each_as_it_is_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lent = list[int]()
    lend = Child.lend

    def note(child: Child, *files: Any) -> None:
        lent.append(len(files))
        lend(child, *files)

    tags = {"parameters": "waves\nSteps: 9, Seed: 5"}
    paths = [make_still(tmp_path / f"{n}.png", size=(64 + n, 36), tags=tags) for n in range(MOST_FILES - 3)]
    (tmp_path / "bad.png").write_bytes(b"no media at all")
    (tmp_path / "link.png").symlink_to(paths[0])
    files = [*paths, tmp_path / "bad.png", tmp_path / "gone.png", tmp_path / "link.png"]
    async with open_decoders(2) as decoders:
        alone = [await decoders.inspect(path, name=path.name) for path in paths]
        pictures = [await decoders.thumbnail(path, "") for path in paths]
        monkeypatch.setattr(Child, "lend", note)
        looks = await decoders.inspect_each([(path, path.name) for path in files])
        assert looks == [*alone, None, None, None]
        assert lent == [len(paths) + 1]
        drawn = [await decoders.thumbnail(tmp_path, look.sha256) for look in looks if look]
        assert drawn == pictures
        assert lent == [len(paths) + 1]
        with pytest.raises(Undecodable, match="not a video"):
            await decoders.inspect(tmp_path / "bad.png", name="")


async def test_what_a_child_has_not_told_before_it_died_is_to_be_looked_into_alone(tmp_path: Path) -> None:
    path = make_still(tmp_path / "a.png")
    looks = list[Any]()
    async with open_decoders(1) as decoders:
        await decoders.greeting()
        child = the_child(decoders)
        os.kill(child.greeting.pid, signal.SIGSTOP)

        async def look() -> None:
            looks.extend(await decoders.inspect_each([(path, ""), (path, "")]))

        async with anyio.create_task_group() as group:
            group.start_soon(look)
            await until(lambda: child.owes)
            os.kill(child.greeting.pid, signal.SIGKILL)
        assert (looks, decoders.killed["first"]) == ([None, None], 1)
        assert (await decoders.inspect(path, name="")).width == 64


async def test_a_child_that_says_nothing_for_a_while_holds_up_no_other_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("daemon.decoding.visits.PATIENCE", 0.2)
    path = make_still(tmp_path / "a.png")
    async with open_decoders(1) as decoders:
        await decoders.greeting()
        child = the_child(decoders)
        os.kill(child.greeting.pid, signal.SIGSTOP)
        assert await decoders.inspect_each([(path, ""), (path, "")]) == [None, None]
        await until(lambda: is_gone(child.greeting.pid))
        assert (await decoders.inspect(path, name="")).width == 64


async def test_two_children_share_a_large_file_where_nobody_else_has_any(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    noise = [Image.effect_noise((320, 180), 90 + n).convert("RGB") for n in range(48)]
    path = make_video(tmp_path / "a.mkv", seconds=2.0, size=(320, 180), colours=noise)
    with path.open("ab") as file:
        file.write(
            b"\xec\x18" + (1 << 22).to_bytes(3, "big") + bytes(1 << 22)
        )  # room, for the hash to take a while
    monkeypatch.setattr(first_looks, "LARGE", sys.maxsize)
    async with open_decoders(2) as decoders:
        whole, alone = await decoders.inspect(path, name="a.mkv"), await decoders.picture(path)
        assert the_child(decoders).files == 2
        monkeypatch.setattr(first_looks, "LARGE", 1)
        for turn in range(1, 6):
            assert await decoders.inspect(path, name="a.mkv", draw=True) == whole
            assert await decoders.picture(path, whole.sha256) == alone
            await until(lambda: len(decoders._pool._idle) == 2)
            assert sum(child.files for child in decoders._pool._idle) == 2 + 2 * turn


async def test_a_picture_that_takes_too_long_costs_the_look_nothing(tmp_path: Path) -> None:
    killed: list[str] = []
    jobs = [
        DecoderJob(do="look", limit=60.0),
        DecoderJob(do="picture", limit=0.02, width=9000, height=9000),
        DecoderJob(do="labels", limit=60.0),
    ]
    async with open_decoders(1) as decoders:
        with make_still(tmp_path / "a.png").open("rb") as file:
            visit = Visit(
                decoders._pool, decoders._pool.first, jobs, file.fileno(), lambda: killed.append("it")
            )
            look, _ = await visit.answer("look")
        assert look.values["width"] == 64
        steps: list[Step] = ["picture", "labels"]
        for step in steps:
            with pytest.raises(NeedsMore):
                await visit.answer(step)
        assert (killed, decoders._pool._idle) == (["it"], [])


async def test_a_picture_has_more_time_than_a_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("daemon.decoding.pool.FIRST", 0.02)
    clip = make_video(tmp_path / "a.mp4", size=(1280, 720), seconds=2.0)
    async with open_decoders(2) as decoders:
        async with anyio.create_task_group() as group:
            for _ in range(3):
                group.start_soon(decoders.picture, clip)
        assert not decoders.killed.total()


async def test_nothing_more_is_asked_of_what_is_no_media(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"no media at all")
    async with open_decoders(1) as decoders:
        for _ in range(2):
            with pytest.raises(Undecodable, match="not a video"):
                await decoders.inspect(tmp_path / "a.png", name="", draw=True)
            await until(lambda: decoders._pool.is_at_rest)


async def test_a_visit_that_is_given_up_leaves_no_process_behind(tmp_path: Path) -> None:
    path = make_still(tmp_path / "a.png")
    async with open_decoders(1) as decoders:
        await decoders.greeting()
        child = the_child(decoders)
        os.kill(child.greeting.pid, signal.SIGSTOP)
        with path.open("rb") as file:
            visit = Visit(decoders._pool, decoders._pool.first, [DecoderJob(do="look")], file.fileno(), list)
            await until(lambda: child.owes)
            visit.give_up()
            with pytest.raises(GivenUp):
                await visit.answer("look")
        await until(lambda: is_gone(child.greeting.pid))


@pytest.mark.parametrize("size", [(320, 180), (1280, 720)])
async def test_every_kind_of_media_gets_a_picture_of_that_size(tmp_path: Path, size: tuple[int, int]) -> None:
    files = [make_video(tmp_path / "a.mp4"), make_still(tmp_path / "a.png"), make_tone(tmp_path / "a.wav")]
    async with open_decoders(2) as decoders:
        for path in files:
            png = await decoders.picture(path, width=size[0], height=size[1])
            assert Image.open(BytesIO(png)).size == size


async def test_many_files_at_once_are_all_seen_and_the_children_are_replaced_on_the_way(
    tmp_path: Path,
) -> None:
    path, seen = make_still(tmp_path / "a.png"), []

    async def look() -> None:
        seen.append((await decoders.inspect(path, name="a.png")).width)

    async with open_decoders(2) as decoders, anyio.create_task_group() as group:
        for _ in range(3 * module.JOBS):
            group.start_soon(look)
    assert seen == [64] * 3 * module.JOBS


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "0 bytes"),
        (b"no media at all", "not a video, image or audio file"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "cut off|damaged"),
    ],
    ids=["empty", "text", "half a png"],
)
async def test_what_cannot_be_decoded_is_refused_in_plain_words(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    (tmp_path / "a.png").write_bytes(content)
    async with open_decoders(1) as decoders:
        with pytest.raises(Undecodable, match=reason) as caught:
            await decoders.inspect(tmp_path / "a.png", name="a.png")
    assert caught.value.hint


async def test_only_regular_files_are_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    (tmp_path / "link.png").symlink_to(make_still(tmp_path / "a.png"))
    with (tmp_path / "hole.mp4").open("wb") as hole:
        hole.truncate(1 << 40)
    async with open_decoders(1) as decoders:
        for name, reason in [
            ("pipe.mp4", "not a file"),
            ("link.png", "a link"),
            (".", "not a file"),
            ("hole.mp4", "empty"),
        ]:
            with pytest.raises(Undecodable, match=reason):
                await decoders.inspect(tmp_path / name, name=name)
        with pytest.raises(FileNotFoundError):
            await decoders.inspect(tmp_path / "nothing.mp4", name="nothing.mp4")
        assert not decoders._pool._idle or the_child(decoders).is_there()


async def test_a_grey_still_is_grey_in_its_thumbnail(tmp_path: Path) -> None:
    async with open_decoders(1) as decoders:
        png = await decoders.picture(make_still(tmp_path / "a.png", colour=GREY))
    assert Image.open(BytesIO(png)).getpixel((160, 90)) == GREY


def test_a_file_that_the_disk_does_not_give_says_nothing_about_the_file() -> None:
    broken = Path("/proc/self/mem")
    if not broken.exists():
        pytest.skip("no file here fails when it is read")
    steps: list[Step] = ["hash", "look", "picture"]
    for do in steps:
        with LentFile(broken) as file:
            answer, picture = answered(DecoderJob(do=do), file)
        assert (answer.errno, answer.reason, picture) == (errno.EIO, None, b"")
        with pytest.raises(OSError, match="nput/output error"):
            answer.check()
