"""The gallery in a real browser: its first picture, a drop that appears, its weight; and event streams left open."""

import http.server
import re
import shutil
import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from time import sleep
from typing import TYPE_CHECKING, Any

import daemon
from benchmarks import processes
from benchmarks.clips import make_png
from benchmarks.report import Bench, Row, at_most, at_most_of_peer
from benchmarks.stage import Stage, running, wait_until, wait_until_it_answers
from daemon.cli.client import api_path
from daemon.home.init import init_project
from daemon.http.token import read_token
from projections.layout import full_id, take_name

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

SHOT = "01_Chapter/01_Scene/001_Pier"
PAGE = Path(daemon.__file__).parent / "page"
STREAMS = 50
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

NOTE_FIRST_PICTURE = """
document.addEventListener('load', (event) => {
  const picture = event.target
  if (picture.tagName === 'IMG' && picture.naturalWidth > 1 && picture.closest('[role=option], #first, main.peer'))
    window.firstPicture ??= performance.now()
}, true)
"""
"""Run before the page is: when the first picture of a take has come, in ms since the page was asked for."""

SCROLL = """
async () => {
  const grid = document.getElementById('takes')
  const tasks = []
  new PerformanceObserver((list) => tasks.push(...list.getEntries().map((entry) => entry.duration)))
    .observe({ type: 'longtask' })
  const frames = []
  for (let top = 0, before = performance.now(); top < grid.scrollHeight; top += 240) {
    grid.scrollTop = top
    await new Promise(requestAnimationFrame)
    frames.push(-before + (before = performance.now()))
  }
  await new Promise((done) => setTimeout(done, 500))
  return { tasks, frames }
}
"""
"""From the top of the grid to its end, a part of a card in each frame: the tasks of more than 50 ms, and the frames."""

MANY = 2_000
"""Takes of the shot that is scrolled."""

HAS_TAKE = """(id) => document.querySelector(`[role=option][data-key$="/${id}"] img`) && Date.now()"""


def measure(bench: Bench) -> Iterator[Row]:
    """Make a shot with many takes, open it in Chromium, drop more, and leave streams open."""
    takes = bench.scaled(200, 30)
    root = bench.folder / "film"
    folder = root / SHOT / "takes"
    folder.mkdir(parents=True)
    init_project(root)
    weight, later = _weight()
    yield Row(
        measure="page weight, compressed",
        unit="kB",
        ours=weight,
        aims=[at_most(150)],
        note=f"before pictures; {later:.0f} kB more once they are there, or when they are wanted",
    )
    with running(root, "--port", "0") as stage:
        wait_until_it_answers(stage)
        bench.say(f"making {takes} takes")
        for number in range(takes):
            _drop(bench, folder, number)
        wait_until(lambda: _made(stage) >= takes and stage.is_at_rest())
        if browser := shutil.which("chromium") or shutil.which("google-chrome"):
            yield from _in_browser(bench, stage, browser, folder, takes)
        else:
            yield Row(measure="the page in a browser", unit="ms", ours=None, note="there is no Chromium here")
        yield _streams(bench, stage)


def _weight() -> tuple[float | None, float]:
    """What a browser fetches before any picture, and what the page loads later, in kB; None where it was never built."""
    page = PAGE / "index.html"
    if not page.is_file():
        return None, 0.0
    named = {
        PAGE / name.lstrip("/") for name in re.findall(r'(?:src|href)="(/assets/[^"]+)"', page.read_text())
    }
    later = {path for path in (PAGE / "assets").iterdir() if path.suffix != ".gz"} - named
    return _packed({page, *named}), _packed(later)


def _packed(files: Iterable[Path]) -> float:
    """What these weigh on their way, in kB."""
    on_their_way = [path.with_name(f"{path.name}.gz") for path in files]
    return sum((one if one.is_file() else one.with_suffix("")).stat().st_size for one in on_their_way) / 1000


def _drop(bench: Bench, folder: Path, number: int) -> None:
    made = make_png(bench.folder / f"{number}.png", number)
    made.rename(folder / made.name)


def _made(stage: Stage) -> int:
    found = stage.ask("shots", full_id(SHOT), "takes")["takes"] if stage.ask("shots")["shots"] else []
    return sum(one["status"] == "complete" for one in found)


def _in_browser(bench: Bench, stage: Stage, path: str, folder: Path, takes: int) -> Iterator[Row]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            yield _first_picture(bench, stage, browser, folder, takes)
            yield _scroll(bench, stage, browser)
            yield _drops(bench, stage, browser, folder, takes)
        finally:
            browser.close()


def _first_picture(bench: Bench, stage: Stage, browser: "Browser", folder: Path, takes: int) -> Row:
    """Open the shot anew each time, with nothing in the browser's memory; the peer's page likewise."""
    runs = bench.scaled(7, 3)
    bench.say(f"opening a shot with {takes} takes {runs} times")
    with _plain_page(folder, takes) as peer:
        pairs = [(_opened(browser, stage), _opened(browser, stage, peer)) for _ in range(runs)]
    return Row(
        measure=f"first picture of a shot with {takes} takes",
        unit="ms",
        ours=median(ours for ours, _ in pairs),
        peer="a page of plain HTML with the same pictures",
        theirs=median(theirs for _, theirs in pairs),
        aims=[at_most_of_peer(1.8)],
        note="from the request for the page to the picture's load event, nothing cached",
    )


def _opened(browser: "Browser", stage: Stage, peer: str | None = None) -> float:
    page = open_page(browser, stage)
    page.goto(peer or address(stage))
    found = page.wait_for_function("() => window.firstPicture").json_value()
    page.context.close()
    return float(found)


def open_page(browser: "Browser", stage: Stage) -> "Page":
    """A page of a browser that the gallery lets in."""
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, bypass_csp=True
    )  # for what waits there
    page = context.new_page()
    gallery = stage.daemon.ask("GET", "/api/health")["gallery"]
    page.goto(f"{_origin(stage)}/open?token={read_token(gallery['tokenFile']).text}", wait_until="commit")
    page.goto("about:blank")
    page.add_init_script(NOTE_FIRST_PICTURE)
    return page


def _origin(stage: Stage) -> str:
    return f"http://127.0.0.1:{stage.daemon.ask('GET', '/api/health')['gallery']['port']}"


def address(stage: Stage) -> str:
    return f"{_origin(stage)}/#/p/{stage.project}/{full_id(SHOT)}"


@contextmanager
def _plain_page(folder: Path, takes: int) -> Iterator[str]:
    """The same pictures in a page without a script, from Python's own server."""
    pictures = [f"{take_name(n)}/shot_001_{take_name(n)}_thumbnail.png" for n in range(takes, 0, -1)]
    images = "".join(f'<img src="{one}" loading="lazy" width="320" height="180">' for one in pictures)
    (folder.parent / "plain.html").write_text(f"<main class=peer><base href=takes/>{images}</main>")
    handler = partial(_Quiet, directory=str(folder.parent))
    with _Peer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/plain.html"
        finally:
            server.shutdown()


class _Peer(http.server.ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a browser that has seen enough."""


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its own name
        """Say nothing."""


def _scroll(bench: Bench, stage: Stage, browser: "Browser") -> Row:
    """Scroll through a shot that is told to have many takes: those that it has, again and again."""
    bench.say(f"scrolling {MANY} takes")
    page = open_page(browser, stage)
    page.route("**/takes", _tell_of_many)
    page.goto(address(stage))
    page.wait_for_function("() => window.firstPicture")
    found = page.evaluate(SCROLL)
    page.context.close()
    return Row(
        measure=f"the longest task while {MANY:,} takes are scrolled",
        unit="ms",
        ours=max(found["tasks"], default=0),
        aims=[at_most(50)],
        note=f"{len(found['tasks'])} of more than 50 ms; a frame takes {median(found['frames']):.0f} ms, "
        f"p95 {quantiles(found['frames'], n=20)[-1]:.0f} ms",
    )


def _tell_of_many(route: "Route") -> None:
    told = route.fetch().json()
    some = told["takes"]
    takes = [
        some[number % len(some)] | {"id": take_name(number + 1), "number": number + 1}
        for number in range(MANY)
    ]
    route.fulfill(json=told | {"takes": takes})


def _drops(bench: Bench, stage: Stage, browser: "Browser", folder: Path, takes: int) -> Row:
    """From the completion of a drop, as the log has it, until its picture's place is on the page."""
    count = bench.scaled(30, 5)
    bench.say(f"dropping {count} stills one by one beside the open page")
    page = open_page(browser, stage)
    page.goto(f"{address(stage)}?take={take_name(takes)}")  # where the next ones will appear
    page.wait_for_function("() => window.firstPicture")
    late = []
    for number in range(takes + 1, takes + 1 + count):
        _drop(bench, folder, number)
        seen = page.wait_for_function(HAS_TAKE, arg=take_name(number), polling="raf").json_value()
        late.append(float(seen) - _completed(stage, number))
    page.context.close()
    return Row(
        measure="a drop on the open page after its completion, p50",
        unit="ms",
        ours=median(late),
        aims=[at_most(60)],
        note=f"p95 {quantiles(late, n=20)[-1]:.0f} ms, to the frame in which its card is there with a picture",
    )


def _completed(stage: Stage, number: int) -> float:
    """When that take was completed, in ms since 1970."""
    events = stage.daemon.ask("GET", api_path("projects", stage.project, "events", after=0, limit=10_000))[
        "events"
    ]
    (at,) = [one["at"] for one in events if one["type"] == "take.completed" and one["data"]["take"] == number]
    return datetime.fromisoformat(at).timestamp() * 1000


def _streams(bench: Bench, stage: Stage) -> Row:
    """What streams that are open and hear nothing cost the daemon, beside what it costs without them."""
    seconds = min(bench.idle, 30.0)
    bench.say(f"idling for {seconds:g} s without and with {STREAMS} open streams")
    without = _busy(stage, seconds)
    streams = [_stream(stage) for _ in range(STREAMS)]
    share = _busy(stage, seconds)
    for one in streams:
        one.close()
    return Row(
        measure=f"{STREAMS} open event streams, idle",
        unit="% of a core",
        ours=share,
        peer="the same daemon without them",
        theirs=without,
        aims=[at_most(5)],
        note=f"over {seconds:g} s; each is told every 15 s that the daemon is there",
    )


def _stream(stage: Stage) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(stage.daemon.path)
    head = [
        f"GET {api_path('projects', stage.project, 'events', after=stage.ask('status')['position'])} HTTP/1.1",
        "Host: takes",
        "Accept: text/event-stream",
    ]
    connection.sendall("\r\n".join([*head, "", ""]).encode())
    if not re.match(rb"HTTP/1.1 200", connection.recv(4096)):
        raise ConnectionError("the daemon tells nothing of its events")
    return connection


def _busy(stage: Stage, seconds: float) -> float | None:
    """The share of a core that the daemon has in that time, in percent."""
    before = processes.cpu(stage.pid)
    sleep(seconds)
    after = processes.cpu(stage.pid)
    return (after - before) / seconds * 100 if after is not None and before is not None else None
