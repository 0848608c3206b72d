"""The client of ComfyUI: its HTTP requests, and the socket on which it tells how a prompt goes."""

import json
import os
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager
from errno import ENOSPC
from pathlib import Path
from ssl import SSLContext
from typing import Any, BinaryIO, Final
from urllib.parse import quote

import anyio
import httpx

from daemon.runners.comfyui.address import CONNECT, LONGEST, Address, ComfyUIAway, reason_of
from daemon.runners.comfyui.documents import document_in
from daemon.runners.comfyui.messages import Prompt, PromptOutcome, queued, remembered
from daemon.runners.runner import JobFailed
from events import TakesError
from projections.files.threads import in_thread

PATIENCE: Final = 30.0
"""Seconds for an answer; while it loads a model, ComfyUI says nothing for a while."""

SLICE: Final = 2**18
"""Bytes of a file that are fetched at a time."""

RESERVE: Final = 2**26
"""Bytes of the disk that a file which is fetched leaves free."""


class AnswerTooLong(ComfyUIAway):
    """Raised when ComfyUI, or whatever listens there, says more than anybody has a use for."""

    def __init__(self, address: str) -> None:
        super().__init__(address, f"its answer is longer than {LONGEST >> 20} MB")


class FileGone(TakesError):
    """Raised when ComfyUI has no such file any more."""

    hint = "It was moved or removed before it could be fetched; ask for another take."


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
        return answer.status_code, document_in(said)

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


def _write(file: BinaryIO, piece: bytes) -> int:
    _check_room(file, len(piece))
    return file.write(piece)


def _check_room(file: BinaryIO, count: int) -> None:
    """OSError where the disk has no room for so many bytes more."""
    disk = os.fstatvfs(file.fileno())
    if count > disk.f_bavail * disk.f_frsize - RESERVE:
        raise OSError(ENOSPC, os.strerror(ENOSPC), file.name)


def _why(error: httpx.HTTPError | httpx.InvalidURL) -> str:
    return reason_of(TimeoutError() if isinstance(error, httpx.TimeoutException) else error)


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
