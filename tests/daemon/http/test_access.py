"""The gate: who is let in at the port, with which answers."""

import re
import time
from collections.abc import Mapping
from typing import Any

import pytest

from daemon.http.access import AccessMiddleware
from daemon.http.token import LIFETIME, Token
from tests.daemon.http.gate import COOKIE, HOST, PERSON, PORT, SECRET, TOKEN, ask, gate, is_refused, page

__all__ = ["gate", "page"]


VISIT = {**PERSON, "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}


# Who is known.


@pytest.mark.parametrize("path", ["/api/projects", "/schema", "/", "/assets/index-1a2b.js", "/nothing"])
async def test_without_the_token_nothing_is_told(gate: AccessMiddleware, path: str) -> None:
    answer = await ask(gate, path)
    assert is_refused(answer, 401)
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert "takes open" in answer.json()["hint"]


async def test_a_person_without_the_token_is_told_what_to_do(gate: AccessMiddleware) -> None:
    answer = await ask(gate, "/", headers=PERSON)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "<code>takes open</code>" in answer.text
    assert "script" not in answer.text
    assert "style=" not in answer.text


async def test_a_program_brings_the_token(gate: AccessMiddleware) -> None:
    answer = await ask(gate, "/api/projects", headers={"authorization": f"Bearer {SECRET}"})
    assert answer.text == "behind the gate"


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": f"Bearer {SECRET[:-1]}"},
        {"authorization": f"Bearer {SECRET} "[:-2] + "f"},
        {"authorization": f"Basic {SECRET}"},
        {"authorization": SECRET},
        {"authorization": "Bearer"},
        {"authorization": "Bearer é"},
        {"cookie": f"takes-{PORT}={SECRET}"},
        {"cookie": f"takes-{PORT}={TOKEN.cookie(PORT + 1)}"},
        {"cookie": f"takes-{PORT + 1}={TOKEN.cookie(PORT)}"},
        {"cookie": f"takes-{PORT}={TOKEN.ticket(PORT)}"},
        {"cookie": f"takes-{PORT}="},
        {"authorization": f"Bearer {TOKEN.cookie(PORT)}"},
        {"authorization": f"Bearer {TOKEN.ticket(PORT)}"},
    ],
)
async def test_what_is_nearly_the_token_is_not_enough(
    gate: AccessMiddleware, headers: dict[str, str]
) -> None:
    encoded = {name: value.encode() for name, value in headers.items()}
    assert is_refused(await ask(gate, "/api/projects", headers=encoded), 401)


@pytest.mark.parametrize("other", ['a="{', "=", ";;", "x=1; takes-1=2", 'n="a;b"', "é=ü"])
async def test_the_cookies_of_other_ports_do_no_harm(gate: AccessMiddleware, other: str) -> None:
    cookies = f"{other}; {COOKIE['cookie']}; last".encode()
    assert (await ask(gate, "/api/projects", headers={"cookie": cookies})).status_code == 200


# How a browser gets in.


async def test_a_browser_with_the_token_gets_a_cookie_and_goes_on_to_the_page(gate: AccessMiddleware) -> None:
    answer = await ask(gate, f"/open?token={SECRET}", headers=PERSON)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    name, value, *rest = re.split(r"=|; ", answer.headers["set-cookie"], maxsplit=2)
    assert name == f"takes-{PORT}"
    assert value == TOKEN.cookie(PORT)
    assert SECRET not in str(answer.headers)
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(rest[0].split("; "))
    assert "Domain" not in rest[0]
    assert (await ask(gate, "/", headers={"cookie": f"{name}={value}"})).status_code == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_a_link_on_another_page_opens_the_gallery_by_way_of_a_page_of_ours(
    gate: AccessMiddleware, site: str
) -> None:
    answer = await ask(gate, f"/open?token={SECRET}", headers={**VISIT, "sec-fetch-site": site})
    assert answer.status_code == 200
    assert "set-cookie" in answer.headers
    assert '<meta http-equiv="refresh" content="0; url=/">' in answer.text
    assert "sandbox" not in answer.headers["content-security-policy"]  # it would hold the page back


async def test_a_link_to_the_page_goes_round_once_and_no_more(gate: AccessMiddleware) -> None:
    there = await ask(gate, "/", headers={**VISIT, "sec-fetch-site": "cross-site"})
    assert (there.status_code, 'url=/"' in there.text) == (200, True)
    assert (await ask(gate, "/", headers={**VISIT, "sec-fetch-site": "same-origin"})).status_code == 401


@pytest.mark.parametrize(
    "query",
    ["", "?token=", "?token=x", f"?token={SECRET}0", f"?token={SECRET}&token={SECRET}", f"?Token={SECRET}"],
)
async def test_a_wrong_token_opens_nothing(gate: AccessMiddleware, query: str) -> None:
    answer = await ask(gate, f"/open{query}", headers=PERSON)
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("method", ["POST", "HEAD", "PUT"])
async def test_only_a_visit_opens(gate: AccessMiddleware, method: str) -> None:
    answer = await ask(gate, f"/open?token={SECRET}", method)
    assert answer.status_code == 405
    assert "set-cookie" not in answer.headers


async def test_a_ticket_opens_once(gate: AccessMiddleware) -> None:
    ticket = TOKEN.ticket(PORT)
    assert (await ask(gate, f"/open?token={ticket}", headers=PERSON)).status_code == 303
    assert (await ask(gate, f"/open?token={ticket}", headers=PERSON)).status_code == 401


async def test_an_old_ticket_opens_nothing(gate: AccessMiddleware, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket, now = TOKEN.ticket(PORT), time.time()
    monkeypatch.setattr(time, "time", lambda: now + LIFETIME + 1)
    assert (await ask(gate, f"/open?token={ticket}", headers=PERSON)).status_code == 401


@pytest.mark.parametrize(
    "ticket", [TOKEN.ticket(PORT + 1), Token("00" * 32).ticket(PORT), "9999999999.0.0", "..", "x"]
)
async def test_a_forged_ticket_opens_nothing(gate: AccessMiddleware, ticket: str) -> None:
    assert (await ask(gate, f"/open?token={ticket}", headers=PERSON)).status_code == 401


async def test_a_ticket_cannot_be_made_to_last(gate: AccessMiddleware) -> None:
    _, rest = TOKEN.ticket(PORT).split(".", 1)
    assert (await ask(gate, f"/open?token=9999999999.{rest}", headers=PERSON)).status_code == 401


# What other pages try.


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        f"evil.example:{PORT}",
        "127.0.0.1",
        f"127.0.0.1:{PORT + 1}",
        f"127.0.0.2:{PORT}",
        f"127.0.0.1.evil.example:{PORT}",
        f"localhost.evil.example:{PORT}",
        f"localhost.:{PORT}",
        f"0.0.0.0:{PORT}",
        f"127.0.0.1:{PORT}@evil.example",
        "",
    ],
)
@pytest.mark.parametrize("path", ["/api/projects", f"/open?token={SECRET}", "/"])
async def test_a_name_that_leads_here_is_not_our_name(gate: AccessMiddleware, host: str, path: str) -> None:
    answer = await ask(gate, path, headers={**COOKIE, "host": host})
    assert is_refused(answer, 421)
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("host", [f"127.0.0.1:{PORT}", f"localhost:{PORT}", f"[::1]:{PORT}"])
async def test_our_own_names_are_known(gate: AccessMiddleware, host: str) -> None:
    headers = {**COOKIE, "host": host, "origin": f"http://{host}", "sec-fetch-site": "same-origin"}
    assert (await ask(gate, "/api/projects", headers=headers)).status_code == 200


async def test_a_request_with_two_hosts_or_none_is_refused(gate: AccessMiddleware) -> None:
    statuses = []
    scope = {"type": "http", "method": "GET", "path": "/api/projects", "query_string": b""}

    async def send(message: Mapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    cookie = (b"cookie", COOKIE["cookie"].encode())
    for hosts in ([], [(b"host", HOST.encode())] * 2):
        await gate({**scope, "client": ("127.0.0.1", 1), "headers": [cookie, *hosts]}, receive, send)
    assert statuses == [421, 421]


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "http://evil.example",
        f"http://127.0.0.1:{PORT + 1}",
        "http://127.0.0.1",
        f"https://127.0.0.1:{PORT}",
        f"http://localhost:{PORT}",
        f"http://127.0.0.1:{PORT}.evil.example",
        "file://",
        "chrome-extension://abc",
        "",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_another_origin_is_refused(gate: AccessMiddleware, origin: str, method: str) -> None:
    headers = {**COOKIE, "authorization": f"Bearer {SECRET}", "origin": origin}
    assert is_refused(await ask(gate, "/api/projects", method, headers=headers), 403)


@pytest.mark.parametrize("site", ["cross-site", "same-site", "anything"])
@pytest.mark.parametrize("path", ["/api/projects", "/assets/index-1a2b.js", "/", f"/open?token={SECRET}"])
async def test_another_site_is_refused(gate: AccessMiddleware, site: str, path: str) -> None:
    headers = {**COOKIE, "sec-fetch-site": site, "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image"}
    assert is_refused(await ask(gate, path, headers=headers), 403)


@pytest.mark.parametrize("dest", ["iframe", "embed", "object", "frame"])
async def test_the_page_is_not_shown_inside_another(gate: AccessMiddleware, dest: str) -> None:
    headers = {**COOKIE, "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": dest}
    assert is_refused(await ask(gate, "/", headers=headers), 403)
    shown = await ask(gate, "/", headers=COOKIE)
    assert "frame-ancestors 'none'" in shown.headers["content-security-policy"]
    assert shown.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize("path", ["/api/projects", "/schema"])
async def test_a_link_does_not_lead_into_the_api(gate: AccessMiddleware, path: str) -> None:
    answer = await ask(gate, path, headers={**COOKIE, **VISIT, "sec-fetch-site": "cross-site"})
    assert is_refused(answer, 403)


@pytest.mark.parametrize("path", ["/", f"/open?token={SECRET}"])
async def test_a_form_does_not_lead_in(gate: AccessMiddleware, path: str) -> None:
    headers = {**COOKIE, **VISIT, "accept": "*/*", "sec-fetch-site": "cross-site"}
    assert is_refused(await ask(gate, path, "POST", headers=headers), 403)


@pytest.mark.parametrize("site", ["same-origin", "none"])
async def test_our_own_page_and_a_person_may_ask(gate: AccessMiddleware, site: str) -> None:
    headers = {**COOKIE, "sec-fetch-site": site}
    assert (await ask(gate, "/api/projects", headers=headers)).status_code == 200


@pytest.mark.parametrize("path", ["/api/projects", "/", "/open"])
async def test_nobody_is_told_what_another_page_may_do(gate: AccessMiddleware, path: str) -> None:
    headers = {
        **COOKIE,
        "access-control-request-method": "DELETE",
        "access-control-request-private-network": "true",
    }
    assert is_refused(await ask(gate, path, "OPTIONS", headers=headers), 405)


async def test_a_websocket_is_refused(gate: AccessMiddleware) -> None:
    headers = {**COOKIE, "connection": "Upgrade", "upgrade": "websocket", "sec-websocket-key": "x"}
    assert is_refused(await ask(gate, "/api/projects", headers=headers), 403)
    with pytest.raises(TypeError):
        await gate({"type": "websocket"}, None, None)  # type: ignore[arg-type]


# What is on every answer.


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/", COOKIE),
        ("/assets/index-1a2b.js", COOKIE),
        ("/nothing", COOKIE),
        ("/api/projects", COOKIE),
        ("/api/projects", {}),
        ("/", PERSON),
        ("/", {"host": "evil.example"}),
        (f"/open?token={SECRET}", PERSON),
    ],
)
async def test_every_answer_says_what_a_browser_may_do_with_it(
    gate: AccessMiddleware, path: str, headers: dict[str, str]
) -> None:
    found = (await ask(gate, path, headers=headers)).headers
    assert found["referrer-policy"] == "no-referrer"
    assert found["x-content-type-options"] == "nosniff"
    assert found["cross-origin-opener-policy"] == "same-origin"
    assert found["cross-origin-resource-policy"] == "same-origin"
    assert found["content-security-policy"].count("default-src 'none'") == 1
    assert "frame-ancestors 'none'" in found["content-security-policy"]
    assert "cache-control" in found
    assert not [name for name in found if name.startswith("access-control-")]


async def test_what_comes_from_a_film_can_run_nothing(gate: AccessMiddleware) -> None:
    answer = await ask(gate, "/api/projects/film/shots/a/takes/take_001/media", headers=COOKIE)
    assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert answer.headers["content-type"] == "video/mp4"
