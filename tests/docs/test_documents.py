"""The documents as a whole: short where they begin, their links lead somewhere, and what they name is there."""

import pytest

from tests.docs.pages import DOCUMENTS, NAME, PAGES, ROOT, anchors, links, page, prose

TREE = ("daemon", "docs", "events", "examples", "gallery", "projections", "tests")
"""The folders of the source: a name that begins with one of them is that of a file in it."""

MADE = ("daemon/page", "gallery/node_modules")
"""What a build puts there."""


def test_the_readme_is_read_in_a_few_minutes() -> None:
    assert len(ROOT.joinpath("README.md").read_bytes()) <= 10_000


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_leads_somewhere(document: str) -> None:
    for path, anchor in links(document):
        assert (ROOT / path).exists(), path
        assert not anchor or anchor in anchors(path), f"{path}#{anchor}"


@pytest.mark.parametrize("document", PAGES)
def test_a_page_of_the_site_links_to_nothing_outside_of_it(document: str) -> None:
    assert [
        path for path, _ in links(document) if not (ROOT / path).resolve().is_relative_to(ROOT / "docs")
    ] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_file_of_the_source_that_is_named_is_there(document: str) -> None:
    named = [name for name in NAME.findall(prose(document)) if name.partition("/")[0] in TREE and "/" in name]
    assert [
        name for name in named if not list(ROOT.glob(name.rstrip("/"))) and name.rstrip("/") not in MADE
    ] == []


@pytest.mark.parametrize("package", ["daemon", "projections"])
def test_every_room_is_in_the_architecture(package: str) -> None:
    found = [
        path.parent.relative_to(ROOT / package).as_posix() for path in (ROOT / package).rglob("__init__.py")
    ]
    assert [
        room for room in found if room != "." and f"`{room}`" not in page("building/architecture.md")
    ] == []


def test_every_page_can_be_reached_from_the_first_one() -> None:
    reached, todo = set(), ["docs/index.md"]
    while todo:
        if (document := todo.pop()) not in reached:
            reached.add(document)
            found = [(ROOT / path).resolve().relative_to(ROOT).as_posix() for path, _ in links(document)]
            todo += [path for path in found if path.endswith(".md")]
    assert set(PAGES) <= reached
