"""The protocol of a format, and what all of them need to read one."""

import json
from collections.abc import Mapping
from typing import Any, Final, Protocol

from events import Params
from projections.recipes.graph.values import count, number, whole

Labels = Mapping[str, str]
"""The texts in a file, by their keys in small letters."""

_SEVERAL_TIMES: Final = 3
"""Some writers encode JSON as a string within JSON, and that once more."""

_KINDS: Final = {"seed": whole, "steps": count, "cfg": number, "denoise": number, "guidance": number}


class Format(Protocol):
    """One way of labelling files; a module is one, and so is whatever else has these two names.

    `KEYS` are the keys of the labels that it reads, in small letters. `read` takes all labels, of which some may be
    there, and the name that the file had; it answers parameters under our names, or None where this is not its own.
    It may be given anything at all, raises nothing and takes no longer than the length of the labels asks for.
    """

    @property
    def KEYS(self) -> frozenset[str]: ...  # noqa: N802 - a constant of a module

    def read(self, labels: Labels, name: str) -> Params | None: ...


def object_in(text: str | None) -> dict[str, Any] | None:
    """The JSON object in a text, however often it has been encoded."""
    found: Any = text
    for _ in range(_SEVERAL_TIMES):
        if not isinstance(found, str):
            break
        try:
            found = json.loads(found)
        except (ValueError, RecursionError):
            return None
    return found if isinstance(found, dict) else None


def object_under(labels: Labels, *keys: str) -> dict[str, Any]:
    """The JSON object under the first of the keys that has one; else an empty one."""
    return next((found for key in keys if (found := object_in(labels.get(key)))), {})


def renamed(found: Mapping[str, Any], names: Mapping[str, str]) -> Params:
    """What is known under another tool's names, under ours; the first name that says something counts."""
    params: Params = {}
    for theirs, ours in names.items():
        value = _value(ours, found.get(theirs))
        if value is not None:
            params.setdefault(ours, value)
    return params


def _value(ours: str, value: Any) -> Any:
    """A value as the kind that ours should be; None where it is something else."""
    if kind := _KINDS.get(ours):
        return kind(value)
    if ours == "model" and isinstance(value, dict):
        value = next((value[key] for key in ("name", "model_name") if value.get(key)), None)
    return value if isinstance(value, str) and value else None


def lora(name: Any, strength: Any) -> Params | None:
    """A LoRA as we tell it; None where it is off, or none at all."""
    value = number(strength)
    if not isinstance(name, str) or name in {"", "None"} or value == 0:
        return None
    return {"name": name} if value is None else {"name": name, "strength": value}


def with_loras(params: Params, loras: list[Params | None]) -> Params:
    """The parameters, and the LoRAs that are any."""
    found = [one for one in loras if one]
    return {**params, "loras": found} if found else params


def sized(params: Params, width: Any, height: Any) -> Params:
    """The parameters, and the size that was asked for."""
    size = count(width), count(height)
    return {**params, "width": size[0], "height": size[1]} if all(size) else params
