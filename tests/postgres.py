"""A PostgreSQL of the tests' own: a server in a temporary folder, on a Unix socket only, once for each process of tests.

A test has a database of its own in it. Where the machine has no PostgreSQL, such a test is left out, and that is said.
"""

import asyncio
import atexit
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from daemon.logs.setup import spare_what_is_told
from tests.left_out import leave_out

MISSING = "the studio: PostgreSQL is not installed (on Debian: apt-get install postgresql)"

DEADLINE = 30.0
"""Seconds after which a server is not expected to come up any more."""

CONFIG = """
listen_addresses = ''
shared_buffers = 16MB
max_connections = 60
autovacuum = off
jit = off
max_wal_senders = 0
wal_level = minimal
"""

_NUMBERS = count(1)


class Server:
    """A server that can be stopped, killed and started again; what was committed is there afterwards, but for a power cut."""

    def __init__(self, programs: Path, *, syncs: bool = False) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # a socket's path is short
        self._programs = programs
        self._user = _user()
        self._process: subprocess.Popen[bytes] | None = None
        os.chown(self.folder, *self._ids())
        self._run(
            "initdb",
            "--no-sync",
            "--auth=trust",
            "--username=postgres",
            "--encoding=UTF8",
            "--locale=C",
            "-D",
            self.data,
        )
        with self.data.joinpath("postgresql.conf").open("a") as config:
            config.write(
                f"{CONFIG}fsync = {'on' if syncs else 'off'}\nunix_socket_directories = '{self.folder}'\n"
            )

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def _ids(self) -> tuple[int, int]:
        return (self._user.pw_uid, self._user.pw_gid) if self._user else (-1, -1)

    def _as_user(self) -> dict[str, Any]:
        if not self._user:
            return {}
        return {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []}

    def _run(self, program: str, *arguments: object) -> None:
        command = [str(self._programs / program), *map(str, arguments)]
        done = subprocess.run(
            command, capture_output=True, text=True, cwd="/", check=False, **self._as_user()
        )
        assert done.returncode == 0, done.stderr

    def start(self) -> None:
        """Have it answer."""
        spare_what_is_told()  # as a daemon has it
        with self.folder.joinpath("log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", self.data],
                cwd="/",
                stdout=log,
                stderr=log,
                **self._as_user(),
            )
        deadline = time.monotonic() + DEADLINE
        while "ready" not in self._status():
            assert time.monotonic() < deadline, self.folder.joinpath("log").read_text()
            time.sleep(0.02)

    def _status(self) -> str:
        """What the server says of itself in its lock file."""
        pid = self.data / "postmaster.pid"
        return pid.read_text().split("\n")[-2] if pid.exists() and pid.read_text().count("\n") > 7 else ""

    def stop(self, how: signal.Signals = signal.SIGQUIT) -> None:
        """Have it end at once, as after a crash; SIGINT is a clean end that waits for nobody."""
        if self._process:
            self._process.send_signal(how)
            self._process.wait(DEADLINE)
            self._process = None

    def end(self) -> None:
        """Stop it for good."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def execute(self, statement: str, database: str = "postgres", **more: Any) -> list[Any]:
        """What it answers to a superuser, or to the one that is named as `user`."""
        import psycopg

        settings = {"host": str(self.folder), "dbname": database, "user": "postgres", **more}
        with psycopg.connect(**settings, autocommit=True) as db:
            found = db.execute(statement.encode())
            return found.fetchall() if found.description else []


def _user() -> pwd.struct_passwd | None:
    """Whose server it is: PostgreSQL does not run as root."""
    if os.geteuid():
        return None
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


def programs() -> Path | None:
    """The folder of the server's programs, which Debian does not have on the path; the newest where there are some."""
    known = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda one: int(one.parent.name))
    found = shutil.which("initdb")
    return known[-1] if known else Path(found).parent if found else None


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
def own_server(*, syncs: bool = False) -> Iterator[Server]:
    """A server for one test, which may be stopped; `syncs` has its commits be on the disk."""
    if not (found := programs()):
        leave_out(MISSING)
    made = Server(found, syncs=syncs)
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


def point_at(patch: pytest.MonkeyPatch, running: Server, database: str) -> None:
    """Have the service `takes` be that database."""
    for name, value in write_services(running.folder / database, running, takes=database).items():
        patch.setenv(name, value)


def write_services(path: Path, running: Server, **databases: str) -> dict[str, str]:
    """A file of libpq services, each of that database, or of `database user`; the environment that names it."""
    parts = []
    for service, said in databases.items():
        database, _, user = said.partition(" ")
        parts.append(f"[{service}]\nhost={running.folder}\ndbname={database}\nuser={user or 'postgres'}\n")
    path.write_text("\n".join(parts))
    return {"PGSERVICEFILE": str(path)}
