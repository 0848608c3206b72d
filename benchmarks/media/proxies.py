"""The proxy of a ProRes clip beside the `ffmpeg` command, and how soon there is something of it to play."""

from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import NamedTuple

import anyio

from benchmarks import ffmpeg
from benchmarks.clips import make_clip
from benchmarks.report import Bench, Row, at_most
from daemon.decoding.decoders import Decoders, open_decoders
from daemon.decoding.proxies import BOUNDS

SECONDS = 5.0


class Taken(NamedTuple):
    """Seconds until the first piece with a frame in it, and until all of it."""

    first: float
    all: float


def measure(bench: Bench) -> Iterator[Row]:
    """Ours and the peer's runs take turns."""
    if not ffmpeg.is_here():
        bench.say("without ffmpeg there is no ProRes clip to begin with")
        return
    bench.say("making a clip, then its proxy, again and again")
    clip = bench.folder / "clip.mov"
    ffmpeg.prores(make_clip(bench.folder / "clip.mp4", SECONDS), clip)
    ours, theirs = anyio.run(_in_turns, clip, bench.scaled(5, 1), backend_options={"use_uvloop": True})
    yield Row(
        measure="proxy, 5 s of 1080p ProRes",
        unit="s",
        ours=median(one.all for one in ours),
        peer="ffmpeg, the same settings",
        theirs=median(theirs),
        aims=[at_most(SECONDS)],
        note=f"grain, {clip.stat().st_size / 1e6:.0f} MB",
    )
    yield Row(
        measure="the same, first frames that can be played",
        unit="s",
        ours=median(one.first for one in ours),
        aims=[at_most(1)],
    )


async def _in_turns(clip: Path, runs: int) -> tuple[list[Taken], list[float]]:
    ours, theirs = [], []
    async with open_decoders(2) as decoders:
        await decoders.picture(clip)  # the codecs are in memory from here on, as in a session
        for _ in range(runs):
            ours.append(await _by_us(decoders, clip))
            began = perf_counter()
            await anyio.to_thread.run_sync(ffmpeg.proxy, clip, clip.with_suffix(".proxy.mp4"))
            theirs.append(perf_counter() - began)
    return ours, theirs


async def _by_us(decoders: Decoders, clip: Path) -> Taken:
    firsts: list[float] = []

    async def keep(_: int, piece: bytes, seconds: float) -> None:
        if seconds and piece:
            firsts.append(perf_counter() - began)

    began = perf_counter()
    await decoders.proxy(clip, BOUNDS, keep)
    return Taken(firsts[0], perf_counter() - began)
