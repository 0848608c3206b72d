"""More at once than the watcher can hear: the kernel's queue overflows while the daemon is stopped."""

import signal
from pathlib import Path

import pytest

from tests.e2e.film import running_daemon
from tests.support.film import (
    DAWN,
    NOON,
    QUEUE,
    Film,
    bytes_of,
    check_numbers,
    hashes,
    make_film,
    make_noise,
    still,
)

DROPS = 50


@pytest.mark.skipif(not QUEUE.exists(), reason="a queue that overflows is inotify's")
@pytest.mark.timeout(120)
async def test_a_burst_larger_than_the_queue_is_found_and_counted(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    contents = [still(number) for number in range(DROPS)]
    async with running_daemon(film) as daemon:
        await daemon.scanned()
        daemon.say(signal.SIGSTOP)
        make_noise(film.takes(), int(QUEUE.read_text()) + 1000)
        for number, content in enumerate(contents):
            film.drop(content, f"{number}.png", DAWN if number % 2 else NOON)
        new = Film(tmp_path, "new", "001_New")
        new.drop(still(99), shot="001_New")
        new.root.rename(film.root / "02_New")
        daemon.say(signal.SIGCONT)
        takes = [take for shot in (DAWN, NOON) for take in await daemon.finished(DROPS // 2, shot)]
        assert bytes_of(takes) == hashes(*contents)
        await daemon.finished(1, "02_New/001_New")
        status = await daemon.status()
        assert status["watch"]["losses"] >= 1
        assert not status["problems"]
        film.drop(still(100), shot="02_New/001_New")
        await daemon.finished(2, "02_New/001_New")
        await daemon.verify()
        check_numbers(await daemon.events())
