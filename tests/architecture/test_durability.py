"""What is replaced survives a power cut: read from the code, since no test can cut the power."""

import ast
from collections.abc import Iterator
from functools import cache

import pytest

from tests.architecture.sources import MODULES, tree
from tests.support.of_each import of_each

WITHOUT = {
    ("daemon/disk/moving.py", "_rename_by_hand"): "whoever moves a file has the folders on disk after",
    ("daemon/space/purge.py", "_rename"): "what is moved aside is decided on after, and that is on disk",
    ("daemon/cli/machine/background.py", "put_aside"): "what was told is worth as much under its old name",
    ("projections/artifacts/store.py", "_put"): "whoever makes an object has its folder on disk after",
    ("projections/artifacts/store.py", "_linked"): "whoever makes an object has its folder on disk after",
    ("projections/files/writing.py", "place"): "all names of many files are on disk at the end, by folder",
    ("daemon/runners/comfyui/client.py", "fetch"): "the folder of a job is worth nothing after a crash",
}
"""Functions that rename and have no name on disk when they return, and why they need not."""

SYNCS = ("fsync", "sync", "sync_folder", "_sync")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(tree: ast.AST) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


@cache
def calls(function: Function) -> list[ast.Call]:
    """The calls in a function, in the order of the text."""
    found = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
    return sorted(found, key=lambda call: (call.end_lineno or 0, call.end_col_offset or 0))


def called(call: ast.Call) -> str:
    """The last name of what is called."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def owner(call: ast.Call) -> str:
    """The variable whose method is called, if it is one."""
    is_method = isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name)
    return call.func.value.id if is_method else ""  # type: ignore[attr-defined]


def buffered(function: Function) -> dict[str, str]:
    """The files that a `with` opens for Python to buffer, by name, and the descriptor that each was made from."""
    opened = {}
    for node in ast.walk(function):
        for item in node.items if isinstance(node, ast.With | ast.AsyncWith) else ():
            call, name = item.context_expr, item.optional_vars
            if not (isinstance(call, ast.Call) and isinstance(name, ast.Name)):
                continue
            is_raw = any(keyword.arg == "buffering" for keyword in call.keywords)
            if called(call) in {"open", "fdopen"} and not is_raw:
                first = call.args[0] if call.args else None
                opened[name.id] = first.id if isinstance(first, ast.Name) else ""
    return opened


def synced_too_early(tree: ast.AST) -> list[int]:
    """The lines on which a file is put on disk while Python still holds some of what was written to it."""
    early = []
    for function in functions(tree):
        files, held = buffered(function), set()
        for call in calls(function):
            if called(call) in {"write", "writelines"} and owner(call) in files:
                held.add(owner(call))
            elif called(call) in {"flush", "close"}:
                held.discard(owner(call))
            elif called(call) in SYNCS and call.args:
                asked = ast.unparse(call.args[0])
                if any(asked in {files[one], f"{one}.fileno()"} for one in held):
                    early.append(call.lineno)
    return early


def renamed_for_the_moment(tree: ast.AST) -> list[str]:
    """The functions that rename something and do not have a folder put on disk after."""
    left = []
    for function in functions(tree):
        ends = [_place(call) for call in calls(function) if called(call) in SYNCS]
        if any(not ends or place > max(ends) for place in renames(function)):
            left.append(function.name)
    return left


def renames(function: Function) -> Iterator[tuple[int, int]]:
    """Where a function renames: `os.replace(a, b)`, `a.replace(b)`, and `a.replace` for others to call."""
    made = {id(call.func): call for call in calls(function)}
    for node in ast.walk(function):
        if isinstance(node, ast.Attribute) and node.attr in {"replace", "rename"}:
            call, is_os = made.get(id(node)), ast.unparse(node.value) == "os"
            if call is None or is_os or (len(call.args) == 1 and not call.keywords):
                yield _place(node)


def _place(node: ast.expr) -> tuple[int, int]:
    return node.lineno, node.col_offset


@pytest.fixture(scope="module", autouse=True)
def _the_calls_do_not_stay() -> Iterator[None]:
    yield
    calls.cache_clear()


@of_each(MODULES)
def test_nothing_is_put_on_disk_that_python_still_holds(module: str) -> None:
    assert not synced_too_early(tree(module))


@of_each(MODULES)
def test_what_is_renamed_has_its_name_on_disk(module: str) -> None:
    allowed = {name for path, name in WITHOUT if path == module}
    assert set(renamed_for_the_moment(tree(module))) == allowed


EARLY = """
def f(path, content):
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        {}
"""


@pytest.mark.parametrize("sync", ["os.fsync(file.fileno())", "os.fsync(descriptor)", "_sync(descriptor)"])
def test_a_sync_before_the_flush_is_seen(sync: str) -> None:
    assert synced_too_early(ast.parse(EARLY.format(sync))) == [5]
    assert not synced_too_early(ast.parse(EARLY.format(f"file.flush(); {sync}")))
    assert synced_too_early(ast.parse(EARLY.format(f"file.flush(); file.write(more); {sync}"))) == [5]


@pytest.mark.parametrize(
    "rename", ["os.replace(a, b)", "os.rename(a, b)", "a.replace(b)", "a.rename(b)", "run(a.replace, b)"]
)
def test_a_rename_without_a_sync_is_seen(rename: str) -> None:
    assert renamed_for_the_moment(ast.parse(f"def f():\n    {rename}")) == ["f"]
    assert renamed_for_the_moment(ast.parse(f"def f():\n    sync(b)\n    {rename}")) == ["f"]
    assert not renamed_for_the_moment(ast.parse(f"def f():\n    {rename}\n    sync(folder)"))


def test_a_text_is_no_file() -> None:
    assert not renamed_for_the_moment(ast.parse("def f():\n    text.replace(a, b)\n    replace(x, y=1)"))
