"""The log of every format ever released is read for ever as what it meant then."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, get_args

import pytest

from events import AnyEvent, open_log
from events.codec import CODEC
from events.store.log_file import FORMAT
from tests.events.samples import append
from tests.golden import freeze
from tests.golden.frozen import HERE, RELEASED, AlreadyReleased, frozen_names, meaning, next_name, sha256

NAMES = frozen_names()


def thaw(name: str, path: Path) -> None:
    """Make the log of that name again from its text."""
    with closing(sqlite3.connect(path)) as db:
        db.executescript(HERE.joinpath(f"{name}.sql").read_text("utf-8"))


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def frozen(name: str, tmp_path: Path) -> Path:
    thaw(name, tmp_path / "frozen.db")
    return tmp_path / "frozen.db"


async def test_a_frozen_log_means_what_it_meant(frozen: Path, name: str) -> None:
    async with open_log(frozen) as log:
        assert_still_says(await meaning(log), json.loads(HERE.joinpath(f"{name}.json").read_bytes()))


async def test_an_event_in_the_schema_of_today_is_read_whole(frozen: Path) -> None:
    with closing(sqlite3.connect(frozen)) as db:
        rows = db.execute("SELECT data, schema FROM events").fetchall()
    for data, schema in rows:
        event = CODEC.decode(data, schema)
        assert CODEC.schema(event) > schema or CODEC.encode(event) == data


async def test_a_frozen_log_verifies(frozen: Path) -> None:
    async with open_log(frozen) as log:
        assert [position async for position in log.verify()] == [log.head]


async def test_a_frozen_log_goes_on(frozen: Path) -> None:
    async with open_log(frozen) as log:
        (record,) = await log.append(append("new"))
        assert record.position == log.head
        assert [position async for position in log.verify()] == [log.head]


def test_every_format_up_to_today_is_frozen() -> None:
    assert {f"format_{number}" for number in range(1, FORMAT + 1)} <= set(NAMES)


@pytest.mark.parametrize("name", RELEASED)
def test_a_released_log_is_as_it_was_released(name: str) -> None:
    assert sha256(name) == RELEASED[name][1]


@pytest.mark.parametrize("name", RELEASED)
def test_a_released_log_is_never_written_again(name: str) -> None:
    with pytest.raises(AlreadyReleased, match=name):
        freeze.main(name)
    assert sha256(name) == RELEASED[name][1]


def test_what_is_added_to_a_released_format_gets_a_log_of_its_own() -> None:
    assert next_name(1).startswith("format_1_")
    assert next_name(1) not in RELEASED
    assert next_name(FORMAT + 1) == f"format_{FORMAT + 1}"


async def test_the_newest_frozen_log_has_every_event_there_is(tmp_path: Path) -> None:
    thaw(NAMES[-1], tmp_path / "newest.db")
    async with open_log(tmp_path / "newest.db") as log:
        assert {type(record.event) for record in await log.read()} == set(get_args(AnyEvent))


async def test_a_changed_file_is_a_new_format(tmp_path: Path) -> None:
    thaw(NAMES[-1], tmp_path / "frozen.db")
    async with open_log(tmp_path / "today.db"):
        pass
    assert schema(tmp_path / "today.db") == schema(tmp_path / "frozen.db"), "raise FORMAT, then freeze it"


def schema(path: Path) -> set[tuple[str, str]]:
    with closing(sqlite3.connect(path)) as db:
        return set(db.execute("SELECT name, sql FROM sqlite_schema"))


def assert_still_says(now: Any, then: Any) -> None:
    """All that was said is said still; a newer release may say more of a shot or a take."""
    if isinstance(then, dict):
        for key, value in then.items():
            assert_still_says(now[key], value)
    elif isinstance(then, list):
        assert len(now) == len(then)
        for each, other in zip(now, then, strict=True):
            assert_still_says(each, other)
    else:
        assert now == then
