"""Two thousand spoilt files of every kind: each has its verdict, and nobody else hears of it."""

import hashlib
import math
from collections import Counter
from pathlib import Path

import anyio
import msgspec
import pytest

from daemon.decoding.decoders import Decoders, open_decoders
from projections.media.errors import NeedsMore, Undecodable
from projections.media.jobs import Inspection
from tests.daemon.decoding.mutants import Mutant, mutant, originals

CASES = range(2000)
AT_ONCE = 2

RAW = "cannot be decoded:"
"""How begins what is said of an error that nobody has thought of: a person can do nothing with that."""

LIMIT = 3.0
"""Seconds of CPU that a look may take here: a spoilt file that takes longer has to be given up, too."""

LONGEST = 60.0
"""Seconds within which a file has its verdict, on a machine that has other things to do."""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Mutant]:
    return list(originals(tmp_path_factory.mktemp("originals")))


async def look_into(decoders: Decoders, path: Path, content: bytes) -> str:
    """The verdict, by way of all that is done for a drop; what is found has to be plain, and true where it is known."""
    if path.suffix == ".json":
        try:
            return f"recipe of {type(await decoders.recipe(path, name=path.name)).__name__}"
        except NeedsMore:
            return f"recipe of {type(await decoders.recipe(path, name=path.name, patient=True)).__name__}"
    try:
        found = await decoders.inspect(path, name=path.name)
    except NeedsMore:
        found = await decoders.inspect(path, name=path.name, patient=True)
    check(found, content)
    assert RAW not in (found.unread or "")
    picture = await decoders.picture(path)
    assert picture.startswith(b"\x89PNG")
    return found.kind


def check(found: Inspection, content: bytes) -> None:
    """What is found can be said in an event, and the bytes are those that were there."""
    assert (found.bytes, found.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    again = msgspec.json.decode(msgspec.json.encode(found), type=Inspection)
    assert again == found
    for number in (found.duration, found.frame_rate):
        assert number is None or (math.isfinite(number) and number >= 0), found
    for pixels in (found.width, found.height):
        assert pixels is None or pixels > 0, found


@pytest.mark.timeout(900)
async def test_every_spoilt_file_has_its_verdict_and_costs_nobody_else_anything(
    files: list[Mutant], tmp_path: Path
) -> None:
    verdicts: Counter[str] = Counter()
    untold: list[str] = []
    waiting = iter(CASES)

    async def look(decoders: Decoders) -> None:
        for number in waiting:
            name, content = mutant(number, files)
            path = tmp_path / f"{number}-{name}"
            await anyio.to_thread.run_sync(path.write_bytes, content or b"\0")
            try:
                with anyio.fail_after(LONGEST):
                    verdicts[await look_into(decoders, path, content or b"\0")] += 1
            except Undecodable as error:
                verdicts["undecodable"] += 1
                untold.extend([f"{number} of {name}: {error.reason}"] if RAW in error.reason else [])
            except BaseException as error:
                error.add_note(f"mutant {number} of {name}")
                raise
            path.unlink()

    async with open_decoders(AT_ONCE, limit=LIMIT) as decoders:
        async with anyio.create_task_group() as group:
            for _ in range(AT_ONCE):
                group.start_soon(look, decoders)
        path = tmp_path / "whole.png"
        path.write_bytes(next(content for name, content in files if name == "small.png"))
        assert (await decoders.inspect(path, name="whole.png")).kind == "image"
        assert not decoders.holes
    assert not untold
    assert verdicts.total() == len(CASES)
    assert verdicts["undecodable"] > len(CASES) // 10  # they are spoilt
    assert min(verdicts[kind] for kind in ("video", "image", "audio")) > 0  # and not beyond all reading


async def test_every_file_that_is_spoilt_is_one_that_can_be_looked_into(
    files: list[Mutant], tmp_path: Path
) -> None:
    async with open_decoders(AT_ONCE) as decoders:
        for name, content in files:
            path = tmp_path / name
            path.write_bytes(content)
            await look_into(decoders, path, content)
