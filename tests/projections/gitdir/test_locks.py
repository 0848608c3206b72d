"""Git's locks: one that a killed daemon of ours left is removed by the next, and never one that may be somebody else's."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from projections.files.writing import written_beside
from projections.gitdir.locks import JOURNAL, Locks, _began
from projections.layout import OWN_FOLDER
from tests.projections.git.git_film import GitFilm, film
from tests.support.film import CODE

__all__ = ["film"]

DIES = """
import os, sys
from pathlib import Path
from projections.gitdir.locks import Locks
from projections.files.writing import written_beside

call, count, root, path = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), Path(sys.argv[4])

def dies(name, *args, **more):
    global count
    count -= name == call
    if not count:
        os._exit(9)

sys.addaudithook(lambda name, args: dies(name))
with written_beside(path, b"new\\n") as made:
    print(bool(Locks(root).put(made, path, lambda: True)))
"""
"""Puts a file of git's in place, and dies at a call to the system."""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A film with our own folder, and a file of git's beside it."""
    (tmp_path / "film" / OWN_FOLDER).mkdir(parents=True)
    (tmp_path / "index").write_text("old\n")
    return tmp_path / "film"


def killed(root: Path, call: str, count: int = 1) -> Path:
    """The lock, after a process that was to write the file has died at that call; it may be there."""
    path = root.with_name("index")
    command = [sys.executable, "-c", DIES, call, str(count), str(root), str(path)]
    done = subprocess.run(command, cwd=CODE, capture_output=True, text=True, check=False)
    assert done.returncode == 9, done.stderr + done.stdout
    return path.with_name("index.lock")


def names(root: Path) -> set[str]:
    return {one.name for one in root.parent.iterdir()} - {root.name}


@pytest.mark.parametrize(
    ("call", "is_locked"), [("os.link", False), ("os.remove", True), ("os.rename", True)]
)
def test_what_a_killed_daemon_leaves_is_removed(root: Path, call: str, *, is_locked: bool) -> None:
    lock = killed(root, call)
    assert lock.exists() == is_locked
    Locks(root).remove_left()
    assert names(root) == {"index"}
    assert root.with_name("index").read_text() == "old\n"


def test_what_was_put_in_place_is_not_taken_for_a_lock(root: Path) -> None:
    made, path = root.with_name("made"), root.with_name("index")
    made.write_text("new\n")
    put = Locks(root).put(made, path, lambda: True)
    assert put
    assert (put.st_ino, put.st_ctime_ns) == (path.stat().st_ino, path.stat().st_ctime_ns)
    forget_maker(root)
    Locks(root).remove_left()
    assert path.read_text() == "new\n"
    assert names(root) == {"index"}


def test_where_it_is_not_as_known_nothing_is_put_in_place(root: Path) -> None:
    made, path = root.with_name("made"), root.with_name("index")
    made.write_text("new\n")
    assert not Locks(root).put(made, path, lambda: False)
    assert path.read_text() == "old\n"
    assert not path.with_name("index.lock").exists()


@pytest.mark.parametrize("kind", ["another file", "written to", "made again"])
def test_a_lock_that_is_not_the_one_that_was_made_stays(root: Path, kind: str) -> None:
    lock = killed(root, "os.rename")
    if kind == "written to":
        with lock.open("a") as file:
            file.write("more")
    else:
        lock.unlink()
        lock.write_text("new\n" if kind == "made again" else "somebody's")
    before = lock.read_text()
    Locks(root).remove_left()
    assert lock.read_text() == before


def test_a_lock_whose_maker_is_alive_stays(root: Path) -> None:
    lock = killed(root, "os.rename")
    write_journal(root, pid=os.getppid(), started=_began(os.getppid()))
    Locks(root).remove_left()
    assert lock.exists()


def test_a_lock_whose_removal_the_disk_refuses_is_removed_at_the_next_try(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, lock, unlink = root.with_name("index"), root.with_name("index.lock"), Path.unlink

    def refused(file: Path, *, missing_ok: bool = False) -> None:
        if file == lock:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        unlink(file, missing_ok=missing_ok)

    with monkeypatch.context() as full, written_beside(path, b"new\n") as made:
        full.setattr(Path, "unlink", refused)
        with pytest.raises(OSError, match="No space left"):
            Locks(root).put(made, path, lambda: False)
    assert lock.exists()
    with written_beside(path, b"new\n") as made:
        assert Locks(root).put(made, path, lambda: True)
    assert path.read_text() == "new\n"
    assert not lock.exists()


def test_a_lock_that_this_process_has_stays(root: Path) -> None:
    path, lock = root.with_name("index"), root.with_name("index.lock")

    def is_there() -> bool:
        Locks(root).remove_left()
        return lock.exists()

    with written_beside(path, b"new\n") as made:
        assert Locks(root).put(made, path, is_there)


def test_the_number_of_a_process_that_another_one_has_by_now_tells_nothing(root: Path) -> None:
    lock = killed(root, "os.rename")
    write_journal(root, pid=os.getpid())  # but not the time at which it began
    Locks(root).remove_left()
    assert not lock.exists()


@pytest.mark.parametrize("content", [b"", b"{", b"[" * 100_000, b'{"lock": 3}', b"\xff"])
def test_a_journal_that_makes_no_sense_removes_nothing(root: Path, content: bytes) -> None:
    lock = killed(root, "os.rename")
    (root / OWN_FOLDER / JOURNAL).write_bytes(content)
    Locks(root).remove_left()
    assert lock.exists()


def test_a_journal_names_no_file_but_a_lock(root: Path) -> None:
    killed(root, "os.rename")
    write_journal(root, lock=str(root.with_name("index.lock").rename(root.with_name("mine"))))
    Locks(root).remove_left()
    assert root.with_name("mine").exists()


def test_a_disk_without_links_has_the_lock_all_the_same(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("projections.gitdir.locks.link", lambda *_: False)
    made, path, lock = (root.with_name(name) for name in ("made", "index", "index.lock"))
    made.write_text("new\n")

    def is_as_known() -> bool:
        return lock.exists()

    assert Locks(root).put(made, path, is_as_known)
    assert path.read_text() == "new\n"
    assert not lock.exists()


@pytest.mark.parametrize("name", ["index", "refs/heads/main"])
def test_takes_are_staged_and_committed_in_spite_of_a_lock_that_we_left(film: GitFilm, name: str) -> None:
    film.git("commit", "--quiet", "--allow-empty", "-m", "begin")
    path = film.root / ".git" / name
    path.touch()
    command = [sys.executable, "-c", DIES, "os.rename", "1", str(film.root), str(path)]
    assert subprocess.run(command, cwd=CODE, check=False).returncode == 9
    assert path.with_name(f"{path.name}.lock").exists()
    film.take(1)
    assert not film.stage(commit=True)
    assert film.git.subjects() == ["take_001 of 001_Dawn", "begin"]
    assert film.git("status", "--porcelain") == ""


def write_journal(root: Path, **changed: object) -> None:
    path = root / OWN_FOLDER / JOURNAL
    path.write_text(json.dumps({**json.loads(path.read_text()), **changed}) + "\n")


def forget_maker(root: Path) -> None:
    """Have the journal name a process that is not there."""
    write_journal(root, started="another start of the machine")
