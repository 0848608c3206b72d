"""The gallery in a real browser: takes are played, compared, scrubbed through and taken away, and the reel runs."""

import hashlib
import re
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import pytest
from playwright.async_api import Browser, Locator, expect

from examples.film import SHOTS
from projections.layout import full_id, take_name
from tests.daemon.sequences.rendered import drop_folder
from tests.e2e.crossing import COIN, GULLS, MARA, SWELL, clip, drop
from tests.e2e.film import Daemon, running_daemon
from tests.e2e.gallery.browser import Gallery, check_look, visiting
from tests.support.clips import make_video
from tests.support.film import DAWN, make_film, until

pytestmark = pytest.mark.asyncio(loop_scope="session")

AT_GULLS = f"/p/myfilm/{full_id(GULLS)}"
AT_DAWN = f"/p/myfilm/{full_id(DAWN)}"

FRAME = 1 / 24
RED, BLUE = (200, 40, 40), (40, 40, 200)


async def moment(video: Locator) -> float:
    """Where a video is, in seconds."""
    return float(await video.evaluate("one => one.currentTime"))


async def moves(video: Locator) -> None:
    """Wait until a video has been at two different moments."""
    first = await moment(video)

    async def has_gone_on() -> bool:
        return await moment(video) != first

    await until(has_gone_on)


@pytest.mark.parametrize("how", ["double click", "Space"])
async def test_a_take_plays_and_escape_leads_back_to_it(shown: Daemon, browser: Browser, how: str) -> None:
    async with visiting(browser, shown, AT_GULLS) as gallery:
        if how == "Space":
            await gallery.take(2).click()
            await gallery.page.keyboard.press("Space")
        else:
            await gallery.take(2).dblclick()
        player = gallery.page.get_by_role("dialog", name="Take 2, player")
        await expect(player).to_be_visible()
        await moves(player.get_by_label("Take 2", exact=True))
        await gallery.page.keyboard.press("Escape")
        await expect(gallery.dialog).to_have_count(0)
        await expect(gallery.takes).to_be_focused()
        await expect(gallery.take(2)).to_have_attribute("aria-selected", "true")


async def test_an_image_sequence_is_played_and_stepped_by_its_own_numbers(
    tmp_path: Path, browser: Browser
) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, port=0) as daemon:
        drop_folder(film, [*range(1001, 1013), *range(1015, 1025)])
        await daemon.finished(1)
        async with visiting(browser, daemon, AT_DAWN) as gallery:
            await gallery.take(1).dblclick()
            player = gallery.page.get_by_role("dialog", name="Take 1, player")
            seen = player.get_by_role("img", name=re.compile("^Take 1, frame"))
            first = await seen.get_attribute("aria-label")
            await expect(seen).not_to_have_attribute("aria-label", str(first))
            await gallery.page.keyboard.press("k")
            await gallery.page.keyboard.press("Home")
            await expect(seen).to_have_accessible_name("Take 1, frame 1001")
            for _ in range(12):
                await gallery.page.keyboard.press(".")
            await expect(seen).to_have_accessible_name("Take 1, frame 1013 is missing")
            await check_look(gallery, "sequence")
            await gallery.page.keyboard.press("End")
            await expect(seen).to_have_accessible_name("Take 1, frame 1024")
            for told, made in zip(await middle_of(player.locator("canvas")), (0, 4, 99), strict=True):
                assert abs(told - made) <= 3
            assert not [one for one in gallery.asked if "/frames/1013" in one]


async def test_a_video_that_the_browser_cannot_play_is_played_by_its_proxy(
    tmp_path: Path, browser: Browser
) -> None:
    film = await make_film(tmp_path)
    prores = await anyio.to_thread.run_sync(
        partial(make_video, tmp_path / "a.mov", codec="prores_ks", size=(640, 360), colours=(RED, BLUE))
    )
    async with running_daemon(film, port=0) as daemon:
        film.drop(await anyio.Path(prores).read_bytes(), "a.mov")
        await daemon.finished(1)
        async with visiting(browser, daemon, AT_DAWN) as gallery:
            await gallery.take(1).dblclick()
            player = gallery.page.get_by_role("dialog", name="Take 1, player")
            video = player.get_by_label("Take 1", exact=True)
            await expect(video).to_have_attribute("src", re.compile("/take_001/proxy$"))
            await moves(video)
            await gallery.page.keyboard.press("k")
            await gallery.page.keyboard.press("End")
            await expect(player.get_by_label("Position")).to_have_value("1")
            await check_look(gallery, "proxy")
            await gallery.page.keyboard.press("q")
            await expect(gallery.messages.last).to_contain_text("cannot play the original, which is ProRes")
            await expect(video).to_have_attribute("src", re.compile("/take_001/proxy$"))
            await expect(player.get_by_label("Position")).to_have_value("1")


async def middle_of(canvas: Locator) -> list[int]:
    """The colour in the middle of a canvas, as near as JPEG has it."""
    pixel: list[int] = await canvas.evaluate(
        "one => [...one.getContext('2d').getImageData(one.width / 2, one.height / 2, 1, 1).data].slice(0, 3)"
    )
    return pixel


async def compare(gallery: Gallery) -> Locator:
    """The comparison of the first two takes, opened."""
    await gallery.take(1).click()
    await gallery.take(2).click(modifiers=["Shift"])
    chosen = gallery.page.get_by_role("toolbar", name="The selected takes")
    await expect(chosen).to_contain_text("2 selected")
    await gallery.page.keyboard.press("c")
    comparison = gallery.page.get_by_role("dialog", name="Take 1 and Take 2 compared")
    await expect(comparison).to_be_visible()
    return comparison


async def test_two_takes_play_in_step(shown: Daemon, browser: Browser) -> None:
    async with visiting(browser, shown, AT_GULLS) as gallery:
        comparison = await compare(gallery)
        for number in (1, 2):
            await moves(comparison.get_by_label(f"Take {number}", exact=True).locator("video"))
        await until(lambda: in_step(comparison))
        await gallery.page.keyboard.press("Space")
        await gallery.page.keyboard.press("Home")
        for _ in range(5):
            await gallery.page.keyboard.press(".")
        await until(lambda: are_at(comparison, 5))


async def both(comparison: Locator) -> list[float]:
    times: list[float] = await comparison.locator("video").evaluate_all(
        "all => all.map((one) => one.currentTime)"
    )
    assert len(times) == 2
    return times


async def in_step(comparison: Locator) -> bool:
    left, right = await both(comparison)
    return left > 0 and abs(left - right) < 2 * FRAME


async def are_at(comparison: Locator, frame: int) -> bool:
    return [int(time * 24) for time in await both(comparison)] == [frame, frame]


async def test_a_wipe_is_moved_by_the_keyboard(shown: Daemon, browser: Browser) -> None:
    async with visiting(browser, shown, AT_GULLS) as gallery:
        comparison = await compare(gallery)
        await gallery.page.keyboard.press("2")
        divider = comparison.get_by_role("slider", name="Divider")
        before = await left_of(divider)
        await divider.focus()
        await gallery.page.keyboard.press("Shift+ArrowRight")
        await expect(divider).to_have_attribute("aria-valuenow", "60")
        assert await left_of(divider) > before
        await gallery.page.keyboard.press("End")
        await expect(divider).to_have_attribute("aria-valuenow", "100")


async def left_of(locator: Locator) -> float:
    box = await locator.bounding_box()
    assert box
    return box["x"]


async def test_what_makes_two_takes_different_is_marked(shown: Daemon, browser: Browser) -> None:
    async with visiting(browser, shown, AT_GULLS) as gallery:
        differences = (await compare(gallery)).get_by_role("region", name="Differences")
        await expect(differences).to_contain_text("2 of 5 parameters differ.")
        prompt = differences.get_by_role("row", name=re.compile("^Prompt"))
        await expect(prompt.locator("mark")).to_have_text(["dawn", "dusk"])
        await expect(differences.get_by_role("row", name=re.compile("^Steps")).locator("mark")).to_have_count(
            0
        )
        await differences.get_by_role("checkbox", name="Only differences").check()
        await expect(differences.get_by_role("row", name=re.compile("^Steps"))).to_have_count(0)


async def test_one_of_two_is_made_active_where_they_are_compared(tmp_path: Path, browser: Browser) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, port=0) as daemon:
        for name in ("one", "other"):
            await drop(daemon, DAWN, clip(name), ".mp4")
        async with visiting(browser, daemon, AT_DAWN) as gallery:
            comparison = await compare(gallery)
            await comparison.get_by_role("button", name="Make take 2 active").click()
            await expect(comparison.get_by_role("button", name="Take 2 is active")).to_be_disabled()
            await expect(comparison.get_by_role("button", name="Make take 1 active")).to_be_enabled()
            assert await daemon.active() == take_name(2)


REEL = """() => new Promise((resolve) => {
  const seen = []
  const look = () => {
    const now = document.querySelector('ol[aria-label="Shots of the reel"] [aria-current="true"]')?.title
    if (now && now !== seen.at(-1)) seen.push(now)
    if (document.querySelector('[aria-label="Play"][aria-label]:is(dialog *)') && seen.length > 1) resolve(seen)
    else requestAnimationFrame(look)
  }
  look()
})"""
"""What is shown of the reel, one after another, until it is over."""


async def test_the_reel_plays_the_active_takes_in_the_order_of_the_film(
    shown: Daemon, browser: Browser
) -> None:
    async with visiting(browser, shown) as gallery:
        await gallery.page.evaluate("window.ended = []")
        await gallery.page.evaluate(
            "addEventListener('ended', (event) => ended.push(new URL(event.target.src).pathname), true)"
        )
        await gallery.button("Play the reel").click()
        seen = await gallery.page.evaluate(REEL)
        takes = {SWELL: "no active take"}
        assert seen == [f"{shot}, {takes.get(shot, 'take 1')}" for shot in SHOTS]
        played = await gallery.page.evaluate("ended")
        assert played == [media_of(shot) for shot in (GULLS, MARA, COIN)]
        await gallery.page.keyboard.press("Escape")
        await expect(gallery.dialog).to_have_count(0)


def media_of(shot: str) -> str:
    return f"/api/projects/myfilm/shots/{full_id(shot)}/takes/take_001/media"


async def test_the_filmstrip_is_fetched_on_hover_and_follows_the_pointer(
    shown: Daemon, browser: Browser
) -> None:
    async with visiting(browser, shown, AT_GULLS) as gallery:
        await gallery.pictures_are_there(gallery.takes)
        assert not asked_for_strips(gallery)
        box = await gallery.take(2).bounding_box()
        assert box
        strip = gallery.take(2).locator("img[src*='/filmstrip?of=']")
        for share, frame in ((0.1, 1), (0.6, 9), (0.97, 15)):
            await gallery.page.mouse.move(box["x"] + share * box["width"], box["y"] + 40)
            await until(lambda frame=frame: shows(strip, frame))  # type: ignore[misc]
        assert len(asked_for_strips(gallery)) == 1


def asked_for_strips(gallery: Gallery) -> list[str]:
    return [one for one in gallery.asked if "/filmstrip?of=" in one]


async def shows(strip: Locator, frame: int) -> bool:
    """Whether that frame of the sixteen is the one that is seen."""
    offset = await strip.evaluate(
        "one => one.complete && one.naturalWidth / 16 >= 160"
        " ? -new DOMMatrix(getComputedStyle(one).transform).m41 / one.offsetWidth * 16 : null"
    )
    return offset is not None and round(float(offset), 2) == frame


async def test_the_path_of_a_take_is_copied(shown: Daemon, browser: Browser) -> None:
    async with visiting(browser, shown, AT_GULLS) as gallery:
        await gallery.take(1).click()
        await gallery.recipe.get_by_role("button", name="Copy Path").click()
        await expect(gallery.recipe.get_by_role("status")).to_have_text("Path copied.")
        path: str = await gallery.page.evaluate("navigator.clipboard.readText()")
        assert Path(path) == shown.film.media(1, GULLS, ".mp4")
        assert await anyio.Path(path).is_file()


async def test_a_download_has_the_bytes_of_the_take(shown: Daemon, browser: Browser) -> None:
    async with visiting(browser, shown, AT_GULLS) as gallery:
        await gallery.take(1).click()
        async with gallery.page.expect_download() as started:
            await gallery.recipe.get_by_role("link", name="Download").click()
        download = await started.value
        take: dict[str, Any] = await shown.take(1, GULLS) or {}
        content = await anyio.Path(await download.path()).read_bytes()
        assert download.suggested_filename == take["media"]["name"]
        assert hashlib.sha256(content).hexdigest() == take["media"]["sha256"]
