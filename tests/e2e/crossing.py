"""The crossing: a film with something of everything that the gallery shows, and two beside it: an empty and an old one."""

import json
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

from events import open_log
from examples.film import DAWN as DAYBREAK
from examples.film import DUSK, NIGHT, NOON, SHOTS, Colours, draw
from projections.layout import full_id
from tests.daemon.requests import renderer
from tests.daemon.space.old_film import Became, Old, append_past
from tests.e2e.film import Daemon, running_daemon
from tests.support.clips import make_video
from tests.support.film import make_film, still, tone, until

GULLS, MARA, COIN, SWELL, LIGHT = SHOTS

EMPTY = "Untitled"
"""The film beside it."""

OLD = "Attic"
"""The film of a month ago: few takes, one of which is purged."""

PURGED, COMPLETE = 1, 3
"""The numbers of two of those takes."""

RENDERER: Mapping[str, Any] = {
    "kind": "command",
    "command": [sys.executable, renderer.__file__],
    "suffix": ".png",
}

RECIPES: tuple[Mapping[str, Any], ...] = (
    {"prompt": "gulls over a pier at dawn, 35 mm", "seed": 7, "steps": 20, "cfg": 6.5, "model": "wan2.1"},
    {"prompt": "gulls over a pier at dusk, 35 mm", "seed": 8, "steps": 20, "cfg": 6.5, "model": "wan2.1"},
)
"""Of the first two takes of the first shot, which are clips."""

STILL, SOUND, FAILED, DELETED, RUNNING, QUEUED = range(3, 9)
"""The numbers of its others."""


@cache
def clip(label: str, colours: Colours = NIGHT, seconds: float = 1.0) -> bytes:
    """A clip in which every frame differs from the one before."""
    count = round(seconds * 24)
    moments = [(number + 0.5) / count for number in range(count)]
    pictures = [draw((320, 180), label, colours, moment).convert("RGB") for moment in moments]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mp4"
        return make_video(path, seconds=seconds, size=(320, 180), colours=pictures).read_bytes()


async def drop(daemon: Daemon, shot: str, content: bytes, suffix: str, recipe: Any = None) -> int:
    """Drop a file, with a recipe where there is one; the number of its take, once that is finished."""
    before = len([one for one in await daemon.takes(shot) if one["status"] != "generating"])
    name = f"render_{before + 1}"
    if recipe is not None:
        daemon.film.drop(json.dumps(recipe).encode(), f"{name}.json", shot)
    daemon.film.drop(content, f"{name}{suffix}", shot)
    return int((await daemon.finished(before + 1, shot))[-1]["number"])


async def ask_for(daemon: Daemon, shot: str, **params: Any) -> int:
    """Ask for a take of the command runner; its number."""
    answer = await daemon.ask("POST", f"shots/{full_id(shot)}/takes", {"generationParams": params})
    assert answer.status_code == 202, answer.text
    return int(answer.json()["takeId"].rpartition("_")[2])


async def is_known(daemon: Daemon, shot: str) -> None:
    """Wait until the daemon has found a shot."""

    async def is_there() -> bool:
        return (await daemon.ask("GET", f"shots/{full_id(shot)}")).status_code == 200

    await until(is_there)


async def has_stage(daemon: Daemon, number: int, shot: str, stage: str) -> None:
    """Wait until a take is that far."""

    async def is_there() -> bool:
        take = await daemon.take(number, shot)
        return take is not None and take["stage"] == stage

    await until(is_there)


@asynccontextmanager
async def crossing(folder: Path) -> AsyncIterator[Daemon]:
    """The daemon that keeps it, with a port for the gallery."""
    film = await make_film(folder, "MyFilm", *SHOTS)
    beside = await make_film(folder, EMPTY, "a shot")
    shutil.rmtree(beside.root / "a shot")
    old = await make_film(folder, OLD)
    async with open_log(old.log) as log:
        await append_past(old, log, *_past())
    async with running_daemon(film, beside, old, port=0, runner=RENDERER) as daemon:
        await _fill(daemon)
        yield daemon


def _past() -> list[Old]:
    """One that was deleted, one that failed, one that is older than the newest, and the active one."""
    pictures = (still(11), b"no film at all", still(12), still(13))
    became: Sequence[Became] = ("deleted", "failed", "complete", "active")
    return [Old(number, *one) for number, one in enumerate(zip(pictures, became, strict=True), 1)]


async def _fill(daemon: Daemon) -> None:
    await is_known(daemon, LIGHT)
    for content, recipe in zip((clip("dawn", DAYBREAK), clip("dusk", DUSK)), RECIPES, strict=True):
        await drop(daemon, GULLS, content, ".mp4", recipe)
    await drop(daemon, GULLS, still(2), ".png")
    await drop(daemon, GULLS, tone(), ".wav")
    await drop(daemon, GULLS, b"no film at all", ".mp4")
    await daemon.delete(await drop(daemon, GULLS, still(3), ".png"), GULLS)
    progress = json.dumps({"progress": 0.4, "message": "frame 29 of 72"})
    wait = str(daemon.film.folder / "never")
    await ask_for(daemon, GULLS, prompt="gulls at night", seed=9, wait=wait, lines=[progress])
    await has_stage(daemon, RUNNING, GULLS, "running")
    await ask_for(daemon, GULLS, prompt="gulls in the rain", seed=10, wait=wait)
    await drop(daemon, MARA, clip("Mara", NOON), ".mp4")
    await drop(daemon, COIN, clip("a coin"), ".mp4")
    await drop(daemon, LIGHT, still(4), ".png")
    await daemon.at_rest()
    purge = {"dryRun": False, "deletedAfterDays": 7}
    answer = await daemon.ask("POST", f"/api/projects/{OLD.lower()}/cleanup", purge)
    assert len(answer.json()["takes"]) == 1, answer.text
