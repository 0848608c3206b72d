"""The program itself: its commands, its help, and what it need not load."""

import runpy
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import pytest

from daemon import locations
from daemon.cli.main import COMMANDS, main, program
from tests.daemon.cli.canned.answers import ROOT, TAKES, event, events, take
from tests.daemon.cli.canned.daemon import CannedDaemon
from tests.daemon.cli.canned.shell import RUN, Out, printed

RUN_AND_LIST = """
import sys
from daemon.cli.main import main
code = main()
print(*sys.modules, file=sys.stderr)
sys.exit(code)
"""


def test_every_command_says_what_it_does(capsys: Out) -> None:
    out = printed(capsys, "--help")
    for name in [
        "init",
        "daemon",
        "open",
        "ls",
        "show",
        "activate",
        "rm",
        "restore",
        "log",
        "status",
        "rebuild",
        "verify",
    ]:
        assert name in out
        assert printed(capsys, name, "--help").startswith(f"Usage: takes {name}")


def test_the_release_is_said(capsys: Out, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.metadata.version", lambda _: "1.2.3")
    assert printed(capsys, "--version") == "takes 1.2.3\n"


def test_the_package_is_the_command() -> None:
    asked = [sys.executable, "-m", "daemon", "ls", "--help"]
    told = subprocess.run(asked, check=True, capture_output=True, text=True)
    assert told.stdout.startswith("Usage: takes ls")


def test_the_daemon_is_started_with_what_was_asked_for(
    daemon: CannedDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[Any] = []

    def start(*args: object) -> int:
        started.append(args)
        return 7

    run = SimpleNamespace(main=start)
    monkeypatch.setitem(sys.modules, "daemon.run", run)
    assert main(["daemon", "a", "b", "--log-format", "json", "--port", "0"]) == 7
    assert main(["daemon", "--socket", "/s"]) == 7
    monkeypatch.delenv("TAKES_SOCKET")
    assert main(["daemon", "--port", "off"]) == 7
    assert started == [
        ([Path("a"), Path("b")], Path(daemon.path), "json", 0),
        ([], Path("/s"), "auto", None),
        ([], None, "auto", "off"),
    ]


def test_every_command_is_in_the_module_where_it_is_looked_for() -> None:
    commands = {name: program.get_command(click.Context(program), name) for name in COMMANDS}
    modules = {name: getattr(one and one.callback, "__module__", None) for name, one in commands.items()}
    assert modules == COMMANDS
    assert set(program.commands) == set(COMMANDS)


def run_and_list_modules(*args: str) -> set[str]:
    command = [sys.executable, "-c", RUN_AND_LIST, *args]
    return set(subprocess.run(command, check=True, capture_output=True, text=True).stderr.split())


HEAVY = {
    "asyncio",
    "anyio",
    "msgspec",
    "aiosqlite",
    "sqlite3",
    "http.client",
    "email",
    "urllib.parse",
    "structlog",
}


HEAVY |= {
    "events.vocabulary",
    "events.store.sqlite",
    "projections",
    "pathlib",
    "importlib.metadata",
    "ssl",
    "subprocess",
    "logging",
    "rich.progress",
}


@pytest.fixture
def from_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(locations.__file__).parents[1]))


@pytest.mark.parametrize("args", [["ls"], ["status"], ["log"]])
def test_a_person_does_not_wait_for_what_a_table_does_not_need(
    daemon: CannedDaemon, from_the_checkout: None, args: list[str]
) -> None:
    daemon.answers[f"GET {ROOT}/events?after=0&limit=1000"] = events()
    assert not run_and_list_modules(*args) & HEAVY - loaded_by_python()


def test_a_list_does_not_wait_for_a_library_of_tables(daemon: CannedDaemon, from_the_checkout: None) -> None:
    daemon.answers[f"GET {TAKES}?deleted=true"] = {"takes": [take(1), take(2)], "activeTakeId": None}
    assert not run_and_list_modules("ls", "001_Shot") & {"rich.table", "difflib"}


@pytest.mark.parametrize("args", [["ls", "--json"], ["activate", "001_Shot", "1"]])
def test_a_program_does_not_wait_for_tables_either(
    daemon: CannedDaemon, from_the_checkout: None, args: list[str]
) -> None:
    daemon.answers[f"PUT {ROOT}/shots/001_Shot/active-take"] = {}
    modules = run_and_list_modules(*args)
    assert not modules & HEAVY - loaded_by_python()
    assert not {name for name in modules if name.partition(".")[0] == "rich"}


def loaded_by_python() -> set[str]:
    """What an interpreter of this environment loads before it does anything, such as for an editable install."""
    command = [sys.executable, "-c", "import sys; print(*sys.modules)"]
    return set(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())


def test_who_reads_only_the_first_line_sees_no_complaint(
    daemon: CannedDaemon, from_the_checkout: None
) -> None:
    found = [event(position, "take.failed", take=1, error="no " * 100) for position in range(1, 1001)]
    daemon.answers[f"GET {ROOT}/events?after=0&limit=1000"] = events(*found)
    for more in ((), ("--json",)):
        first, err, code = read_one_line("log", *more)
        assert first
        assert (code, err) == (1, "")  # as click and rich have it


def read_one_line(*args: str) -> tuple[str, str, int]:
    command = [sys.executable, "-c", RUN, *args]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stderr
        first = process.stdout.readline()
        process.stdout.close()
        return first, process.stderr.read(), process.wait()


def test_the_package_is_run_as_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["takes", "--help"])
    monkeypatch.delitem(sys.modules, "daemon.__main__", raising=False)  # another test may have imported it
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("daemon", run_name="__main__")
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert [name for name in COMMANDS if name not in said] == []
