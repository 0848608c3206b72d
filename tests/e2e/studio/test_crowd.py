"""Many machines read a film's folders not much more often than one that keeps it alone; the campaign has twenty of them."""

from pathlib import Path

import pytest

from tests.e2e.studio.crowd import MOST, Crowd, reads_until_taken
from tests.e2e.studio.seats import DEAF


@pytest.mark.timeout(300)  # six machines, one after another to begin
async def test_many_machines_read_the_folders_hardly_more_often_than_one(tmp_path: Path) -> None:
    alone = await reads_until_taken(tmp_path / "alone", Crowd(1, 0, 6, 4))
    many = await reads_until_taken(tmp_path / "many", Crowd(2, 3, 6, 4), **DEAF)
    assert 0 < many <= MOST * alone
