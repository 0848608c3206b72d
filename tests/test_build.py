"""The build: the page is made where its sources are new, is in the wheel, and says why where it is left out."""

import gzip
import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import hatch_build
from hatch_build import (
    CARRIER,
    MARK,
    NoNode,
    NpmFailed,
    build,
    find_node,
    fingerprint,
    is_stale,
    main,
    why_not,
)

ROOT = Path(__file__).parent.parent
BUILD = """
import { mkdirSync, writeFileSync } from 'node:fs'
mkdirSync('../daemon/page/assets', { recursive: true })
writeFileSync('../daemon/page/index.html', '<!doctype html>')
writeFileSync('../daemon/page/assets/index-1a2b.js', 'let a = 1\\n'.repeat(500))
console.log('built')
"""

needs_node = pytest.mark.skipif(find_node() is None, reason="there is no Node here")


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with a gallery of its own, which is built without a package from elsewhere."""
    monkeypatch.delenv("TAKES_NO_PAGE", raising=False)
    monkeypatch.delenv("CI", raising=False)
    root = tmp_path / "checkout"
    for name in ("pyproject.toml", "README.md", "LICENSE", "hatch_build.py", ".gitignore"):
        root.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    for package in ("daemon", "events", "projections"):
        root.joinpath(package).mkdir()
        root.joinpath(package, "__init__.py").touch()
    for templates in ("systemd", "launchd"):
        shutil.copytree(ROOT / templates, root / templates)
    gallery = root / "gallery"
    gallery.joinpath("src").mkdir(parents=True)
    gallery.joinpath("src", "main.ts").write_text("let a = 1")
    gallery.joinpath("build.mjs").write_text(BUILD)
    named = {"name": "gallery", "version": "1.0.0"}
    scripts = {"build": "node build.mjs", "fail": "echo what went wrong && exit 3"}
    gallery.joinpath("package.json").write_text(json.dumps({**named, "scripts": scripts}))
    lock = {**named, "lockfileVersion": 3, "packages": {"": named}}
    gallery.joinpath("package-lock.json").write_text(json.dumps(lock))
    monkeypatch.setattr(hatch_build, "CHECKOUT", root)
    return root


@pytest.fixture
def without_node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(hatch_build, "find_spec", lambda _: None)


def built_wheel(root: Path, **env: str) -> list[str]:
    """What is in the wheel of that checkout."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", "out"]
    subprocess.run(command, cwd=root, check=True, capture_output=True, env={**os.environ, **env})
    (wheel,) = root.joinpath("out").glob("*.whl")
    return zipfile.ZipFile(wheel).namelist()


@needs_node
def test_the_wheel_holds_the_page(checkout: Path) -> None:
    names = built_wheel(checkout)
    assert {name for name in names if name.startswith("daemon/page/")} == {
        "daemon/page/index.html",
        "daemon/page/assets/index-1a2b.js",
        "daemon/page/assets/index-1a2b.js.gz",
    }
    assert not [name for name in names if name.startswith("gallery/")]


def test_the_wheel_can_be_built_without_the_page(checkout: Path) -> None:
    names = built_wheel(checkout, TAKES_NO_PAGE="1")
    assert "daemon/__init__.py" in names
    assert not [name for name in names if "page" in name]


@needs_node
def test_the_source_distribution_holds_what_the_page_is_made_of(checkout: Path) -> None:
    build(checkout)
    checkout.joinpath("gallery", "node_modules", "x").mkdir(parents=True)
    checkout.joinpath("gallery", "node_modules", "x", "index.js").touch()
    command = [sys.executable, "-m", "hatchling", "build", "--target", "sdist", "--directory", "out"]
    subprocess.run(command, cwd=checkout, check=True, capture_output=True)
    (archive,) = checkout.joinpath("out").glob("*.tar.gz")
    with tarfile.open(archive) as packed:
        names = {name.partition("/")[2] for name in packed.getnames()}
    sources = {"src/main.ts", "build.mjs", "package.json", "package-lock.json"}
    assert {name for name in names if name.startswith("gallery/")} == {f"gallery/{one}" for one in sources}
    assert "hatch_build.py" in names
    assert not [name for name in names if "page/" in name]


@needs_node
def test_the_page_is_built_once_until_a_source_changes(
    checkout: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert is_stale(checkout)
    assert main(["page"]) == 0
    assert capfd.readouterr() == ("Building the gallery's page.\n", "")
    assert not is_stale(checkout)
    assert main(["page"]) == 0
    assert capfd.readouterr() == ("", "")
    checkout.joinpath("gallery", "src", "main.ts").write_text("let a = 2")
    assert is_stale(checkout)


@needs_node
def test_large_files_of_the_page_have_a_compressed_copy(checkout: Path) -> None:
    build(checkout)
    page = checkout / "daemon" / "page"
    script = page / "assets" / "index-1a2b.js"
    assert gzip.decompress(script.with_name("index-1a2b.js.gz").read_bytes()) == script.read_bytes()
    assert not page.joinpath("index.html.gz").exists()


@needs_node
def test_a_build_that_fails_says_why_and_counts_as_none(
    checkout: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    build(checkout)
    checkout.joinpath("gallery", "build.mjs").write_text("throw new Error('the sky fell')")
    assert main(["page"]) == 1
    assert "the sky fell" in capfd.readouterr().err
    assert not checkout.joinpath("daemon", "page", MARK).exists()
    with pytest.raises(NpmFailed, match="the sky fell"):
        build(checkout)


@needs_node
def test_a_script_of_the_gallery_is_run_with_its_exit_code(
    checkout: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["npm", "run", "fail"]) == 3
    assert "what went wrong" in capfd.readouterr().out
    assert main(["node"]) == 0


@pytest.mark.parametrize("change", ["edit", "remove", "add", "rename"])
def test_every_change_of_a_source_counts(checkout: Path, change: str) -> None:
    gallery = checkout / "gallery"
    source, before = gallery / "src" / "main.ts", fingerprint(gallery)
    match change:
        case "edit":
            facts = source.stat()
            source.write_text("let b = 1")
            os.utime(source, ns=(facts.st_atime_ns, facts.st_mtime_ns))
        case "remove":
            source.unlink()
        case "add":
            source.with_name("more.ts").touch()
        case "rename":
            source.rename(source.with_name("other.ts"))
    assert fingerprint(gallery) != before


def test_what_was_installed_is_no_source(checkout: Path) -> None:
    gallery = checkout / "gallery"
    before = fingerprint(gallery)
    gallery.joinpath("node_modules").mkdir()
    gallery.joinpath("node_modules", "index.js").touch()
    assert fingerprint(gallery) == before


def test_the_page_can_be_left_out(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert why_not(checkout) == ""
    monkeypatch.setenv("TAKES_NO_PAGE", "1")
    assert why_not(checkout) == "TAKES_NO_PAGE is set"
    monkeypatch.setenv("TAKES_NO_PAGE", "0")
    shutil.rmtree(checkout / "gallery")
    assert why_not(checkout) == "there is no gallery/ here"


@pytest.mark.parametrize("args", [["page"], ["npm", "test"]])
def test_without_node_the_gallery_is_left_out_loudly_and_not_in_ci(
    checkout: Path,
    without_node: None,
    args: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    assert main(args) == 0
    assert capfd.readouterr().err.startswith("\n*** The gallery is left out: the gallery needs Node")
    monkeypatch.setenv("CI", "true")
    assert main(args) == 1
    assert main(["node"]) == 1
    with pytest.raises(NoNode, match="TAKES_NO_PAGE=1"):
        build(checkout)


@pytest.mark.parametrize(
    ("said", "is_new_enough"),
    [
        ("v18.20.4", False),
        ("v20.18.3", False),
        ("v20.19.0", True),
        ("v24.1.0", True),
        ("v9.9", False),
        ("", False),
        ("no", False),
    ],
)
def test_the_machines_node_has_to_be_new_enough(
    without_node: None, tmp_path: Path, said: str, *, is_new_enough: bool
) -> None:
    for name in ("node", "npm"):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\necho {said}\n")
        program.chmod(0o700)
    assert (find_node() is not None) == is_new_enough


def test_node_comes_from_pypi_only_where_the_machine_has_none(
    checkout: Path, without_node: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook = hatch_build.PageHook(str(checkout), {}, None, None, "", "wheel")  # type: ignore[arg-type]
    assert hook.dependencies() == [CARRIER]
    monkeypatch.setenv("TAKES_NO_PAGE", "1")
    assert hook.dependencies() == []
    monkeypatch.delenv("TAKES_NO_PAGE")
    here = hatch_build.Node(Path("/usr/bin/node"), ("npm",))
    monkeypatch.setattr(hatch_build, "find_node", lambda: here)
    assert hook.dependencies() == []


def test_the_build_asks_for_what_makes_man_pages_where_there_are_commands(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAKES_NO_PAGE", "1")
    hook = hatch_build.PageHook(str(checkout), {}, None, None, "", "wheel")  # type: ignore[arg-type]
    assert hook.dependencies() == []
    checkout.joinpath("shell_files.py").touch()
    assert hook.dependencies() == list(hatch_build.FOR_SHELLS)


def test_man_pages_that_cannot_be_made_are_told_with_the_reason(checkout: Path, tmp_path: Path) -> None:
    checkout.joinpath("shell_files.py").write_text("raise SystemExit('the sky fell')")
    with pytest.raises(hatch_build.NoShellFiles, match=r"click-man(.|\n)*the sky fell"):
        hatch_build.make_shell_files(checkout, tmp_path, "1.0")


def test_npm_asks_nobody_but_the_registry() -> None:
    env = hatch_build.environment(hatch_build.Node(Path("/opt/node/bin/node"), ("npm",)))
    assert env["PATH"].startswith(f"/opt/node/bin{os.pathsep}")
    for name in ("update_notifier", "audit", "fund"):
        assert env[f"npm_config_{name}"] == "false"


def test_the_lock_names_no_registry() -> None:
    lock = ROOT / "gallery" / "package-lock.json"
    packages = json.loads(lock.read_text())["packages"]
    assert packages
    assert not [name for name, entry in packages.items() if "resolved" in entry]
