"""The gallery in a real browser: files and folders are dropped on a shot, with their progress, and taken out again."""

import shutil
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, expect

from projections.layout import full_id
from tests.e2e.crossing import is_known
from tests.e2e.film import running_daemon
from tests.e2e.gallery.browser import Gallery, check_look, says, visiting
from tests.support.film import DAWN, NOON, below, make_film, still, until, video

pytestmark = pytest.mark.asyncio(loop_scope="session")

AT_DAWN = f"/p/myfilm/{full_id(DAWN)}"


async def drag(gallery: Gallery, paths: Sequence[Path], target: Locator, *, drop: bool = True) -> None:
    """Drag files of this machine over something of the page, as the desktop does, and let them go there."""
    box = await target.bounding_box()
    assert box
    session = await gallery.page.context.new_cdp_session(gallery.page)
    where = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    data = {"items": [], "files": [str(one) for one in paths], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", *(["drop"] if drop else [])):
        await session.send("Input.dispatchDragEvent", {"type": kind, **where, "data": data})
    await session.detach()


def made(folder: Path, **contents: bytes) -> list[Path]:
    """Files on the desktop, by their names with `_` for the dot before the ending."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / name.replace("_", ".") for name in contents]
    for path, content in zip(paths, contents.values(), strict=True):
        path.write_bytes(content)
    return paths


async def ready(gallery: Gallery) -> None:
    """Wait until the page listens to what is dragged."""
    await expect(gallery.page.get_by_role("region", name="Files on their way")).to_be_attached()


async def test_files_and_a_folder_of_frames_are_dropped_on_a_shot_and_are_its_takes(
    tmp_path: Path, browser: Browser
) -> None:
    film, desk = await make_film(tmp_path), tmp_path / "desk"
    paths = made(desk, clip_mp4=video(), clip_json=b'{"prompt": "gulls", "seed": 7}', notes_docx=b"no take")
    made(desk / "sea", sea_0001_png=still(1), sea_0002_png=still(2))
    async with running_daemon(film, port=0) as daemon:
        await is_known(daemon, DAWN)
        async with visiting(browser, daemon, AT_DAWN) as gallery:
            await ready(gallery)
            main = gallery.page.get_by_role("main")
            await drag(gallery, paths, main, drop=False)
            await expect(gallery.page.get_by_text("Drop to make takes of Dawn")).to_be_visible()
            await drag(gallery, [*paths, desk / "sea"], main)
            await daemon.finished(2)
            await says(gallery.take(1), "complete")
            await says(gallery.take(2), "complete")
            await expect(gallery.page.get_by_text("notes.docx: its extension")).to_be_visible()
            await check_look(gallery, "drops-left")
            await gallery.button("Dismiss").last.click()
            await drag(gallery, made(desk, other_png=still(3)), gallery.node("Noon"))
            await daemon.finished(1, NOON)
            await gallery.messages.get_by_role("button", name="Show").click()
            await says(gallery.take(1), "complete")


async def test_what_cannot_be_sent_says_what_to_do_and_is_sent_again(
    tmp_path: Path, browser: Browser
) -> None:
    film = await make_film(tmp_path)
    (path,) = made(tmp_path / "desk", clip_png=still(1))
    async with running_daemon(film, port=0) as daemon:
        await is_known(daemon, DAWN)
        async with visiting(browser, daemon, AT_DAWN) as gallery:
            await ready(gallery)
            gallery.forgive("net::ERR_FAILED")
            await gallery.page.route("**/uploads/**", lambda route: route.abort())
            await drag(gallery, [path], gallery.page.get_by_role("main"))
            await expect(gallery.page.get_by_role("alert")).to_contain_text("Try again")
            await check_look(gallery, "drops-failed")
            await gallery.page.unroute("**/uploads/**")
            await gallery.button("Try again").click()
            await daemon.finished(1)
            await says(gallery.take(1), "complete")


async def test_a_drop_is_cancelled_and_nothing_of_it_is_kept(tmp_path: Path, browser: Browser) -> None:
    film, uploads = await make_film(tmp_path), tmp_path / "MyFilm/.takes/uploads"
    path = tmp_path / "desk" / "large.mp4"
    path.parent.mkdir()
    with path.open("wb") as file:
        file.truncate(4 << 30)
    async with running_daemon(film, port=0) as daemon:
        await is_known(daemon, DAWN)
        async with visiting(browser, daemon, AT_DAWN) as gallery:
            if shutil.disk_usage(tmp_path).free < 6 << 30:
                pytest.skip("no room for a file that is long under way")
            await ready(gallery)
            await drag(gallery, [path], gallery.page.get_by_role("main"))
            await expect(gallery.page.get_by_role("progressbar", name="1 file to Dawn")).to_be_visible()
            await until(partial(_has_files, uploads))
            await gallery.button("Cancel").click()
            await expect(gallery.page.get_by_role("progressbar")).to_have_count(0)
            await until(partial(_has_files, uploads, count=0))
        assert await daemon.takes() == []


async def _has_files(folder: Path, count: int = 1) -> bool:
    return sum(one.is_file() for one in below(folder)) == count


async def test_files_are_chosen_without_a_mouse(tmp_path: Path, browser: Browser) -> None:
    film = await make_film(tmp_path)
    paths = made(tmp_path / "desk", one_png=still(1), two_png=still(2))
    async with running_daemon(film, port=0) as daemon:
        await is_known(daemon, DAWN)
        async with visiting(browser, daemon, AT_DAWN) as gallery:
            await ready(gallery)
            await gallery.page.keyboard.press("Control+k")
            async with gallery.page.expect_file_chooser() as chooser:
                await gallery.page.keyboard.type("add files")
                await gallery.page.keyboard.press("Enter")
            await (await chooser.value).set_files(paths)
            await daemon.finished(2)
            await says(gallery.take(2), "complete")


async def test_a_drop_on_the_page_is_a_take_as_soon_as_one_in_the_folder(
    tmp_path: Path, browser: Browser
) -> None:
    film = await make_film(tmp_path)
    (path,) = made(tmp_path / "desk", clip_mp4=video())
    async with running_daemon(film, port=0) as daemon:
        await is_known(daemon, DAWN)
        async with visiting(browser, daemon, AT_DAWN) as gallery:
            await ready(gallery)
            begun = time.perf_counter()
            film.drop(video(), "folder.mp4")
            await daemon.finished(1)
            in_folder = time.perf_counter() - begun
            begun = time.perf_counter()
            await drag(gallery, [path], gallery.page.get_by_role("main"))
            await daemon.finished(2)
            on_page = time.perf_counter() - begun
    print(f"a drop in the folder: {in_folder * 1000:.0f} ms, on the page: {on_page * 1000:.0f} ms")  # noqa: T201
    assert on_page < in_folder + 2  # nothing waits to settle: it is renamed into the folder
