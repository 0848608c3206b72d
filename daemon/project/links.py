"""The links: all by which guests come in at this daemon's doors.

Those that a hub has made into a film of a studio are in its database, so that every hub of it knows them, and knows of
none any more that was withdrawn at another one. All others lie beside the token of this machine.
"""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from daemon.project.project import Project, ProjectSuspended
from daemon.project.projects import Projects
from daemon.project.studio import shares_of
from daemon.shares import Share, ShareNotFound, Shares, key_of, seal
from events import StudioAway
from projections.files.threads import in_thread

if TYPE_CHECKING:
    from events.store.postgres.shares import FilmShares


class Links:
    """Makes links, lists and withdraws them, and finds what a guest may see."""

    def __init__(self, projects: Projects, shares: Shares, *, is_hub: bool) -> None:
        self._projects = projects
        self._shares = shares
        self._is_hub = is_hub

    async def of(self, project: Project) -> Sequence[Share]:
        """Those that lead into that film; of each place the oldest first."""
        own, known = await in_thread(self._shares.of, project.root), self._in_studio(project)
        return [*own, *(_read(said, project.root) for said in await known.all())] if known else own

    async def make(self, project: Project, share: Share) -> str:
        """Have that link; what a guest brings. Its `key` is made here."""
        secret, sealed = seal(share)
        if known := self._in_studio(project):
            said = msgspec.json.encode(sealed).decode()
            await known.add(sealed.id, sealed.key, said, sealed.until - sealed.made)
        else:
            await in_thread(self._shares.add, sealed)
        return secret

    async def withdraw(self, project: Project, share: str) -> Share:
        """Have a link lead nowhere, at once and at every hub; ShareNotFound."""
        with suppress(ShareNotFound):
            return await in_thread(self._shares.withdraw, project.root, share)
        known = self._in_studio(project)
        said = await known.withdraw(share) if known else None
        if said is None:
            raise ShareNotFound(share)
        return _read(said, project.root)

    async def shown(self, text: str) -> Share | None:
        """The link whose guest shows that; None where there is none, or no more.

        ProjectSuspended, or StudioAway, where that cannot be known for now.
        """
        if found := await in_thread(self._shares.shown, text):
            return found
        return await self._shown_by_studio(key_of(text)) if self._is_hub else None

    async def _shown_by_studio(self, key: str) -> Share | None:
        asked, in_the_way, found = set[object](), None, dict[str, str]()
        for project in self._projects.all:
            try:
                known = self._in_studio(project)
                if known and known.studio not in asked:  # which has the links into all of its films
                    asked.add(known.studio)
                    found |= await known.opened_by(key)
                if said := found.get(project.parts.log.id):
                    return _read(said, project.root)
            except (ProjectSuspended, StudioAway) as error:
                in_the_way = error
        if in_the_way:
            raise in_the_way
        return None

    def _in_studio(self, project: Project) -> "FilmShares | None":
        """Where every hub of the film's studio finds its links; None where it is in none, or this is no hub."""
        return shares_of(project.parts.log) if self._is_hub else None


def _read(said: str, root: Path) -> Share:
    """The link as it is in a studio's database, to the film where it lies here."""
    return msgspec.structs.replace(msgspec.json.decode(said, type=Share), root=str(root))
