"""The demo, as `make demo ONCE=1` starts it, on disks of two kinds: nobody tries a program twice."""

import os
import sys
from pathlib import Path

import anyio
import pytest

from tests.support.filesystems import FAT, HERE, mounted
from tests.support.film import CODE


@pytest.mark.asyncio
@pytest.mark.timeout(240)  # a whole demo, on a slow kind of disk
@pytest.mark.parametrize("disk", [HERE, FAT])
async def test_every_take_of_the_demo_becomes_what_it_should(tmp_path: Path, disk: str) -> None:
    with mounted(disk, tmp_path) as place:
        command = [sys.executable, "-m", "examples.demo"]
        env = {**os.environ, "DEMO": str(place / "demo")}
        shown = await anyio.run_process([*command, "--once"], cwd=CODE, env=env, check=False)
        assert shown.returncode == 0, shown.stdout.decode() + shown.stderr.decode()
        assert shown.stdout.decode().endswith("Every take became what it should.\n")
        await anyio.run_process([*command, "--remove"], cwd=CODE, env=env)
        assert not (place / "demo").exists()
