"""The site: it is built without a complaint, has every page, and asks nobody else for anything when it is read."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, ROOT

LOADED = re.compile(r"<(?:script|link|img|iframe)\b[^>]*?(?:src|href)=[\"']?(https?:)?//")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as `make docs` builds it."""
    home = tmp_path_factory.mktemp("site")
    shutil.copy(ROOT / "zensical.toml", home)
    shutil.copytree(ROOT / "docs", home / "docs")
    command = [sys.executable, "-m", "zensical", "build", "--strict"]
    built = subprocess.run(command, cwd=home, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    return home / "site"


@pytest.mark.parametrize("page", PAGES)
def test_every_page_is_there_and_loads_nothing_from_elsewhere(site: Path, page: str) -> None:
    html = site.joinpath(page.removeprefix("docs/")).with_suffix(".html").read_text("utf-8")
    assert "</article>" in html
    assert not LOADED.search(html)


@pytest.mark.parametrize("page", PAGES)
def test_every_page_can_be_chosen_from_the_first_one(site: Path, page: str) -> None:
    target = Path(page).relative_to("docs").with_suffix(".html").as_posix()
    assert re.search(rf"href=[\"']?(\./)?{re.escape(target)}", site.joinpath("index.html").read_text("utf-8"))
