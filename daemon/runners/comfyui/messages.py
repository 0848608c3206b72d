"""What ComfyUI says: its queue, its history, the messages of a job, and its refusals, put into our words.

Pure: documents in, facts out. Anything that is not in the shape that we know is passed over, since every
custom node may add its own.
"""

from collections.abc import Iterator, Mapping
from math import isfinite
from pathlib import PurePosixPath
from typing import Any, Final, Literal, NamedTuple

from msgspec import Struct

from daemon.runners.comfyui.workflow import Graph, Output, described, label, shortened, upstream
from daemon.runners.runner import Progress
from daemon.watching.renders import parse
from projections.layout import Kind, Role, kind_of

Message = tuple[str, dict[str, Any]]
"""The type of a message, and its data."""

MARK: Final = "takes"
"""Our key in a prompt's extra data, by which it is known again; no saver writes it into a file."""

INTERRUPTED: Final = "it was interrupted in ComfyUI"

_ENDS: Final = ("execution_success", "execution_error", "execution_interrupted")
_RANK: Final[dict[Kind | None, int]] = {"video": 0, "image": 1, "audio": 2}
_LONGEST = 600
"""Characters of an error; some list every model that there is."""


class Prompt(NamedTuple):
    """A job as ComfyUI keeps it: its id, the take that it is for, the graph, and its place in the order of all."""

    id: str
    job: str | None
    graph: Graph
    number: float = 0.0


class OutputFile(NamedTuple):
    """A file that ComfyUI says it has written, and the node that did; and the `picture` that it wrote with it."""

    node: str
    name: str
    subfolder: str
    kind: Kind
    store: str
    picture: str = ""

    @property
    def companions(self) -> dict[Role, "OutputFile"]:
        """The other files of the same render, as its name tells; they need not be there."""
        name = parse(self.name)
        found: dict[Role, str] = {"picture": self.picture} if self.picture else {}
        if name and name.part == "sound":
            found["silent"] = f"{name.key}{PurePosixPath(self.name).suffix}"
        return {
            role: OutputFile(self.node, one, self.subfolder, self.kind, self.store)
            for role, one in found.items()
        }

    @property
    def is_below(self) -> bool:
        """Whether it lies below ComfyUI's own folder, as far as its subfolder tells."""
        parts = self.subfolder.split("/")
        return ".." not in parts and not (parts[0] == "" and len(parts) > 1) and parts[0][1:2] != ":"

    @property
    def left(self) -> str | None:
        """Where it lies in ComfyUI's output folder; None for one that ComfyUI itself throws away."""
        folder = self.subfolder.strip("/")
        path = f"{folder}/{self.name}" if folder else self.name
        return path if self.store == "output" else None


class PromptOutcome(Struct, frozen=True):
    """How a job ended: with what its nodes reported, which of them were answered from the cache, or why not.

    `started` is in ms, by ComfyUI's clock, and `seconds` how long it took.
    """

    state: Literal["success", "error", "interrupted"]
    outputs: Mapping[str, Any]
    cached: frozenset[str]
    reason: str = ""
    started: float | None = None
    seconds: float | None = None


def prompt(item: Any) -> Prompt | None:
    """A prompt as it stands in the queue and in the history: `[number, id, graph, extra data, …]`."""
    match item:
        case [number, str(id_), dict(graph), extra, *_]:
            mark = extra.get(MARK) if isinstance(extra, dict) else None
            job = mark.get("id") if isinstance(mark, dict) else None
            return Prompt(id_, job if isinstance(job, str) else None, graph, _number(number) or 0.0)
    return None


def queued(document: Any) -> tuple[list[Prompt], list[Prompt]]:
    """What runs, and what waits, of an answer of /queue, in order."""
    running, waiting = (
        [found for item in _list(document, name) if (found := prompt(item))]
        for name in ("queue_running", "queue_pending")
    )
    return running, sorted(waiting, key=lambda each: each.number)


def remembered(document: Any) -> Iterator[tuple[Prompt, PromptOutcome]]:
    """The prompts in an answer of /history that are through, and how each ended."""
    for record in document.values() if isinstance(document, dict) else ():
        found = prompt(record.get("prompt")) if isinstance(record, dict) else None
        if found:
            yield found, _ended(found.graph, record)


def _ended(graph: Graph, record: Mapping[str, Any]) -> PromptOutcome:
    status = _dict(record, "status")
    said = [(each[0], each[1]) for each in _list(status, "messages") if _is_message(each)]
    failed = status.get("status_str") == "error"
    return outcome(graph, said, _dict(record, "outputs"), failed=failed)


def outcome(graph: Graph, said: list[Message], outputs: Mapping[str, Any], *, failed: bool) -> PromptOutcome:
    """How a job ended, from all that was said of it."""
    by = dict(said)
    cached = frozenset(map(str, _list(by.get("execution_cached"), "nodes")))
    started, ended = (_number(_dict(by, kind).get("timestamp")) for kind in ("execution_start", _ENDS[0]))
    if "execution_interrupted" in by:
        return PromptOutcome("interrupted", outputs, cached, INTERRUPTED, started)
    if failed or "execution_error" in by:
        return PromptOutcome("error", outputs, cached, _failure(graph, by.get("execution_error")), started)
    seconds = (ended - started) / 1000 if started is not None and ended is not None else None
    return PromptOutcome("success", outputs, cached, "", started, seconds)


def _failure(graph: Graph, error: dict[str, Any] | None) -> str:
    if not error:
        return "ComfyUI says that it failed, and not why"
    node = _blamed(graph, error)
    message = (
        error.get("exception_message") or error.get("exception_type") or "it failed and does not say why"
    )
    return f"{node}: {shortened(str(message), _LONGEST)}"


def _blamed(graph: Graph, error: Mapping[str, Any]) -> str:
    node = str(error.get("node_id"))
    return described(graph, node) if node in graph else str(error.get("node_type") or f"node {node}")


def refusal(graph: Graph, document: Any) -> str:
    """Why ComfyUI takes a workflow not at all, or not all of it."""
    errors = "; ".join(_complaints(graph, document))
    if errors:
        return f"ComfyUI refuses the workflow: {errors}"
    error = document.get("error") if isinstance(document, dict) else None
    return (
        f"ComfyUI refuses the workflow: {_sentence(error if isinstance(error, dict) else {'message': error})}"
    )


def _complaints(graph: Graph, document: Any) -> Iterator[str]:
    for node, found in _dict(document, "node_errors").items():
        for error in _list(found, "errors"):
            at = _dict(error, "extra_info").get("input_name")
            yield f"{described(graph, node)}{f', {at}' if at else ''}: {_sentence(error)}"


def _sentence(error: Any) -> str:
    if not isinstance(error, dict):
        return "it does not say why"
    message, details = str(error.get("message") or "it does not say why"), str(error.get("details") or "")
    return shortened(f"{message} ({details})" if details and details not in message else message, _LONGEST)


def has_queue_moved(message: Any) -> bool:
    """Whether a message says that something was put in the queue, or taken out."""
    return isinstance(message, dict) and message.get("type") == "status"


def spoilt(graph: Graph, document: Any, outputs: tuple[Output, ...]) -> bool:
    """Whether none of the outputs will be made of a workflow that was taken in part."""
    errors = _dict(document, "node_errors")
    lost = {name for found in errors.values() for name in _list(found, "dependent_outputs")} | errors.keys()
    return bool(lost) and all(node in lost or upstream(graph, node) & lost for node, _ in outputs)


def vram_in_use(document: Any) -> float | None:
    """The memory in use on the graphics cards, in MB, of an answer of /system_stats; None without any."""
    cards = [
        each for each in _list(document, "devices") if isinstance(each, dict) and each.get("type") != "cpu"
    ]
    pairs = [(_number(card.get("vram_total")), _number(card.get("vram_free"))) for card in cards]
    used = [total - free for total, free in pairs if total is not None and free is not None]
    return round(sum(used) / 2**20, 1) if used else None


# What was made.


def output_files(outcome: PromptOutcome, outputs: tuple[Output, ...]) -> list[OutputFile]:
    """The media that those nodes report, the one that is most likely meant first."""
    found = [
        (each, file) for each in outputs for file in _reported(each.node, outcome.outputs.get(each.node))
    ]
    return [file for each, file in sorted(found, key=lambda pair: _order(*pair))]


def _order(wanted: Output, file: OutputFile) -> tuple[bool, bool, int]:
    return (
        wanted.kind is not None and file.kind != wanted.kind,
        file.store != "output",
        _RANK[file.kind],
    )


def _reported(node: str, said: Any) -> Iterator[OutputFile]:
    """The files in what a node reports, under whichever name: images, gifs, audio, video."""
    for listed in said.values() if isinstance(said, dict) else ():
        for file in listed if isinstance(listed, list) else ():
            match file:
                case {"filename": str(name)} if _is_name(name) and (kind := kind_of(name)):
                    subfolder = str(file.get("subfolder") or "").replace("\\", "/")
                    picture = str(file.get("workflow") or "")
                    store = str(file.get("type") or "output")
                    has_one = kind_of(picture) == "image" and _is_name(picture)
                    yield OutputFile(node, name, subfolder, kind, store, picture if has_one else "")


def _is_name(name: str) -> bool:
    """Whether it names a file and no folder, however that machine writes one."""
    return not any(one in "/\\" or one < " " for one in name)


def is_stale(graph: Graph, outcome: PromptOutcome, node: str, given: set[str], *, again: bool) -> bool:
    """Whether an output is nothing new: answered from the cache, or saved anew from what was.

    `given` are the nodes that hold a parameter of the request: a saver that does has made something of it.
    `again`: an earlier attempt of ours may be what is in the cache, and then only the saver has to have run.
    """
    if node in outcome.cached:
        return True
    before = upstream(graph, node)
    return not again and node not in given and bool(before) and before <= outcome.cached


# How it goes.


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
                self._done |= dict.fromkeys(map(str, _list(data, "nodes")), 1.0)
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
                return self._state(_dict(data, "nodes"))
            case _ if kind in _ENDS:
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
        value, most = _number(data.get("value")), _number(data.get("max"))
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


# Documents of any shape.


def _is_message(each: Any) -> bool:
    return (
        isinstance(each, list) and len(each) == 2 and isinstance(each[0], str) and isinstance(each[1], dict)
    )


def _dict(found: Any, name: str) -> dict[str, Any]:
    inner = found.get(name) if isinstance(found, dict) else None
    return inner if isinstance(inner, dict) else {}


def _list(found: Any, name: str) -> list[Any]:
    inner = found.get(name) if isinstance(found, dict) else None
    return inner if isinstance(inner, list) else []


def _number(found: Any) -> float | None:
    is_number = isinstance(found, int | float) and not isinstance(found, bool)
    return float(found) if is_number and isfinite(found) else None
