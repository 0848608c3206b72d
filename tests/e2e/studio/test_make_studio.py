"""The studio, as `make studio QUICK=1` runs it."""

import sys

import anyio
import pytest

from tests.left_out import leave_out
from tests.support.film import CODE
from tests.support.postgres import MISSING, programs


@pytest.mark.timeout(600)  # seven machines and a server, some of which are killed
async def test_every_drop_of_the_studio_is_one_take_and_every_machine_says_the_same() -> None:
    if not programs():
        leave_out(MISSING)
    command = [sys.executable, "-m", "examples.studio", "--quick"]
    shown = await anyio.run_process(command, cwd=CODE, check=False)
    assert shown.returncode == 0, shown.stdout.decode() + shown.stderr.decode()
    assert "Each of 30 drops is one take with its bytes" in shown.stdout.decode()
    assert "Each of 3 takes that were asked for was made once" in shown.stdout.decode()
