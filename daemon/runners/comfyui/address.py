"""Where ComfyUI is, and that it cannot be reached there."""

from ipaddress import ip_address
from ssl import SSLContext, create_default_context
from typing import Final

from msgspec import Struct

from daemon.config.table import split_url
from daemon.runners.runner import RunnerAway

CONNECT: Final = 5.0
"""Seconds until a connection stands."""

LONGEST: Final = 2**24
"""Bytes of an answer, or of a message, which may be a picture; a file that was made may be as long as there is room."""


class ComfyUIAway(RunnerAway):
    """Raised when ComfyUI does not answer, or something else does; `is_gone` where nothing listens there."""

    hint = "Start ComfyUI, or set `url` in the configuration to where it listens; what was asked for waits."

    def __init__(self, address: str, reason: str, *, is_gone: bool = False) -> None:
        super().__init__(f"ComfyUI cannot be reached at {address}: {reason}")
        self.is_gone = is_gone


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


def reason_of(error: Exception) -> str:
    """What a failed request says of itself, which for a timeout is nothing."""
    if isinstance(error, TimeoutError):
        return "it takes too long"
    return str(error) or type(error).__name__
