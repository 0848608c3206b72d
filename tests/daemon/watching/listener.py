"""A film that is watched, for the tests of every watch."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import anyio

from daemon.watching.mailbox import Mail, Mailbox
from daemon.watching.tree import Tree
from daemon.watching.watch import Watch
from tests.support.deadline import DEADLINE

SHOT = "01_C/001_A"


class Listener:
    """A film that is watched, and all that was heard."""

    watch: Watch
    tree: Tree

    def __init__(self, root: Path) -> None:
        self.root = root
        self.heard = Mail()
        self._mailbox = Mailbox(asyncio.get_running_loop())

    async def open(self, make: Callable[[Path, Mailbox], Watch]) -> None:
        """Watch in that way."""
        self.watch = await anyio.to_thread.run_sync(make, self.root, self._mailbox)
        self.tree = Tree(self.root, self.watch.arm)

    async def arm(self, below: str = "") -> None:
        """Watch all there is."""
        await anyio.to_thread.run_sync(list, self.tree.shots(below))

    async def until(self, fact: Callable[[Mail], bool]) -> None:
        """Wait until that was heard."""
        with anyio.fail_after(DEADLINE):
            while not fact(self.heard):
                await self._mailbox.wait()
                mail = self._mailbox.collect()
                self.heard.shots |= mail.shots
                self.heard.trees |= mail.trees
                self.heard.moved |= mail.moved
                self.heard.closed |= mail.closed
                self.heard.lost |= mail.lost

    def forget(self) -> None:
        """Listen anew."""
        self._mailbox.collect()
        self.heard = Mail()

    async def hears(self, shot: str, name: str = "sign.png") -> None:
        """Something that happens in that shot is heard."""
        self.heard.shots.discard(shot)
        (self.root / shot / "takes" / name).write_bytes(b"x")
        await self.until(lambda heard: shot in heard.shots)
