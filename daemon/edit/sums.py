"""The sums: the SHA-256 of every file that an export names, in lines that `sha256sum --check` reads."""

from collections.abc import Iterator

from daemon.edit.cut import Cut
from projections.artifacts.frame_lists import frames_of
from projections.layout import media_path

ESCAPES = str.maketrans({"\\": r"\\", "\n": r"\n", "\r": r"\r"})
"""What stands in a name for that which would end its line; the line then begins with a backslash."""


def write(cut: Cut) -> bytes:
    """A line for each file, with its path from the film's folder; of a sequence, for each of its frames."""
    return "".join(line(path, sha256) for path, sha256 in _files(cut)).encode("utf-8", "surrogateescape")


def line(path: str, sha256: str) -> str:
    """What is said of one file."""
    escaped = path.translate(ESCAPES)
    return f"{'' if escaped == path else chr(92)}{sha256}  {escaped}\n"


def read(text: str) -> Iterator[tuple[str, str]]:
    """The path and the hash in each line."""
    for one in text.removesuffix("\n").split("\n") if text else ():
        sha256, _, path = one.removeprefix("\\").partition("  ")
        yield (_unescaped(path) if one.startswith("\\") else path), sha256


def _unescaped(path: str) -> str:
    parts = path.split(r"\\")
    return "\\".join(part.replace(r"\n", "\n").replace(r"\r", "\r") for part in parts)


def _files(cut: Cut) -> Iterator[tuple[str, str]]:
    for clip in cut.clips:
        for take in clip.takes:
            if take.media.frames is None:
                yield take.path, take.media.sha256
                continue
            listed = media_path(clip.shot.path, take.row.number, take.media.name)
            if frames := frames_of(cut.root, listed, take.media):
                yield from ((path, frame.sha256) for path, frame in frames.paths(listed))
