"""The world of a row: a film, the real daemon that keeps it and can be killed, and a ledger of all that was done."""

import json
import mmap
import os
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, suppress
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import anyio
import httpx
from PIL import Image, PngImagePlugin

from daemon.home.init import init_project
from projections.layout import PROJECT_FILE, media_path
from tests.e2e.film import Daemon, started
from tests.faults import invariants
from tests.faults.calls import KILL, Calls
from tests.faults.ledger import KEYS, Ledger, sha256
from tests.support.film import DAWN, NOON, Film, put, until, write_config

SHOTS = (DAWN, NOON)


class FilmOn(Film):
    """A film whose root may lie on another disk than what the daemon has of its own."""

    def __init__(self, folder: Path, place: Path, *shots: str) -> None:
        self.folder = folder
        self.root = place / "MyFilm"
        for shot in shots or SHOTS:
            self.takes(shot).mkdir(parents=True)
        about = {"id": "myfilm", "name": "MyFilm", **KEYS}
        put(self.project_file, json.dumps(about, indent=2).encode())

    @property
    def project_file(self) -> Path:
        return self.root / PROJECT_FILE


class World:
    """One film over its whole life; `place` is the disk that it lies on."""

    def __init__(
        self,
        folder: Path,
        *,
        watch: bool,
        place: Path | None = None,
        shots: Sequence[str] = SHOTS,
        **choices: Any,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.film = FilmOn(folder, place or folder, *shots)
        self.ledger = Ledger()
        self.calls = Calls(folder / "control", self.film.root)
        self.choices = {"watch": watch, "scan_every": 5.0, **choices}
        self.env: dict[str, str] = {}
        self._count = 0
        self._stack = AsyncExitStack()
        self._daemon: Daemon | None = None

    async def __aenter__(self) -> Self:
        await anyio.to_thread.run_sync(init_project, self.film.root)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.__aexit__(kind, error, trace)

    @property
    def daemon(self) -> Daemon:
        """The daemon that runs now, or ran last."""
        assert self._daemon
        return self._daemon

    @property
    def is_dead(self) -> bool:
        return self.daemon.process.returncode is not None

    async def begin(self, at: int | None = None, fault: int = KILL) -> None:
        """Start a daemon, whose call of that number is a fault from its first one on, and do not wait for it."""
        await self.gone()
        self.calls.reset()
        if at is not None:
            self.calls.arm(at, fault)
        write_config(self.film.folder, **self.choices)
        self._daemon = await self._stack.enter_async_context(
            started(self.film, env={**self.calls.env, **self.env})
        )

    async def start(self) -> None:
        """Start a daemon, and return once it has looked at everything."""
        await self.begin()
        assert await self.lives_until(self._has_scanned), f"the daemon ended: {self.said()}"

    async def _has_scanned(self) -> bool:
        with suppress(AssertionError):  # the film is suspended for now
            return bool((await self.daemon.status())["lastScan"])
        return False

    async def kill(self) -> None:
        """End the daemon in the middle of whatever it does."""
        await self.daemon.kill()

    async def gone(self) -> None:
        """End the daemon, where there is one, and all that belongs to it."""
        if self._daemon:
            await self.kill()
            await self._stack.aclose()
            self._daemon = None

    async def lives_until(self, fact: Callable[[], Awaitable[Any]]) -> bool:
        """Whether the daemon lives until that is so; False where it dies first."""

        async def either() -> str | None:
            if self.is_dead:
                return "died"
            try:
                if await fact():
                    return "lived"
            except invariants.Violated:
                raise
            except (httpx.TransportError, AssertionError, KeyError):
                pass  # it is starting, or ending, or has nothing to say of that now
            return None

        return await until(either) == "lived"

    async def is_suspended(self) -> bool:
        """Whether the daemon has noticed that the film cannot be kept now."""
        return await self.state() == "suspended"

    async def state(self) -> str:
        (project,) = (await self.daemon.get("/api/projects"))["projects"]
        return str(project["state"])

    async def rests(self) -> bool:
        """Whether no projection is behind and no drop waits."""
        with suppress(AssertionError):
            status = await self.daemon.status()
            return not status["waiting"] and not any(one["behind"] for one in status["projections"])
        return False

    async def check(self, *, closely: bool = True) -> None:
        """Violated unless everything that is always to be true is."""
        if self.is_dead:
            raise invariants.Violated(f"the daemon died: {self.said()}")
        await invariants.check(self.daemon, self.ledger, closely=closely)

    async def digests(self) -> None:
        """Return once every drop is taken; TimeoutError where no take is given or complete for a while before that."""
        wanted, known = self.ledger.drops.total(), (-1, -1)
        while known[1] < wanted:

            async def goes_on(before: tuple[int, int] = known) -> tuple[int, int] | None:
                shots = (await self.daemon.get("shots"))["shots"]
                given = sum(one["takeCount"] for one in shots)
                found = given, given - sum(one["makingCount"] for one in shots)
                return found if found != before else None

            known = await until(goes_on)

    def weight(self) -> tuple[int, int]:
        """The bytes of memory that the daemon takes, and the files that it has open."""
        process = Path(f"/proc/{self.daemon.process.pid}")
        pages = int((process / "statm").read_text().split()[1])
        return pages * mmap.PAGESIZE, len(list((process / "fd").iterdir()))

    def said(self) -> str:
        """The end of what the daemon has written."""
        return self.film.folder.joinpath("daemon.log").read_text(errors="replace")[-1500:]

    def fresh(self, *, size: int = 0) -> bytes:
        """A picture that nobody has seen yet; `size` is about how many bytes it has at least."""
        self._count += 1
        return picture(self._count, size=size)

    def drop(self, content: bytes | None = None, shot: str = DAWN, name: str | None = None) -> bytes:
        """Have a whole file appear in a shot's `takes/`."""
        content = self.fresh() if content is None else content
        self.ledger.dropped(content, shot)
        self.film.drop(content, name or f"render_{self._count}.png", shot)
        return content

    def lay(self, shot: str = DAWN, *, size: int = 0) -> Path:
        """Have a file lie hidden in a shot's `takes/`, on disk for good; `let_go` drops it."""
        content = self.fresh(size=size)
        self.ledger.dropped(content, shot)
        hidden = self.film.takes(shot) / f".render_{self._count}.png"
        hidden.write_bytes(content)
        for path in (hidden, hidden.parent):
            descriptor = os.open(path, os.O_RDONLY)
            os.fsync(descriptor)
            os.close(descriptor)
        return hidden

    @staticmethod
    def let_go(hidden: Path) -> None:
        """Drop it, unless that was done and has stayed so."""
        if hidden.exists():
            hidden.rename(hidden.with_name(hidden.name[1:]))

    async def take_of(self, content: bytes, shot: str = DAWN) -> dict[str, Any] | None:
        """The first complete take of those bytes, where there is one."""
        digest, takes = sha256(content), await self.daemon.takes(shot)
        for one in takes:
            if broken := self.ledger.heard(shot, one):
                raise invariants.Violated(broken)
        return next((one for one in takes if one["media"] and one["media"]["sha256"] == digest), None)

    async def complete(self) -> list[tuple[str, dict[str, Any]]]:
        """The takes that are told to be complete, with their shots."""
        told = [(shot, one) for shot in SHOTS for one in await self.daemon.takes(shot)]
        return [(shot, one) for shot, one in told if one["status"] == "complete"]

    def check_bytes(self, told: Sequence[tuple[str, dict[str, Any]]]) -> None:
        """Violated unless those takes are as they were told."""
        for shot, take in told:
            path = self.film.root / media_path(shot, take["number"], take["media"]["name"])
            if sha256(path.read_bytes()) != take["media"]["sha256"]:
                raise invariants.Violated(f"{path} was told to be complete, and has other bytes")

    async def taken(self, content: bytes | None = None, shot: str = DAWN) -> dict[str, Any]:
        """Drop something, and wait until it is a take with all that belongs to one."""
        content = self.drop(content, shot)
        take = await until(lambda: self.take_of(content, shot))
        await until(self.rests)
        return take


def picture(seed: int, *, size: int = 0) -> bytes:
    """A PNG of that seed; where a size is given, with noise that makes it so large."""
    info, made = PngImagePlugin.PngInfo(), BytesIO()
    info.add_text("seed", str(seed))
    if size:
        info.add(b"noIs", os.urandom(size))
    Image.new("RGB", (64, 36), (seed % 256, seed // 256 % 256, 99)).save(made, "PNG", pnginfo=info)
    return made.getvalue()
