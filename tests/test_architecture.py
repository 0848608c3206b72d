"""Who may import whom, and what is said of itself; held here so that nobody has to remember it."""

import ast
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from functools import cache
from importlib import import_module
from inspect import getsource
from pathlib import Path
from typing import TypeVar

import pytest

from events import Event
from events.errors import TakesError
from tests.support.of_each import of_each

T = TypeVar("T")

ROOT = Path(__file__).parent.parent
PACKAGES = ("events", "projections", "daemon")

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
    "daemon/takes": "daemon/clock daemon/config daemon/disk daemon/metrics daemon/protection "
    "daemon/runners daemon/sequences daemon/shots daemon/turns daemon/watching",
    "daemon/requests": "daemon/clock daemon/config daemon/disk daemon/runners daemon/shots daemon/takes daemon/watching",
    "daemon/farm": "daemon/clock daemon/config daemon/requests daemon/runners daemon/shots daemon/takes daemon/watching",
    "daemon/keeping": "daemon/protection daemon/takes daemon/watching",
    "daemon/recovery": "daemon/disk daemon/locations daemon/shots daemon/watching",
    "daemon/home": "daemon/config daemon/disk daemon/locations daemon/recovery daemon/watching",
    "daemon/project": "daemon/clock daemon/config daemon/decoding daemon/desks daemon/disk daemon/farm daemon/home daemon/keeping "
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
    "daemon/peer daemon/project daemon/runners daemon/shots daemon/takes daemon/watching",
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

HOMES = {
    "aiosqlite": ("events/store/database.py",),
    "psycopg": ("events/store/postgres/studio.py",),
    "psycopg_pool": ("events/store/postgres/studio.py",),
    "procrastinate": ("daemon/farm/jobs.py",),
    "av": (
        *("projections/media/clip.py", "projections/media/frames.py", "projections/media/video.py"),
        "projections/media/proxy.py",
        "projections/media/reel.py",
        "projections/media/sound/meters.py",
    ),
    "PIL": ("projections/media/stills/*.py", "projections/media/drawing/*.py"),
    "cachetools": (
        "daemon/commands/keys.py",
        "daemon/decoding/pictures.py",
        "daemon/decoding/proxies.py",
        "daemon/project/parts.py",
        "daemon/shots/shots.py",
        "daemon/takes/renders.py",
        "daemon/watching/mailbox.py",
        "daemon/watching/settling.py",
        "projections/index/past.py",
        "projections/index/queries.py",
    ),
    "OpenEXR": ("projections/media/light/unpacking.py",),
    "numpy": ("projections/media/light/*.py",),
    "pyseccomp": ("projections/media/cage/system_calls.py",),
    "prometheus_client": ("daemon/metrics.py",),
    "dulwich": ("projections/gitdir/*.py",),
    "watchdog": ("daemon/watching/inotify.py", "daemon/watching/portable.py"),
    "litestar": ("daemon/api/*.py",),
    "uvicorn": ("daemon/http/server.py",),
    "click": ("daemon/cli/*.py",),
    "rich": (
        "daemon/cli/printing.py",
        "daemon/cli/progress.py",
        "daemon/cli/tables*.py",
        "daemon/cli/film/tables*.py",
    ),
    "structlog": ("daemon/*.py",),
    "httpx": ("daemon/runners/comfyui/client.py",),
    "websockets": ("daemon/runners/comfyui/socket.py",),
}
"""Where each of the larger libraries may stand, so that one of them can be taken out again."""

ALONE = (
    "aiosqlite",
    "psycopg",
    "psycopg_pool",
    "procrastinate",
    "OpenEXR",
    "pyseccomp",
    "prometheus_client",
    "uvicorn",
    "httpx",
    "websockets",
)
"""Those that stand in one module only, whichever it is."""

UNEXPORTED = {"watchdog.observers.inotify_c": "daemon/watching/inotify.py"}
"""Modules that a library keeps to itself without calling them so; the reason stands at the top of the one that asks."""

PUBLIC = {"os._exit": "documented for the child of a fork, which must not clean up what is its parent's"}
"""What is anybody's in spite of its underscore, and why."""

READING = {
    "open",
    "read_bytes",
    "read_text",
    "open_code",
    "fopen",
    "from_path",
    "copyfile",
    "copy2",
    "shutil.copy",
}
"""What opens a file by its path, or reads it, by the last part of its name."""

READERS = {
    # the floor of it all
    "projections/files/opening.py": "os.open",
    "projections/files/writing.py": "os.open shutil.copyfile",
    "projections/files/sharing.py": "os.open",
    # a whole file goes to another, piece by piece; no link is followed, and what is no file is refused
    "projections/artifacts/store.py": "shutil.copyfile",
    # a file of our own that is written beside its place
    "projections/artifacts/picture_cache.py": "beside.open",
    "projections/git/lfs.py": "shutil.copyfile",
    "daemon/disk/moving.py": "shutil.copyfile",
    "daemon/disk/uploads.py": "self._made.open",
    "daemon/ingest/placing.py": "shutil.copyfile",
    "daemon/edit/copying.py": "shutil.copyfile",
    "daemon/home/moving.py": "shutil.copyfile",
    "daemon/recovery/recover.py": "shutil.copy shutil.copy2",
    # folders, and locks of ours
    "daemon/disk/folders.py": "os.open",
    "daemon/supervision/liveness.py": "os.open",
    "daemon/disk/locking.py": "os.open",
    "projections/gitdir/locks.py": "Path('/proc/sys/kernel/random/boot_id').read_text "
    "Path(f'/proc/{pid}/stat').read_text made.open os.open",
    # files that are lent to a decoder, and what it tries its cage by
    "projections/media/cage/attempts.py": "os.open",
    "projections/media/stills/opening.py": "Image.open",
    "projections/media/drawing/sheets.py": "Image.open",
    "projections/media/drawing/burn_in.py": "Image.open",
    "projections/media/reel.py": "av.open",
    "projections/media/clip.py": "av.open",
    "projections/media/proxy.py": "av.open",
    # what the kernel says
    "projections/media/cage/sandbox.py": "Path('/proc/self/statm').read_text",
    "daemon/disk/mounts.py": "Path('/proc/self/mountinfo').read_bytes",
    # what a runner is told, and has made, in a folder of ours; what dulwich is handed
    "daemon/runners/command.py": "request_of(job).open",
    "daemon/api/routes/handover.py": "part.open",
    "daemon/runners/comfyui/client.py": "part.open",
    "projections/gitdir/config.py": "opener.open",
    # the user's own files, outside of any film, and the page that we come with
    "daemon/cli/params.py": "open",
    "daemon/cli/film/handover.py": "open",
    "daemon/cli/film/proxies.py": "path.open",
    "daemon/cli/machine/background.py": "open os.open",
    "daemon/cli/machine/gallery.py": "webbrowser.open",
    "daemon/cli/machine/stop.py": "open",
    "daemon/cli/service/systemd.py": "path.read_text (self._scope.drop_ins/FILMS).read_text",
    "daemon/cli/service/units.py": "template_of('launchd','local.takes.plist').read_bytes template_of('systemd',template).read_text",
    "daemon/http/port.py": "path.read_bytes",
    "daemon/logs/journal.py": "open",
    "daemon/run.py": "os.open",
    "daemon/config/file.py": "path.read_bytes",
    "daemon/locations.py": "open os.open",
    "daemon/http/token.py": "os.open",
    "daemon/http/page.py": "other.read_bytes path.read_bytes",
    "projections/recipes/graph/families.py": "OWN.read_bytes",
}
"""Who calls these, and what. All others have `projections.files.reading` read for them, or lend an open file."""

CLOCK = {"now", "utcnow", "today", "fromtimestamp", "localtime", "gmtime"}
ENVIRONMENT = {"environ", "environb", "getenv"}
NETWORK_MODULES = {
    "http",
    "urllib",
    "ssl",
    "ftplib",
    "smtplib",
    "socketserver",
    "xmlrpc",
    "httpx",
    "requests",
    "websockets",
}
NETWORK_NAMES = {"AF_INET", "AF_INET6", "create_connection", "create_server", "getaddrinfo", "gethostbyname"}
STARTING = {"subprocess", "Popen", "open_process", "run_process", "create_subprocess_exec", "posix_spawn"}
"""What starts a program, and first closes in it what is open on disks that may hang."""

NETWORK_NAMES |= {"connect_tcp", "create_tcp_listener", "open_connection", "start_server"}

SQL = re.compile(
    r"\b(SELECT\b.+\bFROM|INSERT\s+(OR\s+\w+\s+)?INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|PRAGMA\s+\w"
    r"|CREATE\s+(TABLE|INDEX|TRIGGER|VIEW)|DROP\s+TABLE|BEGIN\s+IMMEDIATE)\b",
    re.DOTALL,
)

MODULES = sorted(
    path.relative_to(ROOT).as_posix() for package in PACKAGES for path in (ROOT / package).rglob("*.py")
)

DOORS = {f"{package}/__init__.py" for package in PACKAGES}
"""What a package is known by; it may bring out what is in any of its rooms."""


def of(package: str) -> list[str]:
    return [module for module in MODULES if module.startswith(f"{package}/")]


@cache
def tree(module: str) -> ast.Module:
    return ast.parse((ROOT / module).read_text("utf-8"), module)


@cache
def nodes(module: str) -> Sequence[ast.AST]:
    return [*ast.walk(tree(module))]


@pytest.fixture(scope="module", autouse=True)
def _the_trees_do_not_stay() -> Iterator[None]:
    """They are a million objects, which would be looked through for garbage in every test that comes after these."""
    yield
    tree.cache_clear()
    nodes.cache_clear()


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


# Who may import whom.


@of_each(of("events"))
def test_events_imports_itself_and_little_else(module: str) -> None:
    allowed = {"events", "msgspec", "anyio", *sys.stdlib_module_names} - {"time", "os", "logging", "sqlite3"}
    allowed |= (
        {"sqlite3"}
        if module
        in {
            f"events/store/{name}.py"
            for name in ("database", "log_file", "postgres/mirror", "salvage", "sqlite")
        }
        else set()
    )
    allowed |= {"psycopg", "psycopg_pool"} if module == "events/store/postgres/studio.py" else set()
    allowed |= {"aiosqlite"} if module == "events/store/database.py" else set()
    assert libraries(module) <= allowed


def test_events_has_all_that_it_promises_and_brings_in_a_library_only_when_asked() -> None:
    command = "import sys, events; print('msgspec' in sys.modules); print([getattr(events, n) for n in events.__all__])"
    result = subprocess.run(
        [sys.executable, "-c", command], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert result.stdout.startswith("False")


@of_each(of("events"))
def test_events_reads_neither_clock_nor_environment(module: str) -> None:
    assert not names(module) & (CLOCK | ENVIRONMENT)


@of_each(of("projections"))
def test_projections_know_nothing_of_the_daemon(module: str) -> None:
    assert "daemon" not in libraries(module)


@of_each(of("projections"))
def test_projections_use_no_network(module: str) -> None:
    assert not libraries(module) & NETWORK_MODULES
    assert not names(module) & NETWORK_NAMES


@of_each(of("projections"))
def test_projections_read_no_clock(module: str) -> None:
    assert "time" not in libraries(module)
    assert not names(module) & CLOCK


@of_each(of("projections"))
def test_projections_append_nothing_to_the_log(module: str) -> None:
    awaited = [node.value for node in nodes(module) if isinstance(node, ast.Await)]
    calls = [call.func for call in awaited if isinstance(call, ast.Call)]
    assert not [call for call in calls if isinstance(call, ast.Attribute) and call.attr == "append"]


@of_each([*of("events"), *of("projections")])
def test_only_the_daemon_logs(module: str) -> None:
    assert not libraries(module) & {"logging", "structlog"}


@of_each(of("daemon"))
def test_the_daemon_holds_no_sql(module: str) -> None:
    texts = [node.value for node in nodes(module) if isinstance(node, ast.Constant)]
    assert not [text for text in texts if isinstance(text, str) and SQL.search(text)]


@of_each([one for one in of("daemon") if not one.startswith("daemon/cli/")])
def test_the_daemon_has_its_programs_started_by_who_has_nothing_open(module: str) -> None:
    assert module.startswith("daemon/programs/") or not names(module) & STARTING


# Who may read what we did not write.


@of_each([*of("projections"), *of("daemon")])
def test_a_file_that_may_be_anybodys_is_read_by_the_one_reader(module: str) -> None:
    assert _readings(module) <= set(READERS.get(module, "").split())


@of_each(READERS)
def test_no_reader_is_named_that_reads_nothing(module: str) -> None:
    assert _readings(module) == set(READERS[module].split())


@of_each(of("projections/gitdir"))
def test_dulwich_gets_bytes_or_open_files_and_no_path(module: str) -> None:
    assert not names(module) & {"Repo", "GitFile", "DiskObjectStore", "DiskRefsContainer", "default_backends"}


def _readings(module: str) -> set[str]:
    """What is called, or handed on to be called, to open a file by its path or to read it; what is awaited is no file."""
    calls = [node.value for node in nodes(module) if isinstance(node, ast.Await)]
    awaited = {call.func for call in calls if isinstance(call, ast.Call)}
    named = [
        node for node in nodes(module) if isinstance(node, ast.Attribute | ast.Name) and node not in awaited
    ]
    texts = {ast.unparse(node) for node in named}
    return {text.replace(" ", "") for text in texts if {text, text.rpartition(".")[2]} & READING}


@pytest.mark.parametrize(("library", "homes"), HOMES.items())
def test_a_library_stands_where_it_belongs(library: str, homes: tuple[str, ...]) -> None:
    found = [module for module in MODULES if library in libraries(module)]
    assert not [module for module in found if not any(fnmatch(module, home) for home in homes)]
    assert library not in ALONE or len(found) <= 1


@of_each([module for module in of("daemon") if module != "daemon/logs/setup.py"])
def test_logging_is_set_up_in_one_module_and_asked_for_elsewhere(module: str) -> None:
    used = {
        node.attr
        for node in nodes(module)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "structlog"
    }
    used |= {name.partition(".")[2] for name in imported(module) if name.startswith("structlog.")}
    assert used <= {"get_logger"}
    assert "logging" not in libraries(module)


def room_of(name: str) -> str | None:
    """The room of a module or of a name in one, by its dotted name; None where it is none of ours."""
    parts = name.split(".")
    known = ("/".join(parts[:end]) for end in range(len(parts), 0, -1))
    return next((room for room in known if room in ROOMS), None)


def source_of(name: str) -> str | None:
    """The module of ours in which that name is, by its dotted name; None where it is none of ours."""
    path = name.replace(".", "/")
    known = (f"{path}.py", f"{path}/__init__.py", f"{path.rpartition('/')[0]}.py")
    return next((module for module in known if module in MODULES), None)


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


# What a library keeps to itself.


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


# What is said of itself.


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
