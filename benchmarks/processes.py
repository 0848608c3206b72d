"""Processes: what one takes of memory and time, as Linux tells it; None where the system tells nobody."""

import os
from collections.abc import Iterator
from pathlib import Path

MB = 1_000_000


def memory(pid: int) -> float | None:
    """The resident memory of a process, in MB."""
    return _status(pid, "VmRSS")


def peak_memory(pid: int) -> float | None:
    """The most that it ever had resident, in MB."""
    return _status(pid, "VmHWM")


def memory_with_children(pid: int) -> float | None:
    """The resident memory of a process and all below it, in MB; what they share is counted for each."""
    known = [memory(one) for one in (pid, *_below(pid))]
    return sum(one or 0.0 for one in known) if known[0] is not None else None


def cpu(pid: int) -> float | None:
    """The seconds of a core that the process has had until now."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _status(pid: int, key: str) -> float | None:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 / MB for line in lines if line.startswith(f"{key}:")), None)


def _below(pid: int) -> Iterator[int]:
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = [int(child) for child in task.read_text().split()]
        except OSError:
            continue
        for child in children:
            yield child
            yield from _below(child)
