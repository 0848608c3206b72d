"""What each of the three packages may do, and where each of the larger libraries stands."""

import ast
import re
import subprocess
import sys
from fnmatch import fnmatch

import pytest

from tests.architecture.sources import MODULES, ROOT, imported, libraries, names, nodes, of
from tests.support.of_each import of_each

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
