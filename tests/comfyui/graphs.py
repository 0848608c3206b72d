"""Workflows in API format, as somebody might have exported them."""

from typing import Any

from daemon.runners.runner import Job
from events import Params, Quality

Graph = dict[str, dict[str, Any]]

SHOT = "03_Chapter_Name/01_Scene_Name/001_Shot_Description"
SHARED = "{project}/{shot}/takes/render"
ELSEWHERE = "video/render"


def node(kind: str, title: str = "", **inputs: Any) -> dict[str, Any]:
    """A node; an input that is a list is a link."""
    return {"class_type": kind, "inputs": inputs, "_meta": {"title": title or kind}}


def render_graph(prefix: str) -> Graph:
    """A video with sound, saved by VideoHelperSuite."""
    graph = picture_graph("VHS_VideoCombine", filename_prefix=prefix, frame_rate=24.0, audio=["2", 0])
    return {**graph, "2": node("EmptyAudio", duration=1.0)}


def video_graph(prefix: str = SHARED, **titles: str) -> Graph:
    """Text to video in eight nodes; `titles` replaces the title of a class of nodes."""
    graph = {
        "1": node("CheckpointLoaderSimple", "Load Checkpoint (Input:model)", ckpt_name="wan.safetensors"),
        "2": node("CLIPTextEncode", "(Input:prompt)", text="gulls", clip=["1", 1]),
        "3": node("CLIPTextEncode", "against (Input:negativePrompt)", text="rain", clip=["1", 1]),
        "4": node("EmptyLatentImage", width=64, height=36, batch_size=1),
        "5": node(
            "KSampler",
            "Sampler (Input:seed) (Input:steps) (Input:cfg)",
            model=["1", 0],
            positive=["2", 0],
            negative=["3", 0],
            latent_image=["4", 0],
            seed=1,
            steps=4,
            cfg=7.0,
            sampler_name="euler",
            scheduler="simple",
            denoise=1.0,
        ),
        "6": node("VAEDecode", samples=["5", 0], vae=["1", 2]),
        "7": node("CreateVideo", "Create Video", images=["6", 0], fps=24.0),
        "8": node(
            "SaveVideo", "(Output:video)", video=["7", 0], filename_prefix=prefix, format="auto", codec="auto"
        ),
    }
    for each in graph.values():
        if title := titles.get(each["class_type"]):
            each["_meta"]["title"] = title
    return graph


def picture_graph(kind: str = "SaveImage", title: str = "", **inputs: Any) -> Graph:
    """A picture of one colour, saved by that class of nodes."""
    return {
        "1": node("EmptyImage", "(Input:color)", width=32, height=18, batch_size=1, color=3368601),
        "3": node(kind, title, images=["1", 0], **inputs),
    }


def job(root: Any, take: int = 3, params: Params | None = None, quality: Quality | None = None) -> Job:
    """What the queue would ask for, its folders made."""
    takes, folder = root / SHOT / "takes", root / ".takes" / "work" / f"job{take}"
    takes.mkdir(parents=True, exist_ok=True)
    folder.mkdir(parents=True, exist_ok=True)
    return Job(
        id=f"job-{take}",
        project="myfilm",
        shot=SHOT,
        take=take,
        stem=f"shot_001_take_{take:03}",
        params=params or {},
        quality=quality,
        root=root,
        takes=takes,
        folder=folder,
    )
