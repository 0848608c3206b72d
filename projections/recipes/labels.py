"""Labels: the texts that generators leave in their files and beside them, read as generation parameters.

What is not said is left out, and what contradicts itself too: no value is ever guessed. Each format is a module of
its own; whoever installs one more names it under the entry point `takes.recipe_formats`.
"""

import codecs
import json
from collections.abc import Mapping
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Final

from events import Params, TakesError
from projections.files.reading import read
from projections.recipes.formats import (
    a1111,
    c2pa,
    comfyui,
    draw_things,
    easy_diffusion,
    fooocus,
    invokeai,
    midjourney,
    novelai,
    swarmui,
    wan2gp,
)
from projections.recipes.formats.format import Format
from projections.recipes.graph import reading
from projections.recipes.graph.drawn import is_drawn
from projections.recipes.graph.families import BadTable
from projections.recipes.plain import TooDeep, plain

MOST_TABLE: Final = 1 << 20
"""Bytes of a person's table of families."""

_ADDED: Final = "takes.recipe_formats"

FORMATS: Final[tuple[Format, ...]] = (
    comfyui,
    *(point.load() for point in entry_points(group=_ADDED)),
    swarmui,
    fooocus,
    invokeai,
    novelai,
    draw_things,
    easy_diffusion,
    wan2gp,
    a1111,
    midjourney,
)
"""In this order, the strictest first: what one of them takes for its own is not shown to the others."""

KEYS: Final = frozenset[str]().union(*(one.KEYS for one in FORMATS))
"""The labels that are read, in small letters; all others may be what they like."""

UNDERSTOOD: Final = frozenset({"model", "seed", "prompt", "steps"})
"""Without any of these a label is not understood, and another one may say more."""

_LOADED: Final = [codecs.lookup(name) for name in ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be")]
"""These would be imported at first use; a confined decoder can open no module by then."""

_MARKS: Final = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


class NotARecipe(TakesError):
    """Raised when the file beside a render does not hold generation parameters."""

    hint = 'A recipe is a JSON object: the parameters themselves, or {"generationParams": {…}}; or A1111\'s lines.'

    def __init__(self, reason: str) -> None:
        super().__init__(f"this is not a recipe: {reason}")
        self.reason = reason


def learn(path: Path) -> str | None:
    """Read graphs by a person's table of families too, where there is one; why it cannot be read, where it cannot."""
    try:
        content = read(path, MOST_TABLE, follows=True)
        if content is not None:
            reading.learn(content)
        reading.learnt()
    except (OSError, BadTable) as error:
        return f"{path.name}: {error}"
    return None


def params_of(labels: Mapping[str, str], name: str = "") -> Params:
    """The parameters that a file's labels tell of; `name` is what the file's maker called it.

    What is claimed of a file stands beside what any of the other labels says.
    """
    texts = {key.lower(): text for key, text in labels.items()}
    return _plain({**(_read(texts, name) or {}), **(c2pa.read(texts, name) or {})})


def from_recipe(content: bytes, name: str = "") -> Params:
    """The parameters in a file that was dropped beside a render, JSON or text; NotARecipe."""
    text = _decoded(content)
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        lines = a1111.lines(text)
        if lines is None:
            raise NotARecipe("it is neither JSON nor a text with a line of settings") from error
        return _plain(lines)
    if not isinstance(found, dict):
        raise NotARecipe("it is JSON, but not an object")
    return _plain(_in_document(found, text, name))


def _in_document(found: dict[str, Any], text: str, name: str) -> Params:
    """What a document says: its `generationParams`, what a format knows in it, or all of it as it is."""
    own = found.get("generationParams")
    if isinstance(own, dict):
        return own
    if own is None and "generationParams" in found:
        return {}  # a sidecar that knows of none
    labels = (
        {"invokeai_metadata": text} if "positive_prompt" in found else {"parameters": text, "comment": text}
    )
    if comfyui.graph_in(found) is not None:
        labels = {"prompt": text}
    elif is_drawn(found):
        return reading.read_drawn(found, name) or found
    return _read(labels, name) or found


def _read(labels: Mapping[str, str], name: str) -> Params | None:
    """What the first format says that understands the labels; else the first that has anything to say."""
    first: Params | None = None
    for one in FORMATS:
        params = one.read(labels, name) if not one.KEYS.isdisjoint(labels) else None
        if params and not UNDERSTOOD.isdisjoint(params):
            return params
        first = first or params
    return first


def _decoded(content: bytes) -> str:
    """The text of a file, by its mark; without one in UTF-16 where every other byte is nought, else in UTF-8."""
    marked = next((encoding for mark, encoding in _MARKS if content.startswith(mark)), None)
    if marked is None and len(content) > 1 and 0 in content[:2]:
        marked = "utf-16-be" if content[0] == 0 else "utf-16-le"
    return content.decode(marked or "utf-8", "replace")


def _plain(params: Params) -> Params:
    """The parameters as the log can hold them."""
    try:
        return plain(params)
    except TooDeep as error:
        raise NotARecipe(str(error)) from error
