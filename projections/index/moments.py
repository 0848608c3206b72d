"""Moments: what a person writes for a time of the past, such as `yesterday 18:00`, `friday`, `2 days ago` or ISO 8601.

A few forms, and no guess: whatever is none of them is refused.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from events import TakesError

WAYS = "2026-11-27T18:00, yesterday 18:00, friday, 2 days ago, 3h"
"""How a moment can be written, one example of each form."""

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes"}

_AGO = re.compile(r"(?P<count>\d{1,9}|an?) ?(?P<unit>w|weeks?|d|days?|h|hours?|m|min|minutes?)(?P<ago> ago)?")
_DAY = re.compile(
    r"(?P<day>today|yesterday|(?:last )?[a-z]{3,9}|\d{4}-\d\d-\d\d)(?: (?:at )?(?P<time>\d\d?:.*))?"
)
_TIME = re.compile(r"(\d\d?):(\d\d)(?::(\d\d))?")
_MONTH = re.compile(r"\d{4}(-\d\d)?")


class WrongMoment(TakesError):
    """Raised when a moment cannot be understood, or has not come yet."""

    hint = f"Write a position of the log, or a time such as {WAYS}."


def moment(text: str, asked_at: datetime) -> datetime:
    """The moment that is meant, in UTC, by the clock on the wall of `asked_at`; WrongMoment.

    Of a day, a month and a year it is the beginning. A weekday is the last one before today.
    """
    said = " ".join(text.split()).lower()
    for read in (_now, _ago, _of_day, _of_clock, _iso):
        try:
            if found := read(said, asked_at):
                return found.astimezone(UTC)
        except (ValueError, OverflowError):
            break
    raise WrongMoment(f"{text[:100]!r} is no moment that is understood")


Reader = Callable[[str, datetime], datetime | None]


def _now(said: str, asked_at: datetime) -> datetime | None:
    return asked_at if said == "now" else None


def _ago(said: str, asked_at: datetime) -> datetime | None:
    match = _AGO.fullmatch(said)
    if match is None or (not match["count"].isdecimal() and not match["ago"]):
        return None
    count = int(match["count"]) if match["count"].isdecimal() else 1
    unit = match["unit"][0]
    start = asked_at.astimezone(UTC) if unit in "hm" else asked_at  # days are those on the wall
    return start - timedelta(**{_UNITS[unit]: count})


def _of_day(said: str, asked_at: datetime) -> datetime | None:
    match = _DAY.fullmatch(said)
    day = _day(match["day"], asked_at) if match else None
    if match is None or day is None:
        return None
    return _at(day, match["time"]) if match["time"] else day


def _day(name: str, asked_at: datetime) -> datetime | None:
    """The beginning of that day."""
    midnight = asked_at.replace(hour=0, minute=0, second=0, microsecond=0)
    if name in ("today", "yesterday"):
        return midnight - timedelta(days=name == "yesterday")
    if name[0].isdecimal():
        return datetime.fromisoformat(name).replace(tzinfo=asked_at.tzinfo)
    name = name.removeprefix("last ")
    weekday = next((number for number, one in enumerate(WEEKDAYS) if name in (one, one[:3])), None)
    return None if weekday is None else midnight - timedelta(days=(midnight.weekday() - weekday - 1) % 7 + 1)


def _of_clock(said: str, asked_at: datetime) -> datetime | None:
    return _at(asked_at.replace(microsecond=0), said) if _TIME.fullmatch(said) else None


def _at(day: datetime, time: str) -> datetime:
    """That day at that time."""
    match = _TIME.fullmatch(time)
    if match is None:
        raise ValueError(time)
    hour, minute, second = (int(part or 0) for part in match.groups())
    return day.replace(hour=hour, minute=minute, second=second)


def _iso(said: str, asked_at: datetime) -> datetime | None:
    if _MONTH.fullmatch(said):
        said += "-01" * (2 - said.count("-"))
    found = datetime.fromisoformat(said.upper())
    return found if found.tzinfo else found.replace(tzinfo=asked_at.tzinfo)
