"""Wan2GP: its settings as JSON in the comment."""

import re
from typing import Any, Final

from events import Params
from projections.recipes.formats.format import Labels, lora, object_under, renamed, with_loras

KEYS: Final = frozenset({"comment", "parameters"})

_NAMES: Final = {
    "model_filename": "model",
    "model_type": "model",
    "seed": "seed",
    "prompt": "prompt",
    "negative_prompt": "negativePrompt",
    "num_inference_steps": "steps",
    "guidance_scale": "cfg",
    "embedded_guidance_scale": "guidance",
    "sample_solver": "sampler",
    "denoising_strength": "denoise",
}
_OWN: Final = frozenset(
    {
        *("num_inference_steps", "model_type", "model_filename", "video_length", "activated_loras"),
        *("loras_multipliers", "sample_solver", "settings_version", "flow_shift", "base_model_type"),
    }
)


def read(labels: Labels, _name: str) -> Params | None:
    """What Wan2GP was asked for: two of its own keys are needed, since a comment can be anybody's."""
    found = object_under(labels, "comment", "parameters")
    if not str(found.get("type", "")).startswith("WanGP") and len(_OWN & found.keys()) < 2:
        return None
    listed = found.get("activated_loras")
    names = listed if isinstance(listed, list) else []
    weights: list[Any] = re.split(r"[\s,]+", str(found.get("loras_multipliers") or "").strip()[:2000])
    weights += [None] * (len(names) - len(weights))
    loras = [lora(name, weight) for name, weight in zip(names, weights, strict=False)]
    return with_loras(renamed(found, _NAMES), loras)
