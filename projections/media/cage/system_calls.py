"""The system calls that are left to a decoder: what works on its memory, its threads, and what it was lent.

The kernel refuses all others. So there is nothing to be found by name, made, changed, signalled or spoken to, and
nobody has to know of each new call. Only Linux has such a filter, and libseccomp knows the numbers of its calls.
"""

import errno
import sys
from contextlib import suppress
from functools import cache
from typing import Any, Final

try:
    import pyseccomp  # type: ignore[import-untyped]
except (ImportError, RuntimeError, OSError, AttributeError):  # another system, or one without libseccomp
    pyseccomp = None

_NAMES: Final = """
    read readv pread64 preadv lseek fstat close
    recvmsg sendto poll ppoll
    brk mmap munmap mremap mprotect madvise
    futex exit exit_group rseq set_robust_list sched_yield sched_getaffinity getpid gettid
    rt_sigaction rt_sigprocmask rt_sigreturn sigaltstack restart_syscall setitimer
    clock_gettime clock_getres clock_nanosleep nanosleep gettimeofday time getrusage getrandom
"""
ALLOWED: Final = frozenset(_NAMES.split())
"""`fstat` is of an open file, but `newfstatat`, which newer C libraries have for it, can be of any path."""

_CLONE_THREAD: Final = 0x10000

_CLONE3: Final = 435
"""On every processor; an older libseccomp does not know its name, but a newer C library asks for it."""


def prepare() -> None:
    """Put the filter together, which the children then have without opening anything."""
    _filter()


def deny_others() -> None:
    """Give up all other system calls for good, as far as this system can hold it."""
    found = _filter()
    if found is not None:
        with suppress(OSError):  # a kernel without filters: what can be done all the same is tried, and told
            found.load()


@cache
def _filter() -> Any:
    if sys.platform != "linux" or pyseccomp is None:
        return None
    denying = pyseccomp.SyscallFilter(pyseccomp.ERRNO(errno.EPERM))
    for name in ALLOWED:
        if pyseccomp.resolve_syscall(pyseccomp.system_arch(), name) >= 0:  # some processors have no `poll`
            denying.add_rule(pyseccomp.ALLOW, name)
    # threads, but no processes: the newer call hides its flags, and C libraries do without it
    denying.add_rule(pyseccomp.ERRNO(errno.ENOSYS), _CLONE3)
    is_thread = pyseccomp.Arg(0, pyseccomp.MASKED_EQ, _CLONE_THREAD, _CLONE_THREAD)
    denying.add_rule(pyseccomp.ALLOW, "clone", is_thread)
    own_limits = (pyseccomp.Arg(0, pyseccomp.EQ, 0), pyseccomp.Arg(2, pyseccomp.EQ, 0))
    denying.add_rule(pyseccomp.ALLOW, "prlimit64", *own_limits)  # to be read
    return denying
