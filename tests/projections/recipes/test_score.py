"""The score: of the small graphs that the bench reads nothing is read wrong, made up or missed."""

import json

from benchmarks.media.recipes import SMALL, USUAL, score_of


def test_every_setting_of_the_small_graphs_is_read_right_and_none_is_made_up() -> None:
    graphs = json.loads(SMALL.read_text("utf-8"))
    assert score_of(graphs) == {"right": 618, "wrong": 0, "missing": 0, "invented": 0}


def test_every_setting_of_graphs_as_people_publish_them_is_read_right_and_none_is_made_up() -> None:
    graphs = json.loads(USUAL.read_text("utf-8"))
    assert score_of(graphs) == {"right": 891, "wrong": 0, "missing": 0, "invented": 0}


def test_the_score_tells_what_is_wrong_from_what_is_missing_or_made_up() -> None:
    expected = {"seed": 1, "steps": 21, "guidance": 3.0, "negativePrompt": None, "loras": None}
    graph = {**json.loads(SMALL.read_text("utf-8"))["base"], "expected": expected}
    assert score_of({"base": graph}) == {"right": 1, "wrong": 1, "missing": 1, "invented": 1}
