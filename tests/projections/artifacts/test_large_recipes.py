"""Large recipes and sidecars: packed whole, with a short one that a person can read, and never lost in between."""

import gzip
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from events import MemoryLog, ShotRegistered, TakeCompleted, TakeCreated
from projections.artifacts.large_recipes import LARGE, LONGEST_NAME, NAMED, Recipes, pack, shortened, unpack
from projections.artifacts.sidecars import Sidecars
from projections.film import Film, Thumbnail
from projections.index.index import Index, open_index
from tests.events.samples import DROP, append, media

SHOT = "001_Dawn"
FOLDER = f"{SHOT}/takes/take_001"
RECIPE = f"{FOLDER}/shot_001_take_001_recipe.json"
SIDECAR = f"{FOLDER}/shot_001_take_001_metadata.json"
LARGE_PARAMS = {"prompt": "dawn", "seed": 7, "workflow": {"nodes": ["x" * 100] * 1200}}


async def no_picture(path: Path, sha256: str) -> Thumbnail:
    raise NotImplementedError


class Shown:
    """A film with one take that was made with these parameters, and a recipe beside it."""

    def __init__(self, root: Path, index: Index) -> None:
        self.film = Film(root, index, no_picture)
        self.recipe = root / RECIPE
        self.packed = root / f"{RECIPE}.gz"
        self.sidecar = root / SIDECAR

    async def mend(self, projection: Recipes | Sidecars) -> None:
        assert not await projection.mend(self.film, await self.film.index.load({"s": [1]}))

    async def differences(self, projection: Recipes | Sidecars) -> list[str]:
        return list(await projection.differences(self.film, await self.film.index.load({"s": [1]})))

    async def erase(self, projection: Recipes | Sidecars) -> None:
        await projection.erase(self.film, await self.film.index.load({"s": [1]}))


async def a_log(params: dict[str, Any]) -> MemoryLog:
    log = MemoryLog()
    made = TakeCompleted(take=1, media=media(1), params=params)
    await log.append(append("s", ShotRegistered(path=SHOT), TakeCreated(take=1, source=DROP), made))
    return log


def as_file(value: Any) -> bytes:
    return json.dumps(value, indent=1).encode()


async def shown(root: Path, params: dict[str, Any], recipe: bytes) -> MemoryLog:
    (root / FOLDER).mkdir(parents=True)
    (root / RECIPE).write_bytes(recipe)
    return await a_log(params)


async def test_a_large_recipe_is_packed_and_a_short_one_says_where_it_is(tmp_path: Path) -> None:
    whole = as_file(LARGE_PARAMS)
    log = await shown(tmp_path, LARGE_PARAMS, whole)
    async with open_index(tmp_path / "index.db", log) as index:
        one = Shown(tmp_path, index)
        assert await one.differences(Recipes()) == [RECIPE]
        await one.mend(Recipes())
        assert gzip.decompress(one.packed.read_bytes()) == whole
        short = json.loads(one.recipe.read_bytes())
        assert short["generationParams"] == {"prompt": "dawn", "seed": 7}
        assert short["whole"] == one.packed.name
        assert list(short["leftOut"]) == ["workflow"]
        assert one.recipe.stat().st_size < 1000
        assert await one.differences(Recipes()) == []


async def test_a_recipe_that_is_not_large_stays_as_it_is(tmp_path: Path) -> None:
    small = b'{"seed": 7}'.ljust(LARGE - 1)
    log = await shown(tmp_path, {"seed": 7}, small)
    async with open_index(tmp_path / "index.db", log) as index:
        one = Shown(tmp_path, index)
        await one.mend(Recipes())
        assert one.recipe.read_bytes() == small
        assert not one.packed.exists()


async def test_packing_that_was_cut_short_goes_on(tmp_path: Path) -> None:
    whole = as_file(LARGE_PARAMS)
    log = await shown(tmp_path, LARGE_PARAMS, whole)
    async with open_index(tmp_path / "index.db", log) as index:
        one = Shown(tmp_path, index)
        one.packed.write_bytes(pack(whole))
        await one.mend(Recipes())
        assert one.recipe.stat().st_size < 1000
        one.recipe.unlink()
        await one.mend(Recipes())
        assert json.loads(one.recipe.read_bytes())["whole"] == one.packed.name


async def test_what_somebody_else_packed_there_stays(tmp_path: Path) -> None:
    whole = as_file(LARGE_PARAMS)
    log = await shown(tmp_path, LARGE_PARAMS, whole)
    async with open_index(tmp_path / "index.db", log) as index:
        one = Shown(tmp_path, index)
        one.packed.write_bytes(pack(b"other"))
        await one.mend(Recipes())
        assert one.recipe.read_bytes() == whole
        assert unpack(one.packed.read_bytes()) == b"other"


async def test_to_erase_brings_the_whole_recipe_back(tmp_path: Path) -> None:
    whole = as_file(LARGE_PARAMS)
    log = await shown(tmp_path, LARGE_PARAMS, whole)
    async with open_index(tmp_path / "index.db", log) as index:
        one = Shown(tmp_path, index)
        await one.mend(Recipes())
        built = one.recipe.read_bytes(), one.packed.read_bytes()
        await one.erase(Recipes())
        assert one.recipe.read_bytes() == whole
        assert not one.packed.exists()
        await one.mend(Recipes())
        assert (one.recipe.read_bytes(), one.packed.read_bytes()) == built


async def test_a_large_sidecar_is_short_beside_the_whole_one(tmp_path: Path) -> None:
    log = await shown(tmp_path, LARGE_PARAMS, b"{}")
    async with open_index(tmp_path / "index.db", log) as index:
        one = Shown(tmp_path, index)
        await one.mend(Sidecars())
        short = json.loads(one.sidecar.read_bytes())
        assert short["generationParams"] == {"prompt": "dawn", "seed": 7}
        assert short["leftOut"]["workflow"] > LARGE
        packed = one.sidecar.with_name(short["whole"])
        whole = json.loads(gzip.decompress(packed.read_bytes()))
        assert whole["generationParams"] == LARGE_PARAMS
        assert "whole" not in whole
        assert await one.differences(Sidecars()) == []
        await one.erase(Sidecars())
        assert not packed.exists()
        assert not one.sidecar.exists()


async def test_to_erase_where_nothing_is_packed_changes_nothing(tmp_path: Path) -> None:
    log = await shown(tmp_path, {"seed": 7}, b'{"seed": 7}')
    async with open_index(tmp_path / "index.db", log) as index:
        one = Shown(tmp_path, index)
        await one.erase(Recipes())
        assert one.recipe.read_bytes() == b'{"seed": 7}'
        one.recipe.unlink()
        await one.erase(Recipes())
        await one.mend(Recipes())
        assert list(one.recipe.parent.iterdir()) == []


def test_what_is_left_out_is_the_largest_until_the_rest_is_short() -> None:
    params = {"a": "x" * 60_000, "b": "x" * 70_000, "c": "x" * 20_000, "seed": 1}
    short, left_out = shortened(params)
    assert list(short) == ["a", "c", "seed"]
    assert left_out == {"b": 70_002}
    assert shortened({"seed": 1}) == ({"seed": 1}, {})


def test_many_small_parameters_are_shortened_too() -> None:
    short, left_out = shortened({f"p{number}": "x" * 1000 for number in range(200)})
    assert len(msgspec.json.encode(short)) < LARGE
    assert len(left_out) == NAMED


def test_twenty_thousand_small_parameters_are_shortened_at_once_and_only_the_largest_are_named() -> None:
    short, left_out = shortened({f"frame_{number}": number for number in range(20_000)})
    assert LARGE - 100 < len(msgspec.json.encode(short)) < LARGE
    assert len(left_out) == NAMED
    assert max(map(len, shortened({"x" * LARGE: 1})[1])) == LONGEST_NAME


@pytest.mark.parametrize("packed", [b"", b"no gzip", pack(b"text")[:-9]])
def test_what_was_not_packed_or_is_cut_off_is_not_unpacked(packed: bytes) -> None:
    assert unpack(packed) is None
