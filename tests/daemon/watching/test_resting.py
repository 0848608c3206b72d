"""Resting: what the disk says of files that came."""

from pathlib import Path

from anyio import to_thread

from daemon.config.table import Settle
from daemon.watching.resting import Resting
from daemon.watching.scan import media_in
from daemon.watching.settling import AGAIN, Settling


async def test_a_link_that_comes_into_a_files_place_after_the_look_waits_for_the_next_one(
    tmp_path: Path,
) -> None:
    settle, takes = Settle(), tmp_path / "takes"
    takes.mkdir()
    file = takes / "a.png"
    file.write_bytes(b"one")
    seen, resting = await to_thread.run_sync(media_in, takes), Resting(tmp_path, Settling(settle))
    assert 0 < (await resting.waits("takes", seen))["a.png"] <= settle.still
    link = file.with_name(".link")
    link.symlink_to(tmp_path)
    link.rename(file)
    assert await resting.waits("takes", seen) == {"a.png": AGAIN}
