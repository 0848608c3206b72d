"""The log as a client reads it, in pages and as a stream; and that all of it is kept right."""

import json
from http import HTTPStatus
from typing import Any

import pytest

from projections.layout import full_id, take_name
from tests.daemon.api.over_socket.served import DAWN, Served, is_problem, served

__all__ = ["served"]


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
