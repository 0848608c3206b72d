"""The API: every route as a client meets it, over the real socket of a real daemon."""

import hashlib
import json
import shutil
import socket
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
import pytest

from projections.layout import full_id, take_name
from tests.e2e.film import COMMAND
from tests.support.deadline import DEADLINE
from tests.support.film import Film, environment, put, still, video, write_config

DAWN = "01_Chapter/01_Scene/001_Dawn"
TWIN, OTHER_TWIN = "01_Chapter/01_Scene/004_Twin", "02_Chapter/004_Twin"
EMPTY = "02_Chapter/005_Empty"
SPARE = "02_Chapter/010_Spare"
"""Where tests may change what they like: each has its own shot behind this, two takes in it, the first active."""

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
        """A shot that no other test has."""
        return full_id(f"{SPARE}_{next(self._spares)}")

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
            _fill(one, process, spares)
            yield one
    finally:
        process.kill()
        process.wait()
        print(log.read_text())  # noqa: T201 - pytest shows it with a failure
        shutil.rmtree(sockets)


def _fill(served: Served, process: "subprocess.Popen[bytes]", spares: list[str]) -> None:
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
    for shot in spares:
        put(film.takes(shot) / "1.png", still(1))
    for shot in spares:
        served.until(f"shots/{full_id(shot)}/takes", "takes", 1)
        put(film.takes(shot) / "2.png", still(2))
    for shot in spares:
        served.until(f"shots/{full_id(shot)}/takes", "takes", 2)
    while any(one["behind"] for one in served.get("status")["projections"]):
        assert time.monotonic() < deadline + DEADLINE
        time.sleep(0.02)


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


# What there is.


def test_the_health_says_that_all_is_well(served: Served) -> None:
    health = served.get("/api/health")
    assert health["status"] == "ok"
    assert [(one["id"], one["state"], one["problems"]) for one in health["projects"]] == [
        ("myfilm", "live", [])
    ]


def test_the_projects_are_listed(served: Served) -> None:
    (project,) = served.get("/api/projects")["projects"]
    assert (project["id"], project["name"], project["state"]) == ("myfilm", "MyFilm", "live")
    assert project["path"] == str(served.film.root)
    assert project["shotCount"] == 4 + SPARES
    assert served.get("/api/projects/myfilm") == project


def test_the_shots_are_listed_by_path(served: Served) -> None:
    shots = served.get("shots")["shots"]
    assert [one["path"] for one in shots] == sorted(one["path"] for one in shots)
    dawn = next(one for one in shots if one["shotId"] == "001_Dawn")
    dawn.pop("activeColour", None)  # which is told where it is known by then
    assert dawn == {
        "id": "01_Chapter:01_Scene:001_Dawn",
        "shotId": "001_Dawn",
        "path": DAWN,
        "takeCount": 3,
        "makingCount": 0,
        "activeTakeId": "take_001",
        "activeLength": 1.0,
        "lastNumber": 3,
        "stage": None,
        "notes": [],
    }


def test_a_shot_without_takes_has_an_empty_list(served: Served) -> None:
    assert served.get("shots/005_Empty/takes") == {"takes": [], "activeTakeId": None}


def test_the_takes_of_a_shot_are_listed_by_number(served: Served) -> None:
    answer = served.get("shots/001_Dawn/takes")
    assert [(one["id"], one["status"]) for one in answer["takes"]] == [
        ("take_001", "complete"),
        ("take_002", "complete"),
        ("take_003", "failed"),
    ]
    assert answer["activeTakeId"] == "take_001"


def test_a_list_that_is_remembered_is_what_the_application_would_answer(served: Served) -> None:
    path = "shots/001_Dawn/takes"
    made, known = served.ask("GET", f"{path}?deleted=false"), [served.ask("GET", path) for _ in range(2)]
    for answer in known:
        assert (answer.status_code, answer.content) == (made.status_code, made.content)
        assert {name: answer.headers[name] for name in made.headers if name != "date"} == {
            name: made.headers[name] for name in made.headers if name != "date"
        }


def test_a_take_says_all_that_is_known_of_it(served: Served) -> None:
    take = served.get("shots/001_Dawn/takes/take_001")
    content = video()
    assert take["generationParams"] == {"prompt": "waves", "seed": 7}
    assert (take["duration"], take["resolution"]) == (1.0, {"width": 64, "height": 36})
    assert take["media"] == {
        "name": "shot_001_take_001.mp4",
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "kind": "video",
        "codec": "h264",
        "frameRate": 24.0,
        "frames": None,
    }
    assert (take["number"], take["active"], take["deleted"]) == (1, True, False)
    assert "error" not in take


def test_a_failed_take_says_why(served: Served) -> None:
    take = served.get("shots/001_Dawn/takes/take_003")
    assert take["status"] == "failed"
    assert take["error"]
    assert take["thumbnailUrl"] is None


def test_what_is_not_known_is_null(served: Served) -> None:
    take = served.get("shots/001_Dawn/takes/take_002")
    assert take["generationParams"] is None
    assert take["duration"] is None
    assert take["resources"] == {"vramUsed": None, "generationTime": None, "quality": None}


def test_the_addresses_in_a_take_lead_to_its_picture_and_its_media(served: Served) -> None:
    take = served.get("shots/001_Dawn/takes/take_002")
    picture, media = served.ask("GET", take["thumbnailUrl"]), served.ask("GET", take["mediaUrl"])
    assert picture.headers["content-type"] == "image/png"
    assert picture.content.startswith(b"\x89PNG")
    assert (media.headers["content-type"], media.content) == ("image/png", still(2))


def test_the_status_says_how_the_project_is_kept(served: Served) -> None:
    status = served.get("status")
    assert status["position"] == max(one["position"] for one in served.get("events?limit=10000")["events"])
    assert {"index", "active-link", "project-file", "sidecars", "thumbnails"} <= {
        one["name"] for one in status["projections"]
    }
    assert status["watch"]["mode"] == "watching"
    assert status["watch"]["folders"] > SPARES
    assert status["lastScan"]["shots"] == 4 + SPARES


def test_only_the_owner_can_open_the_socket(served: Served) -> None:
    assert stat.S_IMODE(served.socket.stat().st_mode) == 0o600


def test_the_schema_is_openapi_and_has_every_route(served: Served) -> None:
    schema = served.get("/schema")
    assert schema["openapi"].startswith("3.")
    shot = "/api/projects/{project_id}/shots/{shot_id}"
    routes = {(path, method) for path, methods in schema["paths"].items() for method in methods}
    assert routes >= {
        ("/api/health", "get"),
        ("/api/projects", "get"),
        ("/api/projects", "post"),
        ("/api/projects/{project_id}", "get"),
        ("/api/projects/{project_id}/status", "get"),
        ("/api/projects/{project_id}/shots", "get"),
        (f"{shot}/takes", "get"),
        (f"{shot}/takes", "post"),
        (f"{shot}/active-take", "put"),
        (f"{shot}/takes/{{take_id}}", "get"),
        (f"{shot}/takes/{{take_id}}", "delete"),
        (f"{shot}/takes/{{take_id}}/restore", "post"),
        (f"{shot}/takes/{{take_id}}/thumbnail", "get"),
        (f"{shot}/takes/{{take_id}}/media", "get"),
        ("/api/projects/{project_id}/events", "get"),
        ("/api/projects/{project_id}/rebuild", "post"),
        ("/api/projects/{project_id}/verify", "post"),
    }
    for methods in schema["paths"].values():
        for operation in methods.values():
            assert {"401", "403", "421"} < operation["responses"].keys()
            for parameter in operation.get("parameters", []):
                assert {"name", "in", "schema"} <= parameter.keys()
    refs = [part.split('"')[0] for part in json.dumps(schema).split('"$ref": "#/components/')[1:]]
    known = {f"{kind}/{name}" for kind, ones in schema["components"].items() for name in ones}
    assert set(refs) <= known


def test_the_schema_says_what_each_operation_is_for(served: Served) -> None:
    schema = served.get("/schema")
    operations = [one for methods in schema["paths"].values() for one in methods.values()]
    assert len({one["operationId"] for one in operations}) == len(operations)
    assert {tag for one in operations for tag in one["tags"]} == {tag["name"] for tag in schema["tags"]}
    assert all(len(one["tags"]) == 1 for one in operations)
    assert {} in schema["security"]
    assert {name for one in schema["security"] for name in one} == schema["components"][
        "securitySchemes"
    ].keys()


# Media.


@pytest.mark.parametrize(
    ("wanted", "first", "last"),
    [("bytes=0-99", 0, 99), ("bytes=100-", 100, None), ("bytes=-50", -50, None), ("bytes=10-10", 10, 10)],
)
def test_a_part_of_the_media_can_be_asked_for(
    served: Served, wanted: str, first: int, last: int | None
) -> None:
    content, size = video(), len(video())
    answer = served.ask("GET", "shots/001_Dawn/takes/take_001/media", Range=wanted)
    assert answer.status_code == HTTPStatus.PARTIAL_CONTENT
    part = content[first : None if last is None else last + 1]
    start = first % size
    assert answer.content == part
    assert answer.headers["content-range"] == f"bytes {start}-{start + len(part) - 1}/{size}"
    assert answer.headers["content-length"] == str(len(part))


def test_the_whole_media_as_a_range_is_a_part_too(served: Served) -> None:
    answer = served.ask("GET", "shots/001_Dawn/takes/take_001/media", Range="bytes=0-")
    assert (answer.status_code, answer.content) == (HTTPStatus.PARTIAL_CONTENT, video())


def test_the_media_as_a_whole_says_that_ranges_are_possible(served: Served) -> None:
    answer = served.ask("GET", "shots/001_Dawn/takes/take_001/media")
    assert (answer.status_code, answer.content) == (HTTPStatus.OK, video())
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.headers["content-length"] == str(len(video()))


@pytest.mark.parametrize("wanted", ["bytes=99999999-", "bytes=-0", "bytes=50-10"])
def test_a_range_that_is_not_there_is_refused(served: Served, wanted: str) -> None:
    answer = served.ask("GET", "shots/001_Dawn/takes/take_001/media", Range=wanted)
    if wanted == "bytes=50-10":  # no valid range at all, which a server ignores
        assert answer.status_code in (HTTPStatus.OK, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
    else:
        is_problem(answer, 416)
        assert answer.headers["content-range"] == f"bytes */{len(video())}"


@pytest.mark.parametrize(
    "wanted", ["bytes=a-b", "lines=0-1", "bytes=0-1,4-5", "bytes=-", f"bytes={'9' * 5000}-"]
)
def test_a_range_that_means_nothing_to_us_gets_everything(served: Served, wanted: str) -> None:
    answer = served.ask("GET", "shots/001_Dawn/takes/take_001/media", Range=wanted)
    assert (answer.status_code, answer.content) == (HTTPStatus.OK, video())


@pytest.mark.parametrize("part", ["media", "thumbnail"])
def test_what_the_client_has_already_is_not_sent_again(served: Served, part: str) -> None:
    address = f"shots/001_Dawn/takes/take_001/{part}"
    tag = served.ask("GET", address).headers["etag"]
    for said in (tag, f'"other", {tag}', f"W/{tag}", "*"):
        answer = served.ask("GET", address, If_None_Match=said)
        assert (answer.status_code, answer.content) == (HTTPStatus.NOT_MODIFIED, b"")
    assert served.ask("GET", address, If_None_Match='"other"').status_code == HTTPStatus.OK


def test_a_range_of_an_older_file_gets_all_of_the_new_one(served: Served) -> None:
    address = "shots/001_Dawn/takes/take_001/media"
    tag = served.ask("GET", address).headers["etag"]
    assert len(served.ask("GET", address, Range="bytes=0-9", If_Range=tag).content) == 10
    assert served.ask("GET", address, Range="bytes=0-9", If_Range='"old"').content == video()


HEADS = (
    "status",
    "etag",
    "content-length",
    "content-type",
    "accept-ranges",
    "content-range",
    "cache-control",
)


@pytest.mark.parametrize("part", ["media", "thumbnail", "filmstrip"])
@pytest.mark.parametrize("more", [{}, {"Range": "bytes=5-9"}, {"If-None-Match": "*"}])
def test_the_head_is_the_answer_without_its_body(served: Served, part: str, more: dict[str, str]) -> None:
    address = f"shots/001_Dawn/takes/take_001/{part}"
    whole, head = served.ask("GET", address, **more), served.ask("HEAD", address, **more)
    assert (head.status_code, head.content) == (whole.status_code, b"")
    assert [head.headers.get(name) for name in HEADS] == [whole.headers.get(name) for name in HEADS]


def test_what_can_only_be_done_has_no_head(served: Served) -> None:
    assert served.ask("HEAD", "shots/001_Dawn/active-take").status_code == HTTPStatus.METHOD_NOT_ALLOWED


# Changes.


def test_a_take_is_made_active_and_the_answer_shows_it(served: Served) -> None:
    shot = served.spare()
    answer = served.ask("PUT", f"shots/{shot}/active-take", {"takeId": "take_002"})
    assert (answer.status_code, answer.json()["active"]) == (HTTPStatus.OK, True)
    assert served.get(f"shots/{shot}/takes")["activeTakeId"] == "take_002"
    assert answer.headers["etag"] == served.ask("GET", f"shots/{shot}/takes").headers["etag"]


def test_making_the_active_take_active_again_says_nothing_new(served: Served) -> None:
    shot = served.spare()
    before = served.get(f"events?shot={shot}")["events"]
    assert served.ask("PUT", f"shots/{shot}/active-take", {"takeId": "take_001"}).status_code == HTTPStatus.OK
    assert served.get(f"events?shot={shot}")["events"] == before


def test_a_decision_on_an_old_view_is_refused(served: Served) -> None:
    shot = served.spare()
    old = served.ask("GET", f"shots/{shot}/takes/take_001").headers["etag"]
    body = {"takeId": "take_002"}
    assert served.ask("PUT", f"shots/{shot}/active-take", body, If_Match=old).status_code == HTTPStatus.OK
    for method, path, said in (
        ("PUT", f"shots/{shot}/active-take", {"takeId": "take_001"}),
        ("DELETE", f"shots/{shot}/takes/take_001", None),
        ("POST", f"shots/{shot}/takes/take_001/restore", None),
    ):
        problem = is_problem(served.ask(method, path, said, If_Match=old), 412)
        assert "Read it again" in problem["hint"]
    assert served.get(f"shots/{shot}/takes")["activeTakeId"] == "take_002"


def test_a_tag_of_something_else_matches_nothing(served: Served) -> None:
    shot = served.spare()
    stream, _, _ = served.ask("GET", f"shots/{shot}/takes").headers["etag"].partition(".")
    another = served.ask("GET", "shots/001_Dawn/takes").headers["etag"]
    for tag in ('"nonsense"', '"other.3"', another, f'{stream}.{"9" * 5000}"'):
        answer = served.ask("PUT", f"shots/{shot}/active-take", {"takeId": "take_002"}, If_Match=tag)
        is_problem(answer, 412)


def test_any_version_matches_a_star(served: Served) -> None:
    shot = served.spare()
    answer = served.ask("PUT", f"shots/{shot}/active-take", {"takeId": "take_002"}, If_Match="*")
    assert answer.status_code == HTTPStatus.OK


def test_a_request_that_is_sent_twice_is_done_once(served: Served) -> None:
    shot = served.spare()
    for _ in range(2):
        answer = served.ask(
            "PUT", f"shots/{shot}/active-take", {"takeId": "take_002"}, Idempotency_Key="choose-2"
        )
        assert answer.status_code == HTTPStatus.OK
        served.ask("PUT", f"shots/{shot}/active-take", {"takeId": "take_001"}, Idempotency_Key="choose-1")
    asked = [
        one["data"]["take"]
        for one in served.get(f"events?shot={shot}")["events"]
        if one["cause"] in ("request:choose-1", "request:choose-2")
    ]
    assert asked == [2, 1]


def test_a_repeated_request_is_answered_though_the_view_is_old_by_now(served: Served) -> None:
    shot = served.spare()
    old = served.ask("GET", f"shots/{shot}/takes").headers["etag"]
    for _ in range(2):
        answer = served.ask(
            "DELETE", f"shots/{shot}/takes/take_002", If_Match=old, Idempotency_Key="once-more"
        )
        assert answer.status_code == HTTPStatus.OK


def test_a_key_of_another_request_is_refused(served: Served) -> None:
    shot = served.spare()
    wanted: dict[str, Any] = {"generationParams": {}}
    assert served.ask("DELETE", f"shots/{shot}/takes/take_002", Idempotency_Key="one").is_success
    for asked in (shot, "001_Dawn"):
        problem = is_problem(served.ask("POST", f"shots/{asked}/takes", wanted, Idempotency_Key="one"), 409)
        assert "a key of its own" in problem["hint"]
    is_problem(served.ask("DELETE", "shots/001_Dawn/takes/take_001", Idempotency_Key="one"), 409)
    assert len(served.get("shots/001_Dawn/takes")["takes"]) == 3


def test_a_deleted_take_is_hidden_and_its_bytes_stay(served: Served) -> None:
    shot = served.spare()
    answer = served.ask("DELETE", f"shots/{shot}/takes/take_001")
    assert (answer.status_code, answer.json()["deleted"]) == (HTTPStatus.OK, True)
    listed = served.get(f"shots/{shot}/takes")
    assert [one["id"] for one in listed["takes"]] == ["take_002"]
    assert listed["activeTakeId"] == "take_002"
    assert [one["id"] for one in served.get(f"shots/{shot}/takes?deleted=true")["takes"]] == [
        "take_001",
        "take_002",
    ]
    assert served.ask("GET", f"shots/{shot}/takes/take_001/media").content == still(1)
    path = shot.replace(":", "/")
    assert served.film.take(1, path).is_dir()


def test_a_deleted_take_is_brought_back(served: Served) -> None:
    shot = served.spare()
    served.ask("DELETE", f"shots/{shot}/takes/take_002")
    answer = served.ask("POST", f"shots/{shot}/takes/take_002/restore")
    assert (answer.status_code, answer.json()["deleted"]) == (HTTPStatus.OK, False)
    assert len(served.get(f"shots/{shot}/takes")["takes"]) == 2
    again = served.ask("POST", f"shots/{shot}/takes/take_002/restore")
    assert again.status_code == HTTPStatus.OK


def test_the_log_says_who_asked(served: Served) -> None:
    shot = served.spare()
    served.ask("DELETE", f"shots/{shot}/takes/take_002")
    last = served.get(f"events?shot={shot}")["events"][-1]
    assert last["actor"].startswith("api:")
    assert last["cause"].startswith("request:")


# Refusals.


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("/api/projects/nothing/shots", "there is no project"),
        ("shots/nothing/takes", "there is no shot"),
        ("shots/001_Dawn/takes/take_099", "there is no take_099"),
        ("shots/001_Dawn/takes/take_003/thumbnail", "no picture"),
        ("/api/nothing", "Not Found"),
        (f"shots/{DAWN.replace('/', '%2F')}/takes/x/y/z", "Not Found"),
        ("shots/../../../etc/takes", "Not Found"),
        ("shots/%2e%2e/takes", "there is no shot"),
        ("shots/..:..:etc/takes", "there is no shot"),
        ("shots/a%00b/takes", "there is no shot"),
    ],
)
def test_what_is_not_there_is_told_with_what_to_do(served: Served, path: str, what: str) -> None:
    problem = is_problem(served.ask("GET", path), 404)
    assert what in problem["detail"]
    assert problem["hint"]


def test_an_id_with_slashes_says_how_it_is_written(served: Served) -> None:
    for way in (DAWN, DAWN.replace("/", "%2F")):
        answer = served.ask("GET", f"shots/{way}/takes")
        if answer.status_code != HTTPStatus.OK:
            assert "write : for /" in is_problem(answer, 404)["hint"]


def test_a_short_id_of_two_shots_lists_the_full_ones(served: Served) -> None:
    problem = is_problem(served.ask("GET", "shots/004_Twin/takes"), 409)
    assert problem["candidates"] == [full_id(TWIN), full_id(OTHER_TWIN)]
    for candidate in problem["candidates"]:
        assert candidate in problem["hint"]
        assert served.get(f"shots/{candidate}/takes")["takes"] == []


@pytest.mark.parametrize(
    "take", ["take_1", "3", "take_0001", "take_000", "TAKE_001", "take_%D9%A1%D9%A1%D9%A1"]
)
def test_what_is_no_take_id_is_refused_with_an_example(served: Served, take: str) -> None:
    assert "take_003" in is_problem(served.ask("GET", f"shots/001_Dawn/takes/{take}"), 400)["detail"]


@pytest.mark.parametrize("body", [{}, {"takeId": 3}, {"takeId": "take_001", "more": 1}, [], "take_001"])
def test_a_body_that_is_not_what_is_asked_for_is_refused(served: Served, body: Any) -> None:
    problem = is_problem(served.ask("PUT", "shots/001_Dawn/active-take", body), 400)
    assert "/schema" in problem["hint"]


def test_a_body_that_is_no_json_is_refused(served: Served) -> None:
    address = "/api/projects/myfilm/shots/001_Dawn/active-take"
    for content in (
        b"{",
        b'{"takeId": "\xff"}',
        b'{"takeId": "\\ud800"}',
        b"[" * 100_000,
        b"[" * 990 + b"]" * 990,
    ):
        answer = served.client.put(address, content=content, headers={"content-type": "application/json"})
        assert is_problem(answer, 400)["type"] == "urn:takes:bad-request"


@pytest.mark.parametrize("depth", [51, 600, 1000])
def test_parameters_are_not_nested_without_end(served: Served, depth: int) -> None:
    body = '{"generationParams": {"graph": ' + "[" * depth + "]" * depth + "}}"
    address = "/api/projects/myfilm/shots/001_Dawn/takes"
    answer = served.client.post(address, content=body, headers={"content-type": "application/json"})
    assert "nested" in is_problem(answer, 400)["detail"]


def test_a_whole_number_may_be_written_with_a_point(served: Served) -> None:
    shot, wanted = served.spare(), {"generationParams": {"seed": 7.0, "steps": 20.0, "cfg": 7.5}}
    take = served.ask("POST", f"shots/{shot}/takes", wanted).json()["takeId"]
    params = served.ask("GET", f"shots/{shot}/takes/{take}").text
    assert '"generationParams":{"seed":7,"steps":20,"cfg":7.5}' in params


def test_a_failed_take_cannot_be_active(served: Served) -> None:
    problem = is_problem(served.ask("PUT", "shots/001_Dawn/active-take", {"takeId": "take_003"}), 409)
    assert "failed" in problem["detail"]
    assert problem["hint"]


def test_a_deleted_take_cannot_be_active(served: Served) -> None:
    shot = served.spare()
    served.ask("DELETE", f"shots/{shot}/takes/take_002")
    problem = is_problem(served.ask("PUT", f"shots/{shot}/active-take", {"takeId": "take_002"}), 409)
    assert "takes restore" in problem["hint"]


@pytest.mark.parametrize("query", ["after=-1", "after=x", "limit=0", "limit=10001"])
def test_a_query_out_of_bounds_is_refused(served: Served, query: str) -> None:
    is_problem(served.ask("GET", f"events?{query}"), 400)


@pytest.mark.parametrize("key", ["", "x" * 201])
def test_an_idempotency_key_is_one_short_line(served: Served, key: str) -> None:
    answer = served.ask("DELETE", "shots/001_Dawn/takes/take_099", Idempotency_Key=key)
    is_problem(answer, 400)


def test_a_method_that_a_route_does_not_have_is_refused(served: Served) -> None:
    answer = served.ask("PATCH", "shots")
    is_problem(answer, 405)
    assert "GET" in answer.headers["allow"]


def test_a_body_without_end_is_refused(served: Served) -> None:
    answer = served.ask("PUT", "shots/001_Dawn/active-take", {"takeId": "x" * 2_000_000})
    is_problem(answer, 413)


@pytest.mark.parametrize("path", ["relative/folder", ""])
def test_a_project_is_added_by_its_whole_path(served: Served, path: str) -> None:
    is_problem(served.ask("POST", "/api/projects", {"path": path}), 400)


@pytest.mark.parametrize("name", ["a\0b", "x" * 300, "x/" * 3000, "/".join("x" * 200 for _ in range(3))])
def test_a_folder_that_cannot_be_made_cannot_become_one(served: Served, tmp_path: Path, name: str) -> None:
    problem = is_problem(served.ask("POST", "/api/projects", {"path": f"{tmp_path}/{name}"}), 422)
    assert str(tmp_path) in problem["detail"]


def test_a_folder_inside_a_project_cannot_become_one(served: Served) -> None:
    problem = is_problem(served.ask("POST", "/api/projects", {"path": str(served.film.shot(DAWN))}), 422)
    assert str(served.film.root) in problem["detail"]


def test_a_project_that_is_added_is_kept_at_once(served: Served, tmp_path: Path) -> None:
    other = Film(tmp_path, "Other", DAWN)
    put(other.takes(DAWN) / "a.png", still())
    answer = served.ask("POST", "/api/projects", {"path": str(other.root)})
    assert answer.status_code == HTTPStatus.CREATED
    assert answer.json()["id"] == "other"
    served.until("/api/projects/other/shots/001_Dawn/takes", "takes", 1)


# The log.


def test_the_log_comes_in_pages(served: Served) -> None:
    found: list[dict[str, Any]] = []
    while page := served.get(f"events?after={found[-1]['position'] if found else 0}&limit=7")["events"]:
        assert len(page) <= 7
        found += page
        if len(found) > 30:
            break
    assert [one["position"] for one in found] == list(range(1, len(found) + 1))
    assert {"id", "stream", "shotId", "version", "type", "at", "actor", "cause", "data", "hash"} <= found[
        0
    ].keys()


def test_the_log_of_one_shot_holds_that_shot_only(served: Served) -> None:
    events = served.get("events?shot=001_Dawn")["events"]
    assert {one["shotId"] for one in events} == {full_id(DAWN)}
    assert [one["version"] for one in events] == list(range(1, len(events) + 1))
    later = served.get(f"events?shot=001_Dawn&after={events[2]['position']}&limit=2")["events"]
    assert later == events[3:5]


def test_the_log_has_an_id(served: Served) -> None:
    assert served.get("events?limit=1")["logId"] == served.get("events?after=3")["logId"]


def streamed(served: Served, count: int, path: str = "events", **headers: str) -> list[dict[str, Any]]:
    """The first messages of an event stream that stand in the log."""
    found: list[dict[str, Any]] = []
    named = {"Accept": "text/event-stream"} | {key.replace("_", "-"): value for key, value in headers.items()}
    with served.client.stream("GET", f"/api/projects/myfilm/{path}", headers=named) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        message: dict[str, Any] = {}
        for line in answer.iter_lines():
            key, _, value = line.partition(": ")
            if key in ("id", "event", "data"):
                message[key] = value
            elif not line and message:
                found += [message] if "id" in message else []
                message = {}
            if len(found) == count:
                return found
    return found


def test_the_event_stream_tells_the_log_from_the_beginning(served: Served) -> None:
    found = streamed(served, 5)
    assert [one["id"] for one in found] == ["1", "2", "3", "4", "5"]
    assert [json.loads(one["data"]) for one in found] == served.get("events?limit=5")["events"]
    assert found[0]["event"] == "shot.registered"


def test_the_event_stream_says_first_which_log_it_tells_of(served: Served) -> None:
    events = {"Accept": "text/event-stream"}
    with served.client.stream("GET", "/api/projects/myfilm/events", headers=events) as answer:
        lines = answer.iter_lines()
        assert next(lines) == "event: log.opened"
        opened = json.loads(next(lines).removeprefix("data: "))
    known = served.get("events?limit=1")
    assert opened["logId"] == known["logId"]
    assert opened["position"] >= 1


def test_one_shot_is_as_in_the_list(served: Served) -> None:
    (listed,) = [one for one in served.get("shots")["shots"] if one["shotId"] == "001_Dawn"]
    assert served.get("shots/001_Dawn") == listed


def test_the_event_stream_goes_on_where_a_client_was(served: Served) -> None:
    assert [one["id"] for one in streamed(served, 2, Last_Event_ID="3")] == ["4", "5"]
    assert [one["id"] for one in streamed(served, 2, "events?after=6")] == ["7", "8"]
    assert [one["id"] for one in streamed(served, 1, "events?after=6", Last_Event_ID="8")] == ["9"]
    for said in ("nothing", "-1", "9" * 30, "9" * 5000):
        assert [one["id"] for one in streamed(served, 1, "events?after=6", Last_Event_ID=said)] == ["7"]


def test_the_event_stream_of_one_shot_holds_that_shot_only(served: Served) -> None:
    wanted = served.get("events?shot=001_Dawn&limit=4")["events"]
    assert [json.loads(one["data"]) for one in streamed(served, 4, "events?shot=001_Dawn")] == wanted


def test_the_event_stream_tells_what_happens_while_it_is_open(served: Served) -> None:
    shot, head = served.spare(), served.get("status")["position"]
    named = {"Accept": "text/event-stream"}
    address = f"/api/projects/myfilm/events?after={head}&shot={shot}"
    with served.client.stream("GET", address, headers=named) as answer:
        lines = answer.iter_lines()
        assert [next(lines), next(lines)[:5], next(lines)] == ["event: log.opened", "data:", ""]
        served.ask("PUT", f"shots/{shot}/active-take", {"takeId": "take_002"})
        data = next(line for line in lines if line.startswith("data: "))
        assert json.loads(data[6:])["type"] == "take.activated"


# Keeping it right.


def test_everything_is_verified_line_by_line(served: Served) -> None:
    answer = served.ask("POST", "verify")
    assert answer.headers["content-type"] == "application/x-ndjson"
    *progress, verdict = [json.loads(line) for line in answer.text.splitlines()]
    assert verdict["ok"]
    assert {one["step"] for one in progress} == {"log", "media"}
    assert all(one["done"] <= one["total"] for one in progress)


@pytest.mark.parametrize(
    "name", ["index", "active-link", "sidecars", "thumbnails", "project-file", "recipes", "purged", None]
)
def test_a_projection_that_is_made_again_is_as_it_was(served: Served, name: str | None) -> None:
    answer = served.ask("POST", "rebuild", {} if name is None else {"name": name})
    assert answer.status_code == HTTPStatus.OK, answer.text
    assert name in (None, *answer.json()["rebuilt"])
    assert served.ask("POST", "rebuild", {"verify": True}).json()["differences"] == []


def test_what_was_changed_by_hand_is_found_and_mended(served: Served) -> None:
    sidecar = served.film.take(1, DAWN) / f"shot_001_{take_name(1)}_metadata.json"
    sidecar.write_text("{}")
    found = served.ask("POST", "rebuild", {"verify": True}).json()["differences"]
    assert [(one["name"], one["what"]) for one in found] == [
        ("sidecars", str(sidecar.relative_to(served.film.root)))
    ]
    served.ask("POST", "rebuild", {"name": "sidecars"})
    assert json.loads(sidecar.read_bytes())["id"] == "take_001"


def test_a_projection_that_is_not_there_is_named_with_those_that_are(served: Served) -> None:
    assert "sidecars" in is_problem(served.ask("POST", "rebuild", {"name": "nothing"}), 404)["hint"]
