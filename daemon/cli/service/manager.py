"""The manager: whoever runs services on this system, and what it can be asked for."""

import sys
from typing import Protocol

from msgspec import Struct, field

from daemon import locations
from daemon.peer import is_listened_at
from events import TakesError


class NoManager(TakesError):
    """Raised when nobody on this system runs services, or nobody that we can speak to."""

    def __init__(self, reason: str, hint: str) -> None:
        super().__init__(reason)
        self.hint = hint


class NotInstalled(TakesError):
    """Raised when something is asked of a service that is not there."""

    hint = "Install it with `takes service install`."

    def __init__(self) -> None:
        super().__init__("takes is not installed as a service")


class DaemonInTheWay(TakesError):
    """Raised when a daemon that nobody supervises has the socket that the service is to have."""

    hint = "Stop that one first, then install the service: it serves the same films."

    def __init__(self, path: str) -> None:
        super().__init__(f"a daemon that was started by hand is running at {path}")


class Report(Struct):
    """What was done, and what is left for a person to do."""

    done: list[str] = field(default_factory=list)
    advice: list[str] = field(default_factory=list)


class ServiceStatus(Struct, rename="camel"):
    """How the service is; `state` is the manager's own word for it, and `says` what the daemon told it."""

    installed: bool
    running: bool = False
    state: str = "not installed"
    says: str = ""
    pid: int = 0
    since: str = ""
    restarts: int = 0
    at_login: bool = False
    without_login: bool | None = None


class Manager(Protocol):
    """Runs the service."""

    def install(self) -> Report:
        """Write what it needs, check it, and have it run from now on."""

    def uninstall(self) -> Report:
        """Stop it, and remove all that `install` has made."""

    def status(self) -> ServiceStatus:
        """How it is."""

    def logs(self, lines: int, *, follow: bool) -> int:
        """Show what the daemon has said; the exit code of whoever shows it."""

    def renew(self) -> str:
        """Have it serve all films that are registered by now; what is left for a person to do, if anything."""


def manager(user: str | None = None) -> Manager:
    """That of this system: the user's own, or the machine's for that user. What the other needs is not imported."""
    if sys.platform == "darwin":
        if user:
            raise NoManager(
                "on a Mac there are only services of one's own", "Log in as that user and install it there."
            )
        from daemon.cli.service.launchd import Launchd  # noqa: PLC0415

        return Launchd()
    from daemon.cli.service.systemd import Systemd, of_machine, of_user  # noqa: PLC0415

    return Systemd(of_machine(user) if user else of_user())


def refuse_where_daemon_runs() -> None:
    """DaemonInTheWay where somebody listens at the socket that the service is to have."""
    path = locations.socket_path()
    if is_listened_at(path):
        raise DaemonInTheWay(path)
