"""The units: the files that tell the system how to run the daemon, with paths that can be written in them, and quoted."""

import os
import plistlib
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from events import TakesError

INSTALLED = Path(__file__).parent / "templates"
"""Where a wheel has the templates; a checkout has them at its top, where whoever looks for them will look."""

PASSED_ON = ("TAKES_CONFIG", "XDG_CONFIG_HOME", "XDG_STATE_HOME")
"""Where the daemon looks for its own, which a service would not know from anybody's shell."""


class NotWritable(TakesError):
    """Raised when a path cannot stand in a unit."""

    def __init__(self, path: str, reason: str, hint: str) -> None:
        super().__init__(f"{path!r} cannot stand in a service's file: {reason}")
        self.hint = hint


def program() -> list[str]:
    """How the daemon is started: the command that runs now, where it is one, else this Python and its packages."""
    found = shutil.which(sys.argv[0]) if Path(sys.argv[0]).name == "takes" else None
    command = [str(Path(found).absolute())] if found else [sys.executable, "-P", "-m", "daemon"]
    return [_checked(one) for one in command]


def environment() -> dict[str, str]:
    """What is set here of the variables that say where the daemon's own files are."""
    return {name: os.environ[name] for name in PASSED_ON if os.environ.get(name)}


def quoted(text: str) -> str:
    """One word of a unit, in which nothing has a meaning of its own."""
    escaped = _checked(text).replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'


def command_line(command: Sequence[str]) -> str:
    """A command as a unit has it, in which a dollar begins no variable; NotWritable where systemd would not start it."""
    if set(command[0]) & set("\"'\\"):
        raise NotWritable(
            command[0], "systemd starts no program with quotes in its path", "Install takes elsewhere."
        )
    return ":" + " ".join(quoted(one) for one in command)


def template_of(system: str, name: str) -> Path:
    """The file that a unit, or an agent, is made from."""
    installed = INSTALLED / system / name
    return installed if installed.exists() else Path(__file__).parents[3] / system / name


def written(template: str, values: Mapping[str, str]) -> str:
    """The text of a unit from its template; a line that has nothing to say is left out."""
    lines = []
    for line in template_of("systemd", template).read_text("utf-8").splitlines():
        text = line
        for name, value in values.items():
            text = text.replace(f"@{name}@", value)
        if text or not line:
            lines.append(text)
    return "\n".join(lines) + "\n"


def agent(log: Path) -> bytes:
    """The agent of launchd; what the daemon says goes into that file."""
    told = plistlib.loads(template_of("launchd", "local.takes.plist").read_bytes())
    told["ProgramArguments"] = [*program(), "daemon"]
    told["EnvironmentVariables"] = environment()
    told["StandardErrorPath"] = _checked(str(log))
    return plistlib.dumps(told)


def _checked(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise NotWritable(text, "it is not UTF-8", "Give that folder a name that is.") from None
    if not text.isprintable():
        raise NotWritable(text, "it has a character that cannot be seen", "Give that folder a plain name.")
    return text
