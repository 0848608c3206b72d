"""What a take that waits says: the nearest reason, and what to do about it."""

import errno
import os

import pytest

from daemon.requests.under_way import UnderWay, why
from daemon.runners.choice import BadWorkflow
from daemon.runners.runner import RunnerAway
from events import TakeKey
from projections.board import Board

LINE = [TakeKey("shot", number) for number in range(1, 30)]


def said(under_way: UnderWay, number: int) -> str | None:
    progress = under_way.progress.get(TakeKey("shot", number))
    return progress.message if progress and progress.waits else None


def test_each_says_how_many_are_before_it_and_those_that_cannot_go_on_do_not_count() -> None:
    board = Board()
    under_way = UnderWay(board)
    under_way.line_up(LINE)
    under_way.begin(LINE[0])
    under_way.line_up(LINE)
    assert said(under_way, 2) == "waits for its turn: one take is before it"
    assert said(under_way, 29) == "waits for its turn: more than 20 takes are before it"
    assert under_way.hinder(LINE[1], BadWorkflow("own.json", "it is not there"))
    assert not under_way.hinder(LINE[1], BadWorkflow("own.json", "it is not there"))
    assert said(under_way, 3) == "waits for its turn: one take is before it"
    assert str(said(under_way, 2)).startswith("own.json: it is not there. ")
    under_way.end(LINE[0])
    assert said(under_way, 1) is None
    under_way.goes_on(LINE[1])
    assert not board.problems()
    under_way.line_up([])
    assert not under_way.progress


def test_what_holds_up_all_is_said_by_all_but_by_those_with_a_reason_of_their_own() -> None:
    under_way = UnderWay(Board())
    under_way.line_up(LINE[:3])
    under_way.hinder(LINE[1], BadWorkflow("own.json", "it is not there"))
    under_way.say(why(RunnerAway("ComfyUI cannot be reached")))
    assert str(said(under_way, 1)).startswith("ComfyUI cannot be reached. Start it")
    assert "own.json" in str(said(under_way, 2))
    under_way.say(None)
    assert said(under_way, 1) == "waits for its turn: it is the next"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_called_one(number: int) -> None:
    error = OSError(number, os.strerror(number), "/films/a.mp4.part")
    assert why(error) == "the disk is full (/films/a.mp4.part). Make room on it."
