"""The film: a project on the disk and the daemon that keeps it, for tests that drop files and ask what became of them."""

import hashlib
import json
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import anyio
import httpx

from daemon.home.init import init_project
from projections.layout import full_id, media_name, sidecar_name, take_name, thumbnail_name
from tests.support.clips import make_still, make_tone, make_video
from tests.support.deadline import DEADLINE

T = TypeVar("T")

CODE = Path(__file__).parents[2]

QUEUE = Path("/proc/sys/fs/inotify/max_queued_events")
"""How many events the kernel keeps for a watcher that does not listen."""

DAWN = "01_Chapter/01_Scene/001_Dawn"
NOON = "01_Chapter/01_Scene/002_Noon"

QUICK: Mapping[str, Any] = {
    "settle": {"quiet": 0.05, "still": 0.2, "sequence": 0.2},
    "scan_every": 60.0,  # what the watcher misses, no scan finds in time
    "scan_every_unwatched": 0.2,
    "parallel": 2,
    "port": "off",
}


class Film:
    """A project folder with two shots, and an environment that leads to nothing of the user's."""

    def __init__(self, folder: Path, name: str = "MyFilm", *shots: str) -> None:
        self.folder = folder
        self.root = folder / name
        for shot in shots or (DAWN, NOON):
            self.takes(shot).mkdir(parents=True)

    @property
    def log(self) -> Path:
        return self.root / ".takes" / "log.db"

    def shot(self, shot: str = DAWN) -> Path:
        return self.root / shot

    def takes(self, shot: str = DAWN) -> Path:
        return self.root / shot / "takes"

    def take(self, number: int, shot: str = DAWN) -> Path:
        return self.takes(shot) / take_name(number)

    def media(self, number: int, shot: str = DAWN, suffix: str = ".png") -> Path:
        return self.take(number, shot) / media_name(shot, number, suffix)

    def remove_by_hand(self, number: int, shot: str = DAWN) -> None:
        """As `rm -rf` does, until nothing is there: a daemon that is at work there may have a file come or go."""
        while self.take(number, shot).exists():
            shutil.rmtree(self.take(number, shot), ignore_errors=True)

    def drop(self, content: bytes, name: str = "render.png", shot: str = DAWN) -> Path:
        """Rename a whole file into a shot's `takes/`, as a careful program does."""
        return put(self.takes(shot) / name, content)

    def link(self, shot: str = DAWN) -> str | None:
        """Where `active_take` leads; None where it is not there."""
        link = self.shot(shot) / "active_take"
        return str(link.readlink()) if link.is_symlink() else None


async def make_film(folder: Path, name: str = "MyFilm", *shots: str) -> Film:
    """A film that is a project already."""
    film = Film(folder, name, *shots)
    await anyio.to_thread.run_sync(init_project, film.root)
    return film


def put(path: Path, content: bytes) -> Path:
    """Have the content appear at that path in one step."""
    hidden = path.with_name(f".{os.getpid()}.{id(content)}.part")
    hidden.write_bytes(content)
    return hidden.rename(path)


def make_noise(folder: Path, count: int) -> None:
    """At least so many events in a folder, and nothing left there in the end."""
    for number in range(count // 2):
        path = folder / f"noise{number}.tmp"
        path.touch()
        path.unlink()


@cache
def still(number: int = 0) -> bytes:
    """A PNG; every number has its own."""
    return _made("still.png", lambda path: make_still(path, colour=(number % 256, number // 256, 99)))


@cache
def video(seconds: float = 1.0, size: tuple[int, int] = (64, 36)) -> bytes:
    """An mp4 of H.264."""
    return _made("video.mp4", lambda path: make_video(path, seconds=seconds, size=size))


@cache
def tone() -> bytes:
    """A WAV."""
    return _made("tone.wav", lambda path: make_tone(path, seconds=0.5))


def _made(name: str, make: Callable[[Path], Path]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return make(Path(folder) / name).read_bytes()


class Daemon:
    """A daemon, and everything that can be asked of it."""

    def __init__(self, film: Film, socket: Path, client: httpx.AsyncClient) -> None:
        self.film = film
        self.socket = socket
        self.client = client
        self.project = "myfilm"

    async def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        *,
        patience: float = DEADLINE,
    ) -> httpx.Response:
        """An answer, whatever its status; a path that does not begin with `/` is one in the project."""
        address = path if path.startswith("/") else f"/api/projects/{self.project}/{path}"
        return await self.client.request(
            method, address, headers=headers, timeout=patience, **({} if body is None else {"json": body})
        )

    async def get(self, path: str) -> Any:
        """The JSON that is answered with 200."""
        answer = await self.ask("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def takes(self, shot: str = DAWN) -> list[dict[str, Any]]:
        """The takes of a shot, deleted ones too; none where it is not known yet."""
        answer = await self.ask("GET", f"shots/{full_id(shot)}/takes?deleted=true")
        if answer.status_code in (404, 503):
            return []
        takes: list[dict[str, Any]] = answer.json()["takes"]
        return takes

    async def take(self, number: int, shot: str = DAWN) -> dict[str, Any] | None:
        return next((one for one in await self.takes(shot) if one["number"] == number), None)

    async def active(self, shot: str = DAWN) -> str | None:
        answer = await self.get(f"shots/{full_id(shot)}/takes")
        name: str | None = answer["activeTakeId"]
        return name

    async def status(self) -> dict[str, Any]:
        answer: dict[str, Any] = await self.get("status")
        return answer

    async def not_taken(self) -> dict[str, str]:
        """What was not taken, by file name, with the reason."""
        return {Path(one["path"]).name: one["reason"] for one in (await self.status())["notTaken"]}

    async def events(self, shot: str | None = None) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (
            await self.get("events?limit=10000" + (f"&shot={full_id(shot)}" if shot else ""))
        )["events"]
        return found

    async def activate(
        self, number: int, shot: str = DAWN, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        body = {"takeId": take_name(number)}
        return await self.ask("PUT", f"shots/{full_id(shot)}/active-take", body, headers)

    async def delete(
        self, number: int, shot: str = DAWN, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        return await self.ask("DELETE", f"shots/{full_id(shot)}/takes/{take_name(number)}", headers=headers)

    async def finished(self, count: int, shot: str = DAWN) -> list[dict[str, Any]]:
        """The takes of a shot, once so many of them are complete or failed."""

        async def enough() -> list[dict[str, Any]] | None:
            takes = await self.takes(shot)
            return takes if sum(one["status"] != "generating" for one in takes) >= count else None

        return await until(enough)

    async def at_rest(self) -> dict[str, Any]:
        """The status, once no projection is behind and no drop waits."""

        async def resting() -> dict[str, Any] | None:
            status = await self.status()
            behind = any(one["behind"] for one in status["projections"])
            return None if behind or status["waiting"] else status

        return await until(resting)

    async def scanned(self) -> dict[str, Any]:
        """The status, once everything has been looked at for the first time."""

        async def looked() -> dict[str, Any] | None:
            status = await self.status()
            return status if status["lastScan"] else None

        return await until(looked)

    async def verify(self) -> None:
        """The log and all media are as they were written, and every projection is what the log says."""
        await self.at_rest()
        answer = await self.ask("POST", "verify")
        verdict = json.loads(answer.text.splitlines()[-1])
        assert verdict["ok"], verdict
        compared = (await self.ask("POST", "rebuild", {"verify": True})).json()
        assert not compared["differences"], compared


@asynccontextmanager
async def asking(socket: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client of whoever answers at that socket."""
    transport = httpx.AsyncHTTPTransport(
        uds=str(socket), verify=False
    )  # a certificate store takes long to read
    async with httpx.AsyncClient(
        transport=transport, base_url="http://localhost", timeout=DEADLINE
    ) as client:
        yield client


async def until(fact: Callable[[], Awaitable[T | None]]) -> T:
    """What `fact` answers, once that is something; it is asked until the deadline, the longer the more seldom.

    What is asked takes time from whoever is to bring it about, and most of all where that is slow.
    """
    pause = 0.01
    with anyio.fail_after(DEADLINE):
        while not (found := await fact()):
            await anyio.sleep(pause)
            pause = min(1.25 * pause, 0.2)
    return found


def below(folder: Path) -> list[Path]:
    """Whatever lies below a folder in which a daemon works: what has gone meanwhile ends no walk, as it would `rglob`."""
    return [Path(place, name) for place, folders, files in os.walk(folder) for name in (*folders, *files)]


def environment(folder: Path, **more: str) -> dict[str, str]:
    """The environment of a daemon that finds its configuration, its socket and its registry in that folder."""
    left = ("TAKES_", "XDG_", "PYTEST", "DBUS_", "DISPLAY", "WAYLAND_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(left)}
    homes = {f"XDG_{name}_HOME": str(folder / name.lower()) for name in ("CONFIG", "STATE", "DATA", "CACHE")}
    return {
        **kept,
        **homes,
        "HOME": str(folder),
        "XDG_RUNTIME_DIR": str(folder / "run"),
        "TAKES_CONFIG": str(folder / "config.toml"),
        "PYTHONPATH": str(CODE),
        **more,
    }


def write_config(folder: Path, **choices: Any) -> None:
    """Have a daemon in that folder be quick, and as chosen beyond that."""
    lines = [f"{name} = {_toml(value)}\n" for name, value in {**QUICK, **choices}.items()]
    folder.joinpath("config.toml").write_text("".join(lines))


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {_toml(one)}" for name, one in value.items()) + "}"
    return json.dumps(value)


# What must be true of a film in which everything went well.


def is_read_only(path: Path) -> bool:
    return not path.stat().st_mode & 0o222


def check_on_disk(film: Film, take: Mapping[str, Any], shot: str = DAWN, suffix: str = ".png") -> None:
    """A completed take lies under its name, read-only, with its sidecar and its thumbnail beside it."""
    number = take["number"]
    media = film.media(number, shot, suffix)
    assert take["status"] == "complete", take
    assert take["media"]["name"] == media.name
    assert hashlib.sha256(media.read_bytes()).hexdigest() == take["media"]["sha256"]
    assert is_read_only(media)
    sidecar = json.loads((media.parent / sidecar_name(shot, number)).read_bytes())
    assert (sidecar["id"], sidecar["status"]) == (take_name(number), "complete")
    assert (media.parent / thumbnail_name(shot, number)).read_bytes().startswith(b"\x89PNG")


def check_numbers(events: list[dict[str, Any]]) -> None:
    """In every stream each number was given once, from 1 without a gap; each take ended at most once."""
    for stream in {one["stream"] for one in events}:
        mine = [one for one in events if one["stream"] == stream]
        given = [one["data"]["take"] for one in mine if one["type"] == "take.created"]
        assert given == list(range(1, len(given) + 1))
        ended = Counter(
            one["data"]["take"] for one in mine if one["type"] in ("take.completed", "take.failed")
        )
        assert all(count == 1 for count in ended.values())
        assert [one["version"] for one in mine] == list(range(1, len(mine) + 1))
    assert [one["position"] for one in events] == list(range(1, len(events) + 1))


def bytes_of(takes: list[dict[str, Any]]) -> list[str]:
    """The hashes of the takes' media, sorted."""
    return sorted(one["media"]["sha256"] for one in takes if one["media"])


def hashes(*contents: bytes) -> list[str]:
    """The hashes of those contents, sorted."""
    return sorted(hashlib.sha256(content).hexdigest() for content in contents)
