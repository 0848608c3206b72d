"""The gallery's port: a free one that is remembered and taken again, so that an open page and a bookmark come back."""

import json
import os
import random
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import structlog

from daemon import locations
from daemon.http.sockets import PortTaken, bind_port

log = structlog.get_logger()

FILE = "ports.json"

FREE = range(20_000, 32_768)
"""Below the ports that a system gives to connections that go out: one of those could be at ours when we come back."""

TRIES = 50
MOST = 16
"""Daemons whose ports are remembered, by their sockets."""


@contextmanager
def bind_again(daemon: Path) -> Iterator[socket.socket]:
    """A listening port of that daemon, which its socket stands for: the one that it had before, if that is free.

    Where somebody else has it, it is given up for good: what a browser keeps for it, that one may have been shown.
    """
    known = _remembered().get(str(daemon))
    with ExitStack() as stack:
        listener = _bind_first(
            [*([known] if known else []), *random.SystemRandom().sample(FREE, TRIES), 0], stack
        )
        port = listener.getsockname()[1]
        if port != known:
            _remember(str(daemon), port)
        if known and port != known:
            log.warning(
                "the gallery has moved",
                port=port,
                before=known,
                why="something else listens there",
                see="takes open",
            )
        yield listener


def _bind_first(ports: list[int], stack: ExitStack) -> socket.socket:
    for port in ports:
        with suppress(PortTaken):
            return stack.enter_context(bind_port(port))
    raise PortTaken(0, "none is free")


def _remembered() -> dict[str, int]:
    """The ports by socket, the last one that was chosen last; a file that makes no sense says nothing."""
    path = Path(locations.state_directory(), FILE)
    try:
        told = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    pairs = told.items() if isinstance(told, dict) else ()
    return {key: port for key, port in pairs if isinstance(port, int) and 0 < port <= 65535}


def _remember(daemon: str, port: int) -> None:
    directory = locations.state_directory()
    os.makedirs(directory, mode=locations.PRIVATE_MODE, exist_ok=True)  # noqa: PTH103 - text, as all of `locations`
    with locations.locked(directory):
        known = {key: value for key, value in _remembered().items() if key != daemon}
        kept = dict([*known.items(), (daemon, port)][-MOST:])
        locations.replace_file(str(Path(directory, FILE)), f"{json.dumps(kept, indent=2)}\n", mode=0o600)
