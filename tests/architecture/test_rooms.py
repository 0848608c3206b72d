"""Who may ask whom, room by room, and how large a room is; held here so that nobody has to remember it."""

from collections import Counter

import pytest

from tests.architecture.sources import MODULES, PACKAGES, ROOT, dotted, imported, tree
from tests.support.of_each import of_each

ROOMS = {
    "events": "",
    "events/store": "events",
    "events/store/postgres": "events events/store",
    "projections/layout": "",
    "projections/backoff": "",
    "projections/files": "",
    "projections/board": "projections/backoff projections/files",
    "projections/recipes/graph": "",
    "projections/recipes/formats": "projections/recipes/graph",
    "projections/recipes": "projections/files projections/recipes/formats projections/recipes/graph",
    "projections/media/cage": "",
    "projections/media/containers": "",
    "projections/media/light": "",
    "projections/media/sound": "",
    "projections/media/drawing": "",
    "projections/media": "projections/layout projections/recipes projections/media/cage projections/media/containers "
    "projections/media/drawing projections/media/light projections/media/sound",
    "projections/memory": "",
    "projections/index": "projections/files projections/layout projections/memory",
    "projections/keeping": "",
    "projections/film": "projections/board projections/index projections/keeping projections/layout",
    "projections/concurrency": "",
    "projections/worktree": "projections/files",
    "projections/take_files": "projections/files projections/layout",
    "projections/projection": "projections/film projections/index",
    "projections/absences": "projections/backoff projections/film projections/index projections/projection",
    "projections/worker": "projections/absences projections/files projections/film projections/index "
    "projections/projection",
    "projections/projector": "projections/backoff projections/board projections/film projections/index projections/keeping "
    "projections/projection projections/worker",
    "projections/artifacts": "projections/concurrency projections/film projections/files projections/index projections/layout "
    "projections/media projections/projection projections/worktree",
    "projections/gitdir": "projections/files projections/layout projections/worktree",
    "projections/git": "projections/artifacts projections/backoff projections/film projections/files "
    "projections/gitdir projections/index projections/layout projections/projection projections/take_files "
    "projections/worktree",
    "daemon/printable": "",
    "daemon/peer": "",
    "daemon/locations": "",
    "daemon/clock": "",
    "daemon/metrics": "",
    "daemon/turns": "",
    "daemon/config": "",
    "daemon/logs": "daemon/config daemon/printable",
    "daemon/shares": "daemon/locations",
    "daemon/disk": "",
    "daemon/programs": "",
    "daemon/decoding": "daemon/locations daemon/programs",
    "daemon/watching": "daemon/clock daemon/config daemon/disk",
    "daemon/shots": "daemon/watching",
    "daemon/doctor": "daemon/config daemon/decoding daemon/watching",
    "daemon/runners": "daemon/clock daemon/programs daemon/watching",
    "daemon/runners/comfyui": "daemon/config daemon/runners daemon/watching",
    "daemon/protection": "daemon/disk daemon/shots daemon/watching",
    "daemon/sequences": "daemon/disk daemon/protection daemon/watching",
    "daemon/space": "daemon/config daemon/disk daemon/protection daemon/shots",
    "daemon/desks": "daemon/protection daemon/space daemon/watching",
    "daemon/recovery": "daemon/disk daemon/locations daemon/shots daemon/watching",
    "daemon/intake": "daemon/config daemon/disk daemon/metrics daemon/protection daemon/runners daemon/sequences "
    "daemon/shots daemon/watching",
    "daemon/takes": "daemon/clock daemon/config daemon/disk daemon/intake daemon/metrics daemon/protection "
    "daemon/recovery daemon/sequences daemon/shots daemon/turns daemon/watching",
    "daemon/requests": "daemon/clock daemon/config daemon/disk daemon/intake daemon/runners daemon/shots daemon/watching",
    "daemon/farm": "daemon/clock daemon/config daemon/intake daemon/requests daemon/runners daemon/shots daemon/watching",
    "daemon/keeping": "daemon/protection daemon/takes daemon/watching",
    "daemon/home": "daemon/config daemon/disk daemon/locations daemon/recovery daemon/watching",
    "daemon/project": "daemon/clock daemon/config daemon/decoding daemon/desks daemon/disk daemon/farm daemon/home daemon/intake "
    "daemon/keeping "
    "daemon/locations daemon/metrics daemon/protection daemon/recovery daemon/requests daemon/runners "
    "daemon/shares daemon/shots daemon/space "
    "daemon/takes daemon/watching",
    "daemon/edit": "daemon/decoding daemon/disk",
    "daemon/edit/conform": "daemon/edit",
    "daemon/ingest": "daemon/decoding daemon/disk daemon/shots daemon/watching",
    "daemon/commands": "daemon/project daemon/shots",
    "daemon/api/views": "daemon/config daemon/edit/conform daemon/ingest daemon/protection daemon/shares daemon/space",
    "daemon/api/answers": "daemon/home daemon/api/views daemon/decoding daemon/edit/conform daemon/ingest daemon/peer daemon/project "
    "daemon/protection daemon/runners",
    "daemon/api": "daemon/api/answers daemon/api/views daemon/clock daemon/commands daemon/decoding daemon/desks daemon/edit "
    "daemon/intake daemon/peer daemon/project daemon/runners daemon/shots daemon/watching",
    "daemon/api/routes": "daemon/api daemon/api/answers daemon/api/views daemon/clock daemon/commands daemon/decoding "
    "daemon/doctor daemon/edit daemon/edit/conform daemon/ingest daemon/metrics daemon/peer daemon/programs daemon/project "
    "daemon/protection daemon/shares daemon/shots daemon/space daemon/watching",
    "daemon/api/app": "daemon/api daemon/api/answers daemon/api/routes daemon/api/views daemon/commands daemon/project",
    "daemon/http": "daemon/api/answers daemon/api/views daemon/config daemon/disk daemon/locations daemon/peer daemon/project "
    "daemon/shares",
    "daemon/reloading": "daemon/config daemon/locations daemon/logs daemon/project",
    "daemon/supervision": "daemon/project",
    "daemon/run": "daemon/home daemon/api daemon/api/app daemon/config daemon/decoding daemon/disk daemon/http daemon/locations "
    "daemon/logs daemon/printable daemon/programs daemon/project daemon/reloading daemon/runners "
    "daemon/runners/comfyui daemon/shares daemon/supervision",
    "daemon/farm/worker": "daemon/home daemon/config daemon/farm daemon/locations daemon/logs daemon/programs daemon/project "
    "daemon/run daemon/runners",
    "daemon/cli/service": "daemon/locations daemon/peer",
    "daemon/cli": "daemon/config daemon/locations daemon/peer daemon/printable",
    "daemon/cli/choices": "daemon/cli daemon/locations",
    "daemon/cli/guests": "daemon/cli daemon/edit daemon/http",
    "daemon/cli/film": "daemon/home daemon/cli daemon/cli/choices daemon/cli/guests daemon/edit daemon/ingest daemon/locations daemon/printable "
    "daemon/recovery",
    "daemon/cli/machine": "daemon/home daemon/cli daemon/cli/film daemon/cli/service daemon/config daemon/decoding daemon/doctor daemon/http "
    "daemon/locations daemon/logs daemon/printable daemon/programs daemon/project daemon/run daemon/farm/worker",
    "daemon/__main__": "daemon/cli",
}
"""Every room, the ground floor first, and those of its own package that it may ask. The daemon's may ask projections too."""

ENTRANCES = {"projections/git": "checks lfs projection shared_files"}
"""Of some rooms the modules that others may import; all else there is the room's own affair."""

MOST_FILES = 15
"""Files of a room: what has more is two rooms."""

DOORS = {f"{package}/__init__.py" for package in PACKAGES}
"""What a package is known by; it may bring out what is in any of its rooms."""


def room_of(name: str) -> str | None:
    """The room of a module or of a name in one, by its dotted name; None where it is none of ours."""
    parts = name.split(".")
    known = ("/".join(parts[:end]) for end in range(len(parts), 0, -1))
    return next((room for room in known if room in ROOMS), None)


def test_every_module_has_a_room() -> None:
    homeless = [module for module in MODULES if room_of(dotted(module)) is None]
    assert set(homeless) <= DOORS


def test_no_room_is_named_that_is_not_there() -> None:
    assert not [room for room in ROOMS if not {f"{room}.py", f"{room}/__init__.py"} & set(MODULES)]


@of_each([module for module in MODULES if module not in DOORS])
def test_a_room_asks_only_those_that_it_may(module: str) -> None:
    own = room_of(dotted(module))
    assert own is not None
    asked = {room for name in imported(module) if (room := room_of(name))} - {own}
    package = module.partition("/")[0]
    asked_here = {room for room in asked if room.startswith(f"{package}/")}
    assert asked_here <= set(ROOMS[own].split())


@of_each(ENTRANCES)
def test_a_room_with_entrances_is_entered_by_them_alone(room: str) -> None:
    own = {module for module in MODULES if module.startswith(f"{room}/")}
    asked = {name for module in MODULES if module not in own for name in imported(module)}
    inside = room.replace("/", ".")
    entered = {name.split(".")[inside.count(".") + 1] for name in asked if name.startswith(f"{inside}.")}
    assert entered == set(ENTRANCES[room].split())


def test_arrows_between_rooms_go_one_way() -> None:
    floors = list(ROOMS)
    backward = [
        (room, asked)
        for room, may in ROOMS.items()
        for asked in may.split()
        if floors.index(asked) >= floors.index(room)
    ]
    assert not backward


@of_each([room for room in ROOMS if (ROOT / room).is_dir()])
def test_a_room_is_small_and_has_a_charter(room: str) -> None:
    files = [module for module in MODULES if module.rpartition("/")[0] == room]
    assert len(files) <= MOST_FILES
    assert room == "events" or len(tree(f"{room}/__init__.py").body) == 1  # its charter, and nothing else


@pytest.mark.parametrize(("tree", "kind"), [("tests", ".py"), ("docs", ".md")])
def test_a_folder_of_tests_or_of_documents_is_small_too(tree: str, kind: str) -> None:
    folders = Counter(path.parent for path in (ROOT / tree).rglob(f"*{kind}"))
    assert [folder for folder, files in folders.items() if files > MOST_FILES] == []
