"""A list of 20 takes over the socket, beside an asyncio server that only sends the same bytes; and by `takes ls` from cold."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector
from statistics import median, quantiles
from time import perf_counter

from benchmarks.clips import make_png
from benchmarks.film import make_film
from benchmarks.report import Bench, Row, at_least, at_most, at_most_of_peer
from benchmarks.stage import CHECKOUT, Stage, running, wait_until, wait_until_it_answers
from benchmarks.wire import Wire
from daemon.cli.client import api_path
from daemon.home.init import init_project
from projections.layout import full_id

TAKES = 20
CLIENTS = 16


def measure(bench: Bench) -> Iterator[Row]:
    """Ask over and over on one connection; ours and the peer's runs take turns."""
    root, runs, each = bench.folder / "film", bench.scaled(7, 3), bench.scaled(2000, 300)
    project = init_project(root)
    png = make_png(bench.folder / "thumbnail.png", 0).read_bytes()
    (shot,) = make_film(root, 1, TAKES, png)
    asked = api_path("projects", project.id, "shots", full_id(shot), "takes")
    bench.say(f"{runs} times {each} lists of {TAKES} takes")
    with running(root) as stage:
        wait_until_it_answers(stage)
        wait_until(stage.is_at_rest)
        with Wire(stage.daemon.path) as ours:
            body = ours.get(asked)
            with _plain_server(bench.folder / "body.json", body) as path, Wire(path) as theirs:
                rounds = [(_times(ours, asked, each), _times(theirs, asked, each)) for _ in range(runs)]
                rates = [
                    (_rate(stage.daemon.path, asked, each), _rate(path, asked, each)) for _ in range(runs)
                ]
        yield _by_command(bench, stage, full_id(shot))
    percents = [quantiles([one for pair in rounds for one in pair[side]], n=100) for side in (0, 1)]
    for name, percent in (("p50", 49), ("p99", 98)):
        yield Row(
            measure=f"list of {TAKES} takes over the socket, {name}",
            unit="ms",
            ours=percents[0][percent] * 1000,
            peer="asyncio that sends the same bytes",
            theirs=percents[1][percent] * 1000,
            aims=[at_most_of_peer(4)] if name == "p50" else [],
            note=f"one client, {len(body):,} bytes",
        )

    yield Row(
        measure=f"the same to {CLIENTS} clients at once",
        unit="/s",
        ours=median(ours for ours, _ in rates),
        peer="asyncio that sends the same bytes",
        theirs=median(theirs for _, theirs in rates),
        aims=[at_least(15_000)],
        note="all of them one process of Python",
    )


def _rate(path: str, asked: str, count: int) -> float:
    """Answers a second, so many of them, to clients that ask again as soon as they are answered."""
    with ExitStack() as stack, DefaultSelector() as waiting:
        wires = [stack.enter_context(Wire(path)) for _ in range(CLIENTS)]
        for wire in wires:
            waiting.register(wire, EVENT_READ, wire)
        began, answered = perf_counter(), 0
        for wire in wires:
            wire.ask(asked)
        while answered < count:
            for key, _ in waiting.select():
                key.data.answer()
                key.data.ask(asked)
                answered += 1
        return answered / (perf_counter() - began)


def _times(wire: Wire, asked: str, count: int) -> list[float]:
    times = []
    for _ in range(count):
        began = perf_counter()
        wire.get(asked)
        times.append(perf_counter() - began)
    return times


def _by_command(bench: Bench, stage: Stage, shot: str) -> Row:
    """From the start of the process to its end, in turns with a Python that does nothing."""
    command = ["-c", "import sys; from daemon.cli.main import main; sys.exit(main())"]
    list_takes = [*command, "ls", shot, "--socket", stage.daemon.path]
    runs = bench.scaled(30, 3)
    pairs = [(_seconds(list_takes), _seconds(["-c", "pass"])) for _ in range(runs + 1)][1:]
    return Row(
        measure="`takes ls` of them from cold, p50",
        unit="ms",
        ours=median(ours for ours, _ in pairs) * 1000,
        peer="python that does nothing",
        theirs=median(theirs for _, theirs in pairs) * 1000,
        aims=[at_most(70)],
    )


def _seconds(options: list[str]) -> float:
    """What one more interpreter takes; what it has compiled is kept, as it is in an installed package."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    began = perf_counter()
    subprocess.run([sys.executable, *options], check=True, stdout=subprocess.DEVNULL, env=kept, cwd=CHECKOUT)
    return perf_counter() - began


@contextmanager
def _plain_server(file: Path, body: bytes) -> Iterator[str]:
    file.write_bytes(body)
    with tempfile.TemporaryDirectory(prefix="takes-") as folder:
        path = f"{folder}/plain.sock"
        process = subprocess.Popen([sys.executable, "-m", "benchmarks.takes.plain_server", path, str(file)])
        try:
            wait_until(Path(path).is_socket)
            yield path
        finally:
            process.terminate()
            process.wait()
