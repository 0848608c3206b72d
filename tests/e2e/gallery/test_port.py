"""The gallery's port: the real daemon with the real door, as programs, browsers and other pages meet it."""

import json
import re
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.film import COMMAND
from tests.support.deadline import DEADLINE
from tests.support.film import DAWN, Film, environment, put, still, video, write_config

PROJECT = "/api/projects/myfilm"


class Served:
    """A film with two takes, served at the Unix socket and at a port."""

    def __init__(self, film: Film, path: Path, process: "subprocess.Popen[bytes]") -> None:
        self.film = film
        self.path = path
        self.process = process
        self.log = film.folder / "daemon.log"
        self.socket = httpx.Client(
            transport=httpx.HTTPTransport(uds=str(path)), base_url="http://takes", timeout=DEADLINE
        )

    @property
    def gallery(self) -> dict[str, Any] | None:
        found: dict[str, Any] | None = self.socket.get("/api/health").json()["gallery"]
        return found

    @property
    def port(self) -> int:
        assert self.gallery
        return int(self.gallery["port"])

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def token(self) -> str:
        assert self.gallery
        return Path(self.gallery["tokenFile"]).read_text().strip()

    def program(self) -> httpx.Client:
        """A client that brings the token."""
        return httpx.Client(
            base_url=self.base, headers={"authorization": f"Bearer {self.token}"}, timeout=DEADLINE
        )

    @contextmanager
    def browser(self) -> Iterator[httpx.Client]:
        """A client that was let in and has its cookie."""
        with httpx.Client(base_url=self.base, timeout=DEADLINE) as client:
            assert client.get("/open", params={"token": self.token}).status_code == 303
            yield client

    def run(self, *args: str, **more: str) -> "subprocess.CompletedProcess[str]":
        env = {**environment(self.film.folder), **more}
        return subprocess.run(
            [*COMMAND, *args, "--socket", str(self.path)],
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )


@contextmanager
def serving(folder: Path, *options: str, **choices: Any) -> Iterator[Served]:
    """The daemon with these options; it is gone afterwards, whatever happens."""
    film = Film(folder)
    write_config(
        folder, **{"backups": 0, **choices}
    )  # a copy of the log is told of in the daemon's, at any time
    sockets = Path(tempfile.mkdtemp(prefix="takes-"))
    env = environment(folder)
    subprocess.run([*COMMAND, "init", str(film.root)], env=env, check=True, stdout=subprocess.DEVNULL)
    command = [*COMMAND, "daemon", str(film.root), "--socket", str(sockets / "s"), *options]
    with (folder / "daemon.log").open("wb") as output:
        process = subprocess.Popen(command, env=env, stderr=output)
    one = Served(film, sockets / "s", process)
    try:
        with closing(one.socket):
            wait_until(lambda: answers(one))
            yield one
    finally:
        process.kill()
        process.wait()
        print(one.log.read_text())  # noqa: T201 - pytest shows it with a failure
        shutil.rmtree(sockets)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One daemon for the tests that leave it running."""
    with serving(tmp_path_factory.mktemp("gallery"), "--port", "0") as one:
        put(one.film.takes(DAWN) / "a.mp4", video())
        wait_until(lambda: has_takes(one, 1))
        put(one.film.takes(DAWN) / "b.png", still(2))
        wait_until(lambda: has_takes(one, 2))
        yield one


def wait_until(fact: Any) -> None:
    deadline = time.monotonic() + DEADLINE
    while not fact():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def answers(one: Served) -> bool:
    assert one.process.poll() is None, one.log.read_text()
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(one.path))
        except OSError:
            return False
    return one.socket.get("/api/health").is_success


def has_takes(one: Served, count: int) -> bool:
    answer = one.socket.get(f"{PROJECT}/shots/001_Dawn/takes")
    done = [take for take in answer.json().get("takes", []) if take["thumbnailUrl"]]
    return len(done) == count


# One application, two doors.


def test_the_same_api_answers_at_both_doors(served: Served) -> None:
    with served.program() as program, served.browser() as browser:
        for path in ("/api/projects", f"{PROJECT}/shots", f"{PROJECT}/shots/001_Dawn/takes", "/schema"):
            found = [client.get(path).json() for client in (served.socket, program, browser)]
            assert found[0] == found[1] == found[2]


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="the system does not list who listens")
def test_the_port_is_that_of_this_machine_alone(served: Served) -> None:
    listening = Path("/proc/net/tcp").read_text() + Path("/proc/net/tcp6").read_text()
    found = {
        line.split()[1].rpartition(":")[0]
        for line in listening.splitlines()
        if re.search(rf":{served.port:04X} \S+ 0A ", line)
    }
    assert found == {"0100007F"}


def test_without_the_token_the_port_tells_nothing(served: Served) -> None:
    for path in ("/api/health", f"{PROJECT}/shots", "/schema", "/", "/assets/x.js", f"{PROJECT}/events"):
        answer = httpx.get(served.base + path)
        assert answer.status_code == 401, path
        assert "myfilm" not in answer.text.lower()


def test_a_person_finds_the_page_or_how_to_build_it(served: Served) -> None:
    built = Path(sys.modules["daemon"].__file__ or "").parent / "page" / "index.html"
    with served.browser() as browser:
        answer = browser.get("/", headers={"accept": "text/html"})
    if built.is_file():
        assert answer.status_code == 200
        assert answer.content == built.read_bytes()
        assert "script-src 'self'" in answer.headers["content-security-policy"]
    else:
        assert answer.status_code == 503
        assert "make page" in answer.text


def test_the_take_is_chosen_from_the_page(served: Served) -> None:
    body = {"takeId": "take_001"}
    headers = {"origin": served.base, "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors"}
    with served.browser() as browser:
        answer = browser.put(f"{PROJECT}/shots/001_Dawn/active-take", json=body, headers=headers)
    assert (answer.status_code, answer.json()["active"]) == (200, True)


# What others try.


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "evil.example"}, 421),
        ({"host": "127.0.0.1"}, 421),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"connection": "upgrade", "upgrade": "websocket", "sec-websocket-version": "13"}, 403),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_another_page_is_refused_even_with_the_cookie(
    served: Served, method: str, headers: dict[str, str], status: int
) -> None:
    before = served.socket.get("/api/projects").json()
    with served.browser() as browser:
        answer = browser.request(method, "/api/projects", headers=headers)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert not [name for name in answer.headers if name.startswith("access-control-")]
    assert served.socket.get("/api/projects").json() == before


def test_a_page_that_asks_for_a_websocket_writes_nothing_into_the_log(served: Served) -> None:
    before = served.log.read_text()
    with served.browser() as browser:
        answer = browser.get("/", headers={"connection": "upgrade", "upgrade": "websocket"})
    assert answer.status_code == 403
    assert served.log.read_text() == before


def test_a_rebound_name_gets_no_cookie(served: Served) -> None:
    address = f"{served.base}/open?token={served.token}"
    answer = httpx.get(address, headers={"host": f"evil.example:{served.port}"})
    assert answer.status_code == 421
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "request_line",
    ["GET /../token HTTP/1.1", "GET /%2e%2e/token HTTP/1.1", "GET http://evil.example/api HTTP/1.1"],
)
def test_a_crooked_path_leads_nowhere(served: Served, request_line: str) -> None:
    head = f"{request_line}\r\nHost: 127.0.0.1:{served.port}\r\nAuthorization: Bearer {served.token}\r\n"
    with socket.create_connection(("127.0.0.1", served.port), DEADLINE) as connection:
        connection.sendall(f"{head}Connection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.startswith((b"HTTP/1.1 404", b"HTTP/1.1 400"))
    assert served.token.encode() not in answer


@pytest.mark.parametrize("header", ["Origin", "Referer", "Cookie", "Sec-Fetch-Site", "Sec-Fetch-Mode"])
def test_the_socket_refuses_a_browser(served: Served, header: str) -> None:
    answer = served.socket.get("/api/projects", headers={header: "x"})
    assert answer.status_code == 403
    assert header.lower() in answer.json()["detail"]


def test_the_socket_has_no_page(served: Served) -> None:
    assert served.socket.get("/").status_code == 404
    assert served.socket.get(f"/open?token={served.token}").status_code == 404


def test_the_log_does_not_know_the_token(served: Served) -> None:
    with served.browser() as browser:
        browser.get("/nothing", params={"token": served.token})
        browser.get("/api/nothing", params={"token": served.token})
    assert served.token not in served.log.read_text()
    assert served.token not in served.socket.get("/api/health").text


# Media and events.


def test_a_part_of_a_film_can_be_asked_for(served: Served) -> None:
    path = f"{PROJECT}/shots/001_Dawn/takes/take_001/media"
    with served.browser() as browser:
        whole = browser.get(path)
        part = browser.get(path, headers={"range": "bytes=4-7"})
    assert (part.status_code, part.content) == (206, whole.content[4:8])
    assert whole.content == video()
    for answer in (whole, part):
        assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-type"] == "video/mp4"


def test_a_picture_that_is_a_web_page_at_heart_is_none_to_a_browser(served: Served) -> None:
    put(served.film.takes(DAWN) / "evil.png", b"<html><script>alert(1)</script></html>")
    path = f"{PROJECT}/shots/001_Dawn/takes/take_003/media"
    with served.browser() as browser:
        wait_until(lambda: browser.get(path).status_code == 200)
        answer = browser.get(path)
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")


def test_the_page_hears_what_happens(served: Served) -> None:
    headers = {"accept": "text/event-stream", "sec-fetch-site": "same-origin"}
    with served.browser() as browser, browser.stream("GET", f"{PROJECT}/events", headers=headers) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        for line in answer.iter_lines():
            if line == "event: take.created":
                break


def test_the_daemon_stops_while_pages_listen(tmp_path: Path) -> None:
    headers = {"accept": "text/event-stream"}
    with serving(tmp_path, "--port", "0") as one, one.browser() as browser, one.program() as program:
        path = f"{PROJECT}/events"
        with (
            browser.stream("GET", path, headers=headers) as first,
            program.stream("GET", path, headers=headers) as second,
            one.socket.stream("GET", path, headers=headers) as third,
            socket.create_connection(("127.0.0.1", one.port)),
        ):
            lines = [each.iter_lines() for each in (first, second, third)]
            assert all(next(each) for each in lines)
            one.process.terminate()
            for each in lines:
                list(each)  # ends, and is not cut off
            assert one.process.wait(DEADLINE) == 0
        log = [json.loads(line)["event"] for line in one.log.read_text().splitlines() if line[0] == "{"]
        assert log[-2:] == ["stopping", "stopped"]
        assert not one.path.exists()


# Starting.


def test_without_a_port_there_is_none(tmp_path: Path) -> None:
    with serving(tmp_path) as one:
        assert one.gallery is None
        assert not (tmp_path / "state" / "takes" / "token").exists()
        result = one.run("open", "--print")
        assert (result.returncode, result.stdout) == (4, "")
        assert "`takes config`" in result.stderr


def test_the_port_can_be_a_setting_and_the_option_goes_before_it(tmp_path: Path) -> None:
    port = free_port()
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with serving(tmp_path / "a", port=port) as one:
        assert one.port == port
    with serving(tmp_path / "b", "--port", "0", port=port) as one:
        assert one.port != port


def test_the_token_stays_and_with_it_who_was_let_in(tmp_path: Path) -> None:
    port = str(free_port())
    with serving(tmp_path, "--port", port) as one:
        with one.browser() as browser:
            cookies = browser.cookies
        token = one.token
        path = tmp_path / "state" / "takes" / "token"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert len(bytes.fromhex(token)) * 8 == 256
        one.process.terminate()
        assert one.process.wait(DEADLINE) == 0
    with serving_again(tmp_path, port) as one, httpx.Client(cookies=cookies) as browser:
        assert one.token == token
        assert browser.get(f"{one.base}/api/health").status_code == 200


@contextmanager
def serving_again(folder: Path, port: str) -> Iterator[Served]:
    folder.joinpath("MyFilm").rename(folder / "Kept")
    with serving(folder, "--port", port) as one:
        yield one


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def refused_start(folder: Path, *options: str) -> str:
    """What a daemon says that does not start."""
    command = [*COMMAND, "daemon", "--socket", str(folder / "s"), *options]
    result = subprocess.run(
        command, env=environment(folder), capture_output=True, text=True, check=False, timeout=DEADLINE
    )
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    return result.stderr


def test_a_port_that_is_taken_is_named_with_what_to_do(served: Served, short: Path) -> None:
    complaint = refused_start(short, "--port", str(served.port))
    assert str(served.port) in complaint
    assert "--port 0" in complaint
    assert not (short / "s").exists()


def test_a_token_that_others_can_read_keeps_the_daemon_from_starting(short: Path) -> None:
    path = short / "state" / "takes" / "token"
    path.parent.mkdir(parents=True)
    path.write_text("5e" * 32)
    path.chmod(0o644)
    complaint = refused_start(short, "--port", "0")
    assert str(path) in complaint
    assert "Remove that file" in complaint


@pytest.mark.parametrize("port", ["-1", "65536", "http"])
def test_what_is_no_port_is_refused(served: Served, port: str) -> None:
    assert served.run("daemon", "--port", port).returncode == 2


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder whose name leaves room for a socket."""
    with tempfile.TemporaryDirectory(prefix="takes-") as folder:
        yield Path(folder)


# `takes open`.


def test_open_prints_an_address_that_opens_the_gallery(served: Served) -> None:
    result = served.run("open", "--print", DISPLAY=":0")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == f"{served.base}/open?token={served.token}\n"
    for _ in range(2):  # whoever prints it may want to keep it
        assert httpx.get(result.stdout.strip()).status_code == 303


def test_open_answers_a_program_in_json(served: Served) -> None:
    result = served.run("open", "--print", "--json")
    assert json.loads(result.stdout) == {"url": f"{served.base}/open?token={served.token}"}


def test_open_starts_the_browser_with_an_address_that_works_once(served: Served, tmp_path: Path) -> None:
    given = tmp_path / "given"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" > {given}.new && mv {given}.new {given}\n')
    browser.chmod(0o700)
    result = served.run("open", DISPLAY=":0", BROWSER=f"{browser} %s")
    assert result.returncode == 0, result.stderr
    wait_until(given.exists)
    address = given.read_text()
    assert address.startswith(f"{served.base}/open?token=")
    assert served.token not in address
    assert [httpx.get(address).status_code for _ in range(2)] == [303, 401]


def test_open_starts_nothing_where_there_is_no_screen(served: Served, tmp_path: Path) -> None:
    env = {"BROWSER": f"touch {tmp_path / 'started'} %s", "DISPLAY": "", "WAYLAND_DISPLAY": ""}
    result = served.run("open", **env)
    assert result.stdout == f"{served.base}/open?token={served.token}\n"
    assert not (tmp_path / "started").exists()


def test_open_refuses_a_token_that_others_can_read(served: Served) -> None:
    assert served.gallery
    path = Path(served.gallery["tokenFile"])
    path.chmod(0o644)
    try:
        result = served.run("open", "--print")
    finally:
        path.chmod(0o600)
    assert (result.returncode, result.stdout) == (1, "")
    assert "0644" in result.stderr
