from itertools import accumulate, repeat

from hypothesis import given
from hypothesis import strategies as st

from projections.backoff import Backoff

SECONDS = st.floats(0.001, 1000)


def pauses(backoff: Backoff, count: int) -> list[float]:
    return list(accumulate(repeat(0.0, count), lambda pause, _: backoff.after(pause), initial=0.0))[1:]


def test_each_pause_is_so_many_times_as_long_as_the_one_before_up_to_the_longest() -> None:
    assert pauses(Backoff(1, 10), 6) == [1, 2, 4, 8, 10, 10]
    assert pauses(Backoff(1, 10, 3), 4) == [1, 3, 9, 10]


def test_pauses_that_do_not_grow_stay_as_they_are() -> None:
    assert pauses(Backoff(0.5, 0.5), 3) == [0.5, 0.5, 0.5]


@given(SECONDS, SECONDS, st.floats(1, 5))
def test_pauses_grow_and_end_at_the_longest(one: float, another: float, factor: float) -> None:
    backoff = Backoff(min(one, another), max(one, another), factor)
    found = pauses(backoff, 20)
    assert found == sorted(found)
    assert found[0] == backoff.first
    assert found[-1] <= backoff.longest
