"""The decoders: one film's way to the pool that looks into media files; each file is opened here, and lent."""

import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import Literal

import anyio
import msgspec
from msgspec import structs

from daemon.decoding.first_looks import LABELS, FirstLooks, labels_told
from daemon.decoding.lending import lent
from daemon.decoding.pool import LIMIT, MOST_THREADS, REST, Lane, Pool
from daemon.decoding.ways import Way, as_verdict
from events import Params
from projections.files.threads import in_thread
from projections.film import Thumbnail
from projections.layout import kind_of
from projections.media.drawing.told import Label, Sheet, encode
from projections.media.errors import NeedsMore, Undecodable
from projections.media.jobs import (
    Answer,
    DecoderJob,
    Drawing,
    Greeting,
    Inspection,
    Piece,
    Render,
    Size,
)

Look = Literal["first", "patient"]

LOUDNESS = 10.0
"""Seconds that the measuring of a sound may take."""

RECIPE = 5.0
"""Seconds that a recipe may take: it can be sixteen times as large as a label."""

WITHOUT_CAGE = "Other systems than Linux have no such cage: have strangers' files looked into there."
if sys.platform == "linux":
    WITHOUT_CAGE = "Install libseccomp (sudo apt install libseccomp2), on a kernel with seccomp and Landlock."
"""What can be done where the cage has holes."""


@asynccontextmanager
async def open_decoders(
    parallel: int, *, limit: float = LIMIT, rest: float = REST
) -> AsyncIterator["Decoders"]:
    """Decoders that do so many jobs at a time; nothing is started before the first job."""
    pool = Pool(parallel, limit=limit, rest=rest)
    async with anyio.create_task_group() as group:
        group.start_soon(pool.rest_when_idle)
        try:
            yield Decoders(pool)
        finally:
            group.cancel_scope.cancel()
            with anyio.CancelScope(shield=True):
                await pool.end()


class Decoders:
    """Looks into files and draws thumbnails, each in a process that the file cannot get out of.

    Every film has decoders of its own, so that one whose disk hangs stands at the head of no other's line. `killed` is
    how many processes have not outlived a look: a first one has little time, and what takes more is looked at again.
    """

    def __init__(self, pool: "Pool") -> None:
        self.killed: Counter[Look] = Counter()
        self._pool = pool
        self._first = Way(anyio.CapacityLimiter(pool.parallel), pool.first)
        self._looks = FirstLooks(pool, self._first, self._note_killed)
        self._front = Way(anyio.CapacityLimiter(max(1, pool.parallel // 2)), pool.front)
        self._proxies = Way(anyio.CapacityLimiter(1), pool.proxies)
        self._last = Way(anyio.CapacityLimiter(max(1, pool.parallel // 2)), pool.last)

    def apart(self) -> "Decoders":
        """Decoders of the same pool, with lines of their own."""
        return Decoders(self._pool)

    async def inspect(
        self, path: Path, *, name: str, patient: bool = False, draw: bool = False
    ) -> Inspection:
        """Probe and hash a file, and read its parameters last; `name` is what its maker called it.

        NeedsMore where it takes more than a first look has; with `patient` it has all that there is, and waits for it.
        With `draw` a first look goes on to the thumbnail and the loudness, for whoever asks for these by the media.
        """
        if patient:
            return await self._inspect_patiently(path, name)
        return await self._looks.inspect(path, name, draw=draw)

    async def inspect_each(self, files: Sequence[tuple[Path, str]]) -> list[Inspection | None]:
        """The same of small files, each with its name, and their pictures; None for each that is to be looked into alone."""
        return await self._looks.inspect_each(files)

    async def inspect_as_it_is(self, path: Path, *, name: str) -> Inspection:
        """The same of a file that is taken whatever is in it: where nobody can look into it, its name tells the kind."""
        return await self._inspect_patiently(path, name, as_it_is=True)

    async def _inspect_patiently(self, path: Path, name: str, *, as_it_is: bool = False) -> Inspection:
        """What is hashed may take any time, and so is not asked of a child whose time is counted."""
        way = self._last
        async with way.line, lent(path) as file:
            try:
                answer, _ = await self._ask(way.lane, DecoderJob(do="look", limit=way.lane.limit), file)
                seen = answer.values
            except Undecodable as error:
                if not as_it_is:
                    raise
                seen = {"kind": kind_of(path.name), "refused": error.reason}
            with as_verdict(patient=True):
                hashed, _ = await self._ask(self._first.lane, DecoderJob(do="hash"), file)
            job = DecoderJob(do="labels", name=name, limit=min(LABELS, way.lane.limit))
            labels = await labels_told(self._ask(way.lane, job, file))
        return msgspec.convert({**seen, **hashed.values, **labels}, Inspection)

    async def loudness(self, path: Path, sha256: str) -> float | None:
        """How loud the sound of a file is, in LUFS; None where nothing is heard, or that cannot be measured.

        With the hash of what it holds it need not be read again where a look into that has gone on to it.
        """
        if visit := self._looks.heard.take(sha256):
            with suppress(NeedsMore, Undecodable, OSError):
                answer, _ = await visit.answer("loudness")
                return msgspec.convert(answer.values.get("loudness"), float | None)
        way = self._last
        try:
            async with way.line, lent(path) as file:
                limit = min(LOUDNESS, way.lane.limit)
                answer, _ = await self._ask(way.lane, DecoderJob(do="loudness", limit=limit), file)
        except Undecodable:
            return None
        return msgspec.convert(answer.values.get("loudness"), float | None)

    async def recipe(self, path: Path, *, name: str, patient: bool = False) -> Params:
        """The parameters in a recipe beside a file of that name; Undecodable where there are none, or NeedsMore."""
        way = self._last if patient else self._first
        job = DecoderJob(do="recipe", name=name, limit=min(RECIPE, way.lane.limit))
        async with way.line, lent(path) as file:
            answer, _ = await self._ask(way.lane, job, file)
        return msgspec.convert(answer.values["params"], Params)

    async def labels(self, path: Path, *, name: str) -> Params:
        """The parameters that a media file is labelled with; Undecodable where they cannot be read, or NeedsMore."""
        way = self._last
        job = DecoderJob(do="labels", name=name, limit=min(LABELS, way.lane.limit))
        async with way.line, lent(path) as file:
            answer, _ = await self._ask(way.lane, job, file)
        return msgspec.convert(answer.values.get("params") or {}, Params)

    async def render(self, path: Path, *, name: str) -> Render | None:
        """Which render a file came of that has others beside it; None where its labels say nothing of that."""
        way = self._first
        job = DecoderJob(do="render", name=name, limit=min(LABELS, way.lane.limit))
        try:
            async with way.line, lent(path) as file:
                answer, _ = await self._ask(way.lane, job, file)
        except (Undecodable, NeedsMore):
            return None
        return msgspec.convert(answer.values.get("render"), Render | None)

    async def picture(
        self, path: Path, sha256: str | None = None, *, width: int = 320, height: int = 180
    ) -> bytes:
        """The thumbnail of a file, as a PNG of exactly that size.

        With the hash of what it holds it need not be drawn where a look into that has gone on to it.
        """
        job = DecoderJob(do="picture", width=width, height=height)
        return (await self._thumbnail(path, sha256, job))[1]

    async def thumbnail(self, path: Path, sha256: str) -> Thumbnail:
        """That of a take whose media has this hash."""
        answer, png = await self._thumbnail(path, sha256, DecoderJob(do="picture"))
        return Thumbnail(png, str(answer.values["colour"]))

    async def _thumbnail(self, path: Path, sha256: str | None, job: DecoderJob) -> tuple[Answer, bytes]:
        if sha256 and (visit := self._looks.drawn.take(sha256)):
            try:
                return await visit.answer("picture")
            except NeedsMore:
                return await self._draw(self._last, path, job)
        return await self._draw(self._first, path, job)

    async def show(self, path: Path, job: DecoderJob) -> bytes:
        """The picture of a file that somebody is waiting to see: it does not queue behind a burst of drops."""
        return (await self._draw(self._front, path, job))[1]

    async def exposure(self, path: Path) -> float | None:
        """What the light in a file's thumbnail is multiplied by for a screen; None where it holds none."""
        async with self._last.line, lent(path) as file:
            job = DecoderJob(do="exposure", limit=self._last.lane.limit)
            answer, _ = await self._ask(self._last.lane, job, file)
        return msgspec.convert(answer.values["exposure"], float | None)

    async def join(self, paths: Sequence[Path], job: DecoderJob) -> bytes:
        """Pictures of these files side by side, each of the size that the job has, as one JPEG."""
        drawn = structs.replace(job, do="picture")
        with await in_thread(TemporaryFile) as file:
            for path in paths:
                picture = await self.show(path, drawn)
                await in_thread(file.write, len(picture).to_bytes(4, "big") + picture)
            await in_thread(file.flush)
            async with self._front.line:
                joined = structs.replace(job, do="join", limit=self._front.lane.limit)
                _, picture = await self._ask(self._front.lane, joined, file.fileno())
        return picture

    async def sheet(self, sheet: Sheet) -> bytes:
        """A contact sheet, drawn: a page of it as a PNG, or all as a PDF."""
        return await self._draw_told("sheet", encode(sheet))

    async def label(self, label: Label) -> bytes:
        """The label of a take in a reel, as a PNG."""
        return await self._draw_told("label", encode(label))

    async def _draw_told(self, what: Drawing, told: bytes) -> bytes:
        with TemporaryFile() as file:
            await in_thread(file.write, told)
            await in_thread(file.flush)
            async with self._last.line:
                job = DecoderJob(do=what, limit=self._last.lane.limit)
                _, drawn = await self._ask(self._last.lane, job, file.fileno())
        return drawn

    async def proxy(
        self, path: Path, size: Size, keep: Callable[[int, bytes, float], Awaitable[object]]
    ) -> None:
        """Have the proxy of a video made, no larger than that, and each piece of it kept.

        Called with where in it a piece is, its bytes, and how many seconds there are by now. Undecodable where there
        is none.
        """
        way, (width, height) = self._proxies, size
        threads = min(MOST_THREADS, self._pool.parallel)
        job = DecoderJob(do="proxy", limit=way.lane.limit, width=width, height=height, threads=threads)
        with as_verdict(patient=True):
            async with way.line, lent(path) as file, self._pool.child(way.lane) as child:
                child.lend((file, [job]))
                while True:
                    answer, piece = await child.answer()
                    answer.check()
                    if not answer.is_part:
                        return
                    await keep(answer.values["at"], piece, answer.values["seconds"])

    def begin(self, work: Coroutine[None, None, None]) -> None:
        """Have that done whether somebody waits for it or not, but not beyond the end of the decoders."""
        self._pool.begin(work)

    async def piece(self, path: Path | None, piece: Piece) -> bytes:
        """A piece of a reel, of the take in that file or of none; the first one with the head of a film."""
        lane = self._pool.reel
        job = DecoderJob(do="piece", limit=lane.limit, piece=piece)
        if path is None:
            with TemporaryFile() as nothing:
                _, made = await self._ask(lane, job, nothing.fileno())
        else:
            async with lent(path) as file:
                _, made = await self._ask(lane, job, file)
        return made

    async def _draw(self, way: Way, path: Path, job: DecoderJob) -> tuple[Answer, bytes]:
        try:
            async with way.line, lent(path) as file:
                given = structs.replace(job, limit=self._pool.most(way.lane), threads=self._pool.threads)
                return await self._ask(way.lane, given, file)
        except NeedsMore:
            return await self._draw(self._last, path, job)

    async def _ask(self, lane: Lane, job: DecoderJob, file: int) -> tuple[Answer, bytes]:
        """The answer to a job; NeedsMore where another lane has more for it, else Undecodable."""
        with as_verdict(patient=lane.is_patient):
            async with self._pool.child(lane) as child:
                child.lend((file, [job]))
                try:
                    answer, picture = await child.answer()
                finally:
                    self.killed["patient" if lane.is_patient else "first"] += child.owes
                answer.check()
                return answer, picture

    def _note_killed(self) -> None:
        self.killed["first"] += 1

    async def greeting(self) -> Greeting:
        """What a decoder says of itself."""
        async with self._pool.child(self._first.lane) as child:
            self._pool.greeting = child.greeting
        return child.greeting

    @property
    def holes(self) -> Sequence[str]:
        """What the last one has found that it could do all the same; nothing before the first."""
        return self._pool.greeting.holes if self._pool.greeting else ()

    @property
    def is_loaded(self) -> bool:
        """Whether the codecs are in memory."""
        return self._pool.is_loaded


def danger(holes: Sequence[str]) -> str:
    """What it means that a cage has those holes."""
    return f"a decoder that a file has taken over could {', '.join(holes)}"
