"""Recipes: graphs of a size that nobody draws, from text to settings; and how much of small ones is read right."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

from benchmarks.report import Bench, Row, at_most
from projections.recipes.labels import params_of

Graph = dict[str, dict[str, Any]]

SMALL = Path(__file__).with_name("small_graphs.json")
"""Graphs, each with the name of a file that was made by it and what is to be read; null stands for what cannot be known."""


USUAL = Path(__file__).with_name("usual_graphs.json")
"""The same in the shapes of those that people publish, with the nodes that they use."""


def measure(bench: Bench) -> Iterator[Row]:
    """One picture that went through very much, and very many pictures of one graph."""
    yield from _scored()
    runs = bench.scaled(20, 3)
    bench.say(f"{runs} readings of each graph")
    long = with_notes(crowd(20), 500_000)
    for name, graph, most in (("of 500 kB", long, 20), ("of 2,000 nodes and 500 savers", crowd(500), 100)):
        text = json.dumps(graph)
        yield Row(
            measure=f"the recipe in a graph {name}",
            unit="ms",
            ours=median(_seconds(params_of, text) for _ in range(runs)) * 1000,
            peer="its JSON alone",
            theirs=median(_seconds(_parsed, text) for _ in range(runs)) * 1000,
            aims=[at_most(most)],
            note=f"{len(text) // 1000} kB, CPU",
        )


def _scored() -> Iterator[Row]:
    """How many settings of graphs are read right; one that is wrong is worse than one that is missing."""
    for graphs, path in (("small graphs", SMALL), ("usual graphs", USUAL)):
        yield from _scores(graphs, score_of(json.loads(path.read_text("utf-8"))))


def _scores(graphs: str, score: Counter[str]) -> Iterator[Row]:
    stated = score["right"] + score["wrong"] + score["missing"]
    for name, told, share in (
        ("read wrong, or made up", score["wrong"] + score["invented"], 5 / 2973),
        ("that are not read", score["missing"], 60 / 2973),
    ):
        yield Row(
            measure=f"settings of {graphs} {name}",
            unit="settings",
            ours=told,
            aims=[at_most(round(share * stated, 1))],
            note=f"of {stated}, {score['right']} of them right",
        )


def score_of(graphs: dict[str, Any]) -> Counter[str]:
    """How many settings are `right`, `wrong` or `missing`, and how many are `invented` where none can be known."""
    score: Counter[str] = Counter(right=0, wrong=0, missing=0, invented=0)
    for one in graphs.values():
        found = params_of({"prompt": json.dumps(one["prompt"])}, one["name"])
        for name, wanted in one["expected"].items():
            value = found.get(name)
            if name == "loras" and value:
                value = [[lora["name"], lora["strength"]] for lora in value]
            if wanted is not None or value is not None:
                score[_judged(value, wanted)] += 1
    return score


def _judged(found: Any, wanted: Any) -> str:
    if wanted is None:
        return "invented"
    return "missing" if found is None else "right" if found == wanted else "wrong"


def _seconds(read: Any, text: str) -> float:
    began = process_time()
    read({"prompt": text}, "render_00001_.png")
    return process_time() - began


def _parsed(labels: dict[str, str], _name: str) -> Any:
    return json.loads(labels["prompt"])


def node(kind: str, **inputs: Any) -> dict[str, Any]:
    """A node as ComfyUI writes it."""
    return {"class_type": kind, "inputs": inputs}


def crowd(savers: int) -> Graph:
    """A graph with so many savers under one name, each with a sampler of its own: four nodes for each."""
    graph = {
        "model": node("CheckpointLoaderSimple", ckpt_name="tide.safetensors"),
        "for": node("CLIPTextEncode", text="gulls over a pier", clip=["model", 1]),
        "against": node("CLIPTextEncode", text="crowds", clip=["model", 1]),
        "empty": node("EmptyLatentImage", width=64, height=64, batch_size=1),
    }
    own = {"steps": 20, "cfg": 7.0, "sampler_name": "euler", "scheduler": "normal", "denoise": 1.0}
    links = {
        "model": ["model", 0],
        "positive": ["for", 0],
        "negative": ["against", 0],
        "latent_image": ["empty", 0],
    }
    for n in range(savers):
        graph[f"{n}a"] = node("KSampler", seed=n, **own, **links)
        graph[f"{n}b"] = node("VAEDecode", samples=[f"{n}a", 0], vae=["model", 2])
        graph[f"{n}c"] = node("ImageScaleBy", image=[f"{n}b", 0], scale_by=2)
        graph[f"{n}d"] = node("SaveImage", images=[f"{n}c", 0], filename_prefix="render")
    return graph


def with_notes(graph: Graph, size: int) -> Graph:
    """The graph with so many bytes of nodes that lead nowhere, as notes and unused loaders do."""
    left, number = size, 0
    while left > 0:
        graph[f"note{number}"] = node("PrimitiveStringMultiline", value="low tide, " * 20)
        left, number = left - 260, number + 1
    return graph
