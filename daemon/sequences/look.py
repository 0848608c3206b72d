"""Looking into a sequence: every frame is decoded and hashed, and only then all of them are kept."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from daemon.disk.leases import is_written
from daemon.protection.freezing import Freezer, Frozen, Known
from events import Identity
from projections.artifacts.frame_lists import Frame, FrameList, encode, read_list, seconds, summary
from projections.concurrency import for_each
from projections.files.fingerprint import identity
from projections.files.hashing import sha256_of
from projections.files.threads import in_thread
from projections.files.writing import write
from projections.media.errors import NeedsMore, Undecodable
from projections.media.jobs import Inspection

AT_ONCE = 4
"""Frames of one sequence that are asked about at a time: drops of other kinds get their turn in between."""

HIGHEST = 1000
"""Frames a second: what a recipe says beyond that is no rate."""

T = TypeVar("T")
V = TypeVar("V")


class FrameInspector(Protocol):
    """Looks into a media file, in another process; raises Undecodable."""

    async def inspect(self, path: Path, *, name: str, patient: bool = False) -> Inspection:
        """What the file holds; `name` is what it was called when it was dropped."""

    async def inspect_as_it_is(self, path: Path, *, name: str) -> Inspection:
        """The same, or what can be told of it where nobody can look into it."""


class _Frame(Struct, frozen=True):
    """A frame that was looked into, and which file it was before."""

    frame: Frame
    file: Identity
    look: Inspection | None = None


class SequenceLook:
    """Looks into the sequences of one project; where nothing else says it, they have so many frames a second."""

    def __init__(self, inspector: FrameInspector, freezer: Freezer, rate: float) -> None:
        self._inspector = inspector
        self._freezer = freezer
        self._rate = rate

    async def look(
        self, path: Path, name: str, rate: object, known: Known, *, patient: bool, as_it_is: bool = False
    ) -> tuple[Inspection, Frozen] | None:
        """What the frames hold whose list is at that path; None where one of them is not what it was before.

        `rate` is that of a recipe, `known` says how they are kept. Where they `may_share` their bytes, the take is one
        that came with its list, which has to be right. Undecodable names the frame, unless they are taken `as_it_is`.
        """
        listed = await in_thread(read_list, path)
        if listed is None or await in_thread(_is_any_written, path, listed):
            return None
        found = await self._look_into_all(path, listed, name, patient=patient, as_it_is=as_it_is)
        if known.may_share and listed.is_whole:
            _compare(listed, found)
        kept = await _each(found, lambda one: self._keep(path, listed, one, known))
        if None in kept:
            return None
        frames = replace(listed, frames=[one.frame for one in found])
        first = found[0].look
        assert first is not None  # noqa: S101 - the first one is kept
        return await self._list(path, frames, first, rate)

    async def _look_into_all(
        self, path: Path, listed: FrameList, name: str, *, patient: bool, as_it_is: bool
    ) -> Sequence[_Frame]:
        async def look(frame: Frame) -> _Frame:
            is_first, file = frame is listed.frames[0], path.parent / listed.name(path.name, frame)
            try:
                before = identity(await in_thread(file.lstat))
                if as_it_is:
                    seen = await self._inspector.inspect_as_it_is(file, name=name)
                else:
                    seen = await self._inspector.inspect(file, name=name, patient=patient)
            except NeedsMore:
                raise
            except Undecodable as error:
                raise Undecodable(f"frame {frame.number}: {error.reason}") from error
            except FileNotFoundError as error:
                raise Undecodable(f"frame {frame.number}: it is not there") from error
            if seen.kind != "image":
                raise Undecodable(f"frame {frame.number}: it is no picture")
            return _Frame(Frame(frame.number, seen.bytes, seen.sha256), before, seen if is_first else None)

        return await _each(listed.frames, look)

    async def _keep(self, path: Path, listed: FrameList, one: _Frame, known: Known) -> Frozen | None:
        file = path.parent / listed.name(path.name, one.frame)
        return await self._freezer.freeze(
            file, one.file, replace(known, sha256=one.frame.sha256, bytes=one.frame.bytes)
        )

    async def _list(
        self, path: Path, frames: FrameList, first: Inspection, rate: object
    ) -> tuple[Inspection, Frozen] | None:
        """Write the list, which is the take's media, and keep it; it says more than a second one could."""
        content = encode(frames)
        if await in_thread(read_list, path) != frames:
            await in_thread(write, path, content)
        file, sha256 = identity(await in_thread(path.lstat)), await sha256_of(path)
        frozen = await self._freezer.freeze(path, file, Known(sha256, len(content)))
        if frozen is None:
            return None
        told = _rate(rate) or _rate((first.params or {}).get("frameRate")) or self._rate
        look = replace(
            first,
            bytes=len(content),
            sha256=sha256,
            kind="image",
            duration=seconds(frames, told),
            frame_rate=told,
            frames=summary(frames, told),
        )
        return look, frozen


def _rate(value: object) -> float | None:
    """The rate that a recipe says, where that makes sense."""
    return float(value) if isinstance(value, int | float) and 0 < value <= HIGHEST else None


def _is_any_written(path: Path, listed: FrameList) -> bool:
    return any(is_written(path.parent / listed.name(path.name, frame)) for frame in listed.frames)


def _compare(listed: FrameList, found: Sequence[_Frame]) -> None:
    for before, one in zip(listed.frames, found, strict=True):
        if before != one.frame:
            raise Undecodable(f"frame {before.number}: it is not what the list of frames says")


async def _each(things: Sequence[T], do: Callable[[T], Awaitable[V]]) -> list[V]:
    """What comes of each, a few at a time; what the first of those raises that go wrong, where any does."""
    done: dict[int, V] = {}
    wrong: dict[int, Exception] = {}

    async def work(place: int) -> None:
        if wrong:
            return
        try:
            done[place] = await do(things[place])
        except Exception as error:  # noqa: BLE001 - it is raised below, in turn
            wrong[place] = error

    await for_each(range(len(things)), work, AT_ONCE)
    if wrong:
        raise wrong[min(wrong)]
    return [done[place] for place in range(len(things))]
