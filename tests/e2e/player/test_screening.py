"""The screening room in a real browser: takes are shuttled, looped, looked at closely, seen together, tried and drawn on."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio
import pytest
from PIL import Image
from playwright.async_api import Browser, Locator, expect

from projections.layout import full_id, take_name
from tests.e2e.film import running_daemon
from tests.e2e.gallery.browser import Gallery, check_look, visiting
from tests.e2e.player.room import AT_DAWN, COUNT, GREYS, NEAR, at_frame, drop_clip, frame_of, opened
from tests.support.clips import make_audible, make_video, sine
from tests.support.film import DAWN, NOON, make_film, until

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_j_k_and_l_go_back_stop_and_go_on(tmp_path: Path, browser: Browser) -> None:
    async with running_daemon(await make_film(tmp_path), port=0) as daemon:
        await drop_clip(daemon, 1)
        async with visiting(browser, daemon, AT_DAWN) as gallery:
            player = await opened(gallery)
            await gallery.page.keyboard.press("k")
            await gallery.page.keyboard.press("End")
            await gallery.page.keyboard.press("j")
            before = COUNT

            async def has_gone_back() -> bool:
                return 0 < await frame_of(player) < before - 5

            await until(has_gone_back)
            await gallery.page.keyboard.press("j")
            await expect(player.get_by_text(re.compile("^-2"))).to_be_visible()
            await gallery.page.keyboard.press("k")
            before = await frame_of(player)
            shown = await player.locator("video").evaluate("one => Math.floor(one.currentTime * 24)")
            assert shown == before
            await gallery.page.keyboard.press("Shift+Digit2")
            await gallery.page.keyboard.press("l")
            assert await player.locator("video").evaluate("one => [one.playbackRate, one.paused]") == [
                0.5,
                False,
            ]


async def test_a_part_is_played_round_and_round(tmp_path: Path, browser: Browser) -> None:
    async with running_daemon(await make_film(tmp_path), port=0) as daemon:
        await drop_clip(daemon, 1)
        async with visiting(browser, daemon, AT_DAWN) as gallery:
            player = await opened(gallery)
            for key in ("k", "Home", *"..........", "i", *"......", "o"):
                await gallery.page.keyboard.press(key)
            await expect(player.get_by_text("Loop from frame 10 to 16")).to_have_count(1)
            await gallery.page.keyboard.press("Space")
            seen: list[int] = await gallery.page.evaluate(FRAMES_PLAYED)
            assert min(seen) >= 10
            assert max(seen) <= 17  # one look of the page later than it should have gone back
            await gallery.page.keyboard.press("k")
            await check_look(gallery, "loop")


FRAMES_PLAYED = """() => new Promise((resolve) => {
  const seen = []
  const look = () => {
    const [video] = document.querySelectorAll('dialog video')
    if (!video.seeking) seen.push(Math.floor(video.currentTime * 24 + 1e-3))
    const rounds = seen.filter((one, index) => index > 0 && one < seen[index - 1]).length
    if (rounds >= 3) resolve(seen)
    else requestAnimationFrame(look)
  }
  look()
})"""
"""The frames that a video has been at, until it has begun again three times."""


async def test_a_file_that_says_where_it_begins_has_its_timecodes(tmp_path: Path, browser: Browser) -> None:
    async with running_daemon(await make_film(tmp_path), port=0) as daemon:
        await drop_clip(daemon, 1, timecode="01:00:59:20")
        take = await daemon.take(1)
        assert take
        assert take["timecode"] == "01:00:59:20"
        sidecar = daemon.film.take(1) / "shot_001_take_001_metadata.json"
        await daemon.at_rest()
        assert '"timecode": "01:00:59:20"' in await anyio.Path(sidecar).read_text()
        async with visiting(browser, daemon, AT_DAWN) as gallery:
            player = await opened(gallery)
            for key in ("k", "Home", *"....."):
                await gallery.page.keyboard.press(key)
            await expect(player.get_by_text("01:01:00:01", exact=True)).to_be_visible()


async def test_a_video_is_looked_at_closely(tmp_path: Path, browser: Browser) -> None:
    async with running_daemon(await make_film(tmp_path), port=0) as daemon:
        await drop_clip(daemon, 1)
        await drop_clip(daemon, 2)
        async with visiting(browser, daemon, AT_DAWN) as gallery:
            player = await opened(gallery)
            for key in "k.....":
                await gallery.page.keyboard.press(key)
            video = player.locator("video")
            whole = await video.bounding_box()
            for key in ("z", "+", "g", "h"):
                await gallery.page.keyboard.press(key)
            grown = await video.bounding_box()
            assert whole
            assert grown
            assert round(grown["width"]) == 800  # 640 pixels, a quarter larger
            await player.get_by_role("group", name="The picture enlarged").focus()
            await gallery.page.keyboard.press("ArrowRight")
            moved = await video.bounding_box()
            assert moved
            assert round(grown["x"] - moved["x"]) == 60
            await check_look(gallery, "closely")
            await gallery.page.keyboard.press("z")


async def test_one_key_leads_to_the_take_that_was_seen_before_at_the_same_frame(
    tmp_path: Path, browser: Browser
) -> None:
    async with running_daemon(await make_film(tmp_path), port=0) as daemon:
        await drop_clip(daemon, 1)
        await drop_clip(daemon, 2)
        async with visiting(browser, daemon, AT_DAWN) as gallery:
            await opened(gallery, 2)
            for key in ("k", "Home", *"......."):
                await gallery.page.keyboard.press(key)
            for number in (1, 2):  # the active one, and back
                await gallery.page.keyboard.press("b")
                player = gallery.page.get_by_role("dialog", name=f"Take {number}, player")
                await expect(player.get_by_label("Position")).not_to_have_attribute("max", "0")
                video = player.locator("video")
                await until(lambda video=video: at_frame(video, 7))  # type: ignore[misc]
                assert await frame_of(player) == 7


GREYS_SEEN = """([count, wanted]) => new Promise((resolve) => {
  const seen = []
  const grey = (one) => one.getContext('2d').getImageData(one.width / 2, one.height / 2, 1, 1).data[0]
  const look = () => {
    const canvases = [...document.querySelectorAll('dialog figure canvas')]
    const greys = canvases.map(grey)
    if (greys.length === count && greys.every((one) => one > 0)) seen.push(greys)
    if (new Set(seen.map(([first]) => first)).size >= wanted) resolve(seen)
    else requestAnimationFrame(look)
  }
  look()
})"""
"""What is seen in the middle of so many pictures each time that the window is drawn, until so many frames were seen."""


@contextmanager
def load(times: int) -> Iterator[None]:
    """So many times as much to do as this machine has processors."""
    busy = [
        subprocess.Popen([sys.executable, "-c", "while True: pass"])
        for _ in range(times * (os.cpu_count() or 1))
    ]
    try:
        yield
    finally:
        for one in busy:
            one.kill()
            one.wait()


async def compared(gallery: Gallery, count: int) -> Locator:
    """The comparison of the first takes, once all of them are there."""
    await gallery.take(1).click()
    await gallery.take(count).click(modifiers=["Shift"])
    await gallery.page.keyboard.press("c")
    window = gallery.page.get_by_role("dialog")
    await expect(window.locator("figure")).to_have_count(count)
    await expect(window.get_by_label("Position")).not_to_have_attribute("max", "0")
    return window


@pytest.mark.parametrize(("count", "view"), [(2, "3"), (4, "1")], ids=["difference", "grid"])
async def test_only_pictures_that_belong_together_are_seen_together_under_load(
    tmp_path: Path, browser: Browser, count: int, view: str
) -> None:
    async with running_daemon(await make_film(tmp_path), port=0) as daemon:
        for number in range(1, count + 1):
            await drop_clip(daemon, number)
        async with visiting(browser, daemon, AT_DAWN) as gallery:
            window = await compared(gallery, count)
            await gallery.page.keyboard.press(view)
            with load(2):
                seen: list[list[int]] = await gallery.page.evaluate(GREYS_SEEN, [count, COUNT // 2])
            apart = [greys for greys in seen if max(greys) - min(greys) > NEAR]
            assert not apart, f"{len(apart)} of {len(seen)}: {apart[:10]}"
            await gallery.page.keyboard.press("k")
            await until(lambda: stands_together(window, count))
            await gallery.page.keyboard.press(",")
            await until(lambda: stands_together(window, count))
            await check_look(gallery, f"together-{count}")


async def stands_together(window: Locator, count: int) -> bool:
    """Whether all pictures and all videos are at the frame that the window says."""
    frame = await frame_of(window)
    grey = "one => one.getContext('2d').getImageData(one.width / 2, one.height / 2, 1, 1).data[0]"
    seen = await window.locator("figure canvas").evaluate_all(f"all => all.map({grey})")
    at = await window.locator("video").evaluate_all(
        "all => all.map((one) => Math.floor(one.currentTime * 24))"
    )
    are_near = all(abs(one - GREYS[frame]) <= NEAR for one in seen)
    return len(seen) == count and are_near and at == [frame] * count


async def test_another_take_is_tried_in_the_cut_and_made_active(tmp_path: Path, browser: Browser) -> None:
    async with running_daemon(await make_film(tmp_path, "MyFilm", DAWN, NOON), port=0) as daemon:
        await drop_clip(daemon, 1)
        await drop_clip(daemon, 2)
        async with visiting(browser, daemon) as gallery:
            await gallery.button("Play the reel").click()
            reel = gallery.dialog
            await expect(reel.locator(".current video")).to_have_attribute("src", media_of(1))
            await gallery.page.keyboard.press("Space")
            await gallery.page.keyboard.press("ArrowDown")
            await expect(reel.get_by_text("Take 2 is tried here.")).to_be_visible()
            await expect(reel.locator(".current video")).to_have_attribute("src", media_of(2))
            await check_look(gallery, "audition")
            await gallery.page.keyboard.press("Escape")
            await expect(reel.locator(".current video")).to_have_attribute("src", media_of(1))
            assert await daemon.active() == take_name(1)
            await gallery.page.keyboard.press("ArrowDown")
            await expect(reel.get_by_text("Take 2 is tried here.")).to_be_visible()
            await gallery.page.keyboard.press("Enter")
            await expect(reel.get_by_text("Take 2 is tried here.")).to_have_count(0)
            assert await daemon.active() == take_name(2)
            await expect(reel.locator(".current video")).to_have_attribute("src", media_of(2))
            await gallery.page.keyboard.press("ArrowRight")
            await expect(reel.get_by_text("No take yet")).to_be_visible()
            await check_look(gallery, "slate")
            await gallery.page.keyboard.press("Escape")
            await expect(gallery.dialog).to_have_count(0)


def media_of(number: int) -> str:
    return f"/api/projects/myfilm/shots/{full_id(DAWN)}/takes/{take_name(number)}/media"


async def test_what_is_drawn_on_a_frame_is_kept_with_the_note(tmp_path: Path, browser: Browser) -> None:
    async with running_daemon(await make_film(tmp_path), port=0) as daemon:
        await drop_clip(daemon, 1)
        async with visiting(browser, daemon, AT_DAWN) as gallery:
            player = await opened(gallery)
            for key in ("k", "Home", *"....", "d"):
                await gallery.page.keyboard.press(key)
            pad = player.get_by_role("img", name="A drawing of 0 strokes")
            box = await pad.bounding_box()
            assert box
            await drag(gallery, box, (0.25, 0.25), (0.5, 0.5))
            await player.get_by_role("radio", name="Arrow").check(force=True)
            await player.get_by_label("Colour").select_option("red")
            await drag(gallery, box, (0.75, 0.25), (0.5, 0.4))
            await player.get_by_role("radio", name="Text").check(force=True)
            await gallery.page.mouse.click(box["x"] + 0.6 * box["width"], box["y"] + 0.7 * box["height"])
            await gallery.page.keyboard.type("six fingers")
            await gallery.page.keyboard.press("Enter")
            await expect(player.get_by_role("img", name="A drawing of 3 strokes")).to_be_visible()
            await player.get_by_role("button", name="Write").click()
            drawn = player.get_by_role("img", name="A drawing of 3 strokes")
            await expect(player.get_by_text("See the drawing.")).to_be_visible()
            await expect(drawn).to_be_visible()
            await check_look(gallery, "drawing")
            await gallery.page.keyboard.press(".")
            await expect(drawn).to_have_count(0)
            await gallery.page.keyboard.press("[")
            await expect(drawn).to_be_visible()
            take = await daemon.take(1)
            assert take
            (note,) = take["notes"]
            assert (note["frame"], [one["kind"] for one in note["drawing"]]) == (4, ["pen", "arrow", "text"])
            assert note["drawing"][1]["colour"] == "red"
            for told, meant in zip(note["drawing"][1]["points"], (0.75, 0.25, 0.5, 0.4), strict=True):
                assert abs(told - meant) < 0.01
        await daemon.verify()


async def test_a_video_with_sound_shows_how_loud_it_is(tmp_path: Path, browser: Browser) -> None:
    silent = make_video(tmp_path / "silent.mp4", seconds=1)
    path = make_audible(tmp_path / "a.mp4", silent=silent, wave=[*sine(-90, 0.5), *sine(-6, 0.5)])
    async with running_daemon(await make_film(tmp_path), port=0) as daemon:
        daemon.film.drop(await anyio.Path(path).read_bytes(), path.name)
        await daemon.finished(1)
        async with visiting(browser, daemon, AT_DAWN) as gallery:
            player = await opened(gallery)
            await gallery.page.keyboard.press("k")
            wave = player.get_by_role("img", name="How loud it is")
            await until(lambda: wave.evaluate("one => one.naturalWidth === 1280"))
            await check_look(gallery, "wave")


@pytest.mark.parametrize("suffix", [".gif", ".webp"])
async def test_an_animation_is_stepped_from_frame_to_frame(
    tmp_path: Path, browser: Browser, suffix: str
) -> None:
    path = tmp_path / f"a{suffix}"
    first, *others = [Image.new("RGB", (64, 36), (grey, grey, grey)) for grey in GREYS[::4]]
    first.save(
        path, save_all=True, append_images=others, duration=[300, *[100] * 9, 200, 100], loop=0, lossless=True
    )
    async with running_daemon(await make_film(tmp_path), port=0) as daemon:
        daemon.film.drop(await anyio.Path(path).read_bytes(), path.name)
        await daemon.finished(1)
        async with visiting(browser, daemon, AT_DAWN) as gallery:
            player = await opened(gallery)
            for key in ("k", "Home", *"....."):
                await gallery.page.keyboard.press(key)
            seen = player.get_by_role("img", name="Take 1, frame 5")
            await expect(seen).to_be_visible()
            grey = await seen.locator("canvas").evaluate(
                "one => one.getContext('2d').getImageData(9, 9, 1, 1).data[0]"
            )
            assert abs(grey - GREYS[20]) <= NEAR
            assert await frame_of(player) == 5
            assert float(await player.get_by_label("Position").input_value()) == pytest.approx(0.7, abs=0.06)
            await check_look(gallery, f"animation{suffix[1:]}")


async def drag(gallery: Gallery, box: object, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Draw from one place of the picture to another, with a stop in between."""
    assert isinstance(box, dict)
    for step, (x, y) in enumerate((start, ((start[0] + end[0]) / 2, start[1]), end)):
        await gallery.page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
        if step == 0:
            await gallery.page.mouse.down()
    await gallery.page.mouse.up()
