"""Rules: what is ignored, which attributes a path has, and how its lines end, are what the real git says."""

import random
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from projections.git.repository import open_repository
from projections.git.rules import Rules, Value
from tests.projections.git.git_film import at_home
from tests.support.film import environment

ROUNDS = 60
FOLDERS = ("", "a", "a/b", "a b", "c")
PATTERNS = [
    r"*",
    r"*.mp4",
    r"*.MP4",
    r"/*.mp4",
    r"a/*.mp4",
    r"/a/*",
    r"**/x.mp4",
    r"a/**",
    r"a/**/x.mp4",
    r"**",
    r"b/",
    r"a/",
    r"/a/",
    r"x.mp4",
    r"b/x.mp4",
    r"?.mp4",
    r"[xyz].mp4",
    r"[!x].mp4",
    r"\[q\].mp4",
    r"é.png",
    r"a/b",
    r"**/b/*",
    r"!x.mp4",
    r"!a/",
    r"!a/b",
    r"!*.mp4",
    r"!**/",
    r"link/",
    r"link",
    r"!y.png",
    r"!a/b/",
    r"!/a/b/x.mp4",
    r"**/",
    r"/**",
    r"a/*",
    r"!b/",
    r"/",
    r"!",
    r"*/",
    r"c/",
    r"*_thumbnail.png",
    r"\*.mp4",
    r"[[:alpha:]].mp4",
    r"a*/x.mp4",
    r"*/x.mp4",
    r"*/#h",
    r"*h",
    r"*.png",
    r"[z-a]",
    r"[",
]
NAMES = ("x.mp4", "y_thumbnail.png", "Z.MP4", "é.png", "[q].mp4", "#h", "!n", "tail ", "sp ace.mp4", "y.png")
PATHS = [f"{folder}/{name}".strip("/") for folder in FOLDERS for name in NAMES]


@pytest.fixture
def worktree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    at_home(tmp_path, monkeypatch)
    root = tmp_path / "MyFilm"
    for path in PATHS:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).touch()
    for folder in ("a", "c"):
        (root / folder / "link").symlink_to(".")
    git(root, "init", "--quiet")
    (root / ".git" / "info").mkdir(exist_ok=True)
    (tmp_path / "config" / "git").mkdir(parents=True)
    return root


def git(root: Path, *args: str, given: bytes = b"") -> bytes:
    """What git prints; it may fail where it finds nothing."""
    env = environment(root.parent, GIT_CONFIG_NOSYSTEM="1")
    return subprocess.run(
        ["git", *args], cwd=root, env=env, input=given, capture_output=True, check=False
    ).stdout


@contextmanager
def files(places: list[Path], content: Callable[[], str]) -> Iterator[dict[Path, str]]:
    """Some of those files, each with its content, until the block ends."""
    made = {place: content() for place in places if random.random() < 0.4}
    for place, text in made.items():
        place.write_text(text)
    try:
        yield made
    finally:
        for place in made:
            place.unlink()


def test_what_is_ignored_is_what_git_ignores(worktree: Path) -> None:
    patterns = [*PATTERNS, r"\#h", r"\!n", "tail\\ ", "tail ", "#h", "a b", ""]
    places = [worktree / folder / ".gitignore" for folder in FOLDERS]
    places += [worktree / ".git/info/exclude", worktree.parent / "config/git/ignore"]

    def content() -> str:
        return random.choice(["\n", "\r\n"]).join(random.choices(patterns, k=random.randint(0, 5)))

    paths = [*PATHS, "a/link", "c/link"]
    for seed in range(ROUNDS):
        random.seed(seed)
        with files(places, content) as made:
            given = "\0".join(paths).encode()
            said = git(worktree, "check-ignore", "--no-index", "-z", "--stdin", given=given)
            with open_repository(worktree) as repository:
                rules = Rules(repository)
                ignored = {path for path in paths if rules.ignores(path)}
            assert ignored == {path.decode() for path in said.split(b"\0") if path}, made


def test_attributes_are_those_that_git_finds(worktree: Path) -> None:
    patterns = [
        *PATTERNS,
        '"sp ace.mp4"',
        r'"\303\251.png"',
        "sp?ace.mp4",
        "sp[[:space:]]ace.mp4",
        '"x.mp4',
        "# x",
    ]
    words = [
        "filter=lfs",
        "-filter",
        "!filter",
        "filter",
        "text",
        "-text",
        "!text",
        "text=auto",
        "binary",
        "-binary",
        "!binary",
        "big",
        "-big",
        "eol=lf",
    ]
    places = [worktree / folder / ".gitattributes" for folder in FOLDERS]
    places += [worktree / ".git/info/attributes", worktree.parent / "config/git/attributes"]

    def line() -> str:
        said = " ".join(random.sample(words, random.randint(1, 3)))
        return random.choice(["[attr]big filter=lfs -text", *[f"{random.choice(patterns)} \t{said}"] * 9])

    def content() -> str:
        lines = [line() for _ in range(random.randint(0, 5))]
        return random.choice(["", "\ufeff"]) + random.choice(["\n", "\r\n"]).join(lines) + "\n"

    for seed in range(ROUNDS):
        random.seed(seed)
        with files(places, content) as made:
            said = (
                git(worktree, "check-attr", "-z", "filter", "text", "eol", "--", *PATHS).decode().split("\0")
            )
            wanted = dict(zip(zip(said[::3], said[1::3], strict=False), said[2::3], strict=False))
            with open_repository(worktree) as repository:
                rules = Rules(repository)
                found = {
                    (path, name): _as_told(rules.attributes(path).get(name.encode()))
                    for path in PATHS
                    for name in ("filter", "text", "eol")
                }
            assert found == wanted, made


def _as_told(value: Value) -> str:
    if isinstance(value, bytes):
        return value.decode()
    return "unspecified" if value is None else "set" if value else "unset"


def test_letters_are_of_one_case_where_the_disk_says_so(worktree: Path) -> None:
    git(worktree, "config", "core.ignoreCase", "true")
    (worktree / ".gitignore").write_text("*.mp4\n")
    (worktree / ".gitattributes").write_text("*.PNG filter=lfs\n")
    with open_repository(worktree) as repository:
        assert Rules(repository).ignores("a/Z.MP4")
        assert Rules(repository).attributes("a/y.png")[b"filter"] == b"lfs"


def test_the_file_that_has_the_last_word_is_named(worktree: Path) -> None:
    (worktree / ".gitattributes").write_text("[attr]big filter=lfs\n*.mp4 text\n")
    (worktree / "a/.gitattributes").write_text("*.mp4 big\n")
    with open_repository(worktree) as repository:
        rules = Rules(repository)
        assert rules.deciding_file("a/x.mp4", b"filter") == worktree / "a/.gitattributes"
        assert rules.deciding_file("a/x.mp4", b"text") == worktree / ".gitattributes"
        assert rules.deciding_file("c/x.mp4", b"filter") is None


def test_lines_end_as_git_ends_them(worktree: Path) -> None:
    said = [
        "",
        *(
            f"* {word}"
            for word in [
                "text",
                "text=auto",
                "-text",
                "eol=lf",
                "eol=crlf",
                "crlf",
                "-crlf",
                "crlf=input",
                "binary",
                "text=x",
            ]
        ),
    ]
    said += ["* text eol=crlf", "* text=auto eol=lf"]
    parts = [b"a" * 50, b"\r\n", b"\n", b"\r", b"\0", b"\1", "é".encode(), b"x\r\n" * 20, b"\x1a", b"y" * 200]
    weights = (1, 4, 2, 0.3, 0.1, 0.3, 1, 1, 0.2, 1)
    for seed in range(ROUNDS):
        random.seed(seed)
        before, content = (b"".join(random.choices(parts, weights, k=random.randint(0, 6))) for _ in range(2))
        git(worktree, "config", "core.autocrlf", random.choice(["true", "input", "false"]))
        (worktree / ".gitattributes").write_text(random.choice(said))
        name = git(worktree, "hash-object", "-w", "--stdin", given=before).decode().strip()
        git(worktree, "update-index", "--add", "--cacheinfo", f"100644,{name},f")
        (worktree / "f").write_bytes(content)
        with open_repository(worktree) as repository:
            kept = Rules(repository).as_staged("f", content, before)
        git(worktree, "add", "f")
        assert kept == git(worktree, "cat-file", "blob", ":f"), (before, content)
