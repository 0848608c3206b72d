"""Handing over 1,000 shots of 20 takes each, beside opentimelineio, which makes the same timeline of its objects."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter

import anyio
import opentimelineio as otio  # type: ignore[import-untyped]

from benchmarks.history import append_all, as_appends, registered, takes
from benchmarks.report import Bench, Row, at_most
from daemon.edit.cut import Clip, Cut, CutTake, Plan, cut_of
from daemon.edit.formats import FORMATS, FormatName
from events import Event, MemoryLog
from projections.index.index import open_index

TAKES = 20
FORMATS_MEASURED: Sequence[FormatName] = ("otio", "fcpxml", "edl", "csv", "resolve")


def measure(bench: Bench) -> Iterator[Row]:
    """Read the cut from the index and write it in each format."""
    shots, times = bench.scaled(1000, 50), bench.scaled(5, 2)
    bench.say(f"making an index of {shots:,} shots")
    path = bench.folder / "index.db"
    cut, reading = anyio.run(_cut, path, shots, times, backend_options={"use_uvloop": True})
    short = Cut(cut.film, cut.root, cut.rate, cut.gap, cut.clips[:999])
    took = {name: _took(name, short if name == "edl" else cut, times) for name in FORMATS_MEASURED}
    others = ", ".join(f"{name} {took[name]:.2f} s" for name in FORMATS_MEASURED[1:])
    yield Row(
        measure="handing over, OpenTimelineIO",
        unit="s",
        ours=reading + took["otio"],
        peer="opentimelineio, making the objects and writing them",
        theirs=median(_theirs(cut) for _ in range(times)),
        aims=[at_most(1)],
        note=f"{shots:,} shots of {TAKES} takes; {reading:.2f} s of it to read them; written alone: {others}",
    )


async def _cut(path: Path, shots: int, times: int) -> tuple[Cut, float]:
    """The cut, and in how many seconds it is read."""
    log = MemoryLog()
    await append_all(log, as_appends(_events(shots)))
    async with open_index(path, log) as index:
        seconds = []
        for _ in range(times):
            began = perf_counter()
            cut = await cut_of(index, "Gulls", Path("/films/Gulls"), Plan())
            seconds.append(perf_counter() - began)
    return cut, median(seconds)


def _events(shots: int) -> Iterator[tuple[str, int, Sequence[Event]]]:
    dice = Random(1)
    for shot in range(shots):
        path = f"{shot // 50:02d}_Scene/{shot % 50:03d}_Gulls_Over_The_Pier"
        yield f"{shot:016x}", 0, [*registered(path, shot), *takes(path, range(1, TAKES + 1), dice)]


def _took(name: FormatName, cut: Cut, times: int) -> float:
    seconds = []
    for _ in range(times):
        began = perf_counter()
        FORMATS[name].write(cut, False)
        seconds.append(perf_counter() - began)
    return median(seconds)


def _theirs(cut: Cut) -> float:
    began = perf_counter()
    timeline = otio.schema.Timeline(cut.film)
    track = otio.schema.Track("V1", kind=otio.schema.TrackKind.Video)
    timeline.tracks.append(track)
    for clip in cut.clips:
        track.append(_clip(cut, clip))
    otio.adapters.write_to_string(timeline, "otio_json")
    return perf_counter() - began


def _clip(cut: Cut, clip: Clip) -> otio.schema.Clip:
    made = otio.schema.Clip(clip.name, metadata={"takes": {"shot": clip.shot.path}})
    active = clip.active or clip.takes[0]
    made.set_media_references({take.row.id: _reference(cut, take) for take in clip.takes}, active.row.id)
    made.source_range = _range(active.start, active.length, active)
    return made


def _reference(cut: Cut, take: CutTake) -> otio.schema.ExternalReference:
    about = {"take": take.row.id, "sha256": take.media.sha256, "recipe": take.row.read_params() or {}}
    found = _range(0, take.frames, take)
    return otio.schema.ExternalReference(cut.url(take, is_relative=False), found, {"takes": about})


def _range(start: int, length: int, take: CutTake) -> otio.opentime.TimeRange:
    rate = float(take.rate)
    return otio.opentime.TimeRange(
        otio.opentime.RationalTime(start, rate), otio.opentime.RationalTime(length, rate)
    )
