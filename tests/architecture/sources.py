"""The sources of the three packages: what there is, and what stands in it. Each is read once for all that is asked."""

import ast
from collections.abc import Sequence
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("events", "projections", "daemon")

MODULES = sorted(
    path.relative_to(ROOT).as_posix() for package in PACKAGES for path in (ROOT / package).rglob("*.py")
)


def of(package: str) -> list[str]:
    return [module for module in MODULES if module.startswith(f"{package}/")]


@cache
def tree(module: str) -> ast.Module:
    return ast.parse((ROOT / module).read_text("utf-8"), module)


@cache
def nodes(module: str) -> Sequence[ast.AST]:
    return [*ast.walk(tree(module))]


@cache
def imported(module: str) -> Sequence[str]:
    """What the module imports wherever in it: `os.path` for `import os.path`, `os.path` for `from os import path`."""
    found: list[str] = []
    for node in nodes(module):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: {ast.unparse(node)}"
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return found


def dotted(module: str) -> str:
    return module.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def libraries(module: str) -> set[str]:
    return {name.partition(".")[0] for name in imported(module)}


@cache
def names(module: str) -> frozenset[str]:
    """Every name that is used: of variables, of attributes, and what is imported from elsewhere."""
    used = {name.rpartition(".")[2] for name in imported(module)}
    for node in nodes(module):
        if isinstance(node, ast.Attribute):
            used.add(node.attr)
        elif isinstance(node, ast.Name):
            used.add(node.id)
    return frozenset(used)


def forget() -> None:
    """Let go of what was read: a million objects, which would be looked through for garbage in every test after these."""
    tree.cache_clear()
    nodes.cache_clear()
