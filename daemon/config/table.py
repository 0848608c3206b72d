"""The configuration: what a user can choose, what it means, and which choices make sense together.

The one table of all settings: the file is checked by it, and `daemon/config/settings.py` tells it to `takes config` and the docs.
"""

import os
import re
from collections.abc import Iterator
from typing import Annotated, Literal
from urllib.parse import SplitResult, urlsplit

from msgspec import Meta, Struct, field

from events import AutoActivate
from events.choices import LONGEST_NAME
from projections.artifacts.store import Duplicates, Way


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
QueueName = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.:-]{1,24}$")]
StageName = Annotated[str, Meta(min_length=1, max_length=LONGEST_NAME)]
HeaderName = Annotated[str, Meta(pattern=r"^[A-Za-z0-9-]{1,64}$")]
Level = Literal["debug", "info", "warning", "error"]

Share = Literal["auto"] | bool
"""Whether other machines may write into the films, too; `auto` goes by the filesystem that they lie on."""

Role = Literal["all", "keeper", "desk"]
"""What a daemon does for a film that several machines share."""

RELOADED = {"reloaded": True}
"""On a setting that a running daemon takes from the file anew when it is told to, by SIGHUP."""


class Settle(Struct, frozen=True, forbid_unknown_fields=True):
    """How long a file is left alone before it is taken, in seconds.

    `still` is for where no read lease can prove that nobody has it open for writing, `still_shared` for another
    machine's file: that one may keep what is written to itself for half a minute.
    """

    quiet: Annotated[
        NotNegative, Meta(description="seconds after the writer has closed the file, where that can be known")
    ] = 0.5
    still: Annotated[NotNegative, Meta(description="seconds without a change, where it cannot")] = 5.0
    still_shared: Annotated[
        NotNegative, Meta(description="the same on a share, for what another machine writes")
    ] = 40.0
    sequence: Annotated[
        NotNegative, Meta(description="seconds without a new frame in a folder of frames")
    ] = 10.0


class SequencesConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """Folders of frames, each of which is one take."""

    rate: Annotated[Positive, Meta(description="frames a second, where no recipe says how many")] = 24.0
    loose: Annotated[
        bool, Meta(description="false: sea.0001.exr and so on, dropped one by one, are takes of their own")
    ] = True


class RunnerConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """Who makes the takes that are asked for."""

    kind: Annotated[
        Literal["none", "command", "comfyui", "slurm"],
        Meta(
            description='who makes what is asked for: "none" (it waits for a file), "command", "comfyui" or "slurm"'
        ),
    ] = "none"
    parallel: Annotated[AtLeastOne, Meta(description="jobs under way at once, of all films together")] = 1
    timeout: Annotated[Positive, Meta(description="seconds until a job counts as stuck, and fails")] = 3600.0
    interrupted: Annotated[
        Literal["again", "fail"],
        Meta(description='what becomes of work that the daemon\'s end interrupted: "again" or "fail"'),
    ] = "again"
    command: Annotated[
        tuple[str, ...], Meta(description='kind "command" and "slurm": the program and its arguments')
    ] = ()
    suffix: Annotated[str, Meta(description="and how the name of its file ends")] = ".mp4"
    sbatch: Annotated[
        tuple[str, ...], Meta(description='kind "slurm": what else its sbatch is told, as "--partition=gpu"')
    ] = ()
    url: Annotated[str, Meta(description='kind "comfyui": where it listens')] = "http://127.0.0.1:8188"
    workflow: Annotated[
        str,
        Meta(
            description="and the workflow, exported for its API; a relative path is one in the film's folder"
        ),
    ] = ""
    keep_output: Annotated[
        bool,
        Meta(description="false: once a take is complete, its render goes from ComfyUI's own output folder"),
    ] = True
    output: Annotated[str, Meta(description="and where that folder is on this machine, as a full path")] = ""

    def __post_init__(self) -> None:
        for setting, reason in self._complaints():
            raise WrongSetting(setting, reason)

    def _complaints(self) -> Iterator[tuple[str, str]]:
        """The settings that a runner of that kind cannot work with."""
        is_program = self.kind in ("command", "slurm")
        if is_program and not any(self.command[:1]):
            yield "command", "it names no program, and a runner of this kind runs one"
        if is_program and not re.fullmatch(r"\.[^/\0]+", self.suffix):
            yield "suffix", f"{self.suffix!r} is not how a file's name ends, such as .mp4"
        if self.kind == "comfyui" and (reason := _complaint_of(self.url)):
            yield "url", reason
        if self.kind == "comfyui" and not self.workflow:
            yield "workflow", "it names no file, and a runner of this kind needs one"
        if self.kind == "comfyui" and not (self.keep_output or os.path.isabs(self.output)):  # noqa: PTH117 - no more
            yield (
                "output",
                "it names no folder by its full path, and without `keep_output` files are removed from it",
            )


class Policy(Struct, frozen=True, forbid_unknown_fields=True):
    """Which takes are not worth their bytes any more; 0 chooses none. The active take always stays."""

    deleted_after_days: Annotated[
        Days, Meta(description="those that were deleted that long ago", extra=RELOADED)
    ] = 0.0
    failed_after_days: Annotated[
        Days, Meta(description="those that failed that long ago", extra=RELOADED)
    ] = 0.0
    keep_newest: Annotated[
        HowMany,
        Meta(description="complete ones, but for the newest so many of a shot", extra=RELOADED),
    ] = 0

    @property
    def is_off(self) -> bool:
        """Whether it chooses nothing."""
        return not (self.deleted_after_days or self.failed_after_days or self.keep_newest)


class CleanupConfig(Policy, frozen=True, forbid_unknown_fields=True):
    """The policy by which takes are purged, and when."""

    every_hours: Annotated[
        NotNegative,
        Meta(description="how often; 0 only when `takes cleanup` asks", extra=RELOADED),
    ] = 24.0


class GitConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """What becomes of takes where the film lies in a git repository."""

    stage: Annotated[
        bool, Meta(description="add takes to git's index, their media as pointers of Git LFS")
    ] = True
    commit: Annotated[
        Literal["never", "each", "idle"],
        Meta(description='"each": a commit for each take; "idle": one when nothing happens any more'),
    ] = "never"
    idle: Annotated[Positive, Meta(description="after so many seconds")] = 60.0


class HubConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """Many people at once, by a proxy that knows who they are."""

    urls: Annotated[
        tuple[str, ...],
        Meta(description='its addresses, such as "https://takes.studio.example"; none: it serves nobody'),
    ] = ()
    listen: Annotated[
        Port | str,
        Meta(
            description="where the proxy finds it: a port of this machine, or the full path of a Unix socket"
        ),
    ] = 7420
    user_header: Annotated[HeaderName, Meta(description="the header in which the proxy says who comes")] = (
        "X-Forwarded-User"
    )
    secret_header: Annotated[
        HeaderName, Meta(description="the one by which it proves that it is the proxy")
    ] = "X-Takes-Secret"  # noqa: S105 - a name of a header
    secret_file: Annotated[
        str,
        Meta(description='where that secret is, as a full path; "" is `hub-secret` in the state folder'),
    ] = ""

    def __post_init__(self) -> None:
        for setting, reason in self._complaints():
            raise WrongSetting(setting, reason)

    def _complaints(self) -> Iterator[tuple[str, str]]:
        for url in self.urls:
            if reason := _complaint_of(url, "https://takes.studio.example"):
                yield "urls", reason
            elif urlsplit(url).path not in ("", "/") or "@" in url:
                yield "urls", f"{url} has more than a name and a port"
        for setting in ("listen", "secret_file"):
            if isinstance(path := getattr(self, setting), str) and path and not os.path.isabs(path):  # noqa: PTH117
                yield setting, f"{path!r} is no full path"
        if not self.listen:
            yield "listen", "the proxy has to know the port: name one, or the path of a Unix socket"
        if self.user_header.lower() == self.secret_header.lower():
            yield "secret_header", "it is the header in which the name is"


class StudioConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """What this daemon does for the films whose logs are in a studio's database."""

    role: Annotated[
        Role,
        Meta(description='"keeper" does the work on disk, "desk" only shows and commands, "all" is both'),
    ] = "all"
    make: Annotated[
        Literal["here", "workers"],
        Meta(description='where what is asked for is made: "here", or by the "workers" of the studio'),
    ] = "here"
    queue: Annotated[
        QueueName, Meta(description="and the queue in which they find it; `takes worker --queue` names it")
    ] = "takes"
    silent: Annotated[
        Positive, Meta(description="seconds without a sign of life after which another worker begins anew")
    ] = 30.0


class Config(Struct, frozen=True, forbid_unknown_fields=True):
    """What can be chosen; the meaning of each setting stands beside it, and is what `takes config` and the docs tell."""

    auto_activate: Annotated[
        AutoActivate,
        Meta(
            description='which take becomes active by itself: the "first" that was dropped, the "latest" or "never"',
            extra=RELOADED,
        ),
    ] = "first"
    stages: Annotated[
        Annotated[tuple[StageName, ...], Meta(max_length=32)],
        Meta(description="how far the work on a shot can be, in this order", extra=RELOADED),
    ] = ("to do", "in work", "review", "approved")
    scan_every: Annotated[Positive, Meta(description="seconds between two looks at everything")] = 60.0
    scan_every_unwatched: Annotated[
        Positive, Meta(description="the same where nobody tells of changes, as on a share")
    ] = 10.0
    watch: Annotated[bool, Meta(description="false: find drops by looking alone")] = True
    share: Annotated[
        Share,
        Meta(
            description="whether the films lie where other machines write, too: true, false, or by the filesystem"
        ),
    ] = "auto"
    parallel: Annotated[
        AtLeastOne,
        Meta(description="files that are decoded at once; as many as there are processors"),
    ] = field(default_factory=lambda: os.cpu_count() or 1)
    cache_mb: Annotated[Megabytes, Meta(description="megabytes of pictures that are kept for each film")] = (
        1024
    )
    proxies: Annotated[
        Literal["demand", "completion"],
        Meta(
            description='when a video that few browsers can play is made one that all can: on "demand", or at "completion"'
        ),
    ] = "demand"
    duplicates: Annotated[
        Duplicates,
        Meta(
            description='takes of the same bytes, where the disk cannot share blocks: "apart", or "link" (lost as one)'
        ),
    ] = "apart"
    objects: Annotated[
        Way,
        Meta(
            description='second names for the bytes of takes: "auto", "copy" (also where that costs room) or "off"'
        ),
    ] = "auto"
    backups: Annotated[
        HowMany,
        Meta(description="daily copies of each film's log that are kept outside of it; 0 for none"),
    ] = 3
    port: Annotated[
        Port | Literal["off"],
        Meta(
            description='where the gallery is served, on this machine only; 0 is a free one that it keeps, "off" is none'
        ),
    ] = 0
    log_level: Annotated[
        Level,
        Meta(
            description='what the daemon writes into its own log: "debug", "info", "warning" or "error", and what is worse',
            extra=RELOADED,
        ),
    ] = "info"
    cleanup: Annotated[CleanupConfig, Meta(description="which takes are purged, 0 purges none")] = field(
        default_factory=CleanupConfig
    )
    git: Annotated[GitConfig, Meta(description="where the film lies in a git repository")] = field(
        default_factory=GitConfig
    )
    hub: Annotated[HubConfig, Meta(description="for many people, behind a proxy that knows who they are")] = (
        field(default_factory=HubConfig)
    )
    runner: Annotated[RunnerConfig, Meta(description="who makes the takes that are asked for")] = field(
        default_factory=RunnerConfig
    )
    sequences: Annotated[
        SequencesConfig, Meta(description="folders of frames, each of which is one take")
    ] = field(default_factory=SequencesConfig)
    settle: Annotated[Settle, Meta(description="how long a file is left alone before it is taken")] = field(
        default_factory=Settle
    )
    studio: Annotated[StudioConfig, Meta(description="of films whose log is in a studio's database")] = field(
        default_factory=StudioConfig
    )

    def __post_init__(self) -> None:
        if self.studio.make == "workers" and self.runner.kind == "none":
            reason = "it leaves open by what: say under [runner] what the workers make takes with"
            raise WrongSetting("studio.make", reason)


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


def _complaint_of(url: str, such_as: str = "http://127.0.0.1:8188") -> str | None:
    try:
        split_url(url)
    except ValueError as error:
        return f"it is no address, such as {such_as}: {error}"  # without a password in it
    return None
