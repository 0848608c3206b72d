"""A PgBouncer in front of the tests' PostgreSQL: a connection to it has one of the server's for each transaction anew."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from examples.postgres import DEADLINE, Server, ServerFailed
from tests.left_out import leave_out

MISSING = "the studio: PgBouncer is not installed (on Debian: apt-get install pgbouncer)"

CONFIG = """
[databases]
* = host={server} port=5432 user=postgres connect_query='SET search_path = takes_jobs, public; SET TimeZone = UTC'

[pgbouncer]
pool_mode = transaction
default_pool_size = 6
listen_addr =
listen_port = 5432
unix_socket_dir = {folder}
auth_type = any
ignore_startup_parameters = options
"""
"""With few connections to the server, so that all of them go from hand to hand. The last line and the search path are
for workers, as docs/running/studio.md has it.
"""


class Pooler:
    """What is reached in place of the server, by a socket in its own folder."""

    def __init__(self, running: Server) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="pgb-", dir="/tmp"))  # a socket's path is short
        self.config = self.folder / "pgbouncer.ini"
        self.config.write_text(CONFIG.format(server=running.folder, folder=self.folder))
        running.give(self.folder)

    def wait(self) -> None:
        """Return once it can be reached."""
        deadline = time.monotonic() + DEADLINE
        while not self.folder.joinpath(".s.PGSQL.5432").exists():
            if time.monotonic() > deadline:
                raise ServerFailed(self.folder.joinpath("log").read_text())
            time.sleep(0.02)


@contextmanager
def pooler(running: Server) -> Iterator[Pooler]:
    """One that pools by transaction."""
    program = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
    if not program:
        leave_out(MISSING)
    made = Pooler(running)
    with made.folder.joinpath("log").open("wb") as log:
        process = subprocess.Popen(  # it refuses to be root, as the server does
            [program, made.config], stdout=log, stderr=log, cwd="/", **running.as_user()
        )
    try:
        made.wait()
        yield made
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(made.folder)
