"""Git's configuration: what is said in a repository's files, in the user's and the system's, and in those that they include."""

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import IO

from dulwich.config import ConfigFile, StackedConfig
from dulwich.file import adjust_shared_perm
from dulwich.repo import parse_shared_repository
from dulwich.wildmatch import MalformedPattern, translate

from events import TakesError
from projections.files.opening import Unfit
from projections.files.reading import GIT_TEXT, read

MOST_FILES = 1000
"""Files that are read for one configuration: each of a hundred may include all others, and so on."""

_NO = {"false", "no", "off", "0", ""}

Conditions = Mapping[str, Callable[[str], bool]]
"""By how they begin, when a file is included that is included in some repositories only."""


class ConfigUnfit(TakesError):
    """Raised when a file of git's configuration is not fit to be read; nothing is guessed of what it says."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"the configuration {path} is not read: {reason}")
        self.hint = "Nothing is staged meanwhile; the takes themselves are kept as ever."


class Config:
    """What several files say, the first of them before all others."""

    def __init__(self, files: Sequence[Path], conditions: Conditions | None = None) -> None:
        opener = self._opener = _Opener()
        self._files = [
            ConfigFile.from_file(
                content, config_dir=str(path.parent), file_opener=opener.open, condition_matchers=conditions
            )
            for path in files
            if (content := opener.content(path)) is not None
        ]
        self._all = StackedConfig(self._files)

    @property
    def paths(self) -> list[Path]:
        """Every file that was read for it, or looked for."""
        return self._opener.paths

    def setting(self, *names: str) -> str | None:
        """What is said: `setting("filter", "lfs", "clean")`."""
        *section, name = names
        try:
            value = self._all.get(tuple(part.encode() for part in section), name.encode())
        except KeyError:
            return None
        return value.decode(errors="replace")

    def is_on(self, *names: str, otherwise: bool = False) -> bool:
        """Whether that is switched on; `otherwise` holds where nothing is said of it."""
        said = self.setting(*names)
        return otherwise if said is None else said.lower() not in _NO

    def names(self, section: str) -> Iterator[str]:
        """The names of all that is said in a section, in small letters."""
        for file in self._files:
            for known in file.sections():
                if known[0].lower() == section.encode() and len(known) == 1:
                    yield from (name.decode(errors="replace").lower() for name, _ in file.items(known))

    def all_of(self, section: str, name: str) -> list[str]:
        """All that is said there, however often: what git would read first, first."""
        found: list[bytes] = []
        for file in reversed(self._files):
            with suppress(KeyError):
                found += file.get_multivar((section.encode(),), name.encode())
        return [os.fsdecode(one) for one in found]

    def urls(self) -> Iterator[bytes]:
        """Where the repository's remotes are."""
        for file in self._files:
            for known in file.sections():
                if known[0] == b"remote" and b"url" in file[known]:
                    yield file.get(known, b"url")


class _Opener:
    """Has dulwich read what fits."""

    def __init__(self) -> None:
        self.paths: list[Path] = []
        self._count = 0

    def open(self, path: str | os.PathLike[str]) -> IO[bytes]:
        """What an included file says; one that is not there says nothing."""
        self._count += 1
        if self._count > MOST_FILES:
            raise ConfigUnfit(os.fspath(path), f"more than {MOST_FILES} files are included")
        return self.content(Path(path)) or BytesIO()

    def content(self, path: Path) -> BytesIO | None:
        self.paths.append(path)
        try:
            content = read(path, GIT_TEXT, follows=True)
        except Unfit as error:
            raise ConfigUnfit(str(path), str(error.strerror)) from error
        return None if content is None else BytesIO(content)


def shared_files() -> list[Path]:
    """The files for all repositories, of the user and of the system, the closest first (git-config(1), FILES)."""
    chosen, home = os.environ.get("GIT_CONFIG_GLOBAL"), os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    files = ["~/.gitconfig", f"{home}/git/config"] if chosen is None else [chosen]
    if "GIT_CONFIG_SYSTEM" in os.environ:
        files.append(os.environ["GIT_CONFIG_SYSTEM"])
    elif "GIT_CONFIG_NOSYSTEM" not in os.environ:
        files.append("/etc/gitconfig")
    return [Path(one).expanduser() for one in files if one]


def is_called_safe(worktree: Path) -> bool:
    """Whether the user trusts a repository of somebody else's (`safe.directory`); what it says of itself is not asked."""
    is_safe, place = False, worktree.resolve()
    for said in Config(shared_files()).all_of("safe", "directory"):
        named = Path(said.removesuffix("/*")).expanduser().resolve()
        meant = place.parents if said.endswith("/*") else [place]
        # An empty one takes back all that were said before it.
        is_safe = bool(said) and (is_safe or said == "*" or named in meant)
    return is_safe


def conditions(git_dir: Path, urls: set[bytes], branch: bytes | None) -> Conditions:
    """When git includes a file of configuration in others (includeIf)."""
    places = {os.fsencode(git_dir.absolute()), os.fsencode(git_dir.resolve())}
    branches = {branch} if branch else set()
    return {
        "gitdir:": lambda said: _is_any(places, _gitdir_pattern(said)),
        "gitdir/i:": lambda said: _is_any(places, _gitdir_pattern(said), any_case=True),
        "onbranch:": lambda said: _is_any(branches, _with_all_below(said)),
        "hasconfig:remote.*.url:": lambda said: _is_any(urls, said),
    }


def _is_any(texts: set[bytes], pattern: str, *, any_case: bool = False) -> bool:
    rule = wildmatch(os.fsencode(pattern), any_case=any_case)
    return rule is not None and any(rule.fullmatch(text) for text in texts)


def _gitdir_pattern(said: str) -> str:
    """A pattern for the place of a repository, as git completes it."""
    if said.startswith("~/"):
        said = f"{Path.home().resolve()}{said[1:]}"
    return _with_all_below(said if said.startswith("/") else f"**/{said}")


def _with_all_below(said: str) -> str:
    """With a slash at its end a pattern stands for all that is below."""
    return f"{said}**" if said.endswith("/") else said


def wildmatch(pattern: bytes, *, any_case: bool = False) -> re.Pattern[bytes] | None:
    """One of git's patterns, to be held against a whole path; None where git would find no sense in it."""
    try:
        return re.compile(translate(pattern), re.DOTALL | (re.IGNORECASE if any_case else 0))
    except MalformedPattern:
        return None


def share(path: Path, said: str | None) -> None:
    """Let others in, where `core.sharedRepository` says that the repository is meant for several users."""
    adjust_shared_perm(path, parse_shared_repository(said) if said else None)
