"""The peer: who is at the other end of the Unix socket."""

import os
import pwd
import socket
import struct
import sys
from functools import cache
from typing import Any

PEER = "uid"
"""Stands where an address would, in the `client` of a request over the socket; the uid is its port."""

HUB = "hub"
"""Stands there for a connection of the hub's proxy."""

PERSON = "takes.person"
"""Where a request that came by the proxy has the name of who sent it, among the extensions of its scope."""


def person_of(scope: Any) -> str | None:
    """Who has sent that request by the hub's proxy; None where it came by none."""
    name: str | None = scope.get("extensions", {}).get(PERSON)
    return name


def peer_uid(connection: Any) -> int:
    """The uid of whoever is at the other end of a Unix socket (SO_PEERCRED, LOCAL_PEERCRED)."""
    if sys.platform.startswith("linux"):
        size = struct.calcsize("3i")
        _, uid, _ = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))
    else:
        _, uid = struct.unpack_from("2I", connection.getsockopt(0, 1, 76))
    return int(uid)


@cache
def user_name(uid: int) -> str:
    """What that user is called on this machine; the number itself where it has no name."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def is_listened_at(path: str | os.PathLike[str]) -> bool:
    """Whether anybody listens at that Unix socket: a daemon, or systemd, which would start one."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
        asking.setblocking(False)
        try:
            asking.connect(os.fspath(path))
        except BlockingIOError:  # so many ask that one more would have to wait
            return True
        except OSError:
            return False
        return True
