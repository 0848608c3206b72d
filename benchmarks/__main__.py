"""The benchmarks: what takes costs beside what a peer costs, in the same run on the same machine.

They report and assert nothing. What they build lies in a folder of its own under `build/` and goes with them.
"""

import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path

import click
from rich.console import Console

from benchmarks.report import Bench, Row, as_json, table

ROOMS = {
    "log": ("log_append", "index_rebuild", "find", "handover", "recover"),
    "studio": ("studio", "tails", "takeover", "studio_day", "farm", "hubs"),
    "media": ("cage", "recipes", "look", "thumbnails", "proxies"),
    "takes": ("api_list", "drop", "burst", "startup", "flood"),
    "page": ("gallery", "drift"),
    "git": ("git_lfs", "git_scale"),
}
MEASURES = {name: f"benchmarks.{room}.{name}" for room, names in ROOMS.items() for name in names}
"""The module of each."""

WIDTH = 150
"""Columns of a report that goes into a file."""

BUILD = Path(__file__).resolve().parent.parent / "build"


def _measure(name: str, bench: Bench) -> Iterator[Row]:
    measure: Callable[[Bench], Iterator[Row]] = import_module(MEASURES[name]).measure
    yield from measure(bench)


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(tuple(MEASURES)), metavar="[NAME]...")
@click.option("--quick", is_flag=True, help="Everything small: says whether it runs, and little about speed.")
@click.option("--idle", type=float, help="Seconds that the idle daemon is watched [66; quick: 5].")
@click.option("--json", "in_json", is_flag=True, help="The report in JSON, for programs.")
def main(*, names: Sequence[str], quick: bool, idle: float | None, in_json: bool) -> None:
    """Measure speed and size beside a peer: all, or those NAMEs.

    \b
    log_append     durable appends, one by one and 64 producers at once
    index_rebuild  the index from 1,000,000 events, and one shot as of a moment
    find           questions to 100,000 takes, with what they have in common
    handover       1,000 shots of 20 takes as an edit's file
    recover        the check of a log's chain, and a new log for 100,000 takes
    studio         the same with a log in PostgreSQL, by 8 and 64 producers
    tails          how soon machines of a studio know what one has said
    takeover       how soon a keeper that is killed is followed
    studio_day     what an hour of a studio asks of its database and its NAS
    farm           jobs of a worker of a studio
    hubs           choices of many people through two hubs of a studio
    cage           a decoder's child in its cage, and in none
    recipes        the settings in graphs of 500 kB, and of 500 savers
    look           seeing whether a file of each kind is whole
    thumbnails     pictures of 1080p clips, two at a time
    proxies        what a browser plays of a ProRes clip
    api_list       a list of 20 takes over the socket, and by `takes ls`
    drop           from a rename to a take with its thumbnail
    burst          10,000 stills at once
    startup        start, first scan and idling with 100,000 takes
    flood          the owner's wait at the socket, in a flood of half requests at the port
    gallery        the page in Chromium: its first picture, a drop, its weight; 50 open event streams
    drift          two and four videos that are compared, at twice the load
    git_lfs        1 GB from the drop to git's index, and commits one by one
    git_scale      100,000 takes in git: start, drop and idling; a drop as the film grows
    """  # noqa: D301 - \b is click's sign for lines to be left as they are
    telling, rows, failed = Console(stderr=True), list[Row](), False
    BUILD.mkdir(exist_ok=True)
    # One folder for all of them: ext4 makes files slowly where many were removed a moment ago.
    with tempfile.TemporaryDirectory(prefix="bench-", dir=BUILD, ignore_cleanup_errors=True) as folder:
        for name in dict.fromkeys(names or MEASURES):
            telling.print(name)
            own = Path(folder) / name
            own.mkdir()
            bench = Bench(own, telling, quick=quick, idle=idle or (5.0 if quick else 66.0))
            try:
                rows += _measure(name, bench)
            except Exception:  # noqa: BLE001 - what broke is told, and the others are still measured
                failed = True
                telling.print(traceback.format_exc(), markup=False, highlight=False)
    if in_json:
        click.echo(as_json(rows))
    else:
        console = Console()
        console = console if console.is_terminal else Console(width=WIDTH)
        console.print(table(rows))
    sys.exit(failed)


if __name__ == "__main__":
    main()
