"""The recipes of CONTRIBUTING.md: each is short, and every verb of the Makefile is told."""

import re

import pytest

from tests.docs.pages import ROOT

TEXT = ROOT.joinpath("CONTRIBUTING.md").read_text("utf-8")
RECIPES = dict(re.findall(r"^### (.+)\n([\s\S]*?)(?=^###? |\Z)", TEXT, re.MULTILINE))
MOST_FILES = 6
"""What a change of a known kind may touch; if it needs more, a seam is missing."""


def steps(recipe: str) -> list[str]:
    return re.findall(r"^\d\. (.+)$", recipe, re.MULTILINE)


def test_there_are_five_recipes() -> None:
    assert len(RECIPES) == 5


@pytest.mark.parametrize("title", RECIPES)
def test_a_recipe_touches_few_files_and_names_each(title: str) -> None:
    found = steps(RECIPES[title])
    assert 1 < len(found) <= MOST_FILES
    assert [step for step in found if not re.search(r"`[\w/.-]+(\.py|\.md|/)`", step)] == []


@pytest.mark.parametrize(
    "verb", re.findall(r"^(\w+):.*## ", ROOT.joinpath("Makefile").read_text("utf-8"), re.MULTILINE)
)
def test_every_verb_is_told(verb: str) -> None:
    assert verb == "help" or f"`make {verb}`" in TEXT
