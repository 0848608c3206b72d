"""Sidecars: the `_metadata.json` beside each take's media, and what it looks like."""

import re
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from events import Mark, Quality, Status
from projections.artifacts.large_recipes import PACKED, as_json, pack, shortened, unpack
from projections.files.opening import Unfit
from projections.files.reading import RECIPE, read, read_in
from projections.files.threads import in_thread
from projections.files.writing import remove, write
from projections.film import Film, beside_media, has_folder, take_folder
from projections.index.opinions import Note
from projections.index.rows import ShotRow, ShotTakes, TakeRow
from projections.layout import SIDECAR, Role, short_id, sidecar_name, take_name
from projections.projection import ABSENT, Away, Projection, Trouble

T = TypeVar("T")

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
"""How a moment is written there."""


class Resolution(Struct, kw_only=True, rename="camel"):
    """A picture's size in pixels."""

    width: int
    height: int


class Cost(Struct, kw_only=True, rename="camel"):
    """What making a take cost: peak VRAM in MB, time in seconds, the quality that was asked for."""

    vram_used: float | None = None
    generation_time: float | None = None
    quality: Quality | None = None


class Beside(Struct, kw_only=True, rename="camel"):
    """A file of the same render that lies beside a take's media: its `picture`, or the `silent` video."""

    name: str
    role: Role
    bytes: int


class Sidecar(Struct, kw_only=True, rename="camel"):
    """A take as other programs read it. What is not known is null; `duration` is in seconds.

    `companions` are the other files of the same render beside it, and `superseded_by` is the take that holds more of
    that. `channels` are those of its sound, where it has any, and `loudness` how loud that is as a whole, in LUFS.
    `timecode` is that of its first frame, where the file says so.

    `purged` is there once its bytes are gone for good, and `accepted`, why it had failed, where a person wants it complete
    all the same; `rating`, `mark`, `tags` and `notes` are there once somebody has given them, and notes are not any more
    that were withdrawn. Where the parameters are too large for people, the
    largest are `left_out`, with their bytes, and `whole` is the file that has everything, compressed.
    """

    id: str
    shot_id: str
    created: str
    duration: float | None = None
    resolution: Resolution | None = None
    channels: int | msgspec.UnsetType = msgspec.UNSET
    loudness: float | msgspec.UnsetType = msgspec.UNSET
    timecode: str | msgspec.UnsetType = msgspec.UNSET
    generation_params: dict[str, Any] | None = None
    resources: Cost = field(default_factory=Cost)
    status: Status
    error: str | msgspec.UnsetType = msgspec.UNSET
    recipe_error: str | msgspec.UnsetType = msgspec.UNSET
    accepted: str | msgspec.UnsetType = msgspec.UNSET
    purged: bool | msgspec.UnsetType = msgspec.UNSET
    rating: int | msgspec.UnsetType = msgspec.UNSET
    mark: Mark | msgspec.UnsetType = msgspec.UNSET
    tags: Sequence[str] | msgspec.UnsetType = msgspec.UNSET
    notes: Sequence[Note] | msgspec.UnsetType = msgspec.UNSET
    companions: Sequence[Beside] | msgspec.UnsetType = msgspec.UNSET
    superseded_by: str | msgspec.UnsetType = msgspec.UNSET
    left_out: dict[str, int] | msgspec.UnsetType = msgspec.UNSET
    whole: str | msgspec.UnsetType = msgspec.UNSET


def sidecar_of(shot: ShotRow, take: TakeRow) -> Sidecar:
    """What a take's sidecar says, with nothing left out."""
    media, cost = take.read_media(), take.read_resources()
    return Sidecar(
        id=take.id,
        shot_id=short_id(shot.path),
        created=take.created,
        duration=media.duration if media else None,
        resolution=Resolution(width=media.width, height=media.height or 0) if media and media.width else None,
        channels=_known(media.channels if media else None),
        loudness=_known(media.loudness if media else None),
        timecode=_known(media.timecode if media else None),
        generation_params=take.read_params(),
        resources=msgspec.convert(cost, Cost, from_attributes=True) if cost else Cost(),
        status=take.status,
        error=take.error or msgspec.UNSET,
        recipe_error=take.recipe_error or msgspec.UNSET,
        accepted=take.accepted or msgspec.UNSET,
        purged=bool(take.purged) or msgspec.UNSET,
        rating=take.rating or msgspec.UNSET,
        mark=take.mark or msgspec.UNSET,
        tags=take.read_tags() or msgspec.UNSET,
        notes=[note for note in take.read_notes() if note.state != "withdrawn"] or msgspec.UNSET,
        companions=[
            Beside(name=one.name, role=one.role, bytes=one.identity.size) for one in take.read_companions()
        ]
        or msgspec.UNSET,
        superseded_by=take_name(take.superseded) if take.superseded else msgspec.UNSET,
    )


def _known(value: T | None) -> T | msgspec.UnsetType:
    return msgspec.UNSET if value is None else value


def render(shot: ShotRow, take: TakeRow) -> dict[str, bytes]:
    """The sidecar, by its path: JSON, two spaces to a level; a large one whole and packed, and a short one.

    Where the log has not all of it, the whole one was written when the take was completed, and stays as it is.
    """
    path, said, unlogged = beside_media(shot, take, SIDECAR), sidecar_of(shot, take), take.read_left_out()
    params, left_out = shortened(said.generation_params or {})
    if not left_out and not unlogged:
        return {path: as_json(said)}
    whole, left_out = path + PACKED, {**unlogged, **left_out}
    short = as_json(replace(said, generation_params=params, left_out=left_out, whole=Path(whole).name))
    return {path: short} if unlogged else {whole: pack(as_json(said)), path: short}


def read_sidecar(folder: Path, shot: str, number: int) -> Sidecar | None:
    """The sidecar that a take's folder came with, where it is one of ours for that take."""
    with suppress(OSError, msgspec.MsgspecError):
        content = read(folder / sidecar_name(shot, number), RECIPE)
        if content is not None:
            told = msgspec.json.decode(content, type=Sidecar)
            return told if told.id == take_name(number) and MOMENT.fullmatch(told.created) else None
    return None


class Sidecars(Projection):
    """Keeps a sidecar in the folder of every take that is finished."""

    name = "sidecars"

    async def mend(self, film: Film, touched: Sequence[ShotTakes]) -> Collection[Trouble]:
        return await in_thread(self._mend, film, touched)

    async def differences(self, film: Film, touched: Sequence[ShotTakes]) -> Collection[str]:
        return await in_thread(self._differences, film, touched)

    async def erase(self, film: Film, touched: Sequence[ShotTakes]) -> None:
        def work() -> None:
            for path in self._wanted(touched):
                remove(film.root / path)

        await in_thread(work)

    def _wanted(self, touched: Sequence[ShotTakes]) -> dict[str, bytes]:
        return {
            path: content
            for one in touched
            for take in one.takes
            for path, content in _files(one.shot, take).items()
        }

    def _differences(self, film: Film, touched: Sequence[ShotTakes]) -> list[str]:
        return [path for path, content in self._wanted(touched).items() if _differs(film.root, path, content)]

    def _mend(self, film: Film, touched: Sequence[ShotTakes]) -> list[Trouble]:
        troubles: list[Trouble] = []
        for one in touched:
            for take in one.takes:
                try:
                    _write_all(film, _files(one.shot, take))
                except ABSENT:
                    troubles.append(Away.of_take(one.shot, take, take_folder(one.shot, take)))
                except OSError as error:
                    troubles.append(f"{beside_media(one.shot, take, SIDECAR)}: {error.strerror}")
        return troubles


def _files(shot: ShotRow, take: TakeRow) -> dict[str, bytes]:
    return render(shot, take) if has_folder(take) else {}


def _differs(root: Path, path: str, content: bytes) -> bool:
    try:
        return not _holds(_found(root, path), content)
    except NotADirectoryError:  # its folder is something else, or a link
        return True


def _found(root: Path, path: str) -> bytes | None:
    """What lies there; what is no file, or too large for a sidecar, is none of ours, and gives way to one."""
    with suppress(Unfit):
        return read_in(root, path, RECIPE)
    return None


def _write_all(film: Film, wanted: Mapping[str, bytes]) -> None:
    for path, content in wanted.items():
        if not _holds(_found(film.root, path), content):
            write(film.root / path, content)


def _holds(found: bytes | None, content: bytes) -> bool:
    """Whether they say the same: another release of zlib packs the same text into other bytes."""
    return found == content or (
        found is not None and unpack(content) is not None and unpack(found) == unpack(content)
    )
