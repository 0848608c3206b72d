"""The gallery in a real browser: a shot is made there, and the desktop tells of takes."""

from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.async_api import Browser, expect

from projections.layout import full_id
from tests.e2e.crossing import drop, is_known
from tests.e2e.film import running_daemon
from tests.e2e.gallery.browser import Gallery, visiting
from tests.support.film import DAWN, make_film, still, until

pytestmark = pytest.mark.asyncio(loop_scope="session")

AT_DAWN = f"/p/myfilm/{full_id(DAWN)}"


async def command(gallery: Gallery, words: str) -> None:
    """Do what is called so in the palette."""
    await gallery.page.keyboard.press("Control+k")
    await expect(gallery.dialog.get_by_role("combobox")).to_be_focused()
    await gallery.page.keyboard.type(words)
    await gallery.page.keyboard.press("Enter")


async def test_a_shot_is_made_in_the_page_and_is_a_folder_that_takes_can_be_dropped_into(
    tmp_path: Path, browser: Browser
) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, port=0) as daemon:
        await is_known(daemon, DAWN)
        async with visiting(browser, daemon, AT_DAWN) as gallery:
            await expect(gallery.heading).to_have_text("001 Dawn")
            await command(gallery, "new shot")
            await gallery.page.keyboard.type("Gulls Over The Pier")
            await gallery.page.keyboard.press("Enter")
            await expect(gallery.heading).to_have_text("003 Gulls Over The Pier")
            made = str(Path(DAWN).with_name("003_Gulls_Over_The_Pier"))
            await drop(daemon, made, still(1), ".png")
            await expect(gallery.take(1)).to_be_visible()


WENT = """() => {
  const animate = Element.prototype.animate
  window.went = 0
  Element.prototype.animate = function (...how) {
    if (this.textContent === 'Active') window.went += 1
    return animate.apply(this, how)
  }
}"""
"""Has it counted how often the mark of the active take moves."""


@pytest.mark.parametrize("wanted", ["no-preference", "reduce"])
async def test_the_mark_of_the_active_take_goes_to_the_next_one_unless_motion_is_not_wanted(
    tmp_path: Path, browser: Browser, wanted: Literal["no-preference", "reduce"]
) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, port=0) as daemon:
        for number in (1, 2):
            await drop(daemon, DAWN, still(number), ".png")
        async with visiting(browser, daemon, AT_DAWN) as gallery:
            await gallery.page.emulate_media(reduced_motion=wanted)
            await expect(gallery.take(1)).to_contain_text("Active")
            await gallery.page.evaluate(WENT)
            await gallery.take(2).click()
            await gallery.page.keyboard.press("a")
            await expect(gallery.take(2)).to_contain_text("Active")
            await expect(gallery.take(1)).not_to_contain_text("Active")
            assert bool(await gallery.page.evaluate("went")) == (wanted == "no-preference")


HEARD = """
window.told = []
window.Notification = new Proxy(Notification, {
  construct: (kind, [title, more]) => (told.push(`${title}: ${more.body}`), new kind(title, more)),
})
"""
"""Writes down what the desktop is told, which no browser lets itself be asked."""


async def test_the_desktop_tells_of_takes_while_another_page_is_in_front(
    tmp_path: Path, browser: Browser
) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, port=0) as daemon:
        await is_known(daemon, DAWN)
        async with visiting(browser, daemon, None) as gallery:
            await gallery.page.context.grant_permissions(["notifications"])
            await gallery.page.add_init_script(HEARD)
            await gallery.visit(AT_DAWN)
            await expect(gallery.heading).to_have_text("001 Dawn")
            await command(gallery, "notices on the desktop")
            await expect(gallery.messages).to_contain_text("The desktop tells when takes are ready")
            await drop(daemon, DAWN, still(1), ".png")
            await expect(gallery.take(1)).to_be_visible()
            await look_away(gallery)
            await drop(daemon, DAWN, still(2), ".png")
            await drop(daemon, DAWN, b"no film at all", ".mp4")

            async def is_told() -> Any:
                return await gallery.page.evaluate("told")

            assert await until(is_told) == ["1 take ready, 1 take failed: Dawn"]


async def look_away(gallery: Gallery) -> None:
    """Have another page in front, as the browser sees it; Playwright has every page believe that it is looked at."""
    session = await gallery.page.context.new_cdp_session(gallery.page)
    await session.send("Emulation.setFocusEmulationEnabled", {"enabled": False})
    other = await gallery.page.context.new_page()
    await other.bring_to_front()

    async def is_away() -> bool:
        return not await gallery.page.evaluate("document.hasFocus()")

    await until(is_away)
