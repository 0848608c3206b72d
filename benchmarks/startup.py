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
from msgspec import Struct
from msgspec.structs import replace

from benchmarks import processes
from benchmarks.clips import make_png
from benchmarks.film import make_film
from benchmarks.report import Bench, Row, at_most, at_most_of_peer, number
from benchmarks.stage import Stage, running, wait_until, wait_until_it_answers
from daemon.project.init import init_project

SCRAPES = 200


class Idle(Struct):
    """What a process costs that has nothing to do: ms of a scrape, percent of a core, MB alone and with its children."""

    scrape: float | None = None
    cpu: float | None = None
    memory: float | None = None
    with_children: float | None = None


def measure(bench: Bench) -> Iterator[Row]:
    """Build the tree once, start the daemon some times and watch the last one idle; then the peer, likewise."""
    root, runs = bench.folder / "film", bench.scaled(3, 2)
    shots, each = bench.scaled(10_000, 200), 10
    bench.say(f"building {shots:,} shots with {shots * each:,} takes")
    init_project(root)
    make_film(root, shots, each, make_png(bench.folder / "thumbnail.png", 0).read_bytes())
    tree = f"{shots:,} shots, {shots * each:,} takes"
    bench.say(f"starting {runs} times, then idling for {bench.idle:g} s")
    answered, scanned, idle = _ours(root, runs, bench.idle)
    yield Row(
        measure="start, until it answers", unit="s", ours=median(answered), aims=[at_most(1)], note=tree
    )
    peer, crawled, idling = _theirs(root, runs, bench)
    yield Row(
        measure="start, until its first scan is done",
        unit="s",
        ours=median(scanned),
        peer=peer,
        theirs=median(crawled) if crawled else None,
        aims=[at_most_of_peer(0.5)],
        note=f"{tree}; both from the start of the process; `find` that asks for every file's time takes "
        f"{number(_find(root))} s",
    )
    yield Row(
        measure="idle with that tree, time",
        unit="% of a core",
        ours=idle.cpu,
        peer=peer,
        theirs=idling.cpu,
        aims=[at_most(0.5)],
        note=f"over {bench.idle:g} s; what has changed is looked for every 60 s",
    )
    yield Row(
        measure="idle with that tree, memory",
        unit="MB",
        ours=idle.memory,
        peer=peer,
        theirs=idling.memory,
        aims=[at_most(100)],
        note=f"{number(idle.with_children)} MB with its children",
    )
    yield Row(
        measure="scrape of /metrics with that tree, p99",
        unit="ms",
        ours=idle.scrape,
        aims=[at_most(20)],
        note=f"of {SCRAPES}, over the socket",
    )


def _ours(root: Path, runs: int, seconds: float) -> tuple[list[float], list[float], Idle]:
    """Of each start the seconds until it answers and until it has scanned; what the last one costs then."""
    answered, scanned, idle = [], [], Idle()
    for left in reversed(range(runs)):
        began = perf_counter()
        with running(root) as stage:
            wait_until_it_answers(stage)
            answered.append(perf_counter() - began)
            wait_until(lambda: _has_scanned(stage), 0.25)  # to ask costs as much as to scan a part
            scanned.append(perf_counter() - began)
            if not left:
                wait_until(stage.is_at_rest)
                idle = replace(_idle(stage.pid, seconds), scrape=_scrape(stage))
    return answered, scanned, idle


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


def _idle(pid: int, seconds: float) -> Idle:
    before = processes.cpu(pid)
    sleep(seconds)
    after = processes.cpu(pid)
    share = (after - before) / seconds * 100 if after is not None and before is not None else None
    return Idle(None, share, processes.memory(pid), processes.memory_with_children(pid))


def _theirs(root: Path, runs: int, bench: Bench) -> tuple[str, list[float], Idle]:
    """The peer's name, the seconds of each crawl, and what it costs afterwards."""
    if shutil.which("watchman"):
        bench.say(f"letting watchman crawl {runs} times")
        crawls = [_watchman(root, 0.0 if left else bench.idle / 6) for left in reversed(range(runs))]
        return "watchman", [seconds for seconds, _ in crawls], crawls[-1][1]
    return "find, with stat", [_find(root) for _ in range(runs)], Idle()


def _find(root: Path) -> float:
    began = perf_counter()
    subprocess.run(["find", str(root), "-newermt", "1970-01-01"], check=True, stdout=subprocess.DEVNULL)
    return perf_counter() - began


def _watchman(root: Path, seconds: float) -> tuple[float, Idle]:
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
            return crawled, _idle(service.pid, seconds) if seconds else Idle()
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
