"""Renders: what a graph says of the files that came with one."""

import json
from typing import Any

from projections.recipes.renders import render_of


def graph(
    *, sound: bool = False, prefix: Any = "AnimateDiff", kind: str = "VHS_VideoCombine"
) -> dict[str, Any]:
    inputs = {"images": ["8", 0], "frame_rate": 8, "filename_prefix": prefix, "save_output": True}
    return {
        "3": {"class_type": "KSampler", "inputs": {"seed": 7}},
        "9": {"class_type": kind, "inputs": {**inputs, **({"audio": ["5", 0]} if sound else {})}},
    }


def of(graph: Any, name: str = "AnimateDiff_00001.png") -> dict[str, Any] | None:
    return render_of({"Prompt": json.dumps(graph)}, name)


def test_a_graph_with_a_saver_of_videos_is_a_render() -> None:
    found = of(graph())
    assert found is not None
    assert found["has_sound"] is False


def test_a_sound_that_goes_into_the_saver_is_told() -> None:
    found = of(graph(sound=True))
    assert found is not None
    assert found["has_sound"] is True


def test_the_saver_that_the_name_fits_is_the_one_that_counts() -> None:
    both = {**graph(sound=True, prefix="video/heard"), "10": graph(prefix="seen")["9"]}
    assert [
        found and found["has_sound"] for found in (of(both, "heard_00001.png"), of(both, "seen_00001.png"))
    ] == [
        True,
        False,
    ]


def test_the_same_graph_has_the_same_digest_however_it_is_written() -> None:
    one, other = of(graph()), of(dict(reversed(graph().items())))
    assert one == other
    assert one != of(graph(sound=True))


def test_an_older_file_has_its_graph_in_a_comment() -> None:
    comment = json.dumps({"prompt": json.dumps(graph())})
    assert render_of({"comment": comment}, "AnimateDiff_00001.mp4") == of(graph())


def test_a_graph_that_saves_pictures_is_none() -> None:
    assert of(graph(kind="SaveImage")) is None


def test_what_is_no_graph_is_none() -> None:
    for labels in (
        {},
        {"prompt": "a bird"},
        {"prompt": "{}"},
        {"prompt": '{"9": {"class_type": "VHS_VideoCombine"}}'},
    ):
        assert render_of(labels, "a.png") is None


def test_a_prefix_may_be_anything() -> None:
    for prefix in (["3", 0], 7, None, "%date%/x"):
        assert of(graph(prefix=prefix)) is not None


def test_a_graph_as_it_was_drawn_tells_as_much() -> None:
    saver = {"type": "VHS_VideoCombine", "inputs": [{"name": "audio", "link": 5}], "widgets_values": {}}
    found = render_of({"workflow": json.dumps({"nodes": [{"type": "KSampler"}, saver, 7]})}, "a_00001.png")
    assert found is not None
    assert found["has_sound"] is True
    assert render_of({"workflow": json.dumps({"nodes": [{"type": "SaveImage"}]})}, "a_00001.png") is None
