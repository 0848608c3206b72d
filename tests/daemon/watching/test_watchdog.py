"""What the watch on Linux leans on in watchdog, which promises none of it: a release that changes it is told of.

Nothing of ours is imported here, so that this is told even where a release is gone too far for that.
"""

import ast
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.metadata import version
from inspect import signature
from pathlib import Path
from queue import Queue
from time import monotonic
from typing import Any

import pytest

from tests.support.deadline import DEADLINE

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="inotify is Linux's")

WATCH = Path(__file__).parent.parent.parent.parent / "daemon" / "watching" / "inotify.py"
MODULE = "watchdog.observers.inotify_c"
HELD = 0.4
"""Seconds; watchdog's own observers hold an event back for half a second."""


@contextmanager
def leaning_on(what: str) -> Iterator[None]:
    """Whatever goes wrong in here is told as a change of watchdog's."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - it is told in words, whatever it is
        pytest.fail(
            f"daemon/watching/inotify.py leans on this: {what}. In watchdog {version('watchdog')} it is not so:"
            f" {error!r}. Mend that module, or keep the release out in pyproject.toml.",
            pytrace=False,
        )


class Recorder:
    """What the reader has called back, in turn."""

    def __init__(self) -> None:
        self.told: Queue[tuple[str, Any]] = Queue()
        self.may_go_on = threading.Event()
        self.may_go_on.set()

    def on_event(self, event: Any) -> None:
        self.told.put(("event", event))
        self.may_go_on.wait(DEADLINE)

    def on_watch_deleted(self, wd: int) -> None:
        self.told.put(("deleted", wd))

    def on_queue_overflow(self) -> None:
        self.told.put(("overflow", None))

    def next(self, kind: str) -> Any:
        """What it tells next of that kind."""
        while True:
            found, what = self.told.get(timeout=DEADLINE)
            if found == kind:
                return what


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def reader(recorder: Recorder) -> Iterator[Any]:
    with leaning_on("InotifyFD() is a thread with start, stop, join and is_alive"):
        one = import_module(MODULE).InotifyFD()
        one.start()
        assert one.is_alive()
    try:
        yield one
    finally:
        recorder.may_go_on.set()
        with leaning_on("InotifyFD.stop() ends its thread"):
            one.stop()
            one.join(DEADLINE)
            assert not one.is_alive()


def mask(*names: str) -> Any:
    inotify_c = import_module(MODULE)
    value = 0
    for name in names:
        value |= getattr(inotify_c.InotifyConstants, f"IN_{name}")
    return inotify_c.Mask(value)


ALL = ("CREATE", "CLOSE_WRITE", "MOVED_TO", "MOVED_FROM", "DELETE", "DONT_FOLLOW", "ONLYDIR", "EXCL_UNLINK")


def test_all_that_the_watch_imports_is_there() -> None:
    tree = ast.parse(WATCH.read_text("utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module == MODULE]
    names = {alias.name for node in imports for alias in node.names}
    constants = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "InotifyConstants"
    }
    assert names
    assert constants
    with leaning_on(f"{MODULE} has {', '.join(sorted(names | constants))}"):
        inotify_c = import_module(MODULE)
        for name in names:
            getattr(inotify_c, name)
        for name in constants:
            getattr(inotify_c.InotifyConstants, name)


def test_the_reader_takes_what_the_watch_gives_it() -> None:
    with leaning_on("InotifyFD.add_callback(path, mask, callback, id) and .remove_callbacks([(wd, id)])"):
        reader = import_module(MODULE).InotifyFD
        signature(reader).bind()
        signature(reader.add_callback).bind(reader, b"/", 0, None, 0)
        signature(reader.remove_callbacks).bind(reader, [(1, 0)])


def test_the_reader_tells_what_happens_in_a_folder_at_once(
    reader: Any, recorder: Recorder, tmp_path: Path
) -> None:
    with leaning_on(
        "an event has wd, name (bytes) and is_directory, is_moved_to, is_moved_from and is_delete"
    ):
        wd = reader.add_callback(os.fsencode(tmp_path), mask(*ALL), recorder, 0)
        (tmp_path / "folder").mkdir()
        (tmp_path / "folder").rename(tmp_path / "renamed")
        (tmp_path / "renamed").rmdir()
        told = [recorder.next("event") for _ in range(4)]
        assert [event.wd for event in told] == [wd] * 4
        assert [event.name for event in told] == [b"folder", b"folder", b"renamed", b"renamed"]
        assert all(event.is_directory for event in told)
        assert [event.is_moved_from for event in told] == [False, True, False, False]
        assert [event.is_moved_to for event in told] == [False, False, True, False]
        assert [event.is_delete for event in told] == [False, False, False, True]


def test_the_reader_holds_no_event_back_behind_a_file_that_was_moved_out(
    reader: Any, recorder: Recorder, tmp_path: Path
) -> None:
    watched = tmp_path / "watched"
    watched.mkdir()
    times = []
    with leaning_on(f"what follows a file that was moved out is told within {HELD} s"):
        reader.add_callback(os.fsencode(watched), mask("CREATE", "MOVED_FROM"), recorder, 0)
        for number in range(5):  # a busy machine is slow now and then
            (watched / f"a{number}").mkdir()
            recorder.next("event")
            began = monotonic()
            (watched / f"a{number}").rename(tmp_path / f"a{number}")
            (watched / f"b{number}").mkdir()
            told = [recorder.next("event").name.decode() for _ in range(2)]
            assert told == [f"a{number}", f"b{number}"]
            times.append(monotonic() - began)
        assert min(times) < HELD


def test_the_reader_tells_when_the_kernel_dropped_something(
    reader: Any, recorder: Recorder, tmp_path: Path
) -> None:
    most = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text("ascii"))
    with leaning_on("on_queue_overflow is called where the kernel's queue overflowed"):
        reader.add_callback(os.fsencode(tmp_path), mask(*ALL), recorder, 0)
        recorder.may_go_on.clear()
        for number in range(most + 5000):
            os.close(os.open(tmp_path / "ab"[number % 2], os.O_WRONLY | os.O_CREAT))
        recorder.may_go_on.set()
        recorder.next("overflow")


def test_the_reader_tells_when_a_folder_is_gone_and_takes_it_again(
    reader: Any, recorder: Recorder, tmp_path: Path
) -> None:
    folder = tmp_path / "folder"
    with leaning_on("on_watch_deleted is called where a watched folder is gone, which can be watched again"):
        folder.mkdir()
        wd = reader.add_callback(os.fsencode(folder), mask(*ALL), recorder, 0)
        folder.rmdir()
        assert recorder.next("deleted") == wd
        folder.mkdir()
        assert reader.add_callback(os.fsencode(folder), mask(*ALL), recorder, 1) >= 0


def test_a_folder_whose_callbacks_are_removed_is_watched_no_more(
    reader: Any, recorder: Recorder, tmp_path: Path
) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    with leaning_on(
        "a folder is not told of after its callbacks were removed; to remove them twice is no error"
    ):
        wd = reader.add_callback(os.fsencode(tmp_path / "one"), mask(*ALL), recorder, 0)
        reader.add_callback(os.fsencode(tmp_path / "two"), mask(*ALL), recorder, 1)
        reader.remove_callbacks([(wd, 0)])
        reader.remove_callbacks([(wd, 0)])
        (tmp_path / "one" / "a").mkdir()
        (tmp_path / "two" / "b").mkdir()
        assert recorder.next("event").name == b"b"


def test_the_reader_refuses_what_is_no_folder(reader: Any, recorder: Recorder, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for name, error in (("absent", FileNotFoundError), ("file", NotADirectoryError)):
        with leaning_on(f"add_callback raises {error.__name__} for a path that is {name}"):
            try:
                reader.add_callback(os.fsencode(tmp_path / name), mask(*ALL), recorder, 0)
            except error:
                continue
            raise AssertionError("nothing was raised")
