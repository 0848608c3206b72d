"""The Slurm runner: a take is made on a node of a cluster, once, though its daemon or the cluster's controller goes away."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from daemon.runners import slurm
from tests.daemon.requests.asked import COMMAND, appears, asked, gone, known, settled, stage
from tests.support.film import Film, check_numbers, check_on_disk, make_film, until
from tests.support.inside import running_daemon
from tests.support.slurm import Cluster
from tests.support.slurm import cluster as running_cluster

SLURM: dict[str, Any] = {**COMMAND, "kind": "slurm", "sbatch": ["--partition=farm"], "parallel": 2}


@pytest.fixture(scope="module")
def cluster() -> Cluster:
    return running_cluster()


@pytest.fixture(autouse=True)
def _quick(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLURM_CONF", str(cluster.config))
    monkeypatch.setattr(slurm, "POLL", 0.2)


def folders(film: Film) -> list[Path]:
    return [*(film.root / ".takes" / "work").glob("slurm-*")]


async def nothing_left(film: Film) -> None:
    async def empty() -> bool:
        return not folders(film)

    await until(empty)


async def test_takes_are_made_on_a_node_and_nothing_is_left(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, runner=SLURM) as daemon:
        await known(daemon)
        for seed in (1, 2, 3):
            await asked(daemon, seed=seed)
        for number in (1, 2, 3):
            take = await settled(daemon, number)
            await daemon.at_rest()
            check_on_disk(film, take)
        await nothing_left(film)
        check_numbers(await daemon.events())


async def test_a_program_that_fails_there_is_quoted(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, runner=SLURM) as daemon:
        await known(daemon)
        await asked(daemon, exit=3, complaint="CUDA out of memory")
        take = await settled(daemon, 1)
        assert take["status"] == "failed"
        assert all(word in take["error"] for word in ("exit code 3", "CUDA out of memory"))
        await nothing_left(film)


async def test_a_take_that_is_cancelled_ends_there_too(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    begun = tmp_path / "begun"
    async with running_daemon(film, runner=SLURM) as daemon:
        await known(daemon)
        await asked(daemon, wait=str(tmp_path / "never"), begun=str(begun))
        await stage(daemon, 1, "running")
        pid = int(await appears(begun))
        assert (await daemon.delete(1)).json()["status"] == "failed"
        await gone(pid)
        await nothing_left(film)


async def test_the_next_daemon_goes_on_with_what_was_handed_in(tmp_path: Path, cluster: Cluster) -> None:
    film = await make_film(tmp_path)
    before, begun, wait = len(cluster.jobs()), tmp_path / "begun", tmp_path / "wait"
    async with running_daemon(film, runner=SLURM) as daemon:
        await known(daemon)
        await asked(daemon, wait=str(wait), begun=str(begun))
        await appears(begun)
    wait.touch()
    async with running_daemon(film, runner=SLURM) as daemon:
        assert (await settled(daemon, 1))["status"] == "complete"
        await nothing_left(film)
    assert len(cluster.jobs()) == before + 1


async def test_what_the_cluster_ends_has_failed_and_says_how(
    tmp_path: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slurm, "SETTLE", 0.5)
    film = await make_film(tmp_path)
    begun = tmp_path / "begun"
    async with running_daemon(film, runner=SLURM) as daemon:
        await known(daemon)
        await asked(daemon, wait=str(tmp_path / "never"), begun=str(begun))
        await appears(begun)
        await asyncio.to_thread(cluster.ask, "scancel", "--state=RUNNING", "--partition=farm")
        take = await settled(daemon, 1)
        assert take["status"] == "failed"
        assert "CANCELLED" in take["error"]


async def test_takes_wait_while_nobody_answers_and_then_go_on(tmp_path: Path, cluster: Cluster) -> None:
    film = await make_film(tmp_path)
    begun, wait = tmp_path / "begun", tmp_path / "wait"
    async with running_daemon(film, runner=SLURM) as daemon:
        await known(daemon)
        await asked(daemon, wait=str(wait), begun=str(begun))
        await appears(begun)
        await asyncio.to_thread(cluster.stop_controller)
        wait.touch()
        await asyncio.to_thread(cluster.start_controller)
        assert (await settled(daemon, 1))["status"] == "complete"


async def test_what_slurm_refuses_says_why(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, runner={**SLURM, "sbatch": ["--partition=none"]}) as daemon:
        await known(daemon)
        await asked(daemon)
        assert "invalid partition" in (await settled(daemon, 1))["error"]
