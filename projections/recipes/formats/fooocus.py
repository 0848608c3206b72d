"""Fooocus and RuinedFooocus: JSON under `parameters`."""

from typing import Any, Final

from events import Params
from projections.recipes.formats.format import Labels, lora, object_under, renamed, sized, with_loras

KEYS: Final = frozenset({"parameters", "comment"})

_NAMES: Final = {
    "base_model": "model",
    "base_model_name": "model",
    "seed": "seed",
    "prompt": "prompt",
    "Prompt": "prompt",
    "negative_prompt": "negativePrompt",
    "Negative": "negativePrompt",
    "steps": "steps",
    "guidance_scale": "cfg",
    "cfg": "cfg",
    "sampler": "sampler",
    "sampler_name": "sampler",
    "scheduler": "scheduler",
    "denoise": "denoise",
}


def read(labels: Labels, _name: str) -> Params | None:
    """What either of them was asked for: both name a base model."""
    found = object_under(labels, "parameters", "comment")
    if not isinstance(found.get("base_model", found.get("base_model_name")), str):
        return None
    size = str(found.get("resolution", "")).strip("()").partition(",")
    params = sized(renamed(found, _NAMES), found.get("width", size[0]), found.get("height", size[2]))
    listed = found.get("loras")
    return with_loras(params, [_lora(one) for one in listed] if isinstance(listed, list) else [])


def _lora(one: Any) -> Params | None:
    match one:
        case [name, weight, *_]:
            return lora(name, weight)
        case {"name": name, "weight": weight}:
            return lora(name, weight)
    return None
