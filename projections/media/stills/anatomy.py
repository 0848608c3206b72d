"""How a picture is built: how long its frames are shown, and whether there is a hole in it that no decoder tells."""

from collections.abc import Callable
from typing import BinaryIO, Final

from projections.media.containers import gif_blocks, jpeg_scans, png_sums, webp_chunks, zeros
from projections.media.errors import Undecodable
from projections.media.stills import png_chunks

HOLE: Final = "there are zeros where its picture should be: the transfer is not complete"

Anatomy = tuple[list[float], BinaryIO]
"""How long each frame is shown, in seconds, where it moves; and the file as the decoder is to see it."""


def anatomy_of(file: BinaryIO, name: str) -> Anatomy:
    """How the picture of that format is built; Undecodable where it is cut off, or has a hole."""
    look = _LOOKS.get(name)
    return look(file) if look else ([], file)


def _png(file: BinaryIO) -> Anatomy:
    delays, seen = png_chunks.anatomy(file)
    if png_sums.is_damaged(file):
        raise Undecodable("its picture is damaged")
    return delays, seen


def _webp(file: BinaryIO) -> Anatomy:
    found = webp_chunks.walk(file)
    if found.is_torn:
        raise Undecodable("the file is cut off")
    if found.has_hole:
        raise Undecodable(HOLE)
    return list(found.delays), file


def _jpeg(file: BinaryIO) -> Anatomy:
    """Only look for zeros: a decoder makes something of them, and of a scan that is cut off it tells."""
    if jpeg_scans.has_hole(file):
        raise Undecodable(HOLE)
    return [], file


def _jpeg2000(file: BinaryIO) -> Anatomy:
    """Only look for zeros, as in a JPEG."""
    if zeros.in_jpeg2000(file):
        raise Undecodable(HOLE)
    return [], file


def _avif(file: BinaryIO) -> Anatomy:
    """Only look for zeros: what is cut off is told by its decoder."""
    if zeros.in_av1(file):
        raise Undecodable(HOLE)
    return [], file


def _gif(file: BinaryIO) -> Anatomy:
    """Only look for its end and for zeros: how long its frames are shown Pillow says."""
    fault = gif_blocks.fault(file)
    if fault:
        raise Undecodable(HOLE if fault == "hole" else "the file is cut off")
    return [], file


_LOOKS: Final[dict[str, Callable[[BinaryIO], Anatomy]]] = {
    "PNG": _png,
    "WEBP": _webp,
    "GIF": _gif,
    "JPEG": _jpeg,
    "JPEG2000": _jpeg2000,
    "AVIF": _avif,
}
