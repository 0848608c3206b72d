"""A film whose `.takes` lies on another disk than the film: nothing is renamed or linked from the one to the other."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest

from daemon.home.init import init_project
from tests.daemon.protection.overwritten import check_both, removed, rename_over, restore, with_take
from tests.support.filesystems import SHARE
from tests.support.film import Film, still
from tests.support.inside import running_daemon

SETTLE = {"quiet": 0.05, "still": 0.2, "still_shared": 0.2}


@pytest.fixture(params=["a link", "a mount"])
def film(disk: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Film]:
    """A film; its own folder is a link to another disk, or a mount on the same one."""
    own = tmp_path / "own"
    own.mkdir()
    if request.param == "a link":
        film = Film(disk, "MyFilm")
        (film.root / ".takes").symlink_to(own)
        yield film
        return
    film = Film(tmp_path, "MyFilm")
    (film.root / ".takes").mkdir()
    subprocess.run(["mount", "--bind", own, film.root / ".takes"], check=True)
    try:
        yield film
    finally:
        subprocess.run(["umount", "--lazy", film.root / ".takes"], check=True)


@pytest.mark.parametrize("disk", [SHARE], indirect=True)
async def test_its_takes_are_made_brought_back_and_restored(film: Film) -> None:
    await anyio.to_thread.run_sync(init_project, film.root)
    async with running_daemon(film, settle=SETTLE, objects="copy", scan_every=0.3) as daemon:
        await daemon.scanned()
        first = await with_take(daemon)
        await anyio.to_thread.run_sync(rename_over, film.media(1), still(2))
        await check_both(daemon, first, still(2))
        await anyio.to_thread.run_sync(shutil.rmtree, film.take(1))
        await removed(daemon, 1)
        assert (await restore(daemon, 1)).status_code == 200
        await check_both(daemon, first, still(2))
