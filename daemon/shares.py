"""The shares: links by which guests see a part of a film and nothing else, until a day, or until one is withdrawn.

They are kept beside the token that opens the gallery, or for all hubs of a studio in its database, and not in a film's
log: who may look through a door is no fact about the film. A log is copied with its film and brought back from a backup,
and a link that was withdrawn must not come back with it. Of a link only a hash is kept.
"""

import hashlib
import os
import secrets
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from daemon import locations
from events import NotFound
from projections.files.reading import OURS, read

FILE = "shares.json"

DAY = 24 * 60 * 60.0

Kind = Literal["shot", "scene", "film"]


class ShareNotFound(NotFound):
    """Raised when there is no such link, or no more."""

    hint = "`takes shares` lists those that there are."

    def __init__(self, share: str) -> None:
        super().__init__(f"there is no link {share!r}; it has expired, or was withdrawn")


class Share(Struct, frozen=True, kw_only=True):
    """A link: `root` is the film's folder, `title` what of it is shown: a shot, by its `stream`, a scene, by its `path`, or all.

    `key` is the hash of what a guest's browser shows; `until` and `made` are seconds of the epoch. With `notes`, these
    are shown, too.
    """

    id: str
    key: str
    root: str
    kind: Kind
    title: str
    stream: str | None = None
    path: str | None = None
    notes: bool = False
    made: float
    until: float

    def holds(self, stream: str, path: str) -> bool:
        """Whether a shot belongs to it."""
        if self.kind == "film":
            return True
        return stream == self.stream if self.kind == "shot" else path.startswith(f"{self.path}/")


class Shares:
    """The links of this user that lie beside the token; whatever is called here reads a small file, and some write it."""

    def __init__(self, folder: str | None = None) -> None:
        self._file = Path(folder or locations.state_directory()) / FILE

    def of(self, root: Path) -> Sequence[Share]:
        """Those of the film in that folder, the oldest first."""
        return [one for one in self._live() if one.root == str(root)]

    def add(self, share: Share) -> None:
        """Have that link."""
        self._change(lambda known: [*known, share])

    def withdraw(self, root: Path, share: str) -> Share:
        """Have a link lead nowhere, at once; ShareNotFound."""
        gone = next((one for one in self.of(root) if one.id == share), None)
        if gone is None:
            raise ShareNotFound(share)
        self._change(lambda known: [one for one in known if one.id != share])
        return gone

    def shown(self, text: str) -> Share | None:
        """The link whose guest shows that; None where there is none, or no more."""
        key = key_of(text)
        return next((one for one in self._live() if secrets.compare_digest(one.key, key)), None)

    def _live(self) -> Sequence[Share]:
        now = time.time()
        return [one for one in self._read() if one.until > now]

    def _read(self) -> Sequence[Share]:
        """What the file says, read anew each time, so that a link is withdrawn whoever has done it; none where it
        is not ours alone.
        """
        content = read(self._file, OURS)
        if content is None or _is_others(self._file):
            return []
        return msgspec.json.decode(content, type=list[Share])

    def _change(self, change: Callable[[Sequence[Share]], Sequence[Share]]) -> None:
        folder = self._file.parent
        folder.mkdir(mode=locations.PRIVATE_MODE, parents=True, exist_ok=True)
        with locations.locked(str(folder)):
            text = msgspec.json.encode(change(self._live())).decode()
            locations.replace_file(str(self._file), text, mode=0o600)


def seal(share: Share) -> tuple[str, Share]:
    """What a guest brings, which is known to nobody else from now on, and the link with its `key`."""
    secret = secrets.token_urlsafe(32)
    return secret, msgspec.structs.replace(share, key=key_of(shown_by(secret)))


def shown_by(secret: str) -> str:
    """What a guest's browser shows in place of the secret of its link."""
    return hashlib.sha256(f"guest {secret}".encode()).hexdigest()


def key_of(text: str) -> str:
    """By which key a link is known whose guest shows that."""
    return hashlib.sha256(text.encode()).hexdigest()


def _is_others(path: Path) -> bool:
    """Whether others could have written, or read, that file."""
    found = path.stat()
    return found.st_uid != os.geteuid() or bool(found.st_mode & 0o077)
