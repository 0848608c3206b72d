"""The gallery in a real browser: the film is found, its takes are chosen, and all of it stays up to date by itself."""

import re
from pathlib import Path

import anyio
import pytest
from playwright.async_api import Browser, Route, expect

from projections.layout import full_id, take_name
from tests.e2e.crossing import (
    FAILED,
    GULLS,
    QUEUED,
    RUNNING,
    SWELL,
    clip,
    drop,
)
from tests.e2e.film import COMMAND, Daemon, running_daemon
from tests.e2e.gallery.browser import Gallery, address, says, visiting
from tests.support.film import DAWN, NOON, environment, make_film, still, until

pytestmark = pytest.mark.asyncio(loop_scope="session")

COMPLETE = 4
"""Takes of the first shot that have a picture."""

PLACES = """(which) => Object.fromEntries([...document.querySelectorAll(which)].map((picture) =>
  [/take_\\d+/.exec(picture.srcset)[0], picture.getBoundingClientRect().toJSON()]))"""
"""Of the pictures of takes that are there, where each is."""

AT_GULLS = f"/p/myfilm/{full_id(GULLS)}"
AT_DAWN = f"/p/myfilm/{full_id(DAWN)}"


# The way in.


async def test_the_address_that_takes_open_prints_leads_to_the_film(shown: Daemon, browser: Browser) -> None:
    command = [*COMMAND, "open", "--print", "--socket", str(shown.socket)]
    said = await anyio.run_process(command, env=environment(shown.film.folder))
    async with visiting(browser, shown, None) as gallery:
        await gallery.page.goto(said.stdout.decode().strip())
        await expect(gallery.heading).to_have_text("MyFilm")
        await expect(gallery.page).to_have_title("MyFilm · takes")
        assert "token" not in gallery.page.url


async def test_without_that_address_the_page_says_what_to_do(shown: Daemon, browser: Browser) -> None:
    async with visiting(browser, shown, None) as gallery:
        await gallery.page.goto((await address(shown)).partition("/open")[0])
        await expect(gallery.page.get_by_text("takes open")).to_be_visible()
        gallery.forgive("401")


# The film.


async def test_the_film_is_a_tree_of_chapters_scenes_and_shots_with_counts(
    shown: Daemon, browser: Browser
) -> None:
    async with visiting(browser, shown) as gallery:
        await says(gallery.node("The Harbour"), "3 shots", "9 takes")
        await says(gallery.node("The Ticket Office"), "1 shot", "1 take")
        await says(gallery.node("Gulls Over The Pier"), "7 takes")
        await says(gallery.node("Night Swell"), "0 takes")
        await expect(gallery.page.get_by_text("5 shots · 10 takes · 4 with an active take")).to_be_visible()
        await gallery.node("Mara Ties The Boat").click()
        await expect(gallery.heading).to_have_text(re.compile("Mara Ties The Boat"))
        await expect(gallery.take(1)).to_be_visible()


async def test_another_project_is_a_choice_away(shown: Daemon, browser: Browser) -> None:
    async with visiting(browser, shown) as gallery:
        await gallery.page.get_by_role("combobox", name="Project").select_option("Untitled")
        await expect(gallery.page.get_by_role("heading", name="No shot yet")).to_be_visible()
        await gallery.page.go_back()
        await expect(gallery.heading).to_have_text("MyFilm")


async def test_a_shot_is_found_by_its_name(shown: Daemon, browser: Browser) -> None:
    async with visiting(browser, shown) as gallery:
        gulls, mara = (gallery.tree.get_by_role("treeitem", name=name) for name in ("Gulls", "Mara"))
        await expect(gulls).to_be_visible()
        await gallery.page.keyboard.press("/")
        await gallery.page.keyboard.type("mara")
        await expect(gulls).to_have_count(0)
        await expect(mara).to_be_visible()
        await gallery.page.keyboard.press("Enter")
        await expect(gallery.heading).to_have_text(re.compile("Mara Ties The Boat"))


async def test_what_is_typed_before_the_palette_is_there_is_not_lost(shown: Daemon, browser: Browser) -> None:
    async with visiting(browser, shown) as gallery:
        await gallery.page.route("**/Overlays*.js", slowly)
        await expect(gallery.heading).to_have_text("MyFilm")
        await gallery.page.keyboard.press("Control+k")
        await gallery.page.keyboard.type("mara")
        await gallery.page.keyboard.press("Enter")
        await expect(gallery.heading).to_have_text(re.compile("Mara Ties The Boat"))


async def slowly(route: Route) -> None:
    """Bring what is asked for half a second late."""
    await anyio.sleep(0.5)
    await route.continue_()


async def test_a_take_is_found_by_the_words_of_its_recipe(shown: Daemon, browser: Browser) -> None:
    async with visiting(browser, shown) as gallery:
        await gallery.search.fill("dusk pier")
        await expect(gallery.heading).to_have_text("Takes found")
        await expect(gallery.page.get_by_text("1 take", exact=True)).to_be_visible()
        await gallery.search.press("Enter")
        await expect(gallery.takes).to_be_focused()
        await gallery.page.keyboard.press("Enter")
        await expect(gallery.take(2)).to_have_attribute("aria-selected", "true")
        await gallery.page.go_back()
        await expect(gallery.search).to_have_value("dusk pier")


async def test_a_shot_without_a_take_says_where_to_drop_one(shown: Daemon, browser: Browser) -> None:
    async with visiting(browser, shown, f"/p/myfilm/{full_id(SWELL)}") as gallery:
        await expect(gallery.page.get_by_text(str(shown.film.takes(SWELL)))).to_be_visible()


async def test_the_first_pictures_are_drawn_where_the_page_will_have_them(
    shown: Daemon, browser: Browser
) -> None:
    scripts_may_come = anyio.Event()

    async def hold(route: Route) -> None:
        await scripts_may_come.wait()
        await route.continue_()

    async with visiting(browser, shown, None) as gallery:
        await gallery.page.route("**/index-*.js", hold)
        async with anyio.create_task_group() as group:
            group.start_soon(gallery.visit, AT_GULLS)
            try:
                await expect(gallery.page.locator("#first img")).to_have_count(COMPLETE)
                before = await gallery.page.evaluate(PLACES, "#first img")
            finally:
                scripts_may_come.set()
        await expect(gallery.page.locator("#first")).to_have_count(0)
        after = await gallery.page.evaluate(PLACES, "[role=option] img")
    further_down = {round(after[one]["y"] - place["y"]) for one, place in before.items()}
    assert (
        len(further_down) == 1
    )  # the name of the shot, and what it was asked for, have as many lines as they need
    for one, place in before.items():
        for side in ("x", "width", "height"):
            assert after[one][side] == pytest.approx(place[side], abs=1)


# What happens is seen.


async def test_a_dropped_file_appears_by_itself_with_its_picture(tmp_path: Path, browser: Browser) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, port=0) as daemon, visiting(browser, daemon, AT_DAWN) as gallery:
        await expect(gallery.page.get_by_text("No take yet")).to_be_visible()
        film.drop(clip("first"), "first.mp4")
        await expect(gallery.take(1)).to_have_accessible_name("Take 1, complete, active, 1 second")
        await gallery.pictures_are_there(gallery.take(1))
        film.drop(still(), "second.png")
        await expect(gallery.take(2)).to_have_accessible_name("Take 2, complete, still")
        await gallery.pictures_are_there(gallery.take(2))
        await says(gallery.node("Dawn"), "2 takes")


async def test_every_take_says_how_it_is(shown: Daemon, browser: Browser) -> None:
    async with visiting(browser, shown, AT_GULLS) as gallery:
        await expect(gallery.take(1)).to_contain_text("Active")
        await expect(gallery.take(FAILED)).to_contain_text("Failed")
        reason = (await shown.take(FAILED, GULLS) or {})["error"]
        await expect(gallery.take(FAILED).get_by_text(reason, exact=True)).to_be_visible()
        await expect(gallery.take(RUNNING)).to_contain_text("40 %, frame 29 of 72")
        bar = gallery.take(RUNNING).get_by_role("progressbar")
        await expect(bar).to_have_attribute("aria-valuenow", "40")
        await expect(gallery.take(QUEUED)).to_contain_text("Queued")


# What can be done.


async def test_a_click_selects_and_the_arrows_move(shown: Daemon, browser: Browser) -> None:
    async with visiting(browser, shown, AT_GULLS) as gallery:
        await expect(gallery.take(1)).to_have_attribute("aria-selected", "true")
        await gallery.take(FAILED).click()
        await expect(gallery.take(FAILED)).to_have_attribute("aria-selected", "true")
        await expect(gallery.take(1)).to_have_attribute("aria-selected", "false")
        await expect(gallery.takes).to_be_focused()
        for key, number in (("ArrowRight", 4), ("ArrowLeft", 5), ("End", 1), ("Home", QUEUED)):
            await gallery.page.keyboard.press(key)
            await expect(gallery.take(number)).to_have_attribute("aria-selected", "true")


async def test_a_key_makes_a_take_active_and_the_link_on_the_disk_follows(
    tmp_path: Path, browser: Browser
) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, port=0) as daemon:
        await drop(daemon, DAWN, still(1), ".png")
        await drop(daemon, DAWN, still(2), ".png")
        async with visiting(browser, daemon, AT_DAWN) as gallery:
            await gallery.take(2).click()
            await gallery.page.keyboard.press("a")
            await expect(gallery.take(2)).to_have_accessible_name("Take 2, complete, active, still")
            await expect(gallery.take(1)).to_have_accessible_name("Take 1, complete, still")
            await until(lambda: links_to(daemon, 2))


async def links_to(daemon: Daemon, number: int) -> bool:
    return str(daemon.film.link()).endswith(take_name(number))


async def test_a_deletion_can_be_undone_and_what_is_deleted_be_seen_and_restored(
    tmp_path: Path, browser: Browser
) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, port=0) as daemon:
        await drop(daemon, DAWN, still(1), ".png")
        await drop(daemon, DAWN, still(2), ".png")
        async with visiting(browser, daemon, AT_DAWN) as gallery:
            await gallery.take(2).click()
            await gallery.page.keyboard.press("Delete")
            await expect(gallery.take(2)).to_have_count(0)
            await gallery.messages.get_by_role("button", name="Undo").click()
            await expect(gallery.take(2)).to_be_visible()

            await gallery.take(2).click()
            await gallery.page.keyboard.press("Delete")
            await expect(gallery.take(2)).to_have_count(0)
            await gallery.button("Show deleted").click()
            await expect(gallery.take(2)).to_have_accessible_name("Take 2, complete, deleted, still")
            await gallery.take(2).click()
            await gallery.button("Restore").click()
            await expect(gallery.take(2)).to_have_accessible_name("Take 2, complete, still")
            assert not (await daemon.take(2) or {})["deleted"]


async def test_the_keyboard_alone_leads_from_the_start_to_another_active_take(
    tmp_path: Path, browser: Browser
) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, port=0) as daemon:
        await drop(daemon, NOON, still(1), ".png")
        await drop(daemon, NOON, still(2), ".png")
        async with visiting(browser, daemon) as gallery:
            await expect(gallery.node("Dawn")).to_be_visible()
            await tab_to(gallery, "treeitem")
            await gallery.page.keyboard.press("End")
            await expect(gallery.node("Noon")).to_be_focused()
            await gallery.page.keyboard.press("Enter")
            await expect(gallery.take(1)).to_have_attribute("aria-selected", "true")
            await tab_to(gallery, "listbox")
            await gallery.page.keyboard.press("ArrowLeft")
            await gallery.page.keyboard.press("a")
            await expect(gallery.take(2)).to_have_accessible_name("Take 2, complete, active, still")
            assert await daemon.active(NOON) == take_name(2)


async def tab_to(gallery: Gallery, role: str) -> None:
    """Press Tab until something of that role has the focus."""
    for _ in range(30):
        await gallery.page.keyboard.press("Tab")
        if await gallery.page.evaluate("document.activeElement.role") == role:
            return
    raise AssertionError(f"Tab leads to no {role}")


async def test_shots_and_commands_are_a_word_away_and_the_film_folds_away(
    shown: Daemon, browser: Browser
) -> None:
    async with visiting(browser, shown, f"/p/myfilm/{full_id(SWELL)}") as gallery:
        keys = gallery.page.keyboard
        await expect(gallery.tree).to_be_visible()
        await keys.press("Control+b")
        await expect(gallery.tree).to_be_hidden()
        await expect(gallery.menu).to_be_visible()
        await keys.press("Control+k")
        await expect(gallery.dialog.get_by_role("combobox")).to_be_focused()
        await keys.type("gulls")
        await expect(gallery.dialog.get_by_role("option", name="Gulls Over The Pier")).to_be_visible()
        await keys.press("Enter")
        await expect(gallery.heading).to_have_text(re.compile("Gulls Over The Pier"))
        await expect(gallery.dialog).to_have_count(0)
        await gallery.take(1).click()
        await keys.press("Control+c")
        await expect(gallery.page.get_by_text("1 path copied.")).to_be_visible()
        copied = await gallery.page.evaluate("navigator.clipboard.readText()")
        assert copied.startswith(str(shown.film.takes(GULLS)))
        await keys.press("Control+b")
        await expect(gallery.tree).to_be_visible()
