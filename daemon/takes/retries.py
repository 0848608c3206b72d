"""The retries: what stood in the way of a shot or a take is told, and when it is tried again."""

import structlog

from daemon.disk.marker import Marker
from daemon.recovery.chain import check_end
from events import EventLog, Fenced, LogDamaged, TakesError
from projections.board import Board
from projections.files.threads import in_thread
from projections.keeping import NotKept

log = structlog.get_logger()

PASSED_ON = (NotKept, Fenced)
"""Raised where something is for another machine to do now, or for nobody: it is looked at again in a while."""


class Retries:
    """What cannot be done at the moment for shots and takes of one project; all of it is tried again after a `pause`."""

    def __init__(self, marker: Marker, event_log: EventLog, board: Board, pause: float) -> None:
        self.pause = pause
        self._log = event_log
        self._marker = marker
        self._board = board

    async def note(self, path: str, error: Exception) -> float:
        """Tell what stood in the way, unless it is that the whole project is gone; when to try again.

        LogDamaged where that is so: no shot can be kept by such a log. A disk that gives it later made it look so only.
        """
        await in_thread(self._marker.check)
        if isinstance(error, LogDamaged) and (damage := await check_end(self._log, error)):
            raise damage from error
        self._board.report("shot", path, f"{path}: {error}")
        is_known = isinstance(error, OSError | TakesError)
        log.warning(
            "this will be tried again", what=path, error=str(error), exc_info=None if is_known else error
        )
        return self.pause

    def clear(self, path: str) -> None:
        """Nothing has stood in the way."""
        self._board.report("shot", path)

    def clear_takes(self, path: str) -> None:
        """What stood in the way of takes in a shot that is not there does so no more."""
        self._board.clear_below("shot", f"{path}/take_")
