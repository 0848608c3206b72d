"""A clock for tests: it stands still until it is turned."""

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
