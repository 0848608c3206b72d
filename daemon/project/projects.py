"""The projects: all films that one daemon keeps."""

from collections.abc import Sequence
from functools import partial
from itertools import chain, count
from pathlib import Path

from anyio.abc import TaskGroup

from daemon import locations
from daemon.config.table import Config
from daemon.home.init import init_project
from daemon.metrics import Metrics
from daemon.project.parts import Shared
from daemon.project.project import Project
from events import NotFound
from projections.files.threads import in_thread


class ProjectNotFound(NotFound):
    """Raised when no project of that id is kept."""

    def __init__(
        self,
        project: str,
        known: Sequence[str],
        if_none: str = "Make a folder one with `takes init PATH`.",
    ) -> None:
        super().__init__(f"there is no project {project!r} here")
        self.hint = f"Kept are: {', '.join(known)}." if known else if_none


class Projects:
    """Opens projects and finds them by id."""

    def __init__(self, shared: Shared, group: TaskGroup) -> None:
        self._shared = shared
        self._group = group
        self._projects: dict[Path, Project] = {}

    @property
    def config(self) -> Config:
        return self._shared.config

    @property
    def metrics(self) -> Metrics:
        return self._shared.metrics

    @property
    def all(self) -> Sequence[Project]:
        return list(self._projects.values())

    async def open(self, root: Path) -> Project:
        """Keep the project in that folder from now on; it is live, or known to be away, when this returns."""
        if root not in self._projects:
            project = self._projects[root] = Project(root, self._shared, partial(self._distinct, root))
            await self._group.start(project.keep)
        return self._projects[root]

    async def admit(self, path: Path) -> Project:
        """Make the folder a project, where it is none yet, and keep it."""
        info = await in_thread(partial(init_project, path, share=self.config.share))
        await in_thread(locations.register_project, info.path, info.log)
        return await self.open(Path(info.path))

    async def forget(self, project: str) -> None:
        """Keep that project no longer, now and after a restart; its folder stays as it is."""
        root = self.find(project).root
        await in_thread(locations.forget_project, str(root))
        await self._leave(root)

    async def follow(self, roots: Sequence[Path]) -> None:
        """Keep the projects in those folders, and no others."""
        for root in self._projects.keys() - set(roots):
            await self._leave(root)
        for root in roots:
            await self.open(root)

    async def _leave(self, root: Path) -> None:
        if project := self._projects.pop(root, None):
            await project.leave()

    def say_goodbye(self) -> None:
        """Have those who listen to a project's events leave."""
        for project in self._projects.values():
            project.say_goodbye()

    def find(self, project: str) -> Project:
        """The project with that id."""
        for one in self._projects.values():
            if one.id == project:
                return one
        raise ProjectNotFound(project, [one.id for one in self._projects.values()])

    def find_kept(self, project: str, command: str) -> Project:
        """The same, for what only a keeper does, by that command; ForKeepers at a desk."""
        found = self.find(project)
        found.check_keeps(command)
        return found

    def _distinct(self, root: Path, wanted: str) -> str:
        """A copy of a film has the same id as the film: the second one gets a number behind it."""
        others = {one.id for path, one in self._projects.items() if path != root}
        numbered = (f"{wanted}-{number}" for number in count(2))
        return next(id_ for id_ in chain([wanted], numbered) if id_ not in others)
