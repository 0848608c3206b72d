"""Sidecars: the `_metadata.json` beside each take's media, and the schema that the API shows too."""

from collections.abc import Collection, Sequence
from typing import Any

import msgspec
from msgspec import Struct, field

from events import Quality, Status
from projections.film import Film, beside_media, has_folder, read, write
from projections.layout import short_id
from projections.rows import ShotRow, ShotTakes, TakeRow
from projections.threads import in_thread

ENDING = "_metadata.json"


class Camel(Struct, kw_only=True, rename="camel"):
    """JSON for the world: camelCase."""


class Resolution(Camel, kw_only=True):
    """A picture's size in pixels."""

    width: int
    height: int


class Cost(Camel, kw_only=True):
    """What making a take cost: peak VRAM in MB, time in seconds, the quality that was asked for."""

    vram_used: float | None = None
    generation_time: float | None = None
    quality: Quality | None = None


class Sidecar(Camel, kw_only=True):
    """A take as other programs read it. What is not known is null; `duration` is in seconds."""

    id: str
    shot_id: str
    created: str
    duration: float | None = None
    resolution: Resolution | None = None
    generation_params: dict[str, Any] | None = None
    resources: Cost = field(default_factory=Cost)
    status: Status
    error: str | msgspec.UnsetType = msgspec.UNSET


def describe(shot: ShotRow, take: TakeRow) -> dict[str, Any]:
    """The fields of a take's sidecar, by the names of `Sidecar`."""
    media, cost = take.read_media(), take.read_resources()
    return {
        "id": take.id,
        "shot_id": short_id(shot.path),
        "created": take.created,
        "duration": media.duration if media else None,
        "resolution": Resolution(width=media.width, height=media.height or 0)
        if media and media.width
        else None,
        "generation_params": take.read_params(),
        "resources": msgspec.convert(cost, Cost, from_attributes=True) if cost else Cost(),
        "status": take.status,
        "error": take.error or msgspec.UNSET,
    }


def render(shot: ShotRow, take: TakeRow) -> bytes:
    """The sidecar's content: JSON, two spaces to a level."""
    return msgspec.json.format(msgspec.json.encode(Sidecar(**describe(shot, take))), indent=2) + b"\n"


class Sidecars:
    """Keeps a sidecar in the folder of every take that is finished."""

    name = "sidecars"
    version = 1
    pause = 0.1
    apart = True

    async def mend(self, film: Film, touched: Sequence[ShotTakes]) -> Collection[str]:
        return await in_thread(self._mend, film, touched)

    async def differences(self, film: Film, touched: Sequence[ShotTakes]) -> Collection[str]:
        return await in_thread(self._differences, film, touched)

    async def erase(self, film: Film, touched: Sequence[ShotTakes]) -> None:
        def work() -> None:
            for path in self._wanted(touched):
                (film.root / path).unlink(missing_ok=True)

        await in_thread(work)

    def _wanted(self, touched: Sequence[ShotTakes]) -> dict[str, bytes]:
        return {
            beside_media(one.shot, take, ENDING): render(one.shot, take)
            for one in touched
            for take in one.takes
            if has_folder(take)
        }

    def _differences(self, film: Film, touched: Sequence[ShotTakes]) -> list[str]:
        return [path for path, content in self._wanted(touched).items() if read(film.root / path) != content]

    def _mend(self, film: Film, touched: Sequence[ShotTakes]) -> list[str]:
        wanted = self._wanted(touched)
        problems = []
        for path in self._differences(film, touched):
            try:
                write(film.root / path, wanted[path])
            except FileNotFoundError:
                continue  # the take's folder is gone: the next scan will say so
            except OSError as error:
                problems.append(f"{path}: {error.strerror}")
        return problems
