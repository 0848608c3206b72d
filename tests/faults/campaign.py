"""The campaign: a plugin of pytest that runs the rows, with the watcher on and off, and counts what was survived.

A row is a test in a module `rows_*.py`. One that is not run is listed with its reason.
"""

import os
import random
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults import calls
from tests.faults.not_run import ELSEWHERE, disks_here, why_not
from tests.faults.row import Row

ON, OFF = "watched", "unwatched"
QUICK, THOROUGH = 0.05, 50.0
"""How much of what a whole run tries of each row."""

_REASONS = pytest.StashKey[dict[str, str]]()
_LIBRARY = pytest.StashKey["tempfile.TemporaryDirectory[str]"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("faults")
    group.addoption("--quick", action="store_true", help="one fault of each row, and of some kinds few rows")
    group.addoption("--once", action="store_true", help="one fault of each row, and all rows")
    group.addoption(
        "--thorough", action="store_true", help="a fault at every durable call, which takes hours"
    )
    group.addoption("--minutes", type=float, default=2.0, help="how long a soak takes [2]")
    group.addoption("--seed", type=int, default=1, help="where and when faults strike [1]")


def pytest_configure(config: pytest.Config) -> None:
    """Have every process that begins from now on carry the library that counts durable calls."""
    config.addinivalue_line("markers", "needs(thing, ...): the row is not run where there is no such thing")
    config.addinivalue_line("markers", "share(many): a quick run takes one of so many such rows; 0 for none")
    config.stash[_REASONS] = {}
    if calls.why_not() is None:
        folder = config.stash[_LIBRARY] = tempfile.TemporaryDirectory(prefix="faults-")
        os.environ["LD_PRELOAD"] = str(calls.build(Path(folder.name)))


def pytest_unconfigure(config: pytest.Config) -> None:
    os.environ.pop("LD_PRELOAD", None)
    if _LIBRARY in config.stash:
        config.stash[_LIBRARY].cleanup()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "row" in metafunc.fixturenames:
        metafunc.parametrize("row", [True, False], ids=[ON, OFF], indirect=True)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the rows that cannot be run, and in a quick run many of those that take long."""
    gone = {item.nodeid: why for item in items if (why := _why_not(config, item))}
    config.stash[_REASONS].update({node.partition("::")[2]: why for node, why in gone.items()})
    config.hook.pytest_deselected(items=[item for item in items if item.nodeid in gone])
    items[:] = [item for item in items if item.nodeid not in gone]


def _why_not(config: pytest.Config, item: pytest.Item) -> str | None:
    share = item.get_closest_marker("share")
    if share and config.getoption("quick") and not _is_chosen(config, item, *share.args):
        return "a quick run leaves it out"
    things = [thing for marker in item.iter_markers("needs") for thing in marker.args]
    call = getattr(item, "callspec", None)
    things += [call.params[name] for name in ("disk",) if call and name in call.params]
    return next((why for thing in things if (why := why_not(thing))), None)


def _is_chosen(config: pytest.Config, item: pytest.Item, many: int) -> bool:
    return many > 0 and random.Random(f"{config.getoption('seed')} {item.name}").randrange(many) == 0


@pytest.fixture
def row(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Row]:
    option = request.config.getoption
    share = QUICK if option("quick") or option("once") else THOROUGH if option("thorough") else 1.0
    chance = random.Random(f"{option('seed')} {request.node.name}")
    one = Row(tmp_path, chance, disks_here(), watch=request.param, share=share)
    yield one
    request.node.user_properties.append(("faults", one.struck))


@pytest.fixture
def minutes(request: pytest.FixtureRequest) -> float:
    """How long this row of a soak takes: with the watcher on and off, as long as was chosen."""
    return float(request.config.getoption("minutes")) / 2


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say how many faults were survived, and what was not run."""
    survived, tried, struck = Counter[str](), Counter[str](), 0
    for outcome in ("passed", "failed", "error"):
        for report in terminalreporter.stats.get(outcome, []):
            how = "off" if OFF in report.nodeid else "on" if ON in report.nodeid else "in process"
            tried[how] += 1
            survived[how] += outcome == "passed"
    for report in terminalreporter.stats.get("", []):  # the ends of rows, which tell what they have tried
        struck += dict(report.user_properties).get("faults", 0) if report.when == "teardown" else 0
    for how in sorted(tried, reverse=True):
        terminalreporter.write_line(
            f"faults survived, watcher {how}: {survived[how]} of {tried[how]}", bold=True
        )
    terminalreporter.write_line(
        f"faults survived: {survived.total()} of {tried.total()} rows, with {struck} kills, failing calls and cuts",
        bold=True,
    )
    for why, rows in _by_reason(config.stash[_REASONS]).items():
        terminalreporter.write_line(f"not run, {len(rows)}: {why}", bold=True)
        for name in rows:
            terminalreporter.write_line(f"  {name}")
    terminalreporter.write_line("without a row:", bold=True)
    for fault, why in ELSEWHERE.items():
        terminalreporter.write_line(f"  {fault}: {why}")


def _by_reason(reasons: dict[str, str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, why in sorted(reasons.items()):
        found.setdefault(why, []).append(name)
    return found
