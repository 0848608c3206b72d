"""The token: the secret that lets its owner's programs and browser in at the gallery's port.

It is made once and kept in a file that only its owner can read. A browser never keeps the token itself: its
cookie is made from it for one port, since a browser shows the cookies of one port to every other port.
"""

import hmac
import os
import secrets
import stat
import time
from contextlib import suppress

from daemon import locations
from events import TakesError

FILE = "token"
BYTES = 32
LIFETIME = 60
"""Seconds that a ticket is good for."""


class TokenUnsafe(TakesError):
    """Raised when the file of the token could have been read or written by somebody else."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"the token at {path} {reason}")
        self.hint = "Remove that file: the daemon makes another token when it starts with a port."


class Token:
    """The secret, and what is made from it; it never shows in a log."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def __repr__(self) -> str:
        return "Token(…)"

    @property
    def text(self) -> str:
        """The secret itself, for its owner's eyes."""
        return self._secret.decode()

    def is_same(self, text: str) -> bool:
        """Whether that text is the token, in a time that tells nothing."""
        return hmac.compare_digest(text.encode(), self._secret)

    def cookie(self, port: int) -> str:
        """What a browser shows at that port in place of the token."""
        return self._sign(f"cookie {port}")

    def is_cookie(self, text: str, port: int) -> bool:
        """Whether it is what a browser shows at that port."""
        return hmac.compare_digest(text.encode(), self.cookie(port).encode())

    def ticket(self, port: int) -> str:
        """A way in for once, for a minute: others see the address that a browser is started with."""
        head = f"{int(time.time()) + LIFETIME}.{secrets.token_hex(16)}"
        return f"{head}.{self._sign(f'ticket {port} {head}')}"

    def is_ticket(self, text: str, port: int) -> bool:
        """Whether it was made for that port and is not too old; that it is used once is for others to see to."""
        head, _, signature = text.rpartition(".")
        is_ours = hmac.compare_digest(signature.encode(), self._sign(f"ticket {port} {head}").encode())
        return is_ours and int(head.partition(".")[0]) >= time.time()

    def _sign(self, what: str) -> str:
        return hmac.digest(self._secret, what.encode(), "sha256").hex()


def token_path() -> str:
    """Where the token of this user is."""
    return os.path.join(locations.state_directory(), FILE)  # noqa: PTH118 - text, as all of `locations`


def read_token(path: str) -> Token:
    """The token in that file; TokenUnsafe where others may know it, FileNotFoundError where there is none."""
    descriptor = _open(path)
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if found.st_uid != os.geteuid():
            raise TokenUnsafe(path, "belongs to somebody else")
        if stat.S_IMODE(found.st_mode) & 0o077:
            raise TokenUnsafe(path, f"can be read by others: its mode is {stat.S_IMODE(found.st_mode):04o}")
        text = file.read(4 * BYTES).decode(errors="replace").strip()
    if len(text) != 2 * BYTES or not set(text) <= set("0123456789abcdef"):
        raise TokenUnsafe(path, "is not one that the daemon made")
    return Token(text)


def make_token(path: str) -> Token:
    """The token in that file, made where there is none yet."""
    directory = os.path.dirname(path)  # noqa: PTH120 - text, as all of `locations`
    os.makedirs(directory, mode=locations.PRIVATE_MODE, exist_ok=True)  # noqa: PTH103
    with locations.locked(directory):
        with suppress(FileNotFoundError):
            return read_token(path)
        locations.replace_file(path, f"{secrets.token_hex(BYTES)}\n", mode=0o600)
    return read_token(path)


def _open(path: str) -> int:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise TokenUnsafe(path, f"cannot be read: {error.strerror}") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise TokenUnsafe(path, "is not a file")
    return descriptor
