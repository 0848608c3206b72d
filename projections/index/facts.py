"""The facts: what a take can be found by, made of its row.

A take's own row is wide, and says much of it in JSON. These are narrow and plain, so that a hundred thousand of them
are looked through while a person types.
"""

from collections.abc import Iterator
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
    nobody has said more. `common` are the values of `FACETS`,
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
    params = take.read_params() or {}
    media = _media(take.media) if take.media else _Media()
    facts = Facts(
        take=key,
        created=take.created,
        status=take.status,
        hidden=bool(take.deleted or take.purged),
        source=take.source,
        kind=media.kind,
        codec=media.codec,
        width=media.width,
        height=media.height,
        duration=media.duration,
        rate=media.frame_rate,
        bytes=media.bytes,
        seed=_digits(params.get("seed")),
        steps=_number(params.get("steps")),
        cfg=_number(params.get("cfg")),
        rating=take.rating or 0,
        mark=take.mark or "none",
        common="\0".join(
            (
                media.kind or "",
                take.status,
                media.codec or "",
                _first(params.get("model")),
                _first(params.get("sampler")),
            )
        ),
    )
    return facts, _texts(params, take)


def _texts(params: dict[str, Any], take: TakeRow) -> Texts:
    found: dict[str, list[str]] = {"file": [take.origin]} if take.origin else {}
    if take.tags:
        found["tag"] = take.read_tags()
    if take.notes:
        found["note"] = [note.text for note in take.read_notes() if note.state != "withdrawn"]
    for name, value in params.items():
        if name not in LEFT_OUT:
            found.setdefault(COLUMNS.get(name, "other"), []).extend(_atoms(value))
    return Texts(**{column: "\n".join(atoms) for column, atoms in found.items()})


def _atoms(value: Any) -> Iterator[str]:
    """Every text and number in a value, as deep as it goes."""
    rest = [value]
    while rest:
        one = rest.pop()
        if isinstance(one, dict):
            rest.extend(reversed(one.values()))
        elif isinstance(one, list):
            rest.extend(reversed(one))
        elif isinstance(one, str):
            yield one
        elif isinstance(one, int | float) and not isinstance(one, bool):
            yield str(one)


def _first(value: Any) -> str:
    return next(_atoms(value), "").replace("\0", "")


def _digits(value: Any) -> str | None:
    """A seed as it is written: numbers of 64 bits without a sign are more than SQLite holds."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value) if isinstance(value, int | str) and not isinstance(value, bool) else None


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
