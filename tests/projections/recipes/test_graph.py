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


# Values that come from elsewhere.

STEPS_FROM = {
    "a number": node("PrimitiveInt", value=12),
    "a constant": node("INTConstant", value=12),
    "a text": node("PrimitiveString", value="12"),
    "a sum": node("ComfyMathExpression", expression="(a + b) * 2", **{"values.a": 4, "values.b": 2}),
    "a quotient": node("MathExpression|pysssss", expression="min(a // 2, 30)", a=24),
    "an operation": node("easy mathInt", operation="multiply", a=6, b=2),
    "a switch": node("ComfySwitchNode", switch=False, on_true=4, on_false=12),
    "a switch of text": node("ComfySwitchNode", switch="true", on_true="12", on_false=4),
    "a choice by number": node("ImpactSwitch", select=2, sel_mode=False, input1=4, input2=12),
    "a choice from nought": node("easy anythingIndexSwitch", index=1, value0=4, value1=12),
    "a branch": node("ImpactConditionalBranch", cond=True, tt_value=12, ff_value=4),
    "settings": node("KSampler Config (rgthree)", steps=12, cfg=3.0, scheduler="simple"),
}


@pytest.mark.parametrize("source", STEPS_FROM.values(), ids=STEPS_FROM)
def test_a_number_is_found_where_it_comes_from(source: dict[str, Any]) -> None:
    assert read(changed(n3=inputs(steps=["50", 0]), n50=source))["steps"] == 12


NO_STEPS = {
    "nobody": None,
    "chance": node("RandomInt", min=1, max=50, seed=12),
    "an expression with a name": node("ComfyMathExpression", expression="a + c", **{"values.a": 12}),
    "a power": node("ComfyMathExpression", expression="9**9**9**9"),
    "a call": node("ComfyMathExpression", expression="__import__('os').getpid()"),
    "a long expression": node("ComfyMathExpression", expression="1+" * 1000 + "1"),
    "nothing": node("ComfyMathExpression", expression="1 / 0"),
    "a switch that cannot be told": node("ComfySwitchNode", switch=["99", 0], on_true=4, on_false=12),
    "a choice of what is not there": node("ImpactSwitch", select=3, input1=4, input2=12),
    "itself": node("PrimitiveInt", value=["50", 0]),
}


@pytest.mark.parametrize("source", NO_STEPS.values(), ids=NO_STEPS)
def test_a_number_that_cannot_be_known_is_none(source: dict[str, Any] | None) -> None:
    found = settings(changed(n3=inputs(steps=["50", 0]), n50=source))
    assert found == {name: value for name, value in SIMPLE.items() if name != "steps"}


TEXTS_FROM = {
    "a join": (
        node("StringConcatenate", string_a="gulls", string_b="surf", delimiter=" over "),
        "gulls over surf",
    ),
    "a join of many": (
        node(
            "Text Concatenate",
            delimiter=", ",
            clean_whitespace="true",
            text_a=" gulls",
            text_c="",
            text_b="surf ",
        ),
        "gulls, surf",
    ),
    "numbered parts": (node("JoinStrings", string2="surf", string1="gulls", delimiter="\\n"), "gulls\nsurf"),
    "another text": (
        node("StringReplace", string="gulls over SEA", find="SEA", replace="surf"),
        "gulls over surf",
    ),
    "what was shown": (node("ShowText|pysssss", text=["51", 0], text_0="crows"), "surf"),
    "chance that has been told": (
        node(
            "ImpactWildcardProcessor",
            wildcard_text="{gulls|crows}",
            populated_text="gulls",
            mode="populate",
            seed=1,
        ),
        "gulls",
    ),
    "part of a document": (node("JsonExtractString", json_string='{"a": "gulls"}', key="a"), "gulls"),
    "a field of a box": (node("CR Prompt Text", prompt="gulls"), "gulls"),
    "a constant of one line": (
        node("StringConstantMultiline", string="gulls", strip_newlines=True),
        "gulls",
    ),
}


@pytest.mark.parametrize(("source", "prompt"), TEXTS_FROM.values(), ids=TEXTS_FROM)
def test_a_text_is_found_where_it_comes_from(source: dict[str, Any], prompt: str) -> None:
    graph = changed(n6=inputs(text=["50", 0]), n50=source, n51=node("PrimitiveStringMultiline", value="surf"))
    assert read(graph)["prompt"] == prompt


WRITTEN = {
    "a language model": node("TextGenerate", prompt="gulls", max_length=200, clip=["4", 1]),
    "a language model that was asked one thing": node("OllamaGenerate", prompt="gulls"),
    "a caption": node("WD14Tagger|pysssss", image=["51", 0], threshold=0.3),
    "chance": node("SomeWildcards", text="{gulls|crows}", seed=4),
    "a constant of which each release makes another thing": node(
        "StringConstantMultiline", string="gulls\nsurf", strip_newlines=True
    ),
    "a join with one of them": node("StringConcatenate", string_a="gulls", string_b=["52", 0], delimiter=""),
}


@pytest.mark.parametrize("source", WRITTEN.values(), ids=WRITTEN)
def test_a_text_that_somebody_else_wrote_is_none(source: dict[str, Any]) -> None:
    graph = changed(
        n6=inputs(text=["50", 0]),
        n50=source,
        n51=node("LoadImage", image="gulls.png"),
        n52=node("SomeLLM", prompt="gulls", temperature=0.5),
    )
    assert settings(graph) == {name: value for name, value in SIMPLE.items() if name != "prompt"}


# Texts, by the side of the sampler that they come into.


def test_the_side_is_that_of_the_samplers_input_whatever_the_number_of_an_output() -> None:
    graph = changed(
        n3=inputs(model=["50", 0], positive=["50", 1], negative=["50", 2]),
        n50=node("ApplyFaceModel", model=["4", 0], positive=["6", 0], negative=["7", 0], weight=0.8),
    )
    assert settings(graph) == SIMPLE


def test_an_encoder_of_both_texts_gives_each_side_its_own() -> None:
    both = node("EncodeTwoTexts", prompt="gulls", negative_prompt="crows", clip=["4", 1])
    found = read(changed(n3=inputs(positive=["50", 0], negative=["50", 1]), n50=both))
    assert (found["prompt"], found["negativePrompt"]) == ("gulls", "crows")


def test_the_other_output_of_an_encoder_of_one_text_is_not_that_text() -> None:
    one = node("EncodeForAnEdit", prompt="gulls", clip=["4", 1], image=["51", 0])
    found = read(changed(n3=inputs(positive=["50", 0], negative=["50", 1]), n50=one))
    assert found["prompt"] == "gulls"
    assert "negativePrompt" not in found


def test_regions_follow_the_base_and_each_text_is_told_once() -> None:
    graph = changed(
        n3=inputs(positive=["50", 0]),
        n50=node("ConditioningCombine", conditioning_1=["6", 0], conditioning_2=["51", 0]),
        n51=node("GLIGENTextBoxApply", conditioning_to=["6", 0], clip=["4", 1], text="a boat", x=0, y=0),
    )
    assert read(graph)["prompt"] == "a lighthouse at dawn\na boat"


def test_literals_stand_where_there_is_no_link() -> None:
    graph = changed(
        n3=inputs(model=["50", 0], positive=["50", 1], negative=["50", 2], latent_image=["50", 3]),
        n50=node(
            "Efficient Loader", ckpt_name="dawn.safetensors", positive="gulls", negative="", lora_name="None"
        ),
    )
    found = read(graph)
    assert (found["model"], found["prompt"]) == ("dawn.safetensors", "gulls")
    assert not {"negativePrompt", "loras"} & found.keys()


# Models.


def test_pipes_are_followed_by_what_is_asked_of_them() -> None:
    graph = changed(
        n3=node(
            "ImpactKSamplerBasicPipe", basic_pipe=["51", 0], seed=9, steps=12, cfg=5, latent_image=["5", 0]
        ),
        n50=node(
            "ToBasicPipe", model=["4", 0], clip=["4", 1], vae=["4", 2], positive=["6", 0], negative=["7", 0]
        ),
        n51=node("EditBasicPipe", basic_pipe=["50", 0]),
    )
    found = read(graph)
    assert (found["model"], found["prompt"], found["negativePrompt"]) == (
        "dawn.safetensors",
        "a lighthouse at dawn",
        "fog",
    )


def test_a_merge_is_a_list() -> None:
    graph = changed(
        n3=inputs(model=["50", 0]),
        n50=node("ModelMergeSimple", model1=["4", 0], model2=["51", 0], ratio=0.5),
        n51=node("UNETLoader", unet_name="dusk.safetensors"),
    )
    assert read(graph)["model"] == ["dawn.safetensors", "dusk.safetensors"]


def test_a_motion_module_is_no_model() -> None:
    graph = changed(
        n3=inputs(model=["50", 0]),
        n50=node("ADE_AnimateDiffLoaderGen1", model_name="motion.ckpt", beta_schedule="x", model=["4", 0]),
    )
    assert read(graph)["model"] == "dawn.safetensors"


LORAS = {
    "one": (node("LoraLoader", lora_name="a", strength_model=0.5, model=["4", 0]), [{"name": "a", "strength": 0.5}]),
    "off": (node("LoraLoader", lora_name="a", strength_model=0, model=["4", 0]), None),
    "none": (node("LoraLoader", lora_name="None", strength_model=1, model=["4", 0]), None),
    "switches": (
        node(
            "Power Lora Loader (rgthree)",
            lora_1={"on": True, "lora": "a", "strength": 0.5},
            lora_2={"on": False, "lora": "b", "strength": 1},
            model=["4", 0],
        ),
        [{"name": "a", "strength": 0.5}],
    ),
    "numbers": (
        node(
            "Many LoRAs", lora_count=2, input_mode="simple",
            lora_name_1="a", lora_wt_1=0.5, lora_name_2="None", lora_wt_2=1, lora_name_3="c", lora_wt_3=1,
            model=["4", 0],
        ),
        [{"name": "a", "strength": 0.5}],
    ),
    "a stack": (
        node("CR Apply LoRA Stack", model=["4", 0], lora_stack=["51", 0]),
        [{"name": "b", "strength": 0.7}],
    ),
    "a list": (
        node(
            "A Manager of LoRAs",
            loras={"__value__": [{"name": "a", "strength": "0.5", "active": True}, {"name": "b", "active": False}]},
            model=["4", 0],
        ),
        [{"name": "a", "strength": 0.5}],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("loader", "loras"), LORAS.values(), ids=LORAS)
def test_loras_are_told_with_their_strength(loader: dict[str, Any], loras: list[Any] | None) -> None:
    stack = node("CR LoRA Stack", switch_1="Off", lora_name_1="a", model_weight_1=1, switch_2="On", lora_name_2="b", model_weight_2=0.7)  # fmt: skip
    found = read(changed(n3=inputs(model=["50", 0]), n50=loader, n51=stack))
    assert found["model"] == "dawn.safetensors"
    assert found.get("loras") == loras


# The picture's way.


def film() -> Graph:
    """A still is made, and a clip begins with it."""
    return changed(
        n9=node("SaveVideo", filename_prefix="render", video=["64", 0]),
        n60=node("WanImageToVideo", positive=["61", 0], negative=["7", 0], start_image=["8", 0], width=832, height=480, length=81),
        n61=node("CLIPTextEncode", text="the light turns", clip=["4", 1]),
        n62=node("UNETLoader", unet_name="clip.safetensors"),
        n63=node("KSampler", seed=5, steps=4, cfg=1.0, sampler_name="lcm", scheduler="simple", denoise=1.0, model=["62", 0], positive=["60", 0], negative=["60", 1], latent_image=["60", 2]),
        n64=node("CreateVideo", images=["65", 0], fps=16),
        n65=node("VAEDecode", samples=["63", 0], vae=["4", 2]),
    )  # fmt: skip


def test_what_a_clip_begins_with_is_its_input_and_no_stage_of_it() -> None:
    found = read(film(), "render_00001_.mp4")
    assert (found["model"], found["seed"], found["prompt"]) == ("clip.safetensors", 5, "the light turns")
    assert (found["width"], found["height"], found["frames"], found["frameRate"]) == (832, 480, 81, 16)
    assert "stages" not in found


def test_what_was_loaded_is_told_by_name() -> None:
    graph = film()
    graph["60"]["inputs"]["start_image"] = ["70", 0]
    graph["70"] = node("LoadImage", image="lighthouse.png")
    assert read(graph, "render_00001_.mp4")["inputs"] == [{"as": "start_image", "name": "lighthouse.png"}]


def test_of_a_picture_that_was_made_larger_the_first_sampler_counts() -> None:
    graph = changed(
        n9=inputs(images=["60", 0]),
        n60=node("UltimateSDUpscale", image=["8", 0], model=["4", 0], positive=["6", 0], negative=["7", 0], vae=["4", 2], seed=7, steps=10, cfg=5, sampler_name="x", scheduler="y", denoise=0.2),
    )  # fmt: skip
    found = read(graph)
    assert found["seed"] == 42
    assert [stage["seed"] for stage in found["stages"]] == [42, 7]


def test_what_a_service_made_is_its_own_recipe() -> None:
    graph = changed(
        n9=node("SaveVideo", filename_prefix="render", video=["60", 0]),
        n60=node("SomeImage2VideoNode", start_frame=["8", 0], prompt="it turns", negative_prompt="", model_name="far-2", seed=3, duration="5"),
    )  # fmt: skip
    assert settings(graph) == {"model": "far-2", "seed": 3, "prompt": "it turns"}


def test_two_pictures_in_one_say_what_both_say() -> None:
    graph = changed(
        n9=inputs(images=["60", 0]),
        n60=node("ImageBatch", image1=["8", 0], image2=["62", 0]),
        n61=node("KSampler", **{**simple()["3"]["inputs"], "seed": 7}),
        n62=node("VAEDecode", samples=["61", 0], vae=["4", 2]),
    )
    assert settings(graph) == {name: value for name, value in SIMPLE.items() if name != "seed"}


def test_a_sampler_without_noise_counts_where_there_is_no_other() -> None:
    graph = changed(n3=node("KSamplerAdvanced", **{**simple()["3"]["inputs"], "add_noise": "disable"}))
    assert settings(graph) == SIMPLE


def test_a_saver_that_only_shows_is_none() -> None:
    shows = node("VHS_VideoCombine", filename_prefix="render", images=["62", 0], save_output=False)
    graph = changed(
        n60=shows,
        n61=node("KSampler", **{**simple()["3"]["inputs"], "seed": 7}),
        n62=node("VAEDecode", samples=["61", 0], vae=["4", 2]),
    )
    assert settings(graph) == SIMPLE


def test_a_prefix_fits_only_with_a_number_after_it() -> None:
    graph = changed(
        n60=node("SaveImage", filename_prefix="ren", images=["62", 0]),
        n61=node("KSampler", **{**simple()["3"]["inputs"], "seed": 7}),
        n62=node("VAEDecode", samples=["61", 0], vae=["4", 2]),
    )
    assert read(graph, "ren_00002_.png")["seed"] == 7
    assert read(graph, "render_00002_.png")["seed"] == 42
    assert "seed" not in read(graph, "rendered.png")


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
