"""Fingers on the gallery, by the browser's own protocol: they swipe, size, move, and stay."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

import pytest
from playwright.async_api import Browser, CDPSession, Locator, Page, expect

from tests.e2e.crossing import drop
from tests.e2e.film import Daemon, running_daemon
from tests.e2e.gallery.browser import Gallery, address, visiting
from tests.e2e.player.room import AT_DAWN, drop_clip, opened
from tests.support.film import DAWN, NOON, make_film, still, until

pytestmark = pytest.mark.asyncio(loop_scope="session")

MIDDLE = 600, 400
"""Of what the fingers of these tests are on."""


class Hand:
    """The fingers of one hand."""

    def __init__(self, session: CDPSession) -> None:
        self._session = session

    async def _have(self, kind: str, places: Sequence[tuple[float, float]], at: float) -> None:
        points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(places)]
        told = {"type": kind, "touchPoints": points, "timestamp": at}
        await self._session.send("Input.dispatchTouchEvent", told)

    async def stroke(self, *steps: Sequence[tuple[float, float]]) -> None:
        """Put fingers on these places of the window, lead them to others, and lift them: quickly, however busy the machine is."""
        times = count(time.time() - 1, 0.03)
        await self._have("touchStart", steps[0], next(times))
        for places in steps[1:]:
            await self._have("touchMove", places, next(times))
        await self._have("touchEnd", [], next(times))

    async def press(self, *places: tuple[float, float]) -> None:
        await self._have("touchStart", places, time.time())

    async def lift(self) -> None:
        await self._have("touchEnd", [], time.time())

    async def swipe(self, *xs: float) -> None:
        """One finger, over the middle of the window."""
        await self.stroke(*[[(x, MIDDLE[1])] for x in xs])

    async def pinch(self, *reaches: float, is_upright: bool = False) -> None:
        """Two fingers, so far from their middle one after the other."""
        x, y = MIDDLE
        across, down = (0, 1) if is_upright else (1, 0)
        await self.stroke(
            *[[(x - across * one, y - down * one), (x + across * one, y + down * one)] for one in reaches]
        )

    async def tap(self, target: Locator) -> None:
        box = await target.bounding_box()
        assert box
        await self.stroke([(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)])


async def hand_on(page: Page) -> Hand:
    return Hand(await page.context.new_cdp_session(page))


Fill = Callable[[Daemon], Awaitable[None]]


@asynccontextmanager
async def touching(
    folder: Path, browser: Browser, fill: Fill, place: str | None = AT_DAWN
) -> AsyncIterator[tuple[Gallery, Hand, Daemon]]:
    """A film that was filled, in a browser, and a hand on it."""
    async with running_daemon(await make_film(folder), port=0) as daemon:
        await fill(daemon)
        async with visiting(browser, daemon, place) as gallery:
            yield gallery, await hand_on(gallery.page), daemon


async def eight_stills(daemon: Daemon) -> None:
    for number in range(1, 9):
        await drop(daemon, DAWN, still(number), ".png")


async def two_clips(daemon: Daemon) -> None:
    for number in (1, 2):
        await drop_clip(daemon, number)


@pytest.mark.parametrize("is_upright", [False, True], ids=["across", "upright"])
async def test_two_fingers_make_the_pictures_larger_and_smaller(
    tmp_path: Path, browser: Browser, *, is_upright: bool
) -> None:
    async with touching(tmp_path, browser, eight_stills) as (gallery, hand, _):
        size = gallery.page.get_by_role("slider", name="Size of the pictures")
        await gallery.pictures_are_there(gallery.takes)
        before = int(await size.input_value())

        async def is_near(wanted: float) -> bool:
            return abs(int(await size.input_value()) - wanted) <= 10  # the slider has steps

        await hand.pinch(100, 120, 140, is_upright=is_upright)
        await until(lambda: is_near(before * 1.4))
        await hand.pinch(140, 120, 100, is_upright=is_upright)
        await until(lambda: is_near(before))


async def test_a_finger_that_stays_opens_the_menu_of_a_take_and_a_tap_chooses_of_it(
    tmp_path: Path, browser: Browser
) -> None:
    async with touching(tmp_path, browser, eight_stills) as (gallery, hand, daemon):
        await gallery.pictures_are_there(gallery.takes)
        box = await gallery.take(3).bounding_box()
        assert box
        await hand.press((box["x"] + 40, box["y"] + 40))
        menu = gallery.page.get_by_role("menu", name="Take 3")
        await expect(menu).to_be_visible()
        await hand.lift()
        await hand.tap(menu.get_by_role("menuitem", name="Pick"))

        async def is_picked() -> bool:
            return bool((await daemon.take(3) or {})["mark"] == "pick")

        await until(is_picked)
        await expect(menu).to_have_count(0)


async def test_a_swipe_leads_to_the_next_take_unless_the_picture_is_enlarged(
    tmp_path: Path, browser: Browser
) -> None:
    async with touching(tmp_path, browser, two_clips) as (gallery, hand, _):
        await opened(gallery, 2)
        await hand.swipe(800, 700, 600, 500)
        player = gallery.page.get_by_role("dialog", name="Take 1, player")
        await expect(player.get_by_label("Position")).not_to_have_attribute("max", "0")
        await gallery.page.keyboard.press("+")
        await hand.swipe(500, 600, 700, 800)
        await expect(player).to_be_visible()
        await gallery.page.keyboard.press("z")
        await hand.swipe(500, 600, 700, 800)
        await expect(gallery.page.get_by_role("dialog", name="Take 2, player")).to_be_visible()


async def width_of(video: Locator) -> float:
    box = await video.bounding_box()
    return box["width"] if box else 0.0


@pytest.mark.parametrize("is_upright", [False, True], ids=["across", "upright"])
async def test_two_fingers_enlarge_what_is_played_and_one_moves_it(
    tmp_path: Path, browser: Browser, *, is_upright: bool
) -> None:
    async with touching(tmp_path, browser, two_clips) as (gallery, hand, _):
        player = await opened(gallery)
        video = player.locator("video")
        whole = await video.bounding_box()
        assert whole

        async def is_wide(times: float) -> bool:
            return abs(await width_of(video) / whole["width"] - times) < 0.02

        await hand.pinch(100, 150, 200, is_upright=is_upright)
        await until(lambda: is_wide(2))
        grown = await video.bounding_box()
        assert grown
        for size, at in (("width", 0), ("height", 1)):  # what lay between the fingers lies there still
            start = "xy"[at]
            seen = (MIDDLE[at] - grown[start]) / grown[size]  # type: ignore[literal-required]
            assert abs(seen - (MIDDLE[at] - whole[start]) / whole[size]) < 0.02  # type: ignore[literal-required]
        await hand.stroke([(600, 400)], [(640, 420)], [(680, 440)])
        moved = await video.bounding_box()
        assert moved
        assert (round(moved["x"] - grown["x"]), round(moved["y"] - grown["y"])) == (80, 40)
        await expect(player).to_be_visible()
        await hand.pinch(200, 100, 50, is_upright=is_upright)
        await until(lambda: is_wide(1))
        await expect(player.get_by_role("group", name="The picture enlarged")).to_have_count(0)


async def test_two_fingers_enlarge_both_of_two_takes_that_are_compared(
    tmp_path: Path, browser: Browser
) -> None:
    async with touching(tmp_path, browser, two_clips) as (gallery, hand, _):
        await gallery.take(1).click()
        await gallery.take(2).click(modifiers=["Shift"])
        await gallery.page.keyboard.press("c")
        videos = gallery.dialog.locator("video")
        await expect(videos).to_have_count(2)
        await expect(gallery.dialog.get_by_label("Position")).not_to_have_attribute("max", "0")
        before = [await width_of(videos.nth(number)) for number in (0, 1)]
        await hand.pinch(50, 75, 100)

        async def are_twice_as_wide() -> bool:
            after = [await width_of(videos.nth(number)) for number in (0, 1)]
            return all(abs(one / other - 2) < 0.02 for one, other in zip(after, before, strict=True))

        await until(are_twice_as_wide)


async def test_a_guest_swipes_from_shot_to_shot(tmp_path: Path, browser: Browser) -> None:
    async def two_shots(daemon: Daemon) -> None:
        await drop_clip(daemon, 1)
        await drop(daemon, NOON, still(1), ".png")

    async with touching(tmp_path, browser, two_shots, None) as (gallery, hand, daemon):
        made = await daemon.ask("POST", "shares", {"of": None, "days": 1, "notes": False})
        page = gallery.page
        await page.goto((await address(daemon)).partition("/open")[0] + made.json()["path"])
        await page.get_by_role("button", name="001 Dawn").click()
        await expect(page.get_by_role("heading", name="001 Dawn")).to_be_visible()
        await hand.swipe(800, 700, 600)
        await expect(page.get_by_role("heading", name="002 Noon")).to_be_visible()
        await hand.swipe(600, 700, 800)
        await expect(page.get_by_role("heading", name="001 Dawn")).to_be_visible()
