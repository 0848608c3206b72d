"""How a prompt goes, as the messages tell it that ComfyUI sends meanwhile."""

from collections.abc import Mapping
from typing import Any

from daemon.runners.comfyui.documents import dict_in, list_in, number_in
from daemon.runners.comfyui.messages import ENDS, Message, PromptOutcome, outcome
from daemon.runners.comfyui.workflow import Graph, Output, label, upstream
from daemon.runners.runner import Progress


class PromptProgress:
    """How a prompt goes, as its messages tell it: `is_running`, `has_ended`, and how far it is."""

    def __init__(self, id_: str, graph: Graph, outputs: tuple[Output, ...]) -> None:
        self.id = id_
        self.graph = graph
        self.is_running = False
        self.has_ended = False
        self._said: list[Message] = []
        self._outputs: dict[str, Any] = {}
        nodes = {node for each in outputs for node in (each.node, *upstream(graph, each.node))}
        self._parts = {node: _weight(graph[node]) for node in nodes}
        self._done: dict[str, float] = {}
        self._at: str | None = None
        self._fraction = 0.0

    def update(self, message: Any) -> Progress | None:
        """Take in a message; how far the prompt is, where it says something of that."""
        match message:
            case {"type": str(kind), "data": dict(data)} if data.get("prompt_id") == self.id:
                return self._apply(kind, data)
        return None

    def outcome(self) -> PromptOutcome:
        """How it ended, as far as was heard."""
        return outcome(self.graph, self._said, self._outputs, failed=False)

    def with_message(self, message: str, *, waits: bool = False) -> Progress:
        """Where it stands, with a message of our own; `waits`: nobody is at it."""
        return Progress(self._fraction, message, waits)

    def _apply(self, kind: str, data: dict[str, Any]) -> Progress | None:
        self.is_running = True
        node = str(data.get("display_node") or data.get("node"))
        match kind:
            case "execution_start":
                self._said.append((kind, data))
                return self.with_message("ComfyUI has begun")
            case "execution_cached":
                self._said.append((kind, data))
                self._done |= dict.fromkeys(map(str, list_in(data, "nodes")), 1.0)
                return None
            case "executing" if data.get("node") is not None:
                return self._enter(node)
            case "executing":
                self.has_ended = True
            case "executed":
                self._outputs[node] = data.get("output")
                self._done[node] = 1.0
            case "progress":
                return self._step(node, data)
            case "progress_state":
                return self._state(dict_in(data, "nodes"))
            case _ if kind in ENDS:
                self._said.append((kind, data))
                self.has_ended = True
        return None

    def _enter(self, node: str) -> Progress:
        """A node has begun; the one before it is done."""
        if self._at is not None and self._at != node:
            self._done[self._at] = 1.0
        self._at = node
        return self._progress(label(self.graph, node))

    def _step(self, node: str, data: Mapping[str, Any]) -> Progress | None:
        value, most = number_in(data.get("value")), number_in(data.get("max"))
        if value is None or not most or most < 0:
            return None
        self._done[node] = max(self._done.get(node, 0.0), min(value / most, 1.0))
        steps = f", step {value:.0f} of {most:.0f}" if most > 1 else ""
        return self._progress(label(self.graph, node) + steps)

    def _state(self, nodes: Mapping[str, Any]) -> Progress | None:
        """Take in where every node stands; the message is of the last one that runs."""
        progress = None
        for key, each in nodes.items():
            if not isinstance(each, dict):
                continue
            node = str(each.get("display_node_id") or key)
            if each.get("state") == "finished" and node == key:  # a part of an expanded node is not all of it
                self._done[node] = 1.0
            elif each.get("state") == "running":
                progress = self._step(node, each) or progress
        return progress

    def _progress(self, message: str) -> Progress:
        whole = sum(self._parts.values())
        done = sum(part * self._done.get(node, 0.0) for node, part in self._parts.items())
        self._fraction = max(self._fraction, min(done / whole, 1.0) if whole else 0.0)
        return self.with_message(message)


def _weight(node: Mapping[str, Any]) -> float:
    """What a node counts for: a sampler takes its steps, and next to that every other one takes no time."""
    steps = node["inputs"].get("steps")
    return float(steps) if isinstance(steps, int) and 1 <= steps <= 10_000 else 1.0
