"""The policies: what all films go by, and may be told anew while the daemon runs."""

import anyio

from daemon.config.table import CleanupConfig, Config
from events import AutoActivate


class Policies:
    """The configuration as it is now; whoever goes by a policy asks for it each time."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.changed = anyio.Event()
        """Is set once they are not any more as they are now."""

    @property
    def auto_activate(self) -> AutoActivate:
        return self.config.auto_activate

    @property
    def cleanup(self) -> CleanupConfig:
        return self.config.cleanup

    def change(self, config: Config) -> None:
        """Go by that one from now on."""
        self.config = config
        self.changed.set()
        self.changed = anyio.Event()
