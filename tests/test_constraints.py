"""The packages that `takes` is known to run with, as they are written down, and what the audit says of them."""

import re
import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from audit import verdict

ROOT = Path(__file__).parent.parent

PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]+\])?==(\S+)", re.MULTILINE)
"""A package, and its one version."""

LINE = re.compile(r"[A-Za-z0-9._-]+==[^\s;]+( ; [^\\]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?|#.*")


def pinned(path: str) -> dict[str, str]:
    return {_normal(name): version for name, version in PINNED.findall(ROOT.joinpath(path).read_text())}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_all_that_takes_runs_with_is_written_down_in_the_versions_that_are_tested() -> None:
    wanted = tomllib.loads(ROOT.joinpath("pyproject.toml").read_text())["project"]["dependencies"]
    runtime, tested = pinned("constraints.txt"), pinned("constraints-dev.txt")
    assert {_normal(re.split(r"[<>=; ]", one)[0]) for one in wanted} <= runtime.keys()
    assert {name: tested[name] for name in runtime.keys() & tested.keys()} == {
        name: version for name, version in runtime.items() if name in tested
    }


def test_each_has_its_hashes_and_nothing_says_where_it_comes_from() -> None:
    lines = ROOT.joinpath("constraints.txt").read_text().splitlines()
    assert not [line for line in lines if not LINE.fullmatch(line)]
    followed = pairwise(lines)
    assert not [one for one, after in followed if PINNED.match(one) and "--hash=" not in after]


HOLE = {"name": "b", "version": "2", "vulns": [{"id": "CVE-1", "fix_versions": ["2.1"]}]}
WELL = {"name": "a", "version": "1", "vulns": []}
UNTOLD = {"name": "c", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("asked", "code", "said"),
    [
        ([WELL], 0, ["No known hole in 1 packages."]),
        ([WELL, HOLE], 1, ["b 2: CVE-1, mended in 2.1"]),
        ([UNTOLD], 0, ["NOT AUDITED: of 1 of 1 packages the index tells nothing."]),
        (
            [WELL, UNTOLD],
            0,
            [
                "NOT AUDITED: of 1 of 2 packages the index tells nothing.",
                "No known hole in 1 packages.",
            ],
        ),
        (
            [HOLE, UNTOLD],
            1,
            ["b 2: CVE-1, mended in 2.1", "NOT AUDITED: of 1 of 2 packages the index tells nothing."],
        ),
    ],
)
def test_a_known_hole_fails_the_audit_and_what_is_not_told_is_said(
    asked: list[Any], code: int, said: list[str]
) -> None:
    assert verdict({"dependencies": asked}) == (code, said)
