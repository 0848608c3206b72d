"""What tables are made of: text with styles, cut, filled and wrapped by the columns that it takes."""

import subprocess
import sys

import pytest

from daemon.cli.printing import Text


@pytest.mark.parametrize(
    ("text", "width", "cut"),
    [
        ("gulls", 5, "gulls"),
        ("gulls over a pier", 9, "gulls ov…"),
        ("静かな海", 8, "静かな海"),
        ("静かな海", 5, "静か…"),
        ("静かな海", 4, "静 …"),
        ("gulls", 1, "…"),
    ],
)
def test_text_is_cut_by_columns_with_a_mark(text: str, width: int, cut: str) -> None:
    said = Text(text, "bold")
    said.truncate(width)
    assert (said.plain, said.width <= width) == (cut, True)


def test_pieces_keep_their_styles_where_they_are_cut_and_wrapped() -> None:
    said = Text("one ", "bold").append("two three", "red")
    assert [line.pieces for line in said.wrapped(7)] == [
        [("one ", "bold"), ("two", "red")],
        [("three", "red")],
    ]
    said.truncate(6)
    assert said.pieces == [("one ", "bold"), ("t…", "red")]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("a lantern on the pier", ["a lantern", "on the", "pier"]),
        ("0123456789abcdef", ["0123456789", "abcdef"]),
        ("a 0123456789abcdef", ["a", "0123456789", "abcdef"]),
        ("0123456789 a", ["0123456789", "a"]),
        ("one\n\ntwo", ["one", "", "two"]),
        ("静かな海 静かな海", ["静かな海", "静かな海"]),
    ],
)
def test_text_is_wrapped_between_words_and_only_what_is_longer_than_a_line_within_one(
    text: str, lines: list[str]
) -> None:
    assert [line.plain for line in Text(text).wrapped(10)] == lines


def test_text_is_filled_on_the_side_that_is_wished() -> None:
    left, right = Text("海"), Text("海")
    left.fill(4)
    right.fill(4, right=True)
    assert (left.plain, right.plain) == ("海  ", "  海")


def test_a_list_imports_of_rich_only_how_wide_characters_are() -> None:
    code = "import sys, daemon.cli.tables; print([one for one in sys.modules if one.startswith('rich.')])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "rich.cells" in found.stdout
    assert "rich.console" not in found.stdout
    assert "rich.text" not in found.stdout
