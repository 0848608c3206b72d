"""The views: what the API says of a take is what its sidecar says, and more."""

from typing import Any

import msgspec
import pytest
from msgspec.structs import fields, replace

from daemon.api.views.takes import TakeView, take_view
from events import Companion, Identity, Media, Resources
from projections.artifacts.sidecars import Sidecar, sidecar_of
from projections.index.rows import ShotRow, TakeRow
from tests.events.samples import media

AT = "2026-11-23T12:53:00.000000Z"
SHOT = ShotRow(id=1, stream="s", path="01_Chapter/001_Dawn", active=1)


def row(**facts: Any) -> TakeRow:
    return TakeRow(shot=1, number=1, created=AT, **facts)


def as_text(value: object) -> str:
    return msgspec.json.encode(value).decode()


PICTURE = Media(name="shot_001_take_001.png", bytes=9, sha256="cd" * 32, kind="image")
BESIDE = Companion(
    role="silent",
    name="shot_001_take_001_silent.mp4",
    identity=Identity(device=66, inode=4712, size=77, mtime_ns=2),
)

COMPLETE = {"status": "complete", "name": media(1).name, "media": as_text(media(1)), "ended": AT}

TAKES = {
    "being made": row(),
    "failed": row(status="failed", error="it is cut off", ended=AT),
    "complete": row(**COMPLETE),
    "of which little is known": row(**COMPLETE | {"media": as_text(PICTURE)}),
    "with a recipe and its cost": row(
        **COMPLETE,
        params=as_text({"prompt": "waves", "seed": 7}),
        resources=as_text(Resources(vram_used=8.5, generation_time=1.5, quality="draft")),
    ),
    "purged": row(**COMPLETE, purged=AT),
    "with sound": row(**COMPLETE | {"media": as_text(replace(media(1), channels=2, loudness=0.0))}),
    "of a render": row(**COMPLETE, companions=as_text([BESIDE]), superseded=2),
}


def test_every_field_of_a_sidecar_is_one_of_a_take() -> None:
    shown = {(one.encode_name, one.required) for one in fields(TakeView)}
    assert {one.encode_name for one in fields(Sidecar)} <= {name for name, _ in shown}
    assert {one.encode_name for one in fields(Sidecar) if one.required} <= {
        name for name, is_ in shown if is_
    }


@pytest.mark.parametrize("take", TAKES.values(), ids=TAKES)
def test_a_take_says_what_its_sidecar_says(take: TakeRow) -> None:
    said = msgspec.to_builtins(sidecar_of(SHOT, take))
    shown = msgspec.to_builtins(take_view("myfilm", SHOT, take, runs=False))
    assert {name: shown[name] for name in said} == said
