"""Overwrites: a take's file that is another one than it was. The old bytes come back, the new ones are a drop.

The two change places. Nothing is hashed unless a file differs, and then apart from all else.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import anyio
import structlog
from msgspec import Struct

from daemon.disk.leases import is_written
from daemon.disk.moving import move, separate
from daemon.protection.damage import IN_PLACE, NO_SPARE, Compared, Damage, not_read, trouble
from daemon.protection.known_files import KnownFiles
from daemon.protection.spares import Spares, is_same
from daemon.protection.swaps import Swaps, has_not_left, number, swaps
from daemon.shots.files import TakeMedia, media_of
from daemon.watching.mailbox import Mailbox
from events import Identity, Shot, TakeKey
from projections.artifacts.store import Store
from projections.board import Board
from projections.files.fingerprint import identity, is_written_over
from projections.files.hashing import sha256_of
from projections.files.modes import close_up
from projections.files.threads import in_thread
from projections.files.writing import sync
from projections.keeping import EVERYTHING, Keeping, NotKept

log = structlog.get_logger()

AT_ONCE = 2
"""Files that are compared at the same time: more would only have the disk jump between them."""


class Job(Struct, frozen=True):
    """A file that is to be compared with what the log says of that take's media."""

    media: TakeMedia
    file: Identity


class Overwrites:
    """Looks after the files of one project's takes. `noted` is called with a take whose file is known again.

    What cannot be read is tried again after so many seconds, `every`, and then ever more of them.
    """

    def __init__(
        self,
        root: Path,
        store: Store,
        spares: Spares,
        known_files: KnownFiles,
        mailbox: Mailbox,
        board: Board,
        noted: Callable[[TakeKey], None] = lambda _: None,
        every: float = 60.0,
        keeping: Keeping = EVERYTHING,
    ) -> None:
        self.damaged: dict[TakeKey, Damage] = {}
        self._every = every
        self._keeping = keeping
        self._mailbox = mailbox
        self._clock = mailbox.clock
        self._board = board
        self._root = root
        self._store = store
        self._swaps = Swaps(root, store)
        self._spares = spares
        self._known_files = known_files
        self._noted = noted
        self._compared: dict[TakeKey, Compared] = {}
        self._comparing: set[TakeKey] = set()
        self._left: dict[str, list[Path]] = {}
        self._jobs, self._to_do = anyio.create_memory_object_stream[Job](math.inf)

    async def open(self) -> None:
        """Find what a crash has left."""
        await self.find_left()
        if self._keeping is EVERYTHING:  # else it may be what another machine has on its way
            await in_thread(self._store.clear)

    async def find_left(self) -> None:
        """Find what was interrupted, here or on a machine that kept the film before."""
        self._left = await in_thread(swaps, self._store.work)

    async def run(self) -> None:
        """Compare strange files, for ever; the shot of each that was compared is to be looked at."""
        async with self._jobs, self._to_do, anyio.create_task_group() as group:
            for _ in range(AT_ONCE):
                group.start_soon(self._compare_all)

    def close(self) -> None:
        """Compare nothing, and never run."""
        self._jobs.close()
        self._to_do.close()

    def has_left(self, stream: str) -> bool:
        """Whether a crash has left something of that shot."""
        return stream in self._left

    @property
    def has_left_anything(self) -> bool:
        """The same of any shot."""
        return bool(self._left)

    def strange(
        self, files: Mapping[TakeKey, Identity | None], found: Mapping[int, Identity]
    ) -> list[TakeKey]:
        """The takes whose file is one that nobody knows, and of which nothing was said yet."""
        return [
            key
            for key in self._known_files.strange(files, found)
            if not self._is_told(key, found[key.number])
        ]

    def forget_damage(
        self, stream: str, files: Mapping[TakeKey, Identity | None], found: Mapping[int, Identity]
    ) -> None:
        """Forget the troubles of a shot's takes that are well by now, or hidden."""
        damaged = [key for key in self.damaged if key.stream == stream]
        strange = self._known_files.strange(files, found) if damaged else ()
        for key in [key for key in damaged if key not in strange]:
            del self.damaged[key]
            self._board.report("damage", str(key))

    def again(self, stream: str) -> Sequence[float]:
        """In how many seconds that shot's files are to be tried again that could not be read."""
        now = self._clock()
        mine = [one.again for key, one in self.damaged.items() if key.stream == stream]
        return [again - now for again in mine if now < again < math.inf]  # the others are being compared

    async def attend(self, media: TakeMedia, found: Identity) -> bool:
        """Deal with a take whose file is a strange one; False while it is being compared."""
        compared = self._compared.pop(media.key, None)
        if compared is None or compared.file != found:
            self._ask(media, found)
            return False
        if compared.spare:
            await self._swap(media, compared.spare)
        else:
            await self._give_up(media, compared)
        return True

    def written_over(self, failed: Mapping[int, Identity], found: Mapping[int, Identity]) -> list[int]:
        """The failed takes in the place of whose file something else has come."""
        return [
            number
            for number, before in failed.items()
            if number in found and is_written_over(found[number], before)
        ]

    async def move_out(self, path: str) -> None:
        """Have what came in the place of a failed take's file be a drop; nobody has the bytes that were there."""
        await in_thread(_move_out, self._root / path)
        log.info("failed take written over", path=path)

    async def link_instead(self, media: TakeMedia, base: Path, before: Identity) -> str | None:
        """Have a take's file be another name of that one, which holds the same; why not, where it does not."""
        shared = identity(await in_thread(base.lstat))
        # First: whoever looks meanwhile is to know it.
        await self._known_files.note(media.key, media.file, shared)
        with self._keeping.work(media.key.stream), self._recovered_if_it_fails(media):
            why = await in_thread(self._swaps.link_instead, media, base, before)
        if why is not None:
            await self._known_files.note(media.key, media.file, before)
        return why

    async def recover(self, shot: Shot) -> None:
        """Finish what a crash has interrupted in that shot."""
        for left in self._left.get(shot.stream, ()):
            take = shot.takes.get(number(left)) if await in_thread(left.exists) else None
            if take and (media := media_of(shot, take)):
                is_old = await sha256_of(left) == media.sha256
                if not is_old and await in_thread(has_not_left, self._root / media.path, left):
                    await in_thread(left.unlink)  # it is looked at again where it is
                else:
                    spare = await self._spares.of_absent(media.sha256, media.bytes, self._root / media.path)
                    await in_thread(partial(self._swaps.put_in_place, media, left, spare, is_old=is_old))
        self._left.pop(shot.stream, None)

    def _is_told(self, key: TakeKey, found: Identity) -> bool:
        told = self.damaged.get(key)
        return told is not None and told.file == found and self._clock() < told.again

    def _ask(self, media: TakeMedia, found: Identity) -> None:
        if media.key not in self._comparing:
            self._comparing.add(media.key)
            self._jobs.send_nowait(Job(media, found))

    async def _compare_all(self) -> None:
        async for job in self._to_do:
            try:
                with self._keeping.work(job.media.key.stream):
                    await self._compare(job)
            except (FileNotFoundError, NotKept):
                pass  # whoever looks next misses it, or compares it
            except OSError as error:
                self._compared[job.media.key] = not_read(job.file, error)
            finally:
                self._comparing.discard(job.media.key)
            self._mailbox.look_at(job.media.shot)

    async def _compare(self, job: Job) -> None:
        media, path = job.media, self._root / job.media.path
        sha256 = await sha256_of(path)
        if identity(await in_thread(path.lstat)) != job.file:
            return  # it is written on, and looked at once it rests
        if sha256 == media.sha256:
            if found := await in_thread(self._take_back, path, job):
                await self._known_files.note(media.key, media.file, found)
                self._noted(media.key)
            return
        self._compared[media.key] = await self._look_for_spare(path, job)

    def _take_back(self, path: Path, job: Job) -> Identity | None:
        """Have a file that holds what it should be as all takes are: read-only, and its bytes on the disk once.

        Which file it is then; None where it was changed meanwhile.
        """
        own: Identity | None = job.file
        media = job.media
        with suppress(OSError):  # it is whole, and that is what counts
            own = separate(path, job.file, self._store, media.sha256)
            close_up(path, below=self._store.root)
            if own is None or is_written(path) or identity(path.lstat()) != own:
                return None
            self._store.keep(path, media.sha256, media.bytes)
        found = identity(path.lstat())
        spare = self._store.find(media.sha256, media.bytes)
        return found if found == own or (spare and spare.samefile(path)) else None

    async def _look_for_spare(self, path: Path, job: Job) -> Compared:
        try:
            return Compared(job.file, await self._spares.find(job.media.sha256, job.media.bytes, path))
        except OSError as error:
            return not_read(job.file, error, "Its object")

    async def _give_up(self, media: TakeMedia, compared: Compared) -> None:
        """Say that those bytes are lost; a name in `objects/` that does not hold them any more is taken away."""
        key, path = media.key, media.path
        why = compared.why or await in_thread(self._forget_linked, media)
        for shot in await self._spares.linked(media.sha256, self._root / path):
            self._mailbox.look_at(shot)  # an edit of the one has reached the others
        found = trouble(path, why, compared, self.damaged.get(key), self._clock(), self._every)
        self.damaged[key] = found
        self._board.report("damage", str(key), f"{path} is not what it was. {why}.", hint=found.hint)
        log.warning("take is not what it was", shot=media.shot, take=key.number, why=why)

    def _forget_linked(self, media: TakeMedia) -> str:
        path, linked = self._root / media.path, self._store.path(media.sha256)
        if is_same(linked, path):
            self._store.forget(media.sha256)
            return IN_PLACE
        return IN_PLACE if path.lstat().st_nlink > 1 else NO_SPARE

    async def _swap(self, media: TakeMedia, spare: Path) -> None:
        left = self._swaps.left_by(media)
        linked = await self._spares.linked(media.sha256, self._root / media.path)
        await in_thread(self._forget_linked, media)
        with self._recovered_if_it_fails(media):
            old = await in_thread(self._swaps.change_places, media, spare, left)
            await self._known_files.note(media.key, media.file, old)
            self._noted(media.key)
            await in_thread(partial(self._swaps.put_in_place, media, left, None, is_old=False))
        for shot in linked:
            self._mailbox.look_at(shot)  # what has come here has come there, too
        log.info("take overwritten, and brought back", shot=media.shot, take=media.key.number)

    @contextmanager
    def _recovered_if_it_fails(self, media: TakeMedia) -> Iterator[None]:
        """Have what a call that failed leaves behind dealt with by the next look, as what a crash has left."""
        try:
            yield
        except OSError:
            self._left.setdefault(media.key.stream, []).append(self._swaps.left_by(media))
            raise


def _move_out(media: Path) -> None:
    takes = media.parent.parent
    move(media, takes, media.name)
    sync(takes)
    sync(media.parent)
