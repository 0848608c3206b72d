"""The password for a studio's database is known to libpq, and is said nowhere."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.film import Daemon
from tests.e2e.studio.seats import in_studio, machine
from tests.support.film import Film, still, until
from tests.support.postgres import Server, make_database, own_server

SECRET = "open-sesame-4711"  # noqa: S105 - which is to be found nowhere

MINE = "a-user-of-the-studio"


@pytest.fixture
def locked() -> Iterator[Server]:
    """A server that asks a keeper for his password."""
    with own_server() as running:
        running.execute(f"""CREATE ROLE "{MINE}" LOGIN PASSWORD '{SECRET}'""")
        rules = f"local all {MINE} scram-sha-256\nlocal all all trust\n"
        running.data.joinpath("pg_hba.conf").write_text(rules)
        running.execute("SELECT pg_reload_conf()")
        yield running


def lock_up(film: Film, running: Server, database: str) -> dict[str, str]:
    """Have the service ask as that user, with a password from where libpq looks for it."""
    running.execute(f"""GRANT takes_keeper TO "{MINE}" """, database)
    passwords, services = film.folder / "pgpass", film.folder / "locked"
    passwords.write_text(f"*:*:{database}:{MINE}:{SECRET}\n")
    passwords.chmod(0o600)
    services.write_text(f"[takes]\nhost={running.folder}\ndbname={database}\nuser={MINE}\n")
    return {"PGSERVICEFILE": str(services), "PGPASSFILE": str(passwords)}


@pytest.mark.timeout(180)  # two machines, and a database that is away
async def test_the_password_of_the_database_is_said_nowhere(tmp_path: Path, locked: Server) -> None:
    database = make_database(locked)
    film, _ = await in_studio(tmp_path, locked, database)
    services = lock_up(film, locked, database)
    said = dict[str, str]()
    async with machine(film, "keeper", services) as keeper, machine(film, "desk", services, "desk") as desk:
        film.drop(still(1))
        await keeper.finished(1)
        await desk.finished(1)
        await hear(said, "with the database", keeper, desk)
        locked.execute(f"""ALTER ROLE "{MINE}" PASSWORD 'another'""")
        locked.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{MINE}'")

        async def is_refused() -> bool:
            return "password authentication failed" in str((await desk.status())["problems"])

        await until(is_refused)
        await hear(said, "without the right password", keeper, desk)
        locked.stop(signal.SIGINT)
        said["a command"] = (await desk.delete(1)).text
        await hear(said, "without the database", keeper, desk)
    for name in ("keeper", "desk"):
        folder = tmp_path / name
        said |= {str(path): read(path) for path in folder.rglob("*") if path.is_file()}
    said |= {str(path): read(path) for path in film.root.rglob("*") if path.is_file()}
    assert any(path.endswith("daemon.log") for path in said)
    assert any(path.endswith("film.json") for path in said)
    assert {what for what, text in said.items() if SECRET in text} == set()
    assert {what for what, text in said.items() if "dbname=" in text or f"user={MINE}" in text} == set()


def read(path: Path) -> str:
    return path.read_bytes().decode(errors="replace")


async def hear(said: dict[str, str], when: str, *daemons: Daemon) -> None:
    """Note whatever a daemon says of itself."""
    for daemon in daemons:
        pid = (await daemon.get("/api/health"))["pid"]
        for path in ("status", "doctor", "/api/health", "/api/projects", "/metrics", "events?limit=1000"):
            answer = await daemon.ask("GET", path)
            assert answer.status_code == 200, answer.text
            said[f"{when}, {path} of {pid}"] = answer.text
        said[f"{when}, the command of {pid}"] = read(Path(f"/proc/{pid}/cmdline"))
        said[f"{when}, the children of {pid}"] = "\n".join(
            read(Path(f"/proc/{one}/cmdline")) for one in children(pid)
        )


def children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(one) for one in found.read_text().split()] if os.access(found, os.R_OK) else []
