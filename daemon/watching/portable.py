"""The watch on other systems: whole trees, with the observer that watchdog has for the system."""

import os
import threading
from contextlib import suppress
from pathlib import Path

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import ObservedWatch

from daemon.watching.mailbox import Mailbox

_HEARD: list[type[FileSystemEvent]] = [
    FileCreatedEvent,
    FileClosedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileDeletedEvent,
    DirCreatedEvent,
    DirMovedEvent,
    DirDeletedEvent,
]


class PortableWatch(FileSystemEventHandler):
    """Watches whole trees by their top folders."""

    mode = "watching"

    def __init__(self, root: Path, mailbox: Mailbox) -> None:
        self.problem = ""
        self._root = root
        self._mailbox = mailbox
        self._lock = threading.Lock()
        self._armed: dict[str, ObservedWatch] = {}
        self._stale: set[str] = set()
        self._observer = Observer()
        self._observer.start()

    def arm(self, folder: str) -> None:
        top = folder.partition("/")[0]
        with self._lock:
            self._disarm_stale()
            if top not in self._armed:
                place, is_tree = str(self._root / top), bool(top)
                with suppress(FileNotFoundError, NotADirectoryError):
                    self._armed[top] = self._observer.schedule(
                        self, place, recursive=is_tree, event_filter=_HEARD
                    )

    def _disarm_stale(self) -> None:
        """Stop watching the trees that moved or went: the observer goes on under the old path, or not at all."""
        while self._stale:
            if watch := self._armed.pop(self._stale.pop(), None):
                self._observer.unschedule(watch)

    @property
    def folders(self) -> int:
        return len(self._armed)

    def is_well(self) -> bool:
        return self._observer.is_alive()

    def close(self) -> None:
        self._observer.stop()
        self._observer.join()

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Called by the observer, on its thread, for each event."""
        for path in filter(None, (event.src_path, event.dest_path)):
            folder, _, name = os.path.relpath(str(path), self._root).replace(os.sep, "/").rpartition("/")
            if event.is_directory and not folder:
                self._stale.add(name)
            moved = isinstance(event, FileMovedEvent)
            moved_in = moved and path == event.dest_path
            gone = isinstance(event, FileDeletedEvent) or (moved and not moved_in)
            self._mailbox.happened(folder, name, is_folder=event.is_directory, moved_in=moved_in, gone=gone)
