"""The project file: our key is ours, every other byte is the user's."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.artifacts.project_file import ProjectFileUnreadable, splice

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
