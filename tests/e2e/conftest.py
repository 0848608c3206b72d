"""What the tests of the gallery share: one browser, and one daemon for those that only look."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.e2e.crossing import crossing
from tests.e2e.film import Daemon
from tests.e2e.gallery.browser import browsing


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """A Chromium, started once; every visit has a profile of its own."""
    async with browsing() as one:
        yield one


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shown(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Daemon]:
    """The daemon of a film that has something of everything, for tests that leave it as it is."""
    async with crossing(tmp_path_factory.mktemp("crossing")) as daemon:
        yield daemon
