"""The release: what `make dist` builds holds all of it, and can be installed and tried where nothing else is."""

import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import zipfile
from pathlib import Path
from typing import NamedTuple

import pytest

from daemon.cli.film.finding import search
from daemon.cli.machine.as_service import service
from daemon.cli.machine.studio import studio
from daemon.cli.main import COMMANDS
from hatch_build import is_stale, make_shell_files
from shell_files import COMPLETIONS
from tests.left_out import leave_out

ROOT = Path(__file__).parent.parent
VERSION = tomllib.loads(ROOT.joinpath("pyproject.toml").read_text("utf-8"))["project"]["version"]
PACKAGES = ("daemon", "events", "projections")


class Dist(NamedTuple):
    """A wheel and a source archive."""

    wheel: Path
    source: Path


@pytest.fixture(scope="session")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Dist:
    """What the build makes of this checkout, whose page is built already."""
    if is_stale(ROOT):
        leave_out("the page is not built, so no release is tried: make page")
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "hatchling", "build", "--directory", str(folder), cwd=ROOT)
    (wheel,), (source,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return Dist(wheel, source)


@pytest.fixture(scope="session")
def installed(dist: Dist, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a fresh environment that has the wheel, and the libraries of this one: no network is asked."""
    home = tmp_path_factory.mktemp("fresh")
    run(sys.executable, "-m", "venv", "--without-pip", str(home))
    python = home / "bin" / "python"
    run(
        sys.executable,
        "-m",
        "pip",
        f"--python={python}",
        "install",
        "--no-index",
        "--no-deps",
        str(dist.wheel),
    )
    (site,) = home.glob("lib/python*/site-packages")
    site.joinpath("libraries.pth").write_text(sysconfig.get_path("purelib"))
    return home / "bin"


def run(*command: str, cwd: Path | None = None) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_is_named_for_the_release(dist: Dist) -> None:
    assert dist.wheel.name == f"takes-{VERSION}-py3-none-any.whl"
    assert dist.source.name == f"takes-{VERSION}.tar.gz"


def test_the_wheel_holds_the_page_and_the_types_and_no_tests(dist: Dist) -> None:
    names = zipfile.ZipFile(dist.wheel).namelist()
    assert "daemon/page/index.html" in names
    assert [name for name in names if name.startswith("daemon/page/assets/")]
    assert {"daemon/page/geist-licence.txt", "daemon/page/shared/geist-licence.txt"} <= set(names)
    units = ("systemd/takes.service", "systemd/takes.socket", "launchd/local.takes.plist")
    assert {f"daemon/cli/service/templates/{unit}" for unit in units} <= set(names)
    assert {f"{package}/py.typed" for package in PACKAGES} <= set(names)
    about = {f"takes-{VERSION}.dist-info", f"takes-{VERSION}.data"}
    assert {name.partition("/")[0] for name in names} == {*PACKAGES, *about}


def test_the_wheel_holds_every_module_of_the_tree(dist: Dist) -> None:
    modules = {
        path.relative_to(ROOT).as_posix() for package in PACKAGES for path in (ROOT / package).rglob("*.py")
    }
    assert modules <= set(zipfile.ZipFile(dist.wheel).namelist())


def test_the_source_archive_holds_what_a_reader_and_a_build_need(dist: Dist) -> None:
    with tarfile.open(dist.source) as packed:
        names = {name.partition("/")[2] for name in packed.getnames()}
    assert {"README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE", "Makefile"} <= names
    assert {
        "hatch_build.py",
        "docs/building/architecture.md",
        "tests/test_dist.py",
        "gallery/package-lock.json",
    } <= names
    assert not [
        name for name in names if name.startswith((".venv", "site/", "dist/", "gallery/node_modules"))
    ]


def test_the_program_of_a_fresh_environment_says_which_release_it_is(installed: Path) -> None:
    assert run(str(installed / "takes"), "--version").strip() == f"takes {VERSION}"


def test_the_wheel_holds_a_man_page_for_every_command_and_a_completion_for_every_shell(dist: Dist) -> None:
    share = f"takes-{VERSION}.data/data/share/"
    names = zipfile.ZipFile(dist.wheel).namelist()
    found = {name.removeprefix(share) for name in names if name.startswith(share)}
    groups = {"search": search, "service": service, "studio": studio}
    below = [f"{name}-{one}" for name, group in groups.items() for one in group.commands]
    names = [*COMMANDS, *below]
    pages = {"man/man1/takes.1", *(f"man/man1/takes-{name}.1" for name in names)}
    assert found == {*pages, *COMPLETIONS.values()}


def test_a_fresh_environment_has_man_pages_that_can_be_read(installed: Path) -> None:
    pages = installed.parent / "share" / "man" / "man1"
    text = (pages / "takes-cleanup.1").read_text()
    assert "give up their bytes for good" in text
    assert r"\fB\-\-keep\-newest\fP" in text
    assert f'"{VERSION}"' in text
    overview = (pages / "takes.1").read_text()
    assert all(rf"\fB{name}\fP" in overview for name in COMMANDS)


def test_two_builds_have_the_same_man_pages(dist: Dist, tmp_path: Path) -> None:
    made = make_shell_files(ROOT, tmp_path, VERSION)
    wheel = zipfile.ZipFile(dist.wheel)
    for path, place in made.items():
        assert wheel.read(f"takes-{VERSION}.data/data/{place}") == Path(path).read_bytes()


def test_a_fresh_environment_runs_the_wheel_and_not_the_checkout(installed: Path, tmp_path: Path) -> None:
    said = run(
        str(installed / "python"), "-c", "import daemon.http.page as p; print(p.__file__)", cwd=tmp_path
    )
    assert Path(said.strip()).is_relative_to(installed.parent)


def test_a_fresh_environment_makes_a_folder_a_project(
    installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    film = tmp_path / "MyFilm"
    film.mkdir()
    run(str(installed / "takes"), "init", str(film), cwd=tmp_path)
    assert (film / ".takes" / "log.db").is_file()
    assert (film / "project.json").is_file()


def test_the_changelog_tells_of_the_release() -> None:
    headings = [
        line for line in ROOT.joinpath("CHANGELOG.md").read_text("utf-8").splitlines() if line[:3] == "## "
    ]
    assert headings[0].startswith(f"## {VERSION} - 20")
