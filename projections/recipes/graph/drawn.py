"""The drawing: a workflow as ComfyUI's page saves it, made into the graph that ComfyUI would run.

What is switched off is left out, what is bypassed hands on what comes into it, and subgraphs are laid open, with the
values that a subgraph was given from outside. The values
that a node holds have no names there: they are those of its inputs that have a field, or what the table of families
says. Of a node whose values do not fit its names nothing is known; nor is a seed that changes from run to run.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from projections.recipes.graph.families import Families
from projections.recipes.graph.nodes import LOST

MOST_NODES: Final = 20_000
MOST_SUBGRAPHS: Final = 500
DEEPEST: Final = 20

_OFF: Final = 2
_BYPASSED: Final = 4
_FROM_OUTSIDE: Final = -10
_TO_OUTSIDE: Final = -20
"""What a link in a subgraph begins at that comes in, and ends at that goes out."""

_SEEDS: Final = frozenset({"seed", "noise_seed"})
_CONTROL: Final = frozenset({"fixed", "increment", "decrement", "randomize"})
"""What is written behind a seed: what becomes of it after a run. Older pages wrote whether it is another one then."""

_ANY: Final = -1
"""A seed that is not known."""

_NOWHERE: Final = ["", 0]
"""A link that begins at no node: what comes over it is not known."""

_OWN_INPUT: Final = "-1"
"""What stands for a node's number where a value is that of an input of the subgraph."""

_UPLOAD: Final = frozenset({"image", "video", "audio", "fixed"})
"""What may be written behind the values: that there is a button to upload with, and that the only one is a fixed one."""


class _Link(NamedTuple):
    node: Any
    slot: Any
    target: Any
    target_slot: Any


class _Given(NamedTuple):
    """A value that a subgraph has from outside, in place of a link; None is one that cannot be told."""

    value: Any


class _Level:
    """The nodes and links of the drawing, or of one subgraph in it, with what is outside of that.

    `entries` are the names of what comes in from there, and `given` are values from there, by node and name.
    """

    def __init__(
        self, drawn: Mapping[str, Any], path: str = "", outer: "tuple[_Level, Any] | None" = None
    ) -> None:
        self.path = path
        self.outer = outer
        self.nodes = {one.get("id"): one for one in _objects(drawn.get("nodes")) if _is_key(one.get("id"))}
        self.links = dict(_links(drawn.get("links")))
        self.depth: int = outer[0].depth + 1 if outer else 0
        self.entries = [one.get("name") for one in _objects(drawn.get("inputs"))]
        self.given = _given_to(*outer) if outer else {}


def is_drawn(found: Any) -> bool:
    """Whether this is a workflow as it is drawn."""
    return (
        isinstance(found, dict)
        and isinstance(found.get("links"), list)
        and isinstance(found.get("nodes"), list)
        and any(isinstance(one, dict) and "type" in one for one in found["nodes"])
    )


def as_run(drawn: Mapping[str, Any], known: Families) -> dict[str, Any]:
    """The graph that such a workflow stands for; empty where it is too large."""
    return _Drawing(drawn, known).graph()


class _Drawing:
    def __init__(self, drawn: Mapping[str, Any], known: Families) -> None:
        self._drawn = drawn
        self._known = known
        definitions = drawn.get("definitions")
        subgraphs = definitions.get("subgraphs") if isinstance(definitions, dict) else None
        self._inner: dict[str, _Level] = {}
        self._subgraphs = {one.get("id"): one for one in _objects(subgraphs) if _is_key(one.get("id"))}

    def graph(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        levels = [_Level(self._drawn)]
        while levels:
            level = levels.pop()
            for key, node in level.nodes.items():
                if len(found) > MOST_NODES:
                    return {}
                if node.get("mode") in (_OFF, _BYPASSED):
                    continue
                if inner := self._inside(level, node):
                    levels.append(inner)
                else:
                    found[f"{level.path}{key}"] = self._node(level, node)
        return found

    def _inside(self, level: _Level, node: Mapping[str, Any]) -> _Level | None:
        kind = node.get("type")
        subgraph = self._subgraphs.get(kind) if _is_key(kind) else None
        if subgraph is None or level.depth >= DEEPEST:
            return None
        path = f"{level.path}{node['id']}:"
        if path not in self._inner and len(self._inner) < MOST_SUBGRAPHS:
            self._inner[path] = _Level(subgraph, path, (level, node))
        return self._inner.get(path)

    def _node(self, level: _Level, node: Mapping[str, Any]) -> dict[str, Any]:
        kind = str(node.get("type"))
        inputs = dict(self._values(kind, node))
        lost = not inputs and bool(node.get("widgets_values"))
        for (key, name), value in level.given.items():
            if key == str(node.get("id")) and name in inputs:
                _give(inputs, name, value)
        for one in _objects(node.get("inputs")):
            source = (
                self._source(level, level.links.get(one.get("link")), 0) if _is_key(one.get("link")) else None
            )
            if isinstance(source, _Given):
                _give(inputs, str(one.get("name")), source.value)
            elif source:
                inputs[str(one.get("name"))] = source
        return {"class_type": kind, "inputs": inputs, **({LOST: True} if lost else {})}

    def _source(self, level: _Level, link: _Link | None, depth: int) -> list[Any] | _Given | None:
        """Which output a link begins at, through what is bypassed and in and out of subgraphs; or the value instead."""
        if link is None or depth > DEEPEST:
            return None
        if link.node == _FROM_OUTSIDE:
            return self._outside(level, link.slot, depth)
        node = level.nodes.get(link.node)
        if node is None or node.get("mode") == _OFF:
            return None
        if node.get("mode") == _BYPASSED:
            return self._at_input(level, node, _through(node, link.slot), depth)
        if inner := self._inside(level, node):
            ends = (one for one in inner.links.values() if one.target == _TO_OUTSIDE)
            return self._source(
                inner, next((one for one in ends if one.target_slot == link.slot), None), depth + 1
            )
        return [f"{level.path}{link.node}", link.slot]

    def _outside(self, level: _Level, slot: Any, depth: int) -> list[Any] | _Given | None:
        """What comes into a subgraph there: by its name, since a node for it need not have all inputs that it has."""
        if level.outer is None or not isinstance(slot, int):
            return None
        name = level.entries[slot] if 0 <= slot < len(level.entries) else None
        names = [one.get("name") for one in _objects(level.outer[1].get("inputs"))]
        if name in names or not level.entries:
            source = self._at_input(*level.outer, names.index(name) if level.entries else slot, depth)
            if source is not None:
                return source
        key = (_OWN_INPUT, str(name))
        return _Given(level.given[key]) if key in level.given else None

    def _at_input(
        self, level: _Level, node: Mapping[str, Any], slot: Any, depth: int
    ) -> list[Any] | _Given | None:
        """What comes into a node at that input."""
        inputs = _objects(node.get("inputs"))
        link = inputs[slot].get("link") if isinstance(slot, int) and 0 <= slot < len(inputs) else None
        return self._source(level, level.links.get(link), depth + 1) if _is_key(link) else None

    def _values(self, kind: str, node: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        """The values that a node holds, by the names of its inputs; none where these do not fit."""
        values = node.get("widgets_values")
        if isinstance(values, dict):
            yield from ((str(name), one) for name, one in values.items() if _is_value(one))
            return
        left = list(values) if isinstance(values, list) else []
        if rows := [one for one in left if isinstance(one, dict) and "lora" in one]:
            yield from ((f"lora_{number}", one) for number, one in enumerate(rows, 1))
            return
        found: dict[str, Any] = {}
        for name in self._names(kind, node):
            if not left:
                return
            found[name] = left.pop(0)
            if name in _SEEDS and left and _is_control(left[0]) and left.pop(0) not in ("fixed", False):
                found[name] = _ANY
        if not left or (len(left) == 1 and isinstance(left[0], str) and left[0] in _UPLOAD):
            yield from ((name, one) for name, one in found.items() if _is_value(one))

    def _names(self, kind: str, node: Mapping[str, Any]) -> Sequence[str]:
        """The names of a node's values, in their order."""
        if known := self._known.of(kind).widgets:
            return known
        fields = [
            one["widget"].get("name")
            for one in _objects(node.get("inputs"))
            if isinstance(one.get("widget"), dict)
        ]
        return [name for name in fields if isinstance(name, str)]


def _given_to(outer: _Level, node: Mapping[str, Any]) -> dict[tuple[str, str], Any]:
    """The values that the node for a subgraph holds, by the node within and the name; None where it cannot be told."""
    values, properties = node.get("widgets_values"), node.get("properties")
    listed = properties.get("proxyWidgets") if isinstance(properties, dict) else None
    shown = [
        (str(one[0]), str(one[1])) for one in (listed if isinstance(listed, list) else ()) if _is_pair(one)
    ]
    if not shown:
        fields = [one for one in _objects(node.get("inputs")) if isinstance(one.get("widget"), dict)]
        shown = [(_OWN_INPUT, str(one.get("name"))) for one in fields]
    if not isinstance(values, list) or not values:
        found: dict[tuple[str, str], Any] = {}
    elif len(values) == len(shown):
        found = dict(zip(shown, values, strict=True))
    else:
        found = dict.fromkeys(shown)
    above = {
        (_OWN_INPUT, name): one for (key, name), one in outer.given.items() if key == str(node.get("id"))
    }
    return found | above


def _give(inputs: dict[str, Any], name: str, value: Any) -> None:
    """Have that value in place of a node's own; a seed that changes from run to run stays unknown."""
    if inputs.get(name) != _ANY or name not in _SEEDS:
        inputs[name] = value if _is_value(value) else _NOWHERE


def _through(node: Mapping[str, Any], slot: Any) -> int | None:
    """The input that a bypassed node hands on at that output: the one in its place, or else the first of its type."""
    outputs, inputs = _objects(node.get("outputs")), _objects(node.get("inputs"))
    if not isinstance(slot, int) or not 0 <= slot < len(outputs):
        return None
    kind = outputs[slot].get("type")
    fitting = [number for number, one in enumerate(inputs) if one.get("type") == kind]
    return slot if slot in fitting else next(iter(fitting), None)


def _links(found: Any) -> Iterator[tuple[Any, _Link]]:
    """Links by their ids: lists in the drawing, objects in a subgraph."""
    for one in found if isinstance(found, list) else ():
        if isinstance(one, list) and len(one) >= 5:
            link = one[:5]
        elif isinstance(one, dict):
            link = [one.get(name) for name in ("id", "origin_id", "origin_slot", "target_id", "target_slot")]
        else:
            continue
        if _is_key(link[0]) and _is_key(link[1]):
            yield link[0], _Link(*link[1:])


def _objects(found: Any) -> list[dict[str, Any]]:
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _is_key(found: Any) -> bool:
    return isinstance(found, int | str)


def _is_pair(found: Any) -> bool:
    return isinstance(found, list) and len(found) == 2


def _is_control(found: Any) -> bool:
    return isinstance(found, bool) or (isinstance(found, str) and found in _CONTROL)


def _is_value(found: Any) -> bool:
    return isinstance(found, int | float | str | bool | dict)
