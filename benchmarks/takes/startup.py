"""Starting with 10,000 shots and 100,000 known takes: until it answers, until it has looked at everything, and idle."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter, sleep

import httpx
from msgspec import Struct, field
from msgspec.structs import replace

from benchmarks import processes
from benchmarks.clips import make_png
from benchmarks.film import make_film
from benchmarks.report import Bench, Row, at_most, at_most_of_peer, number
from benchmarks.stage import Stage, running, wait_until, wait_until_it_answers
from daemon.home.init import init_project
from daemon.watching.memory import NAME
from projections.layout import OWN_FOLDER

ON_DISK = "/var/tmp" if Path("/var/tmp").is_dir() else None  # noqa: S108 - a folder of its own is made in it
"""Where a film is made that lies on a disk: much of what is temporary lies in memory on some systems."""

CALM = 3.0
"""Seconds in which a daemon that rests does next to nothing."""

SCRAPES = 200


class Idle(Struct):
    """What a process costs that has nothing to do: ms of a scrape, percent of a core, MB alone and with its children."""

    scrape: float | None = None
    cpu: float | None = None
    memory: float | None = None
    with_children: float | None = None


class Started(Struct):
    """Of each start the seconds until it answers, and until it has scanned."""

    answered: list[float] = field(default_factory=list)
    scanned: list[float] = field(default_factory=list)


class Rest(Struct):
    """A daemon that has nothing to do: what it costs, what an asking for its status takes (ms), what it watches."""

    idle: Idle
    status: float
    folders: int


def measure(bench: Bench) -> Iterator[Row]:
    """Build the tree once, start the daemon some times and watch the last one idle; then the peer, likewise."""
    # in no repository, as a checkout is one: what git costs is measured elsewhere
    with tempfile.TemporaryDirectory(prefix="takes-", dir=ON_DISK, ignore_cleanup_errors=True) as folder:
        yield from _measure(bench, Path(folder) / "film")


def _measure(bench: Bench, root: Path) -> Iterator[Row]:
    runs, each = bench.scaled(3, 2), 10
    shots = bench.scaled(10_000, 200)
    bench.say(f"building {shots:,} shots with {shots * each:,} takes")
    root.mkdir()
    init_project(root)
    make_film(root, shots, each, make_png(bench.folder / "thumbnail.png", 0).read_bytes())
    tree = f"{shots:,} shots, {shots * each:,} takes"
    bench.say(
        f"starting {runs} times with nothing known, and {runs} times again, then idling for {bench.idle:g} s"
    )
    new, _ = _start(root, runs, None)
    known, rest = _start(root, runs, bench.idle)
    peer, crawled, idling = _theirs(root, runs, bench)
    crawl = median(crawled) if crawled else None
    yield Row(
        measure="start, until it answers",
        unit="s",
        ours=median(new.answered + known.answered),
        aims=[at_most(0.5)],
        note=tree,
    )
    for how, seconds in (("again", known.scanned), ("with nothing known of it", new.scanned)):
        yield Row(
            measure=f"start, until its first scan is done, {how}",
            unit="s",
            ours=median(seconds),
            peer=peer,
            theirs=crawl,
            aims=[at_most_of_peer(0.35 if how == "again" else 0.5)],
            note=f"{tree}; both from the start of the process; `find` that asks for every file's time takes "
            f"{number(_find(root))} s",
        )
    yield Row(measure="status with that tree", unit="ms", ours=rest.status, aims=[at_most(5)])
    yield Row(
        measure="watching that tree", unit="folders a shot", ours=rest.folders / shots, aims=[at_most(2.2)]
    )
    yield Row(
        measure="idle with that tree, time",
        unit="% of a core",
        ours=rest.idle.cpu,
        peer=peer,
        theirs=idling.cpu,
        aims=[at_most(0.5)],
        note=f"over {bench.idle:g} s, once the log's chain is checked; what has changed is looked for every 60 s",
    )
    yield Row(
        measure="idle with that tree, memory",
        unit="MB",
        ours=rest.idle.memory,
        peer=peer,
        theirs=idling.memory,
        aims=[at_most(80)],
        note=f"{number(rest.idle.with_children)} MB with its children",
    )
    yield Row(
        measure="scrape of /metrics with that tree, p99",
        unit="ms",
        ours=rest.idle.scrape,
        aims=[at_most(20)],
        note=f"of {SCRAPES}, over the socket",
    )


def _start(root: Path, runs: int, seconds: float | None) -> tuple[Started, Rest]:
    """Start it some times, each with what the last one has known, unless no seconds are said; how the last one rests."""
    started, rest = Started(), Rest(Idle(), 0.0, 0)
    for left in reversed(range(runs)):
        if seconds is None:
            (root / OWN_FOLDER / NAME).unlink(missing_ok=True)
        began = perf_counter()
        with running(root) as stage:
            wait_until_it_answers(stage)
            started.answered.append(perf_counter() - began)
            wait_until(lambda: _has_scanned(stage))
            started.scanned.append(perf_counter() - began)
            if not left and seconds is not None:
                rest = _rest(stage, seconds)
    return started, rest


def _rest(stage: Stage, seconds: float) -> Rest:
    wait_until(stage.is_at_rest)
    wait_until(
        lambda: is_calm(stage.pid)
    )  # the log's chain is checked in a daemon's first minute, and nobody tells
    return Rest(
        replace(idle(stage.pid, seconds), scrape=_scrape(stage)),
        median(_asked(stage) for _ in range(20)),
        stage.ask("status")["watch"]["folders"],
    )


def is_calm(pid: int) -> bool:
    return (idle(pid, CALM).cpu or 0.0) < 2


def _asked(stage: Stage) -> float:
    began = perf_counter()
    stage.ask("status")
    return (perf_counter() - began) * 1000


def _has_scanned(stage: Stage) -> bool:
    return stage.ask("status")["lastScan"] is not None


def _scrape(stage: Stage) -> float:
    """The ms within which ninety-nine of a hundred scrapes are answered."""
    transport = httpx.HTTPTransport(uds=stage.daemon.path, verify=False)
    taken = []
    with httpx.Client(transport=transport, base_url="http://takes") as client:
        for _ in range(SCRAPES):
            began = perf_counter()
            client.get("/metrics").raise_for_status()
            taken.append((perf_counter() - began) * 1000)
    return quantiles(taken, n=100)[98]


def idle(pid: int, seconds: float) -> Idle:
    before = processes.cpu(pid)
    sleep(seconds)
    after = processes.cpu(pid)
    share = (after - before) / seconds * 100 if after is not None and before is not None else None
    return Idle(None, share, processes.memory(pid), processes.memory_with_children(pid))


def _theirs(root: Path, runs: int, bench: Bench) -> tuple[str, list[float], Idle]:
    """The peer's name, the seconds of each crawl, and what it costs afterwards."""
    if shutil.which("watchman"):
        bench.say(f"letting watchman crawl {runs} times")
        crawls = [of_watchman(root, 0.0 if left else bench.idle / 6) for left in reversed(range(runs))]
        return "watchman", [seconds for seconds, _ in crawls], crawls[-1][1]
    return "find, with stat", [_find(root) for _ in range(runs)], Idle()


def _find(root: Path) -> float:
    began = perf_counter()
    subprocess.run(["find", str(root), "-newermt", "1970-01-01"], check=True, stdout=subprocess.DEVNULL)
    return perf_counter() - began


def of_watchman(root: Path, seconds: float) -> tuple[float, Idle]:
    """A watchman of our own, from its start until it has listed every file."""
    with tempfile.TemporaryDirectory(prefix="takes-") as folder:
        own = [f"--sockname={folder}/sock", f"--statefile={folder}/state", f"--pidfile={folder}/pid"]
        began = perf_counter()
        service = subprocess.Popen(["watchman", "--foreground", f"--logfile={folder}/log", *own])
        try:
            wait_until(Path(f"{folder}/sock").is_socket, 0.005)
            _ask_watchman(own, ["watch", str(root)])
            _ask_watchman(own, ["query", str(root), {"expression": "false", "fields": ["name"]}])
            crawled = perf_counter() - began
            return crawled, idle(service.pid, seconds) if seconds else Idle()
        finally:
            service.terminate()
            service.wait()


def _ask_watchman(own: list[str], command: list[object]) -> None:
    asked = json.dumps(command).encode()
    process = subprocess.run(
        ["watchman", "--no-spawn", *own, "-j"], input=asked, check=True, capture_output=True
    )
    answer = json.loads(process.stdout)
    if "error" in answer:
        raise RuntimeError(answer["error"])
