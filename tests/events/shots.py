"""Shots as their events have made them, and the events that do."""

from events import (
    Event,
    Request,
    Shot,
    Source,
    TakeActivated,
    TakeCompleted,
    TakeCreated,
    TakeDeleted,
    TakeFailed,
    evolve,
)
from tests.events.samples import DROP, media


def given(*events: Event) -> Shot:
    """The shot after these events."""
    shot = Shot("shot")
    for event in events:
        evolve(shot, event)
    return shot


def made(number: int) -> tuple[Event, Event]:
    """A take that is complete."""
    return created(number), TakeCompleted(take=number, media=media(number))


def broken(number: int) -> tuple[Event, Event]:
    """A take that has failed."""
    return created(number), TakeFailed(take=number, error="out of memory")


def created(number: int) -> Event:
    return TakeCreated(take=number, source=DROP)


def active(number: int) -> Event:
    return TakeActivated(take=number)


def deleted(number: int) -> Event:
    return TakeDeleted(take=number)


# Asking.


def asked(number: int) -> Event:
    """A take that is to be generated."""
    return TakeCreated(take=number, source=Source(kind="request"), request=Request(params={"seed": 7}))
