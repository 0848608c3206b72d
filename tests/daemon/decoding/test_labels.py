"""What a decoder reads of how a file was made: its labels, and the recipe beside it."""

import gzip
import json
from pathlib import Path

import pytest

from daemon.decoding import decoders as decoders_module
from daemon.decoding import first_looks
from daemon.decoding.decoders import open_decoders
from projections.media.errors import NeedsMore, Undecodable
from projections.media.jobs import MOST_LABEL, MOST_RECIPE
from tests.comfyui.graphs import node
from tests.daemon.decoding.asked import _no_hurry
from tests.support.clips import make_still, make_video

__all__ = ["_no_hurry"]


async def test_the_largest_seed_survives_the_way_through_the_process(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.mp4", tags={"parameters": f"waves\nSteps: 9, Seed: {2**64 - 1}"})
    async with open_decoders(1) as decoders:
        assert (await decoders.inspect(path, name="")).params == {
            "prompt": "waves",
            "steps": 9,
            "seed": 2**64 - 1,
        }


def slow_graph() -> str:
    """A graph of ComfyUI's that takes a tenth of a second to be read: every sampler takes what another one has made."""
    shared = {"seed": 1, "steps": 20, "cfg": 7.0, "sampler_name": "euler", "denoise": 1.0}
    links = {"model", "positive", "negative", "latent_image"}
    nodes = {
        str(n): {"class_type": "KSampler", "inputs": {**shared, **{name: [str(n + 1), 0] for name in links}}}
        for n in range(4000)
    }
    nodes["4000"] = {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "dawn"}}
    return json.dumps(nodes)


async def test_labels_that_take_too_long_cost_nothing_but_themselves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for asking in (first_looks, decoders_module):
        monkeypatch.setattr(asking, "LABELS", 0.02)
    path = make_still(tmp_path / "a.png", tags={"prompt": slow_graph()})
    async with open_decoders(1) as decoders:
        with pytest.raises(NeedsMore):
            await decoders.inspect(path, name="a.png")
        look = await decoders.inspect(path, name="a.png", patient=True)
    assert (look.width, look.bytes, look.params) == (64, path.stat().st_size, None)
    assert look.unread == "looking at it took longer than 0.02 s"


async def test_labels_that_are_too_large_cost_nothing_but_themselves(tmp_path: Path) -> None:
    path = make_still(tmp_path / "a.png", tags={"prompt": " " * (MOST_LABEL + 1)})
    async with open_decoders(1) as decoders:
        look = await decoders.inspect(path, name="a.png")
    assert (look.kind, look.params, look.unread) == ("image", None, "they are too large")


@pytest.mark.parametrize("content", [b'{"seed": 7}', gzip.compress(b'{"seed": 7}')], ids=["plain", "packed"])
async def test_a_recipe_is_read_by_the_decoder_packed_or_not(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(content)
    async with open_decoders(1) as decoders:
        assert await decoders.recipe(path, name="a.png") == {"seed": 7}


async def test_a_recipe_that_takes_too_long_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoders_module, "RECIPE", 0.02)
    (tmp_path / "a.json").write_text(slow_graph())
    async with open_decoders(1) as decoders:
        with pytest.raises(NeedsMore):
            await decoders.recipe(tmp_path / "a.json", name="a.png")
        with pytest.raises(Undecodable, match=r"took longer than 0\.02 s"):
            await decoders.recipe(tmp_path / "a.json", name="a.png", patient=True)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"{", "it is neither JSON"),
        (b" " * (MOST_RECIPE + 1), "larger than 16 MB"),
        (gzip.compress(b" " * (MOST_RECIPE + 1)), "larger than 16 MB"),
        (gzip.compress(b'{"seed": 7}')[:-12], "it is neither JSON"),
        (b"\x1f\x8b no gzip", "cannot be decoded"),
    ],
    ids=["no JSON", "large", "a bomb", "cut off", "no gzip"],
)
async def test_what_is_no_recipe_is_told(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "a.json").write_bytes(content)
    async with open_decoders(1) as decoders:
        with pytest.raises(Undecodable, match=reason):
            await decoders.recipe(tmp_path / "a.json", name="a.png", patient=True)


async def test_a_picture_tells_which_render_it_came_of(tmp_path: Path) -> None:
    sampler = node("KSampler", seed=7, steps=20, cfg=6.5, model=["3", 0], latent_image=["4", 0])
    saver = node("VHS_VideoCombine", filename_prefix="x", images=["1", 0], audio=["5", 0], frame_rate=8)
    tags = {"prompt": json.dumps({"1": sampler, "2": saver})}
    picture = make_still(tmp_path / "x_00001.png", tags=tags)
    clip = make_video(tmp_path / "x_00001.mp4", tags=tags)
    plain = make_still(tmp_path / "plain.png")
    async with open_decoders(1) as decoders:
        found = [await decoders.render(path, name=path.name) for path in (picture, clip, plain)]
        assert found[0] is not None
        assert found[0].has_sound
        assert found == [found[0], found[0], None]
        assert (await decoders.recipe(picture, name=clip.name))["seed"] == 7
