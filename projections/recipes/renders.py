"""Renders: what the graph in a file's labels says of the other files that came with it."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from pathlib import PurePosixPath
from typing import Any, Final

from projections.recipes.formats import comfyui
from projections.recipes.formats.format import object_in

KEYS: Final = comfyui.KEYS | {"workflow"}
"""The labels that are read, in small letters."""

_SAVERS: Final = ("*VideoCombine*", "ADE_AnimateDiffCombine")
"""The nodes that save a picture beside each video: VideoHelperSuite's, and those that it began as or became."""


def render_of(labels: Mapping[str, str], name: str) -> dict[str, Any] | None:
    """Which `graph` such a node has saved the file with, by its digest, and whether its video `has_sound`; None without one.

    `name` is what the file was called.
    """
    labels = {key.lower(): text for key, text in labels.items()}
    graph = comfyui.graph_of(labels) or object_in(labels.get("workflow")) or {}
    savers = [(_stem(prefix), has_sound) for prefix, has_sound in _savers(graph)]
    if not savers:
        return None
    fitting = [has_sound for stem, has_sound in savers if name.startswith(stem)]
    canonical = json.dumps(graph, sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    return {"graph": digest, "has_sound": any(fitting or [has_sound for _, has_sound in savers])}


def _savers(graph: Mapping[str, Any]) -> Iterator[tuple[Any, bool]]:
    """The prefix of each such node, and whether a sound goes into it, of a graph as it was run or as it was drawn."""
    for node in graph.values():
        if isinstance(node, dict) and isinstance(node.get("inputs"), dict) and _saves(node.get("class_type")):
            yield node["inputs"].get("filename_prefix"), isinstance(node["inputs"].get("audio"), list)
    drawn = graph.get("nodes")
    for node in drawn if isinstance(drawn, list) else ():
        if isinstance(node, dict) and _saves(node.get("type")):
            inputs, values = node.get("inputs"), node.get("widgets_values")
            yield (
                values.get("filename_prefix") if isinstance(values, dict) else None,
                any(_is_linked_sound(one) for one in (inputs if isinstance(inputs, list) else ())),
            )


def _is_linked_sound(one: Any) -> bool:
    return isinstance(one, dict) and one.get("name") == "audio" and one.get("link") is not None


def _saves(kind: Any) -> bool:
    return any(fnmatch(str(kind), one) for one in _SAVERS)


def _stem(prefix: Any) -> str:
    """How the names of a node's files begin, as far as the graph has that."""
    path = prefix.replace("\\", "/") if isinstance(prefix, str) else ""
    return PurePosixPath(path).name.partition("%")[0]
