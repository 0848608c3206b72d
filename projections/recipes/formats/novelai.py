"""NovelAI: JSON in the comment, the model under `Source`."""

from typing import Any, Final

from events import Params
from projections.recipes.formats.format import Labels, object_in, renamed, sized

KEYS: Final = frozenset({"comment", "source", "software", "description"})

_NAMES: Final = {
    "prompt": "prompt",
    "uc": "negativePrompt",
    "seed": "seed",
    "steps": "steps",
    "scale": "cfg",
    "sampler": "sampler",
    "noise_schedule": "scheduler",
    "strength": "denoise",
}


def read(labels: Labels, _name: str) -> Params | None:
    """What NovelAI was asked for: its files say that they are its own, or have two of its keys."""
    found = object_in(labels.get("comment"))
    if not found or not ("NovelAI" in labels.get("software", "") or {"uc", "scale"} <= found.keys()):
        return None
    captions = {"prompt": _caption(found.get("v4_prompt")), "uc": _caption(found.get("v4_negative_prompt"))}
    said = {**found, **{name: text for name, text in captions.items() if text and not found.get(name)}}
    params = renamed(labels, {"source": "model"}) | renamed(said, _NAMES)
    return sized(params, found.get("width"), found.get("height"))


def _caption(found: Any) -> str | None:
    caption = found.get("caption") if isinstance(found, dict) else None
    base = caption.get("base_caption") if isinstance(caption, dict) else None
    return base if isinstance(base, str) else None
