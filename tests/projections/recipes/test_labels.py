"""What generators say of their files, read as parameters."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PIL import Image

from projections.media import stills, video
from projections.recipes.labels import KEYS, NotARecipe, from_recipe, params_of
from tests.clips import make_still, make_video

COMFYUI = Path(__file__).parents[2] / "media" / "comfyui"

Graph = dict[str, dict[str, Any]]


def node(kind: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": kind, "inputs": inputs, "_meta": {"title": kind}}


def simple() -> Graph:
    """A checkpoint, two prompts, a sampler and a save node."""
    return {
        "3": node(
            "KSampler",
            seed=42,
            steps=20,
            cfg=7.5,
            sampler_name="euler",
            scheduler="normal",
            denoise=1.0,
            model=["4", 0],
            positive=["6", 0],
            negative=["7", 0],
            latent_image=["5", 0],
        ),
        "4": node("CheckpointLoaderSimple", ckpt_name="dawn.safetensors"),
        "5": node("EmptyLatentImage", width=512, height=512, batch_size=1),
        "6": node("CLIPTextEncode", text="a lighthouse at dawn", clip=["4", 1]),
        "7": node("CLIPTextEncode", text="fog", clip=["4", 1]),
        "8": node("VAEDecode", samples=["3", 0], vae=["4", 2]),
        "9": node("SaveImage", filename_prefix="film/takes/render", images=["8", 0]),
    }


SIMPLE = {
    "model": "dawn.safetensors",
    "seed": 42,
    "prompt": "a lighthouse at dawn",
    "negativePrompt": "fog",
    "steps": 20,
    "cfg": 7.5,
    "sampler": "euler",
    "scheduler": "normal",
    "denoise": 1.0,
}


def read(graph: Graph, name: str = "render_00001_.png") -> dict[str, Any]:
    return params_of({"prompt": json.dumps(graph)}, name)


def labels_in(path: Path) -> dict[str, str]:
    with path.open("rb", buffering=0) as file:
        name = stills.format_of(file)
        wanted = {*KEYS, "workflow"}
        return stills.labels(file, name, wanted) if name else video.labels(file, wanted)


# Files as ComfyUI writes them.


@pytest.mark.parametrize("path", sorted(COMFYUI.iterdir()), ids=lambda path: path.name)
def test_the_graph_is_found_in_what_comfyui_saves(path: Path) -> None:
    labels = {key.lower(): text for key, text in labels_in(path).items()}
    assert json.loads(labels["prompt"])["1"]["class_type"] == "EmptyImage"
    assert json.loads(labels["workflow"]) == {"nodes": [], "version": 0.4}
    assert params_of(labels, path.name) == {}  # nothing was sampled, so there is nothing to say


def with_graph_in_png(path: Path, text: str) -> None:
    make_still(path, tags={"prompt": text, "workflow": "{}"})


def with_graph_in_apng(path: Path, text: str) -> None:
    whole = (COMFYUI / "SaveAnimatedPNG_00001_.png").read_bytes()
    end = whole.index(b"comf") - 4
    body = b"prompt\0" + text.encode()
    path.write_bytes(whole[:end] + len(body).to_bytes(4, "big") + b"comf" + body + bytes(4) + whole[-12:])


def with_graph_in_webp(path: Path, text: str) -> None:
    exif = Image.Exif()
    exif[0x0110], exif[0x010F] = f"prompt:{text}", "workflow:{}"
    Image.new("RGB", (64, 36)).save(path, exif=exif)


def with_graph_in_video(path: Path, text: str) -> None:
    codec = "libvpx-vp9" if path.suffix == ".webm" else "libx264"
    make_video(path, codec=codec, tags={"prompt": text, "workflow": "{}"})


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("render_1.png", with_graph_in_png),
        ("render_2.png", with_graph_in_apng),
        ("render_3.webp", with_graph_in_webp),
        ("render_4.mp4", with_graph_in_video),
        ("render_5.webm", with_graph_in_video),
        ("render_6.mkv", with_graph_in_video),
    ],
    ids=["png", "apng", "webp", "mp4", "webm", "mkv"],
)
def test_the_parameters_are_read_from_every_kind_of_file(tmp_path: Path, name: str, write: Any) -> None:
    write(tmp_path / name, json.dumps(simple()))
    assert params_of(labels_in(tmp_path / name), name) == SIMPLE


# Graphs.


def test_a_simple_graph_says_all_there_is() -> None:
    assert read(simple()) == SIMPLE


def test_the_largest_seed_stays_a_number_and_fits_into_the_log() -> None:
    graph = simple()
    graph["3"]["inputs"]["seed"] = 2**64 - 1
    params = read(graph)
    assert params["seed"] == 2**64 - 1
    assert msgspec.json.decode(msgspec.json.encode(params)) == params


def test_a_seed_that_the_log_cannot_hold_becomes_text() -> None:
    graph = simple()
    graph["3"]["inputs"]["seed"] = 2**64
    assert read(graph)["seed"] == str(2**64)


def test_nan_is_tolerated_and_left_out() -> None:
    graph = simple()
    graph["3"]["inputs"]["cfg"] = float("nan")
    assert read(graph) == {key: value for key, value in SIMPLE.items() if key != "cfg"}


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
    assert read(graph, "renamed.png") == {}  # either could be it


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
    assert read(graph) == {
        "model": "flux.safetensors",
        "seed": 11,
        "prompt": "a lighthouse",
        "steps": 28,
        "cfg": 3.5,
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
    params = read(graph)
    assert params == {
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


def test_a_graph_without_a_sampler_says_nothing() -> None:
    assert (
        read(
            {
                "1": node("LoadImage", image="a.png"),
                "2": node("SaveImage", filename_prefix="render", images=["1", 0]),
            }
        )
        == {}
    )


# Other writers.


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_graph_that_is_encoded_several_times_is_read(times: int) -> None:
    text: Any = simple()
    for _ in range(times):
        text = json.dumps(text)
    assert params_of({"prompt": text}, "render.mp4") == SIMPLE


def test_an_older_video_of_videohelpersuite_is_read_from_its_comment() -> None:
    comment = json.dumps({"prompt": json.dumps(simple()), "workflow": {}})
    assert params_of({"COMMENT": comment}, "render.mp4") == SIMPLE


def test_the_prompt_wins_over_a_comment_that_came_along_from_an_older_file() -> None:
    old = simple()
    old["3"]["inputs"]["seed"] = 1
    labels = {"comment": json.dumps({"prompt": json.dumps(old)}), "prompt": json.dumps(simple())}
    assert params_of(labels, "render.mp4")["seed"] == 42


def test_a1111_is_read() -> None:
    text = (
        "a lighthouse, (dawn:1.2)\nwide shot\nNegative prompt: fog,\nblur\n"
        "Steps: 20, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7, Seed: 965400086, Size: 512x512, "
        'Model hash: 6ce0161689, Model: dawn, Lora hashes: "grain: aa, dust: bb", Version: v1.9.4'
    )
    assert params_of({"parameters": text}) == {
        "prompt": "a lighthouse, (dawn:1.2)\nwide shot",
        "negativePrompt": "fog,\nblur",
        "steps": 20,
        "sampler": "DPM++ 2M",
        "scheduler": "Karras",
        "cfg": 7,
        "seed": 965400086,
        "model": "dawn",
    }


def test_swarmui_is_read_though_its_numbers_are_text() -> None:
    own = {
        "prompt": "a lighthouse",
        "negativeprompt": "",
        "model": "dawn",
        "seed": "17",
        "steps": 20,
        "cfgscale": "7.5",
    }
    assert params_of({"parameters": json.dumps({"sui_image_params": own})}) == {
        "prompt": "a lighthouse",
        "model": "dawn",
        "seed": 17,
        "steps": 20,
        "cfg": 7.5,
    }


def test_invokeai_is_read() -> None:
    own = {
        "positive_prompt": "a lighthouse",
        "negative_prompt": "fog",
        "cfg_scale": 7.5,
        "steps": 30,
        "seed": 4,
        "scheduler": "euler",
        "model": {"name": "dawn", "hash": "x"},
    }
    assert params_of({"invokeai_metadata": json.dumps(own)}) == {
        "prompt": "a lighthouse",
        "negativePrompt": "fog",
        "cfg": 7.5,
        "steps": 30,
        "seed": 4,
        "scheduler": "euler",
        "model": "dawn",
    }


def test_wan2gp_is_read_from_its_comment() -> None:
    own = {
        "prompt": "waves",
        "negative_prompt": "",
        "seed": 5,
        "num_inference_steps": 30,
        "guidance_scale": 5.0,
        "model_type": "t2v",
        "video_length": 81,
    }
    assert params_of({"comment": json.dumps(own)}) == {
        "prompt": "waves",
        "seed": 5,
        "steps": 30,
        "cfg": 5.0,
        "model": "t2v",
    }


@pytest.mark.parametrize(
    "labels",
    [
        {},
        {"comment": "made with love"},
        {"prompt": "a lighthouse"},
        {"prompt": "[" * 100_000},
        {"prompt": "9" * 10_000},
        {"parameters": "no steps here"},
        {"parameters": "[1, 2]"},
        {"invokeai_metadata": "null"},
    ],
)
def test_what_says_nothing_is_read_as_nothing(labels: dict[str, str]) -> None:
    assert params_of(labels) == {}


# Recipes.


@pytest.mark.parametrize(
    "text",
    [
        '{"model": "dawn", "seed": 42, "lens": "35 mm"}',
        '{"generationParams": {"model": "dawn", "seed": 42, "lens": "35 mm"}, "status": "complete"}',
    ],
)
def test_a_recipe_is_the_parameters_or_holds_them(text: str) -> None:
    assert from_recipe(text.encode()) == {"model": "dawn", "seed": 42, "lens": "35 mm"}


@pytest.mark.parametrize("wrap", [lambda graph: graph, lambda graph: {"prompt": graph, "client_id": "x"}])
def test_a_recipe_may_be_a_graph(wrap: Any) -> None:
    assert from_recipe(json.dumps(wrap(simple())).encode()) == SIMPLE


def test_a_recipe_keeps_large_seeds_and_loses_nan() -> None:
    text = f'{{"seed": {2**64 - 1}, "other": {2**70}, "cfg": NaN}}'
    assert from_recipe(text.encode()) == {
        "seed": 2**64 - 1,
        "other": str(2**70),
    }


NO_RECIPES = [b"", b"{", b"[]", b"7", b'"{}"', b"null", b"\xff\xfe\x00", b"[" * 100_000]


@pytest.mark.parametrize("content", NO_RECIPES)
def test_what_is_no_json_object_is_no_recipe(content: bytes) -> None:
    with pytest.raises(NotARecipe) as caught:
        from_recipe(content)
    assert caught.value.hint


def test_a_recipe_may_begin_with_a_byte_order_mark_as_windows_writes_it() -> None:
    assert from_recipe(b'\xef\xbb\xbf{"seed": 7}') == {"seed": 7}


def test_half_a_character_becomes_one_and_a_whole_one_stays() -> None:
    found = from_recipe(rb'{"prompt": "gulls \ud83d", "a\udc00": ["\ud83d\ude00"], "more": "\udc00\ud83d"}')
    assert found == {"prompt": "gulls \ufffd", "a\ufffd": ["\U0001f600"], "more": "\ufffd\ufffd"}
    assert msgspec.json.decode(msgspec.json.encode(found)) == found


def nested(levels: int) -> bytes:
    return b'{"seed": 7, "deep": ' + b"[" * levels + b"]" * levels + b"}"


@pytest.mark.parametrize("levels", [51, 900])
def test_what_is_nested_deeper_than_a_reader_can_bear_is_no_recipe(levels: int) -> None:
    assert from_recipe(nested(50))["seed"] == 7
    with pytest.raises(NotARecipe, match="50 levels"):
        from_recipe(nested(levels))


@pytest.mark.parametrize(
    "pairs",
    [
        "a" * 1_000_000,
        ": " * 500_000,
        'a:"' * 300_000,
        "a:" + " " * 1_000_000 + "x",
        'a: "' + '\\"' * 500_000,
    ],
)
@pytest.mark.timeout(60)
def test_a_megabyte_of_pairs_is_read_in_one_go(pairs: str) -> None:
    text = f"a lighthouse\nSteps: 20, {pairs}"
    assert params_of({"parameters": text}) == {"prompt": "a lighthouse", "steps": 20}
