"""What a client can ask the API: the film, its shots and takes, the bytes of their media."""

import hashlib
import json
import stat
from http import HTTPStatus

import pytest

from tests.daemon.api.over_socket.served import DAWN, SPARES, Served, is_problem, served
from tests.support.film import still, video

__all__ = ["served"]


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


def test_one_shot_is_as_in_the_list(served: Served) -> None:
    (listed,) = [one for one in served.get("shots")["shots"] if one["shotId"] == "001_Dawn"]
    assert served.get("shots/001_Dawn") == listed
