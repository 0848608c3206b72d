"""What a process that decodes strangers' files can no longer do."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

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
