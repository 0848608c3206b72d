"""The ledger: what was done with a film and what was told of it, kept outside of it, where no fault reaches."""

import hashlib
from collections import Counter
from typing import Any

Key = tuple[str, int]
"""A take: its shot and its number."""

KEYS: dict[str, Any] = {"budget": 4200, "crew": {"camera": "Mara"}, "notes": "the work of years"}
"""Keys of the user's own in `project.json`."""


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class Ledger:
    """Every drop that was whole, and what the daemon has ever said of a take."""

    def __init__(self) -> None:
        self.drops: Counter[str] = Counter()
        self.shots: dict[str, set[str]] = {}
        self.given: dict[Key, str] = {}
        self.hidden: set[Key] = set()
        self.purged: set[Key] = set()
        self.keys = KEYS
        self.excused = ""

    def dropped(self, content: bytes, shot: str) -> str:
        """Those bytes were put there, whole; their hash."""
        digest = sha256(content)
        self.drops[digest] += 1
        self.shots.setdefault(digest, set()).add(shot)
        return digest

    def heard(self, shot: str, take: dict[str, Any]) -> str | None:
        """The daemon says that of a take; what contradicts what it has said before."""
        if take["status"] != "complete":
            return None
        key, digest = (shot, take["number"]), take["media"]["sha256"]
        before = self.given.setdefault(key, digest)
        return None if before == digest else f"{key} was {before[:8]}, and is {digest[:8]}"

    def swapped(self, one: str, other: str) -> None:
        """Those two shots have changed their places."""
        names = {one: other, other: one}
        self.given = {(names.get(shot, shot), number): told for (shot, number), told in self.given.items()}
        self.shots = {
            digest: {names.get(shot, shot) for shot in shots} for digest, shots in self.shots.items()
        }
