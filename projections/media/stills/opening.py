"""How a picture is opened and decoded, and what is said where it is damaged; no file is opened by its name."""

import codecs
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, Final

from PIL import (
    AvifImagePlugin,
    GifImagePlugin,
    Image,
    Jpeg2KImagePlugin,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from projections.media.errors import Undecodable
from projections.media.jobs import MAX_PIXELS

_LOADED: Final = (
    *(
        AvifImagePlugin,
        GifImagePlugin,
        Jpeg2KImagePlugin,
        JpegImagePlugin,
        MpoImagePlugin,
        TiffImagePlugin,
        WebPImagePlugin,
    ),
    *map(codecs.lookup, ("utf-16-be", "utf-16-le", "latin-1")),
)
"""These would be imported at first use; a confined decoder can open no module by then."""

BROKEN: Final = (OSError, ValueError, SyntaxError, EOFError, IndexError, struct.error)
"""What Pillow raises where a frame is damaged."""

Image.MAX_IMAGE_PIXELS = MAX_PIXELS
PngImagePlugin.MAX_TEXT_CHUNK = 16 << 20  # it bounds profiles of colour, too
Image.preinit()
AvifImagePlugin.DEFAULT_MAX_THREADS = 1


def opened(file: BinaryIO, name: str) -> Image.Image:
    """It as a picture of that format, not decoded yet; Undecodable where its header is damaged, or it is too large."""
    file.seek(0)
    try:
        with warnings.catch_warnings(action="ignore", category=Image.DecompressionBombWarning):
            image = Image.open(file, formats=[name])
    except Image.DecompressionBombError as error:
        raise Undecodable("its picture is too large") from error
    except UnidentifiedImageError as error:
        raise Undecodable(
            f"its header is damaged, or this is a kind of {name} that is not known here"
        ) from error
    except (OSError, ValueError, SyntaxError, struct.error) as error:
        raise Undecodable("its header is damaged") from error
    if image.width * image.height > MAX_PIXELS:
        raise Undecodable(f"a picture of {image.width}x{image.height} is too large")
    return image


@contextmanager
def damage_told() -> Iterator[None]:
    """Tell what Pillow raises while it decodes a frame, or goes to one, as a verdict on the file."""
    try:
        yield
    except Image.DecompressionBombError as error:
        raise Undecodable("its picture is too large") from error
    except BROKEN as error:
        reason = "the file is cut off" if "truncated" in str(error) else "its picture is damaged"
        raise Undecodable(reason) from error


def decode(image: Image.Image) -> None:
    """Decode the frame that it stands at; Undecodable where that is damaged."""
    with damage_told():
        image.load()
