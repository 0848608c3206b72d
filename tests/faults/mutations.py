"""Mutations: the product with one rule taken out of it, in a copy of its packages, to see that the campaign notices."""

import shutil
from pathlib import Path

from msgspec import Struct

from tests.support.film import CODE

PACKAGES = ("daemon", "events", "projections")


class Mutation(Struct, frozen=True):
    """What is taken out: in that module, each text is replaced by the other one."""

    module: str
    edits: tuple[tuple[str, str], ...]


MUTATIONS = {
    "no flush": Mutation("projections/files/writing.py", (("            file.flush()\n", ""),)),
    "a swallowed sync error": Mutation(
        "projections/files/writing.py",
        (
            (
                "            raise NotOnDisk(error.errno, error.strerror, str(path)) from error",
                "            return",
            ),
        ),
    ),
    "synchronous = NORMAL": Mutation(
        "events/store/database.py",
        (("'FULL' if durable else 'NORMAL'", "'NORMAL'"), ("!= (journal, 2)", "!= (journal, 1)")),
    ),
    "no folder sync": Mutation(
        "projections/files/writing.py",
        (
            (
                "    is_refused = bool(_REFUSED) and",
                "    return\n    is_refused = bool(_REFUSED) and",
            ),
        ),
    ),
    "no rescan": Mutation(
        "daemon/takes/scheduler.py", (("await self._clock.sleep(pause)", "await anyio.sleep_forever()"),)
    ),
    "no expected version": Mutation(
        "daemon/shots/shots.py", (("if shot.version != expected:", "if False:"),)
    ),
}


def mutated(name: str, folder: Path) -> Path:
    """A copy of the packages in that folder, with that mutation; ValueError where its text is not there once."""
    mutation = MUTATIONS[name]
    for package in PACKAGES:
        shutil.copytree(
            CODE / package, folder / package, ignore=shutil.ignore_patterns("page", "__pycache__")
        )
    path = folder / mutation.module
    text = path.read_text("utf-8")
    for found, instead in mutation.edits:
        if text.count(found) != 1:
            raise ValueError(
                f"{mutation.module} does not say {found!r} once: the mutation is to follow the code"
            )
        text = text.replace(found, instead)
    path.write_text(text, "utf-8")
    return folder
