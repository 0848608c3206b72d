"""The gallery in a real browser: what can be done with a take is listed where it is, and its file is dragged out."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from projections.layout import full_id
from tests.e2e.crossing import drop
from tests.e2e.film import running_daemon
from tests.e2e.gallery.browser import check_look, visiting
from tests.support.film import DAWN, make_film, still, video

pytestmark = pytest.mark.asyncio(loop_scope="session")

AT_DAWN = f"/p/myfilm/{full_id(DAWN)}"

DRAGGED = """element => {
  const transfer = new DataTransfer()
  element.dispatchEvent(new DragEvent('dragstart', { bubbles: true, cancelable: true, dataTransfer: transfer }))
  return Object.fromEntries(Array.from(transfer.types, (type) => [type, transfer.getData(type)]))
}"""


async def test_a_menu_lists_what_can_be_done_with_a_take_for_mouse_and_keys(
    tmp_path: Path, browser: Browser
) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, port=0) as daemon:
        for number in (1, 2):
            await drop(daemon, DAWN, still(number), ".png")
        async with visiting(browser, daemon, AT_DAWN) as gallery:
            menu, keys = gallery.page.get_by_role("menu"), gallery.page.keyboard
            await expect(gallery.page.get_by_role("region", name="Files on their way")).to_be_attached()
            await gallery.take(2).click(button="right")
            await expect(menu).to_have_accessible_name("Take 2")
            await check_look(gallery, "menu")
            await menu.get_by_role("menuitem", name="Make active").click()
            await expect(menu).to_have_count(0)
            await expect(gallery.take(2)).to_have_accessible_name("Take 2, complete, active, still")
            await expect(gallery.takes).to_be_focused()
            await keys.press("Shift+F10")
            await expect(menu.get_by_role("menuitem").first).to_be_focused()
            await keys.press("d")
            await expect(menu.get_by_role("menuitem", name="Delete")).to_be_focused()
            await keys.press("Enter")
            await expect(gallery.take(2)).to_have_count(0)
            await gallery.node("Dawn").click(button="right")
            await menu.get_by_role("menuitem", name="Copy the path").click()
            copied = await gallery.page.evaluate("navigator.clipboard.readText()")
            assert copied == f"{film.takes()}/"
            await gallery.take(1).click(button="right")
            await keys.press("Escape")
            await expect(menu).to_have_count(0)


async def test_where_no_file_manager_answers_the_path_is_copied(tmp_path: Path, browser: Browser) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, port=0) as daemon:
        await drop(daemon, DAWN, still(1), ".png")
        async with visiting(browser, daemon, AT_DAWN) as gallery:
            gallery.forgive("409")
            await expect(gallery.page.get_by_role("region", name="Files on their way")).to_be_attached()
            await gallery.take(1).click(button="right")
            await gallery.page.get_by_role("menuitem", name="Show in the file manager").click()
            await expect(gallery.messages).to_contain_text("No file manager answers")
            assert await gallery.page.evaluate("navigator.clipboard.readText()") == str(film.media(1))


async def test_a_take_is_dragged_out_as_a_file_and_as_a_path(tmp_path: Path, browser: Browser) -> None:
    film = await make_film(tmp_path, "My Film")
    async with running_daemon(film, port=0) as daemon:
        daemon.project = "my-film"
        await drop(daemon, DAWN, video(), ".mp4")
        await drop(daemon, DAWN, still(1), ".png")
        async with visiting(browser, daemon, AT_DAWN.replace("myfilm", "my-film")) as gallery:
            picture = gallery.take(1).locator('[draggable="true"]')
            dragged = await picture.evaluate(DRAGGED)
            path = film.media(1, suffix=".mp4")
            assert dragged["text/plain"] == str(path)
            assert dragged["text/uri-list"] == path.as_uri()
            kind, name, url = dragged["downloadurl"].split(":", 2)
            assert (kind, name) == ("application/octet-stream", path.name)
            assert (await gallery.page.request.get(url)).headers["content-length"] == str(len(video()))
            await gallery.takes.press("Control+a")
            both = await picture.evaluate(DRAGGED)
            assert len(both["text/plain"].splitlines()) == 2
            assert "downloadurl" not in both
