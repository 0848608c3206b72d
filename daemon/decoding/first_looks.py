"""First looks: all that a file is asked when it comes, by one child or two, so that it is read and decoded once."""

from asyncio import gather
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
from msgspec import structs

from daemon.decoding.lending import lent_as_found, lent_each
from daemon.decoding.pool import Pool
from daemon.decoding.visits import Passing, Said, Visit, visit_each
from daemon.decoding.ways import Way
from events import Identity
from projections.media.errors import Undecodable
from projections.media.jobs import MOST_FILES, Answer, DecoderJob, Inspection, Step

LABELS = 1.0
"""Seconds that the labels of a file may take to be read."""

ONCE = ".exr"
"""How the name of a file ends whose look unpacks all that its picture is made of: both are asked of one child."""

LARGE = 1 << 20
"""Bytes of a file that two children share the work on, where nobody else has any."""


class FirstLooks:
    """Looks into files that have come, on that way; `killed` is called where a child has not outlived its look.

    What a look finds out in passing is kept for whoever asks for it by the hash: pictures in `drawn`, how loud a sound is
    in `heard`.
    """

    def __init__(self, pool: Pool, way: Way, killed: Callable[[], object]) -> None:
        self.drawn, self.heard = Passing(), Passing()
        self._pool = pool
        self._way = way
        self._killed = killed

    async def inspect(self, path: Path, name: str, *, draw: bool) -> Inspection:
        """Probe and hash a file, and read its parameters last; with `draw` it goes on to the picture and the loudness.

        NeedsMore where it takes more than a first look has.
        """
        async with (
            self._way.turn() as begun,
            lent_as_found(path) as (file, found),
            self._lent_again(path, found) as again,
        ):
            visits = self._visits(file, again, name, draw=draw)
            begun.extend(visits.values())
            try:
                look, _ = await visits["look"].answer("look")
                hashed, _ = await visits["hash"].answer("hash")
                labels = await labels_told(visits["labels"].answer("labels"))
            except BaseException:
                for visit in visits.values():
                    visit.give_up()
                raise
        seen = msgspec.convert({**look.values, **hashed.values, **labels}, Inspection)
        if draw:
            self.drawn.expect(seen.sha256, visits["picture"])
        if draw and seen.channels:
            self.heard.expect(seen.sha256, visits["loudness"])
        return seen

    async def inspect_each(self, files: Sequence[tuple[Path, str]]) -> list[Inspection | None]:
        """The same of small files, each with its name, of which one child looks into many and draws them; None for each
        that has not told all that: it is to be looked into alone.
        """
        parts = [files[start : start + MOST_FILES] for start in range(0, len(files), MOST_FILES)]
        return [one for part in await gather(*map(self._inspect_part, parts)) for one in part]

    async def _inspect_part(self, files: Sequence[tuple[Path, str]]) -> list[Inspection | None]:
        lane, names = self._way.lane, [name for _, name in files]
        async with self._way.line, lent_each([path for path, _ in files]) as opened:
            said = await visit_each(self._pool, lane, opened, names, self._killed)
        return [one and self._seen(one) for one in said]

    def _seen(self, said: Said) -> Inspection:
        """What was told of a file that was drawn, too: the picture is for whoever asks for it by the media."""
        seen = msgspec.convert(said.told.values, Inspection)
        self.drawn.expect(seen.sha256, said)
        return seen

    @asynccontextmanager
    async def _lent_again(self, path: Path, file: Identity) -> AsyncIterator[int | None]:
        """A large file opened once more, where two cores are free for it: two that read the same opening would read
        what the other has sought.
        """
        if self._pool.threads < 2 or file.size < LARGE:
            yield None
            return
        async with lent_as_found(path) as (again, found):
            yield again if found == file else None

    def _visits(self, file: int, again: int | None, name: str, *, draw: bool) -> dict[Step, Visit]:
        """By what is asked of a file, the visit in which it is; where that is open twice, there are two."""
        limit, most = self._way.lane.limit, self._pool.most(self._way.lane)
        look, hashed = DecoderJob(do="look", limit=limit), DecoderJob(do="hash")
        labels = DecoderJob(do="labels", name=name, limit=min(LABELS, limit))
        picture = [DecoderJob(do="picture", limit=most)] if draw else []
        heard = [DecoderJob(do="loudness", limit=limit)] if draw else []
        parts = [(file, [look, hashed, labels, *picture, *heard])]
        if again is not None:
            alone = [structs.replace(one, threads=self._pool.threads) for one in picture]
            parts = [(file, [look, labels, *heard]), (again, [hashed, *alone])]
            if name.lower().endswith(ONCE):
                parts = [(file, [look, labels, *alone]), (again, [hashed])]
        visits: dict[Step, Visit] = {}
        for opened, jobs in parts:
            visit = Visit(self._pool, self._way.lane, jobs, opened, self._killed)
            visits |= {job.do: visit for job in jobs}
        return visits


async def labels_told(asked: Awaitable[tuple[Answer, bytes]]) -> dict[str, object]:
    """The parameters that a file is labelled with; whatever they are, they cost nothing but themselves."""
    try:
        answer, _ = await asked
    except Undecodable as error:
        return {"unread": error.reason}
    return answer.values
