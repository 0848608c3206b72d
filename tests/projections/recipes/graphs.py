"""Graphs as ComfyUI runs them, small enough to be read, and what is to be found in them."""

import json
from collections.abc import Mapping
from typing import Any

from projections.recipes.labels import params_of

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


TOLD = ("nodes", "unsure", "stages", "inputs", "width", "height", "frames", "frameRate")
"""What is told of a graph beside its settings."""


def plainly(params: Mapping[str, Any]) -> dict[str, Any]:
    """The settings alone."""
    return {name: value for name, value in params.items() if name not in TOLD}


def read(graph: Graph, name: str = "render_00001_.png") -> dict[str, Any]:
    return params_of({"prompt": json.dumps(graph)}, name)


def settings(graph: Graph, name: str = "render_00001_.png") -> dict[str, Any]:
    """The settings alone that are read from a graph for the file of that name."""
    return plainly(read(graph, name))


def changed(**nodes: dict[str, Any] | None) -> Graph:
    """The simple graph with other nodes: `n3` is the node of the key 3, of which the inputs that are given change."""
    graph = simple()
    for name, one in nodes.items():
        key = name.removeprefix("n")
        if one is not None and one["class_type"] == "":
            graph[key]["inputs"].update(one["inputs"])
        elif one is not None:
            graph[key] = one
    return graph


def inputs(**values: Any) -> dict[str, Any]:
    """Other inputs for a node that stays what it is."""
    return node("", **values)
