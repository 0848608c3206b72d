"""InvokeAI of all ages: `invokeai_metadata` since 3, `sd-metadata` in 2, a command line under `dream` before."""

import re
from typing import Any, Final

from events import Params
from projections.recipes.formats.format import Labels, lora, object_in, renamed, sized, with_loras

KEYS: Final = frozenset({"invokeai_metadata", "sd-metadata", "dream"})

_NAMES: Final = {
    "model": "model",
    "seed": "seed",
    "positive_prompt": "prompt",
    "negative_prompt": "negativePrompt",
    "steps": "steps",
    "cfg_scale": "cfg",
    "guidance": "guidance",
    "scheduler": "scheduler",
    "strength": "denoise",
}
_SECOND: Final = {
    "seed": "seed",
    "steps": "steps",
    "cfg_scale": "cfg",
    "sampler": "sampler",
    "prompt": "prompt",
}
_FIRST: Final = {"s": "steps", "S": "seed", "C": "cfg", "A": "sampler"}
_OPTION: Final = re.compile(r"\s-([sSCAWH]) ?([\w.+-]{1,60})")


def read(labels: Labels, _name: str) -> Params | None:
    """What whichever version was asked for."""
    if found := object_in(labels.get("invokeai_metadata")):
        return _third(found)
    if found := object_in(labels.get("sd-metadata")):
        return _second(found)
    return _first(labels["dream"]) if "dream" in labels else None


def _third(found: dict[str, Any]) -> Params:
    params = sized(renamed(found, _NAMES), found.get("width"), found.get("height"))
    listed = found.get("loras")
    return with_loras(params, [_lora(one) for one in listed] if isinstance(listed, list) else [])


def _lora(one: Any) -> Params | None:
    if not isinstance(one, dict):
        return None
    model = one.get("model", one.get("lora"))
    name = model.get("name", model.get("model_name")) if isinstance(model, dict) else model
    return lora(name, one.get("weight"))


def _second(found: dict[str, Any]) -> Params | None:
    image = found.get("image")
    if not isinstance(image, dict):
        return None
    prompts = image.get("prompt")
    if isinstance(prompts, list):
        texts = [one.get("prompt") for one in prompts if isinstance(one, dict)]
        image = {**image, "prompt": "\n".join(text for text in texts if isinstance(text, str))}
    params = renamed(image, _SECOND) | renamed(found, {"model_weights": "model"})
    return sized(params, image.get("width"), image.get("height"))


def _first(text: str) -> Params | None:
    """A command line: the prompt in quotes, then options of one letter."""
    start, end = text.find('"'), text.rfind('"')
    if not 0 <= start < end:
        return None
    options = dict(_OPTION.findall(text[end + 1 :][:2000]))
    params = renamed({"prompt": text[start + 1 : end]}, {"prompt": "prompt"}) | renamed(options, _FIRST)
    return sized(params, options.get("W"), options.get("H"))
