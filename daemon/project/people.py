"""The people of a film: what each may do who comes by a hub, as its log says."""

from collections.abc import Mapping

from events import Role
from projections.index.index import Index


class People:
    """Who may do what with one film; it is asked at every request, and looked up again where the log has moved on."""

    def __init__(self) -> None:
        self._roles: Mapping[str, Role] = {}
        self._position = -1

    async def role_of(self, person: str, index: Index | None) -> Role | None:
        """What that person may do; what was known last, while the film is away."""
        if index and (position := index.seen.level) != self._position:
            found = await index.people()
            self._roles, self._position = {one.name: one.role for one in found}, position
        return self._roles.get(person)
