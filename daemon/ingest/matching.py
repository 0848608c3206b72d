"""Matching: which shot a file is of, by what it and its folders are called, and by the prompt that it was made from.

What may be of two shots is of none: that is for a person to say.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Literal

from msgspec import Struct

Sure = Literal["sure", "likely"]
By = Literal["name", "folder", "prompt"]

SHOT_WORDS = frozenset({"shot", "sh", "s", "sc", "plan"})
"""Words behind which a number is a shot's."""

LONG_WORD = 4
"""Letters from which on a single word tells a shot."""

ALIKE = 0.7
"""How much of the words of two prompts is the same where they are likely of one shot."""

_TOKEN = re.compile(r"[^\W\d_]+|\d+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


class Match(Struct, frozen=True):
    """The shot, by its path, that something is of: by what, what of it said so, and how sure that is."""

    shot: str
    by: By
    matched: str
    sure: Sure


class Unclear(Struct, frozen=True):
    """The shots, by their paths, of any of which something may be; of none where nothing tells it."""

    shots: tuple[str, ...] = ()


Tokens = tuple[str, ...]


def tokens_of(text: str) -> Tokens:
    """The words and numbers in a name or a prompt, whatever parts them and however they are written."""
    plain = unicodedata.normalize("NFC", _CAMEL.sub(" ", text)).casefold()
    return tuple(_TOKEN.findall(plain))


class _Known(Struct, frozen=True):
    """A folder of the film by the parts of its name."""

    number: str
    words: Tokens

    def rank(self, tokens: Tokens) -> int:
        """How well a name fits: 3 for several words of it, 2 for a long one, 1 for its number, 0 for not at all."""
        if self.words and _has(tokens, self.words):
            if len(self.words) > 1 or (self.number and self.number in tokens):
                return 3
            return 2 if len(self.words[0]) >= LONG_WORD else 0
        return 1 if self.number and self._is_numbered(tokens) else 0

    def _is_numbered(self, tokens: Tokens) -> bool:
        """Whether the name begins with the number as it is written, or has it behind a word for a shot."""
        if tokens[:1] == (self.number,) and len(self.number) > 1:
            return True
        pairs = pairwise(tokens)
        return any(
            word in SHOT_WORDS and other.isdecimal() and int(other) == int(self.number)
            for word, other in pairs
        )


def _known(name: str) -> _Known:
    tokens = tokens_of(name)
    number = tokens[0] if tokens and tokens[0].isdecimal() else ""
    return _Known(number, tokens[1:] if number else tokens)


def _has(tokens: Tokens, words: Tokens) -> bool:
    return any(tokens[start : start + len(words)] == words for start in range(len(tokens) - len(words) + 1))


class Matcher:
    """Tells of which of these shots, by path, something is; `prompts` are those of their takes, each with its shots."""

    def __init__(self, shots: Iterable[str], prompts: Mapping[str, Iterable[str]] | None = None) -> None:
        self._shots = {path: _known(PurePosixPath(path).name) for path in shots}
        self._above = {path: [_known(one) for one in PurePosixPath(path).parts[:-1]] for path in self._shots}
        self._prompts: dict[Tokens, set[str]] = {}
        for prompt, found in (prompts or {}).items():
            self._prompts.setdefault(tokens_of(prompt), set()).update(found)

    def by_name(self, name: str, folders: Sequence[str] = ()) -> Match | Unclear:
        """The shot of a file called so in these folders, the nearest last: by its name, else by the nearest that tells it.

        Where the name and a folder tell two, it is unclear.
        """
        own = self._fitting(name, folders)
        by_folder = next(
            ((one, found) for one in reversed(folders) if (found := self._fitting(one, folders))), None
        )
        if own and by_folder and (both := {*own} & {*by_folder[1]}):
            own = {shot: own[shot] for shot in own if shot in both}
        elif own and by_folder:
            return Unclear(tuple(sorted({*own, *by_folder[1]})))
        if own:
            return self._one(own, "name", name)
        return self._one(by_folder[1], "folder", by_folder[0]) if by_folder else Unclear()

    def by_prompt(self, prompt: str, among: Sequence[str] = ()) -> Match | Unclear:
        """The shot of whose takes one has that prompt, or nearly; of these shots, where there are some."""
        wanted = tokens_of(prompt)
        if not wanted:
            return Unclear(tuple(among))
        exact = self._prompts.get(wanted, set())
        near = exact or {
            shot for other, shots in self._prompts.items() if _alike(wanted, other) for shot in shots
        }
        found = sorted(near & {*among} if among else near)
        if len(found) == 1:
            return Match(found[0], "prompt", prompt, "sure" if exact else "likely")
        return Unclear(tuple(found or among))

    def _fitting(self, name: str, folders: Sequence[str]) -> dict[str, int]:
        """The shots that a name fits best, each with how well; where those are several, those whose scene the folders name."""
        tokens = tokens_of(name)
        ranks = {shot: rank for shot, known in self._shots.items() if (rank := known.rank(tokens))}
        best = max(ranks.values(), default=0)
        found = [shot for shot, rank in ranks.items() if rank == best]
        longest = max((len(self._shots[shot].words) for shot in found), default=0) if best > 1 else 0
        found = [shot for shot in found if len(self._shots[shot].words) >= longest]
        if len(found) > 1:
            found = list(self._in_scene(found, folders))
        return dict.fromkeys(found, best)

    def _in_scene(self, shots: Sequence[str], folders: Sequence[str]) -> Iterator[str]:
        around = [tokens_of(one) for one in folders]
        scores = {
            shot: sum(
                any(known.rank(one) or _is(known, one) for one in around) for known in self._above[shot]
            )
            for shot in shots
        }
        best = max(scores.values())
        yield from (shot for shot, score in scores.items() if score == best)

    def _one(self, found: Mapping[str, int], by: By, matched: str) -> Match | Unclear:
        if len(found) > 1:
            return Unclear(tuple(sorted(found)))
        ((shot, rank),) = found.items()
        return Match(shot, by, matched, "sure" if rank > 2 else "likely")


def _is(known: _Known, tokens: Tokens) -> bool:
    return bool(known.words) and _has(tokens, known.words)


def _alike(one: Tokens, other: Tokens) -> bool:
    mine, theirs = {*one}, {*other}
    return len(mine & theirs) >= ALIKE * len(mine | theirs) and len(mine) > 2
