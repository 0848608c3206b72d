"""Rules: what git is to ignore of a worktree, and what `.gitattributes` say of it.

Read as git reads them, fuzzed against `git check-ignore` and `git check-attr`: dulwich has the patterns right, but
not macros, quoted names, links to folders, the order of the files, and those that all worktrees share.
"""

import os
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path

from msgspec import Struct, structs

from projections.files.reading import GIT_TEXT, read, read_in
from projections.git.attributes import ATTRIBUTES
from projections.git.repository import Repository
from projections.gitdir.config import wildmatch
from projections.gitdir.line_ends import as_git_keeps, ends_of

IGNORES = ".gitignore"

_BOM = b"\xef\xbb\xbf"
_MACRO = b"[attr]"
_QUOTED = re.compile(rb'"((?:[^"\\]|\\.)*)"(?=[ \t\r\n]|\Z)')
_ESCAPE = re.compile(rb"\\([0-3][0-7]{2}|.)", re.DOTALL)
_ESCAPES = dict(zip(b"abfnrtv", b"\a\b\f\n\r\t\v", strict=True))

Value = bool | bytes | None
"""What is said of an attribute: set, unset, a text, or None where it is to be as if nothing had been said."""

Assignments = list[tuple[bytes, Value]]
"""The words of one line, in their order."""

_BINARY: Assignments = [(b"diff", False), (b"merge", False), (b"text", False)]

_TAIL = 4

_SPECIAL = re.compile(rb".*[*?\[\]]", re.DOTALL)


class Rule(Struct, frozen=True, eq=False):
    """One pattern of a file in that folder; `is_of_names` where only a path's last part is held against it.

    What it matches ends in the `tail`, which is a few bytes, or none; where it `is_tail`, a star and that is all of it.
    """

    pattern: re.Pattern[bytes]
    folder: bytes
    is_of_names: bool
    is_for_folders: bool
    tail: bytes = b""
    is_tail: bool = False
    is_negative: bool = False
    words: Assignments = []
    place: Path = Path()

    def matches(self, path: bytes, *, is_folder: bool = False) -> bool:
        """Whether it speaks of that path in the worktree."""
        if (self.is_for_folders and not is_folder) or not path.startswith(self.folder):
            return False
        below = path[len(self.folder) :]
        return (self.is_tail and path.endswith(self.tail)) or bool(
            self.pattern.fullmatch(below.rpartition(b"/")[2] if self.is_of_names else below)
        )


class RuleList:
    """Rules, the one that has the last word first, and for each end of a path those that may speak of it."""

    def __init__(self, rules: list[Rule]) -> None:
        self.rules = rules
        self._by_tail: dict[bytes, tuple[Rule, ...]] = {}

    def of(self, path: bytes, *, is_folder: bool = False) -> tuple[Rule, ...]:
        """Those that speak of a path in the worktree."""
        tail = path[-_TAIL:]
        rules = self._by_tail.get(tail)
        if rules is None:
            rules = self._by_tail[tail] = tuple([rule for rule in self.rules if tail.endswith(rule.tail)])
        return rules and tuple([rule for rule in rules if rule.matches(path, is_folder=is_folder)])


class FolderRules(Struct, frozen=True, eq=False):
    """The rules for what lies in one folder, and whether that is kept out of git, or one above it."""

    ignored: RuleList
    attributes: RuleList
    is_left_out: bool = False

    def ignores(self, path: bytes, *, is_folder: bool = False) -> bool:
        """Whether a path in that folder is kept out of git."""
        return self.is_left_out or self._excludes(path, is_folder=is_folder)

    def _excludes(self, path: bytes, *, is_folder: bool) -> bool:
        """What the last rule of the closest file says that says anything."""
        found = self.ignored.of(path, is_folder=is_folder)
        return bool(found) and not found[0].is_negative


class Rules:
    """The rules of one worktree, each file of them read once; `unread` says why one of them says nothing."""

    def __init__(self, repository: Repository) -> None:
        self._worktree = repository.worktree
        self._common = repository.common_dir / "info"
        self._personal_ignores = repository.user_file("excludesFile", "ignore")
        self._personal_attributes = repository.user_file("attributesFile", "attributes")
        self._any_case = repository.is_on("core", "ignoreCase")
        self._autocrlf = repository.setting("core", "autocrlf")
        self._plain = set[bytes]()
        self.unread: dict[Path, str] = {}
        self.read_again()

    def note_names(self, folder: bytes, names: Collection[str]) -> None:
        """Say what was seen in a folder of the worktree, whatever else may be there that is certainly no file of rules."""
        if not any(name.lower() in (IGNORES, ATTRIBUTES) for name in names):
            self._plain.add(folder)

    def forget(self) -> None:
        """Let go of what was worked out for each folder, which is much in a large film."""
        self.within.cache_clear()
        self._said_by.cache_clear()
        self._plain.clear()

    def read_again(self) -> None:
        """Forget what was read, as a file of rules has changed."""
        self._plain.clear()
        self.within = cache(self._find_within)
        self._said_by = cache(self._find_said)
        self._shared_attributes = self._read_attributes(self._common / "attributes", b"")
        self._macros = self._read_macros()

    def files_above(self, folder: str) -> list[Path]:
        """The files of rules for a folder and those above it, whether or not they are there."""
        folders = [self._worktree / os.fsdecode(one) for one in up_from(os.fsencode(folder))]
        shared = [self._common / "exclude", self._common / "attributes"]
        own = [one / name for one in folders for name in (IGNORES, ATTRIBUTES)]
        return [*own, *shared, self._personal_ignores, self._personal_attributes]

    def _find_within(self, folder: bytes) -> FolderRules:
        """The rules for what lies in a folder: where it has no files of them, those of the one above."""
        if not folder:
            return FolderRules(RuleList(self._all_ignores()), RuleList(self._all_attributes()))
        above = self.within(folder.rpartition(b"/")[0])
        is_left_out = above.ignores(folder, is_folder=True)
        ignores = [] if is_left_out else self._own_ignores(folder)
        attributes = self._own_attributes(folder)
        if not ignores and not attributes and is_left_out == above.is_left_out:
            return above
        first = len(self._shared_attributes)
        ordered = [*above.attributes.rules[:first], *attributes, *above.attributes.rules[first:]]
        return FolderRules(
            RuleList([*ignores, *above.ignored.rules]) if ignores else above.ignored,
            RuleList(ordered) if attributes else above.attributes,
            is_left_out,
        )

    # Ignoring.

    def ignores(self, path: str) -> bool:
        """Whether `.gitignore` keeps a path out of git; one of a folder ends with a slash."""
        full = os.fsencode(path.rstrip("/"))
        return self.within(full.rpartition(b"/")[0]).ignores(full, is_folder=path.endswith("/"))

    def as_staged(self, path: str, content: bytes, before: bytes | None) -> bytes:
        """A file's content as git would stage it; `before` is what it has of the file already."""
        return as_git_keeps(content, ends_of(self.attributes(path), self._autocrlf), before)

    def _all_ignores(self) -> list[Rule]:
        """Those of the worktree itself, and of the user."""
        shared = [
            *self._read_ignores(self._personal_ignores, b""),
            *self._read_ignores(self._common / "exclude", b""),
        ]
        return [*self._own_ignores(b""), *reversed(shared)]

    def _own_ignores(self, folder: bytes) -> list[Rule]:
        """Those of a folder's own file."""
        if not self._has(folder, IGNORES):
            return []
        return self._read_ignores(self._worktree / os.fsdecode(folder) / IGNORES, folder)[::-1]

    def _has(self, folder: bytes, name: str) -> bool:
        """Whether there may be such a file in a folder of the worktree: to look is cheaper than to read."""
        if folder in self._plain:
            return False
        try:
            os.lstat(b"/".join((os.fsencode(self._worktree), folder, os.fsencode(name))))
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError:
            return True
        return True

    def _read_ignores(self, path: Path, folder: bytes) -> list[Rule]:
        rules = []
        for line in self._lines(path):
            if line.startswith(b"#"):
                continue
            is_negative = line.startswith(b"!")
            pattern = _trimmed(line.removesuffix(b"\r"))[is_negative:]
            rule = self._rule(pattern, folder, is_negative=is_negative)
            rules += [rule] if rule else []
        return rules

    # Attributes.

    def attributes(self, path: str) -> Mapping[bytes, Value]:
        """What is said of a path in the worktree."""
        full = os.fsencode(path)
        return self.said_of(full, self.within(full.rpartition(b"/")[0]))

    def said_of(self, path: bytes, rules: FolderRules) -> Mapping[bytes, Value]:
        """The same, by the rules for its folder."""
        return self._said_by(rules.attributes.of(path))

    def _find_said(self, rules: tuple[Rule, ...]) -> Mapping[bytes, Value]:
        """What those rules say together."""
        found: dict[bytes, Value] = {}
        for rule in rules:
            self._fill(found, rule.words)
        return {name: value for name, value in found.items() if value is not None}

    def deciding_file(self, path: str, attribute: bytes) -> Path | None:
        """The file whose lines have the last word on an attribute of that path; None where none speaks of it."""
        found: dict[bytes, Value] = {}
        full = os.fsencode(path)
        for rule in self.within(full.rpartition(b"/")[0]).attributes.of(full):
            self._fill(found, rule.words)
            if attribute in found:
                return rule.place
        return None

    def _fill(self, found: dict[bytes, Value], words: Assignments) -> None:
        """Add what is said to what is known already, which stays."""
        for name, value in reversed(words):
            if name not in found:
                found[name] = value
                self._fill(found, self._macros.get(name, []) if value is True else [])

    def _all_attributes(self) -> list[Rule]:
        """Those of the worktree itself and of the user; before all others those that all worktrees share."""
        personal = self._read_attributes(self._personal_attributes, b"")
        return [*reversed(self._shared_attributes), *self._own_attributes(b""), *reversed(personal)]

    def _own_attributes(self, folder: bytes) -> list[Rule]:
        """Those of a folder's own file."""
        if not self._has(folder, ATTRIBUTES):
            return []
        return self._read_attributes(self._worktree / os.fsdecode(folder) / ATTRIBUTES, folder)[::-1]

    def _read_attributes(self, path: Path, folder: bytes) -> list[Rule]:
        rules = []
        for pattern, words in _attribute_lines(self._lines(path)):
            rule = None if pattern.startswith((b"!", _MACRO)) else self._rule(pattern, folder)
            rules += [structs.replace(rule, words=words, place=path)] if rule else []
        return rules

    def _read_macros(self) -> dict[bytes, Assignments]:
        """Names that stand for several attributes; only files that speak of all folders may make one."""
        macros = {b"binary": _BINARY}
        for path in (self._personal_attributes, self._worktree / ATTRIBUTES, self._common / "attributes"):
            told = [
                (name.removeprefix(_MACRO), words)
                for name, words in _attribute_lines(self._lines(path))
                if name.startswith(_MACRO)
            ]
            macros |= dict(told)
        return macros

    def _lines(self, path: Path) -> Iterator[bytes]:
        """The lines of a file; as in git, one in the worktree is reached by no link."""
        try:
            content = self._content(path) or b""
        except OSError as error:
            self.unread[path] = str(error.strerror)
            return
        yield from filter(None, content.removeprefix(_BOM).split(b"\n"))

    def _content(self, path: Path) -> bytes | None:
        if path.is_relative_to(self._common) or path in (self._personal_ignores, self._personal_attributes):
            return read(path, GIT_TEXT, follows=True)
        with suppress(NotADirectoryError):
            return read_in(self._worktree, str(path.relative_to(self._worktree)), GIT_TEXT)
        return None

    def _rule(self, pattern: bytes, folder: bytes, *, is_negative: bool = False) -> Rule | None:
        """The rule of a pattern; None where it says nothing."""
        name = pattern.removesuffix(b"/")
        compiled = wildmatch(name.removeprefix(b"/"), any_case=self._any_case) if name else None
        if compiled is None:
            return None
        below = folder + b"/" if folder else b""
        tail = b"" if self._any_case or b"\\" in name else _SPECIAL.sub(b"", name.removeprefix(b"/"))[-_TAIL:]
        is_tail = bool(tail) and b"/" not in name and name == b"*" + tail
        return Rule(compiled, below, b"/" not in name, pattern.endswith(b"/"), tail, is_tail, is_negative)


def up_from(folder: bytes) -> list[bytes]:
    """A folder of the worktree and those above it, the closest first, the worktree itself last."""
    parts = folder.split(b"/") if folder else []
    return [b"/".join(parts[:count]) for count in range(len(parts), -1, -1)]


def _trimmed(line: bytes) -> bytes:
    """Without the spaces at its end, but for one behind a backslash."""
    end = len(line.rstrip(b" "))
    is_escaped = (end - len(line[:end].rstrip(b"\\"))) % 2
    return line[: end + 1] if is_escaped else line[:end]


def _attribute_lines(lines: Iterator[bytes]) -> Iterator[tuple[bytes, Assignments]]:
    """The pattern, or the macro's name, and the words of each line of a file of attributes."""
    for line in lines:
        text = line.strip(b" \t\r")
        quoted = _QUOTED.match(text)
        if quoted:
            yield _unquoted(quoted[1]), [_attribute(word) for word in text[quoted.end() :].split()]
        elif text and not text.startswith(b"#"):
            pattern, *words = text.split()
            yield pattern, [_attribute(word) for word in words]


def _unquoted(text: bytes) -> bytes:
    def plain(escape: re.Match[bytes]) -> bytes:
        code = escape[1]
        return bytes([int(code, 8)]) if len(code) > 1 else bytes([_ESCAPES.get(code[0], code[0])])

    return _ESCAPE.sub(plain, text)


def _attribute(word: bytes) -> tuple[bytes, Value]:
    name, equals, value = word.partition(b"=")
    if equals:
        return name, value
    if word[:1] in (b"-", b"!"):
        return word[1:], False if word[:1] == b"-" else None
    return word, True
