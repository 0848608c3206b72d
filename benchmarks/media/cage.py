"""The cage: a decoder's child from the wish for it until it is ready, beside one that is in no cage.

It is the most that a file can cost: a child looks into 64 of them, but for what needs a second look.
"""

import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from statistics import median
from time import perf_counter

from benchmarks.report import Bench, Row, at_most
from projections.media.jobs import FIRST_CHILD

CAGED = ("-m", "projections.media.decoder")
_WITHOUT = """
from projections.media import decoder
decoder.confine = lambda: None
decoder.close = lambda patience: None
decoder.holes = lambda lent: ()
decoder.main()
"""
BARE = ("-c", _WITHOUT)


def measure(bench: Bench) -> Iterator[Row]:
    """Both take turns, so that a busy machine is as unkind to one as to the other."""
    runs = bench.scaled(200, 20)
    bench.say(f"{runs} children of each kind")
    ours, theirs = Server(CAGED), Server(BARE)
    times = [(ours.fork(), theirs.fork()) for _ in range(runs + 10)][10:]
    ours.stop()
    theirs.stop()
    caged, bare = (median(some) * 1000 for some in zip(*times, strict=True))
    yield Row(
        measure="a decoder's child, p50 until it is ready",
        unit="ms",
        ours=caged,
        peer="the same without a cage",
        theirs=bare,
        aims=[at_most(15)],
        note="forked, caged, and its cage tried",
    )


class Server:
    """A process that has the codecs loaded, and forks."""

    def __init__(self, program: Sequence[str]) -> None:
        self._control, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, *program], stdin=theirs.fileno(), stdout=subprocess.DEVNULL
            )

    def fork(self) -> float:
        """The seconds until a child says its first word."""
        began = perf_counter()
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                socket.send_fds(self._control, [FIRST_CHILD], [theirs.fileno()])
            ours.recv(1)
            return perf_counter() - began

    def stop(self) -> None:
        """Hang up, and wait until it is gone."""
        self._control.close()
        self._process.wait()
