"""How the gallery looks and reads, in every view: nothing that axe finds fault with, and pictures of it.

`make pictures` keeps just these in `build/screenshots/`; somebody should look at them whenever the page has changed.
"""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from projections.layout import full_id
from tests.e2e.crossing import clip, drop
from tests.e2e.film import Daemon, running_daemon
from tests.e2e.gallery.browser import check_everywhere, visiting
from tests.e2e.looks.views import VIEWS
from tests.support.film import DAWN, make_film

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240)]  # ten windows each


@pytest.mark.parametrize("name", VIEWS)
async def test_a_view_can_be_read_by_everybody_in_every_window(
    shown: Daemon, browser: Browser, name: str
) -> None:
    view = VIEWS[name]
    async with visiting(browser, shown, view.place) as gallery:
        if view.go:
            await view.go(gallery)
        await check_everywhere(gallery, name, view.again)
        if view.forgiven:
            gallery.forgive(view.forgiven)


async def test_a_page_whose_film_or_daemon_has_gone_can_be_read_by_everybody(
    tmp_path: Path, browser: Browser
) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, port=0) as daemon:
        await drop(daemon, DAWN, clip("dawn"), ".mp4")
        async with visiting(browser, daemon, f"/p/myfilm/{full_id(DAWN)}") as gallery:
            gallery.forgive("net::ERR_")
            gallery.forgive("404|503")
            await gallery.pictures_are_there(gallery.takes)
            film.root.rename(film.root.with_name("Away"))
            await expect(gallery.page.get_by_text("The project is suspended")).to_be_visible()
            await check_everywhere(gallery, "suspended")
            async with visiting(browser, daemon) as other:
                other.forgive("404|503")
                await expect(other.page.get_by_role("heading", name="suspended")).to_be_visible()
                await check_everywhere(other, "suspended-at-first")
            await daemon.kill()
            await expect(gallery.page.get_by_text("The daemon is away")).to_be_visible()
            await check_everywhere(gallery, "offline")
