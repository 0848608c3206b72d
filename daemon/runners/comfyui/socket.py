"""The socket on which ComfyUI tells how a prompt goes."""

from typing import Any, Final, Self

import anyio
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from daemon.runners.comfyui.address import CONNECT, LONGEST, Address, ComfyUIAway, reason_of
from daemon.runners.comfyui.documents import document_in
from projections.backoff import Backoff

GOODBYE: Final = 0.1
"""Seconds to close a socket in good form; it takes for ever where a lot of what was sent was never read."""

PAUSES: Final = Backoff(0.2, 5.0)
"""Before another try."""


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
            raise ComfyUIAway(self._address.shown, reason_of(error)) from error
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
        return (document_in(frame) or {}) if isinstance(frame, str) else {}

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
