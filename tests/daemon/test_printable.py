"""Text from strangers, as it may stand on a terminal and in the log."""

from daemon.printable import blanked, escaped, printable

NASTY = "a\x1b[2Jb\nc\u202ed\x07\x9b\x7f"


def test_one_line_cannot_move_the_cursor_or_turn_the_text() -> None:
    assert printable(NASTY) == "a [2Jb c d"
    assert printable("ein ruhiger Satz, 静かな海") == "ein ruhiger Satz, 静かな海"


def test_what_is_blanked_keeps_its_length_and_its_lines() -> None:
    assert blanked(NASTY) == "a [2Jb\nc d   "
    assert blanked("take_003\tis there") == "take_003 is there"


def test_a_name_that_is_no_text_is_left_to_the_terminal() -> None:
    assert blanked("\udcff.mp4\x1b") == "\udcff.mp4 "


def test_what_is_escaped_can_be_told_apart() -> None:
    assert escaped(NASTY) == r"a\x1b[2Jb\nc\u202ed\x07\x9b\x7f"
    assert escaped("one\ntwo\x1b", keep="\n") == "one\ntwo\\x1b"
    assert escaped("静かな海") == "静かな海"
