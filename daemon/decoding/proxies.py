"""The proxies: videos as every browser plays them, made when they are first asked for and kept for the next time."""

from functools import partial
from pathlib import Path
from typing import BinaryIO

import anyio
from cachetools import TTLCache

from daemon.decoding.decoders import Decoders
from daemon.decoding.pictures import FAILURES, FORGET, PictureNotFound
from events import Media
from projections.artifacts.picture_cache import Cache
from projections.files.threads import in_thread
from projections.media.errors import Undecodable
from projections.media.jobs import Size

VERSION = 2
"""Raise it whenever proxies are made differently: those that were kept are made again."""

BOUNDS: Size = (1920, 1080)
"""Pixels of the largest proxy, either way up."""


class Making:
    """A proxy that is being made, and how much of it there is, from 0 to 1; None where nobody knows how long it will be.

    It is `done` once it is there, or cannot be had.
    """

    def __init__(self, seconds: float | None) -> None:
        self.progress: float | None = 0.0 if seconds else None
        self.done = anyio.Event()
        self._seconds = seconds

    def tell(self, seconds: float) -> None:
        """There are so many seconds by now."""
        if self._seconds:
            self.progress = min(1.0, seconds / self._seconds)


class Proxies:
    """Makes the proxies of one project, each once however many ask for it, one at a time."""

    def __init__(self, decoders: Decoders, cache: Cache) -> None:
        self._decoders = decoders
        self._cache = cache
        self._making: dict[str, Making] = {}
        self._failures: TTLCache[str, str] = TTLCache(FAILURES, FORGET)

    async def find(self, path: Path, media: Media) -> Path | Making:
        """The proxy of the video at that path; what is told of it while it is being made, which this begins.

        PictureNotFound where there is none to be had.
        """
        if media.kind != "video":
            raise PictureNotFound("only a video has a proxy")
        name = f"{media.sha256}-proxy{VERSION}.mp4"
        if found := await self._cache.find_path(name):
            return found
        if reason := self._failures.get(name):
            raise PictureNotFound(reason)
        if name not in self._making:
            self._making[name] = Making(media.duration)
            self._decoders.begin(self._make(path, name))
        return self._making[name]

    async def _make(self, path: Path, name: str) -> None:
        try:
            async with self._cache.growing(name) as file:
                await self._decoders.proxy(path, BOUNDS, partial(_keep, file, self._making[name]))
            if await self._cache.find_path(name) is None:
                self._failures[name] = (
                    "its proxy is larger than the cache; raise cache_mb in the configuration"
                )
        except OSError as error:
            self._failures[name] = f"it cannot be made: {error.strerror}"
        except Undecodable as error:
            self._failures[name] = f"it has no proxy: {error.reason}"
        finally:
            self._making.pop(name).done.set()


async def _keep(file: BinaryIO, making: Making, at: int, piece: bytes, seconds: float) -> None:
    await in_thread(_write, file, at, piece)
    making.tell(seconds)


def _write(file: BinaryIO, at: int, piece: bytes) -> None:
    file.seek(at)
    file.write(piece)
