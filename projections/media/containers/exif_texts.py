"""EXIF: the texts that generators put into it, and those that stand beside it in a picture."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, Protocol

_USER_COMMENT: Final = 0x9286
_DETAILS: Final = 0x8769
_LABELS: Final = range(0x0100, 0x0111)
"""ComfyUI writes `key:text` into these, from Model (0x0110) downwards."""


class Exif(Protocol):
    """A picture's EXIF, as Pillow has it: values by their tags, and tables of more of them."""

    def items(self) -> Any:
        """Each tag with its value."""

    def get_ifd(self, tag: int) -> Mapping[int, Any]:
        """The table to which that tag leads."""


def texts(info: Mapping[Any, Any], exif: Exif) -> Iterator[tuple[str, str]]:
    """Each text with its key: a comment and a packet of XMP, which stand beside the EXIF, and what stands in it."""
    comment, packet = info.get("comment"), info.get("xmp")
    if isinstance(comment, bytes):
        yield "comment", comment.decode("utf-8", "replace")
    if isinstance(packet, bytes):
        yield "xml:com.adobe.xmp", packet.decode("utf-8", "replace")
    for tag, value in exif.items():
        if tag in _LABELS and isinstance(value, str) and ":" in value:
            key, _, text = value.partition(":")
            yield key, text
    comment = exif.get_ifd(_DETAILS).get(_USER_COMMENT)
    if isinstance(comment, bytes | str):
        yield "parameters", _user_comment(comment)


def _user_comment(comment: bytes | str) -> str:
    """The text of an EXIF UserComment, whose first eight bytes name its encoding."""
    if isinstance(comment, str):
        return comment
    if comment.startswith(b"UNICODE\0"):
        return _unicode(comment[8:])
    return comment.removeprefix(b"ASCII\0\0\0").removeprefix(bytes(8)).decode("utf-8", "replace")


def _unicode(text: bytes) -> str:
    """A text of which the standard leaves open how it is written.

    Whatever language a prompt is in, there are Latin letters among the settings: of these the zeros come first or second.
    """
    first, second = text[::2].count(0), text[1::2].count(0)
    written = "utf-8" if first == second == 0 else "utf-16-be" if first > second else "utf-16-le"
    return text.decode(written, "replace").removeprefix("\ufeff")
