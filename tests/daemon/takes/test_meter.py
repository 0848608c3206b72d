"""The meter: a take with sound is complete first, and measured then; a daemon that was away makes up for it."""

import json
from pathlib import Path
from typing import Any

import anyio
import pytest

from daemon.decoding.decoders import Decoders
from tests.support.clips import make_sound, sine
from tests.support.film import Film, make_film, until
from tests.support.inside import Daemon, running_daemon


async def drop_tone(film: Film, folder: Path, decibels: float) -> None:
    sound = await anyio.to_thread.run_sync(make_sound, folder / "tone.wav", sine(decibels, 1.0))
    await anyio.to_thread.run_sync(film.drop, sound.read_bytes(), sound.name)


async def measured(daemon: Daemon) -> dict[str, Any]:
    """The take, once it is known how loud it is."""

    async def is_measured() -> dict[str, Any] | None:
        takes = await daemon.takes()
        return takes[0] if takes and "loudness" in takes[0] else None

    return await until(is_measured)


async def test_a_take_is_complete_before_it_is_measured(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await drop_tone(film, tmp_path, -23.0)
        take = await measured(daemon)
        assert (take["status"], take["channels"]) == ("complete", 2)
        assert take["loudness"] == pytest.approx(-23.0, abs=0.5)
        types = [one["type"] for one in await daemon.events()]
        assert types.index("take.completed") < types.index("take.measured")
        assert types.count("take.measured") == 1
        await daemon.at_rest()
        sidecar = json.loads((film.take(1) / "shot_001_take_001_metadata.json").read_bytes())
        assert sidecar["loudness"] == take["loudness"]
        await daemon.verify()


async def test_what_no_daemon_has_come_to_measure_the_next_one_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(self: Decoders, path: Path, sha256: str) -> float | None:
        raise FileNotFoundError(path)

    film = await make_film(tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(Decoders, "loudness", away)
        async with running_daemon(film) as daemon:
            await drop_tone(film, tmp_path, -20.0)
            (take,) = await daemon.finished(1)
            assert "loudness" not in take
    async with running_daemon(film) as daemon:
        assert (await measured(daemon))["loudness"] == pytest.approx(-20.0, abs=0.5)
