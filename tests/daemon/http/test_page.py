"""The gallery's page and its files, as a browser gets them."""

import base64
import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from daemon.http.access import AccessMiddleware, PortAccess
from daemon.http.page import POLICY, load_page, show
from tests.daemon.http.gate import COOKIE, HOST, PERSON, PORT, SCRIPT, TOKEN, app, ask, gate, is_refused, page

__all__ = ["gate", "page"]


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
