"""The codec: what goes into the log comes out of it, in whichever schema it was written."""

import json
import math
from typing import Any, Literal, Union, get_args, get_origin

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events import (
    AnyEvent,
    BriefEvent,
    Event,
    LogDamaged,
    LogFromTheFuture,
    Media,
    ShotRegistered,
    TakeCompleted,
    TakeCreated,
    TakeFailed,
    TakesError,
)
from events.codec import CODEC, UPCASTERS, Codec
from events.facts import Params
from tests.events.samples import A_LIFE, DROP, media

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
PLAIN: dict[object, st.SearchStrategy[Any]] = {
    Params: st.dictionaries(TEXT, JSON, max_size=4),
    str: TEXT,
    bool: st.booleans(),
    int: st.integers(0, 2**63 - 1),
    float: NUMBERS,
    type(None): st.none(),
}


def anything(kind: Any) -> st.SearchStrategy[Any]:
    """Values of a field's type; of a class of the vocabulary, with and without what is optional."""
    if kind in PLAIN:
        return PLAIN[kind]
    if get_origin(kind) is Literal:
        return st.sampled_from(get_args(kind))
    if get_origin(kind) is tuple:
        return st.lists(anything(get_args(kind)[0]), max_size=3).map(tuple)
    if get_origin(kind) is dict:
        return st.dictionaries(*map(anything, get_args(kind)), max_size=3)
    if get_args(kind):
        return st.one_of(*map(anything, get_args(kind)))
    fields = msgspec.structs.fields(kind)
    return st.fixed_dictionaries(
        {field.name: anything(field.type) for field in fields if field.required},
        optional={field.name: anything(field.type) for field in fields if not field.required},
    ).map(lambda values: kind(**values))


EVENTS: st.SearchStrategy[Event] = st.one_of(*map(anything, get_args(AnyEvent)))


@settings(max_examples=200)
@given(EVENTS)
def test_every_event_comes_back_as_it_was(event: Event) -> None:
    assert CODEC.decode(CODEC.encode(event), CODEC.schema(event)) == event


@given(st.lists(EVENTS, max_size=8))
def test_many_at_once_are_what_they_are_one_by_one(events: list[Event]) -> None:
    rows = [(CODEC.encode(event), CODEC.schema(event), position) for position, event in enumerate(events, 1)]
    assert CODEC.decode_many(rows) == [CODEC.decode(*row) for row in rows] == events


@given(EVENTS)
def test_an_upcaster_of_another_event_changes_nothing(event: Event) -> None:
    other = Codec(AnyEvent, {("nothing.happened", 1): dict})
    assert other.decode(other.encode(event), other.schema(event)) == event


@given(EVENTS)
def test_data_is_one_line(event: Event) -> None:
    assert "\n" not in CODEC.encode(event)


def test_the_samples_say_every_event_there_is() -> None:
    assert {type(event) for event in A_LIFE} == set(get_args(AnyEvent))


def test_the_wire_is_camel_case() -> None:
    written = json.loads(CODEC.encode(TakeCreated(take=1, source=DROP)))
    assert written == {
        "type": "take.created",
        "take": 1,
        "source": {
            "kind": "drop",
            "name": "render.mp4",
            "identity": {"device": 66, "inode": 4711, "size": 1024, "mtimeNs": 1},
        },
    }
    assert json.loads(CODEC.encode(TakeCompleted(take=1, media=media(1))))["media"]["frameRate"] == 23.976


def test_a_failed_take_says_why_only_where_it_was_cancelled() -> None:
    plain = '{"type":"take.failed","take":1,"error":"it is cut off"}'
    assert CODEC.encode(TakeFailed(take=1, error="it is cut off")) == plain
    assert CODEC.decode(plain) == TakeFailed(take=1, error="it is cut off")
    cancelled = TakeFailed(take=1, error="not wanted", why="cancelled")
    assert json.loads(CODEC.encode(cancelled))["why"] == "cancelled"


def test_a_parameter_keeps_the_name_it_came_with() -> None:
    event = TakeCompleted(take=1, media=media(1), params={"negativePrompt": "rain", "sampler_name": "euler"})
    assert json.loads(CODEC.encode(event))["params"] == {"negativePrompt": "rain", "sampler_name": "euler"}


@pytest.mark.parametrize("event", A_LIFE, ids=lambda event: str(event.__struct_config__.tag))
def test_an_optional_field_of_a_newer_release_is_ignored(event: Event) -> None:
    written = json.loads(CODEC.encode(event))
    assert CODEC.decode(json.dumps({**written, "mood": {"of": ["the day"]}})) == event


def test_an_unknown_field_inside_a_part_is_ignored() -> None:
    written = json.loads(CODEC.encode(TakeCompleted(take=1, media=media(1))))
    written["media"]["colourSpace"] = "bt709"
    assert CODEC.decode(json.dumps(written)) == TakeCompleted(take=1, media=media(1))


def test_what_is_left_out_has_its_default() -> None:
    written = (
        '{"type":"take.completed","take":1,"media":{"name":"a.png","bytes":1,"sha256":"","kind":"image"}}'
    )
    assert CODEC.decode(written) == TakeCompleted(
        take=1, media=Media(name="a.png", bytes=1, sha256="", kind="image")
    )


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_number_that_json_does_not_have_is_written_as_not_known(value: float) -> None:
    event = TakeCompleted(take=1, media=msgspec.structs.replace(media(1), duration=value))
    assert CODEC.decode(CODEC.encode(event)) == TakeCompleted(
        take=1, media=msgspec.structs.replace(media(1), duration=None)
    )


# What cannot be read.


def test_an_unknown_event_is_from_the_future_and_named() -> None:
    with pytest.raises(LogFromTheFuture, match=r"position 7.*take\.dreamt"):
        CODEC.decode('{"type":"take.dreamt","take":1}', 1, 7)


def test_a_newer_schema_is_from_the_future() -> None:
    with pytest.raises(LogFromTheFuture, match=r"schema 2 of take\.created"):
        CODEC.decode(CODEC.encode(TakeCreated(take=1, source=DROP)), 2)


@pytest.mark.parametrize(
    "data",
    [
        "",
        "{",
        "[]",
        "7",
        "{}",
        '{"type":7}',
        '{"type":"take.created"}',
        '{"type":"take.deleted","take":"one"}',
        '{"type":"take.deleted","take":1}{"type":"take.deleted","take":1}',
        '{"type":"take.deleted","take":1},{"type":"take.deleted","take":1}',
    ],
)
def test_what_is_no_event_is_damage_at_its_position(data: str) -> None:
    sound = CODEC.encode(A_LIFE[0])
    for read in (lambda: CODEC.decode(data, 1, 2), lambda: CODEC.decode_many([(sound, 1, 1), (data, 1, 2)])):
        with pytest.raises(LogDamaged) as found:
            read()
        assert found.value.position == 2


def test_one_from_the_future_among_many_stops_the_reader() -> None:
    rows = [(CODEC.encode(A_LIFE[0]), 1, 1), ('{"type":"take.dreamt"}', 1, 2)]
    with pytest.raises(LogFromTheFuture, match="position 2"):
        CODEC.decode_many(rows)


# Schemas: a small vocabulary that has been through three of them.


class Said(Event, frozen=True, tag="said"):
    """Schema 1 had a list of `words`; schema 2 one `text`; schema 3 also counts its letters."""

    text: str
    letters: int


class Kept(Event, frozen=True, tag="kept"):
    """Has never changed."""

    text: str


def _join(fields: dict[str, Any]) -> dict[str, object]:
    return {"type": fields["type"], "text": " ".join(fields["words"])}


def _count(fields: dict[str, Any]) -> dict[str, object]:
    return {**fields, "letters": len(fields["text"])}


GROWN = Codec(Union[Said, Kept], {("said", 2): _count, ("said", 1): _join})  # noqa: UP007 - a value, not a hint


@pytest.mark.parametrize(
    ("schema", "data"),
    [
        (1, '{"type":"said","words":["good","morning"]}'),
        (2, '{"type":"said","text":"good morning"}'),
        (3, '{"type":"said","text":"good morning","letters":12}'),
    ],
)
def test_every_schema_reads_as_what_it_means_today(schema: int, data: str) -> None:
    today: Event = Said(text="good morning", letters=12)
    assert [GROWN.decode(data, schema)] == [today]
    assert GROWN.decode_many([(data, schema, 1), (GROWN.encode(today), 3, 2)]) == [today, today]


def test_each_event_has_its_own_schema() -> None:
    assert GROWN.schema(Said(text="", letters=0)) == 3
    assert GROWN.schema(Kept(text="")) == 1


@pytest.mark.parametrize(("tag", "schema"), [("said", 4), ("kept", 2)])
def test_a_schema_after_the_last_is_from_the_future(tag: str, schema: int) -> None:
    with pytest.raises(LogFromTheFuture, match=f"schema {schema} of {tag}"):
        GROWN.decode(f'{{"type":"{tag}","text":"","letters":0}}', schema)


def test_an_unknown_event_is_from_the_future_whatever_its_schema() -> None:
    for schema in (1, 2):
        with pytest.raises(LogFromTheFuture):
            GROWN.decode('{"type":"sung"}', schema)


@pytest.mark.parametrize("data", ["[]", "{", '{"type":"kept"}', '{"text":"no tag"}'])
def test_damage_is_damage_with_upcasters_too(data: str) -> None:
    with pytest.raises(LogDamaged) as found:
        GROWN.decode(data, 1, 9)
    assert found.value.position == 9


def test_every_upcaster_starts_where_the_one_before_ends() -> None:
    steps: dict[str, list[int]] = {}
    for tag, schema in sorted(UPCASTERS):
        steps.setdefault(tag, []).append(schema)
    assert all(schemas == list(range(1, len(schemas) + 1)) for schemas in steps.values())


def test_an_error_says_what_to_do_next() -> None:
    for error in (LogDamaged(1, "a reason"), LogFromTheFuture("format 2")):
        assert isinstance(error, TakesError)
        assert error.hint


def test_a_shot_is_registered_with_its_path_alone() -> None:
    assert CODEC.encode(ShotRegistered(path="001_Dawn")) == '{"type":"shot.registered","path":"001_Dawn"}'


def test_every_event_is_there_in_brief() -> None:
    def tags(union: object) -> list[object]:
        return [one.__struct_config__.tag for one in get_args(union)]

    assert tags(BriefEvent) == tags(AnyEvent)
    assert all(
        issubclass(brief, whole)
        for brief, whole in zip(get_args(BriefEvent), get_args(AnyEvent), strict=True)
    )
