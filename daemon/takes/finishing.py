"""The finishing: the takes whose numbers are given, each on its way to be complete or failed by one task.

Shots take turns, plain stills go together, and what takes long goes behind all that does not.
"""

import math
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from typing import NamedTuple, Protocol

import anyio

from daemon.intake.burst import is_plain
from daemon.takes.agenda import Agenda
from daemon.takes.retries import PASSED_ON, Retries
from daemon.turns import Turns
from daemon.watching.settling import AGAIN
from events import Shot, TakeKey
from projections.index.index import Index
from projections.keeping import EVERYTHING, Keeping
from projections.layout import take_name
from projections.media.errors import NeedsMore

AT_ONCE = 16
"""Tasks that finish takes at the same time."""

TOGETHER = 16
"""Takes that are finished together: nobody waits for more than so many others."""

FEW = 250
"""Takes of a shot that are to be finished, below which more of its drops are let in."""


class Finish(Protocol):
    """Has a take whose number is given be complete, or fail; False while somebody writes its file."""

    def __call__(self, stream: str, number: int, *, patient: bool) -> Awaitable[bool]: ...


class FinishEach(Protocol):
    """Does so with plain ones together; those that are finished then."""

    def __call__(self, keys: Sequence[TakeKey]) -> Awaitable[Sequence[TakeKey]]: ...


class Begun(NamedTuple):
    """A take whose number is given, of the shot at that path; whether it may be finished with others."""

    path: str
    key: TakeKey
    is_plain: bool


class Finishing:
    """Has the takes of one project finished; of those that take long half as many at a time as are looked into in `parallel`."""

    def __init__(
        self,
        finish: Finish,
        finish_each: FinishEach,
        agenda: Agenda,
        retries: Retries,
        index: Index,
        parallel: int,
        keeping: Keeping = EVERYTHING,
    ) -> None:
        self._finish_one = finish
        self._finish_each = finish_each
        self._agenda = agenda
        self._retries = retries
        self._index = index
        self._parallel = parallel
        self._keeping = keeping
        self._turns = Turns[Begun]()
        self._under_way: set[TakeKey] = set()
        self._crowded: set[str] = set()
        self._put_behind, self._behind = anyio.create_memory_object_stream[tuple[str, TakeKey]](math.inf)

    async def run(self) -> None:
        """Finish what is begun, for ever."""
        with self._put_behind, self._behind:
            async with anyio.create_task_group() as group:
                for _ in range(AT_ONCE):
                    group.start_soon(self._finish_what_is_begun)
                for _ in range(max(1, self._parallel // 2)):
                    group.start_soon(self._finish_what_needs_more)

    def close(self) -> None:
        """Finish nothing, and never run."""
        self._put_behind.close()
        self._behind.close()

    @property
    def under_way(self) -> int:
        """How many takes are to be finished."""
        return len(self._under_way)

    def waiting(self, stream: str) -> int:
        """How many takes of that shot wait for their turn."""
        return self._turns.waiting(stream)

    def resume(self, shot: Shot, numbers: Sequence[int]) -> None:
        """Have the takes finished whose files are there."""
        for number in numbers:
            key = TakeKey(shot.stream, number)
            if key not in self._under_way:
                self._under_way.add(key)
                self._turns.add(shot.stream, Begun(shot.path, key, is_plain(shot.takes[number])))

    def note_crowd(self, shot: Shot) -> bool:
        """More drops of that shot wait to be let in: once few of its takes are to be finished it is looked at again.

        False where that is so already.
        """
        if self.waiting(shot.stream) < FEW:
            return False
        self._crowded.add(shot.path)
        return True

    async def _finish_what_is_begun(self) -> None:
        while True:
            begun = await self._turns.some(TOGETHER, lambda one: one.is_plain)
            for path, key, _ in begun if self._crowded else ():
                if path in self._crowded and self.waiting(key.stream) < FEW:
                    self._crowded.discard(path)
                    self._agenda.look_soon(path)
            if len(begun) > 1:
                await self._finish_together(begun)
            else:
                await self._finish(begun[0].path, begun[0].key, patient=False)

    async def _finish_together(self, begun: Sequence[Begun]) -> None:
        """Finish plain ones together; each with which anything is wrong is done alone, where that is told."""
        done: Sequence[TakeKey] = ()
        with suppress(Exception), self._keeping.work(*{one.key.stream for one in begun}):
            done = await self._finish_each([one.key for one in begun])
        for one in begun:
            if one.key in done:
                self._note_finished(one.path, one.key)
            else:
                self._turns.add(one.key.stream, Begun(one.path, one.key, is_plain=False))

    async def _finish_what_needs_more(self) -> None:
        """Look into those that take long, behind all that do not."""
        async for path, key in self._behind:
            await self._finish(path, key, patient=True)

    async def _finish(self, path: str, key: TakeKey, *, patient: bool) -> None:
        try:
            with self._keeping.work(key.stream):
                is_done = await self._finish_one(*key, patient=patient)
        except NeedsMore:
            self._put_behind.send_nowait((path, key))
            return
        except PASSED_ON:
            self._agenda.look_soon(path, self._retries.pause)
        except Exception as error:  # noqa: BLE001 - one shot may hold up no other; it is told
            await self._try_again(path, key, error)
        else:
            self._note_finished(path, key)
            if not is_done:
                self._agenda.look_soon(path, AGAIN)
        self._under_way.discard(key)

    async def _try_again(self, path: str, key: TakeKey, error: Exception) -> None:
        shot = await self._index.shot(key.stream)
        if shot and shot.path != path:
            self._agenda.look_soon(shot.path)  # it moved meanwhile, and the take goes on there
        else:
            self._agenda.look_soon(path, await self._retries.note(_place_of(path, key), error))

    def _note_finished(self, path: str, key: TakeKey) -> None:
        self._retries.clear(_place_of(path, key))
        self._under_way.discard(key)


def _place_of(path: str, key: TakeKey) -> str:
    """Where what stands in the way of a take is told, of the shot at that path."""
    return f"{path}/{take_name(key.number)}"
