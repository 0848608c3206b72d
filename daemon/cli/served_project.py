"""The served project: what the commands ask the daemon about one of its projects."""

from collections.abc import Callable, Iterator

from daemon import locations
from daemon.cli.client import AnswerCutOff, Daemon, Json, StreamEnded, api_path

PAGE = 1000
"""Events that are asked for at once."""

RECENT = 10
"""Events from before the first new one, for those who follow and do not say from where."""

FINAL_EVENTS = ("take.completed", "take.failed", "take.deleted")
"""The events after which nothing more comes of a take that was asked for."""


class ServedProject:
    """One project that the daemon serves, and its part of the API."""

    def __init__(self, daemon: Daemon, facts: Json) -> None:
        self.daemon = daemon
        self.facts = facts

    def api_path(self, *parts: str, **query: object) -> str:
        """The address of a thing in this project."""
        return api_path("projects", self.facts["id"], *parts, **query)

    def ask(self, method: str, *parts: str, body: Json | None = None, **query: object) -> Json:
        """Ask one question about the project; see Daemon.ask."""
        return self.daemon.ask(method, self.api_path(*parts, **query), body)

    def shot(self, text: str) -> str:
        """The id of the shot that somebody means."""
        return locations.shot_id(text, self.facts["path"])

    def folder_of(self, shot: str) -> str:
        """Where that shot is on disk, as the list of shots knows."""
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
        try:
            for event in self.daemon.follow(self.api_path("events", after=last, shot=shot)):
                yield event
                last = event["position"]
        except AnswerCutOff:
            pass
        raise StreamEnded(self.daemon.path, last)

    def until_made(self, shot: str, take: str, tell: Callable[[Json], object]) -> Json:
        """The take, once it is complete or has failed; tells how far it is. StreamEnded where the daemon stops."""
        last = self.ask("GET", "status")["position"]
        found = self.ask("GET", "shots", shot, "takes", take)
        if found["status"] == "generating":
            self._follow_until_made(shot, take, last, tell)
            found = self.ask("GET", "shots", shot, "takes", take)
        return found

    def _follow_until_made(self, shot: str, take: str, last: int, tell: Callable[[Json], object]) -> None:
        number = int(take.removeprefix("take_"))
        try:
            for event in self.daemon.follow(
                self.api_path("events", after=last, shot=shot), also_passing=True
            ):
                last = event.get("position", last)
                if event.get("takeId") == take:
                    tell(event)
                elif event.get("type") in FINAL_EVENTS and event["data"]["take"] == number:
                    return
        except AnswerCutOff:
            pass
        raise StreamEnded(self.daemon.path, last)

    def verify(self, tell: Callable[[Json], object]) -> Json:
        """Have the log and the kept files checked; tells each step, and returns the result."""
        for line in self.daemon.lines("POST", self.api_path("verify")):
            if "ok" in line:
                return line
            tell(line)
        raise AnswerCutOff(self.daemon.path)


def choose_project(daemon: Daemon, asked: str | None, here: str) -> ServedProject:
    """The project that is meant: the one of that id or folder, the one that this folder is in, or the only one."""
    if asked and "/" not in asked:
        return ServedProject(daemon, daemon.ask("GET", api_path("projects", asked)))
    projects = daemon.ask("GET", api_path("projects"))["projects"]
    return ServedProject(
        daemon, locations.project_at(projects, asked) if asked else locations.project_meant(projects, here)
    )
