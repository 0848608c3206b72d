"""A PostgreSQL of the tests' own: a server in a temporary folder, on a Unix socket only, once for each process of tests.

A test has a database of its own in it. Where the machine has no PostgreSQL, such a test is left out, and that is said.
"""

import asyncio
import atexit
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count

import pytest

from examples.postgres import Reached, Server, programs, write_services
from tests.left_out import leave_out

__all__ = ("Reached", "Server", "programs", "write_services")

MISSING = "the studio: PostgreSQL is not installed (on Debian: apt-get install postgresql)"

_NUMBERS = count(1)


@cache
def server() -> Server:
    """The server of this process, which runs until that ends."""
    if not (found := programs()):
        leave_out(MISSING)
    made = Server(found)
    atexit.register(made.end)
    made.start()
    return made


@contextmanager
def own_server(*, syncs: bool = False, connections: int = 60, port: int | None = None) -> Iterator[Server]:
    """A server for one test, which may be stopped; `syncs` has its commits be on the disk, `port` is on loopback."""
    if not (found := programs()):
        leave_out(MISSING)
    made = Server(found, syncs=syncs, connections=connections, port=port)
    try:
        made.start()
        yield made
    finally:
        made.end()


def make_database(running: Server) -> str:
    """An empty database."""
    name = f"takes_{next(_NUMBERS)}"
    running.execute(f"CREATE DATABASE {name}")
    return name


@cache
def ready_database() -> str:
    """A database with our tables, for all tests that need no other."""
    from daemon.project import studio_moves

    name = make_database(server())
    with pytest.MonkeyPatch.context() as patch:
        point_at(patch, server(), name)
        asyncio.run(studio_moves.make_ready("takes"))
    return name


def point_at(patch: pytest.MonkeyPatch, running: Reached, database: str) -> None:
    """Have the service `takes` be that database."""
    for name, value in write_services(running.folder / database, running, takes=database).items():
        patch.setenv(name, value)
