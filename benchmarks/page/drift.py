"""Drift: how far apart takes are seen that are compared, at twice the load; each frame says by its bars which one it is."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import av
from PIL import Image, ImageDraw

from benchmarks.page.gallery import FLAGS, SHOT, address, open_page
from benchmarks.report import Bench, Row, at_most
from benchmarks.stage import Stage, running, wait_until, wait_until_it_answers

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SIZE, RATE, SECONDS = (1280, 720), 24, 5
BITS, BARS = 8, 72
"""How many bars a frame has, the highest bit first, and how high they are."""

WATCH = """
async ([seconds, bits, bars, count]) => {
  const pen = new OffscreenCanvas(bits, 1).getContext('2d', { willReadFrequently: true })
  const number = (seen) => {
    pen.drawImage(seen, 0, 0, seen.width, seen.height * bars, 0, 0, bits, 1)
    const { data } = pen.getImageData(0, 0, bits, 1)
    return Array.from({ length: bits }, (_, bit) => data[4 * bit] > 127).reduce((all, one) => 2 * all + one, 0)
  }
  const spread = (numbers) => {
    const far = Math.max(...numbers) - Math.min(...numbers)
    return Math.min(far, count - far)
  }
  const seen = () => [...document.querySelectorAll('.surface canvas')].map(number)
  const videos = [...document.querySelectorAll('.surface video')]
  const times = videos.map(() => 0)
  videos.forEach((video, index) => video.requestVideoFrameCallback(function again(_, { mediaTime }) {
    times[index] = mediaTime
    video.requestVideoFrameCallback(again)
  }))
  const [shown, beneath, pictures] = [[], [], new Set()]
  for (const end = performance.now() + 1000 * seconds; performance.now() < end; ) {
    await new Promise(requestAnimationFrame)
    const numbers = seen()
    shown.push(spread(numbers))
    pictures.add(numbers[0])
    beneath.push(spread(times.map((time) => Math.round(time * 24))))
  }
  return { shown: Math.max(...shown), beneath: Math.max(...beneath), pictures: pictures.size }
}
"""
"""Look at each frame of the page for so long: how far apart what is seen is at most, and the videos beneath, in frames."""

IS_PLAYING = "(count) => document.querySelectorAll('.surface canvas').length === count && \
  [...document.querySelectorAll('.surface video')].every((one) => one.currentTime > 0.5)"
IS_STILL = "() => [...document.querySelectorAll('.surface video')].every((one) => one.paused && !one.seeking)"


def measure(bench: Bench) -> Iterator[Row]:
    """Compare two takes, and then four of them."""
    if not (browser := shutil.which("chromium") or shutil.which("google-chrome")):
        bench.say("there is no Chromium here")
        return
    root, counts = bench.folder / "film", (2, 4)
    takes = root / SHOT / "takes"
    takes.mkdir(parents=True)
    bench.say(f"making {max(counts)} clips, each frame of which has its number")
    for number in range(max(counts)):
        _make_clip(bench.folder / f"{number}.mp4", number).rename(takes / f"{number}.mp4")
    from playwright.sync_api import sync_playwright

    with running(root, "--port", "0") as stage, sync_playwright() as playwright:
        wait_until_it_answers(stage)
        wait_until(lambda: stage.is_at_rest() and _completed(stage) == max(counts))
        chromium = playwright.chromium.launch(executable_path=browser, args=FLAGS)
        try:
            for count in counts:
                bench.say(f"playing {count} of them together")
                yield _together(bench, stage, chromium, count)
        finally:
            chromium.close()


def _completed(stage: Stage) -> int:
    shots = stage.ask("shots")["shots"]
    found = stage.ask("shots", shots[0]["id"], "takes")["takes"] if shots else []
    return sum(one["status"] == "complete" for one in found)


def _together(bench: Bench, stage: Stage, browser: "Browser", count: int) -> Row:
    page = open_page(browser, stage)
    page.goto(address(stage))
    cards = page.locator("[role=option]")
    for index in range(count):
        cards.nth(index).click(modifiers=["Control"] if index else [])
    page.keyboard.press("c")
    page.wait_for_function(IS_PLAYING, arg=count)
    asked = [BITS, BARS / SIZE[1], SECONDS * RATE]
    with _load():
        playing = cast("dict[str, Any]", page.evaluate(WATCH, [bench.scaled(20, 3), *asked]))
        page.keyboard.press("Space")
        page.wait_for_function(IS_STILL)
        page.wait_for_timeout(1000)  # the last of what is drawn
        paused = cast("dict[str, Any]", page.evaluate(WATCH, [0.2, *asked]))
    page.context.close()
    return Row(
        measure=f"how far apart {count} videos are seen at twice the load",
        unit="frames",
        ours=playing["shown"],
        aims=[at_most(0)],
        note=f"on pause {paused['shown']}; the videos beneath are up to {playing['beneath']} apart; "
        f"{playing['pictures']} of {SECONDS * RATE} frames were seen",
    )


@contextmanager
def _load() -> Iterator[None]:
    """Twice as many processes as there are cores, each with work for all of one."""
    busy = [
        subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2 * (os.cpu_count() or 1))
    ]
    try:
        yield
    finally:
        for one in busy:
            one.kill()
            one.wait()


def _make_clip(path: Path, seed: int) -> Path:
    """A clip with grain of its own, each frame of which has its number as bars."""
    grain = Image.effect_noise((SIZE[0] + 64, SIZE[1]), 40 + seed)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(RATE), options={"preset": "ultrafast"})
        stream.width, stream.height = SIZE
        stream.pix_fmt = "yuv420p"
        for number in range(SECONDS * RATE):
            left = 7 * number % 64
            picture = grain.crop((left, 0, left + SIZE[0], SIZE[1])).convert("RGB")
            _draw_number(picture, number)
            container.mux(stream.encode(av.VideoFrame.from_image(picture)))  # type: ignore[no-untyped-call]
        container.mux(stream.encode())
    return path


def _draw_number(picture: Image.Image, number: int) -> None:
    pen, width = ImageDraw.Draw(picture), SIZE[0] // BITS
    for bit in range(BITS):
        is_set = number >> (BITS - 1 - bit) & 1
        pen.rectangle((bit * width, 0, (bit + 1) * width - 1, BARS - 1), fill="white" if is_set else "black")
