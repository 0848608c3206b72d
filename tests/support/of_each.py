"""A rule that holds of each of many things, as one test: thousands of tests of a millisecond cost more than they do."""

from collections.abc import Callable, Iterable


def of_each(things: Iterable[str]) -> Callable[[Callable[[str], None]], Callable[[], None]]:
    """Have what checks one thing check them all, and name each that fails."""

    def decorate(check: Callable[[str], None]) -> Callable[[], None]:
        def test() -> None:
            failed = {thing: why for thing in things if (why := _failure(check, thing))}
            assert not failed, "\n\n".join(f"{thing}: {why}" for thing, why in failed.items())

        test.__name__, test.__doc__ = check.__name__, check.__doc__
        return test

    return decorate


def _failure(check: Callable[[str], None], thing: str) -> str:
    try:
        check(thing)
    except AssertionError as error:
        return str(error) or "it does not hold"
    return ""
