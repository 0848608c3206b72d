"""The gate: who is let in at the Unix socket and at the port, with which answers; and the token that opens it."""

import base64
import gzip
import hashlib
import os
import re
import stat
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from daemon.http.access import AccessMiddleware, PortAccess, Receive
from daemon.http.page import POLICY, load_page, show
from daemon.http.request import Scope
from daemon.http.sending import Send
from daemon.http.token import LIFETIME, Token, TokenUnsafe, make_token, read_token, token_path
from daemon.peer import PEER

PORT = 7421
HOST = f"127.0.0.1:{PORT}"
SECRET = "5e" * 32
TOKEN = Token(SECRET)
COOKIE = {"cookie": f"takes-{PORT}={TOKEN.cookie(PORT)}"}
PERSON = {"accept": "text/html,application/xhtml+xml"}
VISIT = {**PERSON, "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
SCRIPT = b"console.log('takes')\n" * 200


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """What stands behind the gate: it says that it was reached."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"video/mp4")]})
    await send({"type": "http.response.body", "body": b"behind the gate"})


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A page as the build leaves it."""
    folder = tmp_path / "page"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>takes</title>")
    (folder / "assets" / "index-1a2b.js").write_bytes(SCRIPT)
    (folder / "assets" / "index-1a2b.js.gz").write_bytes(gzip.compress(SCRIPT))
    (folder / "assets" / "index-1a2b.css").write_text("body { margin: 0 }")
    (folder / ".sources").write_text("0" * 64)
    tmp_path.joinpath("secret.txt").write_text("no part of the page")
    return folder


@pytest.fixture
def gate(page: Path) -> AccessMiddleware:
    return AccessMiddleware(app, PortAccess(PORT, TOKEN, load_page(page)))


async def ask(
    gate: AccessMiddleware,
    path: str,
    method: str = "GET",
    client: tuple[str, int] = ("127.0.0.1", 50_000),
    **more: Any,
) -> httpx.Response:
    """The answer to a request with these headers and no others, but for the host where it is left out."""
    headers: Mapping[str, str] = more.get("headers", {})
    transport = httpx.ASGITransport(gate, client=client)
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}") as one:
        request = httpx.Request(method, f"http://{HOST}{path}", headers={"host": HOST, **headers})
        return await one.send(request)


def is_refused(answer: httpx.Response, *status: int) -> bool:
    """Whether it was refused with a problem that no other page may read."""
    assert answer.status_code in status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == answer.status_code
    assert not [name for name in answer.headers if name.startswith("access-control-")]
    return True


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


# The page.


async def test_the_page_may_ask_this_daemon_and_nothing_else(gate: AccessMiddleware) -> None:
    answer = await ask(gate, "/", headers=COOKIE)
    policy = answer.headers["content-security-policy"]
    assert policy == POLICY
    assert "unsafe" not in policy
    assert not re.search(r"https?:|\*", policy)
    assert answer.text == "<!doctype html><title>takes</title>"
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"


def test_a_script_in_the_page_itself_may_run_and_no_other_may(page: Path) -> None:
    script = "early = fetch('/api/projects')"
    page.joinpath("index.html").write_text(f"<!doctype html><script>{script}</script><title>takes</title>")
    policy = show(load_page(page)["/"], "", "").headers["Content-Security-Policy"]
    named = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert policy == POLICY.replace("script-src 'self'", f"script-src 'self' 'sha256-{named}'")
    assert "unsafe" not in policy


async def test_what_has_a_hash_in_its_name_is_kept_for_ever(gate: AccessMiddleware) -> None:
    script = await ask(gate, "/assets/index-1a2b.js", headers=COOKIE)
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    assert "immutable" in script.headers["cache-control"]
    style = await ask(gate, "/assets/index-1a2b.css", headers=COOKIE)
    assert style.headers["content-type"] == "text/css; charset=utf-8"


async def test_a_browser_gets_the_compressed_copy_if_it_can_read_it(gate: AccessMiddleware) -> None:
    path = "/assets/index-1a2b.js"
    plain = await ask(gate, path, headers=COOKIE)
    packed = await ask(gate, path, headers={**COOKIE, "accept-encoding": "br;q=1, gzip;q=0.5"})
    refused = await ask(gate, path, headers={**COOKIE, "accept-encoding": "gzip;q=0"})
    assert plain.content == packed.content == refused.content == SCRIPT
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert "content-encoding" not in refused.headers
    assert packed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
    assert packed.headers["etag"] != plain.headers["etag"]


async def test_what_a_browser_has_is_not_sent_again(gate: AccessMiddleware) -> None:
    tag = (await ask(gate, "/", headers=COOKIE)).headers["etag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = await ask(gate, "/", headers={**COOKIE, "if-none-match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert (await ask(gate, "/", headers={**COOKIE, "if-none-match": '"other"'})).status_code == 200


async def test_the_head_of_a_file_is_told_without_its_body(gate: AccessMiddleware) -> None:
    answer = await ask(gate, "/assets/index-1a2b.js", "HEAD", headers=COOKIE)
    assert (answer.status_code, answer.content) == (200, b"")
    assert int(answer.headers["content-length"]) == len(SCRIPT)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
async def test_the_page_can_only_be_read(gate: AccessMiddleware, method: str) -> None:
    assert is_refused(await ask(gate, "/", method, headers=COOKIE), 405)


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/assets/../../secret.txt",
        "/assets/%2e%2e%2f%2e%2e%2fsecret.txt",
        "/..%5csecret.txt",
        "//secret.txt",
        "/assets/",
        "/assets",
        "/.sources",
        "/assets/index-1a2b.js.gz",
        "/assets/index-1a2b.js%00",
        "/api../secret.txt",
        "/INDEX.HTML",
    ],
)
async def test_no_path_leads_out_of_the_page(gate: AccessMiddleware, path: str) -> None:
    statuses = []

    async def send(message: Mapping[str, Any]) -> None:
        statuses.append(message.get("status"))

    from urllib.parse import unquote

    headers = [(b"host", HOST.encode()), (b"cookie", COOKIE["cookie"].encode())]
    scope = {"type": "http", "method": "GET", "path": unquote(path), "query_string": b"", "headers": headers}
    await gate({**scope, "client": ("127.0.0.1", 1)}, None, send)  # type: ignore[arg-type]
    assert statuses[0] == 404


def test_a_folder_without_an_index_is_no_page(page: Path, tmp_path: Path) -> None:
    page.joinpath("index.html").unlink()
    assert load_page(page) == load_page(tmp_path / "nothing") == {}


async def test_a_checkout_without_a_page_says_how_to_build_it() -> None:
    gate = AccessMiddleware(app, PortAccess(PORT, TOKEN, {}))
    answer = await ask(gate, "/", headers={**COOKIE, **PERSON})
    assert answer.status_code == 503
    assert "make page" in answer.text
    assert (await ask(gate, "/api/projects", headers=COOKIE)).text == "behind the gate"


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


# The token's file.


def test_the_token_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "state" / "takes" / "token"
    made = make_token(str(path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert re.fullmatch(r"[0-9a-f]{64}\n", path.read_text())
    assert make_token(str(path)).text == read_token(str(path)).text == made.text
    assert list(path.parent.iterdir()) == [path]


def test_the_token_is_its_owners_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        make_token(str(tmp_path / "token"))
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "token").stat().st_mode) == 0o600


def test_every_user_has_another_token(tmp_path: Path) -> None:
    assert make_token(str(tmp_path / "a" / "t")).text != make_token(str(tmp_path / "b" / "t")).text


def test_daemons_that_start_at_once_have_the_same_token(tmp_path: Path) -> None:
    found: list[str] = []
    path = str(tmp_path / "token")
    threads = [threading.Thread(target=lambda: found.append(make_token(path).text)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(found), len(set(found))) == (8, 1)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644, 0o666, 0o601])
def test_a_token_that_others_could_know_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "token"
    make_token(str(path))
    path.chmod(mode)
    for use in (make_token, read_token):
        with pytest.raises(TokenUnsafe, match=f"{mode:04o}") as error:
            use(str(path))
        assert "Remove that file" in error.value.hint


def test_a_token_of_somebody_else_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(tmp_path / "token")
    make_token(path)
    monkeypatch.setattr("os.geteuid", lambda: tmp_path.stat().st_uid + 1)
    with pytest.raises(TokenUnsafe, match="somebody else"):
        read_token(path)


@pytest.mark.parametrize("content", [b"", b"password\n", b"5e" * 31, b"5E" * 32, b"5e" * 40, b"\xff" * 64])
def test_what_is_no_token_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "token"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(TokenUnsafe, match="not one that the daemon made"):
        read_token(str(path))


def test_a_link_in_the_place_of_the_token_is_refused(tmp_path: Path) -> None:
    make_token(str(tmp_path / "elsewhere"))
    (tmp_path / "token").symlink_to("elsewhere")
    (tmp_path / "folder").mkdir(mode=0o700)
    for name in ("token", "folder"):
        with pytest.raises(TokenUnsafe):
            make_token(str(tmp_path / name))


def test_the_token_lies_with_what_outlives_a_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert token_path() == str(tmp_path / "takes" / "token")


def test_the_token_does_not_show_where_it_is_printed() -> None:
    assert SECRET not in f"{TOKEN!r} {TOKEN} {[TOKEN]}"
