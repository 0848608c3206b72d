"""Jobs by one worker of a studio whose takes cost nothing to make, beside procrastinate's own worker and an empty task."""

import asyncio
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any
from uuid import uuid4

import anyio

from benchmarks.history import BEGAN, registered
from benchmarks.report import Bench, Row, at_least_of_peer
from daemon.config.table import RunnerConfig
from daemon.farm.jobs import app_of, work
from daemon.farm.making import Making
from daemon.home.init import init_project
from daemon.logs.setup import set_level
from daemon.project.studio_moves import make_ready
from daemon.runners.choice import Chosen
from daemon.runners.runner import Job, Made, Tell
from events import Append, Request, Source, TakeCreated, TakeKey, timestamp
from events.store.postgres.films import enter
from events.store.postgres.jobs import hand_out
from events.store.postgres.log import open_postgres_log
from events.store.postgres.studio import open_studio
from tests.support.postgres import make_database, own_server, programs, write_services

AT_ONCE = 8
"""Takes that the worker makes at a time."""

SHOTS = 20


class Instant:
    """A runner to which a take is one byte."""

    kind = "instant"
    inputs: Sequence[str] | None = None

    async def ready(self) -> None:
        """Always."""

    async def workflow(self, root: Path, shot: str, named: str | None) -> Chosen | None:
        """None."""
        return None

    async def run(self, job: Job, tell: Tell) -> Made:
        """The byte."""
        path = job.folder / f"{job.stem}.bin"
        path.write_bytes(b".")
        return Made(path)

    async def resume(self, job: Job, tell: Tell) -> Made | None:
        """Nothing is ever left."""
        return None

    async def tidy(self, root: Path, left: str, sha256: str) -> str | None:
        """Nothing is ever left."""
        return None

    async def cancel(self, job: Job) -> None:
        """Nothing goes on."""


def measure(bench: Bench) -> Iterator[Row]:
    """Both empty a queue that is full when they begin; they take turns."""
    if not programs():
        yield Row(measure="jobs of a worker", unit="jobs/s", ours=None, note="no PostgreSQL here")
        return
    rounds, count = bench.scaled(5, 1), bench.scaled(400, 40)
    rates: dict[str, list[float]] = {"ours": [], "bare": []}
    with own_server(syncs=True) as running:
        os.environ |= write_services(bench.folder / "services", running, takes=make_database(running))
        asyncio.run(make_ready("takes"))
        set_level("warning")
        bench.say(f"{rounds} rounds of {count} jobs, ours and procrastinate alone in turn")
        for number in range(rounds):
            rates["ours"].append(anyio.run(_ours, bench.folder / f"film{number}", count))
            rates["bare"].append(anyio.run(_bare, count))
    yield Row(
        measure=f"jobs of a worker, {AT_ONCE} at a time: begun in the log, made, on disk",
        unit="jobs/s",
        ours=median(rates["ours"]),
        peer="procrastinate, an empty task",
        theirs=median(rates["bare"]),
        aims=[at_least_of_peer(0.2)],
    )


async def _ours(root: Path, count: int) -> float:
    await anyio.Path(root / "takes").mkdir(parents=True)
    await anyio.to_thread.run_sync(init_project, root)
    async with open_studio("takes") as studio:
        film = await enter(studio, uuid4().hex, "A film")
        await film.turn("moving", "open")
        async with open_postgres_log(studio, film.id) as log:
            await hand_out(studio, log.film, "q")
            for shot in range(SHOTS):
                await log.append(_asked(shot, count // SHOTS))
            making, done = Making(root, "film", log, Instant(), RunnerConfig()), asyncio.Event()
            left = count

            async def make(key: TakeKey) -> None:
                nonlocal left
                await making.make(key)
                left -= 1
                if not left:
                    done.set()

            began = perf_counter()
            working = asyncio.create_task(work("takes", {log.film: make}, ["q"], AT_ONCE, 30.0))
            await done.wait()
            seconds = perf_counter() - began
            working.cancel()
            with suppress(asyncio.CancelledError):
                await working
    return count / seconds


def _asked(shot: int, takes: int) -> Append:
    """A shot, and so many takes of it that are asked for."""
    events = [registered(f"01_A/01_B/{shot:03d}_C", shot)[0]]
    asked = [
        TakeCreated(take=number, source=Source(kind="request"), request=Request(params={"seed": number}))
        for number in range(1, takes + 1)
    ]
    at = timestamp(BEGAN)
    return Append(stream=f"{shot:016x}", events=[*events, *asked], expected=0, at=at, actor="bench")


async def _bare(count: int) -> float:
    app = app_of("takes", "bench", AT_ONCE + 2)

    @app.task(name="nothing", queue="bare")
    async def nothing(number: int) -> None:
        pass

    async with app.open_async():
        numbers: list[dict[str, Any]] = [{"number": number} for number in range(count)]
        await nothing.batch_defer_async(*numbers)
        began = perf_counter()
        await app.run_worker_async(
            queues=["bare"],
            concurrency=AT_ONCE,
            wait=False,
            delete_jobs="always",
            install_signal_handlers=False,
        )
        return count / (perf_counter() - began)
