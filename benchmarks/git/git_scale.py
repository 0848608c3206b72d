"""A large film in git: what a start, a drop and doing nothing cost there, beside `git add`; and a drop as the film grows."""

import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from statistics import median
from time import perf_counter

from msgspec import Struct

from benchmarks import processes
from benchmarks.clips import make_png
from benchmarks.film import make_film
from benchmarks.report import Bench, Row, at_most, at_most_of_peer, number
from benchmarks.stage import NothingHappens, Stage, running, wait_until_it_answers
from benchmarks.takes.startup import ON_DISK, idle, is_calm, of_watchman
from daemon.cli.client import RefusedAnswered
from daemon.home.init import init_project
from projections.layout import media_path

EACH = 10
"""Takes of a shot."""

PATIENCE = 3600.0
"""Seconds until a large film counts as never done with."""

ASKED = 2.0
"""Seconds from one question whether a daemon rests to the next: it costs that daemon something to answer."""

DROPS = 3


class Cost(Struct):
    """What something took: seconds, and those of a processor."""

    seconds: float
    cpu: float


class Drops(Struct):
    """What a drop took in a film of so many takes, until it was staged or complete, and `git add` there, if it is in git."""

    takes: int
    drop: Cost
    add: Cost | None = None


def measure(bench: Bench) -> Iterator[Row]:
    """Make a film in a repository, start with nothing of it staged and with all of it, then drop into it."""
    if not (shutil.which("git") and shutil.which("git-lfs")):
        bench.say("git or git-lfs is not here")
        return
    with tempfile.TemporaryDirectory(prefix="takes-", dir=ON_DISK, ignore_cleanup_errors=True) as folder:
        yield from _large(bench, Path(folder) / "film")
        yield _ignored(bench, Path(folder) / "around")
        yield from _curve(bench, Path(folder))


def _large(bench: Bench, root: Path) -> Iterator[Row]:
    shots = bench.scaled(10_000, 100)
    paths = _film(bench, root, shots)
    _repository(root)
    tree = f"{shots:,} shots, {shots * EACH:,} takes"
    bench.say("starting with nothing staged, then with everything")
    with running(root) as stage:
        first = _until_calm(stage)
    with running(root) as stage:
        again = _until_calm(stage)
        drops = _drops(root, paths, stage)
        _until_calm(stage)
        resting = idle(stage.pid, bench.idle)
    yield Row(
        measure="start in git, until it rests, with nothing staged yet",
        unit="s of CPU",
        ours=first.cpu,
        aims=[at_most(15)],
        note=f"{tree}; {first.seconds:.0f} s",
    )
    yield Row(
        measure="start in git, until it rests, with everything staged",
        unit="s of CPU",
        ours=again.cpu,
        aims=[at_most(15)],
        note=f"{tree}; {again.seconds:.0f} s",
    )
    yield from _drop_rows(drops, tree)
    theirs = of_watchman(root, bench.idle)[1] if shutil.which("watchman") else None
    yield Row(
        measure="idle with that film in git",
        unit="% of a core",
        ours=resting.cpu,
        peer="watchman",
        theirs=theirs.cpu if theirs else None,
        aims=[at_most_of_peer(1), at_most(0.73)],
        note=f"{number(resting.memory)} MB" + (f", watchman {number(theirs.memory)} MB" if theirs else ""),
    )


def _drop_rows(drops: Drops, tree: str) -> Iterator[Row]:
    add = drops.add or Cost(0, 0)
    for what, unit, ours, theirs in (
        ("one drop in git, to staged", "s", drops.drop.seconds, add.seconds),
        ("one drop in git, until it rests", "s of CPU", drops.drop.cpu, add.cpu),
    ):
        yield Row(
            measure=what,
            unit=unit,
            ours=ours,
            peer="git add of one file there",
            theirs=theirs,
            aims=[at_most_of_peer(2)],
            note=f"{tree}; a still, with its sidecar, its thumbnail and all that a drop is besides",
        )


def _ignored(bench: Bench, around: Path) -> Row:
    """A start of a film in a folder that a repository ignores."""
    shots = bench.scaled(1_000, 50)
    _film(bench, around / "ignored" / "film", shots)
    with running(around / "ignored" / "film") as stage:
        outside = _until_calm(stage)
    _repository(around)
    (around / ".gitignore").write_text("/ignored/\n")
    with running(around / "ignored" / "film") as stage:
        within = _until_calm(stage)
    return Row(
        measure="start in a folder that git ignores",
        unit="s of CPU",
        ours=within.cpu,
        peer="the same film in no repository",
        theirs=outside.cpu,
        aims=[at_most_of_peer(1.1)],
        note=f"{shots:,} shots, {shots * EACH:,} takes",
    )


def _curve(bench: Bench, folder: Path) -> Iterator[Row]:
    """One drop as the film grows, in git and not."""
    sizes = (100, 1_000, 10_000, 100_000, 1_000_000) if not bench.quick else (100, 1_000)
    for is_in_git in (False, True):
        found = []
        for takes in sizes:
            root = folder / f"film-{takes}-{is_in_git}"
            paths = _film(bench, root, takes // EACH)
            if is_in_git:
                _repository(root)
            with running(root) as stage:
                _until_calm(stage)
                found.append(_drops(root, paths, stage, is_in_git=is_in_git))
            shutil.rmtree(root)
        told = [f"{one.takes:,}: {one.drop.cpu * 1000:.0f}" + _beside(one.add) for one in found]
        yield Row(
            measure=f"one drop {'in' if is_in_git else 'outside of'} git, in the largest film of that in the smallest",
            unit="times",
            ours=found[-1].drop.cpu / found[0].drop.cpu if found[0].drop.cpu else None,
            aims=[] if is_in_git else [at_most(1.5)],
            note="ms of CPU by takes in the film"
            + (" (git add)" if is_in_git else "")
            + ": "
            + "; ".join(told),
        )


def _beside(add: Cost | None) -> str:
    return f" ({add.cpu * 1000:.0f})" if add else ""


def _film(bench: Bench, root: Path, shots: int) -> list[str]:
    bench.say(f"building {shots:,} shots with {shots * EACH:,} takes")
    root.mkdir(parents=True)
    init_project(root)
    return make_film(root, shots, EACH, make_png(bench.folder / "thumbnail.png", 0).read_bytes())


def _repository(root: Path) -> None:
    for command in (
        ["init", "--quiet"],
        ["config", "gc.auto", "0"],
        ["lfs", "install", "--local"],
        ["config", "user.name", "Bench"],
        ["config", "user.email", "bench@example.org"],
    ):
        subprocess.run(["git", *command], cwd=root, check=True, capture_output=True)


def _until_calm(stage: Stage) -> Cost:
    """What it took from the start of the process until that does nothing any more."""
    began = perf_counter()
    wait_until_it_answers(stage)
    _wait(lambda: _rests(stage), ASKED)
    return Cost(perf_counter() - began, processes.cpu(stage.pid) or 0.0)


def _rests(stage: Stage) -> bool:
    with suppress(RefusedAnswered):  # a large project answers, and is still being opened
        return stage.is_at_rest() and is_calm(stage.pid)
    return False


def _wait(fact: Callable[[], bool], pause: float) -> None:
    deadline = time.monotonic() + PATIENCE
    while not fact():
        if time.monotonic() > deadline:
            raise NothingHappens
        time.sleep(pause)


def _drops(root: Path, paths: list[str], stage: Stage, *, is_in_git: bool = True) -> Drops:
    """Drops into some shots, one after another, and as many files that are given to `git add`."""
    drops, adds = [], []
    for turn in range(DROPS + 1):
        shot = paths[turn * (len(paths) - 1) // DROPS]
        drops.append(_drop(root, shot, stage, turn, is_in_git=is_in_git))
        if is_in_git:
            adds.append(_add(root, f"{turn}.txt"))
            _until_calm(stage)  # it sees that others have written the index
    add = _median(adds[1:]) if adds else None
    return Drops(len(paths) * EACH, _median(drops[1:]), add)


def _median(costs: list[Cost]) -> Cost:
    return Cost(median(one.seconds for one in costs), median(one.cpu for one in costs))


def _drop(root: Path, shot: str, stage: Stage, turn: int, *, is_in_git: bool) -> Cost:
    still = make_png(root / f"render_{turn}.png", turn + 1)
    number = EACH + 1
    media = media_path(shot, number, f"shot_{shot.rpartition('/')[2][:3]}_take_{number:03d}.png")
    index, seen = root / ".git" / "index", [0]

    def is_staged() -> bool:
        if not is_in_git:
            return (root / media).exists()
        changed = index.stat().st_mtime_ns
        was, seen[0] = seen[0], changed
        return was != changed and media.encode() in index.read_bytes()

    spent, began = processes.cpu(stage.pid) or 0.0, perf_counter()
    still.rename(root / shot / "takes" / still.name)
    _wait(is_staged, 0.01)
    seconds = perf_counter() - began
    _wait(lambda: _rests(stage), 0.1)
    return Cost(seconds, (processes.cpu(stage.pid) or 0.0) - spent)


def _add(root: Path, name: str) -> Cost:
    """What `git add` of one small file takes."""
    (root / name).write_text(name)
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), perf_counter()
    subprocess.run(["git", "add", name], cwd=root, check=True, capture_output=True)
    seconds, after = perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return Cost(seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
