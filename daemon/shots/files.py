"""The files of a shot's takes, as the log has them."""

from msgspec import Struct

from events import Identity, Shot, Take, TakeKey
from projections.layout import media_path


class TakeMedia(Struct, frozen=True):
    """The media of a complete take as the log has it: where it belongs, relative to the film, and what it is.

    `bytes` is its size, and `file` which file it was, as far as the log says that.
    """

    key: TakeKey
    shot: str
    path: str
    sha256: str
    bytes: int
    file: Identity | None


def media_of(shot: Shot, take: Take) -> TakeMedia | None:
    """The take's media; None where it never was complete."""
    if take.sha256 is None or take.name is None:
        return None
    path = media_path(shot.path, take.number, take.name)
    return TakeMedia(TakeKey(shot.stream, take.number), shot.path, path, take.sha256, take.bytes, take.file)


def failed_files_of(shot: Shot) -> dict[int, Identity]:
    """Which files those of the failed takes were, by number, as far as the log has it; also of those that are to be accepted."""
    return {
        take.number: take.failed_file
        for take in shot.takes.values()
        if (take.status == "failed" or take.is_accepted)
        if take.name and take.failed_file and not take.deleted and not take.purged
    }


def files_of(shot: Shot) -> dict[TakeKey, Identity | None]:
    """The takes whose media should be on the disk, and which files those were."""
    return {
        TakeKey(shot.stream, take.number): take.file
        for take in shot.takes.values()
        if not take.deleted and not take.purged and take.sha256 is not None and take.name is not None
    }


def expected(shot: Shot) -> list[tuple[int, str]]:
    """The takes whose media should be on disk."""
    return [(take.number, take.name) for take in shot.takes.values() if take.name and not take.deleted]
