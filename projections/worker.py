"""The worker: runs one mender, at that one's own pace, on all that was touched since its last look."""

import math
from asyncio import get_running_loop
from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager

import anyio

from events import BriefEvent, Page, ShotMoved, Signal, TakeEvent, TakeKey, Watermark
from projections.absences import RETRY, Absences, Touched
from projections.files.threads import in_thread
from projections.files.writing import has_refused, sync_refused
from projections.film import Film
from projections.index.loading import ALL
from projections.index.rows import ShotTakes
from projections.projection import Away, Mender, Trouble

NOTED = 1.0
"""Seconds after which it is noted how far a mender has come that is not through with a burst: a start goes on from there."""

TURNS = 20
"""How often a mender that follows others lets them catch up with what has happened meanwhile."""


def touch(touched: Touched, stream: str, event: BriefEvent) -> None:
    """Note what the event happened to."""
    takes = touched.setdefault(stream, set())
    if isinstance(event, TakeEvent):
        takes.add(event.take)
    elif isinstance(event, ShotMoved):
        takes.add(ALL)


def touched_by(page: Page, after: int = 0) -> Touched:
    """What the records beyond that position happened to."""
    touched: Touched = {}
    for position, stream, _, _, event in page.entries():
        if position > after:
            touch(touched, stream, event)
    return touched


class Worker:
    """Runs one mender: gathers what was touched while that was at work, and has it look at all of it together.

    It looks at a thing when those that it follows have, or something stands in their way; then once more later.
    """

    def __init__(self, mender: Mender, film: Film, follows: Sequence["Worker"] = ()) -> None:
        self.mender = mender
        self.position = 0
        self.began = 0
        self.problems: Sequence[str] = ()
        self.at_work = anyio.Lock(fast_acquire=True)
        self._film = film
        self._touched: Touched = {}
        self._working: Touched = {}
        self._until = 0
        self._looking_at = 0
        self._saved = -math.inf
        self._more = Signal()
        self._hurry = Signal()
        self._looked = Watermark()
        self._shown = 0
        self._placed: dict[str, int] = {}
        self._steps = Watermark()
        self._not_right: set[str] = set()
        self._follows = follows
        self.followers: list[Worker] = []
        self.absences = Absences(mender.name, film)
        for other in follows:
            other.followers.append(self)

    async def load(self) -> int:
        """How far it had come when it last ran."""
        await self.absences.load()
        self.position = await self._film.index.position_of(self.mender.name, self.mender.version)
        self._until = self.began = self.position
        self._looked.rise(self.position)
        self._shown = self.position
        loop = get_running_loop()
        self.mender.placed = lambda streams: loop.call_soon_threadsafe(self._note_placed, streams)
        return self.position

    @property
    def is_at_rest(self) -> bool:
        """Whether it has done all that it knows of."""
        return not (self._touched or self._working or self.problems)

    def is_ours(self, stream: str) -> bool:
        """Whether it is to mend what that shot has, and nobody else does."""
        keeping = self._film.keeping
        return keeping.keeps(stream) if self.mender.apart else keeping.keeps_film

    def _work(self, streams: Collection[str]) -> AbstractContextManager[None]:
        keeping = self._film.keeping
        return keeping.work(*streams) if self.mender.apart else keeping.work_on_film()

    def position_in(self, stream: str) -> int:
        """How far it has come with that shot: 0 while the shot waits to be looked at, or for what is away."""
        return 0 if self.waits(stream) or self.absences.of(stream) else self._until

    def waits(self, stream: str) -> bool:
        """Whether that shot is still to be looked at."""
        return stream in self._touched or stream in self._working

    def add(self, page: Page, touched: Touched) -> None:
        """Have these records' shots and takes looked at, which are `touched` by all of them."""
        if page.positions[0] <= self.position:  # as at a start
            touched = touched_by(page, self.position)
        for stream, takes in touched.items():
            self._touched.setdefault(stream, set()).update(takes)
        self._until = max(self._until, page.positions[-1])
        if self._touched:
            self._more.give()

    def touch(self, stream: str, takes: Collection[int] = ()) -> None:
        """Have that shot looked at, and those takes of it, though nothing happened to them in the log."""
        self._touched.setdefault(stream, set()).update(takes)
        self._more.give()

    def touch_whole(self, streams: Collection[str]) -> None:
        """Have these shots looked at, every take of them."""
        for stream in streams:
            self._touched.setdefault(stream, set()).add(ALL)
        if streams:
            self._more.give()

    def touch_all(self, shots: Sequence[ShotTakes]) -> None:
        """The same, of these."""
        self.touch_whole([one.shot.stream for one in shots])

    async def start_anew(self) -> None:
        """Forget how far it has come, so that a rebuild that is cut short goes on at the next start."""
        self.position = 0
        await self._film.index.save_position(self.mender.name, self.mender.version, 0)

    def look_again(self, stream: str) -> None:
        """What was away of that shot may be back."""
        if takes := self.absences.of(stream):
            self.touch(stream, takes)

    def touch_what_is_away(self) -> None:
        """Have all that was away looked at again."""
        for stream, takes in self.absences.touched().items():
            self._touched.setdefault(stream, set()).update(takes)

    async def run(self) -> None:
        """Mend whatever is touched, for ever; after a problem, try again in a while."""
        while True:
            patience = RETRY if self.problems or self._touched else math.inf
            await self._more.wait(max(0.0, min(patience, self.absences.due - anyio.current_time())))
            if self.absences.due <= anyio.current_time():
                self.touch_what_is_away()
            async with self.at_work:
                await self.mend_all()
            await self._hurry.wait(self.mender.pause)

    async def _let_others_go_first(self) -> None:
        """Wait until those that it follows have done what the index says by now, but not through a whole burst."""
        for _ in range(TURNS):
            known = self._film.index.seen.level
            for other in self._follows:
                await other.look(known)
            if known == self._film.index.seen.level:
                return

    async def look(self, position: int) -> None:
        """Wait until it has looked at all up to there, though something may have stood in its way."""
        await self._looked.reach(position)

    async def show(self, stream: str, position: int) -> None:
        """Have it look at that shot without a pause; wait until it has looked at all up to there."""
        self._hurry.give()
        while self._shown < position and self._placed.get(stream, 0) < position:
            await self._steps.reach(self._steps.level + 1)

    def shows(self, stream: str, position: int) -> bool:
        """Whether that shot can be seen on the disk as the log had it at that position, or later."""
        is_right = self._shown >= position and stream not in self._not_right
        return is_right or self._placed.get(stream, 0) >= position

    def _note_placed(self, streams: Collection[str]) -> None:
        """These can be seen, and are not on the disk for good."""
        self._placed |= dict.fromkeys(streams, self._looking_at)
        self._steps.rise(self._steps.level + 1)

    def _note_shown(self) -> None:
        """It is through with all of them."""
        self._shown, self._placed = self._looking_at, {}
        self._steps.rise(self._steps.level + 1)

    async def mend_all(self) -> None:
        """Mend everything that is touched by now."""
        self._working = {stream: takes for stream, takes in self._touched.items() if self.is_ours(stream)}
        self._touched = {}
        self._looking_at = until = self._until
        if self._follows:
            await self._let_others_go_first()
        streams = list(self._working)
        chunk = self.mender.chunk
        parts = [streams[start : start + chunk] for start in range(0, len(streams), chunk)]
        self.problems = [problem for part in parts for problem in await self._mend_part(part)]
        self._note_shown()
        try:
            await self._save(until)
        except OSError as error:
            self.problems = [*self.problems, f"how far it has come cannot be noted: {error}"]
        self._working = {}
        self._film.board.report("projection", self.mender.name, *self.problems)
        self._film.board.report_failed_folders(self._film.root)
        self._looked.rise(until)

    async def _save(self, until: int) -> None:
        """Note what is away, and how far it has come, once the folders are on disk in which something was made."""
        if has_refused():
            await in_thread(sync_refused, self._film.root)
        await self._save_absences()
        if self.problems or self.absences.holds or until <= self.position:
            return
        if not self._touched or anyio.current_time() - self._saved >= NOTED:
            await self._film.index.save_position(self.mender.name, self.mender.version, until)
            self.position, self._saved = until, anyio.current_time()

    async def _save_absences(self) -> None:
        """Note what is away, and have those that follow look at what is there again."""
        for follower in self.followers if self.absences.back else ():
            await follower.look_at_last(self.absences.back)
        await self.absences.save()

    async def look_at_last(self, keys: Collection[TakeKey]) -> None:
        """Those that it follows are through with these only now."""
        self.absences.owe(keys)
        await self.absences.save()
        for stream, number in keys:
            self.touch(stream, {number})

    async def _mend_part(self, streams: Sequence[str]) -> list[str]:
        """Mend these shots; where something stands in the way, one by one, so that only those are tried again."""
        touched = {stream: self._working[stream] for stream in streams}
        found = await self._mend(touched)
        problems = [one for one in found if isinstance(one, str)]
        if any(other.problems for other in self._follows):
            for stream, takes in touched.items():  # once more, when those are through
                self._touched.setdefault(stream, set()).update(takes)
        if problems and self.mender.apart and len(streams) > 1:
            return [problem for stream in streams for problem in await self._mend_part([stream])]
        self._not_right.difference_update(touched)
        self._not_right.update(
            touched if problems else {one.stream for one in found if not isinstance(one, str)}
        )
        self.absences.note(touched, [one for one in found if isinstance(one, Away)], is_sure=not problems)
        if problems:
            for stream, takes in touched.items():
                self._touched.setdefault(stream, set()).update(takes)
        return problems

    async def _mend(self, touched: Touched) -> list[Trouble]:
        """Mend these; what stood in the way."""
        troubles: list[Trouble] = []
        try:
            with self._work(touched):
                async for page in self._film.index.pages(touched):
                    troubles += await self.mender.mend(self._film, page)
        except Exception as error:  # noqa: BLE001 - one mender may hold up no other; it is reported
            troubles.append(f"{type(error).__name__}: {error}")
        return troubles
