"""An event: what every one of them is, whatever it says; those of a take, and those that somebody chose."""

from msgspec import Struct


class Event(
    Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel", tag_field="type", gc=False
):
    """Something that happened to a shot."""


class TakeEvent(Event, frozen=True):
    """Something that happened to one take; `take` is its number in the shot."""

    take: int


class TakeChoice(TakeEvent, frozen=True):
    """What somebody wants of a take, and can take back.

    `by` is who, and None where nobody chose. `undoes` is the cause of the command that this takes back.
    """

    by: str | None = None
    undoes: str | None = None


class ShotChoice(Event, frozen=True):
    """What somebody wants of a shot, or of the film, and can take back; the fields are those of a TakeChoice."""

    by: str | None = None
    undoes: str | None = None
