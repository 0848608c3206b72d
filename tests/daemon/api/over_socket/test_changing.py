"""What a client can change by the API, and what it is refused."""

from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from projections.layout import full_id
from tests.daemon.api.over_socket.served import DAWN, OTHER_TWIN, TWIN, Served, is_problem, served
from tests.support.film import Film, put, still

__all__ = ["served"]


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
