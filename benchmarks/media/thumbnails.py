"""Pictures of 1080p clips beside the `ffmpeg` command: thumbnails, two at a time, and filmstrips."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from time import perf_counter

import anyio

from benchmarks import ffmpeg
from benchmarks.clips import make_clip
from benchmarks.report import Bench, Row, at_least_of_peer
from daemon.decoding.decoders import Decoders, open_decoders
from daemon.decoding.pictures import strip

AT_ONCE = 2


def measure(bench: Bench) -> Iterator[Row]:
    """Ours and the peer's runs take turns."""
    count = bench.scaled(32, 6)
    bench.say(f"making a clip, then {count} thumbnails at a time")
    clip = make_clip(bench.folder / "clip.mp4")
    clips = [bench.folder / f"{number}.mp4" for number in range(count)]
    for path in clips:
        path.hardlink_to(clip)
    ours, theirs = anyio.run(_in_turns, clips, bench.scaled(5, 2), backend_options={"use_uvloop": True})
    yield Row(
        measure="thumbnail, 1080p, the exact frame, two at a time",
        unit="files/s",
        ours=count / median(ours),
        peer="ffmpeg, two at a time",
        theirs=count / median(theirs) if theirs else None,
        aims=[at_least_of_peer(2)],
        note=f"5 s H.264 with grain, {clip.stat().st_size / 1e6:.0f} MB",
    )
    ours, theirs = anyio.run(_strips_in_turns, clip, bench.scaled(9, 2), backend_options={"use_uvloop": True})
    yield Row(
        measure="filmstrip, 1080p, 16 exact frames",
        unit="strips/s",
        ours=1 / median(ours),
        peer="ffmpeg",
        theirs=1 / median(theirs) if theirs else None,
        aims=[at_least_of_peer(2)],
        note="both decode with as many threads as there are cores",
    )


async def _strips_in_turns(clip: Path, runs: int) -> tuple[list[float], list[float]]:
    ours, theirs = [], []
    async with open_decoders(AT_ONCE) as decoders:
        await decoders.picture(clip)
        for _ in range(runs):
            began = perf_counter()
            await decoders.show(clip, strip("video").job)
            ours.append(perf_counter() - began)
            if ffmpeg.is_here():
                began = perf_counter()
                await anyio.to_thread.run_sync(ffmpeg.filmstrip, clip, clip.with_suffix(".jpg"), 5.0)
                theirs.append(perf_counter() - began)
    return ours, theirs


async def _in_turns(clips: Sequence[Path], runs: int) -> tuple[list[float], list[float]]:
    ours, theirs = [], []
    async with open_decoders(AT_ONCE) as decoders:
        await decoders.picture(clips[0])  # the codecs are in memory from here on, as in a session
        for _ in range(runs):
            ours.append(await _by_us(decoders, clips))
            if ffmpeg.is_here():
                theirs.append(await anyio.to_thread.run_sync(_by_ffmpeg, clips))
    return ours, theirs


async def _by_us(decoders: Decoders, clips: Sequence[Path]) -> float:
    async def make(clip: Path) -> None:
        png = await decoders.picture(clip)
        await anyio.to_thread.run_sync(clip.with_suffix(".png").write_bytes, png)

    began = perf_counter()
    async with anyio.create_task_group() as group:
        for clip in clips:
            group.start_soon(make, clip)
    return perf_counter() - began


def _by_ffmpeg(clips: Sequence[Path]) -> float:
    began = perf_counter()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda clip: ffmpeg.thumbnail(clip, clip.with_suffix(".png")), clips))
    return perf_counter() - began
