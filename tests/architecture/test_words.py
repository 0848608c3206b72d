"""What is said of itself: by modules, public names, events and errors."""

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from inspect import getsource
from typing import TypeVar

import pytest

from events import Event
from events.errors import TakesError
from tests.architecture.sources import MODULES, PACKAGES, ROOT, dotted, tree
from tests.support.of_each import of_each

T = TypeVar("T")


@of_each(MODULES)
def test_a_module_says_what_it_owns(module: str) -> None:
    assert ast.get_docstring(tree(module))


@of_each(MODULES)
def test_public_names_have_docstrings(module: str) -> None:
    public = [
        node
        for node in tree(module).body
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and not node.name.startswith("_")
    ]
    assert not [node.name for node in public if not ast.get_docstring(node) and not _has_summary(node)]


def _has_summary(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a route says in its decorator what it is for."""
    calls = [call for call in node.decorator_list if isinstance(call, ast.Call)]
    return any(keyword.arg == "summary" for call in calls for keyword in call.keywords)


def test_every_event_says_what_happened() -> None:
    silent = [event.__name__ for event in _all_below(Event) if not event.__doc__]
    assert not silent


@of_each([module for module in MODULES if module.endswith("/errors.py")])
def test_an_error_says_when_it_is_raised(module: str) -> None:
    for node in tree(module).body:
        if isinstance(node, ast.ClassDef):
            assert (ast.get_docstring(node) or "").startswith(("Raised when", "The root of")), node.name


@pytest.fixture
def _all_imported() -> None:
    for module in MODULES:
        import_module(dotted(module))


@pytest.mark.usefixtures("_all_imported")
def test_an_error_that_is_raised_has_a_hint() -> None:
    raised = [error for error in _all_below(TakesError) if (error.__doc__ or "").startswith("Raised when")]
    assert {error.__module__.partition(".")[0] for error in raised} == set(PACKAGES)
    assert not [error.__name__ for error in raised if not error.hint and not _makes_a_hint(error)]


def _makes_a_hint(error: type[TakesError]) -> bool:
    ours = [kind for kind in error.__mro__ if issubclass(kind, TakesError)]
    return any("self.hint = " in getsource(kind) for kind in ours)


@pytest.mark.usefixtures("_all_imported")
def test_an_error_with_a_hint_has_the_one_root() -> None:
    ours = [error for error in _all_below(Exception) if error.__module__.partition(".")[0] in PACKAGES]
    assert not [
        error.__name__ for error in ours if not issubclass(error, TakesError) and "hint" in getsource(error)
    ]


def _all_below(root: type[T]) -> Iterator[type[T]]:
    for child in root.__subclasses__():
        yield child
        yield from _all_below(child)


@of_each(MODULES)
def test_nothing_names_a_path_of_one_machine(module: str) -> None:
    assert not re.search(r"/(work|home|Users)/\w", (ROOT / module).read_text("utf-8"))
