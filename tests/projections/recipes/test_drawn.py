"""A workflow as ComfyUI's page saves it, read like the graph that ComfyUI runs."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from projections.recipes.graph import reading
from projections.recipes.graph.drawn import is_drawn
from projections.recipes.labels import from_recipe
from tests.projections.recipes.graphs import SIMPLE, plainly

Node = dict[str, Any]


def drawn(
    number: int, kind: str, values: Any = None, mode: int = 0, *, out: str = "", **links: int | None
) -> Node:
    """A node with its values, and the links that come into it; what it puts out are the types in `out`."""
    inputs = [{"name": name, "type": name.upper(), "link": link} for name, link in links.items()]
    outputs = [{"name": one, "type": one} for one in out.split()]
    return {
        "id": number,
        "type": kind,
        "mode": mode,
        "inputs": inputs,
        "outputs": outputs,
        "widgets_values": values or [],
    }


SAMPLER = [42, "fixed", 20, 7.5, "euler", "normal", 1.0]


def workflow(sampler: list[Any] = SAMPLER, *more: Node, links: list[Any] | None = None) -> dict[str, Any]:
    """The simple graph as it is drawn."""
    nodes = [
        drawn(3, "KSampler", sampler, model=1, positive=2, negative=3, latent_image=4),
        drawn(4, "CheckpointLoaderSimple", ["dawn.safetensors"], out="MODEL CLIP VAE"),
        drawn(5, "EmptyLatentImage", [512, 512, 1]),
        drawn(6, "CLIPTextEncode", ["a lighthouse at dawn"], clip=5),
        drawn(7, "CLIPTextEncode", ["fog"], clip=6),
        drawn(8, "VAEDecode", samples=7, vae=8),
        drawn(9, "SaveImage", ["film/takes/render"], images=9),
        *more,
    ]
    own = [
        *([1, 4, 0, 3, 0, "MODEL"], [2, 6, 0, 3, 1, "CONDITIONING"], [3, 7, 0, 3, 2, "CONDITIONING"]),
        *([4, 5, 0, 3, 3, "LATENT"], [5, 4, 1, 6, 0, "CLIP"], [6, 4, 1, 7, 0, "CLIP"]),
        *([7, 3, 0, 8, 0, "LATENT"], [8, 4, 2, 8, 1, "VAE"], [9, 8, 0, 9, 0, "IMAGE"]),
    ]
    return {"nodes": nodes, "links": [*own, *(links or [])], "version": 0.4}


def read(found: dict[str, Any]) -> dict[str, Any]:
    return plainly(from_recipe(json.dumps(found).encode(), "render_00001_.png"))


def test_a_workflow_beside_a_render_is_read_like_the_graph_in_one() -> None:
    assert read(workflow()) == SIMPLE


@pytest.mark.parametrize("control", ["randomize", "increment", True])
def test_a_seed_that_is_another_one_for_each_run_is_not_known(control: Any) -> None:
    sampler = [42, control, *SAMPLER[2:]]
    assert read(workflow(sampler)) == {name: value for name, value in SIMPLE.items() if name != "seed"}


def test_values_that_do_not_fit_the_names_are_not_known() -> None:
    found = read(workflow([*SAMPLER, 1, 2]))
    assert not {"seed", "steps", "cfg", "sampler"} & found.keys()


def test_values_are_known_by_the_fields_that_a_newer_page_writes_down() -> None:
    loader = drawn(10, "SomeLoraLoader", ["gulls.safetensors", 0.8], model=10)
    fields = ("lora_name", "strength_model")
    loader["inputs"] += [{"name": one, "widget": {"name": one}, "link": None} for one in fields]
    found = workflow(SAMPLER, loader, links=[[10, 4, 0, 10, 0, "MODEL"]])
    found["links"][0] = [1, 10, 0, 3, 0, "MODEL"]
    assert read(found)["loras"] == [{"name": "gulls.safetensors", "strength": 0.8}]


@pytest.mark.parametrize(("mode", "loras"), [(0, 1), (4, 0)])
def test_what_is_bypassed_hands_on_what_comes_into_it(mode: int, loras: int) -> None:
    loader = drawn(10, "LoraLoaderModelOnly", ["gulls.safetensors", 0.8], mode, out="MODEL", model=10)
    found = workflow(SAMPLER, loader, links=[[10, 4, 0, 10, 0, "MODEL"]])
    found["links"][0] = [1, 10, 0, 3, 0, "MODEL"]
    params = read(found)
    assert (params["model"], len(params.get("loras", []))) == ("dawn.safetensors", loras)


def test_what_is_switched_off_is_left_out() -> None:
    other = drawn(11, "SaveImage", ["other"], 2, images=9)
    assert read(workflow(SAMPLER, other)) == SIMPLE
    found = workflow()
    found["nodes"][3]["mode"] = 2
    assert "prompt" not in read(found)


def test_a_subgraph_is_laid_open() -> None:
    found = workflow()
    encoder = found["nodes"].pop(3)
    found["nodes"].append(drawn(6, "5f0c", clip=5))
    inner_links = [
        {"id": 5, "origin_id": -10, "origin_slot": 0, "target_id": 6, "target_slot": 0, "type": "CLIP"},
        {
            "id": 6,
            "origin_id": 6,
            "origin_slot": 0,
            "target_id": -20,
            "target_slot": 0,
            "type": "CONDITIONING",
        },
    ]
    found["definitions"] = {"subgraphs": [{"id": "5f0c", "nodes": [encoder], "links": inner_links}]}
    assert read(found) == SIMPLE


def promoted(text: str, seed: int, *, values: Any, shown: Any = None, links: bool = True) -> dict[str, Any]:
    """A workflow whose encoder and sampler are in a subgraph, which has a text and a seed of its own inside."""
    found = workflow()
    inside = [one for one in found["nodes"] if one["id"] in (3, 6)]
    found["nodes"] = [one for one in found["nodes"] if one not in inside]
    inside[0]["widgets_values"] = [seed, *SAMPLER[1:]]
    inside[1]["widgets_values"] = [text]
    inside[0]["inputs"].append({"name": "seed", "widget": {"name": "seed"}, "link": 25 if links else None})
    inside[1]["inputs"].append({"name": "text", "widget": {"name": "text"}, "link": 26 if links else None})
    ends = [(1, -10, 0, 3, 0), (3, -10, 1, 3, 2), (4, -10, 2, 3, 3), (5, -10, 3, 6, 0), (2, 6, 0, 3, 1)]
    ends += [(25, -10, 4, 3, 4), (26, -10, 5, 6, 1), (7, 3, 0, -20, 0)]
    names = ("id", "origin_id", "origin_slot", "target_id", "target_slot")
    inner = {
        "id": "5f0c",
        "nodes": inside,
        "links": [dict(zip(names, end, strict=True)) for end in ends],
        "inputs": [{"name": name} for name in ("model", "negative", "latent", "clip", "seed", "text")],
    }
    node = drawn(
        20, "5f0c", values, out="LATENT", clip=5, latent=4, negative=3, model=1
    )  # in an order of its own
    node["properties"] = {"proxyWidgets": shown} if shown else {}
    found["nodes"].append(node)
    moved = {1: (20, 3), 3: (20, 2), 4: (20, 1), 5: (20, 0)}
    found["links"] = [
        [*link[:3], *moved.get(link[0], link[3:5]), link[5]] for link in found["links"] if link[0] != 2
    ]
    found["links"] = [[link[0], 20, 0, *link[3:]] if link[0] == 7 else link for link in found["links"]]
    found["definitions"] = {"subgraphs": [inner]}
    return found


@pytest.mark.parametrize(
    ("shown", "links"),
    [
        ([["-1", "text"], ["-1", "seed"]], True),
        ([["6", "text"], ["3", "seed"]], False),
    ],
)
def test_a_value_that_a_subgraph_was_given_goes_before_the_one_that_it_has_inside(
    shown: Any,
    links: bool,  # noqa: FBT001
) -> None:
    found = promoted("inside", 1, values=["a lighthouse at dawn", 42], shown=shown, links=links)
    assert read(found) == SIMPLE


def test_a_subgraph_that_was_given_nothing_has_what_is_inside() -> None:
    found = promoted("a lighthouse at dawn", 42, values=[], shown=[["6", "text"], ["3", "seed"]])
    assert read(found) == SIMPLE


def test_values_that_do_not_fit_what_a_subgraph_can_be_given_leave_that_unknown() -> None:
    params = read(promoted("inside", 1, values=["outside"], shown=[["-1", "text"], ["-1", "seed"]]))
    assert params == {name: value for name, value in SIMPLE.items() if name not in ("prompt", "seed")}


def test_rows_of_loras_are_read_as_the_page_has_them() -> None:
    rows = [
        {},
        {"type": "PowerLoraLoaderHeaderWidget"},
        {"on": True, "lora": "gulls.safetensors", "strength": 0.8},
        {"on": False, "lora": "off.safetensors", "strength": 1},
        {},
        "",
    ]
    loader = drawn(10, "Power Lora Loader (rgthree)", rows, out="MODEL CLIP", model=10)
    found = workflow(SAMPLER, loader, links=[[10, 4, 0, 10, 0, "MODEL"]])
    found["links"][0] = [1, 10, 0, 3, 0, "MODEL"]
    assert read(found)["loras"] == [{"name": "gulls.safetensors", "strength": 0.8}]


def test_a_sampler_of_which_the_names_are_not_known_is_one_all_the_same() -> None:
    later = drawn(3, "KSampler", SAMPLER, model=1, positive=2, negative=3, latent_image=10)
    first = drawn(13, "SomeSampler", [7, 8, 9], out="LATENT", model=1, positive=2, negative=3, latent_image=4)
    found = workflow(SAMPLER, first, links=[[10, 13, 0, 3, 3, "LATENT"]])
    found["nodes"][0] = later
    params = read(found)
    assert (params["model"], params["prompt"]) == ("dawn.safetensors", "a lighthouse at dawn")
    assert not {"seed", "steps", "cfg", "sampler"} & params.keys()


def test_a_subgraph_within_itself_comes_to_an_end() -> None:
    found = workflow(SAMPLER, drawn(12, "5f0c"))
    itself = [drawn(number, "5f0c") for number in range(8)]
    found["definitions"] = {"subgraphs": [{"id": "5f0c", "nodes": itself, "links": []}]}
    assert read(found) == SIMPLE


_JSON = some.recursive(
    some.none()
    | some.booleans()
    | some.integers(-20, 20)
    | some.sampled_from(["KSampler", "a", "fixed", "5f0c"]),
    lambda inner: (
        some.lists(inner, max_size=4)
        | some.dictionaries(
            some.sampled_from(["id", "type", "mode", "inputs", "link", "widget", "name"]), inner
        )
    ),
    max_leaves=20,
)


@given(nodes=some.lists(_JSON, max_size=4), links=some.lists(_JSON, max_size=4), subgraphs=_JSON)
def test_whatever_is_drawn_nothing_raises(nodes: list[Any], links: list[Any], subgraphs: Any) -> None:
    found = {
        "nodes": [{"type": "KSampler", "id": 1}, *nodes],
        "links": links,
        "definitions": {"subgraphs": subgraphs},
    }
    assert is_drawn(found)
    reading.read_drawn(found)
