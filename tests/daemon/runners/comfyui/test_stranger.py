"""ComfyUI is a stranger too: what it says has bounds, and so has where a file may lie, and how long it may be."""

import errno
import os
from pathlib import Path

import pytest

from daemon.runners.comfyui import client
from daemon.runners.comfyui.address import LONGEST, ComfyUIAway, address
from daemon.runners.comfyui.client import AnswerTooLong, open_client
from daemon.runners.comfyui.messages import OutputFile
from daemon.runners.comfyui.socket import ComfySocket
from daemon.runners.runner import JobFailed
from tests.daemon.runners.comfyui.stage import names, staged

TOO_LONG = "x" * LONGEST
DEEP = b"[" * 100_000


@pytest.fixture
def _a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the disk leave room for some 32 MB."""
    disk = os.statvfs(tmp_path)
    monkeypatch.setattr(client, "RESERVE", disk.f_bavail * disk.f_frsize - 2**25)


# What it says.


async def test_an_answer_that_is_too_long_is_not_read_to_its_end(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        stage.comfy.padding["/system_stats"] = TOO_LONG
        with pytest.raises(AnswerTooLong, match="longer than 16 MB"):
            await stage.runner.ready()
        stage.comfy.padding["/system_stats"] = "x" * (LONGEST - 2**16)
        await stage.runner.ready()


async def test_a_job_of_which_too_much_is_told_fails(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        stage.comfy.padding["/history/"] = TOO_LONG
        assert "longer than 16 MB" in await stage.refusal(stage.job(seed=7))


async def test_of_a_history_that_is_too_long_a_part_is_asked_for(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        made = await stage.make(stage.job(seed=7))
        (prompt,) = stage.comfy.history
        for number in range(4):
            stage.comfy.history[f"of others {number}"] = {"prompt": "x" * (LONGEST // 3)}
        stage.comfy.history[prompt] = stage.comfy.history.pop(prompt)  # the latest
        async with open_client(address(stage.comfy.url)) as asking:
            ((found, _),) = await asking.recent(64)
        assert (found.id, made.path.exists()) == (prompt, True)


async def test_what_is_nested_deeper_than_anybody_means_is_no_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with staged(tmp_path) as stage:
        monkeypatch.setattr("tests.comfyui.server.json.dumps", lambda _: DEEP.decode())
        with pytest.raises(ComfyUIAway, match="not ComfyUI"):
            await stage.runner.ready()


async def test_a_message_that_is_too_long_costs_the_socket_and_not_the_job(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage, ComfySocket(address(stage.comfy.url), "me") as socket:
        await socket.open()
        assert (await socket.receive())["type"] == "status"
        await stage.comfy.tell("me", "status", {"padding": TOO_LONG})
        assert await socket.receive() is None
        assert socket.losses == 1
        assert await socket.receive() is None  # it is open again
        assert (await socket.receive())["type"] == "status"


# What it has made.


@pytest.mark.usefixtures("_a_full_disk")
async def test_a_file_for_which_there_is_no_room_is_waited_with(tmp_path: Path) -> None:
    async with staged(tmp_path, shared=False) as stage:
        stage.comfy.claimed = 10**13
        with pytest.raises(OSError, match="No space") as raised:
            await stage.make(one := stage.job(seed=7))
        assert raised.value.errno == errno.ENOSPC
        assert sum(file.stat().st_size for file in one.folder.iterdir()) == 0
        stage.comfy.claimed = None
        made = await stage.resume(one)
        assert made
        assert names(one.folder) == [made.path.name]


@pytest.mark.usefixtures("_a_full_disk")
async def test_a_file_that_does_not_end_fails_the_job_before_the_disk_is_full(tmp_path: Path) -> None:
    async with staged(tmp_path, shared=False) as stage:
        stage.comfy.endless = True
        assert "longer than there is room for" in await stage.refusal(stage.job(seed=7))


@pytest.mark.parametrize(
    "subfolder",
    [
        "..",
        "../..",
        "video/../../..",
        "/etc",
        "/",
        "..\\..\\secret",
        "C:\\Users",
        "c:secret",
        "//server/share",
        "\\\\server",
    ],
)
@pytest.mark.parametrize("way", ["shared", "apart"])
async def test_a_file_outside_of_its_own_folders_is_refused(tmp_path: Path, subfolder: str, way: str) -> None:
    async with staged(tmp_path, shared=way == "shared") as stage:
        stage.comfy.subfolder = subfolder
        assert "no folder below its own" in await stage.refusal(stage.job(seed=7))
        assert not [path for _, path, _ in stage.comfy.asked if path == "/view"]


@pytest.mark.parametrize("subfolder", ["", "video", "a/b", "..video", "video..", "a..b/c", "Szene 1/Ä"])
def test_a_folder_below_its_own_is_one(subfolder: str) -> None:
    assert OutputFile("9", "a.mp4", subfolder, "video", "output").is_below


@pytest.mark.parametrize("name", ["a\x00.mp4", "a\n.mp4", "../a.mp4", "a\\b.mp4", "/a.mp4"])
async def test_what_is_no_name_of_a_file_is_none_of_its_files(tmp_path: Path, name: str) -> None:
    async with staged(tmp_path) as stage:
        reported = {"images": [{"filename": name, "subfolder": "", "type": "output"}]}
        made = await stage.make(stage.job(seed=7))
        for record in stage.comfy.history.values():
            record["outputs"] = dict.fromkeys(record["outputs"], reported)
        with pytest.raises(JobFailed, match="no file that can be a take"):
            await stage.resume(stage.job(seed=7))
        assert made.path.exists()
