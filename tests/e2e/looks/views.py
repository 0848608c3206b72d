"""Every view of the gallery, and how it is come by: for the tests that look at all of them, and for their pictures."""

from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

from playwright.async_api import expect

from projections.layout import full_id
from tests.e2e.crossing import COMPLETE, DELETED, GULLS, LIGHT, MARA, OLD, PURGED, SWELL
from tests.e2e.gallery.browser import Gallery, address
from tests.support.film import DAWN, until

Act = Callable[[Gallery], Awaitable[None]]

AT_GULLS = f"/p/myfilm/{full_id(GULLS)}"
AT_OLD = f"/p/{OLD.lower()}/{full_id(DAWN)}"
PROMPT = "gulls over a pier at dawn, 35 mm"


class View(NamedTuple):
    """A place in the page, or None for one of its own; what leads to the view from there, and what in every window."""

    place: str | None
    go: Act | None = None
    again: Act | None = None
    """What has to be done anew where the window has become another one."""
    forgiven: str = ""


async def pictures(gallery: Gallery) -> None:
    await gallery.pictures_are_there()


async def chosen(gallery: Gallery) -> None:
    await gallery.take(1).click()
    await gallery.pictures_are_there(gallery.takes)


async def large_above_strip(gallery: Gallery) -> None:
    await expect(gallery.take(COMPLETE)).to_be_visible()
    await gallery.pictures_are_there()


async def deleted_takes(gallery: Gallery) -> None:
    await gallery.button("Show deleted").click()
    await gallery.take(DELETED).click()


async def purged(gallery: Gallery) -> None:
    await gallery.button("Show deleted").click()
    await gallery.take(PURGED).click()


async def open_left(gallery: Gallery) -> None:
    """Have the film and the search be there, which a narrow page has behind its menu."""
    if await gallery.menu.is_visible() and not await gallery.tree.is_visible():
        await gallery.menu.click()
    await expect(gallery.node("Gulls Over The Pier")).to_be_visible()


async def open_recipe(gallery: Gallery) -> None:
    if not await gallery.recipe.is_visible():
        await gallery.button("Show the recipe").click()
    await expect(gallery.recipe.get_by_role("button", name="Copy as JSON")).to_be_visible()


async def open_purged_recipe(gallery: Gallery) -> None:
    if not await gallery.recipe.is_visible():
        await gallery.button("Show the recipe").click()
    await expect(gallery.recipe.get_by_text("gone for good")).to_be_visible()


async def playing(gallery: Gallery) -> None:
    """Wait until what can be seen has begun to move, and have it stand still."""

    async def moves() -> bool:
        times = await gallery.dialog.locator("video").evaluate_all("all => all.map((one) => one.currentTime)")
        return bool(times) and times[0] > 0.2

    await until(moves)
    await gallery.dialog.get_by_role("button", name="Pause").click()


async def player(gallery: Gallery) -> None:
    await gallery.take(1).dblclick()
    await playing(gallery)


async def still(gallery: Gallery) -> None:
    await gallery.take(3).dblclick()
    await expect(gallery.dialog.locator("img").first).to_be_visible()


def compared(view: str) -> Act:
    async def go(gallery: Gallery) -> None:
        await gallery.take(1).click()
        await gallery.take(2).click(modifiers=["Shift"])
        await gallery.page.keyboard.press("c")
        await playing(gallery)
        await gallery.page.keyboard.press(view)

    return go


async def reel(gallery: Gallery) -> None:
    await gallery.button("Play the reel").click()
    await playing(gallery)


def keys(*presses: str, shows: str = "") -> Act:
    """What these keys lead to from the first take, with those words in it."""

    async def go(gallery: Gallery) -> None:
        await chosen(gallery)
        for key in presses:
            await gallery.page.keyboard.press(key)
        await expect(gallery.dialog).to_contain_text(shows)

    return go


def command(words: str, shows: str) -> Act:
    """What the palette leads to by these words, from whatever is shown."""

    async def go(gallery: Gallery) -> None:
        await expect(gallery.heading).to_be_visible()
        await gallery.page.keyboard.press("Control+k")
        await expect(gallery.dialog.get_by_role("combobox")).to_be_focused()
        await gallery.page.keyboard.type(words)
        await gallery.page.keyboard.press("Enter")
        await expect(gallery.dialog).to_contain_text(shows)

    return go


async def menu(gallery: Gallery) -> None:
    """Of a take; it closes as soon as the window changes."""
    await expect(gallery.page.get_by_role("region", name="Files on their way")).to_be_attached()
    await gallery.take(1).click(button="right")
    await expect(gallery.page.get_by_role("menu")).to_be_visible()


async def find(gallery: Gallery) -> None:
    await expect(gallery.takes.get_by_role("option")).to_have_count(2)
    await gallery.pictures_are_there(gallery.takes)


async def wrong_query(gallery: Gallery) -> None:
    await expect(gallery.page.get_by_text("there is no field 'modl'")).to_be_visible()


async def as_it_was(gallery: Gallery) -> None:
    await expect(gallery.page.get_by_role("status").filter(has_text="As it was on")).to_be_visible()
    await expect(gallery.take(1)).to_be_visible()


async def no_shot(gallery: Gallery) -> None:
    await expect(gallery.page.get_by_role("heading", name="No shot yet")).to_be_visible()


def says(words: str) -> Act:
    async def go(gallery: Gallery) -> None:
        await expect(gallery.page.get_by_text(words).last).to_be_visible()

    return go


async def nobody_there(gallery: Gallery) -> None:
    await gallery.page.route("**/api/**", lambda route: route.abort())
    await gallery.page.evaluate("location.hash = '#/p/untitled'")
    await expect(gallery.page.get_by_text("The daemon does not answer")).to_be_visible()


async def locked(gallery: Gallery) -> None:
    await gallery.page.goto((await address(gallery.daemon)).partition("/open")[0])
    await expect(gallery.page.get_by_text("takes open")).to_be_visible()


async def guest(gallery: Gallery) -> None:
    """What a link leads to."""
    made = await gallery.daemon.ask("POST", "shares", {"of": None, "days": 1, "notes": True})
    await gallery.page.goto((await address(gallery.daemon)).partition("/open")[0] + made.json()["path"])
    await expect(gallery.heading).to_have_text("MyFilm")
    await gallery.pictures_are_there()


async def screening(gallery: Gallery) -> None:
    await guest(gallery)
    await gallery.page.get_by_role("button", name="001 Gulls").click()
    await expect(gallery.dialog.locator("video")).to_be_visible()


VIEWS: Mapping[str, View] = {
    "overview": View("", pictures),
    "film": View(AT_GULLS, None, open_left),
    "shot": View(AT_GULLS, chosen),
    "large": View(AT_OLD, large_above_strip),
    "one-take": View(f"/p/myfilm/{full_id(MARA)}", pictures),
    "one-still": View(f"/p/myfilm/{full_id(LIGHT)}", pictures),
    "deleted": View(AT_GULLS, deleted_takes),
    "purged": View(AT_OLD, purged, open_purged_recipe),
    "recipe": View(AT_GULLS, chosen, open_recipe),
    "player": View(AT_GULLS, player),
    "still": View(AT_GULLS, still),
    "compare": View(AT_GULLS, compared("1")),
    "wipe": View(AT_GULLS, compared("2")),
    "difference": View(AT_GULLS, compared("3")),
    "overlay": View(AT_GULLS, compared("4")),
    "reel": View("", reel),
    "cull": View(AT_GULLS, keys("v")),
    "generate": View(AT_GULLS, keys("n", shows="Generate")),
    "tag": View(AT_GULLS, keys("t", shows="Tag")),
    "note": View(AT_GULLS, keys("m", shows="note")),
    "keys": View(AT_GULLS, keys("?", shows="Everywhere")),
    "palette": View(AT_GULLS, keys("Control+k", "s", "w", shows="Night Swell")),
    "menu": View(AT_GULLS, None, menu),
    "find": View("/p/myfilm?find=pier", find),
    "wrong-query": View("/p/myfilm?find=pier%20modl%3Awan", wrong_query, forgiven="422"),
    "searches": View("/p/myfilm?find=pier", command("save this search", "search")),
    "history": View(AT_GULLS, command("history of the shot", "is complete")),
    "past": View(f"{AT_GULLS}?asOf=8", as_it_was),
    "shot-notes": View(AT_GULLS, command("notes on the shot", "Notes")),
    "new-shot": View("", command("new shot", "New shot")),
    "storage": View(AT_OLD, command("storage", "Media")),
    "no-take": View(f"/p/myfilm/{full_id(SWELL)}", says("No take yet")),
    "no-shot": View("/p/untitled", no_shot),
    "no-such-shot": View("/p/myfilm/01_Nowhere", says("There is no such shot"), forgiven="404"),
    "no-such-film": View("/p/nowhere", says("There is no such project"), forgiven="404"),
    "nobody": View("", nobody_there, forgiven="net::ERR_FAILED"),
    "locked": View(None, locked, forgiven="401"),
    "guest": View(None, guest),
    "guest-screen": View(None, screening),
}
