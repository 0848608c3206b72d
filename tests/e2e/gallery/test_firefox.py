"""The gallery in Debian's Firefox: what a director does all day works there as it does in Chromium."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, expect

from projections.layout import full_id, take_name
from tests.e2e.crossing import clip, drop, is_known
from tests.e2e.film import Daemon, running_daemon
from tests.e2e.gallery.browser import THEMES, Gallery, says, screenshot, violations, visiting
from tests.e2e.gallery.firefox import browsing_firefox, firefox
from tests.left_out import leave_out
from tests.support.film import DAWN, make_film, still, until

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(180)]

AT_DAWN = f"/p/myfilm/{full_id(DAWN)}"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def fox(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Browser]:
    """A Firefox, started once."""
    path = firefox()
    if path is None:
        leave_out("no Firefox here: the gallery was tested in Chromium alone; install firefox-esr")
    async with browsing_firefox(path, tmp_path_factory.mktemp("fox")) as one:
        yield one


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def daemon(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Daemon]:
    """The daemon of a film whose first shot has two clips."""
    film = await make_film(tmp_path_factory.mktemp("film"))
    async with running_daemon(film, port=0) as one:
        await is_known(one, DAWN)
        for label in ("dawn", "dusk"):
            await drop(one, DAWN, clip(label), ".mp4", {"prompt": f"gulls at {label}"})
        yield one


async def check(gallery: Gallery, name: str) -> None:
    """Keep a picture of it, and find fault with nothing."""
    gallery.forgive("style-src")  # which forbids the style by which Playwright has a picture stand still
    await screenshot(gallery.page, name)
    assert not await violations(gallery.page)


async def frame_of(window: Locator) -> int:
    return int((await window.get_by_title("The frame, from 0").inner_text()).partition("/")[0])


async def moves(video: Locator) -> None:
    """Wait until a video has moved."""

    async def has_moved() -> bool:
        return bool(await video.evaluate("one => one.currentTime > 0"))

    await until(has_moved)


async def test_the_film_is_found_and_read_by_everybody_in_both_themes(daemon: Daemon, fox: Browser) -> None:
    async with visiting(fox, daemon) as gallery:
        await expect(gallery.heading).to_have_text("MyFilm")
        await gallery.pictures_are_there()
        for theme in THEMES:
            other = gallery.button(f"Use the {theme} theme")
            if await other.count():
                await other.click()
            await check(gallery, f"firefox-overview-{theme}")
            await gallery.node("Dawn").click()
            await gallery.pictures_are_there(gallery.takes)
            await check(gallery, f"firefox-shot-{theme}")
            await gallery.page.go_back()


async def test_a_clip_is_played_and_stepped_by_frames(daemon: Daemon, fox: Browser) -> None:
    async with visiting(fox, daemon, AT_DAWN) as gallery:
        await gallery.take(1).click()
        await gallery.page.keyboard.press("Space")
        player = gallery.page.get_by_role("dialog", name="Take 1, player")
        await moves(player.locator("video"))
        for key in ("k", "Home", ".", ".", "."):
            await gallery.page.keyboard.press(key)

        async def is_there() -> bool:
            at = await player.locator("video").evaluate("one => Math.floor(one.currentTime * 24)")
            return bool(at == await frame_of(player) == 3)

        await until(is_there)
        await check(gallery, "firefox-player")
        await gallery.page.keyboard.press("Escape")
        await expect(gallery.takes).to_be_focused()


async def test_two_takes_are_compared_in_step(daemon: Daemon, fox: Browser) -> None:
    async with visiting(fox, daemon, AT_DAWN) as gallery:
        await gallery.take(1).click()
        await gallery.take(2).click(modifiers=["Shift"])
        await gallery.page.keyboard.press("c")
        window = gallery.page.get_by_role("dialog", name="Take 1 and Take 2 compared")
        for number in (0, 1):
            await moves(window.locator("video").nth(number))
        for key in ("k", "Home", *"....."):
            await gallery.page.keyboard.press(key)

        async def are_there() -> bool:
            script = "all => all.map((one) => Math.floor(one.currentTime * 24))"
            return bool(await window.locator("video").evaluate_all(script) == [5, 5])

        await until(are_there)
        await check(gallery, "firefox-compare")


async def test_the_palette_leads_to_a_take_and_a_key_makes_it_active(daemon: Daemon, fox: Browser) -> None:
    async with visiting(fox, daemon) as gallery:
        keys = gallery.page.keyboard
        await expect(gallery.heading).to_have_text("MyFilm")
        for words in ("dawn", "take 2"):
            await keys.press("Control+k")
            await expect(gallery.dialog.get_by_role("combobox")).to_be_focused()
            await keys.type(words)
            await keys.press("Enter")
            await expect(gallery.takes).to_be_visible()
        await expect(gallery.take(2)).to_have_attribute("aria-selected", "true")
        await keys.press("a")
        await says(gallery.take(2), "active")
        assert await daemon.active() == take_name(2)


async def test_what_is_dropped_and_what_is_sent_from_the_page_appears_there(
    tmp_path: Path, fox: Browser
) -> None:
    film = await make_film(tmp_path)
    path = tmp_path / "sent.png"
    path.write_bytes(still(2))
    async with running_daemon(film, port=0) as daemon:
        await is_known(daemon, DAWN)
        async with visiting(fox, daemon, AT_DAWN) as gallery:
            await expect(gallery.page.get_by_text("No take yet").last).to_be_visible()
            film.drop(still(1))
            await says(gallery.take(1), "complete")
            await send(gallery, path)
            await says(gallery.take(2), "complete")
            await gallery.pictures_are_there(gallery.takes)


async def send(gallery: Gallery, path: Path) -> None:
    """Add a file by keys alone."""
    await gallery.page.keyboard.press("Control+k")
    await expect(gallery.dialog.get_by_role("combobox")).to_be_focused()
    async with gallery.page.expect_file_chooser() as chooser:
        await gallery.page.keyboard.type("add files")
        await gallery.page.keyboard.press("Enter")
    await (await chooser.value).set_files(path)
