"""The watch over the event loop: what would block it is found, though somebody catches what it raises."""

from contextlib import suppress
from pathlib import Path

import pytest
from blockbuster import BlockingError

from projections.artifacts.project_file import has_takes
from tests import blocking


async def test_a_blocking_call_of_ours_is_found_though_its_error_is_caught(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "001_Dawn/takes/take_001").mkdir(parents=True)
    with suppress(BlockingError):
        has_takes(tmp_path, ["001_Dawn"])
    assert blocking.FOUND
    blocking.FOUND.clear()
    log = tmp_path / "daemon.log"
    log.write_text(capsys.readouterr().err)
    with pytest.raises(AssertionError, match="blocked"):
        blocking.check(log)
