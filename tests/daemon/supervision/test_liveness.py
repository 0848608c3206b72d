"""Liveness: a log, a watch or a scan that shows none is found, and a film whose disk is away is not held against anybody."""

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import anyio
import pytest

from daemon.project.project import Project
from daemon.supervision import liveness
from daemon.supervision.liveness import SCAN, Liveness
from events import SqliteLog
from events.errors import LogDamaged
from tests.support.clock import Clock
from tests.support.deadline import DEADLINE
from tests.support.film import QUICK, make_film, until
from tests.support.inside import running_daemon

PATIENCE = 0.3
"""Seconds for what never answers; all else has until the deadline."""


@asynccontextmanager
async def kept(folder: Path, clock: Clock) -> AsyncIterator[Project]:
    """A film that has been scanned."""
    film = await make_film(folder)
    async with running_daemon(film, clock=clock) as daemon:
        assert daemon.projects
        (project,) = daemon.projects.all
        await project.parts.scheduler.scanned.wait()
        assert await Liveness(DEADLINE).silent([project]) == []
        yield project


async def test_a_log_that_nobody_could_write_to_is_found(tmp_path: Path) -> None:
    async with kept(tmp_path, Clock()) as project:
        log = project.parts.log
        assert isinstance(log, SqliteLog)
        async with log._commits.turn:  # as an append that never ends has it
            silent = partial(Liveness(PATIENCE).silent, [project])
            assert await until(silent) == ["the log of myfilm shows no sign of life"]
        assert await Liveness(DEADLINE).silent([project]) == []


async def test_a_watch_that_has_ended_is_found(tmp_path: Path) -> None:
    async with kept(tmp_path, Clock()) as project:
        await anyio.to_thread.run_sync(project.parts.watch.close)
        assert await Liveness(DEADLINE).silent([project]) == ["the watch of myfilm shows no sign of life"]


async def test_a_scan_that_does_not_go_on_is_found(tmp_path: Path) -> None:
    clock = Clock()
    async with kept(tmp_path, clock) as project:
        scheduler, pause = project.parts.scheduler, QUICK["scan_every"]
        await until(lambda: _is_due_by(project, clock() + pause))
        async with scheduler._scanner.at_work:  # as a scan that never ends has it
            clock.turn(pause + SCAN - 1)
            assert await Liveness(DEADLINE).silent([project]) == []
            clock.turn(2)
            assert await Liveness(DEADLINE).silent([project]) == ["the scan of myfilm shows no sign of life"]
        await until(lambda: _is_due_by(project, clock() + pause))
        assert await Liveness(DEADLINE).silent([project]) == []


async def _is_due_by(project: Project, moment: float) -> bool:
    return project.parts.scheduler.scan_by == moment


async def test_a_film_whose_disk_does_not_answer_is_passed_over_and_asked_by_one_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers, asked = threading.Event(), []

    def hang(root: Path) -> None:
        asked.append(root)
        answers.wait()

    monkeypatch.setattr(liveness, "_ask", hang)
    async with kept(tmp_path, Clock()) as project:
        await anyio.to_thread.run_sync(project.parts.watch.close)
        found = Liveness(PATIENCE)
        try:
            assert await found.silent([project]) == []
            assert await found.silent([project]) == []
            assert asked == [project.root]
        finally:
            answers.set()

        found._patience = DEADLINE
        assert await until(partial(found.silent, [project])) == ["the watch of myfilm shows no sign of life"]


async def test_a_film_that_is_away_or_whose_log_is_damaged_is_passed_over(tmp_path: Path) -> None:
    async with kept(tmp_path, Clock()) as project:
        await anyio.to_thread.run_sync(project.parts.watch.close)
        project.state = "suspended"
        assert await Liveness(DEADLINE).silent([project]) == []
        project.state = "live"
        project.parts.log.close_for(LogDamaged(1, "a test says so"))
        assert await Liveness(DEADLINE).silent([project]) == []
