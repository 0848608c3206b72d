"""The screening room as tests find it: clips of which every frame is known, and what its windows say."""

import tempfile
from functools import cache, partial
from pathlib import Path

import anyio
from playwright.async_api import Locator, expect

from projections.layout import full_id
from tests.e2e.film import Daemon
from tests.e2e.gallery.browser import Gallery
from tests.support.clips import make_video
from tests.support.film import DAWN

AT_DAWN = f"/p/myfilm/{full_id(DAWN)}"

COUNT = 48
GREYS = [20 + 4 * number for number in range(COUNT)]
"""How light each frame of a clip is: no two are alike, however they are packed."""

NEAR = 2
"""As far as a grey is from itself once it was packed and shown."""


@cache
def _clip(**tags: str) -> bytes:
    """Two seconds in which every frame has its own grey."""
    with tempfile.TemporaryDirectory() as folder:
        path = make_video(
            Path(folder) / "clip.mp4",
            seconds=COUNT / 24,
            size=(640, 360),
            colours=[(grey, grey, grey) for grey in GREYS],
            tags=tags,
        )
        return path.read_bytes()


async def drop_clip(daemon: Daemon, number: int, shot: str = DAWN, **more: str) -> None:
    """The take with that number: a clip of its own, with these tags."""
    clip = await anyio.to_thread.run_sync(partial(_clip, comment=str(number), **more))
    daemon.film.drop(clip, f"clip{number}.mp4", shot)
    await daemon.finished(number, shot)


async def opened(gallery: Gallery, number: int = 1) -> Locator:
    """The player of a take, once there is something to step through."""
    await gallery.take(number).dblclick()
    player = gallery.page.get_by_role("dialog", name=f"Take {number}, player")
    await expect(player.get_by_label("Position")).not_to_have_attribute("max", "0")
    return player


async def frame_of(window: Locator) -> int:
    """The number of the frame that is shown."""
    return int((await window.get_by_title("The frame, from 0").inner_text()).partition("/")[0])


async def at_frame(video: Locator, frame: int) -> bool:
    """Whether a video shows that frame, and stands still."""
    told = await video.evaluate("one => [Math.floor(one.currentTime * 24), one.paused, one.seeking]")
    return bool(told == [frame, True, False])


GREY = """one => {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d')
  canvas.drawImage(one, 0, 0, 1, 1)
  return canvas.getImageData(0, 0, 1, 1).data[0]
}"""
"""How light a video is, all of it."""
