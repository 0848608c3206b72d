"""What git brings into the daemon's process: no library before it is needed, and no program of a stranger's."""

import asyncio
from pathlib import Path

from tests.daemon.project.git.in_git import drop_all, well
from tests.e2e.film import running_daemon
from tests.e2e.repository import begin
from tests.support.film import make_film, still, until


async def test_a_film_without_a_repository_never_loads_dulwich(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await drop_all(daemon, still(1))
        assert "dulwich" not in await asyncio.to_thread(_loaded, daemon.process.pid)
        begin(film)

        async def staged() -> bool:
            return (film.root / ".git/index").exists()

        await until(staged)
        await well(daemon)


def _loaded(pid: int) -> str:
    """The libraries in a process's memory, as Linux tells it."""
    maps = Path(f"/proc/{pid}/maps")
    return maps.read_text() if maps.exists() else ""


async def test_the_doctor_runs_nothing_that_lies_where_the_daemon_was_started(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    git = begin(film)
    git("config", "commit.gpgSign", "true")
    ran = tmp_path / "ran"
    for name in ("av", "sitecustomize"):
        (tmp_path / f"{name}.py").write_text(f"open({str(ran)!r}, 'w')\n")
    async with running_daemon(film, git={"commit": "each"}) as daemon:
        checks = {one["name"]: one for one in (await daemon.get("doctor"))["checks"]}
    assert not ran.exists()
    assert checks["FFmpeg"]["ok"]
    assert checks["identity"]["what"] == "commits are made as Ann Onym <ann@example.org>, unsigned"
