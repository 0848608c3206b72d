"""The picture's way: from where a file was saved, upstream along all that carries the picture."""

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import PurePath
from typing import Final

from projections.recipes.graph.nodes import Found, Link, Node
from projections.recipes.graph.samplers import Fields, Samplers
from projections.recipes.graph.values import Values, text

MOST_INPUTS: Final = 50
"""Files that are told as what a take was made from."""

_LATENT: Final = re.compile(r".*latent.*|samples?(_.*|\d*)|.*_samples|x0")
_PICTURE: Final = re.compile(
    r".*(image|pixels|video|frame|picture|img|photo).*|destination|source|background|foreground|layer.*|clip_?\d+|segment.*"
)
_SOUND: Final = re.compile(r".*(audio|waveform|sound).*")
_ASIDE: Final = re.compile(
    r"(start|end|first|last|init|ref|reference|control|style|pose|face|depth|canny|hint|guide|clip_vision|mask|ip|"
    r"subject|character|driving|target|match|background)_.*|.*(mask|embeds?|model|name|rate|count|_vae|strength|prompt|_ref|_reference)"
)
_NEVER: Final = re.compile(
    r".*(model|clip|vae|positive|negative|conditioning|mask|control|cond|prompt|text|seed|steps|cfg|sigmas|noise|guider|"
    r"sampler|lora|width|height|length|fps|rate|size|strength|denoise|prefix|name|switch|select|index|boolean|format|"
    r"scale|factor|embeds?|metadata|info|batch|hook|bbox|sam|detector)s?(_.*|\d*)?|"
    r"value|int|float|string|text"
)
_GUIDING: Final = frozenset({"positive", "negative", "conditioning", "text_embeds", "image_embeds", "guider"})


class Answer:
    """What is known of the picture that comes out of a node: its first sampler's fields, and all samplers before it."""

    __slots__ = ("before", "fields", "node")

    def __init__(self, fields: Fields, node: Node | None, before: "tuple[Answer, ...]") -> None:
        self.fields = fields
        self.node = node
        self.before = before


class Picture:
    """Walks each node of a graph once; the answer of a node is made of those of the nodes before it."""

    def __init__(self, values: Values) -> None:
        self._values = values
        self._nodes = values.nodes
        self.samplers = Samplers(values)
        self._before: dict[str, list[str]] = {}
        self._guided: set[str] = set()
        self._answers: dict[str, Answer | None] = {}

    def answer(self, start: str) -> Answer | None:
        """The answer of that node, upstream first and without recursion; a circle says nothing."""
        waiting = [(start, False)]
        while waiting:
            key, done = waiting.pop()
            if done:
                self._answers[key] = self._made(key)
            elif key not in self._answers:
                self._answers[key] = None
                waiting.append((key, True))
                waiting += [
                    (one, False) for one in self.before(self._node(key))[::-1] if one not in self._answers
                ]
        return self._answers[start]

    def _made(self, key: str) -> Answer | None:
        node = self._node(key)
        answers = [self._answers.get(key) for key in self.before(node)]
        before = tuple(dict.fromkeys(one for one in answers if one is not None))
        if self.samplers.samples(node):
            noisy = self.samplers.adds_noise(node)
            fields = _agreed_before(before) or (self.samplers.read(node) if noisy else {})
            return Answer(fields, node, before)
        if self.samplers.is_service(node):
            return Answer(self.samplers.service(node), node, ())
        if len(before) < 2:
            return before[0] if before else None
        known = [one for one in before if one.fields] or list(before)
        return known[0] if len(known) == 1 else Answer(agreed([one.fields for one in known]), None, before)

    def fields(self, answer: Answer) -> Fields:
        """The fields of an answer: where no sampler adds noise, those of the first."""
        if answer.fields or answer.node is None:
            return answer.fields
        if first := next(iter(self.stages(answer)), None):
            answer.fields = self.samplers.read(first)
        return answer.fields

    def stages(self, answer: Answer) -> list[Node]:
        """The samplers of an answer, upstream first."""
        order: list[Node] = []
        seen: set[int] = set()
        waiting = [(answer, False)]
        while waiting:
            one, done = waiting.pop()
            if done:
                order += [one.node] if one.node is not None else []
            elif id(one) not in seen:
                seen.add(id(one))
                waiting.append((one, True))
                waiting += [(before, False) for before in one.before[::-1]]
        return order

    def _node(self, key: str) -> Node:
        """The node of a key of which it is known that it is there."""
        node = self._nodes.get(key)
        if node is None:
            raise KeyError(key)
        return node

    def before(self, node: Node) -> list[str]:
        """The nodes from which the picture comes into this one."""
        if node.key not in self._before:
            service = self.samplers.is_service(node) and not self.samplers.samples(node)
            found = () if service else (self._there(node.linked[name]) for name in self.way(node))
            self._before[node.key] = list(dict.fromkeys(key for key in found if key))
        return self._before[node.key]

    def way(self, node: Node) -> list[str]:
        """The inputs of a node that carry the picture."""
        by_role: dict[str, list[str]] = {}
        for name in node.linked:
            if not self.is_aside(node, name):
                by_role.setdefault(role_of(name), []).append(name)
        latents = by_role.get("latent", [])
        if (latents and len(node.linked) == len(latents)) or self.makes_conditioning(node):
            return latents
        seen = latents + by_role.get("picture", [])
        piped = [name for name in node.named("pipe") if name in node.linked]
        return seen or by_role.get("sound", []) or piped or by_role.get("other", [])

    def is_aside(self, node: Node, name: str) -> bool:
        """Whether what comes in there is an input of the take, or no picture at all."""
        own = node.family.aside
        return role_of(name) == "aside" or name in node.named("aside") or (own is not None and name in own)

    def makes_conditioning(self, node: Node) -> bool:
        """Whether a node makes conditioning, and neither samples nor saves."""
        if self.samplers.samples(node) or node.has("prefix") or node.family.saves:
            return False
        return node.has("made", "onwards") and node.link("made", "onwards") is not None

    # What the take was made from.

    def inputs(self, start: str) -> list[dict[str, str]]:
        """The files that were loaded for a picture: on its way, or into what guides it; by the name of the input."""
        found: dict[tuple[str, str], dict[str, str]] = {}
        waiting, seen = [("image", start)], {start}
        while waiting:
            role, key = waiting.pop()
            node = self._node(key)
            if file := self._file(node):
                found.setdefault((role, file), {"as": role, "name": file})
            is_way = role == "image" or not self.samplers.samples(node)
            onward = [(role, one) for one in self.before(node)] if is_way else []
            for one in [*(self._beside(node) if role == "image" else ()), *onward]:
                if one[1] not in seen:
                    seen.add(one[1])
                    waiting.append(one)
        return list(found.values())[:MOST_INPUTS]

    def _beside(self, node: Node) -> Iterator[tuple[str, str]]:
        """The pictures that come into a node without being its picture; at a sampler, those into its conditioning."""
        guided = self.samplers.samples(node)
        aside = self.makes_conditioning(node) or self.samplers.is_service(node)
        for name, link in node.linked.items():
            if guided and (name in _GUIDING or name in node.named("onwards")):
                if key := self._there(link):
                    yield from self._guiding(key)
            elif (aside or self.is_aside(node, name)) and _is_picture(name) and (source := self._there(link)):
                yield name, source

    def _there(self, link: Link) -> str | None:
        """The node that a link comes from, if it is there."""
        source = self._values.resolve(link)
        return source.node if isinstance(source, Link) and self._nodes.get(source.node) else None

    def _guiding(self, start: str) -> Iterator[tuple[str, str]]:
        """The pictures that come into conditioning, each node of which is looked at for one sampler alone."""
        waiting = [start]
        while waiting:
            key = waiting.pop()
            if key in self._guided:
                continue
            self._guided.add(key)
            for name, link in self._node(key).linked.items():
                source = self._there(link) if name not in ("model", "clip", "vae") else None
                if source and _is_picture(name):
                    yield name, source
                elif source:
                    waiting.append(source)

    def _file(self, node: Node) -> str | None:
        if node.linked or self.samplers.is_service(node):
            return None
        found = self._values.of(node, "file", text)
        return found.value or None if found and "." in PurePath(found.value or "").name else None


@lru_cache(4096)
def role_of(name: str) -> str:
    """What an input of that name carries: a latent, a picture, sound, none of them, or perhaps something of it."""
    if _ASIDE.fullmatch(name):
        return "aside"
    roles = (("latent", _LATENT), ("picture", _PICTURE), ("sound", _SOUND), ("none", _NEVER))
    return next((role for role, pattern in roles if pattern.fullmatch(name)), "other")


def _is_picture(name: str) -> bool:
    return bool(_PICTURE.fullmatch(name) and not re.search(r"embeds?$|model|mask", name)) or name == "pixels"


def _agreed_before(before: tuple[Answer, ...]) -> Fields:
    known = [one.fields for one in before if one.fields]
    return agreed(known) if known else {}


def agreed(answers: list[Fields]) -> Fields:
    """The fields on which all agree; one that only some have is not known, either."""
    first, *others = answers
    if not others:
        return first
    names = dict.fromkeys(name for one in answers for name in one)
    return {name: _agreed([one.get(name) for one in answers]) for name in names}


def _agreed(found: list[Found | None]) -> Found:
    first = found[0]
    same = first is not None and all(one is not None and one.value == first.value for one in found)
    named = first or next(one for one in found if one)
    if not same:
        return Found(None, named.node)
    return Found(named.value, named.node, all(one is not None and one.sure for one in found))
