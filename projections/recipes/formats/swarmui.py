"""SwarmUI: JSON under `parameters`, in a video's comment, or in a file beside it."""

from typing import Any, Final

from events import Params
from projections.recipes.formats.format import Labels, lora, object_under, renamed, sized, with_loras

KEYS: Final = frozenset({"parameters", "comment", "description"})

_NAMES: Final = {
    "model": "model",
    "seed": "seed",
    "prompt": "prompt",
    "negativeprompt": "negativePrompt",
    "steps": "steps",
    "cfgscale": "cfg",
    "fluxguidancescale": "guidance",
    "sampler": "sampler",
    "comfyuisampler": "sampler",
    "scheduler": "scheduler",
    "comfyuischeduler": "scheduler",
}


def read(labels: Labels, _name: str) -> Params | None:
    """What SwarmUI was asked for; its numbers may be text."""
    own = object_under(labels, *sorted(KEYS, reverse=True)).get("sui_image_params")
    if not isinstance(own, dict):
        return None
    names, weights = _list(own.get("loras")), _list(own.get("loraweights"))
    weights += [None] * (len(names) - len(weights))
    loras = [lora(name, weight) for name, weight in zip(names, weights, strict=False)]
    return with_loras(sized(renamed(own, _NAMES), own.get("width"), own.get("height")), loras)


def _list(found: Any) -> list[Any]:
    if isinstance(found, str):
        return [one.strip() for one in found.split(",")] if found else []
    return list(found) if isinstance(found, list) else []
