"""Reloading: what a running daemon takes anew from its files when it is told to, and what has to wait for a restart."""

from pathlib import Path

import anyio
import structlog

from daemon import locations
from daemon.config.file import load_config
from daemon.config.policies import Policies
from daemon.config.settings import changed, with_reloaded
from daemon.config.table import Config
from daemon.logs import setup
from daemon.project.projects import Projects
from events import TakesError
from projections.files.threads import in_thread

log = structlog.get_logger()


class Reloader:
    """Has the daemon go by its files as they are now; the films are those of the registry where it `follows` that."""

    def __init__(self, projects: Projects, policies: Policies, *, follows: bool) -> None:
        self._projects = projects
        self._policies = policies
        self._follows = follows
        self._at_work = anyio.Lock()

    async def reload(self) -> None:
        """Take anew what can be; a file that makes no sense changes nothing, and is told of."""
        async with self._at_work:
            try:
                config = await in_thread(load_config, Path(locations.config_path()))
                films = await in_thread(locations.registered_projects)
            except TakesError as error:
                log.warning("nothing is reloaded", why=str(error), hint=error.hint)
                return
            self._choose(config)
            if self._follows:
                await self._projects.follow([Path(path) for path in films])

    def _choose(self, config: Config) -> None:
        found = changed(self._policies.config, config)
        self._policies.change(with_reloaded(self._policies.config, config))
        setup.set_level(config.log_level)
        log.info("reloaded", changed=[one.name for one in found if one.reloaded])
        if later := [one.name for one in found if not one.reloaded]:
            log.warning("some settings wait for a restart", settings=later)
