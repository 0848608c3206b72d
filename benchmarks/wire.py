"""The wire: HTTP over one connection that stays open, with as little of a client as there can be."""

import socket
from types import TracebackType
from typing import Self


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
