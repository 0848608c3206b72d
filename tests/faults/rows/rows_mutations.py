"""The campaign is not blind: with a rule taken out of the product, a row that concerns it is red."""

from collections.abc import Awaitable, Callable

import pytest

from tests.faults import invariants
from tests.faults.mutations import MUTATIONS, mutated
from tests.faults.row import Row
from tests.faults.rows import rows_concurrent, rows_cuts, rows_errors, rows_watching
from tests.support import film

SOON = 10.0
"""Seconds in which what never comes does not come."""

ROWS: dict[str, Callable[[Row], Awaitable[None]]] = {
    "no flush": lambda row: rows_cuts.test_what_was_said_to_be_done_is_so_after_a_power_cut(
        row, "drop", "xfs"
    ),
    "a swallowed sync error": rows_errors.test_a_sync_that_failed_is_final,
    "synchronous = NORMAL": lambda row: rows_cuts.test_what_was_said_to_be_done_is_so_after_a_power_cut(
        row, "delete", "ext4"
    ),
    "no folder sync": lambda row: rows_cuts.test_what_was_said_to_be_done_is_so_after_a_power_cut(
        row, "delete", "xfs"
    ),
    "no rescan": rows_watching.test_every_drop_is_found,
    "no expected version": rows_concurrent.test_of_many_choices_upon_the_same_version_one_is_made,
}

TRIES = 3
"""Times that a row is run until it is red: a disk may have written in time what nobody has made it write."""


def test_every_mutation_has_its_row() -> None:
    assert ROWS.keys() == MUTATIONS.keys()


@pytest.mark.share(4)
@pytest.mark.needs("calls", "ext4", "xfs")
@pytest.mark.parametrize("name", MUTATIONS)
async def test_a_row_is_red_without_the_rule(row: Row, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    row.code = mutated(name, row.folder)
    row.share = 1.0
    row.watch = row.watch and name != "no rescan"
    monkeypatch.setattr(invariants, "PATIENCE", SOON)
    monkeypatch.setattr(film, "DEADLINE", SOON)
    for _ in range(TRIES):
        try:
            await ROWS[name](row)
        except (AssertionError, TimeoutError) as red:
            row.say(f"red, as it is to be: {red!r}")
            row.survived()
            return
    pytest.fail(f"green without the rule, {TRIES} times")
