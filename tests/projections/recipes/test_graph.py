"""A take's settings, read from the graph that made it."""

import json
import zlib
from base64 import b64decode
from typing import Any

import msgspec
import pytest

from projections.recipes.graph.families import BadTable, families, table
from projections.recipes.graph.reading import read as read_graph
from tests.projections.recipes.graphs import SIMPLE, Graph, changed, inputs, node, read, settings, simple

# Graphs.


def test_a_simple_graph_says_all_there_is() -> None:
    assert settings(simple()) == SIMPLE


def test_the_largest_seed_stays_a_number_and_fits_into_the_log() -> None:
    graph = simple()
    graph["3"]["inputs"]["seed"] = 2**64 - 1
    params = read(graph)
    assert params["seed"] == 2**64 - 1
    assert msgspec.json.decode(msgspec.json.encode(params)) == params


@pytest.mark.parametrize(
    ("written", "seed"),
    [
        (2**64 - 1, 2**64 - 1),
        (str(2**64 - 1), 2**64 - 1),
        (7.0, 7),
        ("7", 7),
        (0, 0),
        (-1, None),
        (2**64, None),
        (7.5, None),
        (1e300, None),
        (float("inf"), None),
        ("seven", None),
        (True, None),
        ([1, 2], None),
    ],
)
def test_a_seed_is_exact_or_none(written: Any, seed: int | None) -> None:
    graph = simple()
    graph["3"]["inputs"]["seed"] = written
    assert read(graph).get("seed") == seed


def test_nan_is_tolerated_and_left_out() -> None:
    graph = simple()
    graph["3"]["inputs"]["cfg"] = float("nan")
    assert settings(graph) == {key: value for key, value in SIMPLE.items() if key != "cfg"}


def test_the_save_node_is_the_one_that_named_the_file() -> None:
    graph, other = simple(), simple()
    for key, one in other.items():
        links = {
            name: [f"98:{v[0]}", v[1]] if isinstance(v, list) else v for name, v in one["inputs"].items()
        }
        graph[f"98:{key}"] = {**one, "inputs": links}
    graph["98:3"]["inputs"]["seed"] = 7
    graph["98:9"]["inputs"]["filename_prefix"] = "film\\takes\\render_wide"
    assert read(graph, "render_00001_.png")["seed"] == 42
    assert read(graph, "render_wide_00001_.png")["seed"] == 7
    shared = {name: value for name, value in SIMPLE.items() if name != "seed"}
    assert settings(graph, "renamed.png") == shared  # either could be it


def test_a_loader_behind_loras_and_model_patches_is_found() -> None:
    graph = simple()
    graph["3"]["inputs"]["model"] = ["20", 0]
    graph["20"] = node("ModelSamplingSD3", shift=8.0, model=["21", 0])
    graph["21"] = node(
        "LoraLoader", lora_name="grain.safetensors", strength_model=0.8, model=["4", 0], clip=["4", 1]
    )
    params = read(graph)
    assert params["model"] == "dawn.safetensors"
    assert params["loras"] == [{"name": "grain.safetensors", "strength": 0.8}]


def test_values_come_through_nodes_that_only_hold_them() -> None:
    graph = simple()
    graph["3"]["inputs"]["seed"] = ["30", 0]
    graph["6"]["inputs"]["text"] = ["31", 0]
    graph["30"] = node("PrimitiveInt", value=5, control_after_generate="fixed")
    graph["31"] = node("PrimitiveStringMultiline", value="a harbour")
    assert (read(graph)["seed"], read(graph)["prompt"]) == (5, "a harbour")


def test_what_a_node_makes_of_a_text_is_not_guessed() -> None:
    graph = simple()
    graph["6"]["inputs"]["text"] = ["31", 0]
    graph["31"] = node("PromptEnhancer", text="a harbour", temperature=0.7)
    assert "prompt" not in read(graph)


def test_flux_is_read_through_its_guider() -> None:
    graph = {
        "1": node("UNETLoader", unet_name="flux.safetensors", weight_dtype="default"),
        "2": node("CLIPTextEncode", text="a lighthouse", clip=["9", 0]),
        "3": node("FluxGuidance", guidance=3.5, conditioning=["2", 0]),
        "4": node("BasicGuider", model=["1", 0], conditioning=["3", 0]),
        "5": node("RandomNoise", noise_seed=11),
        "6": node("KSamplerSelect", sampler_name="euler"),
        "7": node("BasicScheduler", scheduler="simple", steps=28, denoise=1.0, model=["1", 0]),
        "77": node("SplitSigmas", step=4, sigmas=["7", 0]),
        "8": node(
            "SamplerCustomAdvanced",
            noise=["5", 0],
            guider=["4", 0],
            sampler=["6", 0],
            sigmas=["77", 0],
            latent_image=["10", 0],
        ),
        "9": node("DualCLIPLoader", clip_name1="a", clip_name2="b", type="flux"),
        "10": node("EmptyLatentImage", width=64, height=64),
        "11": node("SaveImage", filename_prefix="render", images=["8", 0]),
    }
    assert settings(graph) == {
        "model": "flux.safetensors",
        "seed": 11,
        "prompt": "a lighthouse",
        "steps": 28,
        "guidance": 3.5,
        "sampler": "euler",
        "scheduler": "simple",
        "denoise": 1.0,
    }


def two_stages() -> Graph:
    """Wan 2.2: a high-noise model begins, a low-noise one goes on without noise of its own."""
    settings = {"steps": 20, "cfg": 3.5, "sampler_name": "euler", "scheduler": "simple"}
    both = {"positive": ["3", 0], "negative": ["3", 1]}
    return {
        "1": node("UNETLoader", unet_name="high.safetensors"),
        "2": node("UNETLoader", unet_name="low.safetensors"),
        "3": node("WanImageToVideo", positive=["4", 0], negative=["5", 0], width=64, height=64, length=81),
        "4": node("CLIPTextEncode", text="waves"),
        "5": node("CLIPTextEncode", text="still"),
        "6": node(
            "KSamplerAdvanced",
            add_noise="enable",
            noise_seed=99,
            model=["1", 0],
            latent_image=["3", 2],
            **settings,
            **both,
        ),
        "7": node(
            "KSamplerAdvanced",
            add_noise="disable",
            noise_seed=0,
            model=["2", 0],
            latent_image=["6", 0],
            **settings,
            **both,
        ),
        "8": node("SaveVideo", filename_prefix="render", video=["7", 0]),
    }


def test_of_two_stages_the_one_that_adds_noise_counts_and_both_are_told() -> None:
    params = read(two_stages(), "render_00001_.mp4")
    assert (params["model"], params["seed"]) == ("high.safetensors", 99)
    assert (params["prompt"], params["negativePrompt"]) == ("waves", "still")
    assert [(stage["model"], stage["seed"]) for stage in params["stages"]] == [
        ("high.safetensors", 99),
        ("low.safetensors", 0),
    ]


def test_a_wrapper_that_embeds_both_prompts_in_one_node_is_read() -> None:
    graph = {
        "1": node("WanVideoModelLoader", model="wan.safetensors", base_precision="bf16"),
        "2": node("WanVideoTextEncode", positive_prompt="waves", negative_prompt="still", t5=["9", 0]),
        "3": node(
            "WanVideoSampler",
            seed=3,
            steps=30,
            cfg=6.0,
            shift=5.0,
            scheduler="unipc",
            model=["1", 0],
            text_embeds=["2", 0],
            image_embeds=["4", 0],
        ),
        "4": node("WanVideoEmptyEmbeds", width=64, height=64, num_frames=81),
        "5": node("VHS_VideoCombine", filename_prefix="render", images=["3", 0]),
        "9": node("LoadWanVideoT5TextEncoder", model_name="t5.safetensors"),
    }
    assert settings(graph) == {
        "model": "wan.safetensors",
        "seed": 3,
        "prompt": "waves",
        "negativePrompt": "still",
        "steps": 30,
        "cfg": 6.0,
        "scheduler": "unipc",
    }


def test_a_negative_that_is_zeroed_out_is_none() -> None:
    graph = simple()
    graph["3"]["inputs"]["negative"] = ["40", 0]
    graph["40"] = node("ConditioningZeroOut", conditioning=["6", 0])
    assert "negativePrompt" not in read(graph)


def test_a_graph_that_runs_in_circles_comes_to_an_end() -> None:
    graph = simple()
    graph["3"]["inputs"].update(model=["3", 0], positive=["3", 0], seed=["3", 0])
    assert read(graph)["steps"] == 20


def test_a_graph_without_a_sampler_is_kept_as_it_is() -> None:
    graph = {
        "1": node("LoadImage", image="a.png"),
        "2": node("SaveImage", filename_prefix="render", images=["1", 0]),
    }
    found = read(graph)
    assert found["literals"] == [
        {"node": "1", "class": "LoadImage", "image": "a.png"},
        {"node": "2", "class": "SaveImage", "filename_prefix": "render"},
    ]
    assert json.loads(zlib.decompress(b64decode(found["graph"]["deflated"]))) == graph
    assert found.keys() == {"literals", "graph"}


# Where it comes from, and how sure it is.


def test_each_setting_is_told_with_the_node_that_has_it() -> None:
    graph = changed(n3=inputs(seed=["50", 0]), n50=node("Seed (rgthree)", seed=7))
    nodes = read(graph)["nodes"]
    assert (nodes["seed"], nodes["model"], nodes["prompt"], nodes["steps"]) == ("50", "4", "6", "3")


def test_a_setting_over_a_node_that_is_not_known_is_unsure() -> None:
    graph = changed(n3=inputs(seed=["50", 0]), n50=node("Odd Numbers", seed=7, colour="blue"))
    found = read(graph)
    assert (found["seed"], found["unsure"]) == (7, ["seed"])
    assert "unsure" not in read(simple())


# A table of one's own.


OWN = b"""
[inputs]
seed = ["dice"]

[[family]]
classes = ["My Chooser*"]
select = ["which", 1]
"""


def test_a_table_of_ones_own_counts_before_ours() -> None:
    known = families(table(OWN))
    graph = changed(
        n3=inputs(seed=["50", 0], steps=["51", 0]),
        n50=node("My Chooser 2", which=2, number_1=3, number_2=["52", 0]),
        n51=node("PrimitiveInt", value=12),
        n52=node("My Dice", dice=9, colour="blue"),
    )
    found = read_graph(graph, "render_00001_.png", known)
    assert (found["seed"], found["steps"]) == (9, 12)
    assert "seed" not in read(graph)


@pytest.mark.parametrize("content", [b"[[family]]\nclasses = 3", b"[[family]]\nclases = []", b"= 3", b"\xff"])
def test_a_table_that_is_none_is_told(content: bytes) -> None:
    with pytest.raises(BadTable) as caught:
        table(content)
    assert caught.value.hint
