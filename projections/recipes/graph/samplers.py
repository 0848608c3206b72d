"""Samplers: which nodes sample, by the shape of their inputs, and with which settings."""

import re
from collections.abc import Iterator
from typing import Any, Final

from projections.recipes.graph.models import Models
from projections.recipes.graph.nodes import Found, Link, Node, What
from projections.recipes.graph.texts import Texts
from projections.recipes.graph.values import Kind, Values, count, number, text, truth, whole

Fields = dict[str, Found]
"""Our name of a setting, and what was found for it; nothing in it where it cannot be known."""

_MOST: Final = 100
"""Nodes one behind the other that hold the settings of one sampler."""

_SETTINGS: Final[dict[str, tuple[Kind, tuple[str, ...]]]] = {
    "seed": (whole, ("noise",)),
    "steps": (count, ("sigmas", "scheduler")),
    "cfg": (number, ("guider",)),
    "sampler": (text, ("sampler",)),
    "scheduler": (text, ("sigmas",)),
    "denoise": (number, ("sigmas",)),
}
"""Our name of a setting, its kind, and the links that lead to a node that may have it."""

_CALLED_SO: Final = re.compile(r"sampler|detailer", re.IGNORECASE)
"""How samplers are called of which no more is known."""

_SIZE: Final = ("width", "height", "frames")


class Samplers:
    """Reads samplers, and what services have made."""

    def __init__(self, values: Values) -> None:
        self._values = values
        self._nodes = values.nodes
        self._samples: dict[str, bool] = {}
        self.models = Models(values)
        self.texts = Texts(values)

    def samples(self, node: Node) -> bool:
        """Whether a node samples: a seed or noise; steps, noise levels or a guider; a model or a pipe."""
        if node.key not in self._samples:
            self._samples[node.key] = self._has_the_shape(node)
        return self._samples[node.key]

    def _has_the_shape(self, node: Node) -> bool:
        if node.family.samples is not None:
            return node.family.samples
        if node.is_lost and _CALLED_SO.search(node.kind):
            return node.link("model_link", "pipe") is not None
        if node.family.piped is not None:
            return "sampler" in node.kind.lower() and "pipe" in node.inputs
        if not node.has("seed", "noise"):
            return False
        if "model" in node.linked and "scheduler" in node.linked:
            return True
        if not node.has("steps", "levels"):
            return False
        return "guider" in node.linked or node.link("model_link", "pipe") is not None

    def is_service(self, node: Node) -> bool:
        """Whether a service made what comes out of a node: it has a prompt, and no model or encoder of this graph."""
        if node.family.service is False or not node.has("asked") or node.has("local"):
            return False
        if any(self._is_loader(one) for one in node.links("model_link")):
            return False
        return bool(node.family.service) or node.has("seed", "model", "described")

    def _is_loader(self, link: Link) -> bool:
        source = self._values.resolve(link)
        node = self._nodes.get(source.node) if isinstance(source, Link) else None
        return node is None or node.first("model") is not None

    def adds_noise(self, node: Node) -> bool:
        """Whether a sampler begins with noise of its own."""
        noise = self._values.resolve(node.inputs.get("noise"))
        source = self._nodes.get(noise.node) if isinstance(noise, Link) else None
        if source is not None and source.family.no_noise:
            return False
        added = node.inputs.get("add_noise")
        if added is None:
            return node.is_lost or node.first("seed", ("noise",)) is not None or bool(node.family.piped)
        found = self._values.read(added, node, ("add_noise", "value"), _choice)
        return found.value is not False

    def stage(self, node: Node) -> Fields:
        """The model and the settings of one sampler."""
        fields: Fields = {}
        guider = self._guider(node)
        model = self.models.of(node if node.first("model_link", "pipe") else guider)
        if file := model.file():
            fields["model"] = file
        for name, (kind, links) in _SETTINGS.items():
            if found := self._setting(node, name, kind, links):
                fields[name] = found
        if loras := model.loras():
            sure = all(one.sure for one in loras)
            fields["loras"] = Found([one.value for one in loras], loras[0].node, sure)
        return fields

    def read(self, node: Node) -> Fields:
        """All that a sampler was given: its settings, its texts, and the guidance in them."""
        guider = self._guider(node)
        positive, negative = self.texts.of(guider, "positive"), self.texts.of(guider, "negative")
        against = None if self._is_same_text(guider) else negative.text()
        found = {"prompt": positive.text(), "negativePrompt": against, "guidance": self._guidance(node)}
        if found["guidance"] is None:
            found["guidance"] = positive.guidance
        return {**{name: one for name, one in found.items() if one is not None}, **self.stage(node)}

    def _is_same_text(self, guider: Node) -> bool:
        """Whether both sides are two outputs of one encoder that has one text: it is not known what the other one is."""
        links = [self._values.resolve(guider.inputs.get(name)) for name in ("positive", "negative")]
        if (
            not all(isinstance(one, Link) for one in links)
            or links[0] == links[1]
            or links[0].node != links[1].node
        ):
            return False
        node = self._nodes.get(links[0].node)
        if node is None or node.first("negative", "negative_text", "pipe") is not None:
            return False
        return node.first("text") is not None

    def service(self, node: Node) -> Fields:
        """What a service was asked for."""
        said = (("prompt", text, "asked"), ("negativePrompt", text, "negative_text"))
        asked = (("seed", whole), ("steps", count), ("cfg", number), ("guidance", number))
        wanted = [*said, *((name, kind, name) for name, kind in asked), ("model", text, "model")]
        fields = {name: found for name, kind, what in wanted if (found := self._values.of(node, what, kind))}
        return {name: found for name, found in fields.items() if found.value != ""}

    def size(self, node: Node) -> Fields:
        """The size and the number of frames that a sampler was to make: its own, or those of what it began with."""
        fields: Fields = {}
        for one in (node, *self._chain(node, "on_its_way"), *self._chain(node, "pipe")):
            for name in _SIZE:
                if name not in fields and (
                    found := self._values.size(one, name) or self._values.of(one, name, count)
                ):
                    fields[name] = found
            if "width" in fields:
                break
        return fields

    def _guidance(self, node: Node) -> Found | None:
        found = self._values.of(node, "guidance", number)
        if found is None and "cfg" in node.inputs and "guidance_scale" in node.inputs:
            found = self._values.of(node, ("guidance_scale",), number)
        return found

    def _guider(self, node: Node) -> Node:
        """The node that has the conditioning: the sampler itself, or its guider."""
        for one in self._chain(node, ("guider",)):
            node = one
            if node.first("positive", "negative"):
                break
        return node

    def _setting(self, node: Node, name: str, kind: Kind, links: tuple[str, ...]) -> Found | None:
        own = self._values.of(node, name, kind)
        if own is None and name == "sampler" and isinstance(node.inputs.get("sampler"), str):
            own = Found(node.inputs["sampler"], node.key)
        if own is not None:
            return self._piped(node, name, kind) or own if own.value is None and node.family.piped else own
        for link in links:
            for one in self._chain(node, (link,), ends=link == "sigmas"):
                if found := self._near(one, name, kind):
                    return found
        return self._piped(node, name, kind) if node.first("pipe") else None

    def _near(self, node: Node, name: str, kind: Kind) -> Found | None:
        if name == "steps" and node.family.levels:
            levels = self._values.of(node, node.family.levels, text)
            return None if levels is None else Found(_steps(levels.value), node.key)
        return self._values.of(node, name, kind)

    def _piped(self, node: Node, name: str, kind: Kind) -> Found | None:
        for one in self._chain(node, "pipe"):
            if found := self._values.of(one, name, kind):
                return found
        return None

    def _chain(self, node: Node, what: What, *, ends: bool = False) -> Iterator[Node]:
        """The nodes along the links that hold that, nearest first; only the last of them where its `ends` are wanted."""
        seen = {node.key}
        last = None
        while len(seen) < _MOST:
            source = self._values.resolve(node.link(what))
            onward = self._nodes.get(source.node) if isinstance(source, Link) else None
            if onward is None or onward.key in seen:
                break
            seen.add(onward.key)
            node = last = onward
            if not ends:
                yield node
        if ends and last is not None:
            yield last


def _choice(value: Any) -> bool | None:
    return (
        {"enable": True, "disable": False}.get(value, truth(value))
        if isinstance(value, str)
        else truth(value)
    )


def _steps(levels: str | None) -> int | None:
    """How many steps a list of noise levels stands for."""
    found = re.findall(r"\d+\.?\d*(?:e-?\d+)?|\.\d+", levels or "")
    return len(found) - 1 if len(found) > 1 else None
