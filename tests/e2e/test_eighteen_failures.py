"""The ways in which tools like this one fail, each as a promise that this one does not.

The numbers are those of the list in the design; 11 and 17 belong to Git LFS.
"""

import hashlib
import shutil
import signal
from pathlib import Path

from tests.daemon.failing import drop_and_wait
from tests.e2e.film import running_daemon
from tests.film import QUEUE, bytes_of, hashes, make_film, make_noise, still, until


async def test_03_a_deleted_number_is_never_given_again(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, scan_every=0.2) as daemon:
        await drop_and_wait(daemon, still(1), still(2))
        await daemon.delete(2)
        await drop_and_wait(daemon, still(3))
        shutil.rmtree(film.take(3))

        async def is_missed() -> bool:
            take = await daemon.take(3)
            return bool(take and take["deleted"])

        await until(is_missed)
        await daemon.kill()
    for name in ("index.db", "index.db-wal", "index.db-shm"):
        (film.root / ".takes" / name).unlink(missing_ok=True)
    async with running_daemon(film) as daemon:
        await drop_and_wait(daemon, still(4))
        assert [take["number"] for take in await daemon.takes()] == [1, 2, 3, 4]
        assert bytes_of((await daemon.takes())[3:]) == hashes(still(4))


async def test_04_two_drops_at_once_never_share_a_folder(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        daemon.say(signal.SIGSTOP)
        for number in range(10):
            film.drop(still(number), f"{number}.png")
        daemon.say(signal.SIGCONT)
        await daemon.finished(10)
        for number in range(1, 11):
            media = [path for path in film.take(number).iterdir() if path.stem.endswith(f"take_{number:03}")]
            assert len(media) == 1


async def test_16_a_queue_that_overflows_is_noticed_and_made_good(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await daemon.scanned()
        daemon.say(signal.SIGSTOP)
        make_noise(film.takes(), int(QUEUE.read_text()) + 100)
        film.drop(still())
        daemon.say(signal.SIGCONT)
        (take,) = await daemon.finished(1)
        assert take["media"]["sha256"] == hashlib.sha256(still()).hexdigest()
        assert (await daemon.status())["watch"]["losses"] >= 1
