"""What ComfyUI says: its queue, its history, the messages of a job, and its refusals, put into our words.

Pure: documents in, facts out. Anything that is not in the shape that we know is passed over, since every
custom node may add its own.
"""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any, Final, Literal, NamedTuple

from msgspec import Struct

from daemon.runners.comfyui.documents import dict_in, list_in, number_in
from daemon.runners.comfyui.workflow import Graph, Output, described, shortened, upstream
from daemon.watching.renders import parse
from projections.layout import Kind, Role, kind_of

Message = tuple[str, dict[str, Any]]
"""The type of a message, and its data."""

MARK: Final = "takes"
"""Our key in a prompt's extra data, by which it is known again; no saver writes it into a file."""

INTERRUPTED: Final = "it was interrupted in ComfyUI"

ENDS: Final = ("execution_success", "execution_error", "execution_interrupted")
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
            return Prompt(id_, job if isinstance(job, str) else None, graph, number_in(number) or 0.0)
    return None


def queued(document: Any) -> tuple[list[Prompt], list[Prompt]]:
    """What runs, and what waits, of an answer of /queue, in order."""
    running, waiting = (
        [found for item in list_in(document, name) if (found := prompt(item))]
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
    status = dict_in(record, "status")
    said = [(each[0], each[1]) for each in list_in(status, "messages") if _is_message(each)]
    failed = status.get("status_str") == "error"
    return outcome(graph, said, dict_in(record, "outputs"), failed=failed)


def _is_message(each: Any) -> bool:
    return (
        isinstance(each, list) and len(each) == 2 and isinstance(each[0], str) and isinstance(each[1], dict)
    )


def outcome(graph: Graph, said: list[Message], outputs: Mapping[str, Any], *, failed: bool) -> PromptOutcome:
    """How a job ended, from all that was said of it."""
    by = dict(said)
    cached = frozenset(map(str, list_in(by.get("execution_cached"), "nodes")))
    started, ended = (number_in(dict_in(by, kind).get("timestamp")) for kind in ("execution_start", ENDS[0]))
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
    for node, found in dict_in(document, "node_errors").items():
        for error in list_in(found, "errors"):
            at = dict_in(error, "extra_info").get("input_name")
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
    errors = dict_in(document, "node_errors")
    lost = {name for found in errors.values() for name in list_in(found, "dependent_outputs")} | errors.keys()
    return bool(lost) and all(node in lost or upstream(graph, node) & lost for node, _ in outputs)


def vram_in_use(document: Any) -> float | None:
    """The memory in use on the graphics cards, in MB, of an answer of /system_stats; None without any."""
    cards = [
        each for each in list_in(document, "devices") if isinstance(each, dict) and each.get("type") != "cpu"
    ]
    pairs = [(number_in(card.get("vram_total")), number_in(card.get("vram_free"))) for card in cards]
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
