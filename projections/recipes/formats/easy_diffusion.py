"""Easy Diffusion: each setting under a key of its own, or all of them as JSON."""

from typing import Any, Final

from events import Params
from projections.recipes.formats.format import Labels, lora, object_under, renamed, sized, with_loras

_NAMES: Final = {
    "prompt": "prompt",
    "negative_prompt": "negativePrompt",
    "seed": "seed",
    "use_stable_diffusion_model": "model",
    "num_inference_steps": "steps",
    "guidance_scale": "cfg",
    "sampler_name": "sampler",
    "prompt_strength": "denoise",
}
_OWN: Final = "use_stable_diffusion_model"
_MORE: Final = frozenset({"width", "height", "use_lora_model", "lora_alpha", "parameters", "comment"})

KEYS: Final = frozenset(_NAMES) | _MORE


def read(labels: Labels, _name: str) -> Params | None:
    """What Easy Diffusion was asked for; nobody else names its key for the model."""
    found: Any = labels if _OWN in labels else object_under(labels, "parameters", "comment")
    if _OWN not in found:
        return None
    params = sized(renamed(found, _NAMES), found.get("width"), found.get("height"))
    names, weights = found.get("use_lora_model"), found.get("lora_alpha")
    if isinstance(names, list) and isinstance(weights, list):
        return with_loras(params, [lora(*one) for one in zip(names, weights, strict=False)])
    return with_loras(params, [lora(names, weights)])
