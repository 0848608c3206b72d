"""What is told of a shot is of one moment, whatever happens to the shot while it is read."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Any

import msgspec
import pytest
from litestar import Response

from daemon.api.shot_resource import ShotResource
from daemon.project.parts import Parts
from daemon.project.projects import Projects
from daemon.shots.shots import FILESYSTEM, Rule
from events import Event, Shot, ShotMoved, fold
from events.shot import activate, delete, restore
from projections.index import loading
from projections.layout import full_id, take_name
from tests.support.film import DAWN, Film, make_film, still
from tests.support.inside import running_daemon

READS: ContextVar[bool] = ContextVar("READS", default=False)
"""Whether it is the test that reads, and not the daemon by itself."""


def moved(path: str, shot: Shot) -> list[Event]:
    return [ShotMoved(path=path, device=shot.device, inode=shot.inode)]


TOGGLES: dict[str, tuple[Rule, Rule]] = {
    "chosen": (partial(activate, number=2), partial(activate, number=1)),
    "hidden": (partial(delete, number=2), partial(restore, number=2)),
    "missing": (partial(delete, number=1, why="missing"), partial(restore, number=1, why="found")),
    "moved": (partial(moved, "02_Chapter/009_Dusk"), partial(moved, DAWN)),
}


def change_at_each_read(parts: Parts, stream: str, toggle: tuple[Rule, Rule]) -> Callable[..., Any]:
    """Reads the index as before, after the shot was changed once more."""
    read, rules = parts.index._reader.run, cycle(toggle)

    async def changing(work: Any) -> Any:
        if READS.get():
            records = await parts.shots.change(stream, next(rules), FILESYSTEM)
            if records:  # the daemon may have found by itself that what is missing is there
                await parts.index.seen.reach(records[-1].position)
        return await read(work)

    return changing


@asynccontextmanager
async def two_takes(film: Film) -> AsyncIterator[tuple[Projects, Parts, str]]:
    """The daemon of a film with two takes in a shot: its projects, the film's parts, and the shot's stream."""
    async with running_daemon(film) as daemon:
        for number in (1, 2):
            film.drop(still(number))
            await daemon.finished(number)
        await daemon.at_rest()
        assert daemon.projects
        parts = daemon.projects.find("myfilm").parts
        shot = await parts.shots.at(DAWN)
        assert shot
        yield daemon.projects, parts, shot.stream


async def as_of(parts: Parts, stream: str, answer: Response[Any]) -> Shot:
    """The shot at the version that the answer's tag names."""
    version = int(answer.headers["ETag"].strip('"').partition(".")[2])
    shot = Shot(stream)
    fold(shot, [record for record in await parts.log.stream(stream) if record.version <= version])
    return shot


def told(shot: Shot, number: int) -> tuple[str, bool, bool]:
    """Of a take where it is, whether it is hidden, and whether it is active."""
    address = f"/api/projects/myfilm/shots/{full_id(shot.path)}/takes/{take_name(number)}/media"
    return address, shot.active == number, shot.takes[number].deleted is not None


@pytest.mark.parametrize("toggle", TOGGLES)
async def test_takes_are_told_as_they_were_at_the_version_that_the_tag_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, toggle: str
) -> None:
    monkeypatch.setattr(loading, "TOLD", 1)  # each take is one part of the list
    async with two_takes(await make_film(tmp_path)) as (projects, parts, stream):
        changing = change_at_each_read(parts, stream, TOGGLES[toggle])
        monkeypatch.setattr(parts.index._reader, "run", changing)
        for _ in range(3):
            resource = ShotResource(projects, "myfilm", full_id(DAWN), "take_001")
            parts.listings.clear()
            resource._shot = await parts.index.shot(stream)  # wherever it is by now
            READS.set(True)
            answer = await resource.listing(deleted=True)
            takes = msgspec.json.decode(answer.content)
            shot = await as_of(parts, stream, answer)
            assert takes["activeTakeId"] == (take_name(shot.active) if shot.active else None)
            assert [(one["mediaUrl"], one["active"], one["deleted"]) for one in takes["takes"]] == [
                told(shot, number) for number in (1, 2)
            ]
            one = await resource.view()
            READS.set(False)
            view = one.content
            assert (view.media_url, view.active, view.deleted) == told(await as_of(parts, stream, one), 1)


async def test_lists_of_takes_are_remembered_up_to_a_number_of_bytes(tmp_path: Path) -> None:
    async with two_takes(await make_film(tmp_path)) as (projects, parts, stream):
        parts.listings.clear()
        parts.listings["another shot", 1, False] = bytes(16 << 20)
        answer = await ShotResource(projects, "myfilm", full_id(DAWN), None).listing(deleted=False)
        assert [key[0] for key in parts.listings] == [stream]
        assert parts.listings.currsize == len(answer.content)
