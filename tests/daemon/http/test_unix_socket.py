"""The gate at the Unix socket: no token, and nothing that a browser could have asked."""

from typing import Any

import pytest

from daemon.http.access import AccessMiddleware
from daemon.http.sending import Send
from daemon.peer import PEER
from tests.daemon.http.gate import COOKIE, app, ask, gate, is_refused, page

__all__ = ["gate", "page"]


# The Unix socket.


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"referer": "http://evil.example/"},
        {"cookie": "a=b"},
        {"sec-fetch-site": "same-origin"},
        {"sec-fetch-mode": "cors"},
        {"sec-ch-ua": "x"},
    ],
)
async def test_the_socket_refuses_what_a_browser_could_have_asked(
    gate: AccessMiddleware, headers: dict[str, str]
) -> None:
    answer = await ask(gate, "/api/projects", client=(PEER, 1000), headers=headers)
    assert is_refused(answer, 403)
    assert next(iter(headers)) in answer.json()["detail"]
    assert answer.json()["hint"]


@pytest.mark.parametrize(
    "host", ["takes.example", "example.com", "localhost.example", "takes:80:80", "", "takes, example.com"]
)
async def test_the_socket_refuses_what_was_meant_for_another_host(gate: AccessMiddleware, host: str) -> None:
    assert is_refused(await ask(gate, "/api/projects", client=(PEER, 1000), headers={"host": host}), 421)


async def test_the_socket_refuses_a_request_that_names_two_hosts_or_none(gate: AccessMiddleware) -> None:
    for hosts in ([], [(b"host", b"takes"), (b"host", b"takes")]):
        sent: list[Any] = []
        scope = {
            "type": "http",
            "method": "GET",
            "path": "/api/projects",
            "query_string": b"",
            "headers": hosts,
        }
        await gate({**scope, "client": (PEER, 1000)}, no_body, collect(sent))
        assert sent[0]["status"] == 421


async def no_body() -> dict[str, Any]:
    return {"type": "http.request", "body": b"", "more_body": False}


def collect(sent: list[Any]) -> Send:
    async def send(message: Any) -> None:
        sent.append(message)

    return send


@pytest.mark.parametrize("host", ["takes", "localhost", "LOCALHOST", "127.0.0.1", "[::1]", "localhost:7421"])
async def test_the_socket_asks_for_no_token(gate: AccessMiddleware, host: str) -> None:
    headers = {"host": host, "user-agent": "takes-cli"}
    for one in (gate, AccessMiddleware(app)):
        answer = await ask(one, "/api/projects", client=(PEER, 1000), headers=headers)
        assert answer.text == "behind the gate"
        assert "content-security-policy" not in answer.headers


async def test_without_a_door_nobody_comes_in_from_the_network() -> None:
    assert is_refused(await ask(AccessMiddleware(app), "/api/projects", headers=COOKIE), 403)
