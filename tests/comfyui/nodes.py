"""The nodes that our ComfyUI knows: what each wants, and what a saver writes."""

import json
import re
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from msgspec import Struct

from tests.support.clips import make_audible, make_still, make_tone, make_video, sine

LINK = list
"""The kind of an input that comes from another node."""


class Node(Struct, frozen=True):
    """A class of nodes: the kinds of its inputs; and for a saver its suffix, and under what it reports."""

    inputs: Mapping[str, type]
    suffix: str = ""
    reports: str = "images"
    store: str = "output"


_IMAGES = {"images": LINK}
_NAMED = {"filename_prefix": str}

NODES = {
    "EmptyImage": Node({"width": int, "height": int, "batch_size": int, "color": int}),
    "CreateVideo": Node({**_IMAGES, "fps": float}),
    "EmptyAudio": Node({"duration": float}),
    "CheckpointLoaderSimple": Node({"ckpt_name": str}),
    "CLIPTextEncode": Node({"text": str, "clip": LINK}),
    "EmptyLatentImage": Node({"width": int, "height": int, "batch_size": int}),
    "KSampler": Node(
        {
            **dict.fromkeys(("model", "positive", "negative", "latent_image"), LINK),
            "seed": int,
            "steps": int,
            "cfg": float,
            "sampler_name": str,
            "scheduler": str,
            "denoise": float,
        }
    ),
    "VAEDecode": Node({"samples": LINK, "vae": LINK}),
    "SaveVideo": Node({"video": LINK, **_NAMED, "format": str, "codec": str}, ".mp4"),
    "SaveImage": Node({**_IMAGES, **_NAMED}, ".png"),
    "SaveAnimatedPNG": Node({**_IMAGES, **_NAMED, "fps": float, "compress_level": int}, ".png"),
    "SaveAnimatedWEBP": Node(
        {**_IMAGES, **_NAMED, "fps": float, "lossless": bool, "quality": int, "method": str}, ".webp"
    ),
    "SaveWEBM": Node({**_IMAGES, **_NAMED, "codec": str, "fps": float, "crf": float}, ".webm"),
    "SaveAudio": Node({"audio": LINK, **_NAMED}, ".flac", "audio"),
    "VHS_VideoCombine": Node({**_IMAGES, **_NAMED, "frame_rate": float}, ".mp4", "gifs"),
    "LoadImage": Node({"image": str}),
    "PreviewImage": Node(_IMAGES, ".png", store="temp"),
}
"""By class. VHS_VideoCombine is VideoHelperSuite's, and reports under a name of its own."""


def complaints(inputs: dict[str, Any], node: Node) -> list[dict[str, Any]]:
    """What ComfyUI says before it runs anything: an input that is missing, or of the wrong kind."""
    found = []
    for name, kind in node.inputs.items():
        if name not in inputs:
            found.append(_complaint("required_input_missing", "Required input is missing", name, name))
        elif kind is not LINK and not isinstance(inputs[name], list) and not _fits(inputs[name], kind):
            message = f"Failed to convert an input value to a {kind.__name__.upper()} value"
            found.append(_complaint("invalid_input_type", message, f"{name}, {inputs[name]}", name))
    return found


def _complaint(kind: str, message: str, details: str, name: str) -> dict[str, Any]:
    return {"type": kind, "message": message, "details": details, "extra_info": {"input_name": name}}


def _fits(value: Any, kind: Callable[[Any], Any]) -> bool:
    try:
        kind(value)
    except (TypeError, ValueError):
        return False
    return True


def save_render(
    folder: Path, name: str, signature: str, graph: Mapping[str, Any], *, sound: bool
) -> list[str]:
    """Write what VideoHelperSuite does: a picture with the graph, the video, and another one where it has sound.

    The names of the files, in that order.
    """
    folder.mkdir(parents=True, exist_ok=True)
    taken = (re.match(rf"{re.escape(name)}_(\d+)\D*\..+", path.name) for path in folder.iterdir())
    stem = f"{name}_{max((int(match[1]) for match in taken if match), default=0) + 1:05}"
    red, green, blue, *_ = sha256(signature.encode()).digest()
    colour, tags = (red, green, blue), {"prompt": json.dumps(graph)}
    picture, silent = folder / f"{stem}.png", folder / f"{stem}.mp4"
    make_still(picture, colour=colour, size=(64, 36), tags={**tags, "CreationTime": "2026-11-29 14:00:00"})
    make_video(silent, seconds=0.5, colours=[colour], tags=tags)
    if not sound:
        return [picture.name, silent.name]
    heard = folder / f"{stem}-audio.mp4"
    make_audible(heard, silent=silent, wave=sine(-20.0, 0.5))
    return [picture.name, silent.name, heard.name]


def save(folder: Path, name: str, suffix: str, signature: str) -> str:
    """Write the media, which is another one for each signature, under the next free number; the file's name."""
    folder.mkdir(parents=True, exist_ok=True)
    taken = (re.match(rf"{re.escape(name)}_(\d+)_", path.name) for path in folder.iterdir())
    number = max((int(match[1]) for match in taken if match), default=0) + 1
    path = folder / f"{name}_{number:05}_{suffix}"
    red, green, blue, *_ = sha256(signature.encode()).digest()
    colour = (red, green, blue)
    if suffix == ".flac":
        make_tone(path, seconds=0.2, hertz=200 + red, codec="flac")
    elif suffix in {".png", ".webp"}:
        make_still(path, colour=colour, size=(32, 18))
    else:
        codec = "libvpx-vp9" if suffix == ".webm" else "libx264"
        make_video(path, seconds=0.25, size=(64, 36), codec=codec, colours=[colour])
    return path.name
