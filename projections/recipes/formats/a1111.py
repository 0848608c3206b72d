"""A1111's lines, which Forge, SD.Next, Civitai and many others write too: prompts, then `Key: value` pairs."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from events import Params
from projections.recipes.formats.format import Labels, lora, renamed, sized, with_loras

KEYS: Final = frozenset({"parameters", "comment", "description"})

_NAMES: Final = {
    "Model": "model",
    "Seed": "seed",
    "Steps": "steps",
    "CFG scale": "cfg",
    "Sampler": "sampler",
    "Schedule type": "scheduler",
    "Denoising strength": "denoise",
    "Distilled CFG Scale": "guidance",
}
_LINE: Final = re.compile(r"^Steps: \d+(?=,|\s*$)", re.MULTILINE)
_NEGATIVE: Final = re.compile(r"^Negative prompt:", re.MULTILINE)
_VALUE: Final = re.compile(r'\s*+(?:"(?:[^"\\]|\\.)*+"(?=,|$)|[^,]*+)')
"""Quoted or not; it never goes back over what it has read, so that no text can hold it up."""

_LORA: Final = re.compile(r"<(?:lora|lyco):([^:<>]{1,300}):(-?[\d.]{1,20})[^<>]{0,100}>")
_MOST_DOCUMENTS: Final = 20
"""Values that are JSON; each is read once, and a broken one once more as text."""


def read(labels: Labels, _name: str) -> Params | None:
    """What the lines say, under whichever key they are."""
    found = (lines(labels[key]) for key in ("parameters", "comment", "description") if key in labels)
    return next((one for one in found if one), None)


def lines(text: str) -> Params | None:
    """A prompt, perhaps a negative one, and a last line of `Key: value` pairs; None where there is no such line."""
    found = list(_LINE.finditer(text))
    if not found:
        return None
    start = found[-1].start()
    prompt, *negative = _NEGATIVE.split(text[:start], maxsplit=1)
    pairs: dict[str, Any] = {}
    for key, value in _pairs(text[start:]):
        pairs.setdefault(key, value)
    texts = {"prompt": prompt.strip(), "negativePrompt": "".join(negative).strip()}
    params = {key: value for key, value in texts.items() if value} | renamed(pairs, _NAMES)
    width, _, height = str(pairs.get("Size", "")).partition("x")
    loras = [lora(*one) for one in _LORA.findall(texts["prompt"])]
    return with_loras(_with_resources(sized(params, width, height), pairs, loras), loras)


def _with_resources(params: Params, pairs: dict[str, Any], loras: list[Params | None]) -> Params:
    """The model and the LoRAs that Civitai lists, where nothing else names them."""
    listed = pairs.get("Civitai resources")
    for one in listed if isinstance(listed, list) else ():
        if not isinstance(one, dict):
            continue
        name = one.get("modelName")
        if one.get("type") == "checkpoint" and isinstance(name, str):
            params.setdefault("model", name)
        elif one.get("type") in {"lora", "lycoris"}:
            loras.append(lora(name, one.get("weight", 1)))
    return params


def _pairs(line: str) -> Iterator[tuple[str, Any]]:
    """The pairs of `Key: value, Key: "value, with a comma", Key: [JSON]`, in one go from the left to the right."""
    place, documents = 0, 0
    while (colon := line.find(":", place)) >= 0:
        key = line[place:colon].rpartition(",")[2].strip()
        if line[colon + 1 : colon + 3].lstrip()[:1] in {"[", "{"} and documents < _MOST_DOCUMENTS:
            documents += 1
            document, place = _document(line, colon + 1)
            if place > colon:
                yield key, document
                continue
        value = _VALUE.match(line, colon + 1)
        assert value  # noqa: S101 - it matches nothing, too
        yield key, value.group().strip().strip('"')
        place = value.end()


def _document(line: str, start: int) -> tuple[Any, int]:
    """A value that is JSON, and where it ends; where it is none, no further than its start."""
    while line[start : start + 1] == " ":
        start += 1
    try:
        return _DECODER.raw_decode(line, start)
    except (ValueError, RecursionError):
        return None, 0


_DECODER: Final = json.JSONDecoder()
