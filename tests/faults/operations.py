"""The operations: all that is done to a film, each one begun by the world and known to be done by what is seen of it."""

import json
from collections.abc import Mapping
from contextlib import suppress
from io import BytesIO
from typing import Any, ClassVar

import httpx
from PIL import Image

from projections.artifacts.frame_lists import Frame, FrameList, encode
from projections.layout import full_id, media_path, take_name
from tests.daemon.requests.asked import COMMAND
from tests.e2e.repository import Git, begin
from tests.faults.ledger import sha256
from tests.faults.world import World
from tests.support.filesystems import sync
from tests.support.film import DAWN, NOON, put, until

DAY = 24 * 3600
"""Seconds; no take that is younger is ever purged."""


class Operation:
    """Something that is done to a film, again and again with other bytes."""

    choices: ClassVar[Mapping[str, Any]] = {}

    def __init__(self, world: World) -> None:
        self.world = world

    async def once(self) -> None:
        """What has to be there before the first time."""

    async def prepare(self) -> None:
        """What has to be there each time, while nothing fails."""

    async def begin(self) -> None:
        """Do it, or ask for it; nothing is waited for."""
        raise NotImplementedError

    async def insist(self) -> None:
        """Ask again where it was not answered."""

    async def is_done(self) -> bool:
        """Whether it has come about."""
        raise NotImplementedError

    async def ask(self, method: str, path: str, body: Any = None, key: str = "") -> httpx.Response | None:
        """The answer; None where there is none."""
        headers = {"Idempotency-Key": key} if key else None
        with suppress(httpx.TransportError):
            return await self.world.daemon.ask(method, path, body, headers)
        return None


class Drop(Operation):
    """A file is renamed into a shot."""

    content = b""

    async def begin(self) -> None:
        self.content = self.world.drop()

    async def is_done(self) -> bool:
        return bool(await self.world.take_of(self.content))


class Recipe(Drop):
    """A file with its recipe beside it."""

    async def begin(self) -> None:
        self.content = self.world.fresh()
        put(self.world.film.takes() / "render.json", json.dumps({"prompt": "waves", "seed": 7}).encode())
        self.world.drop(self.content, name="render.png")

    async def is_done(self) -> bool:
        take = await self.world.take_of(self.content)
        return bool(take and take["generationParams"].get("seed") == 7)


class Overwrite(Drop):
    """A tool saves over a take."""

    number = 0

    async def prepare(self) -> None:
        self.number = (await self.world.taken())["number"]

    async def begin(self) -> None:
        self.content = self.world.fresh()
        self.world.ledger.dropped(self.content, DAWN)
        put(self.world.film.media(self.number), self.content)


class Adopt(Drop):
    """A take folder is made by hand, and moved in."""

    async def begin(self) -> None:
        film, self.content = self.world.film, self.world.fresh()
        number = max((one["number"] for one in await self.world.daemon.takes()), default=0) + 1
        made = film.root / "made by hand"
        made.mkdir()
        put(made / film.media(number).name, self.content)
        self.world.ledger.dropped(self.content, DAWN)
        made.rename(film.take(number))


class Sequence(Drop):
    """A folder of frames is moved in; what is known of the take is the list of them."""

    async def begin(self) -> None:
        film, frames = self.world.film, [self.world.fresh() for _ in range(3)]
        made = film.root / "rendered"
        made.mkdir()
        for number, content in enumerate(frames, 1):
            put(made / f"sea.{number:04d}.png", content)
        listed = [Frame(number, len(content), sha256(content)) for number, content in enumerate(frames, 1)]
        self.content = encode(FrameList(".png", 4, listed))
        self.world.ledger.dropped(self.content, DAWN)
        made.rename(film.takes() / "sea")


class Staging(Drop):
    """A drop in a film that lies in a git repository."""

    git: Git

    async def once(self) -> None:
        self.git = begin(self.world.film)
        self.git("commit", "--quiet", "--allow-empty", "--message", "begin")
        sync(self.world.film.root)
        await self.world.taken()

    async def is_done(self) -> bool:
        take = await self.world.take_of(self.content)
        if not take:
            return False
        return media_path(DAWN, take["number"], take["media"]["name"]) in self.git.staged()


class OfTake(Operation):
    """Something that is asked of a take which is there."""

    number = 0

    @property
    def path(self) -> str:
        return f"shots/{full_id(DAWN)}/takes/{take_name(self.number)}"

    async def prepare(self) -> None:
        self.number = (await self.world.taken())["number"]

    async def take(self) -> dict[str, Any]:
        take = await self.world.daemon.take(self.number)
        return take or {}

    async def hide(self) -> None:
        self.world.ledger.hidden.add((DAWN, self.number))
        await self.ask("DELETE", self.path)


class Delete(OfTake):
    """A take is hidden."""

    async def begin(self) -> None:
        await self.hide()

    async def insist(self) -> None:
        await self.hide()

    async def is_done(self) -> bool:
        return bool((await self.take()).get("deleted"))


class Restore(OfTake):
    """A hidden take is brought back."""

    async def prepare(self) -> None:
        await super().prepare()
        await self.hide()
        await until(self.world.rests)

    async def begin(self) -> None:
        await self.ask("POST", f"{self.path}/restore")

    async def insist(self) -> None:
        await self.begin()

    async def is_done(self) -> bool:
        if (await self.take()).get("deleted", True):
            return False
        self.world.ledger.hidden.discard((DAWN, self.number))
        return True


class Purge(OfTake):
    """The bytes of a hidden take are given up."""

    async def prepare(self) -> None:
        await super().prepare()
        await self.hide()
        await until(self.world.rests)
        self.world.calls.turn(2 * DAY)

    async def begin(self) -> None:
        self.world.ledger.purged.add((DAWN, self.number))
        await self.ask("POST", "cleanup", {"deletedAfterDays": 1})

    async def insist(self) -> None:
        await self.begin()

    async def is_done(self) -> bool:
        return bool((await self.take()).get("purged"))


class Asked(Operation):
    """Something that is asked of the whole film, and done when it is answered."""

    was_answered = False
    path = ""

    async def begin(self) -> None:
        self.was_answered = False
        await self.insist()

    async def insist(self) -> None:
        answer = await self.ask("POST", self.path, {})
        self.was_answered = self.was_answered or bool(answer and answer.is_success)

    async def is_done(self) -> bool:
        return self.was_answered


class Rebuild(Asked):
    """All projections are made anew."""

    path = "rebuild"

    async def once(self) -> None:
        for shot in (DAWN, NOON):
            await self.world.taken(shot=shot)


class Dedupe(Asked):
    """Takes of the same bytes are to share them."""

    path = "dedupe"

    async def prepare(self) -> None:
        content = self.world.fresh()
        for shot in (DAWN, NOON):
            await self.world.taken(content, shot)


class Request(Operation):
    """A take is asked for, and a program makes it."""

    choices: ClassVar[Mapping[str, Any]] = {"runner": COMMAND}
    number = 0

    async def once(self) -> None:
        await self.world.taken()

    async def begin(self) -> None:
        self.number += 1
        made = BytesIO()
        Image.new("RGB", (64, 36), (self.number, 80, 40)).save(made, "PNG")
        self.content = made.getvalue()
        self.world.ledger.dropped(self.content, DAWN)
        await self.insist()

    async def insist(self) -> None:
        body = {"generationParams": {"seed": self.number}}
        await self.ask("POST", f"shots/{full_id(DAWN)}/takes", body, f"request-{self.number}")

    async def is_done(self) -> bool:
        return bool(await self.world.take_of(self.content))


async def calls_of(operation: Operation) -> int:
    """How many durable calls it takes, where nothing fails."""
    world = operation.world
    await operation.prepare()
    world.calls.count()
    await operation.begin()
    await until(operation.is_done)
    await until(world.rests)
    return world.calls.disarm()


async def is_over(operation: Operation) -> bool:
    """Whether it has come about, with all that follows from it."""
    return await operation.is_done() and await operation.world.rests()


async def done(operation: Operation) -> None:
    """Ask until it has come about."""

    async def is_done() -> bool:
        if await operation.is_done():
            return True
        await operation.insist()
        return False

    assert await operation.world.lives_until(is_done), operation.world.said()


OPERATIONS: Mapping[str, type[Operation]] = {
    "drop": Drop,
    "recipe": Recipe,
    "overwrite": Overwrite,
    "restore": Restore,
    "delete": Delete,
    "purge": Purge,
    "dedupe": Dedupe,
    "adopt": Adopt,
    "sequence": Sequence,
    "request": Request,
    "git": Staging,
    "rebuild": Rebuild,
}
