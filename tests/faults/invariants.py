"""The invariants: what is true of a film whatever has happened to it. Every row of the campaign ends with them."""

import json
import os
import subprocess
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx
from msgspec import Struct

from projections.artifacts.frame_lists import read_list
from projections.layout import (
    OWN_FOLDER,
    PROJECT_FILE,
    TAKES,
    full_id,
    is_junk,
    is_picture,
    kind_of,
    media_path,
    take_number,
)
from tests.faults.ledger import Ledger, sha256
from tests.support.deadline import DEADLINE
from tests.support.film import Daemon, Film, environment

PATIENCE = 40.0
"""Seconds in which all of it has to become true."""

EACH = 0.1
"""Seconds more for each drop: it takes a while to look at very many."""


class Violated(AssertionError):
    """Raised when something that is always to be true of a film is not."""


class Seen(Struct):
    """What a daemon says of a film: the takes of each shot, deleted ones too, the events, and the status."""

    takes: dict[str, list[dict[str, Any]]]
    events: list[dict[str, Any]]
    status: dict[str, Any]

    @property
    def listed(self) -> set[str]:
        """The paths that are said to wait or not to be taken."""
        return {one["path"] for name in ("waiting", "notTaken") for one in self.status[name]}


async def see(daemon: Daemon) -> Seen:
    """All that can be asked of a film."""
    shots = [one["path"] for one in (await daemon.get("shots"))["shots"]]
    takes = {shot: (await daemon.get(f"shots/{full_id(shot)}/takes?deleted=true"))["takes"] for shot in shots}
    events: list[dict[str, Any]] = []
    while some := (await daemon.get(f"events?limit=10000&after={len(events)}"))["events"]:
        events += some
    return Seen(takes, events, await daemon.status())


async def check(daemon: Daemon, ledger: Ledger, *, closely: bool = True) -> None:
    """Violated unless all of it becomes true soon; `closely` also what takes the daemon a while to answer."""
    until = anyio.current_time() + PATIENCE + EACH * ledger.drops.total()
    while problems := await _found(daemon, ledger, closely=closely):
        if anyio.current_time() > until:
            raise Violated("; ".join(problems[:8]))
        await anyio.sleep(0.2)


async def _found(daemon: Daemon, ledger: Ledger, *, closely: bool) -> list[str]:
    """What is wrong by a whole look, however long that takes on a machine with much else to do."""
    try:
        return await _problems(daemon, ledger, closely=closely)
    except (httpx.HTTPError, OSError, AssertionError, KeyError, ValueError) as error:
        return [f"{type(error).__name__}: {error}"]


async def _problems(daemon: Daemon, ledger: Ledger, *, closely: bool) -> list[str]:
    seen = await see(daemon)
    found = await anyio.to_thread.run_sync(lambda: list(_broken(daemon.film, ledger, seen)))
    if found or not closely:
        return found
    patience = DEADLINE + EACH * ledger.drops.total()
    compared = [one async for one in _compared(daemon, patience)]
    return compared + await anyio.to_thread.run_sync(_git, daemon.film)


def _broken(film: Film, ledger: Ledger, seen: Seen) -> Iterator[str]:
    yield from _told(ledger, seen)
    yield from _at_rest(ledger, seen)
    yield from _drops(ledger, seen)
    yield from _bytes(film, ledger, seen)
    yield from _strays(film, seen)
    yield from _numbers(seen)
    yield from _keys(film, ledger)


def _told(ledger: Ledger, seen: Seen) -> Iterator[str]:
    """What was said once stays so, and no number is ever another take's."""
    for shot, takes in seen.takes.items():
        yield from filter(None, (ledger.heard(shot, take) for take in takes))
    complete = {(shot, one["number"]): one for shot, takes in seen.takes.items() for one in takes}
    for key in ledger.given:
        take = complete.get(key)
        if take is None or take["status"] != "complete":
            yield f"{key} was complete, and is {take['status'] if take else 'not there'}"
        elif take["deleted"] and key not in ledger.hidden | ledger.purged:
            yield f"{key} is hidden, and nobody asked for it"
        elif take["purged"] and key not in ledger.purged:
            yield f"{key} is purged, and nobody asked for it"


def _at_rest(ledger: Ledger, seen: Seen) -> Iterator[str]:
    """Nothing is being made, nothing has failed, and no projection is behind."""
    for shot, takes in seen.takes.items():
        for take in takes:
            if take["status"] in ("generating", "failed"):
                yield f"{shot} {take['id']} is {take['status']}: {take.get('error')}"
    yield from (f"{one['name']} is behind" for one in seen.status["projections"] if one["behind"])
    problems = [one["what"] for one in seen.status["problems"]]
    yield from (f"it says: {what}" for what in problems if not ledger.excused or ledger.excused not in what)


def _drops(ledger: Ledger, seen: Seen) -> Iterator[str]:
    """Every drop that was whole is exactly one take, in its shot."""
    complete = [
        (shot, one["media"]["sha256"])
        for shot, takes in seen.takes.items()
        for one in takes
        if one["status"] == "complete"
    ]
    count = Counter(digest for _, digest in complete)
    for digest in ledger.drops.keys() | count.keys():
        if count[digest] != ledger.drops[digest]:
            yield f"{digest[:8]} was dropped {ledger.drops[digest]} times, and is {count[digest]} takes"
    for shot, digest in complete:
        if digest in ledger.shots and shot not in ledger.shots[digest]:
            yield f"{digest[:8]} is a take of {shot}"


def _bytes(film: Film, ledger: Ledger, seen: Seen) -> Iterator[str]:
    """No take is complete without its bytes."""
    for shot, takes in seen.takes.items():
        for take in takes:
            if take["status"] != "complete" or take["purged"]:
                continue
            path = film.root / media_path(shot, take["number"], take["media"]["name"])
            try:
                content = path.read_bytes()
            except OSError as error:
                yield f"{shot} {take['id']} has no bytes: {error}"
                continue
            if sha256(content) != take["media"]["sha256"]:
                yield f"{shot} {take['id']} has other bytes: {len(content)} of {take['media']['bytes']}"
            for frame, digest in _frames(film, shot, take).items():
                if not (film.root / frame).exists() or sha256((film.root / frame).read_bytes()) != digest:
                    yield f"{frame} is not what it was"


def _frames(film: Film, shot: str, take: dict[str, Any]) -> dict[str, str]:
    """By path, the hashes of a sequence's frames; nothing of any other take."""
    if not take["media"] or not take["media"]["frames"]:
        return {}
    path = media_path(shot, take["number"], take["media"]["name"])
    listed = read_list(film.root / path)
    return {where: frame.sha256 for where, frame in listed.paths(path)} if listed else {}


def _strays(film: Film, seen: Seen) -> Iterator[str]:
    """Whatever media lies in a `takes` is a take's, or is listed."""
    known = {
        media_path(shot, one["number"], one["media"]["name"])
        for shot, takes in seen.takes.items()
        for one in takes
        if one["media"]
    }
    known |= {
        path for shot, takes in seen.takes.items() for one in takes for path in _frames(film, shot, one)
    }
    known |= seen.listed
    for path in _media(film.root):
        if path not in known:
            yield f"{path} is no take, and is not listed"


def _media(root: Path) -> Iterator[str]:
    """The media in the shots' `takes`, and in the take folders there."""
    for place, folders, files in os.walk(root):
        folders[:] = [one for one in folders if one not in (OWN_FOLDER, ".git")]
        folder = Path(place)
        is_takes = folder.name == TAKES or (folder.parent.name == TAKES and take_number(folder.name))
        for name in files if is_takes else ():
            if kind_of(name) and not is_junk(name) and not is_picture(name):
                yield (folder / name).relative_to(root).as_posix()


def _numbers(seen: Seen) -> Iterator[str]:
    """The log gives each number once, ends each take once, and has no gap."""
    given = Counter(_of(one) for one in seen.events if one["type"] == "take.created")
    ended = Counter(_of(one) for one in seen.events if one["type"] == "take.completed")
    yield from (f"{key} was given {count} times" for key, count in given.items() if count > 1)
    yield from (f"{key} was completed {count} times" for key, count in ended.items() if count > 1)
    if [one["position"] for one in seen.events] != list(range(1, len(seen.events) + 1)):
        yield "the log has a gap"


def _of(event: dict[str, Any]) -> tuple[str, int]:
    return event["stream"], event["data"]["take"]


def _keys(film: Film, ledger: Ledger) -> Iterator[str]:
    """The keys of `project.json` that are not ours are as the user wrote them."""
    content = json.loads((film.root / PROJECT_FILE).read_bytes())
    if lost := [name for name, value in ledger.keys.items() if content.get(name) != value]:
        yield f"project.json has lost {', '.join(lost)}"


async def _compared(daemon: Daemon, patience: float) -> AsyncIterator[str]:
    """The chain and all media are as they were written, and what lives is what a rebuild would make."""
    verdict = json.loads((await daemon.ask("POST", "verify", patience=patience)).text.splitlines()[-1])
    if not verdict["ok"]:
        yield f"verify: {verdict}"
    answer = (await daemon.ask("POST", "rebuild", {"verify": True}, patience=patience)).json()
    if answer.get("differences", True):
        yield f"rebuild --verify: {answer}"


def _git(film: Film) -> list[str]:
    """The repository is sound, and its lock is free."""
    if not (film.root / ".git").exists():
        return []
    broken = []
    for check in (("fsck", "--strict", "--no-dangling"), ("lfs", "fsck", "--pointers")):
        done = subprocess.run(
            ["git", *check],
            cwd=film.root,
            env=environment(film.folder),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            broken.append(f"git {' '.join(check)}: {done.stdout}{done.stderr}")
    if (film.root / ".git/index.lock").exists():
        broken.append("index.lock was left")
    return broken
