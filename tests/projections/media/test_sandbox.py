"""What a process that decodes strangers' files can no longer do."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from projections.media.cage import attempts, sandbox, system_calls

ROOT = Path(__file__).parents[3]

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="other systems have limits alone")

PROGRAM = """
import ctypes, errno, json, os, resource, socket, sys, threading
from projections.media.cage import attempts, sandbox, system_calls

def attempt(what):
    try:
        what()
    except (OSError, MemoryError) as error:
        return type(error).__name__

def answer_of(name):
    number = system_calls.pyseccomp.resolve_syscall(system_calls.pyseccomp.system_arch(), name)
    return libc.syscall(number, 0, 0, 0, 0, 0), ctypes.get_errno()

def work(facts):
    STEPS

libc = ctypes.CDLL(None, use_errno=True)
ours, theirs = socket.socketpair()
if os.fork() == 0:
    ours.close()
    facts = {}
    work(facts)
    theirs.sendall(json.dumps(facts).encode())
    os._exit(0)
theirs.close()
while part := ours.recv(1 << 16):
    sys.stdout.write(part.decode())
"""
"""One process is caged and speaks through the socket that it has, as a decoder does; the other hears it."""


def found(steps: str, *arguments: str) -> dict[str, Any]:
    """What a process finds that takes those steps; `facts` is where it notes that."""
    program = PROGRAM.replace("STEPS", steps.strip().replace("\n", "\n    "))
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], cwd=ROOT, capture_output=True, check=True
    )
    facts: dict[str, Any] = json.loads(done.stdout)
    return facts


CONFINED = """
sandbox.confine()
facts["read"] = attempt(lambda: open(sys.argv[1]))
facts["write"] = attempt(lambda: open(sys.argv[1], "a").write("x"))
facts["memory"] = attempt(lambda: bytearray(3 << 30))
facts["core"] = resource.getrlimit(resource.RLIMIT_CORE)
facts["file"] = resource.getrlimit(resource.RLIMIT_FSIZE)
"""


def test_a_confined_process_writes_no_file_and_dumps_no_core(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    facts = found(CONFINED, str(tmp_path / "a"))
    assert (facts["core"], facts["file"]) == ([0, 0], [0, 0])
    assert (tmp_path / "a").read_text() == "a"


@on_linux
def test_a_confined_process_opens_no_path_and_takes_no_more_memory_than_it_is_given(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    facts = found(CONFINED, str(tmp_path / "a"))
    assert (facts["read"], facts["memory"]) == ("PermissionError", "MemoryError")


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
    [(1, 13, 8), (2, 14, 8), (3, 15, 8), (4, 15, 16), (5, 16, 16), (6, 16, 24), (9, 16, 24)],
)
def test_a_kernel_is_asked_for_what_it_knows_and_no_more(version: int, files: int, length: int) -> None:
    kernel = Kernel(version)
    sandbox._deny_paths(kernel)
    assert len(kernel.handled) == length
    assert int.from_bytes(kernel.handled[:8], "little") == 2**files - 1


@pytest.mark.parametrize("refuses", [0, 1, 2])
def test_a_kernel_that_refuses_is_no_error(refuses: int) -> None:
    sandbox._deny_paths(Kernel(5, refuses))


TRIED = """
system_calls.prepare()
sandbox.confine()
sandbox.close(PATIENCE)
facts["holes"] = attempts.holes(theirs.fileno())
facts["memory"] = attempt(lambda: bytearray(600 << 20))
facts["cpu"] = resource.getrlimit(resource.RLIMIT_CPU)
thread = threading.Thread(target=lambda: facts.update(thread="ran"))
thread.start()
thread.join()
"""


@on_linux
@pytest.mark.parametrize(
    ("patience", "memory", "seconds"), [("None", "MemoryError", 6 * 3600), ("15.0", None, 16)]
)
def test_a_decoder_finds_no_hole_in_its_cage_and_has_threads_all_the_same(
    patience: str, memory: str | None, seconds: int
) -> None:
    facts = found(TRIED.replace("PATIENCE", patience))
    assert facts == {"holes": [], "memory": memory, "cpu": [seconds, seconds], "thread": "ran"}


@on_linux
def test_every_hole_is_found_where_there_is_no_cage() -> None:
    assert found('facts["holes"] = attempts.holes(theirs.fileno())')["holes"] == list(attempts.ATTEMPTS)


@on_linux
def test_what_a_system_without_filters_leaves_open_is_told_and_the_rest_holds(tmp_path: Path) -> None:
    steps = TRIED.replace("PATIENCE", "None")
    facts = found(f"system_calls.pyseccomp = None\n{steps}")
    assert facts["thread"] == "ran"
    assert {"start programs", "see what lies in folders"} <= set(facts["holes"])
    assert not {"open files", "be without a limit"} & set(facts["holes"])


_NAMES = """
    socket socketpair connect bind accept4 sendmsg kill tkill tgkill pidfd_open pidfd_send_signal pidfd_getfd
    fchmod fchmodat fchown fchownat utimensat setxattr fsetxattr newfstatat statx readlinkat faccessat openat openat2
    ptrace process_vm_readv process_vm_writev io_uring_setup unshare setns keyctl add_key memfd_create memfd_secret
    shmget shmat mq_open execve execveat mount umount2 pivot_root bpf perf_event_open userfaultfd open_by_handle_at
    fcntl ioctl flock ftruncate write pwrite64 sendfile splice prctl seccomp setrlimit setpriority sched_setaffinity
    init_module kexec_load reboot setuid setgid capset chroot personality inotify_init1 fanotify_init timer_create
"""
DENIED = _NAMES.split()


@on_linux
def test_the_kernel_refuses_every_call_that_is_not_on_the_list() -> None:
    steps = "for name in sys.argv[1:]: facts[name] = answer_of(name)"
    answers = found(f"{TRIED.replace('PATIENCE', 'None')}\nfacts.clear()\n{steps}", *DENIED)
    assert [name for name in DENIED if answers[name] != [-1, errno.EPERM]] == []
    assert not system_calls.ALLOWED & set(DENIED)
