"""A daemon with a film that has takes, asked over its real socket."""

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
import pytest

from projections.layout import full_id
from tests.e2e.film import COMMAND
from tests.support.deadline import DEADLINE
from tests.support.film import Film, environment, put, still, video, write_config

DAWN = "01_Chapter/01_Scene/001_Dawn"


TWIN, OTHER_TWIN = "01_Chapter/01_Scene/004_Twin", "02_Chapter/004_Twin"


EMPTY = "02_Chapter/005_Empty"


SPARE = "02_Chapter/010_Spare"
"""Where tests may change what they like: each has its own shot behind this, whose first take is active."""


SPARES = 14


class Served:
    """A film with takes in it, served by a daemon."""

    def __init__(self, film: Film, path: Path, client: httpx.Client) -> None:
        self.film = film
        self.socket = path
        self.client = client
        self._spares = iter(range(SPARES))

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """The answer; a path that does not begin with `/` is one in the project."""
        address = path if path.startswith("/") else f"/api/projects/myfilm/{path}"
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.request(method, address, headers=named, **({} if body is None else {"json": body}))

    def get(self, path: str) -> Any:
        answer = self.ask("GET", path)
        assert answer.status_code == HTTPStatus.OK, answer.text
        return answer.json()

    def spare(self) -> str:
        """A shot that no other test has, with two takes in it."""
        shot = f"{SPARE}_{next(self._spares)}"
        for number in (1, 2):
            put(self.film.takes(shot) / f"{number}.png", still(number))
            self.until(f"shots/{full_id(shot)}/takes", "takes", number)
        self.until_shown()
        return full_id(shot)

    def until(self, path: str, key: str, count: int) -> None:
        """Wait until so many things are listed there that are complete or failed."""
        deadline = time.monotonic() + DEADLINE
        while time.monotonic() < deadline:
            answer = self.ask("GET", path)
            found = answer.json().get(key, []) if answer.status_code == HTTPStatus.OK else []
            if sum(one.get("status") != "generating" for one in found) >= count:
                return
            time.sleep(0.02)
        raise TimeoutError(path)

    def until_shown(self) -> None:
        """Wait until all that was made of the log is as the log says."""
        deadline = time.monotonic() + DEADLINE
        while any(one["behind"] for one in self.get("status")["projections"]):
            assert time.monotonic() < deadline
            time.sleep(0.02)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One daemon for all tests of this module."""
    folder = tmp_path_factory.mktemp("api")
    spares = [f"{SPARE}_{number}" for number in range(SPARES)]
    film = Film(folder, "MyFilm", DAWN, TWIN, OTHER_TWIN, EMPTY, *spares)
    write_config(folder)
    sockets = Path(tempfile.mkdtemp(prefix="takes-"))
    env, log = environment(folder), folder / "daemon.log"
    subprocess.run([*COMMAND, "init", str(film.root)], env=env, check=True, stdout=subprocess.DEVNULL)
    with log.open("wb") as output:
        command = [*COMMAND, "daemon", str(film.root), "--socket", str(sockets / "s")]
        process = subprocess.Popen(command, env=env, stderr=output)
    transport = httpx.HTTPTransport(uds=str(sockets / "s"), retries=0)
    try:
        with httpx.Client(transport=transport, base_url="http://localhost", timeout=DEADLINE) as client:
            one = Served(film, sockets / "s", client)
            _fill(one, process)
            yield one
    finally:
        process.kill()
        process.wait()
        print(log.read_text())  # noqa: T201 - pytest shows it with a failure
        shutil.rmtree(sockets)


def _fill(served: Served, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + DEADLINE
    while not _answers(served):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    film = served.film
    put(film.takes(DAWN) / "a.json", b'{"prompt": "waves", "seed": 7}')
    put(film.takes(DAWN) / "a.mp4", video())
    served.until("shots/001_Dawn/takes", "takes", 1)
    put(film.takes(DAWN) / "b.png", still(2))
    served.until("shots/001_Dawn/takes", "takes", 2)
    put(film.takes(DAWN) / "c.mp4", b"broken")
    served.until("shots/001_Dawn/takes", "takes", 3)
    served.until_shown()


def _answers(served: Served) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(served.socket))
        except OSError:
            return False
    return served.ask("GET", "/api/health").is_success


def is_problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    """The problem, in the form of RFC 9457, with a hint for a person."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == status
    assert problem["type"].startswith("urn:takes:")
    assert problem["title"]
    assert problem["detail"]
    return problem
