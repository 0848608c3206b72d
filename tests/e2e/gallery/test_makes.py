"""The gallery in a real browser: takes are asked for and watched while they are made, and the page outlives the daemon."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from playwright.async_api import Browser, Locator, expect

from projections.layout import full_id
from tests.e2e.crossing import GULLS, RENDERER, ask_for, clip, drop, has_stage, is_known
from tests.e2e.film import Daemon, running_daemon, started
from tests.e2e.gallery.browser import Gallery, says, visiting
from tests.support.film import DAWN, NOON, make_film, put, still, until

pytestmark = pytest.mark.asyncio(loop_scope="session")

AT_DAWN = f"/p/myfilm/{full_id(DAWN)}"
AT_GULLS = f"/p/myfilm/{full_id(GULLS)}"

MANY = 400

TOO_LARGE = 2**70
"""A seed that the log does not keep; the page leaves it to the daemon to say so."""


@asynccontextmanager
async def rendering(folder: Path, **choices: Any) -> AsyncIterator[Daemon]:
    """A daemon whose runner makes one still at a time, of the colour of its seed."""
    film = await make_film(folder)
    async with running_daemon(film, port=0, runner=RENDERER, **choices) as daemon:
        await is_known(daemon, DAWN)
        yield daemon


def field(gallery: Gallery, name: str) -> Locator:
    """A field of the generation dialog."""
    return gallery.dialog.get_by_label(name, exact=True)


async def choose(gallery: Gallery, name: str) -> None:
    """One of a few choices of the dialog."""
    await gallery.dialog.get_by_text(name, exact=True).click()
    await expect(gallery.dialog.get_by_role("radio", name=name)).to_be_checked()


# Takes that are asked for.


async def test_a_take_is_made_again_by_keys_alone(tmp_path: Path, browser: Browser) -> None:
    async with rendering(tmp_path) as daemon:
        await ask_for(daemon, DAWN, prompt="gulls", seed=7)
        await daemon.finished(1)
        async with visiting(browser, daemon, f"{AT_DAWN}?take=take_001") as gallery:
            keys = gallery.page.keyboard
            await expect(gallery.take(1)).to_be_visible()
            for number, words in ((2, "make it again"), (3, "with another seed")):
                await keys.press("Control+k")
                await expect(gallery.dialog.get_by_role("combobox")).to_be_focused()
                await keys.type(words)
                await keys.press("Enter")
                await daemon.finished(number)
        first, again, other = [one["generationParams"]["seed"] for one in await daemon.takes()]
        assert first == again == 7 != other
        assert ((await daemon.take(2)) or {})["again"] == {"takeId": "take_001", "same": True}


async def test_another_take_is_asked_for_and_watched_until_its_picture_is_there(
    tmp_path: Path, browser: Browser
) -> None:
    gate, other = tmp_path / "gate", tmp_path / "other"
    put(gate, b"")
    recipe = {
        "prompt": "gulls at dawn",
        "seed": 7,
        "wait": str(gate),
        "lines": [json.dumps({"progress": 0.4})],
    }
    async with rendering(tmp_path) as daemon:
        await ask_for(daemon, DAWN, **recipe)
        await daemon.finished(1)
        gate.unlink()
        await ask_for(daemon, DAWN, wait=str(other))
        await has_stage(daemon, 2, DAWN, "running")
        async with visiting(browser, daemon, AT_DAWN) as gallery:
            await gallery.take(1).click()
            await gallery.page.keyboard.press("n")
            await expect(field(gallery, "Prompt")).to_have_value("gulls at dawn")
            await choose(gallery, "Same again")
            await expect(field(gallery, "Seed")).to_have_value("7")
            await gallery.dialog.get_by_role("button", name="Generate").click()
            await expect(gallery.dialog).to_have_count(0)
            await says(gallery.take(3), "queued")
            await expect(gallery.take(3)).to_have_attribute("aria-selected", "true")
            put(other, b"")
            await says(gallery.take(3), "generating")
            await expect(gallery.take(3).get_by_role("progressbar")).to_have_attribute("aria-valuenow", "40")
            put(gate, b"")
            await says(gallery.take(3), "complete")
            await gallery.pictures_are_there(gallery.take(3))
            await expect(gallery.recipe).to_contain_text("gulls at dawn")
            made = await daemon.take(3) or {}
            assert made["generationParams"] == recipe


async def test_a_seed_is_new_unless_the_same_is_wanted_and_a_bad_one_is_told_at_its_field(
    tmp_path: Path, browser: Browser
) -> None:
    async with rendering(tmp_path) as daemon:
        await ask_for(daemon, DAWN, prompt="gulls", seed=7)
        await daemon.finished(1)
        async with visiting(browser, daemon, AT_DAWN) as gallery:
            await gallery.take(1).click()
            await gallery.button("New take").click()
            await expect(gallery.dialog.get_by_role("radio", name="Random")).to_be_checked()
            await expect(field(gallery, "Seed")).not_to_have_value("7")
            rolled = await field(gallery, "Seed").input_value()
            await gallery.dialog.get_by_role("button", name="Roll another seed").click()
            await expect(field(gallery, "Seed")).not_to_have_value(rolled)

            await field(gallery, "Seed").fill(str(TOO_LARGE))
            await gallery.dialog.get_by_role("button", name="Generate").click()
            params = {"generationParams": {"seed": TOO_LARGE}}
            answer = await daemon.ask("POST", f"shots/{full_id(DAWN)}/takes", params)
            reason = answer.json()["errors"][0]["message"]
            await expect(field(gallery, "Seed")).to_have_accessible_description(reason)
            await expect(field(gallery, "Seed")).to_be_focused()
            gallery.forgive("400")

            await choose(gallery, "Random")
            await gallery.dialog.get_by_role("button", name="Generate").click()
            await says(gallery.take(2), "complete")
            assert (await daemon.take(2) or {})["generationParams"]["seed"] != 7


async def test_a_failure_is_told_and_what_is_queued_can_be_cancelled(
    tmp_path: Path, browser: Browser
) -> None:
    async with rendering(tmp_path) as daemon, visiting(browser, daemon, AT_DAWN) as gallery:
        await ask_for(daemon, DAWN, prompt="gulls", exit=3, complaint="no VRAM left")
        await says(gallery.take(1), "failed", "no VRAM left")
        reason = gallery.take(1).get_by_text(re.compile(r"^\S+: exit code 3\s+no VRAM left$"))
        await expect(reason).to_be_visible()
        await ask_for(daemon, DAWN, prompt="gulls", wait=str(tmp_path / "never"))
        await says(gallery.take(2), "generating")
        await ask_for(daemon, DAWN, prompt="gulls")
        await says(gallery.take(3), "queued")
        await gallery.take(3).click()
        await gallery.button("Cancel").click()
        await expect(gallery.take(3)).to_have_count(0)
        await expect(gallery.messages).to_contain_text("Take 3 cancelled.")
        cancelled = await daemon.take(3) or {}
        assert (cancelled["status"], cancelled["deleted"]) == ("failed", True)
        await says(gallery.take(2), "generating")


# A page that stays open.


async def test_a_page_goes_on_when_its_daemon_is_back_and_misses_nothing(
    tmp_path: Path, browser: Browser
) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, port=0) as first:
        await drop(first, DAWN, still(1), ".png")
        async with visiting(browser, first, AT_DAWN) as gallery:
            await says(gallery.take(1), "complete")
            await says(gallery.node("Dawn"), "1 take")
            await first.kill()
            notice = gallery.page.get_by_text("The daemon is away")
            await expect(notice).to_be_visible()
            film.drop(clip("meanwhile"), "meanwhile.mp4")
            film.drop(still(3), "meanwhile.png", NOON)
            async with started(film, at=first.socket) as second:
                await says(gallery.take(2), "complete", "1 second")
                await gallery.pictures_are_there(gallery.take(2))
                await expect(notice).to_have_count(0)
                await says(gallery.node("Noon"), "1 take")
                await second.finished(1, NOON)
                film.drop(still(4), "later.png")
                await says(gallery.take(3), "complete")
            gallery.forgive("net::ERR_")


async def test_of_hundreds_of_takes_a_few_dozen_are_drawn_and_end_reaches_the_last(
    tmp_path: Path, browser: Browser
) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, port=0) as daemon:
        await is_known(daemon, DAWN)
        async with anyio.create_task_group() as group:
            for lane in range(4):
                group.start_soon(ask_often, daemon, MANY // 4, lane)
        async with visiting(browser, daemon, AT_DAWN) as gallery:
            await expect(gallery.take(MANY)).to_have_attribute("aria-setsize", str(MANY))
            await gallery.take(MANY).click()
            await gallery.page.keyboard.press("End")
            await expect(gallery.take(1)).to_be_in_viewport()
            await expect(gallery.take(1)).to_have_attribute("aria-selected", "true")
            assert await gallery.takes.get_by_role("option").count() < 60
            await gallery.page.keyboard.press("Home")
            await expect(gallery.take(MANY)).to_be_in_viewport()
            assert await gallery.takes.get_by_role("option").count() < 60


async def ask_often(daemon: Daemon, times: int, lane: int) -> None:
    for number in range(times):
        await ask_for(daemon, DAWN, prompt=f"gulls {lane} {number}")


async def test_nothing_jumps_while_a_shot_opens_and_its_pictures_arrive(
    shown: Daemon, browser: Browser
) -> None:
    async with visiting(browser, shown, AT_GULLS) as gallery:
        await gallery.pictures_are_there(gallery.takes)
        await gallery.button("MyFilm").click()
        await gallery.pictures_are_there()
        await gallery.node("Mara Ties The Boat").click()
        await gallery.pictures_are_there(gallery.takes)
        moved: list[float] = await gallery.page.evaluate("moved")
        assert sum(moved) < 0.02, moved


async def test_a_breach_of_the_policy_would_be_noticed(shown: Daemon, browser: Browser) -> None:
    async with visiting(browser, shown) as gallery:
        await gallery.page.evaluate("document.body.setAttribute('style', 'color: red')")

        async def is_noticed() -> bool:
            return any("CSP" in one for one in gallery.complaints)

        await until(is_noticed)
        gallery.forgive("CSP|Content Security Policy")
