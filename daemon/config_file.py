"""The configuration file: `config.toml`, read once where the daemon starts, and every mistake in it with its line."""

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path

import msgspec

from daemon.config import Config, WrongSetting
from events import TakesError

Keys = tuple[str, ...]
"""The way to a setting: `("runner", "url")`."""


class BadConfig(TakesError):
    """Raised when the configuration file cannot be understood; `line` is where, as far as that is known."""

    hint = "Mend that line, or move the file away to have the defaults."

    def __init__(self, path: Path, reason: str, line: int | None = None) -> None:
        super().__init__(f"{path}: {reason}" + (f" (at line {line})" if line else ""))
        self.line = line


def load_config(path: Path) -> Config:
    """The configuration in that file, or the defaults where there is none; BadConfig says what is wrong."""
    try:
        return _understood(path, path.read_bytes())
    except FileNotFoundError:
        return Config()
    except OSError as error:
        raise BadConfig(path, str(error)) from error


def _understood(path: Path, content: bytes) -> Config:
    try:
        text = content.decode().replace("\r\n", "\n")
        return msgspec.convert(tomllib.loads(text), Config)
    except UnicodeDecodeError as error:
        raise BadConfig(path, str(error), content.count(b"\n", 0, error.start) + 1) from error
    except tomllib.TOMLDecodeError as error:  # which says the line itself
        raise BadConfig(path, str(error)) from error
    except msgspec.ValidationError as error:
        keys, reason = _complaint(error)
        raise BadConfig(path, f"{'.'.join(keys)}: {reason}", line_of(text, keys)) from error


def _complaint(error: msgspec.ValidationError) -> tuple[Keys, str]:
    """The setting that is wrong, and what is wrong with it."""
    reason, _, place = str(error).partition(" - at `$")
    keys: Keys = tuple(re.findall(r"\.(\w+)", place))
    if isinstance(error.__cause__, WrongSetting):
        return (*keys, error.__cause__.setting), str(error.__cause__)
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
