"""A clock for tests: it stands still until it is turned."""


class Clock:
    """Counts seconds, as `time.monotonic` does."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now
