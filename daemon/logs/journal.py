"""The journal: the daemon's own log as systemd keeps it, each line with its data as fields that can be asked for.

It speaks the native protocol of systemd, as its documents have it (JOURNAL_NATIVE_PROTOCOL), which is a few lines:
the bindings that there are need a compiler and systemd's own headers on every machine.
"""

import errno
import fcntl
import os
import re
import socket
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from daemon.printable import escaped

JOURNAL = Path("/run/systemd/journal/socket")

PREFIX = "TAKES_"
"""Before the name of each field that is ours, so that it is none of those that mean something to systemd."""

PRIORITIES = {"debug": 7, "info": 6, "warning": 4, "error": 3, "critical": 2}
"""The levels of our log as syslog counts them."""

MOST_NAME = 64
"""Bytes that a field's name may have."""

_SEALS = ("F_SEAL_SHRINK", "F_SEAL_GROW", "F_SEAL_WRITE", "F_SEAL_SEAL")
_NO_NAME = re.compile(r"[^A-Z0-9_]")
_TOO_LARGE = (errno.EMSGSIZE, errno.ENOBUFS)


def is_journal(stream: int, told: str | None) -> bool:
    """Whether that descriptor leads to the journal; `told` is JOURNAL_STREAM, by which systemd says what it has opened.

    A program that was started by the service has the variable, too, and may write elsewhere.
    """
    found = os.fstat(stream)
    return told == f"{found.st_dev}:{found.st_ino}"


class Journal:
    """Sends lines to the journal; what it does not take is written as text to `spare`."""

    def __init__(self, spare: int, path: Path = JOURNAL) -> None:
        self._spare = spare
        self._path = str(path)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)

    def send(self, **line: Any) -> None:
        """Send a line: its `event`, its `level`, and the data."""
        fields = _fields(line)
        message = b"".join(_encoded(name, text) for name, text in fields.items())
        try:
            self._send(message)
        except OSError:  # whoever reads the stream has the text at least, and a log stops nobody
            said = escaped(fields["MESSAGE"], keep="\n")
            os.write(self._spare, f"<{fields['PRIORITY']}>{said}\n".encode(errors="replace"))

    debug = info = warning = error = critical = send

    def _send(self, message: bytes) -> None:
        try:
            self._socket.sendto(message, self._path)
        except OSError as error:
            if error.errno not in _TOO_LARGE:
                raise
            self._send_file(message)

    def _send_file(self, message: bytes) -> None:
        """Send what no datagram can hold: as a file in memory that nobody can change any more."""
        file = os.memfd_create("takes-log", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        with open(file, "wb", buffering=0) as held:  # noqa: PTH123 - it has no path
            held.write(message)
            fcntl.fcntl(file, fcntl.F_ADD_SEALS, sum(getattr(fcntl, name) for name in _SEALS))
            rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, file.to_bytes(4, "little"))
            self._socket.sendmsg([b""], [rights], 0, self._path)


def _fields(line: Mapping[str, Any]) -> dict[str, str]:
    """The line as fields: what it says to a person, how grave it is, and each of its data."""
    data = {name: value for name, value in line.items() if name not in {"event", "level"}}
    said = [str(line["event"]), *(f"{name}={value}" for name, value in data.items() if name != "exception")]
    message = "\n".join([" ".join(said), *([str(data["exception"])] if "exception" in data else [])])
    return {
        "MESSAGE": message,
        "PRIORITY": str(PRIORITIES[line["level"]]),
        "SYSLOG_IDENTIFIER": "takes",
        f"{PREFIX}EVENT": str(line["event"]),
        **{_name(name): _text(value) for name, value in data.items()},
    }


def _name(name: str) -> str:
    return _NO_NAME.sub("_", f"{PREFIX}{name.upper()}")[:MOST_NAME]


def _text(value: Any) -> str:
    """A value as text; of several, one a line."""
    is_list = isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping)
    return "\n".join(map(str, value)) if is_list else str(value)


def _encoded(name: str, text: str) -> bytes:
    """A field as the protocol has it: text of several lines has its length before it."""
    told = text.encode(errors="backslashreplace")
    if b"\n" in told:
        return b"%s\n%s%s\n" % (name.encode(), len(told).to_bytes(8, "little"), told)
    return b"%s=%s\n" % (name.encode(), told)
