"""What the disk has refused once is written anew, whatever it says of it the next time."""

import errno
import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from projections.files.hashing import sha256_on_disk
from projections.layout import sidecar_name, thumbnail_name
from tests.support.core import Core, World, new_film, running_core
from tests.support.film import DAWN, Film, until


class Disk:
    """Refuses so many syncs of the files whose paths end so, with that error, and then says that all is well."""

    def __init__(self, sync: Callable[[int], None]) -> None:
        self._sync = sync
        self._left: dict[str, int] = {}
        self.error = errno.EIO
        self.refused: list[int] = []

    def refuse(self, ending: str, times: int = 1) -> None:
        self._left[ending] = times

    def sync(self, descriptor: int) -> None:
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        for ending, left in self._left.items():
            if left and str(path).endswith(ending):
                self._left[ending] -= 1
                self.refused.append(os.fstat(descriptor).st_ino)
                raise OSError(self.error, os.strerror(self.error))
        self._sync(descriptor)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    if not Path("/proc/self/fd").exists():
        pytest.skip("what a descriptor leads to is not told here")
    disk = Disk(os.fsync)
    monkeypatch.setattr(os, "fsync", disk.sync)
    return disk


MEDIA = "shot_001_take_001.png"


def problems(core: Core) -> list[str]:
    return [one.what for one in core.parts.board.problems()]


def objects(film: Film) -> list[Path]:
    return [path for path in (film.root / ".takes/objects").rglob("*") if path.is_file()]


@pytest.mark.parametrize("error", [errno.EIO, errno.ENOSPC])
@pytest.mark.parametrize("times", [1, 2])
async def test_the_bytes_of_a_take_are_written_into_another_file(
    tmp_path: Path, disk: Disk, error: int, times: int
) -> None:
    film = new_film(tmp_path)
    disk.error = error
    disk.refuse(MEDIA, times)
    async with running_core(film, World()) as core:
        core.drop(b"one")
        take = await core.settled()
        assert take.status == "complete"
        found = film.media(1).stat()
        assert found.st_ino != disk.refused[-1]  # the number of a file that is gone may come again
        assert (take.file and take.file.inode) == found.st_ino
        assert [path.read_bytes() for path in (film.media(1), *objects(film))] == [b"one", b"one"]
        assert disk.refused[-1] not in {path.stat().st_ino for path in objects(film)}
        assert any("takes it" in one or "nput/output" in one for one in problems(core)) == (
            error == errno.EIO
        )


async def test_of_stills_that_are_kept_together_only_the_refused_one_is_written_into_another_file(
    tmp_path: Path, disk: Disk
) -> None:
    film = new_film(tmp_path)
    disk.refuse(MEDIA)
    async with running_core(film, World()) as core:
        came = [film.drop(b"%d" % number, f"{number}.png").stat().st_ino for number in range(4)]
        for number in range(4):
            core.hears(f"{number}.png", moved_in=True)
        for number in range(1, 5):
            assert (await core.settled(number)).status == "complete"
        kept = [film.media(number) for number in range(1, 5)]
        assert [path.stat().st_ino == before for path, before in zip(kept, came, strict=True)] == [
            False,
            True,
            True,
            True,
        ]
        assert [path.read_bytes() for path in kept] == [b"0", b"1", b"2", b"3"]


@pytest.mark.parametrize("when", ["at once", "after a restart"])
async def test_no_take_is_complete_while_the_disk_does_not_hold_it(
    tmp_path: Path, disk: Disk, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    film, world = new_film(tmp_path), World()
    disk.refuse(MEDIA)

    def lost(path: Path) -> str:
        return "0" * 64

    with monkeypatch.context() as failing:
        failing.setattr("daemon.disk.moving.sha256_on_disk", lost)
        async with running_core(film, world) as core:
            core.drop(b"one")

            async def told() -> bool:
                return any("does not hold" in one for one in problems(core))

            await until(told)
            assert (await core.shot()).takes[1].status == "generating"
            if when == "at once":
                failing.undo()
                core.turn(100)
                assert (await core.settled()).status == "complete"
    if when == "after a restart":
        refused = film.media(1).stat().st_ino
        seen: list[Path] = []

        def read(path: Path) -> str:  # the disk has nothing of what the memory shows of the first file
            seen.append(path)
            return lost(path) if path.stat().st_ino == refused else sha256_on_disk(path)

        monkeypatch.setattr("daemon.protection.freezing.sha256_on_disk", read)
        async with running_core(film, world) as core:
            assert (await core.settled()).status == "complete"
        assert seen
    assert film.media(1).stat().st_ino != disk.refused[0]
    assert film.media(1).read_bytes() == b"one"


@pytest.mark.parametrize("name", [sidecar_name, thumbnail_name])
async def test_what_is_made_beside_a_take_is_made_anew(
    tmp_path: Path, disk: Disk, name: Callable[[str, int], str]
) -> None:
    film = new_film(tmp_path)
    disk.refuse(".tmp", 3)
    async with running_core(film, World()) as core:
        core.drop(b"one")
        await core.settled()

        async def is_made() -> bool:
            return (film.take(1) / name(DAWN, 1)).exists() and not any(
                standing.behind for standing in core.parts.projector.standings()
            )

        await until(is_made)
        assert len(disk.refused) == 3
        assert not list(film.take(1).glob(".*"))


async def test_a_folder_that_the_disk_has_refused_is_written_anew_and_told_of(
    tmp_path: Path, disk: Disk
) -> None:
    film = new_film(tmp_path)
    second = film.root / ".takes/objects" / sha256(b"one").hexdigest()[:2]
    disk.refuse(str(second))
    async with running_core(film, World()) as core:
        core.drop(b"one")
        assert (await core.settled()).status == "complete"
        assert disk.refused == [second.stat().st_ino]
        assert [one for one in problems(core) if str(second.relative_to(film.root)) in one]


async def test_nothing_counts_as_made_while_its_name_is_not_on_the_disk(tmp_path: Path, disk: Disk) -> None:
    film = new_film(tmp_path)
    async with running_core(film, World()) as core:
        core.drop(b"one")
        await core.settled()
        await core.at_rest()
        disk.refuse(DAWN, 3)  # where the link to the active take is
        core.drop(b"two", "two.png")
        await core.settled(2)
        await core.activate(2)

        async def told() -> bool:
            return any("active_take" in one or "noted" in one for one in problems(core))

        async def is_well() -> bool:
            return not await told() and not any(one.behind for one in core.parts.projector.standings())

        await until(told)
        await until(is_well)
        assert len(disk.refused) == 3
        assert film.link() == "takes/take_002"
