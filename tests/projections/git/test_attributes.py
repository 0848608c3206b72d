"""The template: our lines come once, the user's stay, and what the user decided is not decided again."""

from hypothesis import given
from hypothesis import strategies as st

from projections.git.attributes import LFS, MARK, merged
from projections.layout import MEDIA


def undecided(_suffix: str) -> bool:
    return False


def test_every_kind_of_media_has_a_line_and_thumbnails_are_let_out() -> None:
    lines = merged("", undecided).splitlines()
    assert lines[0] == MARK
    assert [line for line in lines if line.endswith(LFS)] == [f"*{suffix} {LFS}" for suffix in MEDIA]
    assert lines.index("*_thumbnail.png !filter !diff !merge") > lines.index(f"*.png {LFS}")
    assert "*_recipe.json.gz !filter !diff !merge -text" in lines


@given(st.text())
def test_what_was_there_stays_and_merging_again_changes_nothing(text: str) -> None:
    once = merged(text, undecided)
    assert once.startswith(text)
    assert merged(once, undecided) == once


def test_a_line_that_the_user_removed_stays_removed() -> None:
    text = merged("", undecided).replace(f"*.mov {LFS}\n", "")
    assert merged(text, undecided) == text


def test_what_the_users_lines_decide_gets_no_line_of_ours() -> None:
    assert f"*.wav {LFS}" not in merged("*.wav -filter\n", lambda suffix: suffix == ".wav")
