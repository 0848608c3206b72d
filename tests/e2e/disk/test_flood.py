"""A flood at the port: any user of the machine can begin requests there, and the owner's daemon goes on as if nobody had."""

import resource
import socket
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from tests.e2e.gallery.test_port import has_takes, serving, wait_until
from tests.support.film import put, still

FLOOD = 1_100
HALF = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Half: "
DESCRIPTORS = 1_024
"""What a process may have open unless somebody chose otherwise."""


@pytest.fixture
def _many_descriptors() -> Iterator[None]:
    """Have the test's own process open more than the daemon may."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(before[0], 2 * FLOOD), before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.mark.usefixtures("_many_descriptors")
def test_eleven_hundred_half_requests_keep_nobody_else_waiting(tmp_path: Path) -> None:
    with serving(tmp_path, "--port", "0") as one, ExitStack() as stack:
        resource.prlimit(one.process.pid, resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))
        port = one.port
        for _ in range(FLOOD):
            stack.enter_context(half_request(port))
        assert one.socket.get("/api/health").json()["status"] == "ok"
        put(one.film.takes() / "a.png", still(1))
        wait_until(lambda: has_takes(one, 1))
        with one.program() as program:
            assert program.get("/api/health").status_code == 200
        assert one.log.read_text().count("refused at the port") == 1


def half_request(port: int) -> socket.socket:
    """A connection that has begun a request; it may have been closed already."""
    connection = socket.create_connection(("127.0.0.1", port), 30)
    with suppress(ConnectionError):
        connection.sendall(HALF)
    return connection
