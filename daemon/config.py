"""The configuration: what a user can choose, read once from `config.toml` where the daemon starts."""

import os
import tomllib
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct, field

from events import AutoActivate, TakesError
from projections.artifacts.objects import Way


class BadConfig(TakesError):
    """Raised when the configuration file cannot be understood."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.hint = "Mend that line, or move the file away to have the defaults."


NotNegative = Annotated[float, Meta(ge=0)]
Positive = Annotated[float, Meta(gt=0)]
AtLeastOne = Annotated[int, Meta(ge=1)]
Megabytes = Annotated[int, Meta(ge=0)]
Days = Annotated[float, Meta(ge=0, le=36_500)]
HowMany = Annotated[int, Meta(ge=0, le=1_000_000_000)]
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


class Policy(Struct, frozen=True, forbid_unknown_fields=True):
    """Which takes are not worth their bytes any more; 0 chooses none.

    A deleted take that many days after it was deleted, a failed one that many days after it failed, and of a
    shot's complete takes all but the newest so many. The active take always stays.
    """

    deleted_after_days: Days = 0.0
    failed_after_days: Days = 0.0
    keep_newest: HowMany = 0

    @property
    def is_off(self) -> bool:
        """Whether it chooses nothing."""
        return not (self.deleted_after_days or self.failed_after_days or self.keep_newest)


class CleanupConfig(Policy, frozen=True, forbid_unknown_fields=True):
    """The policy by which takes are purged every so many hours; with 0, only when somebody asks."""

    every_hours: NotNegative = 24.0


class GitConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """What becomes of takes where the film lies in a git repository.

    `stage` adds them to git's index, their media as pointers of Git LFS. `commit` makes a commit of `each` take,
    or one of all that is new after `idle` seconds in which nothing happened.
    """

    stage: bool = True
    commit: Literal["never", "each", "idle"] = "never"
    idle: Positive = 60.0


class Config(Struct, frozen=True, forbid_unknown_fields=True):
    """What can be chosen; times in seconds.

    `scan_every` is the time between two looks at everything (`scan_every_unwatched` where folders cannot be
    watched), and a take that was removed by hand has to be gone that long. `parallel` is how many files
    are decoded at once, `cache_mb` how many megabytes of pictures are kept for each film. `objects` is
    how much is done to keep a take's bytes under a second name: `auto` what costs no room, `copy` also a
    plain copy where nothing else goes, `off` nothing. `watch = false` finds drops by scanning alone.
    `port` is where the gallery is served, on this machine only; 0 is a free one.
    """

    settle: Settle = field(default_factory=Settle)
    auto_activate: AutoActivate = "first"
    scan_every: Positive = 60.0
    scan_every_unwatched: Positive = 10.0
    watch: bool = True
    parallel: AtLeastOne = field(default_factory=lambda: os.cpu_count() or 1)
    cache_mb: Megabytes = 1024
    objects: Way = "auto"
    port: Port | Literal["off"] = "off"
    runner: RunnerConfig = field(default_factory=RunnerConfig)
    git: GitConfig = field(default_factory=GitConfig)
    cleanup: CleanupConfig = field(default_factory=CleanupConfig)


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
