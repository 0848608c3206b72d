"""The facts: what a take can be found by, made of its row.

A take's own row is wide, and says much of it in JSON. These are narrow and plain, so that a hundred thousand of them
are looked through while a person types.
"""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import msgspec
from msgspec import Struct

from projections.index.rows import TakeRow

FACETS = ("kind", "status", "codec", "model", "sampler")
"""What takes have in common; of several models the first one."""

LEFT_OUT = ("nodes", "unsure", "graph")
"""Parameters that say how the others were found, and a graph that is no text."""


class Facts(Struct, gc=False):
    """What can be compared and counted: sizes in pixels and bytes, `duration` in seconds, `rate` in frames a second.

    `seed` is exact, in digits, `hidden` says that the take is deleted or purged. `rating` is 0 and `mark` "none" where
    nobody has said more. `people` are the words of the names of those who judged it or asked for it, each behind a blank;
    `prompted` and `fed` are marks of its prompt and of the files that went in: takes of one mark are alike. `position` is
    that of the event which gave its number. `common` are the values of `FACETS`,
    as one text: so many takes are counted in half the time.
    """

    take: int
    created: str
    status: str
    hidden: bool
    source: str
    kind: str | None
    codec: str | None
    width: int | None
    height: int | None
    duration: float | None
    rate: float | None
    bytes: int | None
    seed: str | None
    steps: float | None
    cfg: float | None
    rating: int
    mark: str
    position: int | None
    people: str | None
    prompted: str | None
    fed: str | None
    common: str


class Texts(Struct, gc=False):
    """What can be looked for by words, in columns of their own; `other` is all else that its recipe says."""

    prompt: str = ""
    negative: str = ""
    model: str = ""
    lora: str = ""
    sampler: str = ""
    input: str = ""
    file: str = ""
    tag: str = ""
    note: str = ""
    other: str = ""


class _Media(Struct, rename="camel", gc=False):
    kind: str | None = None
    codec: str | None = None
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    frame_rate: float | None = None
    bytes: int | None = None


_media = msgspec.json.Decoder(_Media).decode

_NO_MEDIA = _Media()
_NOTHING: Mapping[str, Any] = {}
_NUMBERS, _DIGITS = (int, float), (int, str)

COLUMNS = {
    "prompt": "prompt",
    "negativePrompt": "negative",
    "model": "model",
    "loras": "lora",
    "sampler": "sampler",
    "scheduler": "sampler",
    "inputs": "input",
}
"""The text in which the words of a parameter stand, where it is not `other`."""


def read(key: int, take: TakeRow) -> tuple[Facts, Texts]:
    """The facts and texts of a take, under that key."""
    params = take.read_params() or _NOTHING
    media = _media(take.media) if take.media else _NO_MEDIA
    facts = Facts(  # by their places: so it takes a seventh of the time
        key,
        take.created,
        take.status,
        bool(take.deleted or take.purged),
        take.source,
        media.kind,
        media.codec,
        media.width,
        media.height,
        media.duration,
        media.frame_rate,
        media.bytes,
        None,
        None,
        None,
        take.rating or 0,
        take.mark or "none",
        take.position,
        _people(take) if take.people else None,
        None,
        None,
        f"{media.kind or ''}\0{take.status}\0{media.codec or ''}\0\0",
    )
    if params:
        facts.prompted, facts.fed = _marked(params.get("prompt")), _marked(params.get("inputs"))
        facts.seed = _digits(params.get("seed"))
        facts.steps, facts.cfg = _number(params.get("steps")), _number(params.get("cfg"))
        facts.common = f"{facts.common[:-1]}{_first(params.get('model'))}\0{_first(params.get('sampler'))}"
    return facts, _texts(params, take)


def _texts(params: Mapping[str, Any], take: TakeRow) -> Texts:
    texts = Texts(file=take.origin or "")
    if take.tags:
        texts.tag = "\n".join(take.read_tags())
    if take.notes:
        texts.note = "\n".join([note.text for note in take.read_notes() if note.state != "withdrawn"])
    if params:
        said: dict[str, list[str]] = {}
        for name, value in params.items():
            if name not in LEFT_OUT:
                said.setdefault(COLUMNS.get(name, "other"), []).extend(_atoms(value))
        for column, atoms in said.items():
            setattr(texts, column, "\n".join(atoms))
    return texts


def _atoms(value: Any) -> list[str]:
    """Every text and number in a value, as deep as it goes."""
    if type(value) is str:
        return [value]
    rest, atoms = [value], list[str]()
    while rest:
        one = rest.pop()
        kind = type(one)
        if kind is str:
            atoms.append(one)
        elif kind is int or kind is float:
            atoms.append(str(one))
        elif kind is dict:
            rest.extend(reversed(one.values()))
        elif kind is list:
            rest.extend(reversed(one))
    return atoms


def _people(take: TakeRow) -> str:
    words = {word for name in take.read_people() for word in name.casefold().split()}
    return "".join(f" {word}" for word in sorted(words))


def _marked(value: Any) -> str | None:
    """What two parameters have in common that say the same, but for blanks and capitals."""
    said = " ".join(_atoms(value)).casefold().split() if value else None
    return blake2b(" ".join(said).encode(errors="replace"), digest_size=8).hexdigest() if said else None


def _first(value: Any) -> str:
    atoms = _atoms(value)
    return atoms[0].replace("\0", "") if atoms else ""


def _digits(value: Any) -> str | None:
    """A seed as it is written: numbers of 64 bits without a sign are more than SQLite holds."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value) if isinstance(value, _DIGITS) and not isinstance(value, bool) else None


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, _NUMBERS) and not isinstance(value, bool) else None
