"""What can go wrong when somebody looks into a media file."""

from events import TakesError


class Undecodable(TakesError):
    """Raised when a file is not media that can be decoded; `reason` is one plain sentence."""

    hint = "Render it again, or try to open it in a player; the file is kept as it is."

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NeedsMore(TakesError):
    """Raised when a decoder has died of a file, or had too little for it; one with more time and memory may do better."""

    hint = "It is looked into once more, behind all others."

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
