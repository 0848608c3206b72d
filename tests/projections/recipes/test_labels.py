"""What generators say of their files, read as parameters."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PIL import Image

from projections.media import video
from projections.media.stills import still
from projections.recipes.graph import reading
from projections.recipes.graph.families import families
from projections.recipes.labels import KEYS, NotARecipe, from_recipe, learn, params_of
from tests.projections.recipes.graphs import SIMPLE, plainly, read, simple
from tests.support.clips import make_still, make_video

COMFYUI = Path(__file__).parents[2] / "media" / "comfyui"


def labels_in(path: Path) -> dict[str, str]:
    with path.open("rb", buffering=0) as file:
        name = still.format_of(file)
        wanted = {*KEYS, "workflow"}
        return still.Still(file, name).labels(wanted) if name else video.labels(file, wanted)


# Files as ComfyUI writes them.


@pytest.mark.parametrize("path", sorted(COMFYUI.iterdir()), ids=lambda path: path.name)
def test_the_graph_is_found_in_what_comfyui_saves(path: Path) -> None:
    labels = {key.lower(): text for key, text in labels_in(path).items()}
    assert json.loads(labels["prompt"])["1"]["class_type"] == "EmptyImage"
    assert json.loads(labels["workflow"]) == {"nodes": [], "version": 0.4}
    assert "EmptyImage" in {one["class"] for one in params_of(labels, path.name)["literals"]}


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
    assert plainly(params_of(labels_in(tmp_path / name), name)) == SIMPLE


# Other writers.


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_graph_that_is_encoded_several_times_is_read(times: int) -> None:
    text: Any = simple()
    for _ in range(times):
        text = json.dumps(text)
    assert plainly(params_of({"prompt": text}, "render.mp4")) == SIMPLE


def test_an_older_video_of_videohelpersuite_is_read_from_its_comment() -> None:
    comment = json.dumps({"prompt": json.dumps(simple()), "workflow": {}})
    assert plainly(params_of({"COMMENT": comment}, "render.mp4")) == SIMPLE


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
        "width": 512,
        "height": 512,
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
    assert plainly(from_recipe(json.dumps(wrap(simple())).encode())) == SIMPLE


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


def test_a_table_of_ones_own_is_learnt_from_a_file_and_a_bad_one_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_KNOWN", [families()])
    path = tmp_path / "families.toml"
    assert learn(path) is None
    path.write_text('[inputs]\nsteps = ["strides"]\n')
    assert learn(path) is None
    graph = simple()
    graph["3"]["inputs"]["strides"] = graph["3"]["inputs"].pop("steps")
    assert read(graph)["steps"] == 20
    path.write_text("[[family]]\nclases = []\n")
    assert "families.toml: this is no table" in str(learn(path))
    assert read(graph)["steps"] == 20
