"""Documents of any shape, as ComfyUI and its custom nodes write them: what is in them, where it is what is looked for."""

import json
from math import isfinite
from typing import Any


def dict_in(found: Any, name: str) -> dict[str, Any]:
    inner = found.get(name) if isinstance(found, dict) else None
    return inner if isinstance(inner, dict) else {}


def list_in(found: Any, name: str) -> list[Any]:
    inner = found.get(name) if isinstance(found, dict) else None
    return inner if isinstance(inner, list) else []


def number_in(found: Any) -> float | None:
    is_number = isinstance(found, int | float) and not isinstance(found, bool)
    return float(found) if is_number and isfinite(found) else None


def document_in(text: bytes | bytearray | str) -> Any:
    """The document; None where it is none, or is nested deeper than anybody means."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
