"""The entries of an index as bytes: whatever is put between them, they are as git and dulwich would have them."""

import os
import subprocess
from io import BytesIO
from pathlib import Path

import pytest
from dulwich.index import read_index_dict_with_version
from hypothesis import given, settings
from hypothesis import strategies as st

from projections.gitdir import entry_bytes, surveying
from projections.gitdir.entry_bytes import EntryBytes, Key, Marks, as_varint, varint
from projections.gitdir.entry_heads import entry_head
from projections.gitdir.index import read_index, write_index
from projections.gitdir.locks import Locks
from projections.gitdir.surveying import ALL, Range, survey
from projections.layout import OWN_FOLDER

BLOBS = [bytes([number]) * 20 for number in range(1, 6)]
PARTS = st.sampled_from(["a", "b", "a b", "a.b", "ä", "shot_001", "n" * 130, "m" * 250])
PATHS = st.lists(PARTS, min_size=1, max_size=4).map("/".join)
"""Paths that begin alike, and long ones."""

Model = dict[Key, bytes]


@pytest.fixture(autouse=True)
def stride(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few entries behind each mark, so that some have several marks."""
    for module in (entry_bytes, surveying):
        monkeypatch.setattr(module, "STRIDE", 3)


@given(st.integers(0, 2**40))
def test_an_offset_is_read_as_it_was_written(value: int) -> None:
    assert varint(as_varint(value), 0) == (value, len(as_varint(value)))


def rendered(version: int, model: Model) -> bytes:
    """An index with those entries, made as simply as can be, without its checksum."""
    parts, before = [b"DIRC", version.to_bytes(4), len(model).to_bytes(4)], b""
    for (path, _), head in sorted(model.items()):
        if version == 4:
            shared = next(
                (at for at in range(len(path)) if path[at : at + 1] != before[at : at + 1]), len(path)
            )
            parts += [head, as_varint(len(before) - shared), path[shared:], b"\0"]
            before = path
        else:
            parts += [head + path, bytes(8 - (len(head) + len(path)) % 8)]
    return b"".join(parts)


def head(path: str, blob: bytes, stage: int, more: int) -> bytes:
    """The head of an entry; `more` are its second flags, if it has any."""
    made = entry_head(os.fsencode(path), blob, 0o100644, None)
    flags = int.from_bytes(made[-2:]) | stage << 12 | (0x4000 if more else 0)
    return made[:-2] + flags.to_bytes(2) + (more.to_bytes(2) if more else b"")


ENTRIES = st.dictionaries(
    st.tuples(PATHS, st.sampled_from([0, 0, 0, 1, 2, 3])),
    st.tuples(st.sampled_from(BLOBS), st.sampled_from([0, 0, 0x4000, 0x2000])),
    max_size=30,
)


def modelled(entries: dict[tuple[str, int], tuple[bytes, int]], version: int) -> Model:
    return {
        (os.fsencode(path), stage): head(path, blob, stage, more if version > 2 else 0)
        for (path, stage), (blob, more) in entries.items()
    }


@pytest.mark.parametrize("version", [2, 3, 4])
@given(first=ENTRIES, rounds=st.lists(st.tuples(ENTRIES, st.sets(PATHS)), max_size=3))
def test_a_splice_is_what_a_new_index_with_all_entries_would_be(
    version: int,
    first: dict[tuple[str, int], tuple[bytes, int]],
    rounds: list[tuple[dict[tuple[str, int], tuple[bytes, int]], set[str]]],
) -> None:
    model = modelled(first, version)
    content = rendered(version, model) + bytes(20)
    marks = survey(content, 20, b"\xff" * 8).marks
    for put, gone in rounds:
        changes: dict[Key, bytes | None] = {(os.fsencode(path), 0): None for path in gone}
        changes |= modelled(put, version)
        parts, marks = EntryBytes(content, marks).spliced(changes)
        model = {key: one for key, one in (model | changes).items() if one is not None}
        content = b"".join(parts) + bytes(20)
        assert content == rendered(version, model) + bytes(20)
        fresh = survey(content, 20, b"\xff" * 8).marks
        assert (marks.count, marks.end, marks.meaning) == (len(model), fresh.end, fresh.meaning)
        assert marks.has_conflicts or not fresh.has_conflicts
        entries = EntryBytes(content, marks)
        assert {key: entries.find(key) for key in model} == model
        assert not any(entries.find((path + b"x", 0)) for path, _ in model if (path + b"x", 0) not in model)
        assert [*entries.below(b"")] == sorted(model)
        for folder in (b"a", b"a b", b"shot_001", b"a/shot_001"):
            assert [*entries.below(folder)] == sorted(
                one for one in model if one[0].startswith(folder + b"/")
            )


TIMES = st.sampled_from([bytes(7) + bytes([number]) for number in range(4)])


def touched(one: bytes, moment: bytes) -> bytes:
    """The head of an entry whose file has changed at that moment."""
    return one[:8] + moment + one[16:]


def is_among(path: bytes, ranges: list[Range]) -> bool:
    return any(first <= path and (behind is None or path < behind) for first, behind in ranges)


@pytest.mark.parametrize("version", [2, 3, 4])
@given(
    first=ENTRIES,
    rounds=st.lists(st.tuples(ENTRIES, st.sets(PATHS), st.lists(TIMES, max_size=30)), max_size=3),
    moments=st.tuples(TIMES, TIMES, TIMES, TIMES).map(sorted),
)
def test_what_others_have_changed_is_found_and_all_else_is_known_as_it_was(
    version: int,
    first: dict[tuple[str, int], tuple[bytes, int]],
    rounds: list[tuple[dict[tuple[str, int], tuple[bytes, int]], set[str], list[bytes]]],
    moments: list[bytes],
) -> None:
    model = modelled(first, version)
    known = survey(rendered(version, model) + bytes(20), 20, moments[0])
    assert known.changed == [ALL]
    marks = known.marks
    for (put, gone, times), moment in zip(rounds, moments[1:], strict=False):
        before = dict(model)
        model = {
            key: one for key, one in (model | modelled(put, version)).items() if key[0].decode() not in gone
        }
        stats = dict(zip(sorted(model), times, strict=False))  # of no importance to what is meant
        model |= {key: touched(model[key], moment) for key, moment in stats.items()}
        content = rendered(version, model) + bytes(20)
        found, fresh = survey(content, 20, moment, marks), survey(content, 20, moment).marks
        marks = found.marks
        for one in ("count", "end", "meaning", "young", "is_sorted", "has_conflicts"):
            assert getattr(marks, one) == getattr(fresh, one)
        entries = EntryBytes(content, marks)
        assert {key: entries.find(key) for key in model} == model
        assert [*entries.below(b"")] == sorted(model)
        other = {key for key in before.keys() | model.keys() if meant(before, key) != meant(model, key)}
        assert all(is_among(path, found.changed) for path, _ in other)
        assert other or not found.changed or any(stage for _, stage in before)


def meant(model: Model, key: Key) -> bytes | None:
    """What an entry says but for its stat."""
    one = model.get(key)
    return one and one[24:28] + one[40:]


def test_of_a_large_index_only_what_is_new_is_taken_apart() -> None:
    model = {(b"%04d" % number, 0): head(f"{number:04d}", BLOBS[0], 0, 0) for number in range(1000)}
    marks = survey(rendered(2, model) + bytes(20), 20, b"\xff" * 8).marks
    model |= {(b"0500x", 0): head("0500x", BLOBS[1], 0, 0)}
    del model[b"0700", 0]
    found = survey(rendered(2, model) + bytes(20), 20, b"\xff" * 8, marks)
    assert found.changed == [(b"0500", b"0501"), (b"0698", b"0702")]
    assert sum(run in marks.runs for run in found.marks.runs) > 320


class Real:
    """The real git, with an index and nothing else."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / OWN_FOLDER).mkdir()
        self.run("init", "--quiet")
        self.index = root / ".git" / "index"

    def run(self, *args: str, told: bytes = b"") -> bytes:
        done = subprocess.run(["git", *args], cwd=self.root, input=told, capture_output=True, check=True)
        return done.stdout

    def listed(self) -> tuple[list[bytes], list[bytes]]:
        """What git says of the entries, and of how it regards each."""
        stages, flags = self.run("ls-files", "--stage", "-z"), self.run("ls-files", "-v", "-z")
        return stages.split(b"\0"), flags.split(b"\0")


def without_files_as_folders(paths: set[str]) -> list[str]:
    """Those of the paths that can be at once: none is a folder of another."""
    return [one for one in paths if not any(other.startswith(one + "/") for other in paths)]


@pytest.mark.parametrize("version", [2, 3, 4])
@given(data=st.data())
@settings(max_examples=12, deadline=None)
def test_git_and_dulwich_find_what_was_put_there_and_all_else_as_it_was(
    version: int, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    git = Real(tmp_path_factory.mktemp("git"))
    paths = without_files_as_folders(data.draw(st.sets(PATHS, max_size=20)))
    blob = git.run("hash-object", "-w", "--stdin", told=b"one").strip()
    kinds = {path: data.draw(st.sampled_from(["plain", "conflict", "assumed", "skipped"])) for path in paths}
    lines = [
        b"100644 %b %d\t%b" % (blob, stage, os.fsencode(path))
        for path, kind in kinds.items()
        for stage in ((1, 2, 3) if kind == "conflict" else (0,))
    ]
    git.run("update-index", "-z", "--index-info", told=b"\0".join([*lines, b""]))
    for kind, option in (("assumed", "--assume-unchanged"), ("skipped", "--skip-worktree")):
        some = [os.fsencode(path) for path, one in kinds.items() if one == kind]
        git.run("update-index", "-z", option, "--stdin", told=b"\0".join([*some, b""]))
    (git.root / "later").write_text("later")
    if version > 2:
        git.run("add", "--intent-to-add", "later")
    git.run("update-index", f"--index-version={version}", "--force-write-index")
    stages, flags = git.listed()
    index = read_index(git.index)
    gone = (
        {path for path in data.draw(st.sets(st.sampled_from(paths))) if kinds[path] != "conflict"}
        if paths
        else set()
    )
    for path in gone:
        index.remove(os.fsencode(path))
    new = {f"{one}_new" for one in data.draw(st.sets(PATHS, max_size=6)) if f"{one}_new" not in paths}
    for path in new:
        index.put(
            os.fsencode(path), entry_head(os.fsencode(path), bytes.fromhex(blob.decode()), 0o100644, None)
        )
    if gone or new:
        assert write_index(git.index, index, Locks(git.root))
    wanted = {line for line in stages if line.partition(b"\t")[2] not in set(map(os.fsencode, gone))}
    wanted |= {b"100644 %b 0\t%b" % (blob, os.fsencode(path)) for path in new}
    found = git.listed()
    assert set(found[0]) == wanted
    assert {line for line in found[1] if line[2:] not in set(map(os.fsencode, new))} == {
        line for line in flags if line[2:] not in set(map(os.fsencode, gone))
    }
    assert not git.run("fsck", "--no-dangling")
    _agree_with_dulwich(git, version)


def _agree_with_dulwich(git: Real, version: int) -> None:
    """The same paths are found by dulwich, but for long ones in version 4, of which it makes others."""
    content, again = git.index.read_bytes(), read_index(git.index)
    paths = set(again.read_below(b""))
    if version == 4 and any(len(path) > 120 for path in paths):
        return
    theirs, told, _ = read_index_dict_with_version(BytesIO(content))
    assert (told, set(theirs)) == (again.version, paths)
    known = {path: one.sha for path, one in theirs.items() if hasattr(one, "sha")}
    assert {path: (again.blob(path) or b"").hex().encode() for path in known} == known


def test_marks_of_nothing_are_those_of_an_empty_index() -> None:
    content = rendered(2, {}) + bytes(20)
    assert survey(content, 20, bytes(8)).marks == Marks()
    parts, marks = EntryBytes(b"", Marks()).spliced({(b"a", 0): None})
    assert (b"".join(parts), marks) == (rendered(2, {}), Marks())
