"""The models of a graph, and the way that a picture goes through it."""

from typing import Any

import pytest

from tests.projections.recipes.film_graph import film
from tests.projections.recipes.graphs import SIMPLE, changed, inputs, node, read, settings, simple

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
