"""A film on a real NFS, which two machines have: Anna keeps it, and Bert only has it. Run by `make share`."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.share.machines import SHARE, Machine, why_not
from tests.support.film import still
from tests.support.uml import wait_for

pytestmark = [
    pytest.mark.skipif(why_not() is not None, reason=why_not() or ""),
    pytest.mark.timeout(600),
]

SHOT = "001_Dawn"

OWN_ALONE = {"settle.still_shared": 3600.0}
"""Nothing of another machine's is taken in the time that any test waits."""


class Kept:
    """A film that a machine keeps."""

    def __init__(self, machine: Machine, root: str) -> None:
        self.root = root
        self.takes = f"{root}/{SHOT}/takes"
        self._machine = machine

    def ask(self, *command: str) -> Any:
        """What is answered to that command, or at the end of its answer."""
        said = self._machine.run(f"takes {' '.join(command)} --project {self.root} --json")
        return json.loads(said.splitlines()[-1] if said.count("\n{") else said)

    def media(self, number: int) -> str:
        return f"{self.takes}/take_{number:03d}/shot_001_take_{number:03d}.png"

    def hashes(self) -> list[str]:
        """The hashes of its takes, in order, as far as they are complete."""
        takes = self.ask("ls", SHOT)["takes"]
        return [one["media"]["sha256"] for one in takes if one["status"] == "complete"]

    def holds(self, *contents: bytes, pause: float = 0.5) -> None:
        """Wait until its takes are complete and as many, check what they hold, and that all is well."""
        found = wait_for(lambda: (hashes := self.hashes())[len(contents) - 1 :] and hashes, 240, pause)
        assert found == [hashlib.sha256(one).hexdigest() for one in contents]
        for number, content in enumerate(contents, 1):
            there = self._machine.run(f"sha256sum {self.media(number)}").split()[0]
            assert there == hashlib.sha256(content).hexdigest()
        assert self.ask("verify")["problems"] == []


@contextmanager
def kept(machine: Machine, root: str, **choices: float) -> Iterator[Kept]:
    """A film, and the daemon that keeps it on that machine, as chosen."""
    lines = "".join(f"{name} = {value}\n" for name, value in choices.items())
    machine.run(f"cat > /run/config.toml <<END\n{lines}END")
    machine.run(f"mkdir -p {root}/{SHOT}/takes && takes init {root}")
    with machine.daemon(root, ready='"lastScan": {'):
        yield Kept(machine, root)


def put(machine: Machine, path: str, content: bytes, folder: Path) -> None:
    """Have that machine copy a file to there, as `cp` does."""
    (folder / "content").write_bytes(content)
    machine.run(f"cp {folder}/content {path}")


def test_one_machine_keeps_a_film_and_what_it_writes_itself_is_taken_at_once(
    three: list[Machine], tmp_path: Path
) -> None:
    anna, bert, _ = three
    root = f"{SHARE}/Own"
    with kept(anna, root, **OWN_ALONE) as film:
        share = film.ask("status")["share"]
        assert share["filesystem"] == "nfs4"
        assert share["log"].startswith("/run/state/takes/films/")
        assert "kept by this machine only" in share["says"]
        own = anna.run(f"ls {root}/.takes").split()
        assert "film.json" in own
        assert not {"log.db", "index.db", "lock"} & set(own)
        for command in ("init", "daemon"):
            said = bert.run(f"takes {command} {root}", fails=True)
            assert f"{root} lies on a share and is kept by anna, not by this machine" in said
            assert "for one machine only" in said
        put(anna, f"{film.takes}/render.png", still(1), tmp_path)
        film.holds(still(1))
        put(anna, f"{root}/.next.part", still(2), tmp_path)
        anna.run(f"mv {root}/.next.part {film.takes}/next.png")
        film.holds(still(1), still(2))
        put(anna, "/run/added.png", still(3), tmp_path)
        anna.run(f"takes add /run/added.png {SHOT} --project {root}")
        film.holds(still(1), still(2), still(3))
        anna.run("mkdir /run/old")
        put(anna, "/run/old/dawn.png", still(4), tmp_path)
        anna.run(f"takes import /run/old --yes --project {root}")
        film.holds(still(1), still(2), still(3), still(4))
        position = film.ask("status")["position"]
    anna.run(f"umount {SHARE} && mkdir -p /mnt/other && mount -t tmpfs other /mnt/other && {anna.mount}")
    with kept(anna, root, **OWN_ALONE) as film:  # the disk has another number now
        film.holds(still(1), still(2), still(3), still(4))
        assert film.ask("status")["position"] == position


def test_what_another_machine_writes_slowly_is_one_take_and_what_it_saves_over_comes_back(
    three: list[Machine], tmp_path: Path
) -> None:
    anna, bert, _ = three
    slow = still(4) + bytes(45_000)
    (tmp_path / "slow").write_bytes(slow)
    with kept(anna, f"{SHARE}/Others", scan_every=5.0, scan_every_unwatched=2.0) as film:
        put(anna, f"{film.takes}/first.png", still(3), tmp_path)
        film.holds(still(3))
        bert.run(
            f"exec 3> {film.takes}/slow.png; for n in $(seq 0 45); do "
            f"dd if={tmp_path}/slow bs=1000 skip=$n count=1 2> /dev/null >&3; sleep 1; done"
        )
        film.holds(still(3), slow, pause=2.0)
        put(bert, f"{film.takes}/take_001/.saved.tmp", still(5), tmp_path)
        bert.run(f"mv -f {film.takes}/take_001/.saved.tmp {film.media(1)}")
        film.holds(still(3), slow, still(5), pause=2.0)
        assert anna.run(f"ls {film.takes}").split() == ["take_001", "take_002", "take_003"]
