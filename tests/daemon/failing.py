"""What the eighteen failures begin with."""

from tests.film import Daemon


async def drop_and_wait(daemon: Daemon, *contents: bytes, name: str = "render.png") -> None:
    """One take after the other."""
    there = len(await daemon.takes())
    for number, content in enumerate(contents, there + 1):
        daemon.film.drop(content, name)
        await daemon.finished(number)
    await daemon.at_rest()
