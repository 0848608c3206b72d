"""Moments: what a person writes for a time of the past, and what it means by the clock on the wall."""

import time
from datetime import datetime, timedelta, timezone

import pytest

from daemon.clock import LOCAL
from events import TakesError
from projections.index.moments import moment

HERE = timezone(timedelta(hours=1))
NOW = datetime(2026, 11, 30, 15, 30, 20, tzinfo=HERE)
"""A Monday."""


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("now", "2026-11-30T15:30:20"),
        ("today", "2026-11-30T00:00"),
        ("today 9:05", "2026-11-30T09:05"),
        ("12:00", "2026-11-30T12:00"),
        ("Yesterday 18:00", "2026-11-29T18:00"),
        ("yesterday at 18:00:30", "2026-11-29T18:00:30"),
        ("friday", "2026-11-27T00:00"),
        ("fri 18:00", "2026-11-27T18:00"),
        ("last  friday  18:00", "2026-11-27T18:00"),
        ("monday", "2026-11-23T00:00"),
        ("sunday", "2026-11-29T00:00"),
        ("2 days ago", "2026-11-28T15:30:20"),
        ("an hour ago", "2026-11-30T14:30:20"),
        ("3h", "2026-11-30T12:30:20"),
        ("30 min ago", "2026-11-30T15:00:20"),
        ("1w", "2026-11-23T15:30:20"),
        ("2026-11-27", "2026-11-27T00:00"),
        ("2026-11-27 18:00", "2026-11-27T18:00"),
        ("2026-11-27T18:00", "2026-11-27T18:00"),
        ("2026-11-27t18:00z", "2026-11-27T19:00"),
        ("2026-11-27T18:00+03:00", "2026-11-27T16:00"),
        ("2026-11", "2026-11-01T00:00"),
        ("2025", "2025-01-01T00:00"),
    ],
)
def test_a_moment_is_what_a_person_means(said: str, meant: str) -> None:
    assert moment(said, NOW) == datetime.fromisoformat(meant).replace(tzinfo=HERE)


@pytest.mark.parametrize(
    "said",
    [
        *("", " ", "soon", "tomorrow", "next friday", "fr", "friday noon", "yesterday 25:00", "yesterday 18"),
        *("2026-13-01", "2026-11-31", "a week", "5", "-3h", "999999999w", "18:00 yesterday", "3h 2m"),
    ],
)
def test_what_is_no_moment_is_refused_with_what_can_be_said(said: str) -> None:
    with pytest.raises(TakesError, match="is no moment") as refused:
        moment(said, NOW)
    assert "yesterday 18:00" in refused.value.hint


def test_a_day_in_summer_is_by_the_clock_of_summer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        asked = datetime(2026, 11, 30, 15, 30, tzinfo=LOCAL)
        assert f"{moment('2026-07-01 18:00', asked):%H:%M}" == "16:00"
        assert f"{moment('2026-11-29 18:00', asked):%H:%M}" == "17:00"
        after = datetime(
            2026, 10, 25, 12, 0, tzinfo=LOCAL
        )  # three hours into the day there were two of them from 2 to 3
        assert f"{moment('yesterday 12:00', after):%H:%M}" == "10:00"
        assert f"{moment('10h', after):%H:%M}" == "01:00"
    finally:
        monkeypatch.undo()
        time.tzset()
