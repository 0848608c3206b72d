"""The workflow: a graph of ComfyUI in API format, what its nodes' titles bind in it, and which of them makes the take.

Pure: JSON in, a graph out. In a title, `(Input:seed)` binds a parameter, `(Input:guidance=cfg)` also names the
node's input, and `(Output:video)` says whose file is the take.
"""

import copy
import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Any, Final, NamedTuple, get_args

from msgspec import Struct

from daemon.runners.choice import BadWorkflow
from daemon.runners.runner import JobFailed
from events import Params, Quality
from projections.layout import Kind

Graph = dict[str, dict[str, Any]]

PREFIX: Final = "filename_prefix"
"""The input by which every node that saves a file is known."""

_MARK: Final = re.compile(r"\(\s*(input|output)\s*(?::([^()]*))?\)", re.IGNORECASE)

_NAMES: Final = ("prompt", "negativePrompt", "seed", "steps", "cfg", "model", "quality")
"""The parameters that a title may also write in other letters: `(Input:Negative_Prompt)`."""

_PLACES: Final[dict[str, tuple[str, ...]]] = {
    "prompt": ("text", "prompt", "positive_prompt", "positive", "value", "string"),
    "negativePrompt": ("negative_prompt", "negative", "text", "prompt", "value", "string"),
    "seed": ("seed", "noise_seed", "value"),
    "model": ("unet_name", "ckpt_name", "model_name", "model", "model_path", "value"),
}
"""The inputs that a parameter may be meant for, the likeliest first."""

_EDITOR: Final = frozenset({"control_after_generate"})
"""Inputs that are the editor's own business."""


class BadValue(JobFailed):
    """Raised when a parameter's value cannot stand where the workflow wants it; `field` is its name."""

    hint = "Ask for another take with a value of that kind."

    def __init__(self, field: str, value: object, kind: str, node: str) -> None:
        super().__init__(f"{field}: {shortened(repr(value), 80)} is not {kind}, which {node} needs there")
        self.field = field


class Binding(NamedTuple):
    """A parameter's name, and the node and input that it is for."""

    name: str
    node: str
    input: str


class Output(NamedTuple):
    """A node whose file may be the take, and the kind that its title asks for."""

    node: str
    kind: Kind | None


class Workflow(Struct, frozen=True):
    """A graph, what is bound in it, and the nodes that its file comes from."""

    graph: Graph
    bindings: tuple[Binding, ...]
    outputs: tuple[Output, ...]

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names of the parameters that are bound, each once."""
        return tuple(dict.fromkeys(binding.name for binding in self.bindings))

    def value(self, name: str) -> Any:
        """What stands in the graph for that parameter; None where its places do not say the same."""
        found = [self.graph[node]["inputs"][at] for bound, node, at in self.bindings if bound == name]
        return found[0] if found and all(one == found[0] for one in found) else None


def parse(text: bytes, where: str) -> Workflow:
    """The workflow in a file's bytes; BadWorkflow says what is wrong with it, and names the file."""
    try:
        found = json.loads(text.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise BadWorkflow(where, f"it is not JSON ({error})") from error
    return understand(found, where)


def understand(found: Any, where: str) -> Workflow:
    """The workflow in a JSON value: a graph in API format, or an object with one as its `prompt`."""
    if _is_drawing(found):
        raise BadWorkflow(
            where,
            'it is the drawing of the editor, and not what ComfyUI runs: export it there with "Export (API)", '
            'in older ones "Save (API Format)"',
        )
    graph = found["prompt"] if isinstance(found, dict) and _is_wrapped(found) else found
    _check(graph, where)
    try:
        bindings, outputs = tuple(_bindings(graph)), tuple(_outputs(graph))
    except ValueError as error:
        raise BadWorkflow(where, str(error)) from error
    if not outputs:
        raise BadWorkflow(where, "no node of it saves a file: give the one that does the title (Output)")
    return Workflow(graph, bindings, outputs)


def _is_drawing(found: Any) -> bool:
    return isinstance(found, dict) and isinstance(found.get("nodes"), list) and "links" in found


def _is_wrapped(found: dict[str, Any]) -> bool:
    return isinstance(found.get("prompt"), dict) and "class_type" not in found["prompt"]


def _check(graph: Any, where: str) -> None:
    if not isinstance(graph, dict) or not graph:
        raise BadWorkflow(where, "it is not a workflow in API format")
    for key, node in graph.items():
        match node:
            case {"class_type": str(), "inputs": dict()}:
                pass
            case _:
                raise BadWorkflow(where, f"it is not a workflow in API format: {key!r} in it is no node")


def _bindings(graph: Graph) -> Iterator[Binding]:
    for key in graph:
        for said in _marks(graph, key, "input"):
            name, _, at = (part.strip() for part in said.partition("="))
            if not name:
                raise ValueError(f"the title of {label(graph, key)} (node {key}) names no parameter")
            name = _known(name)
            yield Binding(name, key, _input(graph, key, name, at))


def _outputs(graph: Graph) -> list[Output]:
    """The nodes with a title that says so; where there is none, all that save."""
    titled = [Output(key, _kind(graph, key, said)) for key in graph for said in _marks(graph, key, "output")]
    return titled or [Output(key, None) for key, node in graph.items() if PREFIX in node["inputs"]]


def _kind(graph: Graph, key: str, said: str) -> Kind | None:
    kinds: dict[str, Kind] = {kind: kind for kind in get_args(Kind)}
    if said and said.lower() not in kinds:
        raise ValueError(
            f"{label(graph, key)} (node {key}): an output is {', '.join(kinds)}, and not {said!r}"
        )
    return kinds.get(said.lower())


def _marks(graph: Graph, key: str, word: str) -> Iterator[str]:
    """What the marks of that word say in a node's title: `seed` for `(Input:seed)`."""
    for match in _MARK.finditer(_title(graph, key)):
        if match[1].lower() == word:
            yield (match[2] or "").strip()


def _known(name: str) -> str:
    plain = re.sub(r"[\s_-]", "", name).lower()
    return next((known for known in _NAMES if known.lower() == plain), name)


def _input(graph: Graph, key: str, name: str, at: str) -> str:
    """Which input of the node a parameter is for."""
    literals = [each for each in _literals(graph[key]) if each not in _EDITOR]
    if at:
        places: Iterable[str] = (at,)
    else:
        places = (
            *_PLACES.get(name, ()),
            name,
            _snake(name),
            "value",
            *(literals if len(literals) == 1 else ()),
        )
    found = next((place for place in places if place in literals), None)
    if found is None:
        raise ValueError(
            f"{label(graph, key)} (node {key}) has no value of its own for (Input:{name}{at and '=' + at}); "
            f"it has {', '.join(literals) or 'none at all'}: name one as (Input:{name}=input), or give the "
            "title to the node that the value comes from"
        )
    return found


def _literals(node: Mapping[str, Any]) -> list[str]:
    return [name for name, value in node["inputs"].items() if not _is_link(value)]


def _is_link(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and isinstance(value[0], str) and type(value[1]) is int


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


# What a request makes of it.


def filled(workflow: Workflow, params: Params, quality: Quality | None) -> Workflow:
    """The workflow with what was asked for in its places; all else stays. BadValue where a value does not fit."""
    graph = copy.deepcopy(workflow.graph)
    given: Params = {**params, "quality": quality or params.get("quality")}
    for name, key, at in workflow.bindings:
        if given.get(name) is not None:
            field = "quality" if name == "quality" else f"generationParams.{name}"
            inputs = graph[key]["inputs"]
            inputs[at] = _converted(given[name], inputs[at], field, described(graph, key))
    return Workflow(graph, workflow.bindings, workflow.outputs)


def _converted(value: Any, standing: Any, field: str, node: str) -> Any:
    """The value as the kind of what stands there."""
    if type(standing) not in _KINDS:
        return value
    kind, convert = _KINDS[type(standing)]
    found = convert(value)
    if found is None:
        raise BadValue(field, value, kind, node)
    return found


def _as_bool(value: Any) -> bool | None:
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip().lower())
    return value if isinstance(value, bool) else None


def _as_int(value: Any) -> int | None:
    if isinstance(value, str) and re.fullmatch(r"\s*[+-]?[0-9]{1,30}\s*", value):
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if math.isfinite(value) and value == int(value) else None


def _as_float(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _as_text(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return str(value)


_KINDS: Final[dict[type, tuple[str, Callable[[Any], Any]]]] = {
    bool: ("true or false", _as_bool),
    int: ("a whole number", _as_int),
    float: ("a number", _as_float),
    str: ("text", _as_text),
}
"""What a value has to be, and how to make it that, by the kind of what stands in the workflow."""


def seed_for(job: str) -> int:
    """The seed of a job that was asked for without one: the same whenever it is begun, and safe in JavaScript."""
    return int.from_bytes(sha256(f"seed of {job}".encode()).digest()[:8]) >> 11


def named(workflow: Workflow, stem: str, project: str, shot: str) -> Workflow:
    """The workflow with the outputs' files named `stem`, in the folders that it says.

    `{project}` and `{shot}` in those become the film's folder and the shot's path.
    """
    graph = copy.deepcopy(workflow.graph)
    for node, _ in workflow.outputs:
        prefix = graph[node]["inputs"].get(PREFIX)
        if isinstance(prefix, str):
            folder, slash, _ = prefix.replace("\\", "/").rpartition("/")
            folder = folder.replace("{project}", project).replace("{shot}", shot)
            graph[node]["inputs"][PREFIX] = f"{folder}{slash}{stem}"
    return Workflow(graph, workflow.bindings, workflow.outputs)


# What can be said of it.


def upstream(graph: Graph, node: str) -> set[str]:
    """The nodes that one depends on, without itself."""
    found: set[str] = set()
    waiting = [node]
    while waiting:
        inputs = graph[waiting.pop()]["inputs"].values()
        fresh = {value[0] for value in inputs if _is_link(value) and value[0] in graph} - found
        found |= fresh
        waiting.extend(fresh)
    return found - {node}


def label(graph: Graph, node: str) -> str:
    """What a person calls a node: its title without the marks, else its class."""
    title = " ".join(_MARK.sub(" ", _title(graph, node)).split())
    return title or _class(graph, node)


def described(graph: Graph, node: str) -> str:
    """A node for an error: its class, and its title where that says more."""
    title, kind = label(graph, node), _class(graph, node)
    return kind if title == kind else f"{kind} ({title})"


def _title(graph: Graph, node: str) -> str:
    meta = graph.get(node, {}).get("_meta")
    title = meta.get("title") if isinstance(meta, dict) else None
    return title if isinstance(title, str) else ""


def _class(graph: Graph, node: str) -> str:
    return str(graph.get(node, {}).get("class_type", f"node {node}"))


def shortened(text: str, most: int) -> str:
    """The text on one line, cut where it is too long."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"
