"""The adapter that the documents show: it is what they show, and takes are made by it."""

import json
from pathlib import Path

import anyio
import pytest

from examples import hot_folder
from examples.hot_folder import HotFolder
from tests.daemon.requests.asked import asked, known, settled
from tests.docs.pages import ROOT, page
from tests.support import inside
from tests.support.film import Daemon, below, check_on_disk, make_film, still, until
from tests.support.inside import running_daemon


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A manager's folder, by which the daemon has its takes made."""
    folder = tmp_path / "manager"
    for name in ("asked", "done"):
        folder.joinpath(name).mkdir(parents=True)
    monkeypatch.setattr(inside, "runner_of", lambda _: HotFolder(folder))
    monkeypatch.setattr(hot_folder, "POLL", 0.05)
    return folder


def answer(folder: Path, job: Path, **said: str) -> None:
    """What the manager does once it has rendered."""
    if "file" in said:
        folder.joinpath("done", said["file"]).write_bytes(still(7))
    part = folder / "done" / f".{job.name}"
    part.write_text(json.dumps(said))
    part.rename(folder / "done" / job.name)
    job.unlink()


async def arrived(folder: Path) -> Path:
    """The file of a job that was handed in."""

    async def one() -> Path | None:
        return next(folder.joinpath("asked").glob("*.json"), None)

    return await until(one)


def left(folder: Path) -> list[Path]:
    """What lies with the manager."""
    return [one for one in below(folder) if one.parent != folder]


def test_the_adapter_in_the_documents_is_the_one_that_is_tested() -> None:
    assert f"```python\n{ROOT.joinpath('examples/hot_folder.py').read_text()}```" in page(
        "building/adapters.md"
    )


async def test_a_take_is_made_by_it(tmp_path: Path, manager: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await known(daemon)
        await asked(daemon, seed=7)
        job = await arrived(manager)
        assert json.loads(job.read_text())["params"] == {"seed": 7}
        answer(manager, job, file="render.png")
        take = await settled(daemon, 1)
        await daemon.at_rest()
        check_on_disk(film, take)
        await asked(daemon)
        answer(manager, await arrived(manager), error="no licence is free")
        assert (await settled(daemon, 2))["error"] == "no licence is free"


async def test_the_next_daemon_finds_its_job_again(tmp_path: Path, manager: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await known(daemon)
        await asked(daemon)
        job = await arrived(manager)
    answer(manager, job, file="render.png")
    async with running_daemon(film) as daemon:
        assert (await settled(daemon, 1))["status"] == "complete"
    assert left(manager) == []


async def test_a_take_that_is_cancelled_is_handed_in_no_more(tmp_path: Path, manager: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await known(daemon)
        await asked(daemon)
        job = await arrived(manager)
        await daemon.delete(1)
        await until(lambda: _is_gone(job))


async def _is_gone(path: Path) -> bool:
    return not await anyio.Path(path).exists()


async def test_takes_wait_while_its_folder_is_away(tmp_path: Path, manager: Path) -> None:
    film = await make_film(tmp_path)
    away = Path(await anyio.Path(manager).rename(tmp_path / "away"))
    async with running_daemon(film) as daemon:
        await known(daemon)
        await asked(daemon)
        await until(lambda: _is_told(daemon))
    assert left(away) == []


async def _is_told(daemon: Daemon) -> bool:
    return "is not there" in str((await daemon.status())["runner"].get("problem"))
