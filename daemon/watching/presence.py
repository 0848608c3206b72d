"""The presence of a project: whether its disk answers, its folder is there, and its watch hears anything."""

import asyncio
from pathlib import Path

from daemon.clock import Clock
from daemon.disk.marker import Marker
from daemon.watching.watch import Watch
from projections.board import Board
from projections.files.threads import in_thread

PATIENCE = 10.0
"""Seconds after which a disk that does not answer is told of."""

CHECK = 2.0
"""Seconds between two looks whether the project is still there."""


class Presence:
    """Asks now and then, and tells the board what is amiss."""

    def __init__(self, root: Path, marker: Marker, watch: Watch, board: Board, clock: Clock) -> None:
        self._root = root
        self._marker = marker
        self._watch = watch
        self._board = board
        self._clock = clock

    async def watch_over(self) -> None:
        """MarkerGone soon after the project's folder is away, though nothing in it happens any more."""
        while True:
            self._tell_of_watch()
            await self._clock.sleep(CHECK)
            await self._ask_disk()

    async def _ask_disk(self) -> None:
        """Have the disk say that the project is there, and tell of one that does not answer."""
        asked = asyncio.ensure_future(in_thread(self._marker.check))
        try:
            while not asked.done():
                with self._clock.until(self._clock() + PATIENCE):
                    await asyncio.wait([asked])
                late = () if asked.done() else (f"the disk of {self._root} has not answered for a while",)
                self._board.report("disk", "", *late, hint="The film goes on by itself when it does.")
            asked.result()
        finally:
            asked.cancel()

    def _tell_of_watch(self) -> None:
        watch = self._watch
        what = (watch.problem,) if watch.problem else ()
        self._board.report("watch", "", *what, hint="Drops are found by scanning meanwhile.")
        stopped = () if watch.is_well() else ("the watcher has stopped",)
        self._board.report(
            "watch", "stopped", *stopped, hint="Restart the daemon; drops are found by scanning."
        )
