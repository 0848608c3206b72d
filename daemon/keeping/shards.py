"""The shards of one film in a studio that this machine keeps, and the work on disk that it may do for them.

They are leases: work stops between two steps once one has run out by this machine's own clock, and nothing that it says
is taken any more once another machine has the shard.
"""

import time
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar

import structlog
from msgspec import UNSET, Struct, UnsetType

from events.store.postgres.claims import Claims, shard_of
from projections.files.threads import only_while
from projections.keeping import Keeping, NotKept, Others

log = structlog.get_logger()

FILM = 0
"""The shard whose owner does what is one for the whole film."""

CALM = 60.0
"""Seconds after a takeover in which no link is read as a wish: a network filesystem may still tell of an old one."""

_SPEAKS: ContextVar[Mapping[int, int] | None] = ContextVar("speaks", default=None)
"""The shards for which this task works, with the epochs at which it began to."""


def uptime() -> float:
    """Seconds that also pass while the machine is asleep, where its system has such a clock."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class Held(Struct):
    """A shard that is this machine's: at which epoch, and since when.

    It `is_right` once all projections were looked at; until then its links are those that its last owner has set, up to
    the position `links`, as far as that is known.
    """

    epoch: int
    since: float
    is_right: bool
    links: int | UnsetType = UNSET


class Shards(Keeping):
    """Those that this machine has opened: it works for them, and nobody else does."""

    def __init__(self, claims: Claims, others: Others) -> None:
        self.others = others
        self.held: dict[int, Held] = {}
        self.leaving: set[int] = set()
        self._claims = claims
        self._busy: Counter[int] = Counter()

    @property
    def keeps_film(self) -> bool:  # type: ignore[override]
        return self._has(FILM)

    def keeps(self, stream: str) -> bool:
        return self._has(shard_of(stream))

    def _has(self, shard: int) -> bool:
        return shard in self.held and shard not in self.leaving

    def work(self, *streams: str) -> AbstractContextManager[None]:
        return self._work({shard_of(stream) for stream in streams})

    def work_on_film(self) -> AbstractContextManager[None]:
        return self._work({FILM})

    @contextmanager
    def _work(self, shards: Collection[int]) -> Iterator[None]:
        if not all(map(self._has, shards)):
            raise NotKept
        epochs = {shard: self.held[shard].epoch for shard in shards}

        def allowed() -> None:
            if not all(self._is_at(shard, epoch) for shard, epoch in epochs.items()):
                raise NotKept

        allowed()
        before = _SPEAKS.set(epochs)
        self._busy.update(shards)
        try:
            with only_while(allowed):
                yield
        finally:
            self._busy.subtract(shards)
            _SPEAKS.reset(before)

    def _is_at(self, shard: int, epoch: int) -> bool:
        return self._claims.epochs.get(shard) == epoch and self._claims.holds(shard)

    @property
    def acting(self) -> int:
        """For how many shards this machine may act now."""
        return sum(self._is_at(shard, one.epoch) for shard, one in self.held.items())

    def is_idle(self, shard: int) -> bool:
        """Whether nothing is under way for that shard."""
        return not self._busy[shard]

    @property
    def epochs(self) -> Mapping[int, int]:
        """By which claims this task appends."""
        said = _SPEAKS.get()
        return {shard: one.epoch for shard, one in self.held.items()} if said is None else said

    def believes_link(self, stream: str) -> bool:
        held = self.held.get(shard_of(stream))
        return held is not None and held.is_right and uptime() >= held.since + CALM

    def is_old_link(self, stream: str, position: int) -> bool:
        held = self.held.get(shard_of(stream))
        return bool(held and not held.is_right and held.links is not UNSET and position > held.links)

    def settle(self) -> list[int]:
        """Know what was claimed meanwhile; those shards that are to be taken over: somebody else may have had them."""
        claimed, now = self._claims.epochs, uptime()
        for shard in [shard for shard in self.held if shard not in claimed]:
            log.warning("shard lost", shard=shard)
            del self.held[shard]
            self.leaving.discard(shard)
        new = []
        for shard, epoch in claimed.items():
            held = self.held.get(shard)
            if held and epoch <= held.epoch + 1:  # it had run out, and nobody took it
                held.epoch = epoch
            else:
                links = UNSET if epoch == 1 else self._claims.links[shard]
                self.held[shard] = Held(epoch, now, is_right=False, links=links)
                new.append(shard)
        return new
