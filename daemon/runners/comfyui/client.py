"""The client of ComfyUI: its HTTP requests, and the socket on which it tells how a prompt goes."""

import json
import os
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager
from errno import ENOSPC
from ipaddress import ip_address
from pathlib import Path
from ssl import SSLContext, create_default_context
from typing import Any, BinaryIO, Final, Self
from urllib.parse import quote

import anyio
import httpx
from msgspec import Struct
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from daemon.config import split_url
from daemon.runners.comfyui.messages import Prompt, PromptOutcome, queued, remembered
from daemon.runners.runner import JobFailed, RunnerAway
from events import TakesError
from projections.backoff import Backoff
from projections.files.threads import in_thread

PATIENCE: Final = 30.0
"""Seconds for an answer; while it loads a model, ComfyUI says nothing for a while."""

CONNECT: Final = 5.0
"""Seconds until a connection stands."""

GOODBYE: Final = 0.1
"""Seconds to close a socket in good form; it takes for ever where a lot of what was sent was never read."""

SLICE: Final = 2**18
"""Bytes of a file that are fetched at a time."""

LONGEST: Final = 2**24
"""Bytes of an answer, or of a message, which may be a picture; a file that was made may be as long as there is room."""

RESERVE: Final = 2**26
"""Bytes of the disk that a file which is fetched leaves free."""

PAUSES: Final = Backoff(0.2, 5.0)
"""Before another try."""


class ComfyUIAway(RunnerAway):
    """Raised when ComfyUI does not answer, or something else does; `is_gone` where nothing listens there."""

    hint = "Start ComfyUI, or set `url` in the configuration to where it listens; what was asked for waits."

    def __init__(self, address: str, reason: str, *, is_gone: bool = False) -> None:
        super().__init__(f"ComfyUI cannot be reached at {address}: {reason}")
        self.is_gone = is_gone


class AnswerTooLong(ComfyUIAway):
    """Raised when ComfyUI, or whatever listens there, says more than anybody has a use for."""

    def __init__(self, address: str) -> None:
        super().__init__(address, f"its answer is longer than {LONGEST >> 20} MB")


class FileGone(TakesError):
    """Raised when ComfyUI has no such file any more."""

    hint = "It was moved or removed before it could be fetched; ask for another take."


class Address(Struct, frozen=True):
    """Where ComfyUI is; `shown` holds no password."""

    url: str
    shown: str
    is_local: bool
    tls: SSLContext | None


def address(url: str) -> Address:
    """The address in a setting."""
    parts = split_url(url)
    name = parts.hostname or ""
    host = f"[{name}]" if ":" in name else name
    port = f":{parts.port}" if parts.port else ""
    path = parts.path.rstrip("/")
    return Address(
        url=f"{parts.scheme}://{parts.netloc}{path}",
        shown=f"{parts.scheme}://{host}{port}{path}",
        is_local=_is_local(name),
        tls=create_default_context() if parts.scheme == "https" else None,
    )


def _is_local(host: str) -> bool:
    """Whether a name stands for this machine, to which no proxy leads."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


class ComfyClient:
    """Asks ComfyUI over HTTP. Each request may raise ComfyUIAway."""

    def __init__(self, address: Address, http: httpx.AsyncClient) -> None:
        self.address = address
        self._http = http

    async def stats(self) -> Any:
        """The devices, and what is free of them."""
        found = await self._get("/system_stats")
        if not isinstance(found, dict) or "system" not in found:
            raise self._away("what listens there is not ComfyUI")
        return found

    async def queue(self) -> tuple[list[Prompt], list[Prompt]]:
        """The prompts that run, and those that wait."""
        return queued(await self._get("/queue"))

    async def record(self, prompt: str) -> tuple[Prompt, PromptOutcome] | None:
        """A prompt that is through, and how it ended; None where it is not, or is not known."""
        try:
            found = remembered(await self._get(f"/history/{quote(prompt, safe='')}"))
        except AnswerTooLong as error:  # which it would be every time
            raise JobFailed(f"what ComfyUI tells of it is longer than {LONGEST >> 20} MB") from error
        return next((pair for pair in found if pair[0].id == prompt), None)

    async def recent(self, count: int) -> list[tuple[Prompt, PromptOutcome]]:
        """The last prompts that are through, the latest last; fewer where that would be too long an answer."""
        try:
            return list(remembered(await self._get("/history", {"max_items": str(count)})))
        except AnswerTooLong:
            if count < 2:
                raise
            return await self.recent(count // 4 or 1)

    async def submit(self, body: Any) -> tuple[int, Any]:
        """Hand in a prompt; the status (200 or a refusal), and the document that came with it."""
        status, document = await self._send("POST", "/prompt", body)
        if status in {400, 500} or (status == 200 and isinstance(document, dict)):
            return status, document
        if status == 413:
            raise JobFailed("ComfyUI refuses the workflow: it is too large")
        raise self._away(f"it answered {status}")

    async def upload(self, form: AsyncIterable[bytes], headers: dict[str, str]) -> tuple[int, Any]:
        """Hand in a file for its input folder; the status, and the document that came with it."""
        return await self._exchange("POST", "/upload/image", content=form, headers=headers)

    async def delete(self, prompt: str) -> None:
        """Take a prompt that waits out of the queue."""
        await self._send("POST", "/queue", {"delete": [prompt]})

    async def interrupt(self, prompt: str) -> None:
        """Interrupt that prompt; an older ComfyUI interrupts whatever runs."""
        await self._send("POST", "/interrupt", {"prompt_id": prompt})

    async def fetch(self, query: dict[str, str], path: Path) -> None:
        """Write a file of ComfyUI's to that path, whole or not at all; FileGone where it has none.

        OSError where there is no room for it now, JobFailed where it does not end before the room does.
        """
        part = path.with_name(f"{path.name}.part")
        async with self._answer("GET", "/view", params=query) as answer:
            if answer.status_code != 200:
                self._complain(answer.status_code, query["filename"])
            await self._save(answer, part)
        await in_thread(part.replace, path)

    async def _save(self, answer: httpx.Response, part: Path) -> None:
        length, count = answer.headers.get("content-length"), 0
        file = await in_thread(part.open, "wb")
        try:
            await in_thread(_check_room, file, int(length or 0))
            async for piece in answer.aiter_raw(SLICE):
                count += await in_thread(_write, file, piece)
        except OSError as error:
            if error.errno != ENOSPC or length is not None:
                raise
            raise JobFailed("ComfyUI sends a file that is longer than there is room for") from error
        finally:
            with anyio.CancelScope(shield=True):
                await in_thread(file.close)
        if length is not None and count != int(length):
            raise self._away(f"it sent {count} bytes of {length}")

    def _complain(self, status: int, name: str) -> None:
        if status in {400, 403, 404}:
            raise FileGone(f"ComfyUI says that it made {name}, and has no such file")
        raise self._away(f"it answered {status}")

    async def _get(self, path: str, query: dict[str, str] | None = None) -> Any:
        status, found = await self._send("GET", path, query=query)
        if status != 200:
            raise self._away(f"it answered {status}")
        if found is None:
            raise self._away("what listens there is not ComfyUI")
        return found

    async def _send(
        self, method: str, path: str, body: Any = None, query: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        # Python's own JSON: httpx refuses the NaN that may stand in a graph
        content = None if body is None else json.dumps(body).encode()
        headers = {} if body is None else {"Content-Type": "application/json"}
        return await self._exchange(method, path, content=content, headers=headers, params=query)

    async def _exchange(self, method: str, path: str, **more: Any) -> tuple[int, Any]:
        """The status, and the document that came with it; None where that is none."""
        async with self._answer(method, path, **more) as answer:
            said = bytearray()
            async for piece in answer.aiter_raw():
                said += piece
                if len(said) > LONGEST:
                    raise AnswerTooLong(self.address.shown)
        return answer.status_code, _document(said)

    @asynccontextmanager
    async def _answer(self, method: str, path: str, **more: Any) -> AsyncIterator[httpx.Response]:
        """An answer of which nothing but the head was read."""
        try:
            request = self._http.build_request(method, self.address.url + path, **more)
            answer = await self._http.send(request, stream=True)
            try:
                yield answer
            finally:
                with anyio.CancelScope(shield=True):
                    await answer.aclose()
        except httpx.ConnectError as error:
            raise self._away(_why(error), is_gone=True) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._away(_why(error)) from error

    def _away(self, reason: str, *, is_gone: bool = False) -> ComfyUIAway:
        return ComfyUIAway(self.address.shown, reason, is_gone=is_gone)


def _document(text: bytes | bytearray | str) -> Any:
    """The document; None where it is none, or is nested deeper than anybody means."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _write(file: BinaryIO, piece: bytes) -> int:
    _check_room(file, len(piece))
    return file.write(piece)


def _check_room(file: BinaryIO, count: int) -> None:
    """OSError where the disk has no room for so many bytes more."""
    disk = os.fstatvfs(file.fileno())
    if count > disk.f_bavail * disk.f_frsize - RESERVE:
        raise OSError(ENOSPC, os.strerror(ENOSPC), file.name)


def _why(error: Exception) -> str:
    """What a failed request says of itself, which for a timeout is nothing."""
    if isinstance(error, httpx.TimeoutException | TimeoutError):
        return "it takes too long"
    return str(error) or type(error).__name__


@asynccontextmanager
async def open_client(address: Address, patience: float = PATIENCE) -> AsyncIterator[ComfyClient]:
    """A client, for as long as it is needed."""
    limits = httpx.Timeout(patience, connect=min(patience, CONNECT))
    verify: SSLContext | bool = address.tls or False  # no certificates are read where there is no TLS
    http = httpx.AsyncClient(
        timeout=limits,
        verify=verify,
        trust_env=not address.is_local,
        headers={"Accept-Encoding": "identity", "User-Agent": "takes"},
    )
    async with http:
        yield ComfyClient(address, http)


class ComfySocket:
    """The socket on which ComfyUI tells a client how its prompts go; a lost one is opened again.

    `client_id` is who listens, and `losses` counts how often the socket was lost.
    """

    def __init__(self, address: Address, client_id: str) -> None:
        self.client_id = client_id
        self.losses = 0
        self._address = address
        self._url = f"ws{address.url.removeprefix('http')}/ws?clientId={client_id}"
        self._socket: ClientConnection | None = None
        self._pause = PAUSES.first

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def open(self) -> None:
        """Have the socket opened; ComfyUIAway says why it is not."""
        try:
            self._socket = await connect(
                self._url,
                ssl=self._address.tls,
                proxy=None if self._address.is_local else True,
                max_size=LONGEST,
                open_timeout=CONNECT,
                close_timeout=GOODBYE,
            )
        except (OSError, WebSocketException, TimeoutError) as error:
            raise ComfyUIAway(self._address.shown, _why(error)) from error
        self._pause = PAUSES.first

    async def receive(self) -> Any:
        """The next message, {} for a picture; None where something may have been missed.

        That is where the socket was lost, and again once it is back.
        """
        if self._socket is None:
            await self._open_again()
            return None
        try:
            frame = await self._socket.recv()
        except WebSocketException:
            self.losses += 1
            await self.close()
            return None
        return (_document(frame) or {}) if isinstance(frame, str) else {}

    async def is_well(self) -> bool:
        """Whether the socket is open, and the other end of it is there."""
        if self._socket is None:
            return False
        try:
            with anyio.fail_after(CONNECT):
                await (await self._socket.ping())
        except (WebSocketException, TimeoutError):
            return False
        return True

    async def _open_again(self) -> None:
        await anyio.sleep(self._pause)
        try:
            await self.open()
        except ComfyUIAway:
            self._pause = PAUSES.after(self._pause)

    async def close(self) -> None:
        """Receive no more; a socket that is open and not read from holds up what ComfyUI tells to others."""
        socket, self._socket = self._socket, None
        if socket is not None:
            with anyio.CancelScope(shield=True):
                await socket.close()
