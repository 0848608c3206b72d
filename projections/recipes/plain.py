"""Plain parameters: JSON values as the log can hold them, and whatever reads it after us.

Half an emoji, which JavaScript leaves where it cuts a text, is no Unicode; JSON can say NaN in Python alone.
"""

import math
from typing import Any, Final

from events import Params

LARGEST: Final = 2**64 - 1
"""The largest number that the log keeps as a number; no tool's seed is larger."""

SMALLEST: Final = -(2**63)

DEEPEST: Final = 50
"""Levels of lists and objects in a parameter: few enough that whatever reads the log can read it."""


class TooDeep(ValueError):
    """Raised when parameters are nested deeper than anything that reads them could bear."""

    def __init__(self) -> None:
        super().__init__(f"it is nested more than {DEEPEST} levels deep")


def plain(params: Params) -> Params:
    """The parameters without NaN and null, with integers of more than 64 bits as text; TooDeep."""
    found = {_unicode(key): _plain(value, 1) for key, value in params.items()}
    return {key: value for key, value in found.items() if value is not None}


def _plain(value: Any, depth: int) -> Any:
    if isinstance(value, dict | list):
        if depth > DEEPEST:
            raise TooDeep
        return _plain_parts(value, depth + 1)
    if isinstance(value, str):
        return _unicode(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, int) and not SMALLEST <= value <= LARGEST:
        return str(value)
    return value


def _plain_parts(value: dict[str, Any] | list[Any], depth: int) -> Any:
    if isinstance(value, dict):
        return {_unicode(key): _plain(part, depth) for key, part in value.items()}
    return [_plain(part, depth) for part in value]


def _unicode(text: str) -> str:
    """The text with each half of a character, which no encoding can hold, as a replacement character."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
