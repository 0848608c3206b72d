"""Workers: whether anybody is there who makes what is asked for in a film of a studio."""

from collections.abc import Sequence

from events.store.postgres.desks import Asked, OfFilm

HOUR, MINUTE = 3600, 60

SEEN = """SELECT f.queue, coalesce(max(w.until) > clock_timestamp(), false),
        extract(epoch FROM clock_timestamp() - max(w.seen))::float8
    FROM takes.films f LEFT JOIN takes.workers w ON (w.film, w.queue) = (f.film, f.queue)
    WHERE f.film = %s AND f.queue IS NOT NULL GROUP BY f.queue"""


class Workers:
    """Those of one film; `missing` says so where none is there and one is needed, as far as is known."""

    def __init__(self, studio: Asked, log: OfFilm) -> None:
        self._studio = studio
        self._log = log
        self.missing: str | None = None

    async def look(self) -> None:
        """Learn who is there now; StudioAway, and StudioNotReady where an earlier release has made the tables."""
        missing = None
        for queue, is_there, silent in await self._studio.rows(SEEN, self._log.film):
            if not is_there:
                missing = f"no worker of the queue {queue} has been seen{_since(silent)}"
        self.missing = missing

    async def stand_by(self, host: str, queues: Sequence[str], seconds: float) -> None:
        """Say that a worker is there for so long, and looks into these; the same errors."""
        query = "SELECT takes.stand_by(%s, %s, %s::text[], %s)"
        await self._studio.rows(query, self._log.film, host, [*queues], seconds)


def _since(seconds: float | None) -> str:
    """Coarse, so that it does not change all the time."""
    if seconds is None:
        return ""
    for unit, name in ((24 * HOUR, "d"), (HOUR, "h"), (MINUTE, "min")):
        if seconds >= unit:
            return f" for {seconds // unit:.0f} {name}"
    return " for some seconds"
