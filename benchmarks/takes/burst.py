"""A burst: thousands of stills into a hundred shots at once, beside the least that a shell could do for each."""

import os
import subprocess
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from time import perf_counter, sleep

from msgspec import Struct, field

from benchmarks import ffmpeg, processes
from benchmarks.clips import make_png
from benchmarks.report import Bench, Row, at_least_of_peer, at_most
from benchmarks.stage import PATIENCE, Stage, running, wait_until, wait_until_it_answers
from projections.layout import full_id

LOOK = 0.5
"""Seconds between two looks at how far it is."""


class Course(Struct):
    """How a burst went: seconds and events in the log, and the daemon's memory on the way, in MB."""

    seconds: float = 0.0
    cpu: float | None = None
    memory: list[tuple[int, float]] = field(default_factory=list)

    def memory_at(self, share: float) -> float | None:
        """The memory once so much of the work was done."""
        if not self.memory:
            return None
        end = self.memory[-1][0]
        return next(held for position, held in self.memory if position >= share * end)


def measure(bench: Bench) -> Iterator[Row]:
    """Make the stills beside the shots, rename all of them in, and wait until the last one is done with."""
    root, count = bench.folder / "film", bench.scaled(10_000, 500)
    shots = [f"01_Harbour/{number // 10:02d}_Scene/{number % 10:03d}_Gulls" for number in range(100)]
    for shot in shots:
        (root / shot / "takes").mkdir(parents=True)
    rendered = bench.folder / "rendered"
    rendered.mkdir()
    bench.say(f"making {count:,} stills")
    stills = [make_png(rendered / f"render_{number:05d}.png", number) for number in range(count)]
    hashes = {sha256(still.read_bytes()).hexdigest() for still in stills}
    theirs = _peer(stills[: bench.scaled(200, 40)], bench.folder) if ffmpeg.is_here() else None
    with running(root) as stage:
        wait_until_it_answers(stage)
        wait_until(stage.is_at_rest)
        before = processes.memory(stage.pid)
        bench.say("dropping them")
        course = _drop(stage, root, shots, stills)
        kept = _kept(stage, shots)
        peak, after = processes.peak_memory(stage.pid), processes.memory(stage.pid)
    cpu = f"{course.cpu / count * 1000:.1f} ms of the daemon's own process for each" if course.cpu else ""
    yield Row(
        measure=f"{count:,} stills into {len(shots)} shots at once, to the last thumbnail",
        unit="takes/s",
        ours=count / course.seconds,
        peer="sha256sum and ffmpeg for each, as many at a time as there are cores",
        theirs=theirs,
        aims=[at_least_of_peer(15)],
        note=cpu,
    )
    yield Row(
        measure="stills lost, or kept twice",
        unit="stills",
        ours=float(len(hashes - set(kept)) + len(kept) - len(set(kept))),
        aims=[at_most(0)],
        note=f"{len(kept):,} complete takes, {len(hashes & set(kept)):,} of {count:,} hashes found again",
    )
    yield _memory_row(before, course.memory_at(0.25), peak, after)


def _memory_row(before: float | None, quarter: float | None, peak: float | None, after: float | None) -> Row:
    known = before and quarter and peak and after
    return Row(
        measure="memory after the burst, of what it was at a quarter",
        unit="times",
        ours=after / quarter if known and after and quarter else None,
        aims=[at_most(1.1)],
        note=f"{before:.0f} MB before, {quarter:.0f} at a quarter, {peak:.0f} at most, {after:.0f} after"
        if known
        else "",
    )


def _drop(stage: Stage, root: Path, shots: Sequence[str], stills: Sequence[Path]) -> Course:
    course, spent = Course(), processes.cpu(stage.pid)
    began = moved = perf_counter()
    for number, still in enumerate(stills):
        still.rename(root / shots[number % len(shots)] / "takes" / still.name)
    last = 0
    while perf_counter() - moved < PATIENCE:
        sleep(LOOK if len(stills) > 1000 else LOOK / 5)
        status = stage.ask("status")
        if status["position"] > last:
            last, moved = status["position"], perf_counter()
        if held := processes.memory(stage.pid):
            course.memory.append((last, held))
        done = last >= len(shots) + 2 * len(stills) + min(len(shots), len(stills))
        if done and not any(one["behind"] for one in status["projections"]):
            break
    course.seconds = perf_counter() - began
    now = processes.cpu(stage.pid)
    course.cpu = now - spent if now is not None and spent is not None else None
    return course


def _kept(stage: Stage, shots: Sequence[str]) -> list[str]:
    """The hashes of all complete takes."""
    lists = [stage.ask("shots", full_id(shot), "takes")["takes"] for shot in shots]
    return [take["media"]["sha256"] for takes in lists for take in takes if take["status"] == "complete"]


def _peer(stills: Sequence[Path], folder: Path) -> float:
    """Stills a second of a loop that hashes and draws, and keeps no order in anything."""

    def keep(still: Path) -> None:
        subprocess.run(["sha256sum", str(still)], check=True, stdout=subprocess.DEVNULL)
        ffmpeg.thumbnail(still, folder / f"{still.stem}_thumbnail.png", at=None)

    began = perf_counter()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(keep, stills))
    return len(stills) / (perf_counter() - began)
