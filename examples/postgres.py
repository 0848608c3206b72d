"""A PostgreSQL of one's own: a server in a temporary folder, for the demo of a studio and for tests."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, Protocol

from daemon.logs.setup import spare_what_is_told

DEADLINE = 30.0
"""Seconds after which a server is not expected to come up any more."""

CONFIG = """
shared_buffers = 16MB
autovacuum = off
jit = off
max_wal_senders = 0
wal_level = minimal
"""


class ServerFailed(Exception):
    """Raised when a server does not come up."""


class Server:
    """A server that can be stopped, killed and started again; what was committed is there afterwards, but for a power cut.

    With a `port` it is there on loopback, too.
    """

    def __init__(
        self, programs: Path, *, syncs: bool = False, connections: int = 60, port: int | None = None
    ) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # a socket's path is short
        self.port = port or 5432
        self._programs = programs
        self._user = _user()
        self._process: subprocess.Popen[bytes] | None = None
        self.give(self.folder)
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
                f"{CONFIG}max_connections = {connections}\nfsync = {'on' if syncs else 'off'}\n"
                f"unix_socket_directories = '{self.folder}'\nport = {self.port}\n"
                f"listen_addresses = '{'127.0.0.1' if port else ''}'\n"
            )

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def _ids(self) -> tuple[int, int]:
        return (self._user.pw_uid, self._user.pw_gid) if self._user else (-1, -1)

    def give(self, folder: Path) -> None:
        """Have a folder be that of the user who the server runs as."""
        os.chown(folder, *self._ids())

    def as_user(self) -> dict[str, Any]:
        """How a process is begun that runs as the same user."""
        if not self._user:
            return {}
        return {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []}

    def _run(self, program: str, *arguments: object) -> None:
        command = [str(self._programs / program), *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False, **self.as_user())
        if done.returncode:
            raise ServerFailed(done.stderr)

    def start(self) -> None:
        """Have it answer."""
        spare_what_is_told()  # as a daemon has it
        with self.folder.joinpath("log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", self.data],
                cwd="/",
                stdout=log,
                stderr=log,
                **self.as_user(),
            )
        deadline = time.monotonic() + DEADLINE
        while "ready" not in self._status():
            if time.monotonic() > deadline:
                raise ServerFailed(self.folder.joinpath("log").read_text())
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

    def cpu(self) -> float:
        """The seconds of a processor that it has had, with all that served a connection."""
        own = Path(f"/proc/{self._process.pid}") if self._process else Path()
        spent = _ticks(own)[:4]  # those of its own and of the children that are gone
        children = (own / "task" / own.name / "children").read_text().split()
        spent += [ticks for child in children for ticks in _ticks(Path("/proc", child))[:2]]
        return sum(spent) / os.sysconf("SC_CLK_TCK")

    def execute(self, statement: str, database: str = "postgres", **more: Any) -> list[Any]:
        """What it answers to a superuser, or to the one that is named as `user`."""
        import psycopg  # noqa: PLC0415 - it comes with an extra

        settings = {
            "host": str(self.folder),
            "port": self.port,
            "dbname": database,
            "user": "postgres",
            **more,
        }
        with psycopg.connect(**settings, autocommit=True) as db:
            found = db.execute(statement.encode())
            return found.fetchall() if found.description else []


def _ticks(process: Path) -> list[int]:
    """The times of a process, and of its children that have ended; none where it is gone."""
    try:
        return [int(one) for one in (process / "stat").read_text().rpartition(")")[2].split()[11:15]]
    except FileNotFoundError:
        return []


def _user() -> pwd.struct_passwd | None:
    """Whose server it is: PostgreSQL does not run as root."""
    if os.geteuid():
        return None
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


def programs() -> Path | None:
    """The folder of the server's programs: those on the path, or the newest of Debian's, which are not on it."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    known = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda one: int(one.parent.name))
    return known[-1] if known else None


class Reached(Protocol):
    """What can be connected to by a socket."""

    folder: Path


def write_services(path: Path, running: Reached, **databases: str) -> dict[str, str]:
    """A file of libpq services, each of that database, or of `database user`; the environment that names it."""
    parts = []
    for service, said in databases.items():
        database, _, user = said.partition(" ")
        parts.append(f"[{service}]\nhost={running.folder}\ndbname={database}\nuser={user or 'postgres'}\n")
    path.write_text("\n".join(parts))
    return {"PGSERVICEFILE": str(path)}
