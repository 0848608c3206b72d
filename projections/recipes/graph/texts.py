"""Texts: what a sampler was told to make and to leave out, from its conditioning up to where it was written."""

from collections.abc import Iterator
from typing import Any, Final

from projections.recipes.graph.nodes import Found, Link, Node
from projections.recipes.graph.values import DEEPEST, Values, number, text

_NO_TEXT: Final = ("clip_vision", "clip_vision_output", "init_image", "image", "images", "pixels")


class Said:
    """The texts of one side, the base before its regions, and the guidance that was mixed into them."""

    def __init__(self, side: str, *, both: bool) -> None:
        self.side = side
        self.both = both
        self.texts: list[Found] = []
        self.guidance: Found | None = None
        self.unknown: str | None = None
        self.seen: set[str] = set()

    def text(self) -> Found | None:
        """All texts as one; none where one of them cannot be known."""
        if self.unknown is not None:
            return Found(None, self.unknown)
        texts = [one for one in self.texts if one.value]
        if not texts:
            return None
        return Found("\n".join(one.value for one in texts), texts[0].node, all(one.sure for one in texts))


class Texts:
    """Follows conditioning upstream. The side is that of the sampler's input, never that of an output."""

    def __init__(self, values: Values) -> None:
        self._values = values
        self._nodes = values.nodes
        self._known: dict[tuple[str, str, bool], Said] = {}

    def of(self, node: Node, side: str) -> Said:
        """What comes into a sampler or a guider on that side."""
        said = Said(side, both=True)
        name = node.first(side)
        piped = node.first("pipe")
        if name is not None:
            return self._from(node.inputs[name], node, side, both=name in node.named("both"))
        own = list(self._own(node, side, both=True))
        if own or piped is None:
            said.texts = own
            said.unknown = next((one.node for one in own if not one.is_known), None)
            return said
        return self._from(node.inputs[piped], node, side, both=False)

    def _from(self, raw: Any, at: Node, side: str, *, both: bool) -> Said:
        source = self._values.resolve(raw)
        key = (source.node, side, both) if isinstance(source, Link) else None
        if key is None or key not in self._known:
            said = Said(side, both=both)
            self._visit(source, at, said, 0)
            if key is None:
                return said
            self._known[key] = said
        return self._known[key]

    def _visit(self, raw: Any, at: Node, said: Said, depth: int) -> None:
        source = self._values.resolve(raw)
        if isinstance(source, str):
            said.texts.append(Found(source, at.key))
            return
        node = self._nodes.get(source.node) if isinstance(source, Link) else None
        if node is None or depth > DEEPEST or not self._nodes.spend():
            said.unknown = at.key
            return
        if node.key in said.seen or node.family.empty:
            return
        said.seen.add(node.key)
        if said.guidance is None:
            said.guidance = self._values.of(node, "guidance", number)
        inner = list(self._onwards(node, said.side))
        for one in inner:
            self._visit(one, node, said, depth + 1)
        own = [] if self._has_sides(node) else list(self._own(node, said.side, both=said.both))
        said.texts += own
        if not own and not inner:
            self._last(source, node, said, depth)
        if any(not one.is_known for one in own):
            said.unknown = node.key

    def _last(self, source: Any, node: Node, said: Said, depth: int) -> None:
        """A node that has neither texts nor conditioning: a pipe, a text in place of conditioning, or none at all."""
        piped = node.first("pipe")
        if piped:
            self._visit(node.inputs[piped], node, said, depth + 1)
        elif said.both and said.side == "negative":
            return
        elif not node.first(_NO_TEXT) and not self._has_a_side(node):
            found = self._values.read(source, node, "text", text, said.side)
            if found.is_known:
                said.texts.append(found)
            else:
                said.unknown = node.key

    def _has_sides(self, node: Node) -> bool:
        return "positive" in node.inputs and "negative" in node.inputs

    def _has_a_side(self, node: Node) -> bool:
        """Whether it has conditioning or texts, which are those of the other side."""
        return node.has("positive", "negative", "text", "negative_text")

    def _onwards(self, node: Node, side: str) -> Iterator[Any]:
        """Where the conditioning of a node comes from: that of the same side, where it has sides."""
        if self._has_sides(node):
            yield node.inputs[side]
            return
        alone = node.inputs.get(side)
        if alone is not None:
            yield alone
        yield from (link for link in node.links("onwards") if link is not alone)

    def _own(self, node: Node, side: str, *, both: bool) -> Iterator[Found]:
        """The texts that an encoder has itself, each once."""
        negative = node.named("negative_text")
        if side == "negative" and (negative or both):
            names = list(negative[:1])
        else:
            wanted = node.family.texts or node.named("text")
            names = [name for name in node.inputs if name in wanted]
            if "populated_text" in names:
                names = ["populated_text"]
        seen: set[Any] = set()
        for name in names:
            found = self._values.read(node.inputs[name], node, "text", text, side)
            if found.value not in seen:
                seen.add(found.value)
                yield found
