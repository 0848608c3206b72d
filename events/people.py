"""The people: what each may do with a film who comes by a hub. Rules as those of a shot, for the film's own stream."""

from collections.abc import Sequence
from typing import get_args

from events.choices import checked_name
from events.errors import ChoiceNotKept, PersonNotFound
from events.event import Event
from events.facts import Role
from events.folding import Shot
from events.vocabulary import AccessGranted, AccessRevoked

ROLES: tuple[Role, ...] = get_args(Role)

MOST_PEOPLE = 1000
"""Of one film."""


def grant(film: Shot, person: str, role: Role) -> Sequence[Event]:
    """Have that person do as much with the film, in place of what was."""
    checked_name("person", person)
    if "/" in person:
        raise ChoiceNotKept(
            f"{person!r} is no name of a person here", "It has no slash: the name is a part of addresses."
        )
    if person not in film.people and len(film.people) >= MOST_PEOPLE:
        raise ChoiceNotKept(
            f"there are {MOST_PEOPLE:,} people already", "Revoke somebody who is not there any more."
        )
    return [] if film.people.get(person) == role else [AccessGranted(person=person, role=role)]


def revoke(film: Shot, person: str) -> Sequence[Event]:
    """Have that person see nothing of the film any more; PersonNotFound."""
    if person not in film.people:
        raise PersonNotFound(person, sorted(film.people))
    return [AccessRevoked(person=person)]
