"""The log's format as it is written down: every event and every field is named, and its program runs."""

import re
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from events import (
    AnyEvent,
    Append,
    Event,
    Media,
    ShotRegistered,
    Source,
    TakeCompleted,
    TakeCreated,
    open_log,
)
from tests.docs.pages import page

PAGE = page("log-format.md")
EVENTS: tuple[type[Event], ...] = get_args(AnyEvent)
AT = "2026-11-23T12:53:00.000000Z"


@pytest.fixture
async def film(tmp_path: Path) -> Path:
    """A film whose log holds a completed take."""
    (tmp_path / ".takes").mkdir()
    media = Media(name="shot_001_take_001.mp4", bytes=3, sha256="0" * 64, kind="video", duration=0.5)
    events = (
        ShotRegistered(path="01_Grün/001_Dawn"),
        TakeCreated(take=1, source=Source(kind="drop", name="a.mp4")),
        TakeCompleted(take=1, media=media, params={"prompt": 'two lines\nand a "quote"'}),
    )
    async with open_log(tmp_path / ".takes" / "log.db") as log:
        await log.append(Append(stream="s1", events=events[:1], expected=0, at=AT, actor="filesystem"))
        await log.append(
            Append(stream="s1", events=events[1:], expected=1, at=AT, actor="cli:1000", cause="request:7")
        )
    return tmp_path


def read_with_the_program(film: Path) -> "subprocess.CompletedProcess[str]":
    (program,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    command = [sys.executable, "-I", "-c", program, str(film)]
    return subprocess.run(command, capture_output=True, text=True, check=False, encoding="utf-8")


def test_the_program_lists_the_takes_of_a_log(film: Path) -> None:
    result = read_with_the_program(film)
    assert result.returncode == 0, result.stderr
    first, last = result.stdout.splitlines()
    assert first == "01_Grün/001_Dawn/takes/take_001/shot_001_take_001.mp4"
    assert last.startswith("The log is whole")


@pytest.mark.parametrize(
    ("damage", "position"),
    [
        ("UPDATE events SET data = replace(data, 'a.mp4', 'b.mp4')", 2),
        ("UPDATE events SET cause = NULL", 2),
        ("DELETE FROM events WHERE position = 2", 2),
        ("DELETE FROM events WHERE position = 1", 1),
    ],
)
def test_the_program_finds_a_log_that_was_tampered_with(film: Path, damage: str, position: int) -> None:
    log = sqlite3.connect(film / ".takes" / "log.db")
    log.execute("DROP TRIGGER events_no_update")
    log.execute("DROP TRIGGER events_no_delete")
    log.execute(damage)
    log.commit()
    log.close()
    result = read_with_the_program(film)
    assert result.returncode == 1
    assert f"record {position} " in result.stderr


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)
def test_every_event_and_every_field_of_it_is_named(event: type[Event]) -> None:
    (row,) = re.findall(rf"^\| `{event.__struct_config__.tag}` \|.*$", PAGE, re.MULTILINE)
    for field in msgspec.structs.fields(event):
        assert f"`{field.encode_name}{'' if field.required else '?'}`" in row


@pytest.mark.parametrize(
    "part", ["source", "companion", "arrival", "identity", "again", "request", "media", "resources"]
)
def test_every_field_of_a_part_is_named(part: str) -> None:
    from events import facts

    (row,) = re.findall(rf"^\| `{part}` \|.*$", PAGE, re.MULTILINE)
    for field in msgspec.structs.fields(getattr(facts, part.capitalize())):
        assert f"`{field.encode_name}{'' if field.required else '?'}`" in row
