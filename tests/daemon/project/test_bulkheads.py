"""Bulkheads: a film whose disk answers no call stops no other film, and no answer about another."""

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio

from daemon.watching.presence import CHECK, PATIENCE
from projections.files.threads import THREADS, Disk
from projections.layout import full_id
from tests.support.core import World, new_film, running_core
from tests.support.film import DAWN, make_film, still, until
from tests.support.inside import running_daemon


@asynccontextmanager
async def hanging(disk: Disk) -> AsyncIterator[None]:
    """No call to that film's disk returns inside: each of its threads waits for one that does not."""
    answers, held = threading.Event(), threading.Semaphore(0)

    def hang() -> None:
        held.release()
        answers.wait()

    try:
        async with anyio.create_task_group() as group:
            for _ in range(THREADS):
                group.start_soon(disk.run, hang)
            for _ in range(THREADS):
                await anyio.to_thread.run_sync(held.acquire)
            try:
                yield
            finally:
                answers.set()
    finally:
        answers.set()


async def test_a_film_whose_calls_never_return_stops_no_other_and_no_answer_about_it(tmp_path: Path) -> None:
    whole, stuck = await make_film(tmp_path, "Whole"), await make_film(tmp_path, "Stuck")
    async with running_daemon(whole, stuck) as daemon:
        assert daemon.projects is not None
        daemon.project = "whole"
        await daemon.scanned()
        async with hanging(daemon.projects.find("stuck").disk):
            for number in range(3 * THREADS):
                stuck.drop(still(number), f"{number}.png")
            whole.drop(still(1))
            (take,) = await daemon.finished(1)
            assert take["status"] == "complete"
            await daemon.at_rest()
            picture = f"shots/{full_id(DAWN)}/takes/take_001/thumbnail?size=1280"
            assert (await daemon.ask("GET", picture)).status_code == 200
            listed = (await daemon.get("/api/projects"))["projects"]
            assert {one["id"] for one in listed} == {"whole", "stuck"}
            assert not list(stuck.takes().glob("take_*"))
        daemon.project = "stuck"
        assert len(await daemon.finished(3 * THREADS)) == 3 * THREADS


async def test_a_disk_that_does_not_answer_for_a_while_is_told_of_until_it_does(tmp_path: Path) -> None:
    disk = Disk("MyFilm")

    async def keep() -> None:
        disk.use()
        async with running_core(new_film(tmp_path), World()) as core:
            async with hanging(disk):
                begun = core.clock()

                async def told() -> bool:
                    core.turn(1)
                    return any("has not answered" in one.what for one in core.parts.board.problems())

                await until(told)
                assert core.clock() - begun >= CHECK + PATIENCE

            async def forgotten() -> bool:
                return not core.parts.board.problems()

            await until(forgotten)
            core.drop(b"one")
            assert (await core.settled()).status == "complete"

    try:
        async with anyio.create_task_group() as group:
            group.start_soon(keep)  # whose disk it is belongs to the task
    finally:
        disk.close()
