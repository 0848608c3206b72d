"""The watch on Linux: folder by folder, on watchdog's reader of inotify.

watchdog exports that reader nowhere, only observers built on it. It is used all the same, because of what the
observers cannot give us:

- Where the kernel drops events, they watch all anew and tell nobody. We must know, to look at everything.
- They watch a tree with all that is below it: every take folder too, which costs a large film 100 MB. To watch
  folder by folder instead, they need a thread for each.
- A file that is moved out of a watched folder, as every drop that becomes a take is, holds back all events
  behind it for half a second, in case it comes back in somewhere else.
- What they do when a folder is moved or made again, they do for themselves: some of them are never watched again.

This module alone leans on it. `tests/daemon/watching/test_watchdog.py` says what is gone or otherwise when a
release of watchdog changes it; until somebody has run that, `pyproject.toml` keeps the next ones out.
"""

import os
import threading
from itertools import count
from pathlib import Path

from watchdog.observers.inotify_c import (
    CallbackId,
    InotifyConstants,
    InotifyEvent,
    InotifyFD,
    Mask,
    WatchDescriptor,
)

from daemon.watching.mailbox import Mailbox

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
    """Watches folder by folder."""

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
            closed=event.is_close_write,
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
