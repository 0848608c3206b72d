"""Drops as they are written down: every kind of file that is taken."""

import pytest

from projections.layout import MEDIA
from tests.docs.pages import page


@pytest.mark.parametrize("suffix", MEDIA)
def test_every_extension_is_named(suffix: str) -> None:
    assert f"`{suffix}`" in page("drops.md")
