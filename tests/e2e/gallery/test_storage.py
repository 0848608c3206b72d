"""The gallery in a real browser: what a film takes up is seen, and old takes are purged, just those that were shown.

The film has a past, so that there is something to purge: no take goes that is younger than a day.
"""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from examples.film import DAWN as DAYBREAK
from examples.film import DUSK, NIGHT, NOON, Colours, draw
from projections.layout import full_id
from tests.daemon.space.old_film import Old, make_old_film
from tests.e2e.film import Daemon, running_daemon
from tests.e2e.gallery.browser import NARROW, WIDE, Gallery, check_look, holds, screenshot, visiting
from tests.support.film import DAWN, until

pytestmark = pytest.mark.asyncio(loop_scope="session")

AT_DAWN = f"/p/myfilm/{full_id(DAWN)}"
SIZES = {"wide": WIDE, "narrow": NARROW}


def picture(label: str, colours: Colours) -> bytes:
    """A PNG with something to see."""
    made = BytesIO()
    draw((640, 360), label, colours, 0.5).convert("RGB").save(made, "PNG")
    return made.getvalue()


def past() -> list[Old]:
    """Two takes that were deleted, one that failed, one that is older than the newest, and the active one."""
    return [
        Old(1, picture("dawn", DAYBREAK)),
        Old(2, picture("dusk", DUSK)),
        Old(3, b"no film at all", "failed"),
        Old(4, picture("noon", NOON), "complete"),
        Old(5, picture("night", NIGHT), "active"),
    ]


@asynccontextmanager
async def keeping(folder: Path, takes: Sequence[Old] = (), **choices: Any) -> AsyncIterator[Daemon]:
    """The daemon that keeps that film, or one of those takes, once it has looked at all of it."""
    film = await make_old_film(folder, *(takes or past()))
    async with running_daemon(film, port=0, **choices) as daemon:
        await daemon.scanned()
        await daemon.at_rest()
        yield daemon


async def open_storage(gallery: Gallery) -> None:
    storage = gallery.button("Storage")
    await expect(gallery.menu.or_(storage).first).to_be_visible()
    if await gallery.menu.is_visible():
        await gallery.menu.click()
    await storage.click()
    await expect(gallery.dialog.get_by_text("Media")).to_be_visible()


async def show_what_would_go(gallery: Gallery) -> None:
    await gallery.dialog.get_by_role("button", name="Show what would go").click()


async def test_old_takes_are_shown_and_purged_and_are_seen_as_that(tmp_path: Path, browser: Browser) -> None:
    async with keeping(tmp_path) as daemon, visiting(browser, daemon, AT_DAWN) as gallery:
        await gallery.button("Show deleted").click()
        await gallery.take(2).click()
        await expect(gallery.button("Restore")).to_be_visible()
        await open_storage(gallery)
        await expect(gallery.dialog.get_by_text("Every take is protected")).to_be_visible()
        await gallery.dialog.get_by_label("Days since failed").fill("7")
        await gallery.page.keyboard.press("Enter")
        leaving = gallery.dialog.get_by_role("list", name="Takes that would go").get_by_role("listitem")
        await expect(leaving).to_have_text([re.compile(f"Take {number}") for number in (1, 2, 3)])
        await gallery.dialog.get_by_role("button", name="Purge these 3 takes").click()
        await expect(gallery.dialog.get_by_role("button", name="Keep them")).to_be_focused()
        assert daemon.film.media(1).exists()
        await gallery.dialog.get_by_role("button", name="Purge 3 takes for good").click()
        await expect(gallery.dialog.get_by_role("status").get_by_text("3 takes purged.")).to_be_visible()
        assert [daemon.film.media(number).exists() for number in (1, 2, 3, 4, 5)] == [False] * 3 + [True] * 2
        await gallery.page.keyboard.press("Escape")

        await expect(gallery.take(2)).to_have_accessible_name("Take 2, purged, still")
        await gallery.pictures_are_there(gallery.take(2))
        await expect(
            gallery.recipe.get_by_text(re.compile(r"^\s*Purged .+ are gone for good"))
        ).to_be_visible()
        await expect(gallery.button("Restore")).to_have_count(0)
        await expect(gallery.button("Play")).to_be_disabled()
        await expect(gallery.recipe.get_by_role("link", name="Download")).to_have_count(0)
        await gallery.recipe.get_by_role("button", name="New take from its recipe").click()
        await expect(gallery.dialog.get_by_label("Prompt", exact=True)).to_have_value("waves")
        await gallery.dialog.get_by_role("button", name="Generate").click()
        await expect(gallery.take(6)).to_have_attribute("aria-selected", "true")
        await daemon.verify()


@pytest.mark.parametrize("size", SIZES)
async def test_a_click_too_many_purges_nothing(tmp_path: Path, browser: Browser, size: str) -> None:
    async with keeping(tmp_path) as daemon, visiting(browser, daemon, AT_DAWN, size=SIZES[size]) as gallery:
        await open_storage(gallery)
        await show_what_would_go(gallery)
        purge = gallery.dialog.get_by_role("button", name="Purge these 2 takes")
        keep = gallery.dialog.get_by_role("button", name="Keep them")
        box = await purge.bounding_box()
        assert box is not None
        for x in (0.2, 0.5, 0.9):
            await purge.dblclick(position={"x": box["width"] * x, "y": box["height"] / 2})
            if await keep.is_visible():
                await keep.click()
            await expect(purge).to_be_enabled()
        assert not [one for one in await daemon.events() if one["type"] == "take.purged"]


async def test_other_takes_than_those_that_were_shown_are_not_purged(
    tmp_path: Path, browser: Browser
) -> None:
    async with keeping(tmp_path) as daemon, visiting(browser, daemon, AT_DAWN) as gallery:
        await open_storage(gallery)
        await show_what_would_go(gallery)
        await gallery.dialog.get_by_role("button", name="Purge these 2 takes").click()
        restored = await daemon.ask("POST", f"shots/{full_id(DAWN)}/takes/take_001/restore")
        assert restored.status_code == 200
        await gallery.dialog.get_by_role("button", name="Purge 2 takes for good").click()
        await expect(gallery.dialog.get_by_role("alert")).to_contain_text("Nothing was purged")
        await expect(gallery.dialog.get_by_role("listitem")).to_have_text(re.compile("Take 2"))
        assert daemon.film.media(2).exists()
        await check_look(gallery, "storage-changed")
        gallery.forgive("409")


async def test_takes_without_a_second_name_are_told_with_what_to_do(tmp_path: Path, browser: Browser) -> None:
    bare = [Old(1, picture("dawn", DAYBREAK), "complete", has_object=False)]
    async with (
        keeping(tmp_path, bare, objects="off") as daemon,
        visiting(browser, daemon, AT_DAWN) as gallery,
    ):
        await open_storage(gallery)
        await expect(gallery.dialog.get_by_text("No take is protected")).to_be_visible()
        await check_look(gallery, "storage-unprotected")


@pytest.mark.parametrize("size", SIZES)
async def test_the_storage_can_be_read_by_everybody(tmp_path: Path, browser: Browser, size: str) -> None:
    async with (
        keeping(tmp_path, cleanup={"deleted_after_days": 7.0, "every_hours": 0}) as daemon,
        visiting(browser, daemon, AT_DAWN, size=SIZES[size]) as gallery,
    ):
        await gallery.button("Show deleted").click()
        await gallery.pictures_are_there(gallery.takes)
        await open_storage(gallery)
        await gallery.dialog.get_by_text("As configured").click()
        await show_what_would_go(gallery)
        await expect(gallery.dialog.get_by_role("listitem")).to_have_count(2)
        await check_look(gallery, f"storage-policy-{size}")
        await gallery.dialog.get_by_text("My own rules").click()
        await gallery.dialog.get_by_label("Newest to keep").fill("1")
        await gallery.dialog.get_by_label("Days since failed").fill("2")
        await show_what_would_go(gallery)
        await expect(gallery.dialog.get_by_role("listitem")).to_have_count(4)
        await check_look(gallery, f"storage-{size}")
        await gallery.dialog.get_by_role("button", name="Purge these 4 takes").click()
        await check_look(gallery, f"storage-asked-{size}")
        await gallery.dialog.get_by_role("button", name="Purge 4 takes for good").click()
        await expect(gallery.dialog.get_by_text("4 takes purged.")).to_be_visible()
        await check_look(gallery, f"storage-done-{size}")
        await gallery.page.keyboard.press("Escape")
        if await gallery.menu.is_visible():
            await gallery.page.keyboard.press("Escape")
        await gallery.take(2).click()
        await until(
            lambda: holds(gallery.takes.locator("img"), "all => all.every((one) => one.naturalWidth > 0)")
        )
        if not await gallery.recipe.is_visible():
            await screenshot(gallery.page, f"purged-grid-{size}")
            await gallery.button("Show the recipe").click()
        await expect(gallery.recipe.get_by_text("gone for good")).to_be_visible()
        await check_look(gallery, f"purged-{size}")
