"""The gallery's types of the API, as they are written from its description."""

from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from daemon.api.app import describe_api
from gallery import api_types
from gallery.api_types import main, typescript


@cache
def described() -> Any:
    return describe_api()["components"]["schemas"]


@pytest.fixture
def schemas() -> Any:
    return deepcopy(described())


def fields_of(shape: str, text: str) -> list[str]:
    inside = text.partition(f"export interface {shape} {{\n")[2].partition("\n}")[0]
    return [line.strip() for line in inside.splitlines()]


def test_the_gallery_knows_the_api_as_it_is(schemas: Any) -> None:
    assert api_types.TYPES.read_text("utf-8") == typescript(schemas)


def test_a_field_that_may_be_left_out_is_told_from_one_that_may_be_null(schemas: Any) -> None:
    take = fields_of("Take", typescript(schemas))
    assert "error?: string" in take
    assert "origin: string | null" in take
    assert "resources: Cost" in take  # it has a default, and is sent each time


def test_what_a_body_may_leave_out_is_optional(schemas: Any) -> None:
    assert fields_of("RequestBody", typescript(schemas)) == [
        "generationParams: Params",
        "quality?: Quality | null",
        "workflow?: string | null",
    ]


def test_one_of_few_words_is_told_by_them(schemas: Any) -> None:
    text = typescript(schemas)
    assert "export type Stage = 'arriving' | 'queued' | 'running' | 'waiting'\n" in text
    assert "kind: 'audio' | 'image' | 'video'" in fields_of("Media", text)


def test_of_the_events_their_types_are_told(schemas: Any) -> None:
    text = typescript(schemas)
    assert "  | 'take.purged'\n" in text
    assert "data: { type: EventType; [field: string]: unknown }" in fields_of("LogEvent", text)


def test_what_a_class_says_of_itself_is_said_with_the_names_in_json(schemas: Any) -> None:
    assert " * `makingCount` are those of its takes that are being made." in typescript(schemas)


def test_a_shape_that_the_page_asks_for_and_the_api_lost_is_an_error(schemas: Any) -> None:
    del schemas["UsageView"]
    with pytest.raises(KeyError, match="UsageView"):
        typescript(schemas)


def test_two_shapes_of_one_name_are_an_error(schemas: Any) -> None:
    schemas["StatusView"]["properties"]["more"] = {"$ref": "#/components/schemas/Take"}
    schemas["Take"] = schemas["ShotView"]
    with pytest.raises(ValueError, match="one name"):
        typescript(schemas)


def test_a_type_that_is_not_known_here_is_an_error(schemas: Any) -> None:
    schemas["ShotView"]["properties"]["path"] = {"oneOf": [{"type": "string"}]}
    with pytest.raises(NotImplementedError):
        typescript(schemas)


def test_types_that_are_not_those_of_the_api_are_found_and_written_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    types = tmp_path / "types.ts"
    types.write_text(api_types.TYPES.read_text("utf-8") + "\n")
    monkeypatch.setattr(api_types, "TYPES", types)
    assert main(["--check"]) == 1
    assert "make types" in capsys.readouterr().err
    assert main([]) == 0
    assert main(["--check"]) == 0
    assert types.read_text("utf-8").startswith("/** The shapes of the daemon's API")
