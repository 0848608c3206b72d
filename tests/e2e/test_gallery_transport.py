"""The transport in a real browser: what is played of a take, heard of it, and how it is gone through."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, expect

from tests.e2e.browser import check_look, visiting
from tests.e2e.film import running_daemon
from tests.e2e.room import AT_DAWN, COUNT, GREY, GREYS, NEAR, at_frame, drop_clip, opened
from tests.film import DAWN, NOON, make_film, until

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_one_key_leads_from_the_original_to_its_proxy_and_back_at_the_same_frame(
    tmp_path: Path, browser: Browser
) -> None:
    async with running_daemon(await make_film(tmp_path), port=0) as daemon:
        await drop_clip(daemon, 1)
        async with visiting(browser, daemon, AT_DAWN) as gallery:
            player = await opened(gallery)
            for key in ("k", "Home", *"......."):
                await gallery.page.keyboard.press(key)
            video = player.locator("video")
            for shown in ("proxy", "media"):
                await gallery.page.keyboard.press("q")
                await expect(video).to_have_attribute("src", re.compile(f"/{shown}$"))
                await until(lambda: at_frame(video, 7))
                grey = await video.evaluate(GREY)
                assert abs(grey - GREYS[7]) <= NEAR, (shown, grey)
            await check_look(gallery, "original")


async def test_the_reel_goes_back_over_a_cut_and_plays_a_part_round_and_round(
    tmp_path: Path, browser: Browser
) -> None:
    async with running_daemon(await make_film(tmp_path, "MyFilm", DAWN, NOON), port=0) as daemon:
        await drop_clip(daemon, 1)
        await drop_clip(daemon, 1, shot=NOON)
        async with visiting(browser, daemon) as gallery:
            await gallery.button("Play the reel").click()
            reel, keys = gallery.dialog, gallery.page.keyboard
            await expect(reel.locator(".current video")).to_be_visible()
            await keys.press("k")
            await keys.press("End")
            for _ in range(3):
                await keys.press(".")
            await expect(reel.get_by_text("01:00:02:03")).to_be_visible()
            assert abs(await grey_of(reel) - GREYS[3]) <= NEAR
            await keys.press("o")
            for _ in range(6):
                await keys.press(",")
            await expect(reel.get_by_text("01:00:01:21")).to_be_visible()
            await until(lambda: shows(reel, COUNT - 3))
            await keys.press("i")
            await expect(reel.get_by_text("Loop 01:00:01:21 to 01:00:02:03")).to_be_visible()
            await check_look(gallery, "reel-loop")
            await keys.press("l")
            seen: list[int] = await gallery.page.evaluate(SHOTS_SEEN, 5)
            assert seen in ([0, 1, 0, 1, 0], [1, 0, 1, 0, 1])
            await keys.press("j")
            assert len(await gallery.page.evaluate(SHOTS_SEEN, 3)) == 3
            await keys.press("k")


SHOTS_SEEN = """(count) => new Promise((resolve) => {
  const seen = []
  const look = () => {
    const now = [...document.querySelector('ol[aria-label="Shots of the reel"]').children]
      .findIndex((one) => one.querySelector('[aria-current]'))
    if (now !== seen.at(-1)) seen.push(now)
    if (seen.length >= count) resolve(seen)
    else requestAnimationFrame(look)
  }
  look()
})"""
"""The places of the shots that the reel plays, one after the other, until there were so many."""


async def grey_of(reel: Locator) -> int:
    grey: int = await reel.locator(".current video").evaluate(GREY)
    return grey


async def shows(reel: Locator, frame: int) -> bool:
    return abs(await grey_of(reel) - GREYS[frame]) <= NEAR
