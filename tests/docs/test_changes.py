"""What is not released yet: each change in a file of its own, which a release gathers into the changelog."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.docs.pages import ROOT

KINDS = {
    kind["directory"]
    for kind in tomllib.loads(ROOT.joinpath("pyproject.toml").read_text("utf-8"))["tool"]["towncrier"]["type"]
}
FRAGMENTS = sorted(
    path for path in ROOT.joinpath("changes").iterdir() if path.name not in {"README.md", "template.jinja"}
)


def test_every_change_is_named_for_its_kind_and_says_something() -> None:
    for path in FRAGMENTS:
        name, _, kind = path.name.removesuffix(".md").rpartition(".")
        assert name, path.name
        assert kind in KINDS, path.name
        assert path.read_text("utf-8").strip().endswith("."), path.name
        assert not path.read_text("utf-8").startswith(("-", "#", "*")), path.name


def test_a_release_gathers_the_changes_and_removes_them(tmp_path: Path) -> None:
    for name in ("pyproject.toml", "CHANGELOG.md"):
        shutil.copy(ROOT / name, tmp_path / name)
    changes = tmp_path / "changes"
    changes.mkdir()
    shutil.copy(ROOT / "changes" / "template.jinja", changes)
    changes.joinpath("hung-disk.fixed.md").write_text("A disk that hangs\nstops one film.\n", "utf-8")
    changes.joinpath("frames.added.md").write_text("A folder of frames is one take.\n", "utf-8")
    command = [
        sys.executable,
        "-m",
        "towncrier",
        "build",
        "--yes",
        "--version",
        "9.0.0",
        "--date",
        "2030-01-01",
    ]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    told = tmp_path.joinpath("CHANGELOG.md").read_text("utf-8")
    _, _, releases = told.partition("<!-- the newest release goes below this line -->\n\n")
    assert releases.startswith(
        "## 9.0.0 - 2030-01-01\n\n"
        "### Added\n\n- A folder of frames is one take.\n\n"
        "### Fixed\n\n- A disk that hangs\n  stops one film.\n\n"
        "## 0."
    )
    assert [path.name for path in changes.iterdir()] == ["template.jinja"]
