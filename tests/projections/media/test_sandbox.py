"""What a process that decodes strangers' files can no longer do."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from projections.media import sandbox

ROOT = Path(__file__).parents[3]

PROGRAM = """
import json, resource, socket, sys
from projections.media.sandbox import confine

def attempt(what):
    try:
        what()
    except (OSError, MemoryError) as error:
        return type(error).__name__

held = confine()
print(json.dumps({
    "held": held,
    "read": attempt(lambda: open(sys.argv[1])),
    "write": attempt(lambda: open(sys.argv[1], "a").write("x")),
    "memory": attempt(lambda: bytearray(3 << 30)),
    "core": resource.getrlimit(resource.RLIMIT_CORE),
    "file": resource.getrlimit(resource.RLIMIT_FSIZE),
}))
"""


def confined(path: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(path)], cwd=ROOT, capture_output=True, check=True
    )
    facts: dict[str, Any] = json.loads(done.stdout)
    return facts


def test_a_confined_process_writes_no_file_and_dumps_no_core(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    facts = confined(tmp_path / "a")
    assert (facts["core"], facts["file"]) == ([0, 0], [0, 0])
    assert (tmp_path / "a").read_text() == "a"


def test_a_confined_process_opens_no_path_where_the_system_can_promise_it(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    facts = confined(tmp_path / "a")
    assert facts["read"] == ("PermissionError" if facts["held"] else None)


def test_a_confined_process_takes_no_more_memory_than_it_is_given(tmp_path: Path) -> None:
    facts = confined(tmp_path / "a")
    assert facts["memory"] == ("MemoryError" if sys.platform == "linux" else None)


class Kernel:
    """Answers as one with that version of Landlock; `refuses` the call of that number, counted from the first."""

    def __init__(self, version: int, refuses: int | None = None) -> None:
        self.handled = b""
        self._version = version
        self._refuses = refuses
        self._calls = 0

    def __call__(self, number: int, *arguments: Any) -> int:
        call, self._calls = self._calls, self._calls + 1
        if call == self._refuses:
            return -1
        if call == 1:
            self.handled = arguments[0]
            return os.open(os.devnull, os.O_RDONLY)
        return self._version if call == 0 else 0


@pytest.mark.parametrize(
    ("version", "files", "length"),
    [(1, 13, 8), (2, 14, 8), (3, 15, 8), (4, 15, 16), (5, 16, 16), (9, 16, 16)],
)
def test_a_kernel_is_asked_for_what_it_knows_and_no_more(version: int, files: int, length: int) -> None:
    kernel = Kernel(version)
    assert sandbox._deny_paths(kernel)
    assert len(kernel.handled) == length
    assert int.from_bytes(kernel.handled[:8], "little") == 2**files - 1


@pytest.mark.parametrize("refuses", [0, 1, 2])
def test_nothing_is_promised_where_the_kernel_refuses(refuses: int) -> None:
    assert not sandbox._deny_paths(Kernel(5, refuses))
