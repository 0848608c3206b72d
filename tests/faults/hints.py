"""Any hints: a film on whose hints nobody can count, kept by the real core, with a clock that is turned."""

import random
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from hypothesis import strategies as st
from msgspec import Struct

from events import NotFound, Refused
from tests.faults.ledger import sha256
from tests.support.core import SCAN_EVERY, Core, World, new_film, running_core
from tests.support.film import DAWN, NOON, Film, put

Heard = Literal["lost", "once", "twice", "late"]

SHOTS = st.sampled_from([DAWN, NOON])
HEARD = st.sampled_from(["lost", "once", "twice", "late"])


class Drop(Struct, frozen=True):
    """A file is renamed into that shot, and the watch hears of it."""

    shot: str
    heard: Heard


class SaveOver(Struct, frozen=True):
    """A tool saves over a take, the first or another one, and the watch hears of it."""

    shot: str
    number: int
    heard: Heard


class Ask(Struct, frozen=True):
    """Somebody asks to have a take hidden, back, or active."""

    what: Literal["delete", "restore", "activate"]
    shot: str
    number: int


class Turn(Struct, frozen=True):
    """Time passes, with a scan or two in it where it is long."""

    seconds: float


class Simply(Struct, frozen=True):
    """Late hints come, in any order; hints of nothing come; the watch says it has lost some; the daemon is killed."""

    what: Literal["deliver", "nonsense", "loss", "restart"]


Step = Drop | SaveOver | Ask | Turn | Simply

NUMBERS = st.integers(1, 4)
STEPS: st.SearchStrategy[Sequence[Step]] = st.lists(
    st.one_of(
        st.builds(Drop, SHOTS, HEARD),
        st.builds(Drop, SHOTS, HEARD),
        st.builds(SaveOver, SHOTS, NUMBERS, HEARD),
        st.builds(Ask, st.sampled_from(["delete", "restore", "activate"]), SHOTS, NUMBERS),
        st.builds(Turn, st.sampled_from([0.1, 1.0, SCAN_EVERY + 1.0])),
        st.builds(Simply, st.sampled_from(["deliver", "nonsense", "loss", "restart"])),
    ),
    min_size=1,
    max_size=14,
)


class AnyHints:
    """One film through all those steps."""

    def __init__(self, folder: Path, chance: random.Random) -> None:
        self.film: Film = new_film(folder)
        self.world = World()
        self._chance = chance
        self._late: list[tuple[str, str, bool]] = []
        self._dropped: Counter[tuple[str, str]] = Counter()
        self._count = 0

    async def go_through(self, steps: Sequence[Step]) -> None:
        """Take those steps, and see at the end that all is as it has to be."""
        rest = list(steps)
        while rest:
            async with running_core(self.film, self.world) as core:
                while rest and (step := rest.pop(0)) != Simply("restart"):
                    await self._take(core, step)
        async with running_core(self.film, self.world) as core:
            for _ in range(3):
                core.turn(SCAN_EVERY + 1.0)
                await core.scan()
            await self._check(core)

    async def _take(self, core: Core, step: Step) -> None:
        match step:
            case Drop(shot, heard):
                self._hear(core, heard, self._put(self.film.takes(shot), shot, "render"), moved_in=True)
            case SaveOver(shot, number, heard):
                if await self._is_taken(core, shot, number):
                    self._dropped[shot, self._put_at(self.film.media(number, shot))] += 1
                    self._hear(core, heard, (shot, self.film.take(number, shot).name), moved_in=False)
            case Ask(what, shot, number):
                with suppress(NotFound, Refused, KeyError):
                    await {"delete": core.delete, "restore": core.restore, "activate": core.activate}[what](
                        number, shot
                    )
            case Turn(seconds):
                await core.at_rest()
                core.turn(seconds)
            case Simply(what):
                self._simply(core, what)

    async def _is_taken(self, core: Core, shot: str, number: int) -> bool:
        """Whether the take's file holds what a complete take has: of what was not taken yet, nobody has the bytes."""
        media = self.film.media(number, shot)
        if not media.exists():
            return False
        there = sha256(media.read_bytes())
        return any(take.sha256 == there for take in (await core.shot(shot)).takes.values())

    def _simply(self, core: Core, what: str) -> None:
        if what == "deliver":
            self._chance.shuffle(self._late)
            for shot, name, moved_in in self._late:
                core.hears(name, shot, moved_in=moved_in)
            self._late.clear()
        elif what == "nonsense":
            core.hears("never_was.png", self._chance.choice([DAWN, NOON]))
        else:
            core.parts.mailbox.lost("overflow")

    def _put(self, folder: Path, shot: str, stem: str) -> tuple[str, str]:
        name = f"{stem}_{self._count}.png"
        self._dropped[shot, self._put_at(folder / name)] += 1
        return shot, name

    def _put_at(self, path: Path) -> str:
        self._count += 1
        content = b"picture %d" % self._count
        put(path, content)
        return sha256(content)

    def _hear(self, core: Core, heard: Heard, what: tuple[str, str], *, moved_in: bool) -> None:
        shot, name = what
        for _ in range({"once": 1, "twice": 2}.get(heard, 0)):
            core.hears(name, shot, moved_in=moved_in)
        if heard == "late":
            self._late.append((shot, name, moved_in))

    async def _check(self, core: Core) -> None:
        """Every drop is one complete take of its shot, with its bytes, and the active one can be used."""
        found: Counter[tuple[str, str]] = Counter()
        for shot in (DAWN, NOON):
            folded = await core.shot(shot)
            assert folded.active is None or folded.takes[folded.active].is_usable
            assert sorted(folded.takes) == list(range(1, len(folded.takes) + 1))
            for number, take in folded.takes.items():
                assert take.status == "complete", take
                assert take.sha256 == sha256(self.film.media(number, shot).read_bytes())
                found[shot, take.sha256] += 1
        assert found == self._dropped
        assert not [
            one.name for shot in (DAWN, NOON) for one in self.film.takes(shot).iterdir() if one.is_file()
        ]


async def go_through(steps: Sequence[Step], seed: int = 0) -> None:
    """The same in a folder of its own."""
    with TemporaryDirectory(prefix="faults-") as folder:
        await AnyHints(Path(folder), random.Random(seed)).go_through(steps)
