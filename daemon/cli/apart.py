"""Apart: what is usual among the takes of a shot, and what of each is not so; the gallery's cards say the same."""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from daemon.cli.client import Json

TOLD = frozenset({"nodes", "unsure", "graph", "literals", "stages", "inputs", "claims"})
"""Parameters that tell how one file came about, and can be asked of no other."""

FEWEST = 3
"""Takes of which the half is a majority; of fewer, only what all have is usual."""

MOSTLY = 0.6
"""Of more than so much of a prompt that is another one, no words are picked out."""

_WORD = re.compile(r"\w+|[^\w\s]")


class Usual:
    """What most takes were made with, by parameter, as JSON; of what hardly any two share, nothing is."""

    def __init__(self, takes: Sequence[Json]) -> None:
        recipes = [take["generationParams"] for take in takes if take["generationParams"]]
        names = dict.fromkeys(name for one in recipes for name in one if name not in TOLD)
        found = {name: _most_often([_printed(one, name) for one in recipes]) for name in names}
        self.values = {name: value for name, value in found.items() if value}

    @property
    def prompt(self) -> str:
        """The prompt that most of them share; empty where there is none."""
        found = json.loads(self.values.get("prompt", '""'))
        return found.strip() if isinstance(found, str) else ""


def apart(take: Json, usual: Usual) -> str:
    """What of a take's recipe is not usual, but for its seed."""
    recipe: Mapping[str, Any] = take["generationParams"] or {}
    prompt, told = recipe.get("prompt"), list[str]()
    if isinstance(prompt, str) and prompt.strip() != usual.prompt:
        told.append(_other_words(usual.prompt, prompt))
    for name in recipe:
        is_usual = _printed(recipe, name) == usual.values.get(name)
        if name not in {"prompt", "seed"} | TOLD and not is_usual:
            told.append(f"{name} {_value(recipe[name])}")
    if recipe:
        told += [f"no {name}" for name in usual.values if name != "seed" and recipe.get(name) is None]
    return " · ".join(filter(None, told))


def _most_often(values: Sequence[str | None]) -> str | None:
    ((value, number),) = Counter(values).most_common(1)
    is_majority = len(values) >= FEWEST and number * 2 > len(values)
    return value if is_majority or number == len(values) > 1 else None


def _printed(recipe: Mapping[str, Any], name: str) -> str | None:
    value = recipe.get(name)
    return (
        json.dumps(value.strip() if isinstance(value, str) else value, sort_keys=True)
        if name in recipe
        else None
    )


def _other_words(usual: str, prompt: str) -> str:
    """The words of a prompt that the usual one has not; where there are none, those that are missing."""
    from difflib import SequenceMatcher  # noqa: PLC0415 - many a list has no other words

    ours, theirs = _WORD.findall(usual), _WORD.findall(prompt)
    steps = SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes()
    added = [_run(theirs[first:last]) for kind, _, _, first, last in steps if kind != "equal"]
    if sum(map(len, added)) > MOSTLY * len(prompt):
        return " ".join(prompt.split())
    if any(added):
        return " … ".join(filter(None, added))
    missing = [_run(ours[first:last]) for kind, first, last, *_ in steps if kind != "equal"]
    return f"without {' … '.join(filter(None, missing))}"


def _run(words: Sequence[str]) -> str:
    return " ".join(words).strip(" ,.;:")


def _value(value: Any) -> str:
    """LoRAs and the like by their names and weights, all else as it is read."""
    if isinstance(value, list):
        return ", ".join(_value(one) for one in value)
    if isinstance(value, dict) and isinstance(name := value.get("name"), str):
        return f"{name} {value['weight']}" if value.get("weight") is not None else name
    return value if isinstance(value, str) else json.dumps(value)
