"""Git LFS: a large take from the drop to git's index, beside `git add` with Git LFS; and commits one by one."""

import hashlib
import json
import os
import resource
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

import anyio

from benchmarks.clips import make_clip
from benchmarks.processes import peak_memory
from benchmarks.report import Bench, Row, at_least, at_least_of_peer, at_most, at_most_of_peer
from benchmarks.stage import CHECKOUT, running, wait_until, wait_until_it_answers
from daemon.home.init import init_project
from events import open_log
from projections.film import Film, Thumbnail
from projections.git.projection import GitLfs
from projections.index.index import open_index
from projections.index.rows import ShotTakes

SMALL, LARGE = "01_Small", "02_Large"
RATE = 48_000


def measure(bench: Bench) -> Iterator[Row]:
    """Make a film in a repository, drop a large sound into it, and give the same file to `git add`."""
    if not (shutil.which("git") and shutil.which("git-lfs")):
        bench.say("git or git-lfs is not here")
        return
    size = bench.scaled(1_000_000_000, 50_000_000)
    bench.say(f"making a clip of {size / 1e6:g} MB; one daemon and one `git add` are given it")
    root, other = bench.folder / "film", bench.folder / "other"
    clip = make_clip(bench.folder / "clip.mp4")
    large = _padded(clip, bench.folder / "large.mp4", size)
    theirs, their_memory, their_disk = _git_add(other, large)
    dropped, disk = _drop(root, clip, large)
    staged, memory = _staged_apart(root)
    name = f"{size / 1e9:g} GB"
    yield Row(
        measure=f"staging {name} after its intake",
        unit="ms",
        ours=staged * 1000,
        peer="git add with git-lfs",
        theirs=theirs * 1000,
        aims=[at_most(20)],
    )
    yield Row(
        measure="the same, most memory",
        unit="MB",
        ours=memory,
        peer="git add with git-lfs",
        theirs=their_memory,
        aims=[at_most(100)],
    )
    yield Row(
        measure=f"{name} from the drop to git's index",
        unit="s",
        ours=dropped,
        peer="git add with git-lfs",
        theirs=theirs,
        aims=[at_most_of_peer(0.2)],
        note="a 1080p clip and a box of noise; with its number, hash, sidecar and thumbnail",
    )
    yield Row(
        measure="disk for the film and .git together",
        unit="x the media",
        ours=disk / size,
        peer="git add with git-lfs",
        theirs=their_disk / size,
        aims=[at_most(1.05)],
    )
    yield _hashing(large)
    yield _commits(bench)


def _sound(path: Path, size: int) -> Path:
    """A WAV of noise of about that size."""
    noise = os.urandom(4_000_000)
    count = size // len(noise)
    data = count * len(noise)
    head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + data, b"WAVE", b"fmt ", 16, 1, 2, RATE, RATE * 4, 4, 16, b"data", data)  # fmt: skip
    with path.open("wb") as file:
        file.write(head)
        for number in range(count):
            file.write(number.to_bytes(4, "big") + noise[4:])
    return path


def _padded(clip: Path, path: Path, size: int) -> Path:
    """The clip, made that large by a box of noise, which every program passes over."""
    noise = os.urandom(4_000_000)
    shutil.copyfile(clip, path)
    with path.open("ab") as file:
        room = size - file.tell()
        file.write(struct.pack(">I4s", room, b"free"))
        for number in range((room - 8) // len(noise)):
            file.write(number.to_bytes(4, "big") + noise[4:])
        file.write(noise[: (room - 8) % len(noise)])
    return path


def _git(root: Path, *args: str) -> None:
    subprocess.run(["git", *args], cwd=root, check=True, capture_output=True)


def _repository(root: Path) -> None:
    root.mkdir(parents=True, exist_ok=True)
    _git(root, "init", "--quiet")
    _git(root, "lfs", "install", "--local")
    for name, value in (("user.name", "Bench"), ("user.email", "bench@example.org")):
        _git(root, "config", name, value)


def _git_add(root: Path, large: Path) -> tuple[float, float, int]:
    """Seconds, MB and bytes on the disk that `git add` takes for it."""
    _repository(root)
    (root / ".gitattributes").write_text("*.mp4 filter=lfs diff=lfs merge=lfs -text\n")
    shutil.copyfile(large, root / large.name)
    os.sync()
    command = [sys.executable, "-m", "benchmarks.git.git_lfs", "add", str(root)]
    seconds, most = json.loads(subprocess.run(command, cwd=CHECKOUT, check=True, capture_output=True).stdout)
    used = _disk(root)
    shutil.rmtree(root)
    return seconds, most, used


def _drop(root: Path, clip: Path, large: Path) -> tuple[float, int]:
    """Seconds from the rename until git has it, and the bytes that film and repository take on the disk."""
    _repository(root)
    for shot in (SMALL, LARGE):
        (root / shot / "takes").mkdir(parents=True)
    with running(root) as stage:
        wait_until_it_answers(stage)
        Path(shutil.copyfile(clip, root / SMALL / "clip.mp4")).rename(root / SMALL / "takes" / "clip.mp4")
        wait_until(lambda: _is_staged(root, SMALL))
        dropped = Path(shutil.copyfile(large, root / LARGE / "large.mp4"))
        os.sync()
        began = perf_counter()
        dropped.rename(root / LARGE / "takes" / "large.mp4")
        wait_until(lambda: _is_staged(root, LARGE))
        seconds = perf_counter() - began
        wait_until(stage.is_at_rest)
    return seconds, _disk(root)


def _is_staged(root: Path, shot: str) -> bool:
    index = root / ".git" / "index"
    return (
        index.exists()
        and f"{shot}/takes/take_001/shot_{shot[:2]}_take_001.mp4".encode() in index.read_bytes()
    )


def _disk(root: Path) -> int:
    """The bytes that the files there take on the disk, those with several names once."""
    found = {one.st_ino: one.st_blocks * 512 for path in root.rglob("*") if (one := path.lstat())}
    return sum(found.values())


def _staged_apart(root: Path) -> tuple[float, float | None]:
    """Seconds that staging takes in a process that has staged before, and the most memory that it had, in MB."""
    shutil.rmtree(root / ".git")
    _repository(root)
    command = [sys.executable, "-m", "benchmarks.git.git_lfs", "stage", str(root)]
    answer = subprocess.run(command, cwd=CHECKOUT, check=True, capture_output=True)
    seconds, most = json.loads(answer.stdout)
    return seconds, most


async def _stage_all(root: Path) -> float:
    """Stage the small take, then the large one; the seconds that this took."""
    async with open_log(root / ".takes/log.db") as log, open_index(root / ".takes/index.db", log) as index:
        film, git = Film(root, index, _no_picture), GitLfs()
        seconds = 0.0
        for shot in sorted(await index.shots(), key=lambda one: one.path):
            touched = [ShotTakes(shot, await index.takes(shot.id))]
            began = perf_counter()
            assert not await git.mend(film, touched)
            seconds = perf_counter() - began
        return seconds


async def _no_picture(path: Path, sha256: str) -> Thumbnail:
    raise NotImplementedError(f"{sha256}: {path}")


def _hashing(large: Path) -> Row:
    """How fast a file is hashed that lies in memory, as the intake does it."""
    size = large.stat().st_size / 1e6
    times: list[tuple[float, float]] = []
    for _ in range(3):
        began = perf_counter()
        with large.open("rb") as file:
            hashlib.file_digest(file, "sha256")
        between = perf_counter()
        if shutil.which("openssl"):
            command = ["openssl", "dgst", "-sha256", str(large)]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        times.append((between - began, perf_counter() - between))
    ours, theirs = (min(some) for some in zip(*times, strict=True))
    return Row(
        measure="hashing",
        unit="MB/s",
        ours=size / ours,
        peer="openssl dgst -sha256",
        theirs=size / theirs if shutil.which("openssl") else None,
        aims=[at_least_of_peer(0.9)],
    )


def _commits(bench: Bench) -> Row:
    """Takes that are staged and committed one by one."""
    root, count = bench.folder / "commits", bench.scaled(200, 20)
    _repository(root)
    takes = root / "001_Dawn" / "takes"
    for number in range(1, count + 1):
        (takes / f"take_{number:03d}").mkdir(parents=True)
        _sound(takes / f"take_{number:03d}" / f"shot_001_take_{number:03d}.wav", 4_000_000)
    init_project(root)
    with running(root) as stage:
        wait_until_it_answers(stage)
        wait_until(lambda: sum(one["takeCount"] for one in stage.ask("shots")["shots"]) == count)
        wait_until(stage.is_at_rest)
    shutil.rmtree(root / ".git")
    _repository(root)
    seconds = anyio.run(_commit_each, root)
    return Row(
        measure="takes staged and committed one by one",
        unit="takes/s",
        ours=count / seconds,
        peer="git add and git commit",
        theirs=_by_hand(bench.folder / "by_hand", root, min(count, 20)),
        aims=[at_least(20)],
    )


async def _commit_each(root: Path) -> float:
    async with open_log(root / ".takes/log.db") as log, open_index(root / ".takes/index.db", log) as index:
        film, git = Film(root, index, _no_picture), GitLfs(commits="each", moment=lambda: datetime.now(UTC))
        (shot,) = await index.shots()
        takes = await index.takes(shot.id)
        began = perf_counter()
        for take in takes:
            assert not await git.mend(film, [ShotTakes(shot, [take])])
        return perf_counter() - began


def _by_hand(root: Path, film: Path, count: int) -> float:
    """Takes a second with git's own commands."""
    _repository(root)
    shutil.copyfile(film / ".gitattributes", root / ".gitattributes")
    shutil.copytree(film / "001_Dawn", root / "001_Dawn", symlinks=True)
    began = perf_counter()
    for number in range(1, count + 1):
        _git(root, "add", f"001_Dawn/takes/take_{number:03d}")
        _git(root, "commit", "--quiet", "-m", f"take_{number:03d}")
    return count / (perf_counter() - began)


def _apart(what: str, root: Path) -> tuple[float, float | None]:
    """What a process of its own is to do: the seconds that it took, and the most memory that was used, in MB."""
    if what == "stage":
        return anyio.run(_stage_all, root), peak_memory(os.getpid())
    began = perf_counter()
    _git(root, "add", ".")
    return perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 1e6


if __name__ == "__main__":
    print(json.dumps(_apart(sys.argv[1], Path(sys.argv[2]))))
