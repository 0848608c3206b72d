"""Reports: what is told of a film to whoever asks, whichever room has found it."""

from collections.abc import Sequence

from projections.artifacts.sidecars import Camel


class Problem(Camel, kw_only=True):
    """Something that stands in the way, and what to do about it."""

    what: str
    hint: str = ""


class Reason(Camel, kw_only=True):
    """A path, and why it waits or was not taken."""

    path: str
    reason: str


class SharedFile(Camel, kw_only=True):
    """A take's media that has its bytes in common with another file now."""

    shot_id: str
    take_id: str
    path: str
    bytes: int


class Deduped(Camel, kw_only=True):
    """The media that share their bytes now, or could, and how many bytes that saves; `left` is what does not, and why."""

    dry_run: bool
    shared: Sequence[SharedFile]
    bytes: int
    left: Sequence[Reason]
