"""The page's type: it comes with the page, is kept by the browser, and leaves the first view small."""

import re

import pytest
from playwright.async_api import Browser, Response, expect

from tests.e2e.film import Daemon
from tests.e2e.gallery.browser import visiting

pytestmark = pytest.mark.asyncio(loop_scope="session")

MOST = 120_000
"""Bytes, compressed, of what the page needs for its first view; what comes later, when it is at rest, is not counted."""

IS_SET = "async () => { await document.fonts.load('13px Geist'); return document.fonts.check('13px Geist', 'Take') }"


async def test_the_page_is_set_in_its_own_type_with_figures_of_one_width(
    shown: Daemon, browser: Browser
) -> None:
    async with visiting(browser, shown) as gallery:
        await expect(gallery.heading).to_be_visible()
        assert await gallery.page.evaluate(IS_SET)
        await expect(gallery.page.locator("body")).to_have_css("font-variant-numeric", "tabular-nums")
        await expect(gallery.page.locator("body")).to_have_css("font-family", re.compile("^Geist, "))


async def test_the_first_view_is_small_and_its_font_is_kept_for_ever(shown: Daemon, browser: Browser) -> None:
    async with visiting(browser, shown, None) as gallery:
        answers = list[Response]()
        gallery.page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 - it binds no builtin
        await gallery.visit()
        await expect(gallery.heading).to_be_visible()
        (font,) = [one for one in answers if one.url.endswith(".woff2")]
        assert "immutable" in font.headers["cache-control"]
        first = [
            one for one in answers if one.ok and not any(no in one.url for no in ("/api/", "/Overlays-"))
        ]
        sizes = {one.url: (await one.request.sizes())["responseBodySize"] for one in first}
        assert sum(sizes.values()) < MOST, sizes
