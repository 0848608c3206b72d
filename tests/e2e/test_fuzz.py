"""The API under all that its own schema allows, and much that it forbids: nothing brings the daemon to an error.

The daemon is a real process with a film, asked over its port; the cases are the same in every run. Some hundred are
tried by every run of the tests, and more than two thousand by `make fuzz`.
"""

import json
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from os.path import normpath
from typing import Any

import msgspec
import pytest
import requests
import schemathesis
from hypothesis import assume
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants

from daemon.api.answers.problems import ProblemDetails
from daemon.api.app import describe_api
from projections.layout import take_name
from projections.recipes.plain import LARGEST, SMALLEST
from tests.e2e.gallery.test_port import PROJECT, Served, serving, wait_until
from tests.support.deadline import DEADLINE
from tests.support.film import DAWN, put, still, video

pytest_plugins = ["schemathesis.pytest.plugin"]

SHOT = f"{PROJECT}/shots/001_Dawn"
PROJECT_ROUTE = "/api/projects/{project_id}"
"""Where a project is forgotten: any but the one that all else is asked of."""

RUNNER = {"kind": "command", "command": ["sleep", "0.2"]}
"""Makes nothing: what is asked for waits, runs, and fails, one after the other."""

EXAMPLES = int(os.environ.get("EXAMPLES", "20"))
"""Requests for each operation, those that are right and those that are not."""

TAKES = [take_name(number) for number in range(1, 7)]

REAL = {
    "path.project_id": ["myfilm"],
    "path.shot_id": ["001_Dawn", "01_Chapter:01_Scene:002_Noon", "002_Noon"],
    "path.take_id": TAKES,
    "query.shot": ["001_Dawn", "002_Noon"],
    "query.q": ["sea", "SEA \"'*", "s\N{LATIN SMALL LETTER E WITH ACUTE}"],
    "header.Range": ["bytes=0-", "bytes=-1", "bytes=99999999999999999999-", "bytes=5-2"],
    "header.If-Match": ["*", "W/*", '"', '"0.1"'],
    "header.If-None-Match": ['""', "W/", ",", '"a", W/"b"', "*"],
    "header.Idempotency-Key": ["again"],
    "header.Takes-By": ["anna", "J%C3%B6rg", "%00"],
    "path.note": [1, 2],
    "body.takeId": TAKES,
    "body.stage": ["", "review"],
    "body.name": ["index", "sidecars"],
}
"""What is there, or nearly, so that more is reached than «not found»."""

SELDOM = {"header.If-Match": 0.3, "header.Idempotency-Key": 0.3}
"""How likely that is, where it is not nine times out of ten: these would hide all that comes behind them."""

REFUSED = [401, 403, 404, 409, 412, 416, 422]
"""For reasons that no schema has: it is not there, it is at another version, the folder cannot be a project."""

SETTINGS: dict[str, Any] = {
    "seed": 1,
    "generation": {"deterministic": True, "max-examples": EXAMPLES, "database": "none"},
    "dictionaries": {name: {"values": values} for name, values in REAL.items()},
    "parameters": {name: {"dictionary": name, "probability": SELDOM.get(name, 0.9)} for name in REAL},
    "checks": {
        "not_a_server_error": {"expected-statuses": ["2xx", "3xx", "4xx"]},
        "positive_data_acceptance": {"expected-statuses": ["2xx", "3xx", *REFUSED]},
        "negative_data_rejection": {"expected-statuses": [400, 405, 413, *REFUSED]},
    },
    "phases": {"fuzzing": {"extra-data-sources": {"responses": False}, "error-feedback": {"enabled": False}}},
}

SHOWN = json.loads(msgspec.json.encode(describe_api()))


def narrowed(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema, with what it says in words only of the numbers that are nested in a parameter."""
    nested = {"$ref": "#/components/schemas/Value"}
    value = {
        "type": ["null", "boolean", "number", "string", "array", "object"],
        "minimum": SMALLEST,
        "maximum": LARGEST,
        "items": nested,
        "additionalProperties": nested,
    }
    components = schema["components"]
    return {**schema, "components": {**components, "schemas": {**components["schemas"], "Value": value}}}


SCHEMA = narrowed(SHOWN)

api = schemathesis.openapi.from_dict(SCHEMA, config=schemathesis.Config.from_dict(SETTINGS))


@pytest.fixture(scope="module", autouse=True)
def _nothing_depends_on_what_is_imported() -> Iterator[None]:
    """Hypothesis draws constants from those of our modules that other tests happen to have imported."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(providers, "_get_local_constants", Constants)
        providers.CONSTANTS_CACHE.cache.clear()
        yield
    providers.CONSTANTS_CACHE.cache.clear()


LENIENT = {
    **dict.fromkeys(("verify", "dryRun", "deleted", "move", "onlySure", "makeScene", "notes"), bool),
    "rating": int,
    "days": float,
    **dict.fromkeys(("deletedAfterDays", "failedAfterDays", "keepNewest"), float | None),
}
"""What a body may hold that is no text, by its name."""


def reads_as(kind: Any, value: Any) -> bool:
    """Whether that is of another kind, and read as this one."""
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError:
        with suppress(msgspec.ValidationError):
            msgspec.convert(value, kind, strict=False)
            return True
    return False


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A film with a video, a still, a failed and a deleted take, and one that was asked for; well in the end."""
    with serving(tmp_path_factory.mktemp("fuzz"), "--port", "0", runner=RUNNER) as one:
        one.film.takes("02_Chapter/002_Noon").mkdir(parents=True)
        drops = {"a.png": still(1), "b.mp4": b"broken", "c.mp4": video(), "d.png": still(4)}
        for number, (name, content) in enumerate(drops.items(), 1):  # take_003 is the schema's example
            put(one.film.takes(DAWN) / name, content)
            wait_until(partial(is_made, one, take_name(number)))
        assert one.socket.delete(f"{SHOT}/takes/take_004").is_success
        asked = one.socket.post(f"{SHOT}/takes", json={"generationParams": {"prompt": "the sea"}})
        assert asked.json()["takeId"] == "take_005"
        yield one
        check_that_all_is_well(one)


@pytest.fixture(scope="module")
def session(served: Served) -> Iterator[requests.Session]:
    """A program that has the token, and keeps its connection."""
    statuses: Counter[int] = Counter()

    def count(response: requests.Response, *_: Any, **__: Any) -> None:
        statuses[response.status_code] += 1

    with requests.Session() as one:
        one.hooks["response"].append(count)
        one.headers["Authorization"] = f"Bearer {served.token}"
        one.headers["Accept"] = "application/json"  # an event stream has no end
        yield one
    print(statuses.total(), "requests:", dict(statuses))  # noqa: T201 - `make fuzz` shows it


def refusals_are_problems(
    _: schemathesis.CheckContext, response: schemathesis.Response, __: schemathesis.Case[Any]
) -> None:
    """What is refused is refused with a problem document that says what to do."""
    if response.status_code >= 400:
        assert response.headers["content-type"] == ["application/problem+json"]
        found = msgspec.json.decode(response.content, type=ProblemDetails)
        assert (found.status, bool(found.detail), bool(found.hint)) == (response.status_code, True, True)


def is_made(served: Served, take: str) -> bool:
    return served.socket.get(f"{SHOT}/takes/{take}").json().get("status") in ("complete", "failed")


def check_that_all_is_well(served: Served) -> None:
    """An answer that has begun cannot become an error, so the daemon's log has to be asked, too."""
    log = served.log.read_text()
    assert "request failed" not in log
    assert "Traceback" not in log
    assert served.socket.get("/api/health").json()["status"] == "ok"
    verdict = json.loads(served.socket.post(f"{PROJECT}/verify").text.splitlines()[-1])
    assert verdict["ok"], verdict


def test_the_schema_that_is_fuzzed_is_the_one_that_the_daemon_shows(served: Served) -> None:
    for path in ("/schema", "/schema/openapi.json"):
        assert served.socket.get(path).json() == SHOWN


@pytest.mark.timeout(900)  # making a reel takes long, and is asked for many times
@api.parametrize()
def test_no_request_brings_the_daemon_to_an_error(
    case: schemathesis.Case[Any], served: Served, session: requests.Session
) -> None:
    if (case.method, case.path) == ("DELETE", PROJECT_ROUTE) and case.path_parameters == {
        "project_id": "myfilm"
    }:
        case.path_parameters["project_id"] = "other"
    body = case.body if isinstance(case.body, dict) else {}
    assume(not any(reads_as(kind, body[name]) for name, kind in LENIENT.items() if name in body))
    held = body.get("still")
    is_long = isinstance(held, int | float) and not isinstance(held, bool) and 0.2 < held <= 60
    if case.path.endswith("/reel") and is_long:
        body["still"] = 0.2  # a minute of each shot takes long to be drawn
    for name in (
        "path",
        "folder",
    ):  # else a film is made where it says, and all that lies there is brought in
        if isinstance(path := body.get(name), str) and path.startswith("/"):
            body[name] = f"{served.film.folder}/new-{normpath(path).lstrip('/')}"
    case.call_and_validate(
        base_url=served.base, session=session, timeout=DEADLINE, additional_checks=[refusals_are_problems]
    )
