"""Looking out: a machine sees what its user puts into the shots of a film that others keep, and tells them.

It looks into no folder but those that its user makes. What is not seen, or not told, is found by a scan of theirs.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath
from stat import S_ISDIR, S_ISREG

import anyio

from daemon.watching.mailbox import Mail, Mailbox
from daemon.watching.tree import Tree
from daemon.watching.watch import Watch
from events import EventLog, ShotMoved, ShotRegistered, TakesError
from events.log import follow
from events.store.postgres.desks import Hint, Hints
from projections.files.threads import in_thread
from projections.index.index import Index
from projections.keeping import Keeping
from projections.layout import shot_of_takes, takes_path


class LookOut:
    """The look-out of a desk over one film, or of a machine that keeps a part of it, over the rest."""

    def __init__(self, root: Path, mailbox: Mailbox, watch: Watch, hints: Hints, keeping: Keeping) -> None:
        self._root = root
        self._mailbox = mailbox
        self._watch = watch
        self._hints = hints
        self._keeping = keeping
        self._tree = Tree(root, watch.arm)

    async def run(self, log: EventLog, index: Index) -> None:
        """Tell what is seen, for ever."""
        async with anyio.create_task_group() as group:
            group.start_soon(self._watch_shots, log, index)
            while True:
                await self._mailbox.wait()
                mail = self._mailbox.collect()
                if mail.lost:  # with it go all watches
                    await in_thread(self._arm, [shot.path for shot in await index.shots()])
                seen = [*await in_thread(self._made, mail.trees), *await in_thread(list, self._seen(mail))]
                if hints := await self._for_others(seen, index):
                    with suppress(TakesError):  # then a scan finds it
                        await self._hints.give(hints)

    async def _for_others(self, seen: Sequence[Hint], index: Index) -> list[Hint]:
        """What of that is in shots that others keep, or that whoever looks for new ones is to hear of."""
        rows = {
            folder: await index.shot_at(shot_of_takes(folder) or "")
            for folder in {one.folder for one in seen}
        }
        keeps = self._keeping.keeps
        ours = {one for one, row in rows.items() if (keeps(row.stream) if row else self._keeping.keeps_film)}
        return [one for one in seen if one.folder not in ours]

    async def _watch_shots(self, log: EventLog, index: Index) -> None:
        """Watch every shot that there is and will be."""
        known, after = [shot.path for shot in await index.shots()], index.seen.level
        await in_thread(self._arm, known)
        async for record in follow(log, after):
            if isinstance(record.event, ShotRegistered | ShotMoved):
                await in_thread(self._arm, [record.event.path])

    def _made(self, folders: Iterable[str]) -> list[Hint]:
        """The shots in folders that were made, which are watched from then on, with all folders in them."""
        made = list[Hint]()
        with suppress(OSError):
            made += (Hint.of_shot(takes_path(shot.path)) for one in folders for shot in self._tree.shots(one))
        return made

    def _arm(self, shots: Iterable[str]) -> None:
        """Watch these shots, and the folders that they lie in: one that is made there may be a shot, too."""
        for shot in shots:
            for folder in [str(one) for one in PurePosixPath(shot).parents] + [shot, takes_path(shot)]:
                self._watch.arm("" if folder == "." else folder)

    def _seen(self, mail: Mail) -> Iterator[Hint]:
        """The files and folders that lie in a shot by now, as they are."""
        for path in mail.moved | mail.closed:
            folder, _, name = path.rpartition("/")
            if shot_of_takes(folder):
                with suppress(OSError):
                    found = (self._root / path).lstat()
                    moved = path in mail.moved
                    if S_ISREG(found.st_mode) or (moved and S_ISDIR(found.st_mode)):
                        yield Hint(folder, name, moved, found.st_size, found.st_mtime_ns)
