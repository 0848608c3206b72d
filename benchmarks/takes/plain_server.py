"""A peer for the API: asyncio answering every request with the bytes of one file, and nothing else.

`python -m benchmarks.takes.plain_server SOCKET FILE`
"""

import asyncio
import sys
from pathlib import Path
from typing import cast

import uvloop


class Answering(asyncio.Protocol):
    """Says the same to every request."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._transport.write(self._answer * data.count(b"\r\n\r\n"))


async def _serve(path: str, body: bytes) -> None:
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    loop = asyncio.get_running_loop()
    server = await loop.create_unix_server(lambda: Answering(head.encode() + body), path)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve(sys.argv[1], Path(sys.argv[2]).read_bytes()))
