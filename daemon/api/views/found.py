"""What was found, as the API shows it: takes, and the facets that narrow them."""

from collections.abc import Mapping, Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from daemon.api.views.body import Camel
from daemon.api.views.takes import NONE, TakeView, take_view
from events import TakeKey
from events.choices import LONGEST_QUERY
from projections.index.rows import SearchRow, ShotRow, ShotTakes, TakeRow
from projections.index.search.finding import Found
from projections.layout import full_id


class FoundTake(Camel, kw_only=True):
    """A take that a search has found, and its shot's full id."""

    shot_id: str
    take: TakeView


class FacetValue(Camel, kw_only=True):
    """How many of the takes that were found have that value."""

    value: str
    count: int


class FoundList(Camel, kw_only=True):
    """A page of what was found, in the order that was asked for; of all of it the `total`, and by `facet` what is common."""

    takes: Sequence[FoundTake]
    total: int
    facets: dict[str, Sequence[FacetValue]]


class SearchView(Camel, kw_only=True):
    """A query that is kept under a name; who saved it last, and when."""

    name: str
    query: str
    by: str | None
    at: str


class SearchList(Camel, kw_only=True):
    """The saved searches, by their names."""

    searches: Sequence[SearchView]


class SearchBody(Camel, kw_only=True, forbid_unknown_fields=True):
    """The query that is to be kept."""

    query: Annotated[str, Meta(min_length=1, max_length=LONGEST_QUERY)]


def searches_view(searches: Sequence[SearchRow]) -> SearchList:
    """The saved searches, as the API shows them."""
    return SearchList(searches=[msgspec.convert(one, SearchView, from_attributes=True) for one in searches])


class AlikeList(Camel, kw_only=True):
    """The takes that are like another one, the newest first.

    With the same prompt and another `seed`; with the same seed and another `prompt`; of the same `inputs`.
    """

    seed: Sequence[FoundTake]
    prompt: Sequence[FoundTake]
    inputs: Sequence[FoundTake]


def alike_view(
    project: str, found: Mapping[str, Sequence[tuple[ShotRow, TakeRow]]], *, runs: bool
) -> AlikeList:
    """What is like a take, each under its shot's full id."""
    views = {
        why: [
            FoundTake(shot_id=full_id(shot.path), take=take_view(project, shot, take, runs=runs))
            for shot, take in takes
        ]
        for why, takes in found.items()
    }
    return AlikeList(**views)


def found_view(
    project: str,
    found: Found,
    *,
    runs: bool,
    today: Mapping[str, ShotTakes] | None = None,
    colours: Mapping[TakeKey, str] = NONE,
) -> FoundList:
    """What a query has found, each take under its shot's full id; `today` as in `take_view`, by stream."""
    known = today or {}
    return FoundList(
        takes=[
            FoundTake(
                shot_id=full_id(shot.path),
                take=take_view(project, shot, take, runs=runs, today=known.get(shot.stream), colours=colours),
            )
            for shot, take in found.takes
        ],
        total=found.total,
        facets={
            name: [FacetValue(value=value, count=count) for value, count in values]
            for name, values in found.facets.items()
        },
    )
