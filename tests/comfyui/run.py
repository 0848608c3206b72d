"""One prompt that a ComfyUI of ours runs, node by node, as a running one did when it was recorded."""

import asyncio
import json
import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from tests.comfyui.nodes import NODES, save, save_render

if TYPE_CHECKING:
    from tests.comfyui.server import FakeComfyUI

Json = dict[str, Any]

PREVIEW = b"\x00\x00\x00\x01\x00\x00\x00\x02\x89PNG"


class Interrupted(Exception):
    """Raised in a node that looks whether it is to stop."""


class NodeFailed(Exception):
    """Raised by a node; `node` is its id."""

    def __init__(self, node: str, message: str) -> None:
        super().__init__(message)
        self.node = node


class Run:
    """One prompt, node by node."""

    def __init__(self, comfy: "FakeComfyUI", item: list[Any]) -> None:
        self.comfy = comfy
        self.item = item
        _, self.id, self.graph, extra, self.targets = item
        self.client = extra.get("client_id")
        self.messages: list[Any] = []
        self.states: Json = {}
        self.at = ""
        self.executed: list[str] = []
        self.signatures = {key: _signature(self.graph, key) for key in self.graph}

    async def go(self) -> None:
        outputs: Json = {}
        self.comfy.keep(set(self.signatures.values()))
        await self.say("execution_start", {})
        cached = [key for key in self.graph if self.comfy.cached(self.signatures[key])]
        await self.say("execution_cached", {"nodes": cached})
        try:
            for target in self.targets:
                for key in order_of(self.graph, target):
                    await self.reach(key, outputs)
        except Interrupted:
            await self.fail("execution_interrupted", {})
        except NodeFailed as error:
            about = {"exception_message": str(error), "exception_type": "Exception", "traceback": []}
            await self.fail("execution_error", {**about, "current_inputs": {}, "current_outputs": []})
        else:
            await self.say("execution_success", {})
            await self.end("success", outputs)

    async def reach(self, key: str, outputs: Json) -> None:
        """Run a node, or take what it made before."""
        signature = self.signatures[key]
        if key in self.executed:
            return
        if self.comfy.cached(signature):
            if (report := self.comfy.reported(signature)) and key not in outputs:
                outputs[key] = report
                await self.executed_node(key, report)
            return
        self.at = key
        self.states[key] = self.state(key, "running", 0, self.steps(key))
        await self.tell("progress_state", {"nodes": self.states})
        await self.tell("executing", {"node": key, "display_node": key})
        report = await self.run(key)
        self.comfy.remember(signature, report)
        self.executed.append(key)
        self.states[key] = self.state(key, "finished", self.steps(key), self.steps(key))
        await self.tell("progress_state", {"nodes": self.states})
        if report:
            outputs[key] = report
            await self.executed_node(key, report)

    async def run(self, key: str) -> Json | None:
        node = self.graph[key]
        kind, inputs = node["class_type"], node["inputs"]
        for step in range(self.steps(key)):
            await self.comfy.look(kind)
            if self.steps(key) > 1:
                await self.step(key, step + 1)
        if kind in self.comfy.failing:
            raise NodeFailed(key, self.comfy.failing[kind])
        if not NODES[kind].suffix:
            return None
        prefix = inputs.get("filename_prefix", "ComfyUI_temp")
        linked = isinstance(prefix, list)
        return await self.save(key, NODES[kind].store, self.comfy.prefix_of_links if linked else prefix)

    async def step(self, key: str, number: int) -> None:
        self.states[key] = self.state(key, "running", number, self.steps(key))
        await self.tell("progress", {"value": number, "max": self.steps(key), "node": key})
        await self.tell("progress_state", {"nodes": self.states})
        if send := self.comfy.sockets.get(self.client or ""):
            with suppress(Exception):
                await send({"type": "websocket.send", "bytes": PREVIEW})

    async def save(self, key: str, store: str, prefix: str) -> Json:
        root = self.comfy.temp if store == "temp" else self.comfy.output
        subfolder, _, name = prefix.rpartition("/")
        folder = (root / subfolder).resolve()
        if not folder.is_relative_to(root.resolve()):
            raise NodeFailed(key, "Saving image outside the output folder is not allowed.")
        node = NODES[self.graph[key]["class_type"]]
        content = "".join(sorted(self.signatures[each] for each in order_of(self.graph, key)[:-1]))
        if node.reports == "gifs":
            return await self.save_render(key, store, subfolder, name, content)
        count = self.pictures(key) if node.suffix == ".png" else 1
        names = [await asyncio.to_thread(save, folder, name, node.suffix, content) for _ in range(count)]
        told = subfolder if self.comfy.subfolder is None else self.comfy.subfolder
        files = [{"filename": each, "subfolder": told, "type": store} for each in names]
        animated = {"animated": [True]} if node.reports == "images" and node.suffix != ".png" else {}
        return {node.reports: files, **animated}

    async def save_render(self, key: str, store: str, subfolder: str, name: str, content: str) -> Json:
        """What VideoHelperSuite writes and reports: the last of its files, and the picture as its workflow."""
        root, inputs = self.comfy.temp if store == "temp" else self.comfy.output, self.graph[key]["inputs"]
        folder, sound = root / subfolder, "audio" in inputs
        save = partial(save_render, folder, name, content, self.graph, sound=sound)
        picture, *_, last = await asyncio.to_thread(save)
        told = subfolder if self.comfy.subfolder is None else self.comfy.subfolder
        about = {"format": "video/h264-mp4", "frame_rate": inputs["frame_rate"], "workflow": picture}
        return {
            "gifs": [
                {"filename": last, "subfolder": told, "type": store, **about, "fullpath": str(folder / last)}
            ]
        }

    def pictures(self, key: str) -> int:
        """How many come into a node, each of which becomes a file."""
        before = (self.graph[each]["inputs"].get("batch_size") for each in order_of(self.graph, key))
        return next((count for count in before if count), 1)

    def steps(self, key: str) -> int:
        return int(self.graph[key]["inputs"].get("steps", 1))

    def state(self, key: str, state: str, value: float, most: float) -> Json:
        ids = dict.fromkeys(("node_id", "display_node_id", "real_node_id"), key)
        about = {"value": float(value), "max": float(most), "state": state, "prompt_id": self.id}
        return {**about, **ids, "parent_node_id": None}

    async def executed_node(self, key: str, report: Json) -> None:
        await self.tell("executed", {"node": key, "display_node": key, "output": report})

    async def fail(self, kind: str, about: Json) -> None:
        where = {
            "node_id": self.at,
            "node_type": self.graph[self.at]["class_type"],
            "executed": self.executed,
        }
        await self.say(kind, {**where, **about})
        await self.end("error", {})

    async def say(self, kind: str, data: Json) -> None:
        """Tell it, and have it in the history, too."""
        data = {**data, "prompt_id": self.id, "timestamp": int(time.time() * 1000)}
        self.messages.append([kind, data])
        await self.comfy.tell(self.client, kind, data)

    async def tell(self, kind: str, data: Json) -> None:
        await self.comfy.tell(self.client, kind, {**data, "prompt_id": self.id})

    async def end(self, status: str, outputs: Json) -> None:
        about = {"status_str": status, "completed": status == "success", "messages": self.messages}
        await self.comfy.end(self.item, {"prompt": self.item, "outputs": outputs, "status": about})


def order_of(graph: Json, target: str) -> list[str]:
    """The nodes that one needs, in order, itself last."""
    order: list[str] = []
    for value in graph[target]["inputs"].values():
        if isinstance(value, list):
            order += [each for each in order_of(graph, value[0]) if each not in order]
    return [*order, target]


def _signature(graph: Json, key: str) -> str:
    """What a node is known by in the cache: its class, and what comes into it."""
    node = graph[key]
    inputs = {
        name: _signature(graph, value[0]) if isinstance(value, list) else value
        for name, value in sorted(node["inputs"].items())
    }
    return json.dumps([node["class_type"], inputs])
