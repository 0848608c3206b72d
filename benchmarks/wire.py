"""The wire: HTTP over one connection that stays open, with as little of a client as there can be."""

import asyncio
import socket
from asyncio import StreamReader, StreamWriter
from types import TracebackType
from typing import NamedTuple, Self


class Wire:
    """A connection to a Unix socket."""

    def __init__(self, path: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def fileno(self) -> int:
        """For who waits for several of them."""
        return self._socket.fileno()

    def get(self, target: str) -> bytes:
        """The body of the answer to a GET, which has to state its length."""
        self.ask(target)
        return self.answer()

    def ask(self, target: str) -> None:
        """Ask, and go on."""
        self._socket.sendall(f"GET {target} HTTP/1.1\r\nHost: takes\r\n\r\n".encode())

    def answer(self) -> bytes:
        """The body of the answer to what was asked."""
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += self._more()
        head, _, body = answer.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        while len(body) < length:
            body += self._more()
        return body

    def _more(self) -> bytes:
        piece = self._socket.recv(65536)
        if not piece:
            raise ConnectionResetError
        return piece


class Answer(NamedTuple):
    """What was answered."""

    status: int
    body: bytes


class Wires:
    """Connections to a Unix socket that stay open, as a proxy keeps them: each is one question's at a time."""

    def __init__(self, path: str, most: int) -> None:
        self._path = path
        self._turn = asyncio.Semaphore(most)
        self._free: list[tuple[StreamReader, StreamWriter]] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for _, writer in self._free:
            writer.close()

    async def ask(self, method: str, target: str, body: bytes, headers: dict[str, str]) -> Answer:
        """The answer to it, which has to state its length; OSError and EOFError where the connection breaks."""
        lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        head = "\r\n".join([*lines, f"content-length: {len(body)}", "", ""])
        async with self._turn:
            reader, writer = await self._one()
            try:
                writer.write(head.encode() + body)
                answer = await _answer(reader)
            except BaseException:
                writer.close()
                raise
            self._free.append((reader, writer))
        return answer

    async def _one(self) -> tuple[StreamReader, StreamWriter]:
        """A connection that is still open."""
        while self._free:
            reader, writer = self._free.pop()
            if not reader.at_eof():
                return reader, writer
            writer.close()  # its server has seen it idle for too long
        return await asyncio.open_unix_connection(self._path)


async def _answer(reader: StreamReader) -> Answer:
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
    return Answer(int(head.split(b" ", 2)[1]), await reader.readexactly(length))
