"""What is private stays with whom it is: with a module of ours, or with a library."""

import ast
import sys
from functools import cache
from importlib import import_module

import pytest

from tests.architecture.sources import MODULES, PACKAGES, dotted, imported, nodes
from tests.support.of_each import of_each

UNEXPORTED = {"watchdog.observers.inotify_c": "daemon/watching/inotify.py"}
"""Modules that a library keeps to itself without calling them so; the reason stands at the top of the one that asks."""

PUBLIC = {"os._exit": "documented for the child of a fork, which must not clean up what is its parent's"}
"""What is anybody's in spite of its underscore, and why."""


def source_of(name: str) -> str | None:
    """The module of ours in which that name is, by its dotted name; None where it is none of ours."""
    path = name.replace(".", "/")
    known = (f"{path}.py", f"{path}/__init__.py", f"{path.rpartition('/')[0]}.py")
    return next((module for module in known if module in MODULES), None)


@of_each(MODULES)
def test_nothing_private_is_imported(module: str) -> None:
    assert not [name for name in imported(module) if any(_is_private(part) for part in name.split("."))]


@of_each(MODULES)
def test_private_attributes_are_ones_own(module: str) -> None:
    asked = {
        ast.unparse(node)
        for node in nodes(module)
        if isinstance(node, ast.Attribute) and _is_private(node.attr)
    }
    ours = {source for name in imported(module) if (source := source_of(name))}
    own = {name for one in {module, *ours} for name in _defined(one)}
    assert not [name for name in asked - set(PUBLIC) if name.rpartition(".")[2] not in own]


@of_each(MODULES)
def test_private_attributes_are_not_asked_for_by_text(module: str) -> None:
    calls = [node for node in nodes(module) if isinstance(node, ast.Call)]
    texts = [
        argument.value
        for call in calls
        if ast.unparse(call.func).rpartition(".")[2] in BY_TEXT
        for argument in call.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    ]
    assert not [text for text in texts if any(_is_private(part) for part in text.split("."))]


@of_each(MODULES)
def test_no_private_part_of_a_library_is_overridden(module: str) -> None:
    if module == "daemon/watching/inotify.py" and not sys.platform.startswith("linux"):
        return  # it is Linux's
    found = vars(import_module(dotted(module))).values()
    classes = [one for one in found if isinstance(one, type) and one.__module__ == dotted(module)]
    overridden = [
        f"{one.__name__}.{name} of {base.__module__}"
        for one in classes
        for base in one.__mro__[1:]
        if base.__module__.partition(".")[0] not in {*PACKAGES, *sys.stdlib_module_names}
        for name in vars(one).keys() & vars(base).keys()
        if _is_private(name) and name != "_abc_impl"  # an abstract class has one of its own
    ]
    assert not overridden


@pytest.mark.parametrize(("unexported", "home"), UNEXPORTED.items())
def test_what_a_library_does_not_export_is_asked_by_one_module(unexported: str, home: str) -> None:
    assert [
        module for module in MODULES if any(name.startswith(unexported) for name in imported(module))
    ] == [home]


BY_TEXT = {"getattr", "setattr", "delattr", "hasattr", "attrgetter", "methodcaller", "getattr_static"}
"""What takes the name of an attribute as text."""


def _is_private(name: str) -> bool:
    return name.startswith("_") and not (name.startswith("__") and name.endswith("__"))


@cache
def _defined(module: str) -> frozenset[str]:
    """The names of functions, of classes and of attributes that are given a value in that module."""
    found = set()
    for node in nodes(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            found.add(node.attr)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
    return frozenset(found)
