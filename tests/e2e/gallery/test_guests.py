"""Guests in a real browser: what a link leads to, and a folder that plays without any server."""

import json
import re
from pathlib import Path
from typing import Any

import anyio
import pytest
from playwright.async_api import Browser, Page, expect

from tests.daemon.sequences.rendered import drop_folder
from tests.e2e.crossing import clip, drop
from tests.e2e.film import COMMAND, Daemon, running_daemon
from tests.e2e.gallery.browser import NARROW, WIDE, address, holds, screenshot, violations, visiting
from tests.e2e.player.room import COUNT, drop_clip
from tests.support.film import DAWN, NOON, environment, make_film, still, until

pytestmark = pytest.mark.asyncio(loop_scope="session")

IS_SET = "async () => { await document.fonts.load('13px Geist'); return document.fonts.check('13px Geist', 'Take') }"
MOVES = "async video => { await video.play().catch(() => null); return video.currentTime > 0 }"


async def command(daemon: Daemon, *words: str) -> Any:
    """What a command answers in JSON."""
    said = await anyio.run_process(
        [*COMMAND, *words, "--json", "--socket", str(daemon.socket)], env=environment(daemon.film.folder)
    )
    return json.loads(said.stdout)


async def filled(folder: Path, daemon: Daemon) -> None:
    for number in (1, 2):
        await drop(daemon, DAWN, clip(f"dawn {number}"), ".mp4", {"prompt": "gulls", "seed": number})
    await drop(daemon, NOON, still(3), ".png")
    await daemon.ask("PATCH", "shots/001_Dawn/takes/take_001", {"note": {"text": "too dark"}})


async def is_played(page: Page) -> None:
    """Wait until the video moves."""
    video = page.locator("video")

    async def moves() -> bool:
        return bool(await video.evaluate(MOVES))

    await until(moves)


async def watch(page: Page, name: str) -> None:
    """Look at all that there is, and find fault with none of it, in wide and in narrow windows."""
    assert await page.evaluate(IS_SET)
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    await expect(page.get_by_role("button", name="001 Dawn")).to_be_visible()
    await until(lambda: holds(page.locator("main img"), "all => all.every((one) => one.naturalWidth > 0)"))
    for size in (WIDE, NARROW):
        await page.set_viewport_size(size)
        await screenshot(page, f"{name}-{size['width']}")
        assert not await violations(page)
    await page.set_viewport_size(WIDE)
    await page.get_by_role("button", name="001 Dawn").click()
    await is_played(page)
    await page.get_by_role("navigation", name="Takes").get_by_role("button", name="Take 2").click()
    await expect(page.get_by_role("heading", name="001 Dawn")).to_contain_text("Take 2")
    await is_played(page)
    await screenshot(page, f"{name}-screen")
    assert not await violations(page)
    await page.get_by_role("button", name="The shot after").click()
    await expect(page.get_by_role("heading", name="002 Noon")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await page.get_by_role("button", name="Play all").click()
    await expect(page.get_by_role("heading", name="002 Noon")).to_be_visible()  # it follows by itself


async def test_a_link_is_opened_looked_at_and_withdrawn(tmp_path: Path, browser: Browser) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, port=0) as daemon:
        await filled(tmp_path, daemon)
        made = await command(daemon, "share", "--notes")
        assert made["url"].startswith((await address(daemon)).partition("/open")[0])
        async with visiting(browser, daemon, None) as gallery:
            await gallery.page.goto(made["url"])
            await expect(gallery.page).to_have_title("MyFilm")
            assert "token" not in gallery.page.url
            await watch(gallery.page, "guest")
            gallery.forgive("401")
            await command(daemon, "shares", "--withdraw", "all")
            assert (await command(daemon, "shares"))["shares"] == []
            status = await gallery.page.evaluate("fetch('film.json').then((answer) => answer.status)")
            assert status == 401


async def test_a_folder_plays_without_any_server(tmp_path: Path, browser: Browser) -> None:
    film, folder = await make_film(tmp_path), tmp_path / "for anna"
    async with running_daemon(film, port=0) as daemon:
        await filled(tmp_path, daemon)
        made = await command(daemon, "export", "--html", str(folder))
        assert made == {"path": str(folder / "index.html"), "shots": 2, "missing": []}
        assert await command(daemon, "export", "--html", str(folder)) == made  # said again, it goes on
        context = await browser.new_context(offline=True)
        page = await context.new_page()
        complaints = list[str]()
        page.on("console", lambda one: complaints.append(one.text) if one.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.goto((folder / "index.html").as_uri())
        await watch(page, "folder")
        assert not complaints
        await context.close()


TOO_DARK = {
    "text": "too dark",
    "frame": 12,
    "drawing": [{"kind": "arrow", "points": [0.75, 0.25, 0.5, 0.4], "colour": "red"}],
}


async def is_read(page: Page) -> None:
    """A note is found on the timeline, and what was drawn with it lies on the picture of its frame and on no other."""
    await page.get_by_role("button", name="001 Dawn").click()
    player = page.get_by_role("dialog")
    await expect(player.get_by_label("Position")).not_to_have_attribute("max", "0")
    drawing = player.get_by_role("img", name="A drawing of 1 stroke")
    await player.get_by_role("button", name="Note at frame 12: too dark").click()
    await expect(player.get_by_title("The frame, from 0")).to_have_text(f"12 / {COUNT}")
    await expect(drawing).to_be_visible()
    [covered, picture] = [await one.bounding_box() for one in (drawing, player.locator("video"))]
    assert covered == picture  # both of which hold the same shape in the middle of that
    await screenshot(page, "guest-drawing")
    await page.keyboard.press(".")
    await expect(drawing).to_have_count(0)
    await page.keyboard.press("[")
    await expect(drawing).to_be_visible()
    assert not await violations(page)
    await page.keyboard.press("Escape")


async def test_guests_see_what_was_drawn_and_where_notes_are_if_they_may_read_them(
    tmp_path: Path, browser: Browser
) -> None:
    film, folder = await make_film(tmp_path), tmp_path / "for anna"
    async with running_daemon(film, port=0) as daemon:
        await drop_clip(daemon, 1)
        await daemon.ask("PATCH", "shots/001_Dawn/takes/take_001", {"note": TOO_DARK})
        async with visiting(browser, daemon, None) as gallery:
            await gallery.page.goto((await command(daemon, "share", "--notes"))["url"])
            await is_read(gallery.page)
        async with visiting(browser, daemon, None) as gallery:
            await gallery.page.goto((await command(daemon, "share"))["url"])
            await gallery.page.get_by_role("button", name="001 Dawn").click()
            await expect(gallery.dialog.get_by_label("Position")).not_to_have_attribute("max", "0")
            await expect(gallery.dialog.get_by_role("button", name="Note at")).to_have_count(0)
            assert "too dark" not in await gallery.page.evaluate(
                "fetch('film.json').then((one) => one.text())"
            )
        await command(daemon, "export", "--html", str(folder))
    page = await browser.new_page()
    await page.goto((folder / "index.html").as_uri())
    await is_read(page)
    await page.close()


async def is_stepped(page: Page) -> None:
    """A sequence plays, stands still where it is told to, and tells the number of each frame, missing ones too."""
    await page.get_by_role("button", name="001 Dawn").click()
    seen = page.get_by_role("img", name=re.compile("^Take 1, frame"))
    before = await seen.get_attribute("aria-label")
    await expect(seen).not_to_have_attribute("aria-label", str(before))
    await page.keyboard.press("k")
    await page.keyboard.press("Home")
    await expect(seen).to_have_accessible_name("Take 1, frame 1001")
    for number in ("1002", "1003 is missing", "1004"):
        await page.keyboard.press(".")
        await expect(seen).to_have_accessible_name(f"Take 1, frame {number}")


async def test_a_sequence_plays_for_a_guest_as_it_does_at_home(tmp_path: Path, browser: Browser) -> None:
    film, folder = await make_film(tmp_path), tmp_path / "for anna"
    async with running_daemon(film, port=0) as daemon:
        drop_folder(film, [1001, 1002, *range(1004, 1013)])
        await daemon.finished(1)
        made = await command(daemon, "share")
        async with visiting(browser, daemon, None) as gallery:
            await gallery.page.goto(made["url"])
            await is_stepped(gallery.page)
            assert not [one for one in gallery.asked if "/frames/1003" in one]
        await command(daemon, "export", "--html", str(folder))
        assert not await anyio.Path(folder, DAWN, "takes/take_001/frames/1003.jpg").exists()
    page = await browser.new_page()
    await page.goto((folder / "index.html").as_uri())
    await is_stepped(page)
    await page.close()
