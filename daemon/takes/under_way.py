"""What is under way: the takes that the runner is at, how far each is, and why nothing goes on. No log knows it."""

from daemon.runners.runner import Progress
from events import TakeKey, Watermark
from projections.board import Board


class UnderWay:
    """The work of one project's runner, as everybody may see it."""

    def __init__(self, board: Board) -> None:
        self.takes: set[TakeKey] = set()
        self.progress: dict[TakeKey, Progress] = {}
        self.problem: str | None = None
        self._board = board
        self._moves = Watermark()

    async def moved(self) -> None:
        """Return once something has got further, has begun or has ended."""
        await self._moves.reach(self._moves.level + 1)

    def tell(self, key: TakeKey, progress: Progress) -> None:
        """That take is so far."""
        self.progress[key] = progress
        self._move_on()

    def end(self, key: TakeKey) -> None:
        """The runner is not at that take any more."""
        self.takes.discard(key)
        self.progress.pop(key, None)
        self._move_on()

    def say(self, problem: str | None) -> None:
        """Why nothing goes on; None where it does."""
        self.problem = problem
        self._board.report("runner", "", *([f"no take is generated: {problem}"] if problem else []))
        self._move_on()

    def _move_on(self) -> None:
        self._moves.rise(self._moves.level + 1)
