"""The configuration: what a user can choose, read once from `config.toml` where the daemon starts."""

import os
import tomllib
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct, field

from events import AutoActivate, TakesError


class BadConfig(TakesError):
    """Raised when the configuration file cannot be understood."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.hint = "Mend that line, or move the file away to have the defaults."


NotNegative = Annotated[float, Meta(ge=0)]
Positive = Annotated[float, Meta(gt=0)]
AtLeastOne = Annotated[int, Meta(ge=1)]


class Settle(Struct, frozen=True, forbid_unknown_fields=True):
    """How long a file is left alone before it is taken, in seconds.

    `quiet` where a read lease proves that nobody has it open for writing, `still` where only its size and
    time of change can be watched.
    """

    quiet: NotNegative = 0.5
    still: NotNegative = 5.0


class Config(Struct, frozen=True, forbid_unknown_fields=True):
    """What can be chosen; times in seconds.

    `scan_every` is the time between two looks at everything (`scan_every_unwatched` where folders cannot
    be watched), and a take that was removed by hand has to be gone that long. `parallel` is how many files
    are decoded at once. `watch = false` finds drops by scanning alone.
    """

    settle: Settle = field(default_factory=Settle)
    auto_activate: AutoActivate = "first"
    scan_every: Positive = 60.0
    scan_every_unwatched: Positive = 10.0
    watch: bool = True
    parallel: AtLeastOne = field(default_factory=lambda: os.cpu_count() or 1)


def default_path() -> Path:
    """`$TAKES_CONFIG`, else `takes/config.toml` in the user's configuration folder."""
    if chosen := os.environ.get("TAKES_CONFIG"):
        return Path(chosen)
    base = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    return Path(base).expanduser() / "takes" / "config.toml"


def load_config(path: Path) -> Config:
    """The configuration in that file, or the defaults where there is none; BadConfig says what is wrong."""
    try:
        return msgspec.convert(tomllib.loads(path.read_text()), Config)
    except FileNotFoundError:
        return Config()
    except (OSError, ValueError, msgspec.ValidationError) as error:
        raise BadConfig(path, str(error)) from error
