"""Films that lie in a git repository."""

from typing import Any

from tests.film import DAWN, Daemon


async def drop_all(daemon: Daemon, *contents: bytes, shot: str = DAWN) -> None:
    """Drop these one after the other, and wait until all is at rest."""
    before = len(await daemon.takes(shot))
    for number, content in enumerate(contents, before + 1):
        suffix = ".png" if content.startswith(b"\x89PNG") else ".mp4"
        daemon.film.drop(content, f"render{suffix}", shot)
        await daemon.finished(number, shot)
    await daemon.at_rest()


async def well(daemon: Daemon) -> dict[str, Any]:
    """The status at rest, with nothing in the way."""
    status = await daemon.at_rest()
    assert status["problems"] == []
    return status
