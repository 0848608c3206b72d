"""A takeover: one of two keepers of a film is killed, and how long it takes until the other one has its shots' drops."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

import anyio

from benchmarks.report import Bench, Row, at_most
from events.store.postgres.claims import LEASE
from tests.e2e.film import Daemon
from tests.e2e.studio.seats import in_studio, machine, shared_by
from tests.support.film import Film, still
from tests.support.postgres import Server, make_database, own_server, programs

SHOTS = [f"01_A/01_B/{number:03d}_Shot" for number in range(24)]
"""Some for each shard."""


def measure(bench: Bench) -> Iterator[Row]:
    """A file is dropped into each shot right after the kill; the last of them is a take when all shards are served."""
    if not programs():
        yield Row(measure="a keeper's takeover", unit="s", ours=None, note="no PostgreSQL here")
        return
    rounds = bench.scaled(5, 1)
    bench.say(f"{rounds} times one of two keepers is killed")
    found = anyio.run(_measure, bench.folder, rounds)
    yield Row(
        measure=f"{len(SHOTS)} drops, from the kill of a keeper until the other one has made takes of all",
        unit="s",
        ours=median(found),
        aims=[at_most(20)],
        note=f"the longest of {rounds}: {max(found):.1f} s; a lease is {LEASE:g} s",
    )


async def _measure(folder: Path, rounds: int) -> Sequence[float]:
    with own_server(syncs=True) as running:
        database = make_database(running)
        film, services = await in_studio(folder, running, database, *SHOTS)
        async with machine(film, "bert", services) as bert:
            return [await _once(film, services, running, database, bert, number) for number in range(rounds)]


async def _once(
    film: Film, services: dict[str, str], running: Server, database: str, bert: Daemon, number: int
) -> float:
    """The seconds of one takeover."""
    async with machine(film, "anna", services) as anna:
        await shared_by(running, database, 2)
        await anna.kill()
        began = anyio.current_time()
        for place, shot in enumerate(SHOTS):
            film.drop(still(len(SHOTS) * number + place), f"{number}.png", shot)
        with anyio.fail_after(120):
            for shot in SHOTS:
                while sum(one["status"] == "complete" for one in await bert.takes(shot)) <= number:  # noqa: ASYNC110 - it is another process's
                    await anyio.sleep(0.05)
    return anyio.current_time() - began
