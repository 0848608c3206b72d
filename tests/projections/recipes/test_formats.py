"""What other generators than ComfyUI write of themselves: one row for each way of writing it."""

import json
import time
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from projections.recipes.labels import FORMATS, KEYS, NotARecipe, from_recipe, params_of
from tests.projections.recipes.graphs import simple

XMP = (
    '<x:xmpmeta><rdf:Description><exif:UserComment><rdf:Alt><rdf:li xml:lang="x-default">'
    "{}</rdf:li></rdf:Alt></exif:UserComment></rdf:Description></x:xmpmeta>"
)
DRAWN = json.dumps(
    {"c": "a pier", "uc": "crowds", "seed": 4, "steps": 6, "scale": 3, "model": "m.ckpt", "size": "640x512"}
)

LABELS: dict[str, tuple[dict[str, str], dict[str, Any]]] = {
    "a line in the prompt that looks like the last": (
        {"parameters": "a pier\nSteps: 3 down to the sea\nSteps: 20, Sampler: Euler, CFG scale: 6, Seed: 4, Size: 64x48"},
        {"prompt": "a pier\nSteps: 3 down to the sea", "steps": 20, "sampler": "Euler", "cfg": 6, "seed": 4, "width": 64, "height": 48},
    ),
    "the first of two pairs of one name": (
        {"parameters": "a pier\nSteps: 20, Seed: 4, Seed: 5"},
        {"prompt": "a pier", "steps": 20, "seed": 4},
    ),
    "LoRAs in the prompt": (
        {"parameters": "a pier <lora:tide:0.5> <lora:off:0>\nSteps: 20, Seed: -1"},
        {"prompt": "a pier <lora:tide:0.5> <lora:off:0>", "steps": 20, "loras": [{"name": "tide", "strength": 0.5}]},
    ),
    "Civitai": (
        {"parameters": 'a pier\nSteps: 20, Created Date: 2026-02-03T04:05:06Z, Civitai resources: [{"type": "checkpoint", "modelName": "Sea"}, {"type": "lora", "modelName": "Tide", "weight": 0.5}], Seed: 4'},
        {"prompt": "a pier", "steps": 20, "model": "Sea", "loras": [{"name": "Tide", "strength": 0.5}], "seed": 4},
    ),
    "Fooocus": (
        {"parameters": json.dumps({"base_model": "sea", "prompt": "a pier", "negative_prompt": "", "seed": "4", "guidance_scale": 4, "resolution": "(640, 512)", "loras": [["tide", 0.5], ["None", 1]]})},
        {"model": "sea", "prompt": "a pier", "seed": 4, "cfg": 4, "width": 640, "height": 512, "loras": [{"name": "tide", "strength": 0.5}]},
    ),
    "RuinedFooocus": (
        {"parameters": json.dumps({"Prompt": "a pier", "Negative": "crowds", "base_model_name": "sea", "cfg": 8, "seed": 4, "loras": [{"name": "tide", "weight": 0.5}]})},
        {"model": "sea", "prompt": "a pier", "negativePrompt": "crowds", "cfg": 8, "seed": 4, "loras": [{"name": "tide", "strength": 0.5}]},
    ),
    "SwarmUI": (
        {"parameters": json.dumps({"sui_image_params": {"prompt": "a pier", "seed": "4", "loras": ["tide", "ebb"], "loraweights": ["0.5"]}})},
        {"prompt": "a pier", "seed": 4, "loras": [{"name": "tide", "strength": 0.5}, {"name": "ebb"}]},
    ),
    "SwarmUI in a video": (
        {"comment": json.dumps({"sui_image_params": {"prompt": "a pier", "cfgscale": "7", "loras": "tide", "loraweights": "0.5"}})},
        {"prompt": "a pier", "cfg": 7, "loras": [{"name": "tide", "strength": 0.5}]},
    ),
    "InvokeAI 5": (
        {"invokeai_metadata": json.dumps({"positive_prompt": "a pier", "model": {"name": "Sea"}, "loras": [{"model": {"name": "tide"}, "weight": 0.5}]})},
        {"prompt": "a pier", "model": "Sea", "loras": [{"name": "tide", "strength": 0.5}]},
    ),
    "InvokeAI 3": (
        {"invokeai_metadata": json.dumps({"positive_prompt": "a pier", "model": {"model_name": "sea"}, "seed": 4})},
        {"prompt": "a pier", "model": "sea", "seed": 4},
    ),
    "InvokeAI 2": (
        {"sd-metadata": json.dumps({"model_weights": "sea", "image": {"prompt": [{"prompt": "a pier", "weight": 1}], "seed": 4, "cfg_scale": 5}})},
        {"model": "sea", "prompt": "a pier", "seed": 4, "cfg": 5},
    ),
    "InvokeAI 1": (
        {"dream": '"a pier" -s 50 -S 4 -W 640 -H 512 -C 7.5 -A k_lms'},
        {"prompt": "a pier", "steps": 50, "seed": 4, "cfg": 7.5, "sampler": "k_lms", "width": 640, "height": 512},
    ),
    "NovelAI": (
        {"Software": "NovelAI", "Source": "Sea 4", "Comment": json.dumps({"prompt": "a pier", "scale": 5, "seed": 4, "noise_schedule": "karras", "v4_negative_prompt": {"caption": {"base_caption": "crowds"}}})},
        {"model": "Sea 4", "prompt": "a pier", "cfg": 5, "seed": 4, "scheduler": "karras", "negativePrompt": "crowds"},
    ),
    "Draw Things": (
        {"XML:com.adobe.xmp": XMP.format(DRAWN.replace('"', "&quot;"))},
        {"prompt": "a pier", "negativePrompt": "crowds", "seed": 4, "steps": 6, "cfg": 3, "model": "m.ckpt", "width": 640, "height": 512},
    ),
    "Easy Diffusion": (
        {"prompt": "a pier", "seed": "4", "use_stable_diffusion_model": "sea", "guidance_scale": "7.5", "use_lora_model": "tide", "lora_alpha": "0.5"},
        {"prompt": "a pier", "seed": 4, "model": "sea", "cfg": 7.5, "loras": [{"name": "tide", "strength": 0.5}]},
    ),
    "Wan2GP": (
        {"comment": json.dumps({"prompt": "a pier", "seed": 4, "model_type": "t2v", "model_filename": "sea.safetensors", "activated_loras": ["tide"], "loras_multipliers": "0.5"})},
        {"prompt": "a pier", "seed": 4, "model": "sea.safetensors", "loras": [{"name": "tide", "strength": 0.5}]},
    ),
    "Midjourney": (
        {"Description": "a pier --ar 16:9 --seed 4 --no crowds Job ID: 11-22"},
        {"prompt": "a pier", "seed": 4, "negativePrompt": "crowds"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("labels", "params"), LABELS.values(), ids=LABELS)
def test_each_way_of_writing_it_is_read(labels: dict[str, str], params: dict[str, Any]) -> None:
    assert params_of(labels) == params


@pytest.mark.parametrize(
    "labels",
    [
        {"comment": '{"seed": 4}'},
        {"comment": '{"seed": 4, "guidance_scale": 5, "model_type": "x"}'},
        {"Software": "GIMP", "Comment": "Created with GIMP"},
        {"Description": "a pier --ar 16:9"},
        {"parameters": "Steps: twenty, Seed: 4"},
        {"XML:com.adobe.xmp": "<exif:UserComment>" + "<rdf:li>" * 100_000},
    ],
)
def test_what_may_be_anybodys_says_nothing(labels: dict[str, str]) -> None:
    assert params_of(labels) == {}


def test_the_graph_goes_before_the_lines_that_were_made_of_it_and_lines_before_a_graph_that_says_nothing() -> (
    None
):
    lines = "a pier\nSteps: 20, Seed: 4"
    assert params_of({"parameters": lines, "prompt": json.dumps(simple())})["seed"] == 42
    silent = {"1": {"class_type": "LoadImage", "inputs": {"image": "a.png"}}}
    assert params_of({"parameters": lines, "prompt": json.dumps(silent)})["seed"] == 4


# Files beside a render.

SAID = {"prompt": "a pïer", "steps": 20, "seed": 4}
LINES = "a pïer\nSteps: 20, Seed: 4"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", [json.dumps(SAID, ensure_ascii=False), LINES], ids=["json", "lines"])
def test_a_recipe_is_read_in_whatever_a_windows_tool_writes(text: str, encoding: str) -> None:
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    assert from_recipe((mark + text).encode(encoding)) == SAID


def test_a_document_of_another_tool_is_read_under_our_names() -> None:
    swarm = json.dumps({"sui_image_params": {"prompt": "a pier", "cfgscale": 7}})
    invoke = json.dumps({"positive_prompt": "a pier", "cfg_scale": 7})
    assert from_recipe(swarm.encode()) == from_recipe(invoke.encode()) == {"prompt": "a pier", "cfg": 7}


def test_a_text_without_settings_is_no_recipe_and_says_why() -> None:
    with pytest.raises(NotARecipe, match="line of settings"):
        from_recipe(b"the second one is the better one")


# Whatever is in them.

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.sampled_from(["prompt", "loras", "model", "image", "inputs", "class_type", "c"]) | st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip
TEXT = st.text(max_size=60) | JSON.map(json.dumps)

KINDS = [
    "KSampler",
    "LoadImage",
    "ComfySwitchNode",
    "StringConcatenate",
    "GetNode",
    "ModelMergeSimple",
    "easy kSampler",
    "X",
]
NAMES = ["seed", "steps", "cfg", "model", "positive", "negative", "latent_image", "image", "text", "switch", "on_true", "on_false", "string_a", "string_b", "delimiter", "filename_prefix", "lora_name", "model1", "model2", "sigmas", "guider", "pipe", "noise", "expression", "Constant", "prompt"]  # fmt: skip
GRAPHS = st.dictionaries(
    st.sampled_from("abcdef"),
    st.fixed_dictionaries(
        {
            "class_type": st.sampled_from(KINDS),
            "inputs": st.dictionaries(
                st.sampled_from(NAMES), st.tuples(st.sampled_from("abcdefg"), st.integers(0, 3)).map(list) | JSON, max_size=8
            ),
        }
    ),
    min_size=1,
)  # fmt: skip


@settings(deadline=None, max_examples=200)
@given(st.dictionaries(st.sampled_from(sorted(KEYS)), TEXT, max_size=5))
def test_no_label_raises(labels: dict[str, str]) -> None:
    for one in FORMATS:
        one.read(labels, "render.png")
    with suppress(NotARecipe):  # it is nested too deep for the log
        assert isinstance(params_of(labels), dict)


@settings(deadline=None, max_examples=300)
@given(GRAPHS)
def test_no_graph_raises_and_each_setting_is_of_its_kind(graph: Any) -> None:
    found = params_of({"prompt": json.dumps(graph)}, "render_00001_.png")
    assert isinstance(found.get("prompt", ""), str)
    assert 0 <= found.get("seed", 0) < 2**64
    assert found.get("steps", 1) > 0


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=200))
def test_no_file_beside_a_render_raises_anything_but_that_it_is_none(content: bytes) -> None:
    with suppress(NotARecipe):
        assert isinstance(from_recipe(content), dict)


def chained(kind: str, name: str, **more: Any) -> Any:
    """A graph of thousands of nodes, one behind the other."""
    graph: Any = simple()
    graph["n0"] = graph["4"] if name == "model" else graph["6"]
    for number in range(1, 3000):
        graph[f"n{number}"] = {"class_type": kind, "inputs": {name: [f"n{number - 1}", 0], **more}}
    graph["3"]["inputs"]["model" if name == "model" else "positive"] = ["n2999", 0]
    return graph


def doubled() -> Any:
    """A text that is twice the one before it, sixty times."""
    graph: Any = simple()
    graph["n0"] = {"class_type": "PrimitiveString", "inputs": {"value": "a pier"}}
    for number in range(1, 60):
        before = [f"n{number - 1}", 0]
        inputs = {"string_a": before, "string_b": before, "delimiter": ""}
        graph[f"n{number}"] = {"class_type": "StringConcatenate", "inputs": inputs}
    graph["6"]["inputs"]["text"] = ["n59", 0]
    return graph


@pytest.mark.parametrize(
    "graph",
    [
        chained("Reroute", ""),
        chained("LoraLoader", "model", lora_name="a", strength_model=1),
        chained("ConditioningSetMask", "conditioning"),
        doubled(),
    ],
    ids=["reroutes", "LoRAs", "conditioning", "doubled"],
)
def test_a_graph_that_is_made_to_hold_up_is_read_in_no_time(graph: Any) -> None:
    text = json.dumps(graph)
    begun = time.process_time()
    assert params_of({"prompt": text}, "render_00001_.png")["seed"] == 42
    assert time.process_time() - begun < 2
