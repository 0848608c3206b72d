"""The graph: what ComfyUI ran to make a file, read backwards from where it was saved.

A node is `{"class_type", "inputs"}`, an input a value or a link `[node id, output]`. Nodes are known by the
names of their inputs rather than by their own, of which there are thousands; where two ways lead to two
answers there is none.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from events import Params

Graph = Mapping[str, Mapping[str, Any]]

_SETTINGS: Final[dict[str, tuple[Any, ...]]] = {
    "seed": (int, "seed", "noise_seed"),
    "steps": (int, "steps"),
    "cfg": (float, "cfg", "cfg_conds", "guidance_scale"),
    "sampler": (str, "sampler_name"),
    "scheduler": (str, "scheduler"),
    "denoise": (float, "denoise", "denoise_strength"),
}
"""Our name of a setting, its kind, and the inputs that hold it."""

_AROUND: Final = ("noise", "guider", "sampler")
"""The links from a sampler to nodes that hold some of its settings."""

_SAMPLED: Final = frozenset({"latent_image", "samples", "latent", "image_embeds"})
"""The inputs by which a node with a seed is known to sample."""

_MODELS: Final = ("unet_name", "ckpt_name", "model_name", "model", "model_path")
_TEXTS: Final = ("text", "prompt", "t5xxl", "clip_l", "clip_g", "text_g", "text_l", "positive_prompt")
_POSITIVE: Final = ("positive", "conditioning", "cond1", "text_embeds")
_ONWARDS: Final = ("conditioning", "conditioning_1", "conditioning_2", "conditioning_to", "conditioning_from")


class Link(NamedTuple):
    """Where an input comes from: a node, and which of its outputs."""

    node: str
    output: int


def is_graph(found: Any) -> bool:
    """Whether this is a graph that ComfyUI has run: nodes and nothing else."""
    return (
        isinstance(found, dict)
        and bool(found)
        and all(
            isinstance(node, dict) and "class_type" in node and isinstance(node.get("inputs"), dict)
            for node in found.values()
        )
    )


def read(graph: Graph, name: str = "") -> Params:
    """The parameters of the file of that name; of no file where several were saved and differ."""
    found = [_params(graph, start) for start in _starts(graph, name)]
    return found[0] if found and all(one == found[0] for one in found) else {}


def _starts(graph: Graph, name: str) -> list[str]:
    """The nodes that saved the file: by their prefix, else all that save, else all that nobody reads from."""
    saving = _saving(graph)
    longest = max((len(stem) for stem in saving.values() if name.startswith(stem)), default=0)
    matching = [key for key, stem in saving.items() if longest and stem == name[:longest]]
    return matching or list(saving) or _ends(graph)


def _saving(graph: Graph) -> dict[str, str]:
    """The nodes that save, and what the names of their files begin with."""
    prefixes = {key: node["inputs"].get("filename_prefix") for key, node in graph.items()}
    return {key: _stem(prefix) for key, prefix in prefixes.items() if isinstance(prefix, str)}


def _ends(graph: Graph) -> list[str]:
    read_from = {link.node for key in graph for link in _links(graph, key)}
    return [key for key in graph if key not in read_from]


def _stem(prefix: str) -> str:
    """What the files of a prefix begin with, as far as it holds no placeholder such as `%date%`."""
    return prefix.replace("\\", "/").rpartition("/")[2].partition("%")[0]


def _params(graph: Graph, start: str) -> Params:
    """The parameters of what was saved at that node: of its first sampler, and all samplers as stages."""
    samplers = [key for key in _upstream(graph, start) if _samples(graph, key)]
    stages = [_stage(graph, key) for key in samplers]
    noisy = [n for n, key in enumerate(samplers) if _adds_noise(graph, key)]
    if not stages:
        return {}
    primary = noisy[-1] if noisy else len(stages) - 1
    params = {**_said(graph, samplers[primary]), **stages[primary]}
    return {**params, "stages": stages[::-1]} if len(stages) > 1 else params


def _upstream(graph: Graph, start: str) -> list[str]:
    """The nodes that one depends on, itself among them, the nearest first."""
    seen, order = {start}, [start]
    for key in order:
        fresh = [link.node for link in _links(graph, key) if link.node not in seen]
        order.extend(dict.fromkeys(fresh))
        seen.update(fresh)
    return order


def _samples(graph: Graph, key: str) -> bool:
    inputs = graph[key]["inputs"]
    seeded = not inputs.keys().isdisjoint({"seed", "noise_seed", "noise"})
    return (
        seeded
        and not inputs.keys().isdisjoint({"model", "guider"})
        and not inputs.keys().isdisjoint(_SAMPLED)
    )


def _adds_noise(graph: Graph, key: str) -> bool:
    noise = _link(graph, key, "noise")
    quiet = noise is not None and graph[noise.node]["class_type"] == "DisableNoise"
    return not quiet and graph[key]["inputs"].get("add_noise") not in {"disable", False}


def _stage(graph: Graph, key: str) -> Params:
    """The model and settings of one sampler, its own or those of the nodes around it."""
    nodes = [key, *_around(graph, key)]
    found: Params = {"model": _model(graph, nodes)}
    for ours, (kind, *names) in _SETTINGS.items():
        found[ours] = _first(graph, nodes, names, kind)
    found["loras"] = _loras(graph, nodes)
    return {name: value for name, value in found.items() if value not in (None, [])}


def _around(graph: Graph, key: str) -> list[str]:
    """The nodes that hold settings for a sampler; its noise levels can come through several."""
    found = [link.node for name in _AROUND if (link := _link(graph, key, name))]
    return [*found, *_along(graph, [key], "sigmas")]


def _first(graph: Graph, nodes: list[str], names: list[str], kind: type) -> Any:
    found = (_value(graph, node, name, kind) for node in nodes for name in names)
    return next((value for value in found if value is not None), None)


def _model(graph: Graph, keys: list[str]) -> str | None:
    """The file that the model was loaded from."""
    found = _first(graph, list(_along(graph, keys, "model")), list(_MODELS), str)
    return None if found is None else str(found)


def _loras(graph: Graph, keys: list[str]) -> list[Params]:
    """The LoRAs between the model and the sampler, the model's end first."""
    found = []
    for key in _along(graph, keys, "model"):
        name, strength = _value(graph, key, "lora_name", str), _value(graph, key, "strength_model", float)
        if name is not None:
            found.append({"name": name} if strength is None else {"name": name, "strength": strength})
    return found[::-1]


def _along(graph: Graph, keys: list[str], name: str) -> Iterator[str]:
    """The nodes along the links of that name, upstream from the first of `keys` that has one."""
    start = next((link for key in keys if (link := _link(graph, key, name))), None)
    seen: set[str] = set()
    while start and start.node not in seen:
        seen.add(start.node)
        yield start.node
        start = _link(graph, start.node, name)


def _said(graph: Graph, key: str) -> Params:
    """The prompts that a sampler follows, and the guidance that was mixed into them."""
    guider = _link(graph, key, "guider")
    source = guider.node if guider else key
    positive = next((link for name in _POSITIVE if (link := _link(graph, source, name))), None)
    texts, guidance = _texts(graph, positive)
    against, _ = _texts(graph, _link(graph, source, "negative"))
    if embedded := _link(graph, source, "text_embeds"):
        against.append(_value(graph, embedded.node, "negative_prompt", str) or "")
    found: Params = {"prompt": "\n".join(texts), "negativePrompt": "\n".join(against)}
    found = {name: text for name, text in found.items() if text}
    return found if guidance is None else {**found, "guidance": guidance, "cfg": guidance}


def _texts(graph: Graph, link: Link | None) -> tuple[list[str], Any]:
    """The texts upstream of a conditioning, and the guidance on the way; a node with two sides keeps them apart."""
    texts: list[str] = []
    guidance, waiting, seen = None, [link], set()
    while waiting:
        link = waiting.pop(0)
        if link is None or link in seen or graph[link.node]["class_type"] == "ConditioningZeroOut":
            continue
        seen.add(link)
        if guidance is None:
            guidance = _value(graph, link.node, "guidance", float)
        own = _own_text(graph, link.node)
        if own is None:
            waiting += _onwards(graph, link)
        else:
            texts.append(own)
    return texts, guidance


def _has_sides(graph: Graph, key: str) -> bool:
    inputs = graph[key]["inputs"]
    return "positive" in inputs and "negative" in inputs


def _own_text(graph: Graph, key: str) -> str | None:
    if _has_sides(graph, key):
        return None
    return next((text for name in _TEXTS if (text := _value(graph, key, name, str))), None)


def _onwards(graph: Graph, link: Link) -> list[Link | None]:
    """Where the texts of a conditioning come from, which is made of others."""
    sides = ["negative" if link.output == 1 else "positive"]
    names = sides if _has_sides(graph, link.node) else _ONWARDS
    return [_link(graph, link.node, name) for name in names]


def _value(graph: Graph, key: str, name: str, kind: type) -> Any:
    """An input's value, if it is of that kind; through links, from nodes that only stand for a value."""
    value = graph[key]["inputs"].get(name)
    for _ in range(len(graph)):
        link = _as_link(graph, value)
        if link is None:
            break
        value = _only_value(graph[link.node]["inputs"])
    return value if _is(value, kind) else None


def _only_value(inputs: Mapping[str, Any]) -> Any:
    """What a node hands on unchanged; None from a node that may make something else of it."""
    values = [value for name, value in inputs.items() if name != "control_after_generate"]
    return values[0] if len(values) == 1 else None


def _is(value: Any, kind: type) -> bool:
    if isinstance(value, bool):
        return False
    return isinstance(value, int | float) if kind is float else isinstance(value, kind)


def _link(graph: Graph, key: str, name: str) -> Link | None:
    return _as_link(graph, graph[key]["inputs"].get(name))


def _links(graph: Graph, key: str) -> list[Link]:
    found = (_as_link(graph, value) for value in graph[key]["inputs"].values())
    return [link for link in found if link]


def _as_link(graph: Graph, value: Any) -> Link | None:
    match value:
        case [str(node), int(output)] if node in graph:
            return Link(node, output)
    return None
