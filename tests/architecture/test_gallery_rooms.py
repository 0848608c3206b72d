"""Who may import whom in the gallery's sources; held here, beside the table of the Python rooms."""

import re
from collections import Counter
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "gallery" / "src"
ARCHITECTURE = ROOT / "docs" / "building" / "architecture.md"

ROOMS = {
    "clamp": "",
    "format": "",
    "json": "",
    "patience": "",
    "timecode": "",
    "types": "",
    "urls": "types",
    "early": "",
    "api": "early json types urls",
    "film": "format json types",
    "ui": "format",
    "keys": "ui",
    "fullwindow": "keys ui",
    "windowed": "clamp",
    "data": "api film json types",
    "app": "api clamp data film format types ui",
    "first": "app",
    "recipe": "film format json types ui",
    "sequence": "api film patience timecode types",
    "look": "clamp ui",
    "sketch": "clamp types ui",
    "transport": "clamp sequence timecode ui",
    "player": "api film format fullwindow keys look sequence timecode transport types ui",
    "compare": "clamp film fullwindow keys look player recipe timecode transport types ui",
    "reel": "api clamp film format fullwindow keys player sequence timecode transport types ui",
    "generate": "api film format recipe types ui",
    "states": "api app film format ui",
    "drop": "api app film format types ui",
    "menu": "api app drop film keys types",
    "judge": "api app film format fullwindow keys player recipe sketch timecode transport types ui",
    "cards": "app ui",
    "grid": "api app cards clamp drop film format judge keys menu recipe states types ui windowed",
    "find": "app film format grid states types ui",
    "left": "api app film format keys menu types ui windowed",
    "right": "api app film format judge recipe types ui",
    "past": "api app film format types ui",
    "overview": "api app cards film format menu types ui windowed",
    "storage": "api app data film format types ui windowed",
    "help": "app ui",
    "palette": "app clamp drop film keys types ui",
    "shell": "app compare drop film find format generate grid help judge keys left menu overview palette past reel right states storage types ui",
}
"""Every room of `lib/`, a folder or a file of its own, the ground floor first, and the rooms that it may ask.

Only the page itself stands above them all, and only tests may ask tests.
"""

GROUND = {"clamp", "format", "patience", "timecode"}
"""What is too small to be told of."""

MOST_FILES = 15
"""Files of a folder: what has more is two rooms."""

LIBRARIES = {"svelte"}
"""What the page that is shipped is made with."""

STATEMENT = re.compile(
    r"""^\s*(?:import\s+(?:[^'"=();]*?\bfrom\s+)?|export\s+(?:type\s+)?(?:\*|\{[^}]*\})[^'"\n]*\bfrom\s+)['"]([^'"]+)['"]""",
    re.MULTILINE,
)
AT_RUN_TIME = re.compile(r"""\bimport\(\s*['"]([^'"]+)['"]\s*\)""")

MODULES = sorted(
    path.relative_to(SOURCES).as_posix()
    for path in SOURCES.rglob("*")
    if path.name.endswith((".ts", ".svelte")) and not path.name.endswith(".d.ts")
)
SHIPPED = [module for module in MODULES if not {"tests", "stories"} & {*Path(module).parts}]


def text(module: str) -> str:
    return (SOURCES / module).read_text("utf-8")


def imported(module: str) -> Iterator[str]:
    """What the module imports: a library by its name, a file by its path in the sources."""
    for found in (*STATEMENT.findall(text(module)), *AT_RUN_TIME.findall(text(module))):
        path = (SOURCES / module).parent / found
        yield path.resolve().relative_to(SOURCES).as_posix() if found.startswith(".") else found


def room(module: str) -> str:
    """The room that a module of `lib/` lies in; empty for the page itself."""
    first, _, rest = module.partition("/")
    return rest.partition("/")[0].partition(".")[0] if first == "lib" else ""


def asked(module: str) -> dict[str, str]:
    """The rooms that a module asks, each by a file of it."""
    found = {room(one): one for one in imported(module) if one.endswith((".ts", ".svelte"))}
    return {name: one for name, one in found.items() if name not in {"", room(module)}}


def test_every_room_is_in_the_table() -> None:
    assert {room(module) for module in SHIPPED} - {""} == set(ROOMS)


def test_the_architecture_tells_of_every_room() -> None:
    _, _, rest = ARCHITECTURE.read_text("utf-8").partition("| room of `gallery/src/lib/` |")
    rows = [line for line in rest.partition("\n\n")[0].splitlines() if line.startswith("| `")]
    told = {name.removesuffix(".ts") for row in rows for name in re.findall(r"`([^`]+)`", row.split("|")[1])}
    assert told == set(ROOMS) - GROUND


def test_arrows_between_rooms_go_one_way() -> None:
    known: set[str] = set()
    for name, may_ask in ROOMS.items():
        assert set(may_ask.split()) <= known, name
        known.add(name)


@pytest.mark.parametrize("name", ROOMS)
def test_a_room_of_the_gallery_asks_those_that_the_table_says(name: str) -> None:
    modules = [module for module in SHIPPED if room(module) == name]
    found = {one: module for module in modules for one in asked(module)}
    assert set(found) == set(ROOMS[name].split()), found


def test_no_module_of_the_gallery_asks_itself_by_way_of_others() -> None:
    order = TopologicalSorter({module: set(imported(module)) & set(MODULES) for module in MODULES})
    assert set(order.static_order()) == set(MODULES)  # CycleError says which they are


def test_what_is_shipped_asks_no_test_and_no_other_library() -> None:
    outside = {one for module in SHIPPED for one in imported(module)} - set(SHIPPED)
    assert {one.partition("/")[0] for one in outside if not one.endswith(".css")} == LIBRARIES


def test_an_import_names_its_file_whole() -> None:
    asked_of_us = {
        one for module in MODULES for one in imported(module) if one.startswith(("lib/", "tests/"))
    }
    assert not [one for one in asked_of_us if not (SOURCES / one).is_file()]


def test_no_import_is_overlooked() -> None:
    words = re.compile(r"^\s*import\b|^\s*export\b.*\bfrom ['\"]|\bimport\(", re.MULTILINE)
    short = [module for module in MODULES if len([*imported(module)]) != len(words.findall(text(module)))]
    assert not short


def test_a_folder_of_the_gallery_is_no_warehouse() -> None:
    folders = Counter(Path(module).parent for module in MODULES)
    assert not [folder for folder, files in folders.items() if files > MOST_FILES]


def test_a_module_of_the_gallery_says_what_it_owns() -> None:
    assert not [module for module in SHIPPED if not text(module).startswith(("/**", "<!--"))]
