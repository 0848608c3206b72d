"""Reads: how often anybody lists a folder of a film, as whoever serves that film's disk sees it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from watchdog.observers.inotify_c import CallbackId, InotifyConstants, InotifyEvent, InotifyFD, Mask

MASK = Mask(InotifyConstants.IN_ACCESS | InotifyConstants.IN_OPEN)


class Reads:
    """Counts them, whichever process reads; a folder that comes later counts as long as the one above it was there."""

    def __init__(self) -> None:
        self.count = 0
        self.is_whole = True
        self._opened: set[tuple[int, bytes]] = set()

    def on_event(self, event: InotifyEvent) -> None:
        """Count the first read after a folder was opened: a second one only finds that there is no more.

        All of it is told in the folder itself, by no name, and in the one above, by its name, where it is heard.
        """
        if event.is_directory and event.name:
            folder = event.wd, event.name
            if event.is_open:
                self._opened.add(folder)
            elif folder in self._opened:
                self._opened.remove(folder)
                self.count += 1

    def on_watch_deleted(self, wd: int) -> None:
        """It makes no difference."""

    def on_queue_overflow(self) -> None:
        """The count is too low from here on."""
        self.is_whole = False


@contextmanager
def reads_of(root: Path) -> Iterator[Reads]:
    """Count those of the folders below that one; what is hidden is nobody else's business."""
    reads, reader = Reads(), InotifyFD()
    reader.start()
    try:
        for folder, below, _ in os.walk(root):
            below[:] = [name for name in below if not name.startswith(".")]
            reader.add_callback(os.fsencode(folder), MASK, reads, CallbackId(id(reads)))
        yield reads
    finally:
        reader.stop()
        reader.join()
