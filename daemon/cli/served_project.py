"""The served project: what the commands ask the daemon about one of its projects."""

import time
from collections.abc import Callable, Iterator, Sequence

from daemon import locations
from daemon.cli.client import (
    AnswerCutOff,
    Daemon,
    Json,
    NoDaemon,
    NotFoundAnswered,
    ProblemAnswered,
    StreamEnded,
    api_path,
)
from events import NotFound, Refused

NO_SHOT = "urn:takes:shot-not-found"
"""The type of the problem that there is no shot of that name."""

PAGE = 1000
"""Events that are asked for at once."""

RECENT = 10
"""Events from before the first new one, for those who follow and do not say from where."""

AWAY = 503
"""The status of an answer about a film that is not there."""

AGAIN = 0.5
"""Seconds until it is asked again whether a film is there."""

FINAL_EVENTS = ("take.completed", "take.failed", "take.deleted")
"""The events after which nothing more comes of a take that was asked for."""

CANDIDATES = 10
"""Shots that are named where it is not clear which one is meant."""


class ShotNotClear(Refused):
    """Raised when more than one shot may be meant; `candidates` are their ids."""

    hint = "Write more of the name, or the full id."

    def __init__(self, text: str, candidates: Sequence[str]) -> None:
        more = "" if len(candidates) <= CANDIDATES else f", of which these are {CANDIDATES}"
        super().__init__(f"{text!r} may be any of {len(candidates)} shots{more}")
        self.candidates = candidates[:CANDIDATES]


class NoSuchShot(NotFound):
    """Raised when no shot is called like that; `candidates` are those whose names are near it."""

    def __init__(self, text: str, candidates: Sequence[str]) -> None:
        super().__init__(
            f"there is no shot {text!r} in this project" + (". Did you mean" if candidates else "")
        )
        self.candidates = candidates
        self.hint = "`takes ls` lists the shots; a folder becomes one when it holds a folder named takes."


class ServedProject:
    """One project that the daemon serves, and its part of the API."""

    def __init__(self, daemon: Daemon, facts: Json) -> None:
        self.daemon = daemon
        self.facts = facts
        self._meant: dict[str, str] = {}

    def api_path(self, *parts: str, **query: object) -> str:
        """The address of a thing in this project."""
        return api_path("projects", self.facts["id"], *parts, **query)

    def ask(self, method: str, *parts: str, body: Json | None = None, **query: object) -> Json:
        """Ask one question about the project; see Daemon.ask. A shot may be called by a part of its name."""
        try:
            return self.daemon.ask(method, self._address(parts, query), body)
        except NotFoundAnswered as error:
            asked = parts[1] if parts[0] == "shots" and len(parts) > 1 else query.get("shot")
            if error.document.get("type") != NO_SHOT or not isinstance(asked, str) or asked in self._meant:
                raise
            self._meant[asked] = meant_by(asked, self.ask("GET", "shots", asOf=query.get("asOf"))["shots"])
            return self.daemon.ask(method, self._address(parts, query), body)

    def _address(self, parts: Sequence[str], query: Json) -> str:
        """The address of that, with the shot that turned out to be meant."""
        if parts[:1] == ("shots",):
            parts = (*parts[:1], *map(self.named, parts[1:2]), *parts[2:])
        shot = query.get("shot")
        return self.api_path(*parts, **{**query, **({"shot": self.named(shot)} if shot else {})})

    def named(self, shot: str) -> str:
        """The id of a shot, as far as it is known that another one than this text is meant."""
        return self._meant.get(shot, shot)

    def shot(self, text: str) -> str:
        """The id of the shot that somebody means."""
        return locations.shot_id(text, self.facts["path"])

    def part(self, text: str) -> str:
        """The id of the shot, or the path of the scene, that somebody means; a shot may be called by a part of its name."""
        wanted, shots = self.shot(text), self.ask("GET", "shots")["shots"]
        above = wanted.replace(":", "/").rstrip("/") + "/"
        is_exact = any(
            wanted in (one["id"], one["shotId"]) or f"{one['path']}/".startswith(above) for one in shots
        )
        if is_exact:
            return wanted
        try:
            return meant_by(text, shots)
        except NoSuchShot as error:
            if error.candidates:
                raise
            return wanted  # nothing is called like that: the daemon says so of scenes, too

    def until_proxied(self, shot: str, take: str, tell: Callable[[Json], None]) -> Json:
        """Have a take's proxy made, and tell how far that is; what is told of it once it is ready."""
        while not (answer := self.ask("POST", "shots", shot, "takes", take, "proxy"))["ready"]:
            tell({"fraction": answer["progress"], "message": "its proxy is being made"})
            time.sleep(AGAIN)
        return answer

    def folder_of(self, shot: str) -> str:
        """Where that shot is on disk, as the list of shots knows."""
        shot = self.named(shot)
        found = self.ask("GET", "shots")["shots"]
        path = next(
            (one["path"] for one in found if shot in {one["id"], one["shotId"]}), shot.replace(":", "/")
        )
        return f"{self.facts['path']}/{path}"

    def history(self, shot: str | None, after: int) -> Iterator[Json]:
        """The events after that position, oldest first; of one shot, or of all."""
        while page := self.ask("GET", "events", after=after, limit=PAGE, shot=shot)["events"]:
            yield from page
            after = page[-1]["position"]

    def follow(self, shot: str | None, after: int | None) -> Iterator[Json]:
        """The events after that position, or the last few, and then each one as it happens; StreamEnded."""
        last = max(self.ask("GET", "status")["position"] - RECENT, 0) if after is None else after
        if shot:
            self.ask("GET", "shots", shot)
        try:
            for event in self.daemon.follow(self._address(["events"], {"after": last, "shot": shot})):
                yield event
                last = event["position"]
        except AnswerCutOff:
            pass
        raise StreamEnded(self.daemon.path, last)

    def until_made(self, shot: str, take: str, tell: Callable[[Json], object]) -> Json:
        """The take, once it is complete or has failed; tells how far it is, or why it waits.

        StreamEnded where the daemon stops.
        """
        last = 0
        while True:
            try:
                last = last or self.ask("GET", "status")["position"]
                found = self.ask("GET", "shots", shot, "takes", take)
                if found["status"] != "generating":
                    return found
                last = self._follow_until_made(shot, take, last, tell)
            except ProblemAnswered as error:
                if error.document.get("status") != AWAY:
                    raise
                time.sleep(AGAIN)
            self._until_live(last, tell)

    def _until_live(self, last: int, tell: Callable[[Json], object]) -> None:
        """Wait until the film is there, where it is away for now."""
        try:
            while (facts := self.daemon.ask("GET", self.api_path()))["state"] != "live":
                tell(
                    {"fraction": None, "message": f"waits for its film: {facts['reason'] or facts['state']}"}
                )
                time.sleep(AGAIN)
        except NoDaemon as error:
            raise StreamEnded(self.daemon.path, last) from error

    def _follow_until_made(self, shot: str, take: str, last: int, tell: Callable[[Json], object]) -> int:
        """The position up to which all was heard, once the take is made or no more is told."""
        number = int(take.removeprefix("take_"))
        try:
            for event in self.daemon.follow(
                self._address(["events"], {"after": last, "shot": shot}), also_passing=True
            ):
                last = event.get("position", last)
                if event.get("takeId") == take:
                    tell(event)
                elif event.get("type") in FINAL_EVENTS and event["data"]["take"] == number:
                    return last
        except AnswerCutOff:
            time.sleep(AGAIN)
        return last

    def verify(self, tell: Callable[[Json], object]) -> Json:
        """Have the log and the kept files checked; tells each step, and returns the result."""
        for line in self.daemon.lines("POST", self.api_path("verify")):
            if "ok" in line:
                return line
            tell(line)
        raise AnswerCutOff(self.daemon.path)


def meant_by(text: str, shots: Sequence[Json]) -> str:
    """The id of the one shot that has that number, or whose path has those words; ShotNotClear or NoSuchShot."""
    wanted = text.casefold().replace(":", "/")
    if wanted.isdecimal():
        found = [one["id"] for one in shots if _number(one["shotId"]) == int(wanted)]
    else:
        words = wanted.replace("_", " ").split()
        found = [one["id"] for one in shots if all(word in one["path"].casefold() for word in words)]
    if len(found) == 1:
        return str(found[0])
    if found:
        raise ShotNotClear(text, found)
    from difflib import get_close_matches  # noqa: PLC0415 - seldom needed

    parts: dict[str, list[str]] = {}
    for one in shots:
        name = one["shotId"].casefold()
        for part in {name, *name.replace("_", " ").split()}:
            parts.setdefault(part, []).append(one["id"])
    near = [id_ for part in get_close_matches(wanted, parts, cutoff=0.7) for id_ in parts[part]]
    raise NoSuchShot(text, [*dict.fromkeys(near)][:CANDIDATES])


def _number(name: str) -> int | None:
    """The number that leads a shot's name."""
    digits = name[: len(name) - len(name.lstrip("0123456789"))]
    return int(digits) if digits else None


def choose_project(daemon: Daemon, asked: str | None, here: str) -> ServedProject:
    """The project that is meant: the one of that id or folder, the one that this folder is in, or the only one."""
    if asked and "/" not in asked:
        return ServedProject(daemon, daemon.ask("GET", api_path("projects", asked)))
    projects = daemon.ask("GET", api_path("projects"))["projects"]
    return ServedProject(
        daemon, locations.project_at(projects, asked) if asked else locations.project_meant(projects, here)
    )
