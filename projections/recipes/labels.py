"""Labels: the texts that generators leave in their files, read as generation parameters.

What is not said is left out, and what contradicts itself too: no value is ever guessed.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from events import Params, TakesError
from projections.recipes.graph import reading as comfyui_graph
from projections.recipes.plain import TooDeep, plain

Read = Callable[[str, str], Params | None]
"""How one kind of label is read: its text and the file's own name in; parameters out, or None for "not mine"."""

_SEVERAL_TIMES: Final = 3
"""Some writers encode JSON as a string within JSON, and that once more."""

_SWARM: Final = {
    "model": "model",
    "seed": "seed",
    "prompt": "prompt",
    "negativeprompt": "negativePrompt",
    "steps": "steps",
    "cfgscale": "cfg",
    "sampler": "sampler",
    "scheduler": "scheduler",
}
_INVOKE: Final = {
    "model": "model",
    "seed": "seed",
    "positive_prompt": "prompt",
    "negative_prompt": "negativePrompt",
    "steps": "steps",
    "cfg_scale": "cfg",
    "scheduler": "scheduler",
}
_WAN: Final = {
    "model_filename": "model",
    "model_type": "model",
    "seed": "seed",
    "prompt": "prompt",
    "negative_prompt": "negativePrompt",
    "num_inference_steps": "steps",
    "guidance_scale": "cfg",
    "sample_solver": "sampler",
}
_A1111: Final = {
    "Model": "model",
    "Seed": "seed",
    "Steps": "steps",
    "CFG scale": "cfg",
    "Sampler": "sampler",
    "Schedule type": "scheduler",
    "Denoising strength": "denoise",
    "Distilled CFG Scale": "guidance",
}
_A1111_LINE: Final = re.compile(r"^Steps: \d+", re.MULTILINE)
_A1111_NEGATIVE: Final = re.compile(r"^Negative prompt:", re.MULTILINE)
_A1111_VALUE: Final = re.compile(r'\s*+(?:"(?:[^"\\]|\\.)*+"(?=,|$)|[^,]*+)')
"""Quoted or not; it never goes back over what it has read, so that no text can hold it up."""

_NUMBERS: Final = frozenset({"seed", "steps", "cfg", "denoise", "guidance"})


class NotARecipe(TakesError):
    """Raised when the file beside a render does not hold generation parameters."""

    hint = 'A recipe is a JSON object: the parameters themselves, or {"generationParams": {…}}.'

    def __init__(self, reason: str) -> None:
        super().__init__(f"this is not a recipe: {reason}")
        self.reason = reason


def params_of(labels: Mapping[str, str], name: str = "") -> Params:
    """The parameters that a file's labels tell of; `name` is what the file's maker called it."""
    known = {key.lower(): text for key, text in labels.items()}
    for key, read in _READERS:
        params = read(known[key], name) if key in known else None
        if params:
            return params
    return {}


def from_recipe(content: bytes, name: str = "") -> Params:
    """The parameters in a JSON file that was dropped beside a render; NotARecipe."""
    try:
        found = json.loads(content.decode("utf-8", "replace").removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise NotARecipe("it is not JSON") from error
    if not isinstance(found, dict):
        raise NotARecipe("it is JSON, but not an object")
    own = found.get("generationParams")
    if isinstance(own, dict):
        return _plain(own)
    if own is None and "generationParams" in found:
        return {}  # a sidecar that knows of none
    drawn = _graph(found, name) or _graph(found.get("prompt"), name)
    swarm = found.get("sui_image_params")
    if drawn is not None:
        return drawn
    return _renamed(swarm, _SWARM) if isinstance(swarm, dict) else _plain(found)


def _prompt(text: str, name: str) -> Params | None:
    return _graph(_object(text), name)


def _comment(text: str, name: str) -> Params | None:
    """VideoHelperSuite's older files, or Wan2GP's settings."""
    found = _object(text)
    if found is None:
        return None
    prompt = found.get("prompt")
    drawn = _graph(_object(prompt) if isinstance(prompt, str) else prompt, name)
    return drawn if drawn is not None else _renamed(found, _WAN)


def _parameters(text: str, _name: str) -> Params | None:
    """SwarmUI's JSON, or the lines of A1111 under the same key."""
    found = _object(text)
    if found is None:
        return _lines(text)
    swarm = found.get("sui_image_params")
    return _renamed(swarm, _SWARM) if isinstance(swarm, dict) else None


def _invoke(text: str, _name: str) -> Params | None:
    found = _object(text)
    return None if found is None else _renamed(found, _INVOKE)


def _lines(text: str) -> Params | None:
    """A prompt, perhaps a negative one, and a last line of `Key: value` pairs."""
    lines = list(_A1111_LINE.finditer(text))
    if not lines:
        return None
    start = lines[-1].start()
    prompt, *negative = _A1111_NEGATIVE.split(text[:start], maxsplit=1)
    pairs = dict(_pairs(text[start:]))
    texts = {"prompt": prompt.strip(), "negativePrompt": "".join(negative).strip()}
    return {key: value for key, value in texts.items() if value} | _renamed(pairs, _A1111)


def _pairs(line: str) -> Iterator[tuple[str, str]]:
    """The pairs of `Key: value, Key: "value, with a comma"`, in one go from the left to the right."""
    place = 0
    while (colon := line.find(":", place)) >= 0:
        key = line[place:colon].rpartition(",")[2]
        value = _A1111_VALUE.match(line, colon + 1)
        assert value  # noqa: S101 - it matches nothing, too
        yield key.strip(), value.group().strip().strip('"')
        place = value.end()


_READERS: Final[tuple[tuple[str, Read], ...]] = (
    ("prompt", _prompt),
    ("comment", _comment),
    ("parameters", _parameters),
    ("invokeai_metadata", _invoke),
)
"""In this order: a video that was loaded and saved again keeps its old `comment` beside the new `prompt`."""

KEYS: Final = frozenset(key for key, _ in _READERS)
"""The labels that are read, in small letters; all others may be what they like."""


def _object(text: str) -> dict[str, Any] | None:
    """The JSON object in a text, however often it has been encoded."""
    found: Any = text
    for _ in range(_SEVERAL_TIMES):
        try:
            found = json.loads(found)
        except (ValueError, RecursionError):
            return None
        if not isinstance(found, str):
            break
    return found if isinstance(found, dict) else None


def _graph(found: Any, name: str) -> Params | None:
    return _plain(comfyui_graph.read(found, name)) if comfyui_graph.is_graph(found) else None


def _renamed(found: Mapping[str, Any], names: Mapping[str, str]) -> Params:
    """What is known under another tool's names, under ours; the first name that says something counts."""
    params: Params = {}
    for theirs, ours in names.items():
        value = _value(ours, found.get(theirs))
        if value is not None:
            params.setdefault(ours, value)
    return _plain(params)


def _value(ours: str, value: Any) -> Any:
    """A value as the kind that ours should be; None where it is something else."""
    if ours == "model" and isinstance(value, dict):
        value = value.get("name")
    if ours in _NUMBERS:
        return _number(value)
    return value if isinstance(value, str) and value else None


def _number(value: Any) -> int | float | None:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return None
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _plain(params: Params) -> Params:
    """The parameters as the log can hold them."""
    try:
        return plain(params)
    except TooDeep as error:
        raise NotARecipe(str(error)) from error
