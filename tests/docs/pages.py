"""The documents: README.md and its like at the top of the tree, and the pages in docs/."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
TOP = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")
PAGES = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md"))
DOCUMENTS = (*TOP, *PAGES)

FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")
NAME = re.compile(r"`([\w./*-]+)`")


def page(name: str) -> str:
    """The text of that page in docs/."""
    return ROOT.joinpath("docs", name).read_text("utf-8")


def prose(document: str) -> str:
    """A document without what it shows as code."""
    return FENCE.sub("", ROOT.joinpath(document).read_text("utf-8"))


def links(document: str) -> Iterator[tuple[str, str]]:
    """Every link to another document or another place in this one: a path from the root, and a heading's anchor."""
    for link in LINK.findall(prose(document)):
        path, _, anchor = link.partition("#")
        if "://" not in link:
            folder = Path(document).parent
            yield ((folder / path).as_posix() if path else document), anchor


def anchors(document: str) -> set[str]:
    """What a link can lead to within a document, as the site and the usual code hosts make it of headings."""
    named = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in HEADING.findall(prose(document)))
    return {heading.strip().replace(" ", "-") for heading in named}
