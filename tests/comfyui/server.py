"""A ComfyUI of ours: it says what a running one said when it was recorded, over real HTTP and real sockets."""

import asyncio
import json
import socket
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, MutableMapping
from contextlib import asynccontextmanager, contextmanager, suppress
from email import message_from_bytes
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from uuid import uuid4

import uvicorn

from tests.comfyui.nodes import NODES, complaints
from tests.comfyui.run import Interrupted, Run, order_of
from tests.support.deadline import DEADLINE

Json = dict[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """The signals are the test's own."""
        yield


class FakeComfyUI:
    """ComfyUI with its queue, its history and its cache; what is public can be set, or looked at.

    Files go below `output`. A class of nodes that is in `held` waits, and looks at nothing, until it is released.
    `failing` nodes raise. `is_old`: it gives prompts ids of its own, and interrupts whatever runs. `forgets_files`:
    /view has none, and none that ends with `hidden`. `cuts` so many answers of /view in the middle. Without
    `remembers`, it has no history. `padding` is what an answer has in it that begins with a path, `endless` has a
    file of /view be a gigabyte long without saying so, and `claimed` is how long one is said to be. `subfolder` is
    what each file is said to lie in. `prefix_of_links` is what a file name that comes from another node turns out
    to be. What is uploaded goes below `input`, if it is no longer than `most_uploaded`.
    """

    def __init__(self, output: Path) -> None:
        self.output = output
        self.temp = output.parent / "comfyui-temp"
        self.input = output.parent / "comfyui-input"
        self.most_uploaded = 100 << 20
        self.held: dict[str, asyncio.Event] = {}
        self.failing: dict[str, str] = {}
        self.is_old = False
        self.forgets_files = False
        self.hidden: str | None = None
        self.cuts = 0
        self.remembers = True
        self.padding: dict[str, Any] = {}
        self.endless = False
        self.claimed: int | None = None
        self.subfolder: str | None = None
        self.prefix_of_links = "ComfyUI"
        self.devices: list[Json] = [{"name": "cpu", "type": "cpu", "vram_total": 2**34, "vram_free": 2**33}]
        self.asked: list[tuple[str, str, Any]] = []
        self._port = 0
        self._forget()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._port}"

    def _forget(self) -> None:
        self.pending: deque[list[Any]] = deque()
        self.running: list[Any] | None = None
        self.history: dict[str, Json] = {}
        self.sockets: dict[str, Send] = {}
        self._cache: dict[str, Json | None] = {}
        self._number = 0
        self._interrupted = False
        self._more = asyncio.Event()

    # Its life.

    async def start(self) -> None:
        """Begin to listen, at the same port as before, with nothing in the queue."""
        self._forget()
        # asyncio sends without delay only where it is told that this is TCP
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self._port))
        self._port = listener.getsockname()[1]
        settings = uvicorn.Config(
            self._app,
            interface="asgi3",
            lifespan="off",
            log_config=None,
            access_log=False,
            ws="websockets-sansio",
        )
        self._server = _Server(settings)
        self._tasks = [
            asyncio.create_task(self._server.serve([listener])),
            asyncio.create_task(self._work()),
        ]
        await self.until(lambda: self._server.started)

    async def stop(self) -> None:
        """Die: every connection breaks off, and what was in the queue is lost."""
        for connection in list(self._server.server_state.connections):
            if transport := getattr(connection, "transport", None):
                transport.abort()
        self._server.should_exit = self._server.force_exit = True
        serving, work = self._tasks
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work
        await serving

    async def drop_sockets(self) -> None:
        """Close every socket, and go on."""
        for send in list(self.sockets.values()):
            await send({"type": "websocket.close", "code": 1001})
        self.sockets.clear()

    async def until(self, fact: Callable[[], object]) -> None:
        """Wait for a fact."""
        deadline = time.monotonic() + DEADLINE
        while not fact():
            assert time.monotonic() < deadline, "it never came to that"
            await asyncio.sleep(0.005)

    def hold(self, kind: str) -> asyncio.Event:
        """Have nodes of that class wait until the event is set."""
        return self.held.setdefault(kind, asyncio.Event())

    async def prompt(self, graph: Json, **more: Any) -> str:
        """Hand in a prompt as somebody else; its id."""
        _, answer = self._accept({"prompt": graph, **more})
        await self.tell_all()
        return str(answer["prompt_id"])

    def interrupt(self) -> None:
        """Press the button in the editor."""
        self._interrupted = True

    def posts(self, path: str) -> list[Any]:
        """The bodies that were sent there."""
        return [body for method, where, body in self.asked if (method, where) == ("POST", path)]

    # Its requests.

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        query = {key: values[0] for key, values in parse_qs(scope["query_string"].decode()).items()}
        if scope["type"] == "websocket":
            await self._socket(query.get("clientId") or uuid4().hex, receive, send)
            return
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        if scope["path"] == "/upload/image":
            self.asked.append((scope["method"], scope["path"], None))
            status, answer = await asyncio.to_thread(self._take_in, dict(scope["headers"]), body)
            await _reply(send, status, json.dumps(answer).encode())
            return
        document = json.loads(body) if body else None
        self.asked.append((scope["method"], scope["path"], document))
        if scope["path"] == "/view":
            await self._view(query, send)
            return
        status, answer = self._answer(scope["method"], scope["path"], query, document)
        padding = next((more for path, more in self.padding.items() if scope["path"].startswith(path)), None)
        if padding is not None and isinstance(answer, dict):
            answer = {**answer, "padding": padding}
        await _reply(send, status, json.dumps(answer).encode())
        if scope["method"] == "POST":
            await self.tell_all()

    def _answer(self, method: str, path: str, query: dict[str, str], body: Any) -> tuple[int, Any]:
        match method, path.strip("/").split("/"):
            case "GET", ["system_stats"]:
                return 200, {"system": {"comfyui_version": "0.3.64"}, "devices": self.devices}
            case "GET", ["queue"]:
                running = [self.running] if self.running else []
                return 200, {"queue_running": running, "queue_pending": list(self.pending)}
            case "GET", ["history"]:
                last = list(self.history.items())[-int(query.get("max_items", 10_000)) :]
                return 200, dict(last)
            case "GET", ["history", id_]:
                return 200, {id_: self.history[id_]} if id_ in self.history else {}
            case "POST", ["prompt"]:
                return self._accept(body)
            case "POST", ["queue"]:
                gone = set(body.get("delete", []))
                self.pending = deque(item for item in self.pending if item[1] not in gone)
                return 200, None
            case "POST", ["interrupt"]:
                wanted = None if self.is_old else (body or {}).get("prompt_id")
                if wanted is None or (self.running and self.running[1] == wanted):
                    self._interrupted = True
                return 200, None
        return 404, {"error": "Not Found"}

    def _accept(self, body: Json) -> tuple[int, Any]:
        graph = body["prompt"]
        for node in graph.values():
            if node["class_type"] not in NODES:
                message = f"Cannot execute because node {node['class_type']} does not exist."
                error = {"type": "invalid_prompt", "message": message, "details": "", "extra_info": {}}
                return 400, {"error": error, "node_errors": {}}
        outputs = [key for key, node in graph.items() if NODES[node["class_type"]].suffix]
        errors = self._errors(graph, outputs)
        good = [
            key for key in outputs if not any(key in each["dependent_outputs"] for each in errors.values())
        ]
        if not good:
            error = {
                "type": "prompt_outputs_failed_validation",
                "message": "Prompt outputs failed validation",
                "details": "",
                "extra_info": {},
            }
            return 400, {"error": error, "node_errors": errors}
        extra = dict(body.get("extra_data", {}))
        if "client_id" in body:
            extra["client_id"] = body["client_id"]
        id_ = str(uuid4()) if self.is_old else str(body.get("prompt_id", uuid4()))
        self.pending.append([self._number, id_, graph, extra, good])
        self._number += 1
        self._more.set()
        return 200, {"prompt_id": id_, "number": self._number - 1, "node_errors": errors}

    def _errors(self, graph: Json, outputs: list[str]) -> Json:
        errors: Json = {}
        for key, node in graph.items():
            if found := complaints(node["inputs"], NODES[node["class_type"]]):
                spoilt = [each for each in outputs if key in order_of(graph, each)]
                errors[key] = {
                    "errors": found,
                    "dependent_outputs": spoilt,
                    "class_type": node["class_type"],
                }
        return errors

    def _take_in(self, headers: dict[bytes, bytes], body: bytes) -> tuple[int, Json]:
        """Write an upload, as a form of a browser has it, below the folder of inputs."""
        if len(body) > self.most_uploaded:
            return 413, {}
        form = message_from_bytes(b"Content-Type: " + headers[b"content-type"] + b"\r\n\r\n" + body)
        parts: Any = form.get_payload()
        fields = {part.get_param("name", header="content-disposition"): part for part in parts}
        file, subfolder = fields["image"], str(fields["subfolder"].get_payload())
        name = str(file.get_filename())
        path = self.input / subfolder / name
        if not path.resolve().is_relative_to(self.input.resolve()):
            return 400, {}
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.get_payload(decode=True))
        return 200, {"name": name, "subfolder": subfolder, "type": "input"}

    async def _view(self, query: dict[str, str], send: Send) -> None:
        root = self.temp if query.get("type") == "temp" else self.output
        path = root / query.get("subfolder", "") / query["filename"]
        if self.forgets_files or not path.is_file() or path.suffix == self.hidden:
            await _reply(send, 404, b"")
            return
        content = path.read_bytes()
        length = len(content)
        if self.cuts:
            self.cuts -= 1
            content = content[: length // 2]
        if self.endless:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            for _ in range(2**12):  # a gigabyte, but for who hangs up
                await send({"type": "http.response.body", "body": bytes(2**18), "more_body": True})
                await asyncio.sleep(0)
        await _reply(send, 200, content, self.claimed or length)

    # Its sockets.

    async def _socket(self, client: str, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        self.sockets[client] = send
        await self.tell(client, "status", {**self._status(), "sid": client})
        while (await receive())["type"] != "websocket.disconnect":
            pass
        if self.sockets.get(client) is send:
            del self.sockets[client]

    async def tell(self, client: str | None, kind: str, data: Json) -> None:
        if send := self.sockets.get(client or ""):
            with suppress(Exception):  # it has just been closed
                await send({"type": "websocket.send", "text": json.dumps({"type": kind, "data": data})})

    async def tell_all(self) -> None:
        for client in list(self.sockets):
            await self.tell(client, "status", self._status())

    def _status(self) -> Json:
        left = len(self.pending) + (self.running is not None)
        return {"status": {"exec_info": {"queue_remaining": left}}}

    # Its work.

    async def _work(self) -> None:
        while True:
            await self._more.wait()
            self._more.clear()
            while self.pending:
                self.running = self.pending.popleft()
                await Run(self, self.running).go()

    async def end(self, item: list[Any], record: Json) -> None:
        """Remember how a prompt ended, and only then say so."""
        self.running = None
        if self.remembers:
            self.history[item[1]] = record
        client = item[3].get("client_id")
        await self.tell(client, "executing", {"node": None, "prompt_id": item[1]})
        await self.tell_all()

    async def look(self, kind: str) -> None:
        """What a node does now and then: wait, where it is held, and stop where it is to."""
        if kind in self.held:
            await self.held[kind].wait()
        await asyncio.sleep(0)
        if self._interrupted:
            self._interrupted = False
            raise Interrupted

    def keep(self, signatures: set[str]) -> None:
        """Forget what the last prompt had in the cache and this one has no use for."""
        self._cache = {key: kept for key, kept in self._cache.items() if key in signatures}

    def cached(self, signature: str) -> bool:
        """Whether the node of that signature need not run."""
        return signature in self._cache

    def reported(self, signature: str) -> Json | None:
        """What it reported when it ran."""
        return self._cache.get(signature)

    def remember(self, signature: str, report: Json | None) -> None:
        """Put it in the cache."""
        self._cache[signature] = report


async def _reply(send: Send, status: int, body: bytes, length: int | None = None) -> None:
    count = str(len(body) if length is None else length).encode()
    headers = [(b"content-length", count), (b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def running_comfyui(output: Path) -> AsyncIterator[FakeComfyUI]:
    """A ComfyUI that writes below that folder, on a free port."""
    comfy = FakeComfyUI(output)
    await comfy.start()
    try:
        yield comfy
    finally:
        await comfy.stop()
