"""The board: what is wrong with a film is told once, and taken down by whoever has put it up."""

from projections.board import AGAIN, Board, Problem


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
