"""Draw Things: JSON in the user's comment of an XMP packet."""

import re
from html import unescape
from typing import Any, Final

from events import Params
from projections.recipes.formats.format import Labels, lora, object_in, renamed, sized, with_loras

KEYS: Final = frozenset({"xml:com.adobe.xmp"})

_NAMES: Final = {
    "c": "prompt",
    "uc": "negativePrompt",
    "seed": "seed",
    "steps": "steps",
    "scale": "cfg",
    "sampler": "sampler",
    "model": "model",
    "strength": "denoise",
}
_OPENING: Final = re.compile(r"<rdf:li[^<>]{0,200}>")


def read(labels: Labels, _name: str) -> Params | None:
    """What Draw Things was asked for."""
    found = object_in(_comment(labels.get("xml:com.adobe.xmp", "")))
    if not found or "c" not in found:
        return None
    width, _, height = str(found.get("size", "")).partition("x")
    listed = found.get("lora")
    loras = [_lora(one) for one in listed] if isinstance(listed, list) else []
    return with_loras(sized(renamed(found, _NAMES), width, height), loras)


def _comment(packet: str) -> str | None:
    """The text of `exif:UserComment`; looked for rather than parsed, so that no entity of the packet is followed."""
    start = packet.find("<exif:UserComment")
    opening = _OPENING.search(packet, start) if start >= 0 else None
    end = packet.find("</rdf:li>", opening.end()) if opening else -1
    return unescape(packet[opening.end() : end]) if opening and end >= 0 else None


def _lora(one: Any) -> Params | None:
    if not isinstance(one, dict):
        return None
    return lora(one.get("model", one.get("name")), one.get("weight"))
