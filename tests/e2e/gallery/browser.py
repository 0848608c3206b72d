"""The browser: a real Chromium without a window, and the gallery as a person meets it there.

Whatever the page complains of fails the test that it was open in: an error on the console or in its scripts, a
breach of its Content-Security-Policy, or a second loading, since the page never needs one.
"""

import json
import os
import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Literal

import anyio
from playwright.async_api import (
    Browser,
    ConsoleMessage,
    Error,
    Locator,
    Page,
    ViewportSize,
    async_playwright,
    expect,
)

from daemon.http.page import BUILT
from tests.e2e.film import Daemon
from tests.e2e.looks.contrast import too_faint
from tests.left_out import leave_out
from tests.support.deadline import DEADLINE
from tests.support.film import CODE, until

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless=new",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
AXE = CODE / "gallery" / "node_modules" / "axe-core" / "axe.min.js"
SCREENSHOTS = CODE / "build" / "screenshots"
ARE_KEPT = "PICTURES" in os.environ
"""Whether pictures are kept of all that is looked at, as `make pictures` wants; of what failed there always is one."""

WIDTHS = (390, 768, 1024, 1440, 2560)
"""Of the windows that every view is looked at in: a telephone, a tablet, and three screens."""

HEIGHT = 900
WIDE: ViewportSize = {"width": 1440, "height": 900}
NARROW: ViewportSize = {"width": 390, "height": 844}
THEMES: tuple[Literal["dark", "light"], ...] = ("dark", "light")

WATCH = """
addEventListener('securitypolicyviolation', (event) =>
  console.error(`CSP: ${event.violatedDirective} forbids ${event.blockedURI} ${event.sample}`))
window.moved = []
new PerformanceObserver((list) => window.moved.push(...list.getEntries().map((entry) => entry.value)))
  .observe({ type: 'layout-shift', buffered: true })
"""
"""What runs in the page before its own scripts: complaints go to the console, and what jumps is written down."""

expect.set_options(timeout=DEADLINE * 1000)


def chromium() -> str:
    """The path of this machine's Chromium; where there is none, or no page to show in it, that is said loudly."""
    found = [path for name in NAMES if (path := shutil.which(name))]
    if not found:
        leave_out("no Chromium here: the gallery was not tested in a browser; install chromium")
    if not BUILT.joinpath("index.html").is_file():
        leave_out("no page here: the gallery was not tested in a browser; install Node and run `make page`")
    return found[0]


@asynccontextmanager
async def browsing() -> AsyncIterator[Browser]:
    """A Chromium of our own, with an empty profile."""
    path = chromium()
    flags = [*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=flags)
        try:
            yield browser
        finally:
            await browser.close()


class Gallery:
    """The gallery in a browser that knows nothing of other tests; its parts, by what they are called."""

    def __init__(self, page: Page, daemon: Daemon) -> None:
        self.page = page
        self.daemon = daemon
        self.complaints: list[str] = []
        self.asked: list[str] = []
        self._forgiven: list[str] = []
        self._loads = 0
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("domcontentloaded", self._loaded)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(f"{message.text} {message.location.get('url', '')}")

    def _loaded(self, _: Page) -> None:
        self._loads += 1

    def forgive(self, pattern: str) -> None:
        """Complaints that the test has asked for, with this in them."""
        self._forgiven.append(pattern)

    def check(self) -> None:
        """Nothing went wrong, and the page was loaded once."""
        wrong = [one for one in self.complaints if not any(re.search(each, one) for each in self._forgiven)]
        assert not wrong, wrong
        assert self._loads == 1, f"the page was loaded {self._loads} times"

    async def visit(self, place: str = "") -> None:
        """Come in by the address that lets this browser in, to the place in the page that follows `#`."""
        await self.page.goto(await address(self.daemon) + (f"#{place}" if place else ""))

    # What can be seen.

    @property
    def tree(self) -> Locator:
        return self.page.get_by_role("tree", name="Chapters, scenes and shots")

    @property
    def menu(self) -> Locator:
        return self.page.get_by_role("button", name="Show the film")

    def node(self, name: str) -> Locator:
        """A chapter, scene or shot in the tree, by its name without the number."""
        return self.tree.get_by_role("treeitem", name=re.compile(rf"^[\d, ]*{re.escape(name)}\b"))

    @property
    def search(self) -> Locator:
        return self.page.get_by_role("textbox", name="Find shots and takes")

    @property
    def heading(self) -> Locator:
        return self.page.get_by_role("heading", level=1)

    @property
    def takes(self) -> Locator:
        return self.page.get_by_role("listbox", name="Takes")

    def take(self, number: int) -> Locator:
        return self.takes.get_by_role("option", name=re.compile(rf"^Take {number},"))

    @property
    def recipe(self) -> Locator:
        return self.page.get_by_role("complementary", name="Recipe")

    @property
    def dialog(self) -> Locator:
        return self.page.get_by_role("dialog")

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    @property
    def messages(self) -> Locator:
        return self.page.get_by_role("region", name="Messages")

    async def pictures_are_there(self, within: Locator | None = None) -> None:
        """Wait until every picture that is near the window has come."""
        await self._all_there((within or self.page.get_by_role("main")).locator("img"))

    async def _all_there(self, pictures: Locator) -> None:
        script = "all => all.length > 0 && all.every((one) => one.complete && one.naturalWidth > 0)"
        await until(lambda: holds(pictures, script))


async def says(locator: Locator, *words: str) -> None:
    """Wait until something is called by all of these words."""
    for word in words:
        await expect(locator).to_have_accessible_name(re.compile(re.escape(word)))


async def holds(locator: Locator, script: str) -> bool | None:
    """What a script says of all that is found; None for no, so that it can be waited for."""
    return bool(await locator.evaluate_all(script)) or None


async def address(daemon: Daemon) -> str:
    """What `takes open` prints."""
    gallery = (await daemon.get("/api/health"))["gallery"]
    token = await anyio.Path(gallery["tokenFile"]).read_text()
    return f"http://127.0.0.1:{gallery['port']}/open?token={token.strip()}"


@asynccontextmanager
async def visiting(
    browser: Browser,
    daemon: Daemon,
    place: str | None = "",
    *,
    size: ViewportSize = WIDE,
    theme: Literal["dark", "light"] = "dark",
) -> AsyncIterator[Gallery]:
    """The gallery of that daemon, opened at a place of it unless that is None; nothing may go wrong on it."""
    is_chromium = browser.browser_type.name == "chromium"
    allowed = (
        ["clipboard-read", "clipboard-write"] if is_chromium else []
    )  # which are no permissions elsewhere
    context = await browser.new_context(viewport=size, color_scheme=theme, permissions=allowed)
    try:
        await context.add_init_script(WATCH)
        gallery = Gallery(await context.new_page(), daemon)
        if place is not None:
            await gallery.visit(place)
        try:
            yield gallery
        except BaseException:
            await _keep(gallery.page)
            print(*gallery.complaints, sep="\n")  # noqa: T201 - pytest shows it with the failure
            raise
        gallery.check()
    finally:
        await context.close()


async def _keep(page: Page) -> None:
    """What the page of a failed test looks like; where even that fails, the failure itself says more."""
    test = os.environ["PYTEST_CURRENT_TEST"].rpartition("::")[2].removesuffix(" (call)")
    name = "failed-" + re.sub(r"[^\w-]+", "-", test)
    try:
        await page.screenshot(path=SCREENSHOTS / f"{name}.png", animations="disabled")
    except Error as error:
        print(error)  # noqa: T201


async def screenshot(page: Page, name: str, *, is_whole: bool = False) -> None:
    """A picture of the window, or of all that is in it, among the build's output, where somebody wants to look at it."""
    if ARE_KEPT:
        await page.screenshot(path=SCREENSHOTS / f"{name}.png", animations="disabled", full_page=is_whole)


STANDS_STILL = """async () => {
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
  const ends = (one) => one.playState === 'running' && one.effect.getComputedTiming().endTime < Infinity
  await Promise.allSettled(document.getAnimations().filter(ends).map((one) => one.finished))
}"""
"""Until the page has been drawn as its window is now, and nothing is on its way: a drawer that closes is seen for a while."""


async def violations(page: Page, *rules: str) -> Sequence[str]:
    """What axe finds fault with by those rules; without any, WCAG 2.1 A and AA, and the best practices.

    Where axe cannot say what words stand on, the pixels do.
    """
    await page.evaluate(STANDS_STILL)
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(await anyio.Path(AXE).read_text())
    kinds = ["violations", "incomplete"]
    options = {"resultTypes": kinds, "preload": False, **({"runOnly": rules} if rules else {})}
    said = await page.evaluate("(options) => axe.run(options)", options)
    undecided = [one for one in _nodes(said["incomplete"]) if one["rule"] == "color-contrast"]
    found = [
        f"{one['rule']}: {json.dumps(one['html'])} {one.get('failureSummary', '')}"
        for one in _nodes(said["violations"])
    ]
    return [*found, *(await too_faint(page, undecided))]


def _nodes(results: Sequence[Mapping[str, Any]]) -> Sequence[dict[str, Any]]:
    return [{**node, "rule": one["id"]} for one in results for node in one["nodes"]]


async def check_look(gallery: Gallery, name: str) -> None:
    """Keep a screenshot in the dark and in the light, and find fault with neither; in the light only colours are others."""
    for theme in THEMES:
        await gallery.page.emulate_media(color_scheme=theme)
        await screenshot(gallery.page, f"{name}-{theme}")
        found = await violations(gallery.page, *([] if theme == "dark" else ["color-contrast"]))
        assert not found, "\n".join([f"{name}, in the {theme}:", *found])


async def check_everywhere(
    gallery: Gallery, name: str, again: Callable[[Gallery], Awaitable[None]] | None = None
) -> None:
    """The same in windows of every width; nothing may be wider than its window."""
    for width in WIDTHS:
        await gallery.page.set_viewport_size({"width": width, "height": HEIGHT})
        await gallery.page.evaluate(STANDS_STILL)
        if again:
            await again(gallery)
        await check_look(gallery, f"{name}-{width}")
        assert await gallery.page.evaluate("document.documentElement.scrollWidth") <= width, width
