"""ComfyUI: the graph that it ran, under `prompt`; VideoHelperSuite's older files have it in their comment."""

from typing import Any, Final

from events import Params
from projections.recipes.formats.format import Labels, object_in, object_under
from projections.recipes.graph import reading

KEYS: Final = frozenset({"prompt", "comment", "parameters"})


def read(labels: Labels, name: str) -> Params | None:
    """What the graph says. A video that was loaded and saved again has an older one in its comment."""
    found = graph_of(labels)
    return None if found is None else reading.read(found, name)


def graph_of(labels: Labels) -> dict[str, Any] | None:
    """The graph in a file's labels."""
    found = graph_in(object_in(labels.get("prompt")))
    return (
        found if found is not None else graph_in(object_under(labels, "comment", "parameters").get("prompt"))
    )


def graph_in(found: Any) -> dict[str, Any] | None:
    """The graph, if it is one, or a text or a document that has one."""
    if isinstance(found, str):
        found = object_in(found)
    if (
        isinstance(found, dict)
        and not reading.is_graph(found)
        and isinstance(found.get("prompt"), dict | str)
    ):
        found = object_in(found["prompt"]) if isinstance(found["prompt"], str) else found["prompt"]
    return found if reading.is_graph(found) else None
