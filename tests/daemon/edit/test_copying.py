"""Media that is handed over is there whole, goes on where it was interrupted, and takes nobody's place."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.edit import copying, sums
from daemon.edit.copying import PART, copy
from events import Frames, TakeActivated
from projections.artifacts.frame_lists import Frame, FrameList, encode
from tests.daemon.edit.cuts import DAWN, STILL, film, told, written
from tests.left_out import leave_out

FILES = {"a/one.mp4": b"one", "a/two.mp4": b"two" * 100_000, "b/three.png": b""}


def films(folder: Path, files: dict[str, bytes]) -> list[tuple[str, str]]:
    """Those files in a folder, and what is listed of them."""
    for path, content in files.items():
        folder.joinpath(path).parent.mkdir(parents=True, exist_ok=True)
        folder.joinpath(path).write_bytes(content)
    return [(path, hashlib.sha256(content).hexdigest()) for path, content in files.items()]


def copied(folder: Path, files: list[tuple[str, str]], *, may_link: bool = False) -> list[tuple[str, str]]:
    """What was not copied, and why."""
    missing = copy(files, folder / "film", folder / "edit", may_link=may_link, tell=lambda _: None)
    return [(one.path, one.reason) for one in missing]


def there(folder: Path) -> dict[str, bytes]:
    found = folder / "edit"
    return {
        str(path.relative_to(found)): path.read_bytes() for path in sorted(found.rglob("*")) if path.is_file()
    }


@pytest.mark.parametrize("may_link", [False, True])
def test_every_file_is_there_read_only_and_a_link_only_where_that_was_wanted(
    tmp_path: Path,
    may_link: bool,  # noqa: FBT001 - one of the two that there are
) -> None:
    listed = films(tmp_path / "film", FILES)
    assert copied(tmp_path, listed, may_link=may_link) == []
    assert there(tmp_path) == FILES
    one, copy_of_it = (tmp_path / name / "a/two.mp4" for name in ("film", "edit"))
    assert one.samefile(copy_of_it) <= may_link
    assert copy_of_it.stat().st_mtime_ns == one.stat().st_mtime_ns
    assert one.samefile(copy_of_it) or not copy_of_it.stat().st_mode & 0o222


def test_it_goes_on_where_it_was_interrupted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = films(tmp_path / "film", FILES)
    written = list[Path]()

    class Interrupted(Exception):
        """It is."""

    def rename_new(made: Path, target: Path) -> None:
        if len(written) == 1:
            raise Interrupted
        written.append(target)
        made.rename(target)

    monkeypatch.setattr(copying, "rename_new", rename_new)
    with pytest.raises(Interrupted):
        copied(tmp_path, listed)
    monkeypatch.undo()
    first = written[0].stat()
    left = tmp_path / "edit" / f"a/.two.mp4{PART}"
    left.write_bytes(b"tw")  # as a kill leaves it
    assert copied(tmp_path, listed) == []
    assert there(tmp_path) == FILES
    assert written[0].stat().st_ino == first.st_ino


def test_nothing_is_written_over_and_what_is_the_same_may_stay(tmp_path: Path) -> None:
    listed = films(tmp_path / "film", FILES)
    films(tmp_path / "edit", {"a/one.mp4": b"own", "a/two.mp4": FILES["a/two.mp4"]})
    tmp_path.joinpath("edit/b/three.png").mkdir(parents=True)
    stays = "another file is there already, and stays"
    assert copied(tmp_path, listed) == [("a/one.mp4", stays), ("b/three.png", stays)]
    assert there(tmp_path) == {"a/one.mp4": b"own", "a/two.mp4": FILES["a/two.mp4"]}


def test_what_is_gone_or_not_what_it_was_is_not_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "reflink", lambda *_: False)  # shared blocks are not read
    listed = films(tmp_path / "film", FILES)
    tmp_path.joinpath("film/a/one.mp4").unlink()
    tmp_path.joinpath("film/b/three.png").write_bytes(b"3")
    assert [path for path, _ in copied(tmp_path, listed)] == ["a/one.mp4", "b/three.png"]
    assert [*there(tmp_path)] == ["a/two.mp4"]


def test_the_list_is_read_by_sha256sum(tmp_path: Path) -> None:
    if not shutil.which("sha256sum"):
        leave_out("sha256sum, of coreutils, reads the list")
    names = ["plain.mp4", "two\nlines.mp4", "back\\slash.mp4", "ümlaut  two blanks.mp4", "\r.mp4"]
    listed = films(tmp_path, {name: name.encode() for name in names})
    text = "".join(sums.line(path, sha256) for path, sha256 in listed)
    tmp_path.joinpath("list").write_bytes(os.fsencode(text))
    command = ["sha256sum", "--check", "--strict", "list"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert (result.returncode, result.stdout.count(b": OK")) == (0, len(names)), result.stderr


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_what_is_listed_is_read_as_it_was(path: str) -> None:
    assert list(sums.read(sums.line(path, "ab" * 32))) == [(path, "ab" * 32)]


async def test_a_film_lists_its_takes_or_the_active_ones_and_each_frame(tmp_path: Path) -> None:
    async with film(tmp_path) as one:
        every, active = written(await one.cut(), "sha256"), written(await one.cut(active=True), "sha256")
    assert every.count("\n") == 5
    assert [path for path, _ in sums.read(active)] == [
        f"{DAWN}/takes/take_002/shot_001_take_002.mp4",
        "01_Sea/002_Noon/takes/take_001/noon_take_001.png",
        "02_Pier/001_Dusk/takes/take_001/shot_001_take_001.mp4",
    ]


async def test_a_sequence_is_listed_by_its_frames(tmp_path: Path) -> None:
    frames = FrameList(".exr", 4, [Frame(number, 3, f"{number:064x}") for number in (1, 2)])
    found = Frames(suffix=".exr", digits=4, first=1, last=2, count=2, bytes=6, poster=1)
    facts = {**STILL, "name": "shot_001_take_001.frames", "frames": found, "frame_rate": 24.0}
    facts["sha256"] = hashlib.sha256(encode(frames)).hexdigest()
    async with told(tmp_path) as one:
        await one.drop(DAWN, 1, **facts)
        await one.tell(DAWN, TakeActivated(take=1))
        cut = await one.cut()
    folder = f"{DAWN}/takes/take_001"
    tmp_path.joinpath(folder).mkdir(parents=True)
    tmp_path.joinpath(folder, facts["name"]).write_bytes(encode(frames))
    cut = type(cut)(cut.film, tmp_path, cut.rate, cut.gap, cut.clips)
    assert list(sums.read(written(cut, "sha256"))) == [
        (f"{folder}/shot_001_take_001.{number:04d}.exr", f"{number:064x}") for number in (1, 2)
    ]
