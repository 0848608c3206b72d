"""The gallery in a real browser: looking back, and searches that are kept, by keys alone."""

import json
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from projections.layout import full_id
from tests.e2e.crossing import drop
from tests.e2e.film import Daemon, running_daemon
from tests.e2e.gallery.browser import Gallery, check_look, screenshot, violations, visiting
from tests.support.film import DAWN, NOON, make_film, still, until

pytestmark = pytest.mark.asyncio(loop_scope="session")

AT_DAWN = f"/p/myfilm/{full_id(DAWN)}"


async def palette(gallery: Gallery, words: str) -> None:
    """Do what is called so."""
    keys = gallery.page.keyboard
    await keys.press("Control+k")
    await expect(gallery.dialog.get_by_role("combobox")).to_be_focused()
    await keys.type(words)
    await keys.press("Enter")


async def offers_nothing(gallery: Gallery) -> None:
    """The page has nothing that would change what it shows."""
    for button in ("New take", "Make active", "Delete", "Pick", "Cull"):
        await expect(gallery.button(button)).to_have_count(0)
    await expect(gallery.recipe.get_by_role("textbox", name="A note")).to_have_count(0)


async def test_a_shot_is_shown_as_it_was_and_nothing_changes_there(tmp_path: Path, browser: Browser) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, port=0) as daemon:
        for number in (1, 2):
            await drop(daemon, DAWN, still(number), ".png")
        rated = await daemon.ask("PATCH", f"shots/{full_id(DAWN)}/takes/take_002", {"rating": 3})
        assert rated.is_success
        await drop(daemon, DAWN, still(3), ".png")
        async with visiting(browser, daemon, AT_DAWN) as gallery:
            keys, page = gallery.page.keyboard, gallery.page
            await expect(gallery.take(3)).to_be_visible()
            await palette(gallery, "history of the shot")
            rows = gallery.dialog.get_by_role("listitem")
            await expect(rows.first).to_contain_text("Take 3 is complete.")
            await expect(rows.first.get_by_role("button")).to_be_focused()
            await screenshot(page, "history")
            assert not await violations(page)
            while "is rated 3" not in await page.evaluate("document.activeElement.innerText"):
                await keys.press("ArrowDown")
            await keys.press("Enter")
            banner = page.get_by_role("status").filter(has_text="As it was on")
            await expect(banner).to_be_visible()
            await expect(gallery.take(2)).to_be_visible()
            await expect(gallery.take(3)).to_have_count(0)
            await offers_nothing(gallery)
            await check_look(gallery, "as-it-was")
            head = (await daemon.status())["position"]
            await gallery.takes.focus()
            await keys.press("5")
            await keys.press("Delete")
            await keys.press("Control+z")
            await expect(gallery.messages.first).to_contain_text("nothing can be changed")
            assert (await daemon.status())["position"] == head
            await palette(gallery, "back to now")
            await expect(gallery.take(3)).to_be_visible()
            await expect(banner).to_have_count(0)

            await palette(gallery, "history of the film")
            await expect(gallery.dialog.get_by_role("listitem").first).to_be_visible()
            await gallery.dialog.get_by_role("textbox").focus()
            await keys.type("next friday")
            gallery.forgive("moment.at=next")
            await keys.press("Enter")
            await expect(gallery.dialog.get_by_role("alert")).to_be_visible()
            await keys.press("Control+a")
            await keys.type("0")
            gallery.forgive("takes.asOf=0")  # the page may ask for a shot that was not there then
            await keys.press("Enter")
            await expect(page.get_by_text("As it was at the beginning")).to_be_visible()
        async with visiting(browser, daemon, f"{AT_DAWN}?asOf={head - 4}") as gallery:
            await expect(gallery.page.get_by_text(f"Position {head - 4} of the log")).to_be_visible()
            await expect(gallery.take(2)).to_be_visible()
            await expect(gallery.take(3)).to_have_count(0)


async def test_a_search_is_kept_found_sorted_and_removed_by_keys(tmp_path: Path, browser: Browser) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, port=0) as daemon:
        for number, seed in ((1, 9), (2, 7), (3, 8)):
            film.takes().joinpath(f"{number}.json").write_text(json.dumps({"seed": seed, "prompt": "gulls"}))
            film.drop(still(number), f"{number}.png")
            await daemon.finished(number)
        await drop(daemon, NOON, still(9), ".png")

        async def searches() -> dict[str, str]:
            return {one["name"]: one["query"] for one in (await daemon.get("searches"))["searches"]}

        async def are(expected: dict[str, str]) -> bool:
            return await searches() == expected

        async def shown(gallery: Gallery, *numbers: int) -> None:
            names = gallery.takes.get_by_role("option").locator("strong")
            await expect(names).to_have_text([f"Take {number}" for number in numbers])

        async with visiting(browser, daemon, AT_DAWN) as gallery:
            keys, page = gallery.page.keyboard, gallery.page
            await expect(gallery.take(3)).to_be_visible()
            await keys.press("/")
            await keys.type("gulls")
            await keys.press("Enter")
            await shown(gallery, 3, 2, 1)
            await page.get_by_label("Order").focus()
            await keys.type("By seed")
            await shown(gallery, 2, 3, 1)
            await gallery.takes.focus()
            await palette(gallery, "save this search")
            await expect(gallery.dialog.get_by_role("textbox")).to_be_focused()
            await keys.type("of the pier")
            await keys.press("Enter")
            await until(lambda: are({"of the pier": "gulls"}))
            await expect(page.get_by_role("group", name="Saved").get_by_role("button")).to_have_text(
                "of the pier"
            )
            await expect(gallery.dialog).to_have_count(0)
            await check_look(gallery, "saved-searches")
            await palette(gallery, "the whole film")
            await palette(gallery, "of the pier")
            await shown(gallery, 2, 3, 1)

            await gallery.takes.focus()
            await keys.press("Control+a")
            await keys.press("p")
            await until(lambda: picked(daemon, 3))
            await palette(gallery, "saved searches")
            await screenshot(page, "searches")
            await gallery.dialog.get_by_role("button", name="Remove of the pier").focus()
            await keys.press("Enter")
            await until(lambda: are({}))
            await keys.press("Escape")
            await keys.press("Control+z")
            await until(lambda: are({"of the pier": "gulls"}))
            await keys.press("Control+z")
            await until(lambda: picked(daemon, 0))


async def picked(daemon: Daemon, count: int) -> bool:
    return [one["mark"] for one in await daemon.takes()].count("pick") == count


async def test_what_is_done_to_takes_of_two_shots_is_one_choice(tmp_path: Path, browser: Browser) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, port=0) as daemon:
        await drop(daemon, DAWN, still(1), ".png")
        await drop(daemon, NOON, still(2), ".png")

        async def marks(*expected: str) -> bool:
            found = [one["mark"] for shot in (DAWN, NOON) for one in await daemon.takes(shot)]
            return [*expected] == found

        async with visiting(browser, daemon, "/p/myfilm?find=kind:image") as gallery:
            keys = gallery.page.keyboard
            await expect(gallery.takes.get_by_role("option")).to_have_count(2)
            await gallery.takes.focus()
            await keys.press("Control+a")
            await keys.press("x")
            await until(lambda: marks("reject", "reject"))
            await keys.press("Control+z")
            await until(lambda: marks("none", "none"))
            await keys.press("Control+Shift+z")
            await until(lambda: marks("reject", "reject"))


async def test_what_has_come_since_the_last_visit_is_new(tmp_path: Path, browser: Browser) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, port=0) as daemon:
        await drop(daemon, DAWN, still(1), ".png")
        async with visiting(browser, daemon, AT_DAWN) as gallery:
            context = gallery.page.context
            await expect(gallery.take(1)).to_be_visible()
            await until(lambda: has_looked(gallery, daemon))
            await gallery.page.close()
            await drop(daemon, NOON, still(2), ".png")
            again = Gallery(await context.new_page(), daemon)
            await again.visit("/p/myfilm")
            await expect(again.node("Noon")).to_be_visible()
            await palette(again, "new since you looked")
            await expect(again.takes.get_by_role("option")).to_have_count(1)
            await expect(again.takes.get_by_role("option")).to_contain_text("Noon")
            await until(lambda: has_looked(again, daemon))
            await again.page.close()
            last = Gallery(await context.new_page(), daemon)
            await last.visit("/p/myfilm?find=is:new")
            await expect(last.page.get_by_text("No take is like that")).to_be_visible()


async def has_looked(gallery: Gallery, daemon: Daemon) -> bool:
    looked = await gallery.page.evaluate("Number(localStorage.getItem('takes.looked.myfilm'))")
    return bool(looked >= (await daemon.status())["position"])
