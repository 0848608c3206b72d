"""The decoders: real processes, real files, and what it costs when one of them dies."""

import errno
import gzip
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import anyio
import pytest
from PIL import Image

from daemon.decoding import child as child_module
from daemon.decoding import decoders as decoders_module
from daemon.decoding import first_looks
from daemon.decoding import pool as module
from daemon.decoding.child import Child
from daemon.decoding.decoders import Decoders, open_decoders
from daemon.decoding.pool import NoDecoder
from daemon.decoding.visits import GivenUp, Visit
from projections.media import video
from projections.media.errors import NeedsMore, Undecodable
from projections.media.jobs import MOST_FILES, MOST_LABEL, MOST_RECIPE, DecoderJob, Step
from projections.media.lent_file import LentFile
from projections.media.steps import answered
from tests.comfyui.graphs import node
from tests.support.clips import (
    GREY,
    make_audible,
    make_endless,
    make_sound,
    make_still,
    make_subtitled,
    make_tone,
    make_video,
    sine,
)
from tests.support.deadline import DEADLINE

FALSE = shutil.which("false")
ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def _no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """A first look has as much time as any: on a machine that is busy it costs more than where that is idle."""
    monkeypatch.setattr("daemon.decoding.pool.FIRST", module.LIMIT)


async def until(fact: Callable[[], bool]) -> None:
    """Wait for a fact, up to a deadline."""
    with anyio.fail_after(DEADLINE):
        while not fact():  # noqa: ASYNC110 - what another process does has no event of ours
            await anyio.sleep(0.01)


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def the_child(decoders: Decoders) -> Any:
    """The one child, which waits for a job."""
    (child,) = decoders._pool._idle
    return child


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


async def test_nothing_more_is_asked_of_what_is_no_media(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"no media at all")
    async with open_decoders(1) as decoders:
        for _ in range(2):
            with pytest.raises(Undecodable, match="not a video"):
                await decoders.inspect(tmp_path / "a.png", name="", draw=True)
        assert the_child(decoders).files == 2


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


async def test_the_largest_seed_survives_the_way_through_the_process(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.mp4", tags={"parameters": f"waves\nSteps: 9, Seed: {2**64 - 1}"})
    async with open_decoders(1) as decoders:
        assert (await decoders.inspect(path, name="")).params == {
            "prompt": "waves",
            "steps": 9,
            "seed": 2**64 - 1,
        }


def slow_graph() -> str:
    """A graph of ComfyUI's that takes a tenth of a second to be read: every sampler takes what another one has made."""
    shared = {"seed": 1, "steps": 20, "cfg": 7.0, "sampler_name": "euler", "denoise": 1.0}
    links = {"model", "positive", "negative", "latent_image"}
    nodes = {
        str(n): {"class_type": "KSampler", "inputs": {**shared, **{name: [str(n + 1), 0] for name in links}}}
        for n in range(4000)
    }
    nodes["4000"] = {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "dawn"}}
    return json.dumps(nodes)


async def test_labels_that_take_too_long_cost_nothing_but_themselves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for asking in (first_looks, decoders_module):
        monkeypatch.setattr(asking, "LABELS", 0.02)
    path = make_still(tmp_path / "a.png", tags={"prompt": slow_graph()})
    async with open_decoders(1) as decoders:
        with pytest.raises(NeedsMore):
            await decoders.inspect(path, name="a.png")
        look = await decoders.inspect(path, name="a.png", patient=True)
    assert (look.width, look.bytes, look.params) == (64, path.stat().st_size, None)
    assert look.unread == "looking at it took longer than 0.02 s"


async def test_labels_that_are_too_large_cost_nothing_but_themselves(tmp_path: Path) -> None:
    path = make_still(tmp_path / "a.png", tags={"prompt": " " * (MOST_LABEL + 1)})
    async with open_decoders(1) as decoders:
        look = await decoders.inspect(path, name="a.png")
    assert (look.kind, look.params, look.unread) == ("image", None, "they are too large")


@pytest.mark.parametrize("content", [b'{"seed": 7}', gzip.compress(b'{"seed": 7}')], ids=["plain", "packed"])
async def test_a_recipe_is_read_by_the_decoder_packed_or_not(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(content)
    async with open_decoders(1) as decoders:
        assert await decoders.recipe(path, name="a.png") == {"seed": 7}


async def test_a_recipe_that_takes_too_long_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoders_module, "RECIPE", 0.02)
    (tmp_path / "a.json").write_text(slow_graph())
    async with open_decoders(1) as decoders:
        with pytest.raises(NeedsMore):
            await decoders.recipe(tmp_path / "a.json", name="a.png")
        with pytest.raises(Undecodable, match=r"took longer than 0\.02 s"):
            await decoders.recipe(tmp_path / "a.json", name="a.png", patient=True)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"{", "it is neither JSON"),
        (b" " * (MOST_RECIPE + 1), "larger than 16 MB"),
        (gzip.compress(b" " * (MOST_RECIPE + 1)), "larger than 16 MB"),
        (gzip.compress(b'{"seed": 7}')[:-12], "it is neither JSON"),
        (b"\x1f\x8b no gzip", "cannot be decoded"),
    ],
    ids=["no JSON", "large", "a bomb", "cut off", "no gzip"],
)
async def test_what_is_no_recipe_is_told(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "a.json").write_bytes(content)
    async with open_decoders(1) as decoders:
        with pytest.raises(Undecodable, match=reason):
            await decoders.recipe(tmp_path / "a.json", name="a.png", patient=True)


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


async def test_a_bad_file_costs_no_child(tmp_path: Path) -> None:
    good, bad = make_still(tmp_path / "a.png"), tmp_path / "b.png"
    bad.write_bytes(b"no media at all")
    async with open_decoders(1) as decoders:
        await decoders.inspect(good, name="")
        pid = the_child(decoders).greeting.pid
        with pytest.raises(Undecodable):
            await decoders.inspect(bad, name="")
        await decoders.inspect(good, name="")
        assert the_child(decoders).greeting.pid == pid


@pytest.mark.parametrize("death", [signal.SIGSEGV, signal.SIGKILL, signal.SIGABRT])
async def test_a_child_that_dies_costs_its_own_job_and_nothing_else(
    tmp_path: Path, death: signal.Signals
) -> None:
    path = make_still(tmp_path / "a.png")
    outcomes: list[str] = []

    async def look() -> None:
        try:
            outcomes.append((await decoders.inspect(path, name="")).kind)
        except NeedsMore as error:
            outcomes.append(error.reason)

    async with open_decoders(1) as decoders:
        await decoders.inspect(path, name="")
        child = the_child(decoders)
        os.kill(child.greeting.pid, signal.SIGSTOP)
        async with anyio.create_task_group() as group:
            for _ in range(4):
                group.start_soon(look)
            await until(lambda: child.owes)
            os.kill(child.greeting.pid, death)
            with suppress(ProcessLookupError):  # a kill needs no going on: it may be gone by now
                os.kill(child.greeting.pid, signal.SIGCONT)
        await until(lambda: is_gone(child.greeting.pid))
    assert sorted(outcomes) == ["image", "image", "image", "the decoder crashed on it"]


async def test_a_child_that_dies_between_two_jobs_costs_nothing(tmp_path: Path) -> None:
    path = make_still(tmp_path / "a.png")
    async with open_decoders(1) as decoders:
        await decoders.inspect(path, name="")
        pid = the_child(decoders).greeting.pid
        os.kill(pid, signal.SIGKILL)
        await until(lambda: is_gone(pid))
        assert (await decoders.inspect(path, name="")).kind == "image"


async def test_a_server_that_dies_is_started_again(tmp_path: Path) -> None:
    path = make_still(tmp_path / "a.png")
    async with open_decoders(1) as decoders:
        await decoders.inspect(path, name="")
        assert decoders._pool._server is not None
        for pid in (decoders._pool._server._program.pid, the_child(decoders).greeting.pid):
            os.kill(pid, signal.SIGKILL)
        await until(lambda: not the_child(decoders).is_there())
        assert (await decoders.inspect(path, name="")).kind == "image"


async def test_a_decoder_that_never_starts_is_an_error_with_a_hint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", FALSE)
    async with open_decoders(1) as decoders:
        with pytest.raises(NoDecoder) as caught:
            await decoders.inspect(make_still(tmp_path / "a.png"), name="")
    assert caught.value.hint


async def test_a_job_that_hangs_is_cut_off_and_the_next_one_goes_on(tmp_path: Path) -> None:
    slow, quick = make_still(tmp_path / "slow.png", size=(9000, 9000)), make_still(tmp_path / "quick.png")
    async with open_decoders(1, limit=0.1) as decoders:
        with pytest.raises(Undecodable, match=r"took longer than 0\.1 s"):
            await decoders.picture(slow)
        assert (await decoders.inspect(quick, name="")).kind == "image"


async def test_a_look_that_takes_for_ever_ends_in_a_verdict(tmp_path: Path) -> None:
    path = make_endless(tmp_path / "a.gif")
    async with open_decoders(1, limit=0.35) as decoders:
        with pytest.raises(NeedsMore):
            await decoders.inspect(path, name="a.gif")
        with pytest.raises(Undecodable, match=r"took longer than 0\.35 s"):
            await decoders.inspect(path, name="a.gif", patient=True)


async def test_a_large_picture_is_seen_by_the_one_that_has_the_memory_for_it(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.new("LA", (8000, 6500)).save(path, compress_level=1)
    async with open_decoders(1, limit=300) as decoders:
        assert Image.open(BytesIO(await decoders.picture(path))).size == (320, 180)


@pytest.mark.parametrize(
    ("gigabytes", "children"), [(2, (1, 2)), (8, (1, 4)), (16, (2, 8)), (64, (8, 32)), (1024, (32, 64))]
)
def test_all_decoders_together_take_half_of_the_memory_at_most(
    gigabytes: int, children: tuple[int, int]
) -> None:
    assert module.most_children(gigabytes << 30) == children


async def test_no_more_children_have_a_file_at_a_time_than_there_is_memory_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "most_children", lambda _: (1, 2))
    path = make_still(tmp_path / "a.png")
    at_work: list[int] = []

    async def look() -> None:
        await decoders.inspect(path, name="")
        at_work.append(len(decoders._pool._idle))

    async with open_decoders(8) as decoders, anyio.create_task_group() as group:
        for _ in range(40):
            group.start_soon(look)
    assert max(at_work) <= 2


async def test_a_job_that_is_cancelled_leaves_no_process_behind_and_no_broken_pool(tmp_path: Path) -> None:
    path = make_still(tmp_path / "a.png")
    async with open_decoders(1) as decoders:
        await decoders.inspect(path, name="")
        child = the_child(decoders)
        os.kill(child.greeting.pid, signal.SIGSTOP)
        async with anyio.create_task_group() as group:
            group.start_soon(lambda: decoders.inspect(path, name=""))
            await until(lambda: child.owes)
            group.cancel_scope.cancel()
        with suppress(ProcessLookupError):  # a child that is killed needs no going on
            os.kill(child.greeting.pid, signal.SIGCONT)
        await until(lambda: is_gone(child.greeting.pid))
        assert (await decoders.inspect(path, name="")).kind == "image"


async def test_a_bomb_is_refused_without_taking_the_machine_with_it(tmp_path: Path) -> None:
    path = make_still(tmp_path / "a.png")
    whole = bytearray(path.read_bytes())
    whole[16:24] = (60_000).to_bytes(4, "big") * 2
    path.write_bytes(whole)
    async with open_decoders(1) as decoders:
        with pytest.raises(Undecodable):
            await decoders.inspect(path, name="")


async def test_the_codecs_leave_memory_when_nobody_asks_and_come_back(tmp_path: Path) -> None:
    path = make_still(tmp_path / "a.png")
    async with open_decoders(1, rest=0.05) as decoders:
        assert not decoders.is_loaded
        await decoders.inspect(path, name="")
        await until(lambda: not decoders.is_loaded)
        assert (await decoders.inspect(path, name="")).kind == "image"


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
async def test_a_decoder_has_its_connection_and_nothing_else_of_the_daemons(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", "secret")
    with (tmp_path / "open").open("wb") as opened:
        async with open_decoders(1) as decoders:
            assert (await decoders.greeting()).holes == decoders.holes == ()
            proc = Path("/proc") / str(the_child(decoders).greeting.pid)
            lent = sorted(str(one.readlink()).partition(":")[0] for one in (proc / "fd").iterdir())
            names = {line.partition(b"=")[0] for line in (proc / "environ").read_bytes().split(b"\0") if line}
        assert opened.writable()
    assert lent == ["/dev/null"] * 3 + ["socket"]
    assert names <= {b"PATH", b"PYTHONPATH", b"LANG", b"MALLOC_ARENA_MAX", b"OPENBLAS_NUM_THREADS"}


async def test_decoders_that_do_not_outlive_a_look_are_counted_film_by_film(tmp_path: Path) -> None:
    path, other = make_endless(tmp_path / "a.gif"), make_still(tmp_path / "b.png")
    async with open_decoders(1, limit=0.5) as decoders:
        with pytest.raises(NeedsMore):
            await decoders.inspect(path, name="")
        assert dict(decoders.killed) == {"first": 1}
        with pytest.raises(Undecodable):
            await decoders.inspect(path, name="", patient=True)
        assert dict(decoders.killed) == {"first": 1, "patient": 1}
        film = decoders.apart()
        await film.inspect(other, name="")
        assert film.killed.total() == 0


MOVING = {
    "mp4": "libx264 libx265 libsvtav1",
    "webm": "libvpx libvpx-vp9",
    "mov": "prores_ks cfhd mjpeg qtrle v210 png",
    "mkv": "mpeg1video mpeg2video ffv1 jpeg2000",
    "avi": "mpeg4 huffyuv ffvhuff utvideo rawvideo msmpeg4v2 msmpeg4",
    "wmv": "wmv1 wmv2",
    "flv": "flv",
}
SOUNDING = {
    "m4a": "aac alac",
    "mp3": "libmp3lame",
    "flac": "flac",
    "opus": "libopus",
    "mkv": "ac3 eac3",
    "wav": "pcm_s24le adpcm_ms adpcm_ima_wav",
}


SUBTITLED = {"mkv": "ass srt webvtt dvdsub", "mp4": "mov_text"}


async def test_every_codec_does_in_the_cage_what_it_does_outside(tmp_path: Path) -> None:
    """Of those that can also be written here."""
    size = (320, 180)
    files = [
        make_video(tmp_path / f"{codec}.{ending}", codec=codec, seconds=0.25, size=size)
        for ending, codecs in MOVING.items()
        for codec in codecs.split()
    ]
    files += [
        make_subtitled(tmp_path / f"{codec}.{ending}", codec)
        for ending, codecs in SUBTITLED.items()
        for codec in codecs.split()
    ]
    take_turns()  # libsvtav1 has the thread that writes with it go before all others
    files += [
        make_tone(tmp_path / f"{codec}.{ending}", codec=codec)
        for ending, codecs in SOUNDING.items()
        for codec in codecs.split()
    ]
    async with open_decoders(2) as decoders:
        for path in files:
            with path.open("rb", buffering=0) as file:
                seen = video.probe(file)
            look = await decoders.inspect(path, name=path.name, patient=True)
            assert (look.kind, look.codec, look.duration) == (seen.kind, seen.codec, seen.duration), path.name
            assert await decoders.picture(path) == outside(path), path.name


def take_turns() -> None:
    """Have this thread be one of many for the system, as it was."""
    if sys.platform == "linux":
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def outside(path: Path) -> bytes:
    """The thumbnail that is drawn in this process."""
    with LentFile(os.open(path, os.O_RDONLY)) as file:
        answer, picture = answered(DecoderJob(do="picture"), file)
    answer.check()
    return picture


async def test_a_child_that_does_not_heed_its_connection_is_killed(tmp_path: Path) -> None:
    path = make_still(tmp_path / "a.png")
    async with open_decoders(1) as decoders:
        await decoders.inspect(path, name="")
        child = the_child(decoders)
        os.kill(child.greeting.pid, signal.SIGSTOP)
        child.close()
        await until(lambda: is_gone(child.greeting.pid))


async def test_a_kernel_without_descriptors_of_processes_does_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: int) -> int:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))

    monkeypatch.setattr(os, "pidfd_open", refuse, raising=False)
    async with open_decoders(1) as decoders:
        assert (await decoders.inspect(make_still(tmp_path / "a.png"), name="")).kind == "image"
        child = the_child(decoders)
        child.close()
        await until(lambda: is_gone(child.greeting.pid))


async def test_a_look_that_never_ends_and_takes_no_time_is_given_up_for_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child_module, "STUCK", 0.2)
    path = make_still(tmp_path / "a.png")
    async with open_decoders(1) as decoders:
        await decoders.greeting()
        child = the_child(decoders)
        os.kill(child.greeting.pid, signal.SIGSTOP)
        with pytest.raises(child_module.Stuck):
            await decoders.inspect(path, name="")
        await until(lambda: is_gone(child.greeting.pid))


async def test_nothing_is_left_running_at_the_end(tmp_path: Path) -> None:
    async with open_decoders(1) as decoders:
        await decoders.inspect(make_still(tmp_path / "a.png"), name="")
        assert decoders._pool._server is not None
        pids = [decoders._pool._server._program.pid, the_child(decoders).greeting.pid]
    await until(lambda: all(map(is_gone, pids)))


async def test_the_processes_end_with_a_daemon_that_is_killed(tmp_path: Path) -> None:
    program = (
        "import asyncio, os, pathlib, signal, sys\n"
        "from daemon.decoding.decoders import open_decoders\n"
        "async def main():\n"
        "    async with open_decoders(1) as decoders:\n"
        "        await decoders.inspect(pathlib.Path(sys.argv[1]), name='')\n"
        "        print(decoders._pool._server._program.pid, decoders._pool._idle[0].greeting.pid, flush=True)\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "asyncio.run(main())\n"
    )
    command = [sys.executable, "-c", program, str(make_still(tmp_path / "a.png"))]
    done = await anyio.run_process(command, cwd=ROOT, check=False)
    pids = [int(word) for word in done.stdout.split()]
    assert len(pids) == 2
    await until(lambda: all(map(is_gone, pids)))


def test_the_daemon_never_loads_a_codec() -> None:
    program = "import sys, daemon.decoding.decoders; sys.exit(bool({'av', 'PIL'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False).returncode == 0


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


async def test_sound_is_measured_in_the_cage(tmp_path: Path) -> None:
    sound = make_sound(tmp_path / "tone.flac", sine(-23.0, 1.0), codec="flac")
    silent = make_video(tmp_path / "silent.mp4")
    heard = make_audible(tmp_path / "heard.mp4", silent=silent, wave=sine(-23.0, 1.0))
    async with open_decoders(1) as decoders:
        for path in (sound, heard):
            found = await decoders.inspect(path, name=path.name, draw=True)
            assert found.channels == 2
            loudness = await decoders.loudness(path, found.sha256)
            assert loudness == pytest.approx(-23.0, abs=0.5)
            assert await decoders.loudness(path, found.sha256) == loudness  # which is measured anew
        found = await decoders.inspect(silent, name=silent.name, draw=True)
        assert found.channels is None
        assert await decoders.loudness(silent, found.sha256) is None


async def test_a_picture_tells_which_render_it_came_of(tmp_path: Path) -> None:
    sampler = node("KSampler", seed=7, steps=20, cfg=6.5, model=["3", 0], latent_image=["4", 0])
    saver = node("VHS_VideoCombine", filename_prefix="x", images=["1", 0], audio=["5", 0], frame_rate=8)
    tags = {"prompt": json.dumps({"1": sampler, "2": saver})}
    picture = make_still(tmp_path / "x_00001.png", tags=tags)
    clip = make_video(tmp_path / "x_00001.mp4", tags=tags)
    plain = make_still(tmp_path / "plain.png")
    async with open_decoders(1) as decoders:
        found = [await decoders.render(path, name=path.name) for path in (picture, clip, plain)]
        assert found[0] is not None
        assert found[0].has_sound
        assert found == [found[0], found[0], None]
        assert (await decoders.recipe(picture, name=clip.name))["seed"] == 7
