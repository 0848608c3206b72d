"""Shares: links for guests that open at every hub of a studio. What each is of, is for whoever makes it to say."""

from events.store.postgres.desks import Asked, OfFilm

ADD = "SELECT takes.share(%s, %s, %s, %s, %s)"
WITHDRAW = "SELECT takes.withdraw(%s, %s)"
SHARED = "SELECT log, said FROM takes.shared(%s, %s)"


class FilmShares:
    """Those that lead into one film. Each question raises StudioAway where the database does not answer."""

    def __init__(self, studio: Asked, log: OfFilm) -> None:
        self.studio = studio
        self._log = log

    async def add(self, share: str, key: str, said: str, seconds: float) -> None:
        """Have that link be there for so long; `key` is the hash by which a guest's is known."""
        await self.studio.rows(ADD, self._log.film, share, key, said, seconds)

    async def withdraw(self, share: str) -> str | None:
        """Have it lead nowhere; what was said of it, None where it was not there."""
        ((said,),) = await self.studio.rows(WITHDRAW, self._log.film, share)
        return said and str(said)

    async def all(self) -> list[str]:
        """What is said of each that leads somewhere."""
        return [said for _, said in await self.studio.rows(SHARED, self._log.film, None)]

    async def opened_by(self, key: str) -> dict[str, str]:
        """What is said of the link of that key into any film of the database, by the id of that one's log."""
        return dict(await self.studio.rows(SHARED, None, key))
