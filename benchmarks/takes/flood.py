"""The flood: how long the owner waits at the socket while a stranger keeps 1,100 half requests at the port."""

import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import quantiles
from time import perf_counter

from benchmarks.report import Bench, Row, at_most
from benchmarks.stage import Stage, running, wait_until_it_answers
from benchmarks.wire import Wire

FLOOD = 1_100
DESCRIPTORS = 1_024
"""What the daemon may have open, unless somebody chose otherwise."""

HEALTH = "/api/health"

_FLOODER = """
import asyncio, resource, sys
port, count = map(int, sys.argv[1:])
_, most = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 4 * count), most))
begun = 0
async def hold():
    global begun
    is_first = True
    while True:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET / HTTP/1.1\\r\\nHost: 127.0.0.1\\r\\nX-Half: ")
            begun, is_first = begun + is_first, False
            if begun == count:
                begun += 1
                print("flooded", flush=True)
            await reader.read()
            writer.close()
        except OSError:
            await asyncio.sleep(0.01)
async def main():
    await asyncio.gather(*(hold() for _ in range(count)))
asyncio.run(main())
"""
"""Holds so many half requests at that port; one that is dropped is begun again at once."""


def measure(bench: Bench) -> Iterator[Row]:
    """Ask for the daemon's health, each time on a new connection, without the flood and in it."""
    asked = bench.scaled(2_000, 200)
    root = bench.folder / "film"
    root.mkdir()
    with running(root, "--port", "0") as stage:
        wait_until_it_answers(stage)
        if hasattr(resource, "prlimit"):
            resource.prlimit(stage.pid, resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))
        bench.say(f"asking {asked} times, and {asked} times in a flood of {FLOOD:,} half requests")
        before = _p99(stage, asked)
        with _flood(stage):
            during = _p99(stage, asked)
    yield Row(
        measure="/health over the socket in a flood at the port, p99",
        unit="ms",
        ours=during,
        peer="the same daemon without a flood",
        theirs=before,
        aims=[at_most(200)],
        note=f"{FLOOD:,} half requests, each begun again when it is dropped; a new connection for each question",
    )


def _p99(stage: Stage, count: int) -> float:
    """In ms."""
    times = []
    for _ in range(count):
        began = perf_counter()
        with Wire(stage.daemon.path) as wire:
            wire.get(HEALTH)
        times.append(perf_counter() - began)
    return quantiles(times, n=100)[98] * 1000


@contextmanager
def _flood(stage: Stage) -> Iterator[None]:
    port = stage.daemon.ask("GET", HEALTH)["gallery"]["port"]
    command = [sys.executable, "-c", _FLOODER, str(port), str(FLOOD)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            if process.stdout is None or not process.stdout.readline():
                raise ConnectionError("there was no flood")
            yield
        finally:
            process.terminate()
