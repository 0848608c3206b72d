"""The film that a command means, as the daemon has it, or as the disk does while none runs."""

import os
from collections.abc import Iterator
from pathlib import Path

from daemon import locations
from daemon.cli.client import Json, NoDaemon, NotFoundAnswered, NotOurs
from daemon.cli.main import Options
from daemon.cli.served_project import NoSuchShot, ServedProject, meant_by
from daemon.ingest.shots_on_disk import shots_on_disk
from events import NotFound
from projections.layout import full_id, short_id


class NoSuchFilm(NotFound):
    """Raised when no daemon runs, and none of the films that are kept here is called so."""

    hint = "`takes projects` lists the films; name one by its folder, or start the daemon with `takes open`."

    def __init__(self, asked: str) -> None:
        super().__init__(f"no daemon is running, and no film of this machine is meant by {asked!r}")


class MeantFilm:
    """The film that is meant; `served` is None while no daemon runs. `root` is its folder."""

    def __init__(self, options: Options) -> None:
        self.served: ServedProject | None = None
        try:
            self.served = options.choose_project()
            self.root = str(self.served.facts["path"])
        except NotOurs:
            raise
        except NoDaemon:
            self.root = _root_meant(options.project or os.environ.get("TAKES_PROJECT"))

    @property
    def project(self) -> ServedProject:
        """The film, as the daemon has it; where none runs, nobody comes to ask for this."""
        assert self.served is not None  # noqa: S101 - who asks has seen that there is one
        return self.served

    def shot(self, text: str) -> str:
        """The path, from the film's folder on, of the shot that is meant; NoSuchShot or ShotNotClear."""
        if self.served:
            try:
                return str(self.served.ask("GET", "shots", self.served.shot(text))["path"])
            except (NotFoundAnswered, NoSuchShot):
                pass  # it may be so new that the daemon has not looked at it
        shots = list(_shots(self.root))
        wanted = locations.shot_id(text, self.root)
        exact = [one["path"] for one in shots if wanted in (one["id"], one["shotId"])]
        if len(exact) == 1:
            return str(exact[0])
        meant = meant_by(wanted, shots)
        return next(str(one["path"]) for one in shots if one["id"] == meant)


def _shots(root: str) -> Iterator[Json]:
    for path in shots_on_disk(Path(root)):
        yield {"id": full_id(path), "shotId": short_id(path), "path": path}


def _root_meant(asked: str | None) -> str:
    """The folder of the film that is meant: the one of that id or folder, the one that we stand in, or the only one."""
    known = locations.registered_projects()
    if asked is None:
        films = [{"id": root, "path": root} for root in known if Path(root).is_dir()]
        above = locations.project_above(str(Path.cwd()))
        return above or str(locations.project_meant(films, str(Path.cwd()))["path"])
    if "/" in asked:
        folder = Path(asked).expanduser().resolve()
        if found := locations.project_above(str(folder)):
            return found
        raise NoSuchFilm(asked)
    from daemon.home.init import describe  # noqa: PLC0415 - only who names a film by its id waits for that

    found = next((one for one in known if Path(one).is_dir() and describe(Path(one)).id == asked), None)
    if found is None:
        raise NoSuchFilm(asked)
    return found
