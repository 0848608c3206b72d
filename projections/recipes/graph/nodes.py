"""The nodes of a graph, with their inputs by small names, and where each input comes from."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from projections.recipes.graph.families import Families, Family

MOST_NODES: Final = 50_000

LOST: Final = "lost"
"""What is written beside the inputs of a node of which it is not known what its values are called."""


class Link(NamedTuple):
    """Where an input comes from: a node, which need not be there, and which of its outputs.

    What an output stands for is never taken from its number, which differs from node to node.
    """

    node: str
    output: int = 0


class Found(NamedTuple):
    """A value, the node that has it, and whether all on the way to it is known; None is what cannot be known."""

    value: Any
    node: str
    sure: bool = True

    @property
    def is_known(self) -> bool:
        """Whether there is a value."""
        return self.value is not None

    def as_kind(self, kind: Callable[[Any], Any]) -> "Found":
        """The value as that kind."""
        return Found(kind(self.value), self.node, self.sure)

    def sure_if(self, known: bool) -> "Found":  # noqa: FBT001 - it is a fact about the way, and the only argument
        """The same, and sure only where that is known, too."""
        return Found(self.value, self.node, self.sure and known)


What = str | tuple[str, ...]
"""What an input holds, as the table of families has it; or the names by which it is asked for."""


class Node:
    """One node: its class, its inputs by name in small letters, and what is known of its class.

    What it holds itself `is_lost` where the names of that are not known.
    """

    __slots__ = ("_held", "family", "inputs", "is_lost", "key", "kind", "linked")

    def __init__(
        self, key: str, kind: str, inputs: Mapping[Any, Any], families: Families, *, is_lost: bool = False
    ) -> None:
        self.key = key
        self.is_lost = is_lost
        self.kind = kind
        self.inputs = _inputs(inputs)
        self.linked = {name: value for name, value in self.inputs.items() if isinstance(value, Link)}
        self.family: Family = families.of(kind)
        self._held = self._by_what(families)

    def _by_what(self, families: Families) -> dict[str, list[str]]:
        found: dict[str, list[tuple[int, str]]] = {}
        for name in self.inputs:
            for what, rank in families.held.get(name, ()):
                found.setdefault(what, []).append((rank, name))
        return {what: [name for _, name in sorted(names)] for what, names in found.items()}

    def named(self, what: What) -> Sequence[str]:
        """The inputs that hold that, the most usual name first."""
        if isinstance(what, str):
            return self._held.get(what, ())
        return [name for name in what if name in self.inputs]

    def has(self, *whats: str) -> bool:
        """Whether any input holds any of that."""
        return any(what in self._held for what in whats)

    def first(self, *whats: What) -> str | None:
        """The first input that holds any of that."""
        for what in whats:
            if named := self.named(what):
                return named[0]
        return None

    def links(self, what: What) -> Iterator[Link]:
        """The links at inputs that hold that."""
        for name in self.named(what):
            if name in self.linked:
                yield self.linked[name]

    def link(self, *whats: What) -> Link | None:
        """The first link at an input that holds any of that."""
        return next((one for what in whats for one in self.links(what)), None)


def _inputs(inputs: Mapping[Any, Any]) -> dict[str, Any]:
    found = {str(name).lower(): _linked(value) for name, value in inputs.items() if value is not None}
    for name in [name for name in found if "." in name]:
        found.setdefault(name.rpartition(".")[2], found[name])
    return found


def _linked(value: Any) -> Any:
    match value:
        case [str(node), int(output)]:
            return Link(node, output)
        case {"content": str(chosen)}:  # from a list with pictures
            return chosen
    return value


class Nodes:
    """The nodes of a graph by their keys, each read when it is asked for; what is no node is not there."""

    def __init__(self, graph: Mapping[str, Any], families: Families) -> None:
        self._graph = graph
        self._read: dict[str, Node | None] = {}
        self.families = families
        self._left = 20 * len(graph) + 2000

    def get(self, key: str) -> Node | None:
        """The node of that key, if there is one."""
        if key not in self._read:
            raw: Any = self._graph.get(key)
            self._read[key] = (
                Node(key, raw["class_type"], raw["inputs"], self.families, is_lost=LOST in raw)
                if is_node(raw)
                else None
            )
        return self._read[key]

    def all(self) -> Iterator[Node]:
        """Every node, in the order of the graph."""
        return (node for key in self._graph if (node := self.get(key)))

    def of(self, what: str) -> Iterator[Node]:
        """The nodes that have an input with that."""
        names = set(self.families.names(what))
        for key, raw in self._graph.items():
            if is_node(raw) and not names.isdisjoint(map(_small, raw["inputs"])) and (node := self.get(key)):
                yield node

    def that(self, fits: Callable[[Family], bool]) -> Iterator[Node]:
        """The nodes of whose class that is known."""
        for key, raw in self._graph.items():
            if is_node(raw) and fits(self.families.of(raw["class_type"])) and (node := self.get(key)):
                yield node

    def spend(self) -> bool:
        """One step of a walk; False once there have been many more of them than there are nodes."""
        self._left -= 1
        return self._left >= 0


def _small(name: Any) -> str:
    return str(name).lower()


def is_node(found: Any) -> bool:
    """Whether it is a node that ComfyUI could have run."""
    return (
        isinstance(found, dict)
        and isinstance(found.get("class_type"), str)
        and isinstance(found.get("inputs"), dict)
    )


def is_graph(found: Any) -> bool:
    """Whether this is a graph that ComfyUI has run: nodes, and little else."""
    if not isinstance(found, dict) or not 0 < len(found) <= MOST_NODES:
        return False
    return 2 * sum(map(is_node, found.values())) > len(found)
