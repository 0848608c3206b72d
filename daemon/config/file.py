"""The configuration file: `config.toml` and what the environment says instead, and every mistake with its line."""

import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct

from daemon.config.settings import PREFIX, Setting, settings
from daemon.config.table import Config, WrongSetting
from events import TakesError

Origin = Literal["default", "file", "environment"]

Keys = tuple[str, ...]
"""The way to a setting: `("runner", "url")`."""


class BadConfig(TakesError):
    """Raised when the configuration file cannot be understood; `line` is where, as far as that is known."""

    hint = "Mend that line, or move the file away to have the defaults."

    def __init__(self, path: Path, reason: str, line: int | None = None) -> None:
        super().__init__(f"{path}: {reason}" + (f" (at line {line})" if line else ""))
        self.line = line


class BadVariable(TakesError):
    """Raised when an environment variable says what its setting cannot be."""

    def __init__(self, variable: str, reason: str) -> None:
        super().__init__(f"{variable}: {reason}")
        self.hint = f"Mend it, or `unset {variable}`; `takes config` tells what each setting means."


class Chosen(Struct, frozen=True):
    """What is set, and where: the file's text, and the environment's variables that go before it."""

    config: Config
    text: str
    variables: Mapping[str, str]

    def origin(self, setting: Setting) -> tuple[Origin, int | None]:
        """Where the value of a setting comes from, and the line where that is the file."""
        if setting.variable in self.variables:
            return "environment", None
        if _has(tomllib.loads(self.text), setting.keys):
            return "file", line_of(self.text, setting.keys)
        return "default", None


def load_config(path: Path) -> Config:
    """The configuration in that file and in the environment; BadConfig and BadVariable say what is wrong."""
    return load_choices(path).config


def load_choices(path: Path, environment: Mapping[str, str] = os.environ) -> Chosen:
    """What is set in that file, if it is there, and in the environment, which goes before it."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        content = b""
    except OSError as error:
        raise BadConfig(path, str(error)) from error
    set_there = {one.variable for one in settings()} & {name for name, value in environment.items() if value}
    return _understood(path, content, {name: environment[name] for name in set_there})


def _understood(path: Path, content: bytes, variables: Mapping[str, str]) -> Chosen:
    try:
        text = content.decode().replace("\r\n", "\n")
        said = tomllib.loads(text)
        _add(said, variables)
        return Chosen(msgspec.convert(said, Config), text, variables)
    except UnicodeDecodeError as error:
        raise BadConfig(path, str(error), content.count(b"\n", 0, error.start) + 1) from error
    except tomllib.TOMLDecodeError as error:  # which says the line itself
        raise BadConfig(path, str(error)) from error
    except msgspec.ValidationError as error:
        keys, reason = _complaint(error)
        variable = "_".join((PREFIX.rstrip("_"), *keys)).upper()
        if variable in variables:
            raise BadVariable(variable, reason) from error
        raise BadConfig(path, f"{'.'.join(keys)}: {reason}", line_of(text, keys)) from error


def _add(said: dict[str, Any], variables: Mapping[str, str]) -> None:
    """Have the environment's choices among those of the file."""
    for setting in settings():
        if setting.variable in variables:
            inner = said
            for key in setting.keys[:-1]:
                inner = inner.setdefault(key, {})
            if isinstance(inner, dict):  # else it is the file that is wrong
                inner[setting.keys[-1]] = _value(setting, variables[setting.variable])


def _value(setting: Setting, text: str) -> Any:
    """A value as TOML has it; what is none is text."""
    if setting.type is str:
        return text
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _complaint(error: msgspec.ValidationError) -> tuple[Keys, str]:
    """The setting that is wrong, and what is wrong with it."""
    reason, _, place = str(error).partition(" - at `$")
    keys: Keys = tuple(re.findall(r"\.(\w+)", place))
    if isinstance(error.__cause__, WrongSetting):
        return (*keys, *error.__cause__.setting.split(".")), str(error.__cause__)
    unknown = re.search("unknown field `(.*)`", reason)
    return (*keys, *(unknown.groups() if unknown else ())), reason


def line_of(text: str, keys: Sequence[str]) -> int | None:
    """The line on which a setting begins, or the table that lacks it; None where neither is there.

    TOML's reader tells no lines: it is given one line more each time, until it finds the setting.
    """
    lines, begun = text.split("\n"), 1
    for count in range(1, len(lines) + 1):
        try:
            found = tomllib.loads("\n".join(lines[:count]))
        except tomllib.TOMLDecodeError:
            continue  # a value of several lines
        if _has(found, keys):
            return begun
        begun = count + 1
    return line_of(text, keys[:-1]) if keys else None


def _has(found: object, keys: Sequence[str]) -> bool:
    if not keys:
        return False
    inner = found.get(keys[0]) if isinstance(found, dict) else None
    return inner is not None and (len(keys) == 1 or _has(inner, keys[1:]))
