"""Arriving: which take became of a file that was put into a shot, as the log tells it."""

import time
from collections.abc import Iterator, Sequence

from daemon.cli.client import Json
from daemon.cli.output import say
from daemon.cli.served_project import ServedProject
from daemon.ingest.placing import Placed

AGAIN = 0.1
"""Seconds between two looks at the log."""

WHY = 10
"""Looks after which it is asked why something is not taken yet, and so on."""


def numbers_of(
    project: ServedProject, shot: str, placed: Sequence[Placed], after: int
) -> Iterator[tuple[Placed, str | None, str]]:
    """Each of those with the id of the take that it has become, or with None and why it becomes none, as that is known.

    What happened in the log after that position is looked through. Files of one render have the same take.
    """
    waiting, looks, said = {one.name: one for one in placed}, 0, set[str]()
    while waiting:
        for event in _events(project, after):
            after = event["position"]
            if event["shotId"] == shot.replace("/", ":"):
                for name in _names(event, waiting):
                    yield waiting.pop(name), f"take_{event['data']['take']:03d}", ""
        looks += 1
        if waiting and looks % WHY == 0:
            for name, reason in _not_taken(project, shot, waiting, said):
                yield waiting.pop(name), None, reason
        if waiting:
            time.sleep(AGAIN)


def _events(project: ServedProject, after: int) -> Iterator[Json]:
    while page := project.ask("GET", "events", after=after, limit=1000)["events"]:
        yield from page
        after = page[-1]["position"]


def _names(event: Json, waiting: Json) -> list[str]:
    """Those of the files of which this event says that they are a take now, or a part of one."""
    data = event["data"]
    source, companion = data.get("source") or {}, data.get("companion") or {}
    told = [
        source.get("name"),
        *(one["name"] for one in source.get("companions", ())),
        companion.get("origin"),
    ]
    told += [companion.get("name")]
    if event["type"] in ("take.completed", "take.failed"):  # a take that was asked for has it, by its name
        start = f"take_{data['take']:03d}"
        told += [name for name in waiting if _is_of(name, start)]
    return [name for name in dict.fromkeys(told) if name in waiting]


def _is_of(name: str, take: str) -> bool:
    before, found, behind = name.partition(take)
    return bool(found) and (not before or before.startswith("shot_")) and not behind[:1].isdigit()


def _not_taken(project: ServedProject, shot: str, waiting: Json, said: set[str]) -> list[tuple[str, str]]:
    """Those that are left where they are, each with the reason; why others wait is said once."""
    status, takes = project.ask("GET", "status"), f"{shot}/takes/"
    for one in status["waiting"]:
        if one["path"] not in said and one["path"].removeprefix(takes) in waiting:
            said.add(one["path"])
            say(f"{one['path'].removeprefix(takes)} waits: {one['reason']}", err=True)
    left = {one["path"].removeprefix(takes): one["reason"] for one in status["notTaken"]}
    return [(name, reason) for name, reason in left.items() if name in waiting]
