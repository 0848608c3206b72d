"""git's index: every version is read and written as git does, and what is not ours stays as it is."""

import hashlib
import os
import struct
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.gitdir.entry_bytes import Marks
from projections.gitdir.entry_heads import entry_head
from projections.gitdir.index import (
    GitIndex,
    IndexLocked,
    IndexUnusable,
    Known,
    read_index,
    write_index,
)
from projections.gitdir.locks import Locks
from projections.layout import OWN_FOLDER
from tests.e2e.repository import Git, begin
from tests.support.film import Film

BLOB = hashlib.sha1(b"blob 0\0", usedforsecurity=False).digest()
NAMES = st.binary(min_size=1, max_size=300).filter(lambda name: b"\0" not in name)


def write(path: Path, index: GitIndex) -> bool:
    """Write an index, with our own folder beside it."""
    path.parent.joinpath(OWN_FOLDER).mkdir(exist_ok=True)
    return write_index(path, index, Locks(path.parent))


@pytest.mark.parametrize("version", [2, 3, 4])
@given(names=st.sets(NAMES, max_size=20))
def test_an_index_is_read_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, version: int, names: set[bytes]
) -> None:
    path = tmp_path_factory.mktemp("index") / "index"
    heads = {name: entry_head(name, BLOB, 0o100644, None) for name in without_files_as_folders(names)}
    index = GitIndex(known=Known(marks=Marks(version)))
    for name, head in heads.items():
        index.put(name, head)
    assert write(path, index)
    found = read_index(path)
    assert (found.version, found.count) == (version, len(heads))
    assert {name: found.head(name) for name in found.read_below(b"")} == heads
    assert not list(path.parent.glob("index.*"))


def without_files_as_folders(names: set[bytes]) -> list[bytes]:
    """Those of the names that can be at once: none is a folder of another."""
    return [one for one in names if not any(other.startswith(one + b"/") for other in names)]


def repository(root: Path, *args: str) -> str:
    answer = subprocess.run(["git", *args], cwd=root, capture_output=True, text=True, check=True)
    return answer.stdout


@pytest.mark.parametrize("version", [2, 3, 4])
def test_git_reads_what_was_written_and_finds_its_own_unchanged(tmp_path: Path, version: int) -> None:
    repository(tmp_path, "init", "--quiet")
    for depth in (1, 40, 126, 127, 128, 129, 250):
        folder = tmp_path / ("a" * depth) / ("b" * 130)
        folder.mkdir(parents=True)
        (folder / "file").write_text(str(depth))
    (tmp_path / "later").write_text("later")
    repository(tmp_path, "add", ".", ":!later")
    if version == 3:
        repository(tmp_path, "add", "--intent-to-add", "later")
    repository(tmp_path, "update-index", "--index-version", str(version))
    before = repository(tmp_path, "ls-files", "--stage")
    index = read_index(tmp_path / ".git" / "index")
    assert index.version == version
    index.put(b"ours", entry_head(b"ours", BLOB, 0o100644, None))
    assert write(tmp_path / ".git" / "index", index)
    after = repository(tmp_path, "ls-files", "--stage")
    assert after.splitlines() == sorted(
        [*before.splitlines(), f"100644 {BLOB.hex()} 0\tours"], key=lambda line: line.partition("\t")[2]
    )


def test_an_index_that_somebody_else_wrote_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "index"
    write(path, GitIndex())
    mine, other = read_index(path), read_index(path)
    other.put(b"other", entry_head(b"other", BLOB, 0o100644, None))
    assert write(path, other)
    mine.put(b"mine", entry_head(b"mine", BLOB, 0o100644, None))
    assert not write(path, mine)
    assert [*read_index(path).read_below(b"")] == [b"other"]
    assert {one.name for one in tmp_path.iterdir()} == {OWN_FOLDER, "index"}


def test_a_locked_index_is_neither_written_nor_unlocked(tmp_path: Path) -> None:
    path, lock = tmp_path / "index", tmp_path / "index.lock"
    lock.write_bytes(b"somebody's")
    with pytest.raises(IndexLocked):
        write(path, GitIndex())
    assert lock.read_bytes() == b"somebody's"
    assert {one.name for one in tmp_path.iterdir()} == {OWN_FOLDER, "index.lock"}


@pytest.mark.parametrize("is_known", [False, True])
def test_what_others_staged_in_the_moment_of_the_last_write_is_compared_anew(
    tmp_path: Path, *, is_known: bool
) -> None:
    path, file = tmp_path / "index", tmp_path / "file"
    file.write_text("one")
    os.utime(file, (2**31, 2**31))
    index = GitIndex()
    for name in (b"file", b"steady"):
        index.put(name, entry_head(name, BLOB, 0o100644, file.stat()))
    write(path, index)
    found = read_index(path, known=index.known if is_known else None)
    assert noted_sizes(found) == {b"file": 3, b"steady": 3}
    found.put(b"more", entry_head(b"more", BLOB, 0o100644, file.stat()))
    assert write_index(path, found, Locks(tmp_path), lambda path: path == b"steady")
    assert noted_sizes(found) == noted_sizes(read_index(path)) == {b"file": 0, b"steady": 3, b"more": 3}


def test_a_file_that_changed_before_the_index_was_written_is_believed(tmp_path: Path) -> None:
    path, file = tmp_path / "index", tmp_path / "file"
    file.write_text("one")
    os.utime(file, (1, 1))
    index = GitIndex()
    for name in (b"file", b"more"):
        index.put(name, entry_head(name, BLOB, 0o100644, file.stat()))
        assert write(path, index)
    assert noted_sizes(read_index(path)) == {b"file": 3, b"more": 3}


def test_what_is_known_of_another_index_is_not_believed_of_this_one(tmp_path: Path) -> None:
    path = tmp_path / "index"
    index = GitIndex()
    index.put(b"mine", entry_head(b"mine", BLOB, 0o100644, None))
    write(path, index)
    known = index.known
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(IndexUnusable, match="is damaged"):
        read_index(path, known=known)
    other = GitIndex()
    other.put(b"other", entry_head(b"other", BLOB, 0o100644, None))
    path.unlink()
    write(path, other)
    assert [*read_index(path, known=known).read_below(b"")] == [b"other"]


def noted_sizes(index: GitIndex) -> dict[bytes, int]:
    """By path, the size that the index has of the file."""
    return {path: int.from_bytes((index.head(path) or b"")[36:40]) for path in index.read_below(b"")}


@pytest.mark.parametrize(("size", "noted"), [(0, 0), (2**32 - 1, 2**32 - 1), (2**32, 2**31), (2**32 + 5, 5)])
def test_a_large_file_and_a_long_name_fit(tmp_path: Path, size: int, noted: int) -> None:
    name = b"n" * 5000
    big = tmp_path / "big"
    with big.open("wb") as file:
        file.truncate(size)
    os.utime(big, (2**33 + 7, 2**33 + 7))
    index = GitIndex()
    index.put(name, entry_head(name, BLOB, 0o100644, big.stat()))
    write(tmp_path / "index", index)
    found = read_index(tmp_path / "index")
    assert [*found.read_below(b"")] == [name]
    assert [int.from_bytes((found.head(name) or b"")[place : place + 4]) for place in (8, 36)] == [7, noted]


def test_a_conflict_that_was_settled_can_be_settled_anew(tmp_path: Path) -> None:
    git = begin(Film(tmp_path))
    poem = git.worktree / "poem"
    for branch, words in (("main", "a"), ("side", "b"), ("main", "c")):
        git.run("checkout", "-q", *(["-b"] if words == "b" else []), branch)
        poem.write_text(words)
        git("add", "poem")
        git("commit", "--quiet", "-m", words)
    git.run("merge", "side")
    git("add", "poem")
    path = git.worktree / ".git" / "index"
    index = read_index(path)
    index.put(b"ours", entry_head(b"ours", BLOB, 0o100644, None))
    assert write(path, index)
    git("checkout", "--merge", "--", "poem")
    assert "<<<<<<<" in poem.read_text()


def test_the_cache_of_what_is_not_tracked_goes_on_and_is_right(tmp_path: Path) -> None:
    git = begin(Film(tmp_path))
    git("update-index", "--untracked-cache")
    (git.worktree / "ours").touch()
    (git.worktree / "theirs").touch()
    assert git("status", "--porcelain", "--untracked-files=all").split() == ["??", "ours", "??", "theirs"]
    path = git.worktree / ".git" / "index"
    index = read_index(path)
    index.put(b"ours", entry_head(b"ours", git_blob(git), 0o100644, None))
    assert write(path, index)
    for _ in range(2):
        assert git("status", "--porcelain", "--untracked-files=all").split() == ["A", "ours", "??", "theirs"]
    assert b"UNTR" in path.read_bytes()


def git_blob(git: Git) -> bytes:
    """The blob of an empty file, which is there."""
    return bytes.fromhex(git("hash-object", "-w", "ours").strip())


def test_flags_tell_what_git_is_not_to_look_at(tmp_path: Path) -> None:
    git = begin(Film(tmp_path))
    for name in ("assumed", "skipped", "promised", "plain"):
        (git.worktree / name).write_text(name)
    git("add", "assumed", "skipped", "plain")
    git("add", "--intent-to-add", "promised")
    git("update-index", "--assume-unchanged", "assumed")
    git("update-index", "--skip-worktree", "skipped")
    index = read_index(git.worktree / ".git" / "index")
    names = [*index.read_below(b"")]
    assert [name for name in names if index.is_set_aside(name)] == [b"assumed", b"skipped"]
    assert [name for name in names if index.is_to_be_added(name)] == [b"promised"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is damaged"),
        (b"JUNK" + bytes(40), "unknown version"),
        (struct.pack(">4sLL", b"DIRC", 5, 0) + bytes(20), "unknown version"),
        (struct.pack(">4sLL", b"DIRC", 2, 7) + bytes(20), "is damaged"),
        (struct.pack(">4sLL", b"DIRC", 2, 0) + b"link" + bytes(24), "is split"),
        (struct.pack(">4sLL", b"DIRC", 2, 0) + b"sdir" + bytes(24), "is sparse"),
        (struct.pack(">4sLL", b"DIRC", 2, 0) + b"new!" + bytes(24), "needs something unknown"),
        (struct.pack(">4sLL", b"DIRC", 2, 0) + b"x" * 20, "is damaged"),
    ],
)
def test_an_index_that_is_not_understood_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "index"
    path.write_bytes(content)
    with pytest.raises(IndexUnusable, match=words):
        read_index(path)
