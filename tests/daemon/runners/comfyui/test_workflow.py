import json
from typing import Any

import pytest

from daemon.runners.choice import BadWorkflow
from daemon.runners.comfyui.workflow import (
    BadValue,
    Output,
    Workflow,
    filled,
    named,
    parse,
    seed_for,
    upstream,
)
from tests.comfyui.graphs import Graph, node, picture_graph, video_graph


def read(graph: Any) -> Workflow:
    return parse(json.dumps(graph).encode(), "wan.json")


def bind(title: str, **inputs: Any) -> Workflow:
    """A workflow with one node of that title, and something that saves."""
    return read({"1": node("Any", title, **inputs), "2": node("SaveImage", filename_prefix="x")})


def complaint(graph: Any) -> str:
    with pytest.raises(BadWorkflow) as caught:
        read(graph)
    assert str(caught.value).startswith("wan.json: ")
    assert caught.value.hint
    return str(caught.value)


# What is a workflow.


def test_a_graph_in_api_format_is_a_workflow() -> None:
    assert read(video_graph()).inputs == ("model", "prompt", "negativePrompt", "seed", "steps", "cfg")


def test_a_graph_may_be_wrapped_as_it_is_posted() -> None:
    assert read({"prompt": video_graph(), "client_id": "x"}) == read(video_graph())


def test_a_file_may_begin_with_a_byte_order_mark() -> None:
    text = b"\xef\xbb\xbf" + json.dumps(video_graph()).encode()
    assert parse(text, "wan.json") == read(video_graph())


def test_the_drawing_of_the_editor_is_refused_with_the_way_out() -> None:
    said = complaint({"nodes": [{"id": 1}], "links": [], "version": 0.4})
    assert "Export (API)" in said
    assert "Save (API Format)" in said


@pytest.mark.parametrize(
    "graph", [{}, [], "x", 3, {"1": {}}, {"1": {"class_type": "X"}}, {"prompt": {"1": 1}}]
)
def test_what_is_no_graph_is_refused(graph: Any) -> None:
    assert "API format" in complaint(graph)


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(BadWorkflow, match=r"wan\.json: it is not JSON"):
        parse(b"{", "wan.json")


def test_a_workflow_that_saves_nothing_is_refused() -> None:
    assert "(Output)" in complaint({"1": node("EmptyImage", color=1)})


# What is bound.


@pytest.mark.parametrize(
    ("title", "inputs", "expected"),
    [
        ("(Input:prompt)", {"text": "a", "other": "b"}, "text"),
        ("(Input:prompt)", {"prompt": "a", "negative_prompt": "b"}, "prompt"),
        ("(Input:negativePrompt)", {"prompt": "a", "negative_prompt": "b"}, "negative_prompt"),
        ("(Input:negativePrompt)", {"text": "a", "clip": ["9", 0]}, "text"),
        ("(Input:prompt)", {"value": "a"}, "value"),
        ("(Input:prompt)", {"string": "a", "delimiter": "b"}, "string"),
        ("(Input:seed)", {"seed": 1, "steps": 2}, "seed"),
        ("(Input:seed)", {"noise_seed": 1, "steps": 2}, "noise_seed"),
        ("(Input:seed)", {"value": 1, "control_after_generate": "fixed"}, "value"),
        ("(Input:seed)", {"number": 1, "control_after_generate": "fixed"}, "number"),
        ("(Input:model)", {"unet_name": "a", "weight_dtype": "b"}, "unet_name"),
        ("(Input:width)", {"width": 1, "height": 2}, "width"),
        ("(Input:frameCount)", {"frame_count": 1, "height": 2}, "frame_count"),
        ("(Input:lens)", {"value": 1, "other": 2}, "value"),
        ("(Input:lens)", {"guidance": 3.5, "conditioning": ["9", 0]}, "guidance"),
        ("(Input:cfg=guidance)", {"guidance": 3.5, "cfg": 7.0}, "guidance"),
        ("Size ( Input : width = w ) please", {"w": 1, "h": 2}, "w"),
        ("(Input:quality)", {"value": "draft"}, "value"),
    ],
)
def test_a_title_binds_the_input_that_is_meant(title: str, inputs: dict[str, Any], expected: str) -> None:
    (binding,) = bind(title, **inputs).bindings
    assert (binding.node, binding.input) == ("1", expected)


@pytest.mark.parametrize(
    "written", ["negative_prompt", "NegativePrompt", "negative prompt", "negativePrompt"]
)
def test_the_usual_names_may_be_written_in_other_letters(written: str) -> None:
    assert bind(f"(input:{written})", text="x").inputs == ("negativePrompt",)


def test_a_title_may_bind_several_parameters() -> None:
    flow = bind("(Input:width) and (Input:height)", width=1, height=2)
    assert flow.inputs == ("width", "height")


def test_one_parameter_may_be_set_in_several_inputs() -> None:
    flow = bind("(Input:prompt=clip_l) (Input:prompt=t5xxl)", clip_l="", t5xxl="")
    assert filled(flow, {"prompt": "gulls"}, None).graph["1"]["inputs"] == {
        "clip_l": "gulls",
        "t5xxl": "gulls",
    }


@pytest.mark.parametrize(
    ("title", "inputs"),
    [
        ("Flux (Input:prompt)", {"clip_l": "a", "t5xxl": "b"}),
        ("Flux (Input:prompt)", {"text": ["9", 0]}),
        ("Flux (Input:seed=sed)", {"seed": 1}),
        ("Flux (Input:)", {"seed": 1}),
    ],
)
def test_a_title_that_binds_nothing_is_refused_by_the_name_of_its_node(title: str, inputs: Any) -> None:
    assert "Flux (node 1)" in complaint({"1": node("Any", title, **inputs), **picture()})


def picture() -> Graph:
    return {"2": node("SaveImage", filename_prefix="x")}


# What is filled in.


def test_every_node_of_a_name_is_set_and_the_workflow_stays_as_it_was() -> None:
    graph = {"1": node("A", "(Input:seed)", seed=1), "2": node("B", "(Input:seed)", noise_seed=2)}
    flow = read({**graph, "3": node("SaveImage", filename_prefix="x")})
    assert [filled(flow, {"seed": 7}, None).graph[key]["inputs"] for key in "12"] == [
        {"seed": 7},
        {"noise_seed": 7},
    ]
    assert flow.value("seed") is None  # it is two things
    assert filled(flow, {"seed": 7}, None).value("seed") == 7


def test_what_is_not_asked_for_stays_as_the_workflow_has_it() -> None:
    flow = read(video_graph())
    assert filled(flow, {"steps": None, "unknown": 3}, None).graph == flow.graph


@pytest.mark.parametrize(
    ("standing", "value", "expected"),
    [
        (1, 7, 7),
        (1, "7", 7),
        (1, 7.0, 7),
        (1, str(2**64 - 1), 2**64 - 1),
        (1.0, 7, 7.0),
        (1.0, "6.5", 6.5),
        ("a", 7, "7"),
        ("a", "b", "b"),
        (True, False, False),
        (True, "false", False),
        (None, "x", "x"),
    ],
)
def test_a_value_becomes_the_kind_of_what_stands_there(standing: Any, value: Any, expected: Any) -> None:
    found = filled(bind("(Input:x)", x=standing), {"x": value}, None).value("x")
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("standing", "value"),
    [
        (1, "seven"),
        (1, 7.5),
        (1, True),
        (1, [7]),
        (1.0, "x"),
        (1.0, "nan"),
        (1.0, float("inf")),
        ("a", ["b"]),
        ("a", True),
        (True, "maybe"),
        (True, 2),
    ],
)
def test_a_value_that_cannot_stand_there_is_refused_by_its_field(standing: Any, value: Any) -> None:
    with pytest.raises(BadValue, match=r"generationParams\.x: .* Any \(Lens\) needs") as caught:
        filled(bind("Lens (Input:x)", x=standing), {"x": value}, None)
    assert caught.value.field == "generationParams.x"


def test_the_quality_is_a_parameter_too() -> None:
    flow = bind("(Input:quality)", value="standard")
    assert filled(flow, {}, "draft").value("quality") == "draft"
    assert filled(flow, {}, None).value("quality") == "standard"


def test_a_seed_is_the_same_for_the_same_job_and_another_for_another() -> None:
    assert seed_for("a") == seed_for("a") != seed_for("b")
    assert all(0 <= seed_for(str(n)) < 2**53 for n in range(100))


# Where the file comes from.


def test_a_title_says_which_node_makes_the_take() -> None:
    graph = {**video_graph(), "9": node("SaveImage", images=["6", 0], filename_prefix="x")}
    assert read(graph).outputs == (Output("8", "video"),)


def test_without_a_title_every_node_that_saves_may_make_it() -> None:
    graph = {**video_graph(SaveVideo="Save"), "9": node("SaveImage", images=["6", 0], filename_prefix="x")}
    assert read(graph).outputs == (Output("8", None), Output("9", None))


def test_an_output_may_leave_its_kind_open() -> None:
    assert read(picture_graph("PreviewImage", "Look (Output)")).outputs == (Output("3", None),)


def test_an_output_of_a_kind_that_does_not_exist_is_refused() -> None:
    assert "video, image, audio" in complaint(picture_graph(title="(Output:movie)", filename_prefix="x"))


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("render", "shot_001_take_003"),
        ("video/wan/render", "video/wan/shot_001_take_003"),
        ("video\\render", "video/shot_001_take_003"),
        ("{project}/{shot}/takes/render", "MyFilm/01_A/001_B/takes/shot_001_take_003"),
        ("{shot}/takes/", "01_A/001_B/takes/shot_001_take_003"),
    ],
)
def test_a_file_is_named_for_its_take_in_the_folder_of_the_workflow(prefix: str, expected: str) -> None:
    flow = named(read(video_graph(prefix)), "shot_001_take_003", "MyFilm", "01_A/001_B")
    assert flow.graph["8"]["inputs"]["filename_prefix"] == expected


def test_a_prefix_that_comes_from_another_node_is_left_alone() -> None:
    graph = picture_graph(filename_prefix=["1", 0])
    assert named(read(graph), "stem", "MyFilm", "001_B").graph == graph


def test_upstream_is_all_that_a_node_depends_on() -> None:
    assert upstream(video_graph(), "5") == {"1", "2", "3", "4"}
    assert upstream({"1": node("A", x=["2", 0]), "2": node("B", x=["1", 0])}, "1") == {"2"}
