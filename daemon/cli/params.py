"""Parameters: those of a generation as they are written on a command line."""

import json
import os
from collections.abc import Iterable
from typing import Any

import click

TEXTS = frozenset({"prompt", "negativePrompt", "model"})
"""Parameters whose values are text, however much they look like numbers."""

USUAL = TEXTS | {"seed", "steps", "cfg"}
"""Parameters that most generators have."""


class BadParam(click.UsageError):
    """Raised when a parameter cannot be read; the message says how to write it."""


def read_params(written: Iterable[str]) -> dict[str, Any]:
    """The parameters in `NAME=VALUE` and `@FILE`, a file of JSON; later ones go before earlier ones.

    A value that is JSON is taken as that: `7`, `6.5`, `true`, `[1, 2]`; all else is text, and a prompt always is.
    """
    params: dict[str, Any] = {}
    for one in written:
        params.update(_file(one[1:]) if one.startswith("@") else _pair(one))
    return params


def parameter_of(option: str) -> str:
    """The parameter that somebody means who writes it as an option: `negativePrompt` for `--negative-prompt`."""
    first, *rest = option.lstrip("-").split("-")
    return first + "".join(map(str.capitalize, rest))


def full_path(written: str) -> str:
    """The path that is meant by one on a command line, for whoever is in another folder."""
    return os.path.abspath(os.path.expanduser(written))  # noqa: PTH100, PTH111 - pathlib is slow


def _pair(written: str) -> dict[str, Any]:
    name, equals, value = written.partition("=")
    if not name or not equals:
        raise BadParam(f"{written!r} is no parameter; write NAME=VALUE, such as seed=7, or @FILE.")
    return {name: value if name in TEXTS else _value(value)}


def _value(written: str) -> Any:
    try:
        return json.loads(written, parse_constant=str)
    except ValueError:
        return written
    except RecursionError as error:
        raise BadParam(f"{written[:20]!r}... is nested too deep.") from error


def _file(path: str) -> dict[str, Any]:
    """What the file says: parameters alone, or a take's sidecar, of which it takes the parameters."""
    try:
        with open(os.path.expanduser(path), encoding="utf-8") as file:  # noqa: PTH111, PTH123 - pathlib is slow
            found = json.load(file)
    except OSError as error:
        raise BadParam(f"{path}: {error.strerror}.") from error
    except ValueError as error:
        raise BadParam(f"{path} is not JSON: {error}.") from error
    except RecursionError as error:
        raise BadParam(f"{path} is nested too deep.") from error
    if isinstance(found, dict):
        found = found.get("generationParams", found)
    if not isinstance(found, dict):
        raise BadParam(f"{path} holds no JSON object.")
    return found
