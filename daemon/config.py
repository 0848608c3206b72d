"""The configuration: what a user can choose, and which choices make sense together."""

import os
import re
from collections.abc import Iterator
from typing import Annotated, Literal
from urllib.parse import SplitResult, urlsplit

from msgspec import Meta, Struct, field

from events import AutoActivate
from projections.artifacts.objects import Duplicates, Way


class WrongSetting(ValueError):
    """Raised when a setting makes no sense beside the others; `setting` is its name."""

    def __init__(self, setting: str, reason: str) -> None:
        super().__init__(reason)
        self.setting = setting


NotNegative = Annotated[float, Meta(ge=0)]
Positive = Annotated[float, Meta(gt=0)]
AtLeastOne = Annotated[int, Meta(ge=1)]
Megabytes = Annotated[int, Meta(ge=0)]
Days = Annotated[float, Meta(ge=0, le=36_500)]
HowMany = Annotated[int, Meta(ge=0, le=1_000_000_000)]
Port = Annotated[int, Meta(ge=0, le=65535)]


Share = Literal["auto"] | bool
"""Whether other machines may write into the films, too; `auto` goes by the filesystem that they lie on."""


class Settle(Struct, frozen=True, forbid_unknown_fields=True):
    """How long a file is left alone before it is taken, in seconds.

    `quiet` where a read lease proves that nobody has it open for writing, `still` where only its size and
    time of change can be watched, `still_shared` where these are another machine's, which may keep what is written to
    itself for half a minute.
    """

    quiet: NotNegative = 0.5
    still: NotNegative = 5.0
    still_shared: NotNegative = 40.0


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

    def __post_init__(self) -> None:
        for setting, reason in self._complaints():
            raise WrongSetting(setting, reason)

    def _complaints(self) -> Iterator[tuple[str, str]]:
        """The settings that a runner of that kind cannot work with."""
        if self.kind == "command" and not any(self.command[:1]):
            yield "command", "it names no program, and a runner of this kind runs one"
        if self.kind == "command" and not re.fullmatch(r"\.[^/\0]+", self.suffix):
            yield "suffix", f"{self.suffix!r} is not how a file's name ends, such as .mp4"
        if self.kind == "comfyui" and (reason := _complaint_of(self.url)):
            yield "url", reason
        if self.kind == "comfyui" and not self.workflow:
            yield "workflow", "it names no file, and a runner of this kind needs one"


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
    plain copy where nothing else goes, `off` nothing. `duplicates` is what takes of the same bytes are where a
    disk cannot share blocks: `apart`, files of their own, or `link`, one file, which is lost as one.
    `backups` is how many daily copies of each film's log are kept outside of it; 0 for none.
    `watch = false` finds drops by scanning alone. `share` says whether the films lie where other machines write, too.
    `port` is where the gallery is served, on this machine only; 0 is a free one.
    """

    settle: Settle = field(default_factory=Settle)
    auto_activate: AutoActivate = "first"
    scan_every: Positive = 60.0
    scan_every_unwatched: Positive = 10.0
    watch: bool = True
    backups: HowMany = 3
    share: Share = "auto"
    parallel: AtLeastOne = field(default_factory=lambda: os.cpu_count() or 1)
    cache_mb: Megabytes = 1024
    objects: Way = "auto"
    duplicates: Duplicates = "apart"
    port: Port | Literal["off"] = "off"
    runner: RunnerConfig = field(default_factory=RunnerConfig)
    git: GitConfig = field(default_factory=GitConfig)
    cleanup: CleanupConfig = field(default_factory=CleanupConfig)


def split_url(url: str) -> SplitResult:
    """The parts of an HTTP address; ValueError says why it is none."""
    parts = urlsplit(url.strip())
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("it does not begin with http:// or https:// and a name")
    if parts.query or parts.fragment:
        raise ValueError("it has more than a path behind the name")
    if parts.port == 0:
        raise ValueError("its port is 0")
    return parts


def _complaint_of(url: str) -> str | None:
    try:
        split_url(url)
    except ValueError as error:
        return f"it is no address, such as http://127.0.0.1:8188: {error}"  # without a password in it
    return None
