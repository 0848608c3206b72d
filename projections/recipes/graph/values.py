"""Values: what an input holds, through all that only hands it on, chooses, puts together or calculates."""

import json
import math
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from projections.recipes.graph import arithmetic
from projections.recipes.graph.families import Join
from projections.recipes.graph.nodes import Found, Link, Node, Nodes, What

DEEPEST: Final = 60
"""Nodes that a value may come through, one after the other, where each makes something of it."""

LONGEST: Final = 1 << 18
"""Characters of a text that was put together."""

_MOST_HANDS: Final = 1000
_CHOSEN: Final = ("sampler", "scheduler")
"""Texts that are what they are called, whatever else a node has."""

_SIDES: Final = ("width", "height")
_NOT_VALUES: Final = re.compile(
    r"image|video|audio|latent|mask|pixels|model|clip|vae|file|path|upload|conditioning|sampler$|sigmas|pipe"
)
"""Inputs by whose names it is known that they are no value for somebody else."""

Kind = Callable[[Any], Any]


def text(value: Any) -> str | None:
    """A text; None where it is something else."""
    return value if isinstance(value, str) else None


def truth(value: Any) -> bool | None:
    """Yes or no, however it is written."""
    if isinstance(value, str):
        return {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}.get(
            value.lower()
        )
    return bool(value) if isinstance(value, int | float) else None


def number(value: Any) -> int | float | None:
    """A number that is one, also from a text."""
    if isinstance(value, str):
        value = _number_in(value.strip())
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return value if math.isfinite(value) else None
    except OverflowError:
        return None


def _number_in(value: str) -> int | float | None:
    if not re.fullmatch(r"[+-]?\d{1,30}(\.\d{0,30})?([eE][+-]?\d{1,3})?", value):
        return None
    return float(value) if re.search(r"[.eE]", value) else int(value)


def whole(value: Any) -> int | None:
    """A whole number from nothing up, exact; a large one that has been a float is not."""
    found = number(value)
    if isinstance(found, float):
        found = int(found) if found.is_integer() and abs(found) <= 2**53 else None
    return found if found is not None and 0 <= found < 2**64 else None


def count(value: Any) -> int | None:
    """A whole number from one up."""
    return whole(value) or None


def anything(value: Any) -> Any:
    """A text or a number."""
    return value if isinstance(value, str) else number(value)


class Values:
    """Reads the inputs of a graph's nodes."""

    def __init__(self, nodes: Nodes) -> None:
        self.nodes = nodes
        self._resolved: dict[Link, Any] = {}
        self._read: dict[tuple[str, What, Kind, str], Found] = {}
        self._depth = 0
        self._set: dict[str, Any] | None = None

    def of(self, node: Node, what: What, kind: Kind, side: str = "positive") -> Found | None:
        """The first input that holds that, as that kind; None where there is none of them."""
        name = node.first(what)
        return None if name is None else self.read(node.inputs[name], node, what, kind, side)

    def size(self, node: Node, what: str) -> Found | None:
        """The width or height in the name of what was chosen from a list, as `1344x768`; None where none was."""
        chosen = self.of(node, "preset", text) if what in _SIDES else None
        if chosen is None or not re.search(r"\d", chosen.value or ""):
            return None
        sides = re.search(r"(\d{2,5})\s*[x*\u00d7]\s*(\d{2,5})", chosen.value)
        turned = self.of(node, "swapped", truth)
        if sides is None or (turned and not turned.is_known):
            return Found(None, node.key)
        is_second = (what == "height") is not bool(turned and turned.value)
        return Found(int(sides[2 if is_second else 1]), node.key, chosen.sure)

    def read(self, raw: Any, at: Node, what: What, kind: Kind, side: str = "positive") -> Found:
        """What comes in there, as that kind; another node that it comes from could have it by the same names."""
        found = self.resolve(raw)
        if not isinstance(found, Link):
            return Found(kind(found), at.key)
        node = self.nodes.get(found.node)
        if node is None or self._depth >= DEEPEST or not self.nodes.spend():
            return Found(None, at.key)
        key = (node.key, what, kind, side)
        if key not in self._read:
            self._read[key] = Found(None, node.key)  # a circle says nothing
            self._depth += 1
            self._read[key] = self._made(node, what, kind, side)
            self._depth -= 1
        return self._read[key]

    def resolve(self, raw: Any) -> Any:
        """Where an input comes from, or its value, through all that only hands on; the switch that cannot be told."""
        seen: list[Link] = []
        for _ in range(_MOST_HANDS):
            if not isinstance(raw, Link):
                break
            if raw in self._resolved:
                raw = self._resolved[raw]
                break
            node = self.nodes.get(raw.node)
            if node is None or raw in seen[-8:]:
                break
            seen.append(raw)
            onward = self._handed_on(node)
            if onward is None:
                break
            raw = onward
        self._resolved.update(dict.fromkeys(seen, raw))
        return raw

    def _handed_on(self, node: Node) -> Any:
        """What a node only hands on; None where it makes something of its own, or it cannot be told what."""
        family = node.family
        if family.switch:
            return self._switched(node, family.switch)
        if family.select:
            return self._selected(node, *family.select)
        if family.first:
            return next((one for _, one in sorted(node.linked.items())), None)
        if family.named == "get":
            return self._setters().get(str(node.inputs.get("constant")))
        if family.hands_on:
            return node.link(tuple(node.inputs) if family.hands_on == "*" else tuple(family.hands_on.split()))
        if "on_true" in node.inputs and "on_false" in node.inputs:
            return self._switched(node, ("switch boolean condition cond value", "on_true", "on_false"))
        return node.link("reroute") if len(node.inputs) == 1 else None

    def _switched(self, node: Node, names: tuple[str, str, str]) -> Any:
        choice = self._choice(node, names[0], truth)
        if choice is None:
            return None
        name = node.first(tuple(names[1 if choice else 2].split()))
        return node.inputs[name] if name else None

    def _selected(self, node: Node, name: str, before: int) -> Any:
        choice = self._choice(node, name, whole)
        if choice is None:
            return None
        ending = re.compile(rf"\D+0*{choice}" if choice else r"\D+0+")
        found = [one for key, one in node.inputs.items() if key != name and ending.fullmatch(key)]
        return found[0] if choice >= before and len(found) == 1 else None

    def _choice(self, node: Node, names: str, kind: Kind) -> Any:
        if self._depth >= DEEPEST:
            return None
        self._depth += 1
        try:
            found = self.of(node, tuple(names.split()), kind)
        finally:
            self._depth -= 1
        return None if found is None else found.value

    def _setters(self) -> dict[str, Any]:
        if self._set is None:
            self._set = {}
            for node in self.nodes.that(lambda family: family.named == "set"):
                self._set[str(node.inputs.get("constant"))] = next(iter(node.linked.values()), None)
        return self._set

    def _made(self, node: Node, what: What, kind: Kind, side: str) -> Found:
        """What a node makes, as far as that is known."""
        family = node.family
        if family.value and family.value in node.inputs:
            return self.read(node.inputs[family.value], node, what, kind, side)
        if family.written or family.switch or family.select:
            return Found(None, node.key)
        if family.join:
            return self._joined(node, family.join, kind)
        if family.expression or family.operation:
            return Found(kind(self._calculated(node)), node.key)
        if made := self._worked(node):
            return made.as_kind(kind)
        return self._held(node, what, kind, side)

    def _held(self, node: Node, what: What, kind: Kind, side: str) -> Found:
        """The only value that a node has, or the one that it has under the name that was asked for."""
        beside = node.named("beside")
        own = [name for name in node.inputs if name not in beside]
        asked = node.named(what) or [name for name in ("sampler",) if name == what and name in node.inputs]
        if isinstance(what, str) and (chosen := self.size(node, what)):
            return chosen.as_kind(kind)
        if len(own) == 1 and (own[0] in asked or not _NOT_VALUES.search(own[0])):
            return self.read(node.inputs[own[0]], node, what, kind, side)
        if kind is text and (sided := self._sided(own, side)):
            return self.read(node.inputs[sided], node, what, kind, side).sure_if(False)
        if (
            not asked
            or {"min", "max", "minimum", "maximum"} & node.inputs.keys()
            or (kind is text and what not in _CHOSEN)
        ):
            return Found(None, node.key)
        found = self.read(node.inputs[asked[0]], node, what, kind, side)
        return found.sure_if(bool(node.family.holds))

    def _sided(self, own: list[str], side: str) -> str | None:
        """The text of a side, in a node that has one for each and nothing else."""
        negative = [name for name in own if "neg" in name]
        if len(own) != 2 or len(negative) != 1:
            return None
        return negative[0] if side == "negative" else next(name for name in own if name not in negative)

    def _joined(self, node: Node, join: Join, kind: Kind) -> Found:
        """The parts with what stands between them; nothing where one of them is not known."""
        parts = [self.read(node.inputs[name], node, (), anything) for name in _parts(node, join)]
        between = self.of(node, tuple(join.between.split()), text) or Found(join.otherwise, node.key)
        if not parts or not between.is_known or not all(part.is_known for part in parts):
            return Found(None, node.key)
        texts = [str(part.value) for part in parts]
        if join.strip and truth(node.inputs.get(join.strip)):
            texts = [one.strip() for one in texts]
        if not join.keep_empty:
            texts = [one for one in texts if one]
        if sum(map(len, texts)) + len(texts) * len(between.value) > LONGEST:
            return Found(None, node.key)
        whole_text = between.value.replace("\\n", "\n").join(texts)
        return Found(kind(whole_text), node.key, all(part.sure for part in parts))

    def _worked(self, node: Node) -> Found | None:
        """What a node makes of one text, where it is a thing that is known exactly."""
        work = _WORKS.get(node.kind)
        if work is None:
            return None
        source = self.of(node, ("string", "text", "json_string"), text)
        if source is None or not source.is_known:
            return Found(None, node.key)
        more = [self.of(node, (name,), text) for name in work[0]]
        if not all(one and one.is_known for one in more):
            return Found(None, node.key)
        made = work[1](source.value, *(one.value for one in more if one))
        return Found(made if made is None or len(made) <= LONGEST else None, node.key, source.sure)

    def _calculated(self, node: Node) -> Any:
        def named(name: str) -> Any:
            raw = node.inputs.get(name.lower())
            return None if raw is None else self.read(raw, node, (), number).value

        if node.family.expression:
            expression = self.of(node, (node.family.expression,), text)
            return arithmetic.calculate(expression.value or "", named) if expression else None
        operation, left, right = node.family.operation or ("", "", "")
        sign = self.of(node, tuple(operation.split()), text)
        values = named(left), named(right)
        if sign is None or not sign.is_known or None in values:
            return None
        return arithmetic.operation(sign.value, *values)


def _parts(node: Node, join: Join) -> Iterator[str]:
    """The names of the parts, those with numbers in their order."""
    beside = {*join.between.split(), join.strip}
    names = [name for name in node.inputs if name.startswith(join.parts) and name not in beside]
    yield from sorted(names, key=lambda name: (int(re.sub(r"\D", "", name)[:9] or 0), name))


def _cased(source: str, mode: str) -> str | None:
    """What the node CaseConverter makes of a text."""
    made = {
        "uppercase": str.upper,
        "lowercase": str.lower,
        "capitalize": str.capitalize,
        "title case": str.title,
    }
    change = made.get(mode.lower())
    return change(source) if change else None


def _trimmed(source: str, mode: str) -> str | None:
    change = {"both": str.strip, "left": str.lstrip, "right": str.rstrip}.get(mode.lower())
    return change(source) if change else None


def _replaced(source: str, old: str, new: str) -> str | None:
    return source.replace(old, new) if len(source) * max(1, len(new)) <= LONGEST else None


def _on_one_line(source: str) -> str | None:
    """What the node StringConstantMultiline makes of a text: of several lines each release makes another thing."""
    return source if source == source.strip() and "\n" not in source else None


def _extracted(source: str, key: str) -> str | None:
    try:
        found = json.loads(source)
    except (ValueError, RecursionError):
        return None
    value = found.get(key) if isinstance(found, dict) else None
    return str(value) if isinstance(value, str | int | float) else None


_WORKS: Final[dict[str, tuple[tuple[str, ...], Callable[..., str | None]]]] = {
    "StringConstantMultiline": ((), _on_one_line),
    "StringReplace": (("find", "replace"), _replaced),
    "JsonExtractString": (("key",), _extracted),
    "StringTrim": (("mode",), _trimmed),
    "CaseConverter": (("mode",), _cased),
}
"""Core nodes that make another text of one: their further inputs, and what they do. They cannot be put as data."""
