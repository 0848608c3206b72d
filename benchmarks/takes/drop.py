"""A drop: from the rename of a 5 s 1080p clip into a shot to its take, and to its thumbnail."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from time import perf_counter, sleep

from benchmarks import ffmpeg
from benchmarks.clips import make_clip
from benchmarks.report import Bench, Row, at_most, at_most_of_peer
from benchmarks.stage import PATIENCE, NothingHappens, Stage, running, wait_until, wait_until_it_answers
from benchmarks.wire import Wire
from daemon.cli.client import api_path

SHOT = "01_Harbour/01_Dawn/001_Gulls"
LOOK = 0.001
"""Seconds between two looks at the list; that much too late a take may be seen."""

Times = tuple[float, float, float]


def measure(bench: Bench) -> Iterator[Row]:
    """Drop one clip after another, each when the one before has come to rest."""
    root, runs = bench.folder / "film", bench.scaled(30, 5)
    takes = root / SHOT / "takes"
    takes.mkdir(parents=True)
    bench.say(f"making a clip, then {runs} drops")
    clip = make_clip(bench.folder / "clip.mp4")
    with running(root) as stage:
        wait_until_it_answers(stage)
        wait_until(stage.is_at_rest)
        times = [_drop(stage, takes, clip, number) for number in range(1, runs + 2)][1:]
    listed, completed, pictured = (median(some) * 1000 for some in zip(*times, strict=True))
    yield Row(
        measure="rename-in of a 5 s 1080p clip, p50 to listed",
        unit="ms",
        ours=listed,
        peer="inotifywait, to its line",
        theirs=_inotifywait(bench.folder / "watched", runs),
        aims=[at_most(8)],
        note=f"asked every {LOOK * 1000:g} ms on one connection",
    )
    yield Row(
        measure="the same, p50 to completed",
        unit="ms",
        ours=completed,
        peer="sha256sum and ffprobe",
        theirs=_median_of(lambda: _look(clip), runs) if ffmpeg.is_here() else None,
        aims=[at_most(120)],
    )
    thumbnail = bench.folder / "thumbnail.png"
    yield Row(
        measure="the same, p50 to completed with thumbnail",
        unit="ms",
        ours=pictured,
        peer="ffmpeg, the thumbnail alone",
        theirs=_median_of(lambda: ffmpeg.thumbnail(clip, thumbnail), runs) if ffmpeg.is_here() else None,
        aims=[at_most_of_peer(0.55)],
    )


def _drop(stage: Stage, takes: Path, clip: Path, number: int) -> Times:
    """Seconds from the rename until the take is listed, until it is complete, until its thumbnail is there too."""
    rendered = takes.parent.parent / f"render_{number}.mp4"
    shutil.copyfile(clip, rendered)
    take, takes_of = f"take_{number:03d}", ("projects", stage.project, "shots", "001_Gulls", "takes")
    picture = takes / take / f"shot_001_{take}_thumbnail.png"
    with Wire(stage.daemon.path) as wire:
        began = perf_counter()
        rendered.rename(takes / rendered.name)
        listed = _when(wire, api_path(*takes_of), b'"id":"%s"' % take.encode()) - began
        completed = _when(wire, api_path(*takes_of, take), b'"status":"complete"') - began
        wait_until(picture.exists, LOOK)
        pictured = perf_counter() - began
    wait_until(stage.is_at_rest)
    return listed, completed, pictured


def _when(wire: Wire, asked: str, sign: bytes) -> float:
    deadline = perf_counter() + PATIENCE
    while sign not in wire.get(asked):
        if perf_counter() > deadline:
            raise NothingHappens
        sleep(LOOK)
    return perf_counter()


def _median_of(work: Callable[[], object], runs: int) -> float:
    """The milliseconds that it takes."""
    times = []
    for _ in range(runs):
        began = perf_counter()
        work()
        times.append(perf_counter() - began)
    return median(times) * 1000


def _look(clip: Path) -> None:
    subprocess.run(["sha256sum", str(clip)], check=True, stdout=subprocess.DEVNULL)
    probe = ["ffprobe", "-v", "error", "-show_format", "-show_streams", str(clip)]
    subprocess.run(probe, check=True, stdout=subprocess.DEVNULL)


def _inotifywait(folder: Path, runs: int) -> float | None:
    """Milliseconds until inotifywait tells of a rename; None where it is not installed."""
    if not shutil.which("inotifywait"):
        return None
    folder.mkdir()
    times = []
    command = ["inotifywait", "-m", "-q", "-e", "moved_to", "--format", "%f", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout
        sleep(0.5)  # it says that it watches on a line that -q leaves out
        for number in range(runs):
            file = folder.with_name(f"moved_{number}")
            file.touch()
            began = perf_counter()
            file.rename(folder / file.name)
            process.stdout.readline()
            times.append(perf_counter() - began)
        process.terminate()
    return median(times) * 1000
