"""The shot resource: the shot, or the take of it, that a request points to, who makes it, and which version of the
shot its decision rests on.
"""

import os
import re
import uuid
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import anyio
from litestar import Request, Response
from msgspec import UNSET

from daemon.api.answers.listing import list_takes
from daemon.api.answers.problems import BadRequest
from daemon.api.answers.shots import view_of
from daemon.api.new_take import ask_for_take
from daemon.api.views.media import CompanionView
from daemon.api.views.takes import (
    QueuedTake,
    ShotView,
    TakeList,
    TakeView,
    take_address,
    take_view,
)
from daemon.commands.keys import Wish
from daemon.decoding.pictures import PictureNotFound
from daemon.desks.doing import SHOWN
from daemon.peer import PEER, person_of, user_name
from daemon.project.parts import Parts
from daemon.project.projects import Projects
from daemon.project.studio import missing_worker
from daemon.shots.shots import Origin, Rule
from events import (
    COMMAND,
    Event,
    Media,
    Record,
    Shot,
    StaleVersion,
    TakeCreated,
    TakeKey,
    TakeNotFound,
    TakesError,
)
from events import Request as TakeRequest
from events.choices import checked_name
from projections.artifacts.frame_lists import shown
from projections.files.threads import in_thread
from projections.index.answers import ShotNotFound
from projections.index.rows import ShotRow, ShotTakes, TakeRow
from projections.layout import media_path, take_name, take_number, take_path

PATIENCE = 2.0
"""Seconds that a change waits until it can be seen on the disk."""

POSITION = re.compile("[0-9]{1,15}")
"""A place in the log, as a client writes it."""

_LIST = re.compile("/api/projects/([^/?]+)/shots/([^/?]+)/takes")


class ShotResource:
    """Where a request points: a project, a shot in it, and a take of that. The shot is looked up once."""

    def __init__(self, projects: Projects, project_id: str, shot_id: str, take_id: str | None = None) -> None:
        self.project = projects.find(project_id)
        self.parts = self.project.parts
        self._shot_id = shot_id
        self._take_id = take_id
        self._shot: ShotRow | None = None

    @property
    def runs(self) -> bool:
        """Whether there is a runner that makes what is asked for."""
        return self.parts.queue.runner is not None

    async def shot(self) -> ShotRow:
        """The shot as it was found."""
        if self._shot is None:
            self._shot = await self.parts.index.find_shot(self._shot_id)
        return self._shot

    async def loaded(self, numbers: Sequence[int]) -> ShotTakes:
        """The shot and those takes, or all of them, as they were at one moment."""
        loaded = await self.parts.index.load({(await self.shot()).stream: numbers})
        if not loaded:
            raise ShotNotFound(self._shot_id)
        return loaded[0]

    async def take(self) -> tuple[ShotRow, TakeRow]:
        """The take, and the shot as it was at the same moment."""
        number = number_of(self._take_id or "")
        loaded = await self.loaded([number])
        if not loaded.takes:
            raise TakeNotFound(number)
        return loaded.shot, loaded.takes[0]

    async def media(self) -> tuple[Path, Media]:
        """Where the file is that stands for the take, and its media; PictureNotFound where it has none."""
        shot, take = await self.take()
        media = take.read_media()
        if media is None:
            raise PictureNotFound(why_no_picture(take))
        return self.project.root / shown(media_path(shot.path, take.number, media.name), media), media

    async def view(self, behind: Sequence[str] = ()) -> Response[TakeView]:
        """The take, and the version of its shot as ETag; `behind` are the projections that do not show it yet."""
        shot, take = await self.take()
        view = take_view(self.project.id, shot, take, runs=self.runs)
        view.behind = behind or UNSET
        progress = self.parts.queue.under_way.progress.get(TakeKey(shot.stream, take.number))
        view.waits = (progress and progress.waits and progress.message) or UNSET
        if view.companions and not take.purged:
            await in_thread(_look_for, self.project.root / take_path(shot.path, take.number), view.companions)
        return Response(view, headers={"ETag": etag(shot)})

    async def shot_view(self) -> Response[ShotView]:
        """The shot, and its version as ETag."""
        shot = (await self.loaded([])).shot
        return Response(await view_of(self.project, shot), headers={"ETag": etag(shot)})

    async def views(self, numbers: Sequence[int], behind: Sequence[str] = ()) -> Response[TakeList]:
        """Those takes; the rest as in `view`."""
        loaded = await self.loaded(numbers)
        shot = loaded.shot
        views = [take_view(self.project.id, shot, take, runs=self.runs) for take in loaded.takes]
        for view in views:
            view.behind = behind or UNSET
        active = take_name(shot.active) if shot.active else None
        return Response(TakeList(takes=views, active_take_id=active), headers={"ETag": etag(shot)})

    async def listing(self, *, deleted: bool) -> Response[bytes]:
        """The shot's takes as JSON; once their pictures are there, remembered for as long as nothing happens to the shot."""
        shot, known = await self.shot(), self.parts.listings
        body = known.get((shot.stream, shot.version, deleted))
        if body is None:
            listed = await list_takes(self.project, shot, deleted=deleted, runs=self.runs)
            if listed is None:
                raise ShotNotFound(self._shot_id)
            shot, body = listed.shot, listed.body
            if listed.is_drawn and len(body) <= known.maxsize:
                known[shot.stream, shot.version, deleted] = body
        return Response(body, headers={"ETag": etag(shot)}, media_type="application/json")

    async def wish(self, *events: Event) -> Wish:
        """The wish that this happens to the shot."""
        return Wish(self.project.id, (await self.shot()).stream, events)

    async def was_done(self, origin: Origin, wish: Wish) -> bool:
        """Whether the log has what that request has led to; KeyUsed where another one had its key."""
        records = await self.parts.log.command(origin.cause or "")
        if records:
            await self._seen(wish, records)
        return bool(records)

    async def change(self, rule: Rule, origin: Origin, if_match: str | None, wish: Wish) -> None:
        """Let the rule decide, and wait until the index has seen it."""
        shot = await self.shot()
        records = await self.parts.shots.change(shot.stream, rule, origin, expected=_wanted(shot, if_match))
        if records:
            await self._seen(wish, records)

    async def behind(self) -> Sequence[str]:
        """What of the disk does not show the shot as it is, though it was waited for."""
        shot = await self.parts.shots.load((await self.shot()).stream)
        return await self.parts.projector.behind(SHOWN, shot.stream, shot.position, PATIENCE)

    async def bring_back(self, numbers: Sequence[int], rule: Rule, if_match: str | None) -> None:
        """Have the media of those takes back on the disk, if the rule and the version allow it; MediaGone where it is lost."""
        shot = (await self.loaded(numbers)).shot
        _check_version(shot, if_match)
        rule(await self.parts.shots.load(shot.stream))
        await bring_back(self.parts, shot.stream, numbers)

    def accepting(self, number: int) -> "Accepting":
        """That failed take, on its way to be complete."""
        return Accepting(self, number)

    async def ask_for(
        self, request: TakeRequest, origin: Origin, if_match: str | None, wish: Wish
    ) -> Response[QueuedTake]:
        """Ask for another take; its number is given when this returns, and whatever happens it is lined up."""
        shot = await self.shot()
        expected = _wanted(shot, if_match)
        records = await ask_for_take(self.parts, self.project.root, shot, request, origin, expected)
        await self._seen(wish, records)
        number = next(one.event.take for one in records if isinstance(one.event, TakeCreated))
        shot = (await self.loaded([number])).shot
        headers = {"ETag": etag(shot), "Location": take_address(self.project.id, shot, take_name(number))}
        waits = self.parts.queue.under_way.problem or missing_worker(self.parts.log) or UNSET
        queued = QueuedTake(take_id=take_name(number), waits=waits)
        return Response(queued, status_code=202, headers=headers)

    async def _seen(self, wish: Wish, records: Sequence[Record]) -> None:
        """Return once the index has seen these; KeyUsed where another wish has led to them."""
        wish.check(records)
        await self.parts.index.show(records[-1].position)


class Accepting:
    """A failed take that a person wants complete: its file is kept first, and then it is.

    Where others keep the shot, they do that as soon as the log says that it is wanted.
    """

    def __init__(self, target: ShotResource, number: int) -> None:
        self._target = target
        self._number = number
        self._rule: Rule | None = None

    async def prepare(self, _rule: Rule, if_match: str | None) -> None:
        """Keep its file, if the version allows it; TakeHasNoFile where it cannot be kept."""
        parts, (shot, _) = self._target.parts, await self._target.take()
        _check_version(shot, if_match)
        self._rule = await parts.acceptance.keep(shot.stream, self._number)

    def rule(self, shot: Shot) -> Sequence[Event]:
        """It is complete, once its file is kept."""
        return self._rule(shot) if self._rule else []

    async def done(self) -> None:
        """Return once it is complete, or after a while."""
        seen = self._target.parts.index.seen
        with anyio.move_on_after(PATIENCE):
            while (await self._target.take())[1].status == "generating":
                await seen.reach(seen.level + 1)


def number_of(take_id: str) -> int:
    """The number in a take's id; BadRequest where it is none."""
    number = take_number(take_id)
    if number is None:
        raise BadRequest(f"{take_id!r} is not the id of a take, such as take_003")
    return number


class KnownLists:
    """The lists of takes that are remembered, for who asks for one of them at the socket."""

    def __init__(self, projects: Projects) -> None:
        self._projects = projects

    def answer(self, target: bytes) -> tuple[str, bytes] | None:
        """The headers and the body for a GET of that target; None where the application is to answer."""
        if (asked := _list_asked_for(target)) is None:
            return None
        with suppress(TakesError):  # which the application tells
            parts = self._projects.find(asked[0]).parts
            shot = parts.index.known_shot(asked[1])
            body = parts.listings.get((shot.stream, shot.version, False)) if shot else None
            if shot and body:
                return f"content-type: application/json\r\netag: {etag(shot)}\r\n", body
        return None


@lru_cache(256)
def _list_asked_for(target: bytes) -> tuple[str, str] | None:
    """The project and the shot of whose takes that target is the list."""
    asked = _LIST.fullmatch(unquote(target.decode("latin-1")))
    return (asked[1], asked[2]) if asked else None


def etag(shot: ShotRow) -> str:
    """The version of a shot, as an ETag."""
    return f'"{shot.stream}.{shot.version}"'


def _check_version(shot: ShotRow, if_match: str | None) -> None:
    """StaleVersion where the shot has moved on from the version that a decision rests on."""
    expected = _wanted(shot, if_match)
    if expected is not None and expected != shot.version:
        raise StaleVersion(shot.stream, expected, shot.version)


def _wanted(shot: ShotRow, if_match: str | None) -> int | None:
    """The version that the shot is to be at; None for any."""
    return _version(shot, if_match) if if_match else None


def _version(shot: ShotRow, if_match: str) -> int | None:
    if if_match.strip() == "*":
        return None  # any version will do
    stream, _, number = if_match.strip().removeprefix("W/").strip('"').partition(".")
    if stream != shot.stream or not POSITION.fullmatch(number):
        return -1  # an ETag of something else: no version of this shot matches
    return int(number)


async def bring_back(parts: Parts, stream: str, numbers: Sequence[int]) -> None:
    """Have the media of those takes of a shot back on the disk, unless others keep it; MediaGone where it is lost."""
    if not parts.keeping.keeps(stream):
        return
    for one in await parts.index.load({stream: numbers}):
        for take in one.takes:
            await parts.restorer.bring_back(one.shot, take)
            # git may have looked when the media was back, and what lies beside it was not
            parts.projector.touch(parts.git.name, stream, {take.number})


def asker(request: Request[Any, Any, Any], command: str | None, by: str | None = None) -> Origin:
    """Who asks: the API, with who that is, by the hub's proxy or the uid of the peer, and the id of the command."""
    who = "cli" if request.headers.get("user-agent", "").startswith("takes-cli") else "api"
    known, person = _known(request, by)
    if command is not None and not (command.isascii() and command.isprintable() and 0 < len(command) <= 200):
        raise BadRequest("an Idempotency-Key is one line of at most 200 ASCII characters")
    return Origin(f"{who}:{known}" if known else who, f"{COMMAND}{command or uuid.uuid4()}", person)


def _known(request: Request[Any, Any, Any], by: str | None) -> tuple[str, str]:
    """What is known of who asks, if anything, and a name.

    Whom the hub's proxy names, and the peer's user at the socket, stand for themselves; at the port, where only the
    token is known, a client may say for whom it asks.
    """
    client, person = request.client, person_of(request.scope)
    if person is not None:
        return person, person
    if client and client.host == PEER:
        return str(client.port), user_name(client.port)
    return "", user_name(os.geteuid()) if by is None else checked_name("person", unquote(by))


def _look_for(folder: Path, companions: Sequence[CompanionView]) -> None:
    """Say of each file whether it is missing from the take's folder."""
    for one in companions:
        one.missing = not (folder / one.name).exists() or UNSET


def why_no_picture(take: TakeRow) -> str:
    """Why there is nothing to be seen of a take."""
    if take.status == "failed":
        return "it has failed, and there is no picture of it"
    if take.status == "complete":
        return "its picture is not there yet"
    return "it is still to be made" if take.source == "request" else "it is still being taken in"
