"""The text of the project file: our key is ours, every other byte is the user's; git has of it what people chose."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.artifacts.project_text import (
    ProjectFileUnreadable,
    Shots,
    chosen,
    for_git,
    is_for_git,
    merged,
    searches,
    splice,
    value_of,
    with_one_key,
    written,
)

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.text(), JSON, max_size=5)


@given(OBJECTS, st.sampled_from([None, 0, 2, 4]))
def test_our_key_is_set_and_the_others_keep_their_values_and_order(
    found: dict[str, Any], indent: int
) -> None:
    text = json.dumps(found, indent=indent)
    changed = json.loads(splice(text, '{"shots": {}}'))
    assert changed["takes"] == {"shots": {}}
    assert [(key, value) for key, value in changed.items() if key != "takes"] == [
        (key, value) for key, value in found.items() if key != "takes"
    ]


@given(OBJECTS.filter(lambda found: "takes" not in found), st.sampled_from([None, 2, "\t"]))
def test_setting_the_key_again_touches_nothing_else(found: dict[str, Any], indent: int) -> None:
    once = splice(json.dumps(found, indent=indent), '{"a": 1}')
    assert splice(once, '{"a": 1}') == once
    assert splice(splice(once, '{"b": [2, 3]}'), '{"a": 1}') == once


@given(OBJECTS.filter(lambda found: "takes" not in found))
def test_without_our_key_it_is_what_it_was(found: dict[str, Any]) -> None:
    assert json.loads(splice(splice(json.dumps(found), "{}"), None)) == found


def test_numbers_and_spaces_of_the_user_stay_as_they_were_written() -> None:
    text = '{ "fps": 24.000,\t"big": 123456789012345678901234567890, "takes": 1 ,"z":[ ] }'
    assert splice(text, '"x"') == text.replace('"takes": 1', '"takes": "x"')


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"a": 1,}', '{"a" 1}', "{} x", '{"a": 1 "b": 2}', "nonsense", '{"a": ']
)
def test_what_is_no_json_object_is_left_alone(text: str) -> None:
    with pytest.raises(ProjectFileUnreadable):
        splice(text, "{}")


# What git has.


def said(active: int | None, *hidden: int) -> dict[str, Any]:
    names = [f"take_{number:03d}" for number in hidden]
    told: dict[str, Any] = {"activeTake": f"take_{active:03d}" if active else None}
    return {**told, "hidden": names} if names else told


def note(number: int, text: str, **more: Any) -> dict[str, Any]:
    return {"note": number, "text": text, "by": "anna", "at": "2026-11-27T18:00:00.000000Z", **more}


def noted(stage: str, *notes: dict[str, Any]) -> dict[str, Any]:
    return {**said(1), "stage": stage, **({"notes": [*notes]} if notes else {})}


SAID = {1: "wider", 2: "again", 5: "as it was"}
OPINIONS = st.tuples(
    st.sampled_from(["", "in work", "review"]), st.sets(st.sampled_from([*SAID])), st.booleans()
).map(
    lambda found: {
        name: value
        for name, value in {
            "stage": found[0],
            "notes": [
                note(number, SAID[number], **({"state": "resolved"} if found[2] else {}))
                for number in sorted(found[1])
            ],
        }.items()
        if value
    }
)
CHOSEN = st.tuples(st.integers(0, 1200), st.sets(st.integers(1, 1200), max_size=3), OPINIONS).map(
    lambda found: {**said(found[0], *sorted(found[1] - {found[0]})), **found[2]}
)
SHOTS = st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), CHOSEN, max_size=4)


def on_disk(shots: Shots, count: int, user: dict[str, Any], indent: int | None = 2) -> bytes:
    """A project file as it lies on the disk, with what changes at each drop."""
    full = {path: {**said, "takeCount": count, "lastTake": count + 1} for path, said in shots.items()}
    ours = {"log": {"position": count}, "shots": full}
    return json.dumps({**user, "takes": ours}, indent=indent, ensure_ascii=False).encode("utf-8", "replace")


@given(SHOTS, OBJECTS.filter(lambda found: "takes" not in found), st.integers(0), st.integers(0))
def test_what_changes_with_each_drop_changes_nothing_in_git(
    shots: Shots, user: dict[str, Any], one: int, other: int
) -> None:
    kept = for_git(on_disk(shots, one, user))
    assert kept == for_git(on_disk(shots, other, user)) == for_git(kept)
    assert chosen(kept.decode()) == shots
    assert is_for_git(kept) == is_for_git(kept.replace(b"\n", b"\r\n")) == bool(shots)
    assert not is_for_git(on_disk(shots, one, user))
    assert splice(kept.decode(), "0") == splice(on_disk(shots, one, user).decode(), "0")


@given(
    st.binary()
    | OBJECTS.map(lambda found: json.dumps(found).encode())
    | JSON.filter(lambda value: value != {"shots": {}}).map(
        lambda value: json.dumps({"takes": value}).encode()
    )
    | JSON.map(lambda value: json.dumps({"takes": {"shots": {"a": value}}}).encode())
)
def test_what_is_not_as_we_write_it_passes_through_byte_for_byte(content: bytes) -> None:
    assert for_git(content) == content


def test_saved_searches_are_in_git_and_merge_name_by_name() -> None:
    def file(**searches: str) -> str:
        ours = {"shots": {"a": {**said(1), "takeCount": 1}}, "searches": searches, "log": {"position": 3}}
        return json.dumps({"fps": 24, "takes": ours})

    kept = for_git(file(b="é", a="tag:hero").encode()).decode()
    assert is_for_git(kept.encode())
    assert kept.splitlines()[-5:] == [
        '    "searches": {',
        '      "a": "tag:hero",',
        '      "b": "é"',
        "    }",
        "  }}",
    ]
    both = with_one_key(file(a="1", b="x", d="4"), file(a="1", b="2", c="3"), file(a="9", b="y", c="3"))
    assert searches(both[0]) == {"a": "9", "b": "x", "d": "4"}
    assert with_one_key(file(), file(), file())[0] == with_one_key(file(), "", file())[0]


def test_each_shot_has_a_line_of_its_own_in_git() -> None:
    shots = {"b": said(None), "a": said(2, 1)}
    lines = for_git(on_disk(shots, 3, {"id": "é"})).decode().splitlines()
    assert lines[3:6] == [
        '    "shots": {',
        '      "a": {"activeTake": "take_002", "hidden": ["take_001"]},',
        '      "b": {"activeTake": null}',
    ]
    assert written({}) == value_of(for_git(on_disk({}, 3, {})).decode())


# How two branches become one.


@given(SHOTS, SHOTS)
def test_what_only_one_branch_has_changed_is_what_it_is(base: Shots, changed: Shots) -> None:
    assert (
        merged(base, changed, base)
        == merged(base, base, changed)
        == merged(base, changed, changed)
        == changed
    )


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "both"),
    [
        (said(1), said(2), said(3), said(2)),
        (said(1), said(1), said(3), said(3)),
        (said(1), said(1, 2), said(1, 3, 10), said(1, 2, 3, 10)),
        (said(1, 2), said(1), said(1, 2, 3), said(1, 3)),
        (said(1), said(2), said(1, 2), said(2)),
        (None, said(1, 3), said(2, 4), said(1, 3, 4)),
        (said(1), None, said(1), None),
        (said(1), None, said(2), said(2)),
        (None, None, said(2), said(2)),
        (noted("a"), noted("b"), noted("c"), noted("b")),
        (noted("a"), noted("a"), noted("c"), noted("c")),
        (
            noted("a", note(1, "wide")),
            noted("a", note(1, "wide"), note(2, "dark")),
            noted("a", note(1, "wide"), note(2, "late"), note(3, "yes", answers=2)),
            noted("a", note(1, "wide"), note(2, "dark"), note(3, "yes", answers=4), note(4, "late")),
        ),
        (
            noted("a", note(1, "wide"), note(2, "dark")),
            noted("a", note(2, "dark")),
            noted("a", note(1, "wide"), note(2, "dark", state="resolved")),
            noted("a", note(2, "dark", state="resolved")),
        ),
        (
            None,
            noted("a", note(1, "ok"), note(2, "ok")),
            noted("a", note(7, "ok")),
            noted("a", note(1, "ok"), note(2, "ok")),
        ),
    ],
)
def test_choices_of_two_branches_become_one_shot_by_shot(
    base: Any, ours: Any, theirs: Any, both: Any
) -> None:
    def shots(one: Any) -> Shots:
        return {"a": one} if one else {}

    assert merged(shots(base), shots(ours), shots(theirs)) == shots(both)


def test_only_the_users_part_is_left_to_be_merged() -> None:
    base, ours, theirs = (
        on_disk({"a": said(active)}, active, {"fps": fps}).decode()
        for active, fps in ((1, 24), (2, 24), (3, 25))
    )
    was, mine, others = with_one_key(ours, base, theirs)[1], *with_one_key(ours, base, theirs)[::2]
    assert was == mine != others
    assert chosen(others) == {"a": said(2)}
    assert with_one_key(ours, "", ours)[1] == ""
    assert with_one_key("{}", base, theirs) == ["{}", base, theirs]
