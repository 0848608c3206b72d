"""Back-off: how long somebody waits before another try, ever longer while it is in vain."""

from msgspec import Struct


class Backoff(Struct, frozen=True):
    """Pauses in seconds: the first, and from then on each so many times as long as the one before, up to the longest."""

    first: float
    longest: float
    factor: float = 2.0

    def after(self, pause: float) -> float:
        """The pause that follows that one; the first where that is 0."""
        return min(max(self.first, self.factor * pause), self.longest)
