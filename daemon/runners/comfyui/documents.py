"""Documents of any shape, as ComfyUI and its custom nodes write them: what is in them, where it is what is looked for."""

import json
from math import isfinite
from typing import Any


def dict_in(found: Any, name: str) -> dict[str, Any]:
    """The object of that name in a document; an empty one where there is none."""
    inner = found.get(name) if isinstance(found, dict) else None
    return inner if isinstance(inner, dict) else {}


def list_in(found: Any, name: str) -> list[Any]:
    """The list of that name in a document; an empty one where there is none."""
    inner = found.get(name) if isinstance(found, dict) else None
    return inner if isinstance(inner, list) else []


def number_in(found: Any) -> float | None:
    """The number that stands there; None for anything else, and for what is not finite."""
    is_number = isinstance(found, int | float) and not isinstance(found, bool)
    return float(found) if is_number and isfinite(found) else None


def document_in(text: bytes | bytearray | str) -> Any:
    """The document that a text is; None where it is none, or is nested deeper than anybody means."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
