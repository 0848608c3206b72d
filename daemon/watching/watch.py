"""The watch: tells which folders of a project something happened in, as soon as it happens.

What it says are hints. It may say too much or too little; where it knows that it missed something it says
so, and correctness never rests on it.
"""

import os
import sys
import threading
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Protocol

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

from daemon.disk.mounts import remote_filesystem
from daemon.watching.mailbox import Mailbox

if sys.platform.startswith("linux"):
    from watchdog.observers.inotify_c import (
        CallbackId,
        InotifyConstants,
        InotifyEvent,
        InotifyFD,
        Mask,
        WatchDescriptor,
    )


class Watch(Protocol):
    """Watches the folders that it is given."""

    mode: str
    problem: str

    def arm(self, folder: str) -> None:
        """Watch that folder, relative to the project, from now on; watching it twice is once."""

    @property
    def folders(self) -> int:
        """How many folders are watched."""

    def is_well(self) -> bool:
        """Whether it still hears anything."""

    def close(self) -> None:
        """Stop."""


class NoWatch:
    """Hears nothing: drops are found by scanning."""

    mode = "scanning"
    folders = 0

    def __init__(self, problem: str = "") -> None:
        self.problem = problem

    def arm(self, folder: str) -> None:
        """Watch nothing."""

    def is_well(self) -> bool:
        return True

    def close(self) -> None:
        """Nothing to stop."""


def open_watch(root: Path, mailbox: Mailbox) -> Watch:
    """The best watch for that folder on this system."""
    if kind := remote_filesystem(root):
        return NoWatch(f"{root} lies on {kind}, which tells nobody of changes made elsewhere")
    try:
        return LinuxWatch(root, mailbox) if sys.platform.startswith("linux") else AnyWatch(root, mailbox)
    except OSError as error:
        return NoWatch(f"watching is not possible: {error.strerror or error}")


if sys.platform.startswith("linux"):
    _MASK = Mask(
        InotifyConstants.IN_CREATE
        | InotifyConstants.IN_CLOSE_WRITE
        | InotifyConstants.IN_MOVED_TO
        | InotifyConstants.IN_MOVED_FROM
        | InotifyConstants.IN_DELETE
        | InotifyConstants.IN_DONT_FOLLOW
        | InotifyConstants.IN_ONLYDIR
        | InotifyConstants.IN_EXCL_UNLINK
    )

    class LinuxWatch:
        """Watches folder by folder with watchdog's inotify reader.

        Its emitters would watch every take folder too, which costs a large film 100 MB, and hold all events
        back for half a second behind each file that we move out of a watched folder.
        """

        mode = "watching"

        def __init__(self, root: Path, mailbox: Mailbox) -> None:
            self.problem = ""
            self._root = os.fsencode(root)
            self._mailbox = mailbox
            self._lock = threading.Lock()
            self._folders: dict[WatchDescriptor, str] = {}
            self._descriptors: dict[str, tuple[WatchDescriptor, CallbackId]] = {}
            self._ids = map(CallbackId, count())  # a folder that moved may be armed twice for a moment
            self._reader = InotifyFD()
            self._reader.start()

        def arm(self, folder: str) -> None:
            with self._lock:  # an event that comes at once waits until its folder is known
                if folder in self._descriptors:
                    return
                path = self._root + b"/" + os.fsencode(folder)
                id_ = next(self._ids)
                try:
                    descriptor = self._reader.add_callback(path, _MASK, self, id_)
                except (FileNotFoundError, NotADirectoryError):
                    return
                except OSError as error:
                    self._fail(error)
                    return
                if descriptor == -1:  # it may not be read: the next scan tries again
                    self._reader.remove_callbacks([(descriptor, id_)])
                    return
                self._folders[descriptor] = folder
                self._descriptors[folder] = descriptor, id_

        def _fail(self, error: OSError) -> None:
            self.mode = "scanning"
            self.problem = (
                f"{error.strerror}: {len(self._folders)} folders are watched and no more; "
                "allow more with `sysctl fs.inotify.max_user_watches=1048576`"
            )

        @property
        def folders(self) -> int:
            return len(self._folders)

        def is_well(self) -> bool:
            return self._reader.is_alive()

        def close(self) -> None:
            self._reader.stop()
            self._reader.join()

        def on_event(self, event: InotifyEvent) -> None:
            """Called by the reader, on its thread, for each event."""
            with self._lock:
                folder = self._folders.get(event.wd)
            if folder is None or not event.name:
                return
            name = os.fsdecode(event.name)
            if event.is_directory and event.is_moved_from:
                self._forget(f"{folder}/{name}" if folder else name)
            self._mailbox.happened(
                folder,
                name,
                is_folder=event.is_directory,
                moved_in=event.is_moved_to,
                gone=event.is_moved_from or event.is_delete,
            )

        def _forget(self, moved: str) -> None:
            """Stop watching a folder that moved, and all below it: the kernel goes on under the old path."""
            with self._lock:
                gone = {f for f in self._descriptors if f == moved or f.startswith(f"{moved}/")}
                callbacks = [self._descriptors.pop(folder) for folder in gone]
                for descriptor, _ in callbacks:
                    if self._folders.get(descriptor) in gone:  # else it is armed under its new path already
                        del self._folders[descriptor]
            self._reader.remove_callbacks(callbacks)

        def on_watch_deleted(self, wd: WatchDescriptor) -> None:
            """Called by the reader when a watched folder is gone."""
            with self._lock:
                folder = self._folders.pop(wd, None)
                if folder is not None and self._descriptors.get(folder, (None,))[0] == wd:
                    del self._descriptors[folder]

        def on_queue_overflow(self) -> None:
            """Called by the reader when the kernel dropped events; one may have said that a folder moved."""
            with self._lock:
                callbacks = list(self._descriptors.values())
                self._descriptors.clear()
                self._folders.clear()
            self._reader.remove_callbacks(callbacks)
            self._mailbox.lost("the kernel's queue overflowed")


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


class AnyWatch(FileSystemEventHandler):
    """Watches whole trees with watchdog's observer, where the system has one for that."""

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
