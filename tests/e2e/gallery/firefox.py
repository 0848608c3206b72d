"""Firefox: the one of this machine, without a window, driven by WebDriver BiDi.

Playwright speaks it, to a newer Firefox than Debian's: a command that this one does not know is answered on the way.
So what the system's theme is cannot be told to it; the page's own button can. Run as a program, this module is that way.
"""

import asyncio
import contextlib
import json
import re
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, async_playwright
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve

NAMES = ("firefox-esr", "firefox")
UNKNOWN = "emulation.setMediaFeaturesOverride"
LISTENS = re.compile(r"WebDriver BiDi listening on (ws://\S+)")


def firefox() -> str | None:
    """The path of this machine's Firefox."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@asynccontextmanager
async def browsing_firefox(path: str, folder: Path) -> AsyncIterator[Browser]:
    """That Firefox, with an empty profile; the program that leads to it is kept in the folder."""
    program = folder / "firefox"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{__file__}" "{path}" "$@"\n')
    program.chmod(0o755)
    async with async_playwright() as playwright:
        browser = await playwright.firefox.launch(executable_path=program, channel="moz-firefox")
        try:
            yield browser
        finally:
            await browser.close()


async def main(path: str, *args: str) -> int:
    """Start it and be the way to it; its exit code."""
    process = await asyncio.create_subprocess_exec(
        path, *args, stdout=sys.stderr, stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr
    async for line in process.stderr:
        if found := LISTENS.search(line.decode()):
            break
        sys.stderr.buffer.write(line)
    else:
        return await process.wait()

    async def relay(driver: ServerConnection) -> None:
        assert driver.request
        async with connect(found[1] + driver.request.path, max_size=None) as browser:
            answers = asyncio.create_task(_pass_on(browser, driver))
            async for message in driver:
                command = json.loads(message)
                if command["method"] == UNKNOWN:
                    await driver.send(json.dumps({"type": "success", "id": command["id"], "result": {}}))
                else:
                    await browser.send(message)
            answers.cancel()

    async with serve(relay, "127.0.0.1", 0, max_size=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        print(f"WebDriver BiDi listening on ws://127.0.0.1:{port}", file=sys.stderr, flush=True)  # noqa: T201
        async for line in process.stderr:
            sys.stderr.buffer.write(line)
        return await process.wait()


async def _pass_on(browser: ClientConnection, driver: ServerConnection) -> None:
    async for message in browser:
        await driver.send(message)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(asyncio.run(main(*sys.argv[1:])))
