"""The board: what is wrong with a film is told once, and taken down by whoever has put it up."""

import errno
import os

import pytest

from projections import board as module
from projections.backoff import Backoff
from projections.board import AGAIN, ROOM, Board, Problem, persist


def test_what_is_reported_stands_until_nothing_is_reported_about_the_same() -> None:
    board = Board()
    board.report("shot", "01/shot", "it cannot be read")
    assert board.problems() == [Problem("it cannot be read", AGAIN)]
    board.report("shot", "01/shot")
    assert not board.problems()


def test_a_new_report_takes_the_place_of_the_one_before() -> None:
    board = Board()
    board.report("runner", "", "it is away", hint="Start it.")
    board.report("runner", "", "it is full", "it is slow", hint="Wait.")
    assert board.problems() == [Problem("it is full", "Wait."), Problem("it is slow", "Wait.")]


def test_the_same_thing_may_be_reported_from_two_places() -> None:
    board = Board()
    board.report("projection", "one", "later")
    board.report("watch", "one", "sooner")
    assert [one.what for one in board.problems()] == ["sooner", "later"]
    board.report("watch", "one")
    assert [one.what for one in board.problems()] == ["later"]


def test_what_lies_below_a_path_is_cleared_together() -> None:
    board = Board()
    for about in ("01/a/take_001", "01/a/take_002", "01/a", "01/b/take_001"):
        board.report("shot", about, about)
    board.clear_below("shot", "01/a/take_")
    assert [one.what for one in board.problems()] == ["01/a", "01/b/take_001"]


async def test_what_the_disk_refuses_is_done_again_until_it_does_not_and_told_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "PAUSES", Backoff(0.001, 0.001))
    board, told = Board(), []

    async def work() -> int:
        told.append(board.problems())
        if len(told) < 3:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return 7

    assert await persist(board, "index", work) == 7
    problem = Problem("index: [Errno 28] No space left on device", ROOM)
    assert told == [[], [problem], [problem]]
    assert not board.problems()
