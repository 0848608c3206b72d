"""The configuration: what a user can choose, read once from `config.toml` where the daemon starts."""

import os
import tomllib
from pathlib import Path
from typing import Annotated, Literal

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
Megabytes = Annotated[int, Meta(ge=0)]
Port = Annotated[int, Meta(ge=0, le=65535)]


class Settle(Struct, frozen=True, forbid_unknown_fields=True):
    """How long a file is left alone before it is taken, in seconds.

    `quiet` where a read lease proves that nobody has it open for writing, `still` where only its size and
    time of change can be watched.
    """

    quiet: NotNegative = 0.5
    still: NotNegative = 5.0


class RunnerConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """Who makes the takes that are asked for.

    `kind` is `none` (a take waits for a file), `command` (the program and arguments of `command`; its file
    ends in `suffix`) or `comfyui` (at `url`, with the `workflow`, a file in API format; a relative path is
    one in the film's folder). `parallel` jobs are under way at once, none for longer than `timeout` seconds.
    Work that was interrupted with the daemon is begun `again`, or is to `fail`.
    """

    kind: Literal["none", "command", "comfyui"] = "none"
    parallel: AtLeastOne = 1
    timeout: Positive = 3600.0
    interrupted: Literal["again", "fail"] = "again"
    command: tuple[str, ...] = ()
    suffix: str = ".mp4"
    url: str = "http://127.0.0.1:8188"
    workflow: str = ""


class Config(Struct, frozen=True, forbid_unknown_fields=True):
    """What can be chosen; times in seconds.

    `scan_every` is the time between two looks at everything (`scan_every_unwatched` where folders cannot
    be watched), and a take that was removed by hand has to be gone that long. `parallel` is how many files
    are decoded at once, `cache_mb` how many megabytes of pictures are kept for each film. `watch = false` finds drops by scanning alone. `port` is where the gallery is served,
    on this machine only; 0 is a free one.
    """

    settle: Settle = field(default_factory=Settle)
    auto_activate: AutoActivate = "first"
    scan_every: Positive = 60.0
    scan_every_unwatched: Positive = 10.0
    watch: bool = True
    parallel: AtLeastOne = field(default_factory=lambda: os.cpu_count() or 1)
    cache_mb: Megabytes = 1024
    port: Port | Literal["off"] = "off"
    runner: RunnerConfig = field(default_factory=RunnerConfig)


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
