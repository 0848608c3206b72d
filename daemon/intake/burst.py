"""A burst: plain stills that are done together, step by step for all of them.

Nothing is said of one with which anything is wrong, or that turns out to be more than it seemed: that is found when it
is done alone.
"""

from collections.abc import Sequence
from pathlib import Path

from daemon.config.policies import Policies
from daemon.intake.arrival import Arrivals, Placed, Work
from daemon.intake.completion import Told, params_of, rule_of, tell_each
from daemon.intake.look import TakeLook
from daemon.metrics import Steps
from daemon.sequences.place import is_sequence
from daemon.shots.shots import Rule
from events import Take
from projections.layout import kind_of

SMALL = 1 << 20
"""Bytes of a still that waits for others, and has them wait, for a moment only."""


def is_plain(take: Take) -> bool:
    """Whether it is a small still that was dropped alone, as those of a burst are: it may be finished with others."""
    source, name = take.source, take.source.name or ""
    is_alone = not (source.companions or source.recipe or source.supersedes or is_sequence(source))
    is_small = source.identity is not None and source.identity.size < SMALL
    return (
        source.kind == "drop" and is_alone and is_small and kind_of(name) == "image" and not take.is_accepted
    )


class Bursts:
    """Has the plain stills of one project's bursts in their folders, looked into and kept."""

    def __init__(
        self, root: Path, arrivals: Arrivals, look: TakeLook, policies: Policies, steps: Steps
    ) -> None:
        self._root = root
        self._arrivals = arrivals
        self._look = look
        self._policies = policies
        self._steps = steps

    async def make(self, works: Sequence[Work]) -> list[tuple[Work, Rule]]:
        """Do what is to be done on disk for all that are as plain as they seem; the rules that say how those ended."""
        kept = await self._look.look_each(await self._bring(works))
        asked = [(work, params_of(work.take, look, {}, None)) for work, _, look, _ in kept]
        told = await tell_each(self._root, asked)
        active = self._policies.auto_activate
        return [
            (one[0], rule_of(*one, said, auto_activate=active))
            for one, said in zip(kept, told, strict=True)
            if isinstance(said, Told)
        ]

    async def _bring(self, works: Sequence[Work]) -> list[tuple[Work, Placed]]:
        with self._steps.time_each("place", len(works)):
            brought = await self._arrivals.bring_each(works)
        return [
            (work, one[0])
            for work, one in zip(works, brought, strict=True)
            if not (isinstance(one, Exception) or one[0].is_busy or one[1].companions or one[1].recipe)
        ]
