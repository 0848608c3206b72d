"""Models: which files made a picture, from the sampler up to the loaders, and the LoRAs on the way."""

import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from projections.recipes.graph.nodes import Found, Link, Node, What
from projections.recipes.graph.values import Values, number, text, truth, whole

_MOST: Final = 100
_MOST_FILES: Final = 20
_DEEPEST: Final = 20
"""LoRAs and files that are told of one model, and merges of merges."""

_WEIGHTS: Final = re.compile(r"\.(safetensors|sft|gguf|ckpt|pth?|bin|onnx)$", re.IGNORECASE)
_NONE: Final = frozenset({"", "none", "no", "null", "undefined"})
_UNNAMED: Final = frozenset({"", "None", "none", "NONE"})
_MERGED: Final = re.compile(r"(model|unet)_?([12ab])")
_ONE_OF_MANY: Final = re.compile(r"lora_?(?:name_)?(\d{1,3})(?:_name)?")
_TAG: Final = re.compile(r"<lora:([^:<>]+)(?::(-?[\d.]+))?[^<>]*>")


class Model(NamedTuple):
    """The files of a model, the LoRAs that a node puts onto it, and the models that they are put onto."""

    files: tuple[Found, ...] = ()
    own: tuple[Found, ...] = ()
    before: "tuple[Model, ...]" = ()

    def file(self) -> Found | None:
        """The file, or the files of a merge; none where one of them cannot be known."""
        if not self.files:
            return None
        files = list(dict.fromkeys(one.value for one in self.files))
        first = self.files[0].node
        if None in files:
            return Found(None, first)
        return Found(files[0] if len(files) == 1 else files, first, all(one.sure for one in self.files))

    def loras(self) -> list[Found]:
        """All LoRAs, each once, the loader's end first."""
        found: list[Found] = []
        waiting, seen = [self], {id(self)}
        while waiting and len(found) < _MOST:
            model = waiting.pop()
            found += model.own[::-1]
            fresh = [one for one in model.before if id(one) not in seen]
            seen.update(map(id, fresh))
            waiting += fresh
        return found[::-1]


class Models:
    """Follows models upstream; what is known of a node's is kept."""

    def __init__(self, values: Values) -> None:
        self._values = values
        self._nodes = values.nodes
        self._known: dict[str, Model] = {}
        self._depth = 0

    def of(self, node: Node) -> Model:
        """The model that comes into a node, over its model's input or a pipe."""
        name = node.first("model_link", "pipe")
        start = self._values.resolve(node.inputs[name]) if name else None
        if isinstance(start, Link):
            return self._from(start)
        return Model() if start is None else Model((Found(text(start), node.key),))

    def _from(self, link: Link) -> Model:
        """The model of a link: down the chain to what is known, and back."""
        path: list[Node] = []
        model, source = Model((Found(None, link.node),)), self._values.resolve(link)
        while isinstance(source, Link) and (node := self._nodes.get(source.node)) and self._nodes.spend():
            if node.key in self._known:
                model = self._known[node.key]
                break
            self._known[node.key] = Model((Found(None, node.key),))  # a circle
            path.append(node)
            onward = self._onward(node)
            if onward is None:
                model = self._ending(node)
                break
            source = self._values.resolve(onward)
        for node in reversed(path):
            own = tuple(self._loras(node))
            model = self._known[node.key] = Model(model.files, own, (model,)) if own else model
        return model

    def _ending(self, node: Node) -> Model:
        """The model of a node that is put onto no other: of a loader, or of a merge."""
        merged = [node.linked[name] for name in node.linked if _MERGED.fullmatch(name)]
        if len(merged) < 2:
            file = self._own(node)
            return Model() if file is None else Model((file,))
        self._depth += 1
        models = tuple(self._from(one) for one in merged) if self._depth < _DEEPEST else ()
        self._depth -= 1
        files = tuple(dict.fromkeys(file for one in models for file in one.files))
        return Model(files[:_MOST_FILES] or (Found(None, node.key),), (), models)

    def _onward(self, node: Node) -> Link | None:
        if sum(1 for name in node.linked if _MERGED.fullmatch(name)) > 1:
            return None
        own = node.link("model_link")
        if own or node.first(self._model_names(node)):
            return own
        piped = node.link("pipe")
        if piped is None and node.family.first is not None:
            return next(iter(node.linked.values()), None)
        return piped

    def _model_names(self, node: Node) -> What:
        named = node.family.model_names
        return "model" if named is None else named

    def _own(self, node: Node) -> Found | None:
        """The file that a loader names; "None" is none."""
        file = self._values.of(node, self._model_names(node), text)
        if file is not None:
            return None if file.value in _UNNAMED else file
        if node.family.model_names is not None:
            return None
        weights = [one for one in node.inputs.values() if isinstance(one, str) and _WEIGHTS.search(one)]
        return Found(weights[0], node.key, sure=False) if len(weights) == 1 else Found(None, node.key)

    def _loras(self, node: Node) -> Iterator[Found]:
        """The LoRAs of a node on the model's way, and those in the stack that comes into it."""
        stack: Any = node.link("lora_link")
        seen: set[str] = {node.key}
        stacked: list[list[Found]] = [list(self._own_loras(node))]
        while isinstance(stack := self._values.resolve(stack), Link) and stack.node not in seen:
            beside = self._nodes.get(stack.node)
            if beside is None or not self._nodes.spend():
                break
            seen.add(beside.key)
            stacked.append(list(self._own_loras(beside)))
            stack = beside.link("lora_link")
        for one in reversed(stacked):
            yield from one

    def _own_loras(self, node: Node) -> Iterator[Found]:
        for name in node.family.lora_tags or ():
            yield from self._tagged(node, name)
        if isinstance(node.inputs.get("loras"), dict | list):
            yield from _listed(node)
        if node.first(("lora_name", "lora")) is not None and not isinstance(node.inputs.get("lora"), Link):
            name = "lora_name" if "lora_name" in node.inputs else "lora"
            yield from self._lora(node, name, _STRENGTHS)
        for name in list(node.inputs):
            numbered = _ONE_OF_MANY.fullmatch(name) if "lora" in name else None
            if numbered:
                yield from self._numbered(node, name, int(numbered[1]), numbered[1])

    def _numbered(self, node: Node, name: str, number_: int, written: str) -> Iterator[Found]:
        counted = self._values.of(node, ("lora_count", "num_loras"), whole)
        if counted and counted.is_known and number_ > counted.value:
            return
        if isinstance(node.inputs[name], dict):
            yield from _switched(node, node.inputs[name])
            return
        switch = node.first(
            (f"switch_{written}", f"lora_{written}_on", f"lora_on_{written}", f"enabled_{written}", "toggle")
        )
        if switch and truth(node.inputs[switch]) is False:
            return
        simple = node.inputs.get("input_mode", node.inputs.get("mode")) == "simple"
        forms = (*(_SIMPLE if simple else ()), *_NUMBERED, *_SIMPLE)
        strengths = tuple(
            form.format(one) for form in forms for one in dict.fromkeys((written, str(number_)))
        )
        yield from self._lora(node, name, strengths)

    def _lora(self, node: Node, name: str, strengths: What) -> Iterator[Found]:
        file = self._values.of(node, (name,), text)
        strength = self._values.of(node, strengths, number)
        if file is None or not file.is_known or file.value.lower() in _NONE:
            return
        sure = file.sure and (strength is None or (strength.is_known and strength.sure))
        if strength is None or not strength.is_known:
            yield Found({"name": file.value}, node.key, sure)
        elif strength.value:
            yield Found({"name": file.value, "strength": strength.value}, node.key, sure)

    def _tagged(self, node: Node, name: str) -> Iterator[Found]:
        written = self._values.of(node, (name,), text)
        for file, strength in _TAG.findall((written and written.value) or ""):
            value = number(strength or "1")
            if value:
                yield Found({"name": file, "strength": value}, node.key)


def _switched(node: Node, one: dict[str, Any]) -> Iterator[Found]:
    """A LoRA that is written as `{"on", "lora", "strength"}`."""
    name, strength = one.get("lora"), number(one.get("strength"))
    if (
        isinstance(name, str)
        and name.lower() not in _NONE
        and one.get("on", True) is not False
        and strength != 0
    ):
        yield Found({"name": name} if strength is None else {"name": name, "strength": strength}, node.key)


def _listed(node: Node) -> Iterator[Found]:
    """LoRAs that are written as a list of `{"name", "strength", "active"}`."""
    listed = node.inputs["loras"]
    listed = listed.get("__value__") if isinstance(listed, dict) else listed
    for one in listed if isinstance(listed, list) else ():
        if isinstance(one, dict) and one.get("active", True) is not False:
            yield from _switched(node, {**one, "lora": one.get("name", one.get("lora"))})


_STRENGTHS: Final = (
    *(
        "strength_model",
        "lora_model_strength",
        "model_strength",
        "strength",
        "lora_strength",
        "lora_weight",
        "weight",
    ),
)
_SIMPLE: Final = ("lora_wt_{}", "lora_{}_strength", "lora{}_strength", "strength_{}", "lora_weight_{}")
_NUMBERED: Final = (
    *(
        "model_str_{}",
        "model_weight_{}",
        "lora_{}_model_strength",
        "lora{}_model_strength",
        "strength_model_{}",
    ),
    *("lora_strength_{}", "weight_{}", "strength{}"),
)
"""How inputs are called that hold the strength of a LoRA: of the only one, and of one of many."""
