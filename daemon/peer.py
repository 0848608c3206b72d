"""The peer: who is at the other end of the Unix socket."""

import socket
import struct
import sys
from typing import Any

PEER = "uid"
"""Stands where an address would, in the `client` of a request over the socket; the uid is its port."""


def peer_uid(connection: Any) -> int:
    """The uid of whoever is at the other end of a Unix socket (SO_PEERCRED, LOCAL_PEERCRED)."""
    if sys.platform.startswith("linux"):
        size = struct.calcsize("3i")
        _, uid, _ = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))
    else:
        _, uid = struct.unpack_from("2I", connection.getsockopt(0, 1, 76))
    return int(uid)
