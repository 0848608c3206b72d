"""How the gallery looks and reads, in every main view: nothing that axe finds fault with, and a screenshot of it.

The screenshots are kept in `build/screenshots/`; somebody should look at them whenever the page has changed.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from projections.layout import full_id
from tests.e2e.browser import NARROW, WIDE, Gallery, check_look, screenshot, violations, visiting
from tests.e2e.crossing import DELETED, GULLS, SWELL, clip, drop
from tests.e2e.film import Daemon, running_daemon
from tests.film import DAWN, make_film, until

pytestmark = pytest.mark.asyncio(loop_scope="session")

View = Callable[[Gallery], Awaitable[None]]

AT_GULLS = f"/p/myfilm/{full_id(GULLS)}"


async def overview(gallery: Gallery) -> None:
    await gallery.pictures_are_there()


async def shot(gallery: Gallery) -> None:
    await gallery.take(1).click()
    await gallery.pictures_are_there(gallery.takes)


async def deleted_takes(gallery: Gallery) -> None:
    if await gallery.button("Show deleted").get_attribute("aria-pressed") != "true":
        await gallery.button("Show deleted").click()
    await gallery.take(DELETED).click()
    await gallery.pictures_are_there(gallery.takes)


async def recipe(gallery: Gallery) -> None:
    await gallery.take(1).click()
    if not await gallery.recipe.is_visible():
        await gallery.button("Show the recipe").click()
    await expect(gallery.recipe.get_by_text("gulls over a pier at dawn, 35 mm", exact=True)).to_be_visible()


async def player(gallery: Gallery) -> None:
    await gallery.take(1).dblclick()
    await playing(gallery)
    await gallery.dialog.get_by_role("button", name="Pause").click()


async def comparison(gallery: Gallery) -> None:
    await gallery.take(1).click()
    await gallery.take(2).click(modifiers=["Shift"])
    await gallery.button("Compare the selected takes").click()
    await playing(gallery)
    await gallery.dialog.get_by_role("button", name="Pause").click()


async def wipe(gallery: Gallery) -> None:
    await comparison(gallery)
    await gallery.page.keyboard.press("2")
    await expect(gallery.dialog.get_by_role("slider", name="Divider")).to_be_visible()


async def reel(gallery: Gallery) -> None:
    await gallery.button("Play the reel").click()
    await playing(gallery)
    await gallery.dialog.get_by_role("button", name="Pause").click()


async def generation(gallery: Gallery) -> None:
    await gallery.take(1).click()
    await gallery.page.keyboard.press("n")
    await expect(gallery.dialog.get_by_label("Prompt", exact=True)).to_have_value(
        "gulls over a pier at dawn, 35 mm"
    )


async def open_left(gallery: Gallery) -> None:
    """Have the film and the search be there, which a narrow page has behind its menu."""
    if gallery.page.viewport_size == NARROW:
        await gallery.menu.click()


async def search(gallery: Gallery) -> None:
    await open_left(gallery)
    await gallery.search.fill("pier")
    await expect(gallery.heading).to_have_text("Takes found")
    await expect(gallery.takes.get_by_role("option")).to_have_count(2)
    await gallery.pictures_are_there(gallery.takes)


async def wrong_query(gallery: Gallery) -> None:
    await expect(gallery.page.get_by_text("there is no field 'modl'")).to_be_visible()
    gallery.forgive("422")


async def film(gallery: Gallery) -> None:
    await open_left(gallery)
    await expect(gallery.node("Gulls Over The Pier")).to_be_visible()


async def keys(gallery: Gallery) -> None:
    await gallery.take(1).click()
    await gallery.page.keyboard.press("?")
    await expect(gallery.dialog).to_be_visible()


async def palette(gallery: Gallery) -> None:
    await gallery.take(1).click()
    await gallery.page.keyboard.press("Control+k")
    await expect(gallery.dialog).to_be_visible()
    await gallery.page.keyboard.type("sw")
    await expect(gallery.dialog.get_by_role("option", name="Night Swell")).to_be_visible()


async def no_take(gallery: Gallery) -> None:
    await expect(gallery.page.get_by_text("No take yet").last).to_be_visible()


async def no_shot(gallery: Gallery) -> None:
    await expect(gallery.page.get_by_role("heading", name="No shot yet")).to_be_visible()


async def nobody_there(gallery: Gallery) -> None:
    await gallery.page.route("**/api/**", lambda route: route.abort())
    await gallery.page.evaluate("location.hash = '#/p/untitled'")
    await expect(gallery.page.get_by_text("The daemon does not answer")).to_be_visible()


async def playing(gallery: Gallery) -> None:
    """Wait until what can be seen has begun to move."""

    async def moves() -> bool:
        times = await gallery.dialog.locator("video").evaluate_all("all => all.map((one) => one.currentTime)")
        return bool(times) and times[0] > 0.2

    await until(moves)


VIEWS: dict[str, tuple[str, View]] = {
    "overview": ("", overview),
    "film": (AT_GULLS, film),
    "shot": (AT_GULLS, shot),
    "deleted": (AT_GULLS, deleted_takes),
    "recipe": (AT_GULLS, recipe),
    "player": (AT_GULLS, player),
    "compare": (AT_GULLS, comparison),
    "wipe": (AT_GULLS, wipe),
    "reel": ("", reel),
    "generate": (AT_GULLS, generation),
    "search": (AT_GULLS, search),
    "wrong-query": ("/p/myfilm?find=pier%20modl%3Awan", wrong_query),
    "keys": (AT_GULLS, keys),
    "palette": (AT_GULLS, palette),
    "no-take": (f"/p/myfilm/{full_id(SWELL)}", no_take),
    "no-shot": ("/p/untitled", no_shot),
    "nobody": ("", nobody_there),
}

SIZES = {"wide": WIDE, "narrow": NARROW}


@pytest.mark.parametrize("view", VIEWS)
async def test_a_view_can_be_read_by_everybody(shown: Daemon, browser: Browser, view: str) -> None:
    place, go = VIEWS[view]
    async with visiting(browser, shown, place) as gallery:
        for size, window in SIZES.items():
            await gallery.page.set_viewport_size(window)
            await go(gallery)
            await check_look(gallery, f"{view}-{size}")
            await gallery.page.keyboard.press("Escape")  # close what has opened
        gallery.forgive("net::ERR_FAILED")


WIDTHS = (390, 768, 1024, 1440, 2560)


@pytest.mark.parametrize("view", ["overview", "shot"])
async def test_a_window_of_any_width_can_be_read_by_everybody(
    shown: Daemon, browser: Browser, view: str
) -> None:
    place, go = VIEWS[view]
    async with visiting(browser, shown, place) as gallery:
        for width in WIDTHS:
            await gallery.page.set_viewport_size({"width": width, "height": 1000})
            await go(gallery)
            await screenshot(gallery.page, f"{view}-{width}")
            assert not await violations(gallery.page), width
            assert await gallery.page.evaluate("document.documentElement.scrollWidth") <= width


async def test_a_page_whose_daemon_has_gone_can_be_read_by_everybody(
    tmp_path: Path, browser: Browser
) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, port=0) as daemon:
        await drop(daemon, DAWN, clip("dawn"), ".mp4")
        place = f"/p/myfilm/{full_id(DAWN)}"
        async with (
            visiting(browser, daemon, place) as wide,
            visiting(browser, daemon, place, size=NARROW) as narrow,
        ):
            for gallery in (wide, narrow):
                await gallery.pictures_are_there(gallery.takes)
                await expect(gallery.heading).to_have_text("001 Dawn")
            await daemon.kill()
            for gallery, size in ((wide, "wide"), (narrow, "narrow")):
                await expect(gallery.page.get_by_text("The daemon is away")).to_be_visible()
                await check_look(gallery, f"offline-{size}")
                gallery.forgive("net::ERR_")
