"""Memory that was freed: the system has it again."""

import subprocess
import sys

import pytest

SCRIPT = """
from pathlib import Path
from projections.memory import give_back_large_blocks

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


SMALL = """
from pathlib import Path
from projections.memory import give_back_freed

def held():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

before = held()
blocks = [bytes(1000 + number % 2) for number in range(64 << 10)]
most, last = held(), blocks.pop()
blocks.clear()
if {gives_back}:
    give_back_freed()
print(most - before >> 20, held() - before >> 20)
"""

on_linux = pytest.mark.skipif(
    sys.platform != "linux", reason="Linux tells how much memory a process holds, and glibc keeps it"
)


@on_linux
@pytest.mark.parametrize("gives_back", [True, False])
def test_what_was_large_is_given_back_though_something_behind_it_stays(*, gives_back: bool) -> None:
    most, left = told(SCRIPT.format(gives_back=gives_back))
    assert most > 60
    assert (left < 8) is gives_back  # and without that, glibc keeps all of it: else it need not be told


@on_linux
@pytest.mark.parametrize("gives_back", [True, False])
def test_what_was_freed_in_small_pieces_is_given_back_though_something_behind_it_stays(
    *, gives_back: bool
) -> None:
    most, left = told(SMALL.format(gives_back=gives_back))
    assert most > 60
    assert (left < 8) is gives_back


def told(script: str) -> tuple[int, int]:
    """The two numbers that a script says."""
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    most, left = map(int, said.split())
    return most, left
