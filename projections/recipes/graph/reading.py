"""The graph: what ComfyUI ran to make a file, read backwards from where it was saved.

Nodes are known by the names of their inputs rather than by their own, of which there are thousands; where two ways
lead to two answers there is none.
"""

import json
import re
import zlib
from base64 import b64encode
from collections.abc import Mapping
from itertools import islice
from typing import Any, Final

from events import Params
from projections.recipes.graph.drawn import as_run
from projections.recipes.graph.families import Families, families, table
from projections.recipes.graph.nodes import Node, Nodes, is_graph
from projections.recipes.graph.picture import Answer, Picture, agreed
from projections.recipes.graph.samplers import Fields
from projections.recipes.graph.values import Values, number, text, truth

__all__ = ["is_graph", "learn", "read", "read_drawn"]

MOST_STAGES: Final = 50
"""Samplers that are listed."""

MOST_LITERALS: Final = 200
LONGEST_LITERAL: Final = 10_000
"""Nodes whose inputs are kept where nothing is understood, and characters of a text in them."""

_KNOWN: Final[list[Families]] = []
"""The table that is read by, once it was asked for: to read it takes longer than all other modules of recipes do."""

_VIDEO: Final = frozenset({"mp4", "mov", "mkv", "webm", "avi", "m4v"})
_SOUND: Final = frozenset({"flac", "mp3", "opus", "wav", "ogg", "m4a"})
_ORDER: Final = (
    *(
        "model",
        "seed",
        "prompt",
        "negativePrompt",
        "steps",
        "cfg",
        "guidance",
        "sampler",
        "scheduler",
        "denoise",
        "loras",
    ),
)


def learn(content: bytes) -> None:
    """Read graphs by this table, too, from now on, before our own; BadTable where it is none."""
    _KNOWN[:] = [families(table(content))]


def learnt() -> Families:
    """What graphs are read by; whoever is forked after this was asked has it at no cost."""
    if not _KNOWN:
        _KNOWN.append(families())
    return _KNOWN[0]


def read(graph: Mapping[str, Any], name: str = "", known: Families | None = None) -> Params:
    """The parameters of the file of that name; of several that may be it, those on which they agree."""
    return Reading(graph, known or learnt()).params(name)


def read_drawn(workflow: Mapping[str, Any], name: str = "") -> Params:
    """The same of a workflow as it is drawn; nothing where it is not understood what it makes."""
    graph = as_run(workflow, learnt())
    return Reading(graph, learnt()).understood(name) if is_graph(graph) else {}


class Reading:
    """One graph while it is read."""

    def __init__(self, graph: Mapping[str, Any], known: Families) -> None:
        self._graph = graph
        self.nodes = Nodes(graph, known)
        self.values = Values(self.nodes)
        self.picture = Picture(self.values)

    def params(self, name: str) -> Params:
        """The parameters of the file of that name; where nothing is understood, what the graph holds itself."""
        return self.understood(name) or self._literals()

    def understood(self, name: str) -> Params:
        """The parameters of the file of that name, as far as the graph is understood."""
        found = self._answers(self._starts(name)) or (
            [] if self._fitting(self._savers(), name) else self._answers(self._ends())
        )
        if not found:
            return {}
        fields = agreed([one.fields for _, one in found])
        params = _plain(fields)
        if all(one is found[0][1] for _, one in found):
            params |= self._stages(found[0][1])
        return params | self._around(found)

    def _literals(self) -> Params:
        """What the nodes hold themselves, where it is not understood what was made of it."""
        nodes = [
            {"node": node.key, "class": node.kind, **{n: v for n, v in node.inputs.items() if _is_literal(v)}}
            for node in islice(self.nodes.all(), MOST_LITERALS)
        ]
        return {"literals": [one for one in nodes if len(one) > 2], "graph": {"deflated": self._deflated()}}

    def _deflated(self) -> str:
        """The whole graph as JSON, deflated, in base 64: a later release may understand it."""
        return b64encode(zlib.compress(json.dumps(self._graph).encode("ascii"))).decode("ascii")

    def _answers(self, starts: list[str]) -> list[tuple[str, Answer]]:
        """The answers of those nodes that have one."""
        found = ((start, self.picture.answer(start)) for start in starts)
        return [(start, one) for start, one in found if one is not None and self.picture.fields(one)]

    def _starts(self, name: str) -> list[str]:
        """The nodes that may have saved the file."""
        savers = self._savers()
        fitting = self._fitting(savers, name)
        return [one.key for one in fitting or savers]

    def _fitting(self, savers: list[Node], name: str) -> list[Node]:
        """The savers whose prefix the name of the file begins with: those with the longest that fits."""
        fits = {one.key: _fit(self._stem(one), name) for one in savers}
        longest = max(fits.values(), default=0)
        return [one for one in savers if longest and fits[one.key] == longest]

    def _savers(self) -> list[Node]:
        """The nodes that save a file for good."""
        nodes = self.nodes
        found = {
            one.key: one for one in (*nodes.of("prefix"), *nodes.that(lambda family: bool(family.saves)))
        }
        return [one for one in found.values() if truth(one.inputs.get("save_output")) is not False]

    def _stem(self, node: Node) -> str | None:
        found = self.values.of(node, "prefix", text) or self.values.of(node, "file_name", text)
        if found is None or not found.is_known:
            return None
        return str(found.value).replace("\\", "/").rpartition("/")[2]

    def _ends(self) -> list[str]:
        """The nodes from which nobody reads."""
        nodes = list(self.nodes.all())
        read_from = {link.node for node in nodes for link in node.linked.values()}
        return [one.key for one in nodes if one.key not in read_from]

    def _stages(self, answer: Answer) -> Params:
        samplers = [one for one in self.picture.stages(answer) if self.picture.samplers.samples(one)]
        if len(samplers) < 2:
            return {}
        return {
            "stages": [_plain(self.picture.samplers.stage(one), told=False) for one in samplers[:MOST_STAGES]]
        }

    def _around(self, found: list[tuple[str, Answer]]) -> Params:
        """The size and the frames that were asked for, as far as all starts agree; of one alone the files that went in, too."""
        params = self._measures(*found[0])
        for one in found[1:]:
            if not params:
                break
            others = self._measures(*one)
            params = {name: value for name, value in params.items() if others.get(name) == value}
        inputs = self.picture.inputs(found[0][0]) if len(found) == 1 else []
        return params | ({"inputs": inputs} if inputs else {})

    def _measures(self, start: str, answer: Answer) -> Params:
        """The size, the frames and their rate."""
        first = next(iter(self.picture.stages(answer)), None)
        size = self.picture.samplers.size(first) if first is not None else {}
        params = {name: one.value for name, one in size.items() if one.is_known}
        rate = self._rate(start)
        return params | ({"frameRate": rate} if rate else {})

    def _rate(self, start: str) -> float | None:
        """The frame rate that a file was saved with, by the saver or by what it saves."""
        node = self.nodes.get(start)
        near = [self.nodes.get(key) for key in self.picture.before(node)] if node else []
        found = (self.values.of(one, "frameRate", number) for one in (node, *near) if one)
        return next((one.value for one in found if one and one.value), None)


def _is_literal(value: Any) -> bool:
    return isinstance(value, int | float) or (isinstance(value, str) and len(value) <= LONGEST_LITERAL)


def _fit(stem: str | None, name: str) -> int:
    """How much of a file's name a prefix explains: it goes on with a number, or as a placeholder has it."""
    if not stem:
        return 0
    fixed, placeholder, _ = stem.partition("%")
    if not name.startswith(fixed):
        return 0
    rest = name[len(fixed) :]
    return len(fixed) if placeholder or re.match(r"[ ._-]*(\d|$)|\.", rest) else 0


def _plain(fields: Fields, *, told: bool = True) -> Params:
    """The values that are known, and where each comes from."""
    known = {name: fields[name] for name in _ORDER if name in fields and fields[name].is_known}
    params: Params = {name: one.value for name, one in known.items()}
    if told and known:
        params["nodes"] = {name: one.node for name, one in known.items()}
        unsure = [name for name, one in known.items() if not one.sure]
        params |= {"unsure": unsure} if unsure else {}
    return params
