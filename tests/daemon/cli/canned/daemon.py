"""A daemon that answers what it was told to, at a socket of its own."""

import json
import socketserver
import threading
from dataclasses import dataclass, field
from tempfile import TemporaryDirectory
from typing import Any, Self


@dataclass
class Canned:
    """What a daemon says to one request: a document, an error, or whatever bytes come after the head."""

    document: Any = None
    status: int = 200
    head: str = "Content-Type: application/json"
    raw: bytes | None = None

    def to_bytes(self) -> bytes:
        body = json.dumps(self.document).encode() if self.raw is None else self.raw
        return f"HTTP/1.1 {self.status} Whatever\r\n{self.head}\r\nConnection: close\r\n\r\n".encode() + body


@dataclass
class Request:
    method: str
    target: str
    headers: dict[str, str]
    body: Any


@dataclass
class CannedDaemon:
    """A daemon that says by heart what belongs to `METHOD target`, and remembers what it was asked."""

    answers: dict[str, Canned | bytes | Any]
    asked: list[Request] = field(default_factory=list)

    def __enter__(self) -> Self:
        daemon = self
        self._folder = TemporaryDirectory(prefix="takes", dir="/tmp")
        self.path = f"{self._folder.name}/takes.sock"

        class Conversation(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                self.wfile.write(daemon.answer(_read(self.rfile)))

        self._server = socketserver.ThreadingUnixStreamServer(self.path, Conversation)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._folder.cleanup()

    def answer(self, request: Request) -> bytes:
        self.asked.append(request)
        canned = self.answers.get(f"{request.method} {request.target}")
        if isinstance(canned, bytes):
            return canned
        if canned is None:
            problem = {"title": "Not Found", "status": 404, "detail": f"nothing is at {request.target}"}
            canned = Canned(problem, 404)
        return canned.to_bytes() if isinstance(canned, Canned) else Canned(canned).to_bytes()

    @property
    def questions(self) -> list[str]:
        return [f"{request.method} {request.target}" for request in self.asked]


def _read(wire: Any) -> Request:
    method, where, _ = wire.readline().decode().split(" ")
    headers = {}
    while line := wire.readline().decode().strip():
        name, _, value = line.partition(": ")
        headers[name] = value
    body = wire.read(int(headers.get("Content-Length", 0)))
    return Request(method, where, headers, json.loads(body) if body else None)


def chunked(*chunks: bytes) -> Canned:
    body = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    return Canned(head="Transfer-Encoding: chunked", raw=body + b"0\r\n\r\n")
