"""No drop is lost, doubled or misplaced, whatever is heard of it: many films, in process."""

from collections.abc import Sequence

import anyio
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.faults.hints import STEPS, Step, go_through


@pytest.mark.share(0)
@settings(
    max_examples=400, phases=set(Phase) - {Phase.explain}
)  # which traces, and so reads files on the loop
@given(steps=STEPS, seed=st.integers(0, 99))
def test_no_drop_is_lost_whatever_is_heard(steps: Sequence[Step], seed: int) -> None:
    anyio.run(go_through, steps, seed)
