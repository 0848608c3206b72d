"""Clocks for tests: one that stands still until it is turned, and one that hurries."""

import time

import anyio

from daemon.clock import Clock as RealClock


class Clock(RealClock):
    """Counts seconds; whoever waits for a moment is woken by the turn that brings it."""

    def __init__(self) -> None:
        self.now = 100.0
        self._waiting: list[tuple[float, anyio.CancelScope]] = []

    def __call__(self) -> float:
        return self.now

    def turn(self, seconds: float) -> None:
        """Have it be so much later."""
        self.now += seconds
        waiting, self._waiting = self._waiting, []
        for moment, scope in waiting:
            self._wake(moment, scope)

    def until(self, moment: float) -> anyio.CancelScope:
        scope = anyio.CancelScope()
        self._wake(moment, scope)
        return scope

    def _wake(self, moment: float, scope: anyio.CancelScope) -> None:
        if moment <= self.now:
            scope.cancel()
        else:
            self._waiting.append((moment, scope))


class Hurried(RealClock):
    """Goes so many times as fast as the machine's, for a whole daemon that waits for what it would try again."""

    def __init__(self, times: float = 10.0) -> None:
        self._times = times

    def __call__(self) -> float:
        return time.monotonic() * self._times

    def until(self, moment: float) -> anyio.CancelScope:
        return anyio.move_on_after((moment - self()) / self._times)
