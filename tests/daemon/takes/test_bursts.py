"""Many drops at once, and drops that no watcher hears at all."""

from pathlib import Path

from tests.support.film import DAWN, NOON, bytes_of, check_numbers, hashes, make_film, still, until
from tests.support.inside import running_daemon

DROPS = 50


async def test_drops_are_found_without_a_watcher(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    contents = [still(number) for number in range(DROPS)]
    async with running_daemon(film, watch=False) as daemon:
        await daemon.scanned()
        for number, content in enumerate(contents):
            film.drop(content, f"{number}.png", DAWN if number % 2 else NOON)
        takes = [take for shot in (DAWN, NOON) for take in await daemon.finished(DROPS // 2, shot)]
        assert bytes_of(takes) == hashes(*contents)
        status = await daemon.status()
        assert (status["watch"]["mode"], status["watch"]["folders"]) == ("scanning", 0)
        await daemon.verify()
        check_numbers(await daemon.events())


async def test_folders_that_change_are_followed_without_a_watcher(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, watch=False, scan_every=0.2) as daemon:
        film.drop(still(1))
        await daemon.finished(1)
        (film.root / "01_Chapter").rename(film.root / "02_Chapter")
        shot = DAWN.replace("01_", "02_", 1)
        film.drop(still(2), shot=shot)
        assert [take["number"] for take in await daemon.finished(2, shot)] == [1, 2]
        film.take(2, shot).rename(tmp_path / "away")

        async def hidden() -> bool:
            take = await daemon.take(2, shot)
            return bool(take and take["deleted"])

        await until(hidden)
        await daemon.verify()


async def test_two_hundred_stills_at_once_are_two_hundred_takes(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    contents = [still(number) for number in range(200)]
    async with running_daemon(film) as daemon:
        for number, content in enumerate(contents):
            film.drop(content, f"{number}.png")
        takes = await daemon.finished(200)
        assert bytes_of(takes) == hashes(*contents)
        await daemon.at_rest()
        check_numbers(await daemon.events())
        assert (await daemon.status())["watch"]["missed"] == 0


async def test_a_burst_costs_the_project_file_few_writes(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        for number in range(50):
            film.drop(still(number), f"{number}.png")
        seen: set[int] = set()

        async def rested() -> bool:
            seen.add((film.root / "project.json").stat().st_ino)
            status = await daemon.status()
            return status["position"] > 100 and not any(one["behind"] for one in status["projections"])

        await until(rested)
        assert len(seen) < 20
