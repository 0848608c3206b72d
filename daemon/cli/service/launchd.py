"""launchd: the service as an agent of a Mac's user, started at login and again when it fails."""

import os
import re
from pathlib import Path

from daemon.cli.service.manager import (
    NoManager,
    NotInstalled,
    Report,
    ServiceStatus,
    refuse_where_daemon_runs,
)
from daemon.cli.service.shell import ask, do, has, show
from daemon.cli.service.units import agent

LABEL = "local.takes"

CONSENT = (
    "A film on an external disk, in Documents or on the Desktop also needs your consent: System Settings, Privacy and "
    "Security, Full Disk Access, for the Python that runs takes."
)


class Launchd:
    """The agent of this user."""

    def __init__(self) -> None:
        self._plist = Path.home() / "Library/LaunchAgents" / f"{LABEL}.plist"
        self._log = Path.home() / "Library/Logs/takes.log"
        self._domain = f"gui/{os.getuid()}"
        self._target = f"{self._domain}/{LABEL}"

    def install(self) -> Report:
        self._check_manager()
        if self._plist.exists():
            ask("launchctl", "bootout", self._target)
        refuse_where_daemon_runs()
        for folder in (self._plist.parent, self._log.parent):
            folder.mkdir(parents=True, exist_ok=True)
        self._plist.write_bytes(agent(self._log))
        do("launchctl", "bootstrap", self._domain, str(self._plist))
        done = [f"Wrote {self._plist}.", f"Started it as {LABEL}; it starts at each login."]
        return Report(done, [CONSENT])

    def uninstall(self) -> Report:
        if not self._plist.exists():
            raise NotInstalled
        self._check_manager()
        ask("launchctl", "bootout", self._target)
        for path in (self._plist, self._log):
            path.unlink(missing_ok=True)
        done = [f"Stopped {LABEL}.", f"Removed {self._plist} and {self._log}."]
        return Report(done, ["Your films, their logs and your settings are as they were."])

    def status(self) -> ServiceStatus:
        if not self._plist.exists():
            return ServiceStatus(installed=False)
        self._check_manager()
        said = ask("launchctl", "print", self._target).stdout
        state, pid = (re.search(rf"^\s*{name} = (.+)$", said, re.MULTILINE) for name in ("state", "pid"))
        return ServiceStatus(
            installed=True,
            running=pid is not None,
            state=state[1] if state else "not loaded",
            pid=int(pid[1]) if pid else 0,
            at_login=True,
            without_login=False,
        )

    def logs(self, lines: int, *, follow: bool) -> int:
        if not self._plist.exists():
            raise NotInstalled
        return show("tail", "-n", str(lines), *(("-F",) if follow else ()), str(self._log))

    def renew(self) -> str:
        """An agent may write wherever its user may."""
        return ""

    def _check_manager(self) -> None:
        if not has("launchctl") or ask("launchctl", "print", self._domain).returncode:
            raise NoManager(
                "launchd has no session of this user",
                "Log in at the Mac's own screen, or by Screen Sharing, and try again: agents live in such a session.",
            )
