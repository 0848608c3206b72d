"""All components in all their states, on a page of their own that is built for eyes alone: a screenshot, and no fault."""

import sys

import anyio
import pytest
from playwright.async_api import Browser, expect

from tests.e2e.gallery.browser import THEMES, screenshot, violations
from tests.left_out import leave_out
from tests.support.film import CODE

pytestmark = pytest.mark.asyncio(loop_scope="session")

TWICE = "landmark-unique"
"""What axe says of a component that stands there once for each of its states."""

PAGE = CODE / "build" / "stories" / "index.html"


async def test_every_state_of_every_component_can_be_read_by_everybody(browser: Browser) -> None:
    await anyio.run_process([sys.executable, "hatch_build.py", "npm", "run", "stories"], cwd=CODE)
    if not await anyio.Path(PAGE).is_file():
        leave_out("no Node here: the components were not looked at in all their states")
    context = await browser.new_context(viewport={"width": 1440, "height": 900})
    page = await context.new_page()
    complaints = list[str]()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto(PAGE.as_uri())
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    for theme in THEMES:
        await page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        await screenshot(page, f"stories-{theme}", is_whole=True)
        found = [one for one in await violations(page) if not one.startswith(TWICE)]
        assert not found, "\n".join([f"in the {theme}:", *found])
    assert not complaints
    await context.close()
