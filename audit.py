"""The audit: whether a package that `takes` runs with has a known hole, as far as the index tells.

`make audit` runs it. A hole fails it. Where an index tells nothing, or cannot be reached, that is said and is no failure:
a mirror often has the packages and not what is known of them.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

CONSTRAINTS = Path(__file__).parent / "constraints.txt"

PATIENCE = 180
"""Seconds in which the index has to answer for all of them."""


def main() -> int:
    """Ask, and tell what came of it; the exit code."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(CONSTRAINTS), "--disable-pip"]
    command += ["--format", "json", "--progress-spinner", "off"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return _tell(0, ["NOT AUDITED: the index does not answer."])
    try:
        report = json.loads(done.stdout)
    except json.JSONDecodeError:
        last = (done.stderr.strip().splitlines() or ["it says nothing"])[-1]
        return _tell(0, [f"NOT AUDITED: {last}"])
    return _tell(*verdict(report))


def verdict(report: Any) -> tuple[int, list[str]]:
    """The exit code, and what is to be said of a report of pip-audit."""
    asked = report["dependencies"]
    untold = [one["name"] for one in asked if "skip_reason" in one]
    said = [
        f"{one['name']} {one['version']}: {hole['id']}, mended in {', '.join(hole['fix_versions']) or 'no release yet'}"
        for one in asked
        for hole in one.get("vulns", ())
    ]
    code = 1 if said else 0
    if untold:
        said.append(f"NOT AUDITED: of {len(untold)} of {len(asked)} packages the index tells nothing.")
    if not code and len(untold) < len(asked):
        said.append(f"No known hole in {len(asked) - len(untold)} packages.")
    return code, said


def _tell(code: int, said: list[str]) -> int:
    print("\n".join(said), flush=True)  # noqa: T201 - the user's terminal
    return code


if __name__ == "__main__":
    sys.exit(main())
