"""Large blocks: once they are freed, the system has their memory again."""

import subprocess
import sys

import pytest

SCRIPT = """
from pathlib import Path
from daemon.supervision.memory import give_back_large_blocks

def held():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

if {gives_back}:
    give_back_large_blocks()
bytearray(b"x") * (24 << 20)  # one that was freed makes glibc keep the next ones among the small
before = held()
blocks = [bytearray(b"x") * (4 << 20) for _ in range(16)]
most, last = held(), blocks.pop()
blocks.clear()
print(most - before >> 20, held() - before >> 20)
"""


@pytest.mark.skipif(
    sys.platform != "linux", reason="Linux tells how much memory a process holds, and glibc keeps it"
)
@pytest.mark.parametrize("gives_back", [True, False])
def test_what_was_large_is_given_back_though_something_behind_it_stays(*, gives_back: bool) -> None:
    command = [sys.executable, "-c", SCRIPT.format(gives_back=gives_back)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    most, left = map(int, said.split())
    assert most > 60
    assert (left < 8) is gives_back  # and without that, glibc keeps all of it: else it need not be told
