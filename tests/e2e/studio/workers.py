"""Workers of a studio, each a process, and a renderer whose every attempt makes a file that no other one makes."""

import shutil
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests import blocking
from tests.e2e import nursery
from tests.e2e.nursery import Child
from tests.support.film import Film, environment, still, write_config

RENDER = """
printf '{"message": "rendering"}\\n'
while [ -e "$1/wait" ]; do sleep 0.05; done
sleep "$2"
for one in "$1"/pool/*.png; do mv "$one" "$TAKES_OUTPUT" 2>/dev/null && exit 0; done
echo "nothing is left to be rendered" >&2
exit 1
"""
"""Takes one of the files of a pool, which nobody else can then: two attempts never make the same."""


class Pool:
    """What attempts can make: `count` pictures, each of its own bytes. While it is held, none comes to an end."""

    def __init__(self, folder: Path, count: int) -> None:
        self.folder = folder
        folder.joinpath("pool").mkdir(parents=True)
        for number in range(count):
            folder.joinpath("pool", f"{number:04}.png").write_bytes(still(number))

    def hold(self) -> None:
        self.folder.joinpath("wait").touch()

    def let_go(self) -> None:
        self.folder.joinpath("wait").unlink()

    def runner(self, seconds: float = 0.0) -> dict[str, Any]:
        """The configuration of a runner that renders from it, in so many seconds."""
        command = ["sh", "-c", RENDER, "render", str(self.folder), str(seconds)]
        return {"kind": "command", "command": command, "suffix": ".png"}


def studio(**more: Any) -> dict[str, Any]:
    """The configuration of a studio whose workers make its takes."""
    return {"make": "workers", "silent": 2.0, **more}


class Worker:
    """A worker, and what can be done to it."""

    def __init__(self, process: Child, log: Path) -> None:
        self.process = process
        self.log = log

    def say(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    async def is_ready(self) -> bool:
        """Whether it takes jobs."""
        return '"event": "working"' in self.log.read_text(errors="replace")

    async def has_begun(self) -> bool:
        return "take started" in self.log.read_text(errors="replace")


@asynccontextmanager
async def worker(
    film: Film, name: str, env: Mapping[str, str], *args: str, **choices: Any
) -> AsyncIterator[Worker]:
    """A worker of that film on a machine of its own; it is gone afterwards, whatever happens."""
    folder = film.folder / name
    folder.mkdir()
    write_config(folder, **choices)
    log = folder / "worker.log"
    with log.open("ab") as output:
        said = ["worker", str(film.root), "--log-format", "json", *args]
        process = await nursery.start(said, environment(folder, **env), folder, output.fileno())
    try:
        yield Worker(process, log)
    except BaseException:
        print(log.read_text(errors="replace"))  # noqa: T201 - pytest shows it with the failure
        raise
    finally:
        process.kill()
        await process.wait()
        blocking.check(log)
        shutil.rmtree(folder)
