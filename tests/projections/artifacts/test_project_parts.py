"""The parts of our key: what is said of one shot is changed, and all else stays as it is."""

import json
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from events import Head, Identity
from projections.artifacts.project_file import render
from projections.artifacts.project_parts import Ours, ours_in, said_in, with_parts
from projections.artifacts.project_text import KEY, splice
from projections.index.rows import ShotRow


def placed(text: str) -> Ours:
    """Where our key is in a file that holds that text."""
    file = Identity(device=1, inode=2, size=len(text.encode()), mtime_ns=4)
    ours = ours_in(text, file)
    assert ours
    return ours


TRAPS = '{"around": {\n      "010_Pier": {\n        "takeCount": 9\n      },\n    "log": {\n    }\n    },'
TEXTS = (
    "{}\n",
    '{"title": "Pier — night"}\n',
    TRAPS + ' "takes": 3, "after": [1, 2]\r\n}',
    '{\n  "takes": {"shots": {}},\n  "x": "\\n"\n}',
)
HEADS = (None, Head("film", 7, "abc"), Head("film", 12, "d"))

paths = st.sampled_from(
    ["010_Pier", "010_Pier/020_Fog", 'odd " name', "日本/é", "shots", "log", "\\", "take"]
)
rows = st.builds(
    ShotRow,
    id=st.just(1),
    stream=st.just("s"),
    path=paths,
    active=st.none() | st.integers(1, 3),
    takes=st.integers(1, 12),
    given=st.integers(3, 12),
    deleted_numbers=st.sampled_from(["[]", "[1]", "[2,3]"]),
)
films = st.lists(rows, min_size=1, unique_by=lambda one: one.path)


def said_of(shots: Sequence[ShotRow]) -> dict[str, object]:
    said: dict[str, object] = json.loads(render(shots))["shots"]
    return said


@given(st.sampled_from(TEXTS), films, st.data(), st.sampled_from(HEADS), st.sampled_from(HEADS))
def test_a_part_is_changed_as_all_of_it_would_be(
    text: str, film: list[ShotRow], data: st.DataObject, before: Head | None, after: Head | None
) -> None:
    written = splice(text, render(film, head=before))
    ours = placed(written)
    one = data.draw(st.sampled_from(film))
    changed = replace(one, active=data.draw(st.none() | st.integers(1, 3)), given=one.given + 90)
    told = said_of([changed])
    made = with_parts(written.encode(), ours, told, after)
    if (before is None) != (after is None):
        assert made is None
        return
    wanted = [changed if shot is one else shot for shot in film]
    assert made == splice(written, render(wanted, head=after)).encode()
    assert said_in(made, placed(made.decode()), one.path) == told[one.path]


@given(st.sampled_from(TEXTS), films)
def test_a_shot_of_which_nothing_is_said_yet_has_no_part(text: str, film: list[ShotRow]) -> None:
    written = splice(text, render(film)).encode()
    ours = placed(written.decode())
    assert said_in(written, ours, "another") is None
    assert with_parts(written, ours, said_of([replace(film[0], path="another")]), None) is None


def test_a_file_without_our_key_has_none_of_our_parts() -> None:
    text = json.dumps({"title": KEY})
    assert ours_in(text, Identity(device=1, inode=2, size=len(text), mtime_ns=4)) is None


def test_a_file_that_somebody_else_has_put_there_meanwhile_is_not_ours() -> None:
    assert ours_in('{"takes": {}}', Identity(device=1, inode=2, size=99, mtime_ns=4)) is None
