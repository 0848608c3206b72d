"""The settings as a list: the name, the default and the meaning of each, read from the one table, `daemon/config/table.py`."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, get_args, get_origin

from msgspec import Meta, Struct, convert, to_builtins
from msgspec.structs import fields

from daemon.config.table import Config

PREFIX = "TAKES_"
OTHERS = ("CONFIG", "PROJECT", "SOCKET", "NO_PAGE", "FAULT")
"""What else of that beginning means something to us, in the environment of our own commands."""

FOR_RUNNERS = ("REQUEST", "OUTPUT", "SHOT", "TAKE", "QUALITY", "WORKFLOW")
"""And in that of a program which makes a take."""

ALIGNED = 30
"""Columns up to which the remarks of a section are aligned; what is longer has its own place."""


class Setting(Struct, frozen=True):
    """One setting, or a section of them; `keys` is the way to it: `("runner", "url")`.

    Where it is `reloaded`, a running daemon takes it from the file anew when it is told to.
    """

    keys: tuple[str, ...]
    type: Any
    default: Any
    meaning: str
    reloaded: bool

    @property
    def name(self) -> str:
        return ".".join(self.keys)

    @property
    def variable(self) -> str:
        """The environment variable that goes before the file."""
        return PREFIX + "_".join(self.keys).upper()

    def of(self, config: Config) -> Any:
        """Its value in that configuration."""
        value: Any = config
        for key in self.keys:
            value = getattr(value, key)
        return value


def settings() -> list[Setting]:
    """Every setting, in the order of the table."""
    return [one for one in _all(Config, ()) if not _is_section(one)]


def sections() -> list[Setting]:
    """The settings that are sections of others."""
    return [one for one in _all(Config, ()) if _is_section(one)]


def unknown(variables: Iterable[str]) -> list[str]:
    """Those environment variables that look like ours, and mean nothing: somebody has mistyped them."""
    known = {one.variable for one in settings()} | {PREFIX + name for name in (*OTHERS, *FOR_RUNNERS)}
    return sorted(name for name in variables if name.startswith(PREFIX) and name not in known)


def changed(before: Config, now: Config) -> list[Setting]:
    """The settings that are not the same in both."""
    return [one for one in settings() if one.of(before) != one.of(now)]


def with_reloaded(before: Config, now: Config) -> Config:
    """The one before, with what a running daemon takes anew from the other."""
    said = to_builtins(before)
    for one in changed(before, now):
        if one.reloaded:
            inner = said
            for key in one.keys[:-1]:
                inner = inner[key]
            inner[one.keys[-1]] = one.of(now)
    return convert(said, Config)


def template() -> str:
    """A configuration file that says all defaults, and what each setting means."""
    parts = ["".join(_lines(()))]
    for section in sections():
        head = f"{f'[{section.name}]':<{ALIGNED - 1}}# {section.meaning}\n"
        parts.append(head + "".join(_lines(section.keys)))
    return "\n".join(parts)


def as_toml(value: Any) -> str:
    """A value as the file has it."""
    return json.dumps(value, ensure_ascii=False)


def _lines(above: tuple[str, ...]) -> Iterator[str]:
    for one in settings():
        if one.keys[:-1] == above:
            said = f"{one.keys[-1]} = {as_toml(one.default)}"
            yield f"{said:<{ALIGNED - 3}}  # {one.meaning}\n"


def _all(struct: type[Struct], above: tuple[str, ...]) -> Iterator[Setting]:
    for field in fields(struct):
        type_, metas = _taken_apart(field.type)
        default = field.default_factory() if callable(field.default_factory) else field.default
        meaning = next((meta.description for meta in reversed(metas) if meta.description), "")
        reloaded = any((meta.extra or {}).get("reloaded") for meta in metas)
        setting = Setting((*above, field.encode_name), type_, default, meaning, reloaded)
        yield setting
        if _is_section(setting):
            yield from _all(type_, setting.keys)


def _taken_apart(annotated: Any) -> tuple[Any, list[Meta]]:
    """A type, and what is said of it."""
    if hasattr(annotated, "__metadata__"):
        type_, *metas = get_args(annotated)
        inner, more = _taken_apart(type_)
        return inner, [*more, *metas]
    return annotated, []


def _is_section(setting: Setting) -> bool:
    return (
        get_origin(setting.type) is None
        and isinstance(setting.type, type)
        and issubclass(setting.type, Struct)
    )
