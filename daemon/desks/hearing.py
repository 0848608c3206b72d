"""Hearing: whoever keeps a film looks at once where a desk has seen something."""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from daemon.watching.mailbox import Mailbox, Told
from events import TakesError
from events.store.postgres.desks import Hint, Hints
from projections.files.threads import in_thread
from projections.index.index import Index
from projections.keeping import Keeping
from projections.layout import shot_of_takes


async def hear(root: Path, hints: Hints, mailbox: Mailbox, index: Index, keeping: Keeping) -> None:
    """Have the shots looked at of which desks tell, for ever.

    One that is not known yet is looked for by whoever keeps the film; what was told of it counts then, too.
    """
    while True:
        await hints.told.wait()
        with suppress(OSError, TakesError):
            await _heed(root, await hints.take(), mailbox, index, keeping)


async def _heed(root: Path, hints: Iterable[Hint], mailbox: Mailbox, index: Index, keeping: Keeping) -> None:
    told, shots = dict[str, Told](), set[str]()
    for hint in hints:
        path = shot_of_takes(hint.folder) or ""
        row = await index.shot_at(path)
        if hint.name:
            told[f"{hint.folder}/{hint.name}"] = Told(hint.moved, hint.size, hint.mtime_ns)
        if row is None:
            if path and keeping.keeps_film and await in_thread(_is_in, root, path):
                folder, _, name = path.rpartition("/")
                mailbox.happened(folder, name, is_folder=True)
            continue
        if not keeping.keeps(row.stream):
            continue
        shots.add(row.path)
        if hint.moved and await in_thread((root / hint.folder / hint.name).is_dir):
            mailbox.happened(hint.folder, hint.name, is_folder=True, moved_in=True)
    mailbox.tell(told, shots)


def _is_in(root: Path, path: str) -> bool:
    """Whether that path leads into the film and nowhere else: it is what somebody at another machine has said."""
    return (root / path).resolve() == Path(f"{root.resolve()}/{path}")
