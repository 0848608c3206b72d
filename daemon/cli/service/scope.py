"""The scope: whose systemd runs the service, the user's own or the machine's, and what its units are called there."""

import os
import pwd
from pathlib import Path

from msgspec import Struct

from daemon.cli.service.manager import NoManager
from events import TakesError

MACHINE = Path("/etc/systemd/system")
"""Where the units of the machine's own systemd lie."""


class NoSuchUser(TakesError):
    """Raised when the service is to be somebody's whom this machine does not know."""

    hint = "Name a user of this machine; `getent passwd` lists them."

    def __init__(self, user: str) -> None:
        super().__init__(f"there is no user {user!r} here")


class Scope(Struct, frozen=True):
    """Where the units lie, by which options their manager is asked, and what differs in them.

    `name` is what the unit's file is called, `instance` what stands behind the @ of it.
    """

    folder: Path
    options: tuple[str, ...]
    name: str
    instance: str
    sockets: str
    values: dict[str, str]

    @property
    def unit(self) -> str:
        """What the service is called where it is started, without `.service`."""
        return f"{self.name}{self.instance}"

    @property
    def drop_ins(self) -> Path:
        """The folder of what is added to the service's unit."""
        return self.folder / f"{self.unit}.service.d"

    @property
    def environment(self) -> dict[str, str]:
        """What systemctl needs to find a user's manager, which `su` and `sudo` do not say."""
        runtime = f"/run/user/{os.getuid()}"
        wants = self.options and "XDG_RUNTIME_DIR" not in os.environ and os.path.isdir(runtime)  # noqa: PTH112
        return {"XDG_RUNTIME_DIR": runtime} if wants else {}


def own_name() -> str:
    """What this user is called here; the number where there is no name."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def of_user() -> Scope:
    """The user's own systemd."""
    config = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")  # noqa: PTH111
    values = {"OF_WHOM": "", "SOCKET_USER": "", "SOCKETS_MODE": "0700", "WANTED_BY": "default.target"}
    runtime = os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}"
    return Scope(
        Path(config, "systemd/user"),
        ("--user",),
        "takes",
        "",
        f"{runtime}/takes",
        {**values, "SOCKETS": "%t/takes"},
    )


def of_machine(user: str) -> Scope:
    """The machine's systemd, for that user; the rest of this process looks for films where that user would."""
    try:
        home = pwd.getpwnam(user).pw_dir
    except KeyError:
        raise NoSuchUser(user) from None
    if os.geteuid():
        raise NoManager(
            "only root can install a service of the machine", f"Try: sudo takes service install --user {user}"
        )
    for name in ("TAKES_CONFIG", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        os.environ.pop(name, None)
    os.environ["HOME"] = home
    values = {
        "OF_WHOM": ", for %i",
        "SOCKET_USER": "SocketUser=%i",
        "SOCKETS_MODE": "0755",
        "WANTED_BY": "multi-user.target",
        "SOCKETS": "/run/takes/%i",
    }
    return Scope(MACHINE, (), "takes@", user, f"/run/takes/{user}", values)
