"""The transport in a real browser: what is played of a take, heard of it, and how it is gone through."""

import re
from pathlib import Path
from typing import Literal

import anyio
import pytest
from playwright.async_api import Browser, Locator, expect

from tests.e2e.film import running_daemon
from tests.e2e.gallery.browser import check_look, visiting
from tests.e2e.player.room import AT_DAWN, COUNT, GREY, GREYS, NEAR, at_frame, drop_clip, opened
from tests.support.clips import make_audible, make_video, sine
from tests.support.film import DAWN, NOON, make_film, until

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


async def test_the_levels_of_a_take_are_seen_channel_by_channel_while_it_plays(
    tmp_path: Path, browser: Browser
) -> None:
    silent = make_video(tmp_path / "silent.mp4", seconds=3, size=(320, 180))
    path = make_audible(tmp_path / "a.mp4", silent=silent, wave=sine(-6, 3), right=sine(-20, 3))
    async with running_daemon(await make_film(tmp_path), port=0) as daemon:
        daemon.film.drop(await anyio.Path(path).read_bytes(), path.name)
        await daemon.finished(1)
        async with visiting(browser, daemon, AT_DAWN) as gallery:
            player = await opened(gallery)
            meters = [player.get_by_role("meter", name=f"Level, {side}") for side in ("left", "right")]

            async def are_right() -> bool:
                told = [float(await one.get_attribute("aria-valuenow") or -60) for one in meters]
                return abs(told[0] + 6) <= 1 and abs(told[1] + 20) <= 1

            await until(are_right)
            await expect(player.get_by_role("button", name="Peak")).to_have_text(re.compile(r"^-[56]\.\d$"))
            await check_look(gallery, "levels")
            await gallery.page.keyboard.press("s")
            await expect(meters[0]).to_have_attribute("aria-valuetext", "muted")
            await expect(player.get_by_role("button", name="Peak")).to_have_text("muted")
            await gallery.page.keyboard.press("s")
            await gallery.page.keyboard.press("k")
            await expect(meters[0]).to_have_attribute("aria-valuenow", "-60")


GROWN = """() => {
  const animate = Element.prototype.animate
  window.grown = []
  Element.prototype.animate = function (frames, options) {
    window.grown.push([...frames.transform, options.duration])
    return animate.call(this, frames, options)
  }
}"""
"""Has it written down what moves in the page, from where to where, and for how many milliseconds."""


@pytest.mark.parametrize("wanted", ["no-preference", "reduce"])
async def test_the_player_grows_out_of_its_card_and_back_into_it_unless_motion_is_not_wanted(
    tmp_path: Path, browser: Browser, wanted: Literal["no-preference", "reduce"]
) -> None:
    async with running_daemon(await make_film(tmp_path), port=0) as daemon:
        await drop_clip(daemon, 1)
        async with visiting(browser, daemon, AT_DAWN) as gallery:
            await gallery.page.emulate_media(reduced_motion=wanted)
            await gallery.pictures_are_there()
            await gallery.page.evaluate(GROWN)
            await opened(gallery)
            if wanted == "no-preference":
                await until(lambda: gallery.page.evaluate("grown.length === 1"))
            await gallery.page.keyboard.press("Escape")
            await expect(gallery.dialog).to_have_count(0)
            moved = await gallery.page.evaluate("grown")
            if wanted == "reduce":
                assert moved == []
            else:
                (start, grown, _), (whole, end, lasts) = moved
                assert grown == whole == "none"
                for place in (start, end):
                    assert re.fullmatch(r"translate\(-?[\d.]+px, -?[\d.]+px\) scale\(0\.\d+\)", place)
                assert 120 <= lasts <= 180
            await expect(gallery.page.locator("body > canvas")).to_have_count(0)


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
            await until(lambda: shows(reel, 3))
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
