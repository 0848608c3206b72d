"""The gallery in a real browser: takes are judged by keys alone, selected with the pointer, and culled."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from projections.layout import full_id
from tests.e2e.crossing import clip, drop
from tests.e2e.film import Daemon, running_daemon
from tests.e2e.gallery.browser import screenshot, violations, visiting
from tests.support.film import DAWN, make_film, still, until

pytestmark = pytest.mark.asyncio(loop_scope="session")

AT_DAWN = f"/p/myfilm/{full_id(DAWN)}"


async def judged(daemon: Daemon, *wanted: tuple[int, str]) -> bool:
    """Whether the takes have these ratings and marks."""
    return [(one["rating"], one["mark"]) for one in await daemon.takes()] == [*wanted]


async def test_takes_are_judged_and_culled_by_keys_alone(tmp_path: Path, browser: Browser) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, port=0) as daemon:
        for number in (1, 2, 3, 4):
            await drop(daemon, DAWN, still(number), ".png")
        async with visiting(browser, daemon, AT_DAWN) as gallery:
            keys = gallery.page.keyboard
            await expect(gallery.take(4)).to_be_visible()
            await gallery.takes.focus()
            await keys.press("Home")
            await keys.press("4")
            await keys.press("p")
            await until(lambda: judged(daemon, *[(0, "none")] * 3, (4, "pick")))
            await keys.press("Control+z")
            await keys.press("Control+z")
            await until(lambda: judged(daemon, *[(0, "none")] * 4))
            await keys.press("Control+Shift+z")
            await until(lambda: judged(daemon, *[(0, "none")] * 3, (4, "none")))

            await keys.press("m")
            await expect(gallery.dialog.get_by_role("textbox")).to_be_focused()
            await keys.type("six fingers")
            await keys.press("Tab")
            await keys.press("Enter")
            await expect(gallery.dialog).to_have_count(0)
            assert [one["text"] for one in (await daemon.takes())[3]["notes"]] == ["six fingers"]
            await screenshot(gallery.page, "judged")

            await keys.press("v")
            await expect(gallery.dialog.get_by_text("3 left")).to_be_visible()
            await expect(gallery.dialog.get_by_role("heading")).to_have_text("Take 3")
            await screenshot(gallery.page, "culling")
            assert not await violations(gallery.page)
            for key in ("p", "x", "2"):
                await keys.press(key)
            await expect(gallery.dialog.get_by_text("0 left")).to_be_visible()
            await until(lambda: judged(daemon, (2, "none"), (0, "reject"), (0, "pick"), (4, "none")))
            await keys.press("Escape")
            await expect(gallery.dialog).to_have_count(0)
            await daemon.verify()


async def test_a_box_selects_and_the_bar_judges_all_of_it(tmp_path: Path, browser: Browser) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, port=0) as daemon:
        for number in (1, 2, 3):
            await drop(daemon, DAWN, still(number), ".png")
        async with visiting(browser, daemon, AT_DAWN) as gallery:
            first, last = await gallery.take(3).bounding_box(), await gallery.take(2).bounding_box()
            assert first
            assert last
            await gallery.page.mouse.move(first["x"] - 8, first["y"] + 20)
            await gallery.page.mouse.down()
            await gallery.page.mouse.move(last["x"] + 40, last["y"] + 60, steps=4)
            await gallery.page.mouse.up()
            await expect(gallery.page.get_by_text("2 selected")).to_be_visible()
            await gallery.button("Reject").click()
            await until(lambda: judged(daemon, (0, "none"), (0, "reject"), (0, "reject")))
            await expect(gallery.button("Picks")).to_have_count(0)
            await gallery.button("Unrated").click()
            await gallery.takes.focus()
            await gallery.page.keyboard.press("Control+a")
            await gallery.page.keyboard.press("3")
            await gallery.button("Show all takes").click()
            await expect(gallery.take(1)).to_be_visible()


async def test_a_note_is_written_at_the_frame_that_is_shown(tmp_path: Path, browser: Browser) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, port=0) as daemon:
        await drop(daemon, DAWN, clip("dawn"), ".mp4")
        async with visiting(browser, daemon, AT_DAWN) as gallery:
            keys = gallery.page.keyboard
            await expect(gallery.take(1)).to_be_visible()
            await gallery.takes.focus()
            await keys.press("Enter")
            await expect(gallery.dialog.get_by_role("button", name="Pause")).to_be_visible()
            # before the video is there, no frame of it can be gone to
            await expect(gallery.dialog.get_by_label("Position")).not_to_have_attribute("max", "0")
            await keys.press("Space")
            await keys.press("Home")
            for _ in range(3):
                await keys.press(".")
            await keys.press("m")
            await expect(gallery.dialog.get_by_role("textbox")).to_be_focused()
            await keys.type("six fingers? p1")  # letters and digits are no keys while a note is written
            await keys.press("Enter")
            mark = gallery.dialog.get_by_role("button", name="Note at frame 3: six fingers? p1")
            await expect(mark).to_be_visible()
            (take,) = await daemon.takes()
            assert [(one["text"], one["frame"]) for one in take["notes"]] == [("six fingers? p1", 3)]
            assert (take["rating"], take["mark"]) == (0, "none")

            await keys.press("End")
            await expect(gallery.dialog.get_by_role("list", name="Notes at this frame")).to_have_count(0)
            await keys.press("[")
            await expect(gallery.dialog.get_by_role("list", name="Notes at this frame")).to_be_visible()
            await screenshot(gallery.page, "note-at-frame")
            assert not await violations(gallery.page)
            await keys.press("m")
            await keys.press("Escape")
            await expect(gallery.dialog).to_have_count(1)
            await gallery.dialog.get_by_role("button", name="Resolve").click()
            await until(lambda: resolved(daemon))


async def resolved(daemon: Daemon) -> bool:
    return [one["state"] for one in (await daemon.takes())[0]["notes"]] == ["resolved"]
