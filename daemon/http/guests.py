"""The guests: who comes by a link sees what belongs to that and nothing else, and can change nothing.

Their secret opens one corner of the port, below `/shared/`, and their cookie is sent to no other. What they ask for there
is looked up in the link each time: one that has expired, or was withdrawn, leads nowhere from then on.
"""

import re
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple
from urllib.parse import parse_qs, parse_qsl, quote, urlencode

import msgspec

from daemon.api.answers.colours import colours_of
from daemon.api.views.guests import guest_film, is_for_guests
from daemon.http.page import Answer, Page, note, show
from daemon.http.refusals import again, refuse
from daemon.http.request import SHARE, SHARED, Request, Scope
from daemon.http.sending import Send, send_answer
from daemon.project.links import Links
from daemon.project.project import Project
from daemon.project.projects import Projects
from daemon.shares import Share, shown_by
from events import Refused, StudioAway, TakeKey
from projections.index.loading import ALL
from projections.index.rows import ShotTakes
from projections.layout import full_id, take_number

App = Callable[[Any, Any, Any], Awaitable[None]]

FILM = f"{SHARED}film.json"

_OF_TAKE = re.compile(
    rf"{SHARED}shots/(?P<stream>[0-9a-f]{{16}})/takes/(?P<take>take_[0-9]{{3,10}})/"
    r"(?P<what>thumbnail|filmstrip|waveform|media|still|proxy|frames/[0-9]{1,10})"
)
"""What there is of a take for a guest."""

ASKED = {"of", "size", "stops", "gamma", "channel"}
"""What may be asked for of a picture."""

ANOTHER = "It has expired, or was withdrawn. Ask whoever sent it for another one."


class _Meant(NamedTuple):
    """What a guest asks for, of a take that belongs to the link."""

    stream: str
    number: int
    what: str


class Guests:
    """The corner of the port, or of the hub's door, that links lead to; the application behind it answers files of takes."""

    def __init__(self, app: App, projects: Projects, links: Links, page: Page, door: int | str) -> None:
        """`door` is what tells it from other doors of the machine, whose cookies come along: its port, or its name."""
        self._app = app
        self._projects = projects
        self._links = links
        self._page = page
        self._cookie = f"takes-guest-{door}"

    async def __call__(self, scope: Scope, receive: Any, send: Send) -> None:
        request = Request(scope)
        try:
            answer = await self._answer(request, scope)
        except (Refused, StudioAway):  # what is suspended, or cannot be known for now
            answer = _away(request)
        if answer is None:
            await self._app(scope, receive, send)
        else:
            await send_answer(answer, send, with_body=request.method != "HEAD")

    async def _answer(self, request: Request, scope: Scope) -> Answer | None:
        """What is answered here; None where the application is to answer for that scope, which then is of a take."""
        if request.method not in {"GET", "HEAD"}:
            return refuse(request, 405, "Method Not Allowed", "guests can only look", "A link is read-only.")
        if request.path == SHARE:
            return await self._enter(request)
        share = await self._share(request)
        if share is None:
            return again(then=SHARED) if request.is_from_elsewhere else _gone(request)
        request.trust()
        if request.path != FILM and not (meant := _meant(request.path)):
            return self._file(request)
        project = next((one for one in self._projects.all if str(one.root) == share.root), None)
        if project is None:
            return _away(request)
        project.disk.use()
        if request.path == FILM:
            return await _told(project, share)
        return await _lead(scope, request, project, share, meant)

    async def _enter(self, request: Request) -> Answer:
        """Let a guest's browser in that brings the secret of a link, and have it remember that."""
        given = parse_qs(request.query.decode("latin-1")).get("token", [])
        shown = shown_by(given[0]) if len(given) == 1 else ""
        share = await self._links.shown(shown) if shown else None
        if share is None:
            return _gone(request)
        request.trust()
        seconds = max(1, int(share.until - time.time()))
        headers = {
            "Set-Cookie": f"{self._cookie}={shown}; Path={SHARED}; Max-Age={seconds}; HttpOnly; SameSite=Strict",
            "Cache-Control": "no-store",
        }
        if request.is_from_elsewhere:
            return again(headers, then=SHARED)
        return Answer(status=303, headers={**headers, "Location": SHARED})

    async def _share(self, request: Request) -> Share | None:
        shown = request.cookies(self._cookie)
        return await self._links.shown(shown[0]) if len(shown) == 1 else None

    def _file(self, request: Request) -> Answer:
        path = f"{SHARED}index.html" if request.path == SHARED else request.path
        if file := self._page.get(path):
            return show(file, request.joined("accept-encoding"), request.joined("if-none-match"))
        return refuse(
            request, 404, "Not Found", "the link leads to nothing of that name", f"It begins at {SHARED}."
        )


def _meant(path: str) -> _Meant | None:
    """The take that a path is about; None where it is about none."""
    found = _OF_TAKE.fullmatch(path)
    number = take_number(found["take"]) if found else None
    return _Meant(found["stream"], number, found["what"]) if found and number else None


async def _shots(project: Project, share: Share) -> Sequence[ShotTakes]:
    """The shots that belong to a link, in story order."""
    index = project.parts.index
    found = [one for one in await index.shots() if share.holds(one.stream, one.path)]
    known = {one.shot.stream: one for one in await index.load({one.stream: {ALL} for one in found})}
    return [known[one.stream] for one in found if one.stream in known]


async def _lead(
    scope: Scope, request: Request, project: Project, share: Share, meant: _Meant | None
) -> Answer | None:
    """Have the scope be of the take's file, as its owner asks for it, where that belongs to the link."""
    loaded = await project.parts.index.load({meant.stream: {meant.number}}) if meant else []
    for one in loaded:
        is_theirs = share.holds(one.shot.stream, one.shot.path)
        if meant and is_theirs and any(is_for_guests(take) for take in one.takes):
            take = f"takes/take_{meant.number:03d}/{meant.what}"
            scope["path"] = f"/api/projects/{project.id}/shots/{full_id(one.shot.path)}/{take}"
            scope["raw_path"] = quote(scope["path"], safe="/:").encode()
            asked = [pair for pair in parse_qsl(request.query.decode("latin-1")) if pair[0] in ASKED]
            scope["query_string"] = urlencode(asked).encode()
            return None
    return refuse(request, 404, "Not Found", "the link has no such take", f"It begins at {SHARED}.")


async def _told(project: Project, share: Share) -> Answer:
    shots = await _shots(project, share)
    keys = [
        TakeKey(one.shot.stream, take.number) for one in shots for take in one.takes if is_for_guests(take)
    ]
    film = guest_film(share, shots, await colours_of(project, keys))
    headers = {"Content-Type": "application/json", "Cache-Control": "no-store"}
    return Answer(status=200, headers=headers, body=msgspec.json.encode(film))


def _gone(request: Request) -> Answer:
    """The answer to who comes by no link that leads anywhere."""
    title = "This link leads nowhere"
    if "text/html" in request.joined("accept"):
        return note(401, title, ANOTHER)
    return refuse(request, 401, title, "no link that is good any more", ANOTHER)


def _away(request: Request) -> Answer:
    return refuse(request, 503, "Away", "the film is away for now", "Look again in a while.")
