"""Clean-up: takes that grew old are purged, by a policy or because somebody asks, and nothing else ever goes.

The films here have a past: their logs tell of events of a month ago, and their files lie where these say.
"""

import gzip
import hashlib
import json
import os
from pathlib import Path
from typing import Any

import anyio
import pytest

from daemon.home.init import init_project
from projections.layout import full_id, media_name, recipe_name, sidecar_name, thumbnail_name
from tests.daemon.space.old_film import POLICY, Old, make_old_film, object_of, purges
from tests.e2e.repository import begin
from tests.support.filesystems import REFLINKS, mounted, sync
from tests.support.film import DAWN, Film, make_film, put, still, until
from tests.support.inside import Daemon, running_daemon

RULES = {"deletedAfterDays": 7}


async def clean(daemon: Daemon, *, dry: bool = False, **rules: Any) -> dict[str, Any]:
    """What a clean-up answers."""
    answer = await daemon.ask("POST", "cleanup", {**(rules or RULES), "dryRun": dry})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def names(answer: dict[str, Any]) -> list[str]:
    return [one["takeId"] for one in answer["takes"]]


async def used(daemon: Daemon) -> int:
    """Bytes that media and objects take up."""
    kinds = (await daemon.get("du"))["kinds"]
    return int(kinds["media"] + kinds["objects"])


async def test_the_dry_run_lists_what_the_run_then_frees(tmp_path: Path) -> None:
    big = [os.urandom(300_000) for _ in range(4)]
    film = await make_old_film(
        tmp_path,
        Old(1, big[0]),
        Old(2, big[1]),
        Old(3, big[1]),  # the same bytes twice, in two files and one object
        Old(4, big[2], has_object=False),
        Old(5, big[3], "active"),
        Old(6, big[3]),  # a copy of the active one
    )
    os.link(film.media(1), film.folder / "another name")
    async with running_daemon(film) as daemon:
        await daemon.scanned()
        await daemon.at_rest()
        before = await used(daemon)
        plan = await clean(daemon, dry=True)
        assert names(plan) == ["take_001", "take_002", "take_003", "take_004", "take_006"]
        assert await used(daemon) == before
        assert not await purges(daemon)
        done = await clean(daemon)
        assert (done["takes"], done["bytes"]) == (plan["takes"], plan["bytes"])
        files = [file for one in plan["takes"] for file in one["files"]]
        assert sum(file["bytes"] for file in files) == plan["bytes"]
        assert (plan["note"], done["note"]) == (None, None)
        first = [file for one in plan["takes"][:1] for file in one["files"]]
        assert sum(file["bytes"] for file in first) == 0  # its other name has them still
        went = before - await used(daemon)
        assert went - plan["bytes"] == (film.folder / "another name").stat().st_blocks * 512
        for file in files:
            assert not (film.root / file["path"]).exists()
        assert object_of(film, big[3]).exists()
        await daemon.verify()
        assert names(await clean(daemon, dry=True)) == []


@pytest.mark.parametrize("disk", REFLINKS)
async def test_what_the_dry_run_says_is_what_the_disk_has_more_then(tmp_path: Path, disk: str) -> None:
    big = [still(number) + os.urandom(8 << 20) for number in range(3)]
    with mounted(disk, tmp_path) as place:
        takes = [Old(1, big[0]), Old(2, big[0]), Old(3, big[1]), Old(4, big[2], "active"), Old(5, big[2])]
        for take in takes:
            take.has_object = False  # the daemon makes them, as this disk can
        film = await make_old_film(place, *takes)
        async with running_daemon(film) as daemon:
            await daemon.scanned()
            await until(lambda: _has_objects(film, big))
            await daemon.at_rest()
            plan = await clean(daemon, dry=True)
            before = await anyio.to_thread.run_sync(_free, place)
            done = await clean(daemon)
            assert done["bytes"] == plan["bytes"]
            assert plan["atMost"]
            assert done["atMost"]

            async def has_more() -> bool:
                more = await anyio.to_thread.run_sync(_free, place) - before
                return bool(abs(more - plan["bytes"]) < 1 << 20)  # the log has grown by a little

            await until(has_more)
            assert plan["bytes"] > 16 << 20
            await daemon.verify()


@pytest.mark.parametrize("disk", ["xfs"])
async def test_what_is_no_secret_of_the_disk_is_not_only_the_most_that_comes_back(
    tmp_path: Path, disk: str
) -> None:
    with mounted(disk, tmp_path) as place:
        film = await make_old_film(place, Old(1, os.urandom(300_000), has_object=False))
        async with running_daemon(film, objects="off") as daemon:
            await daemon.scanned()
            await daemon.at_rest()
            plan = await clean(daemon, dry=True)
            assert plan["bytes"]
            assert not plan["atMost"]


async def test_what_git_lfs_keeps_of_purged_takes_is_told(tmp_path: Path) -> None:
    content = still(1)
    film = await make_old_film(tmp_path, Old(1, content), Old(2, still(2)))
    git = await anyio.to_thread.run_sync(begin, film)
    sha256 = hashlib.sha256(content).hexdigest()
    kept = film.root / ".git/lfs/objects" / sha256[:2] / sha256[2:4] / sha256
    async with running_daemon(film, git={"stage": False}) as daemon:
        await daemon.scanned()
        await daemon.at_rest()
        assert (await daemon.get("du"))["kinds"]["git"] == 0
        plan = await clean(daemon, dry=True)
        assert plan["note"] is None
        kept.parent.mkdir(parents=True)
        os.link(film.media(1), kept)
        assert (await daemon.get("du"))["kinds"]["git"] == 0  # it is counted as the take
        plan = await clean(daemon, dry=True)
        assert "`git lfs prune`" in plan["note"]
        assert sum(file["bytes"] for file in plan["takes"][0]["files"]) == 0
        done = await clean(daemon)
        assert (done["note"], done["bytes"]) == (plan["note"], plan["bytes"])
        assert (await daemon.get("du"))["kinds"]["git"] == kept.stat().st_blocks * 512
        assert git.worktree == film.root


async def test_a_take_that_is_known_not_to_be_what_it_was_is_in_no_dry_run(tmp_path: Path) -> None:
    film = await make_old_film(
        tmp_path, Old(1, still(1), "complete", has_object=False), Old(2, still(2), "active")
    )
    film.media(1).chmod(0o644)
    film.media(1).write_bytes(bytes(len(still(1))))
    async with running_daemon(film, objects="off", scan_every=0.3) as daemon:

        async def is_told() -> bool | None:
            return (
                any("not what it was" in one["what"] for one in (await daemon.status())["problems"]) or None
            )

        await until(is_told)
        plan = await clean(daemon, dry=True, keepNewest=1)
        assert (names(plan), plan["bytes"]) == ([], 0)
        (left,) = plan["left"]
        assert "it is not what it was" in left["reason"]


async def _has_objects(film: Film, contents: list[bytes]) -> bool:
    return all(object_of(film, content).exists() for content in contents)


def _free(disk: Path) -> int:
    sync(disk)
    found = os.statvfs(disk)
    return found.f_bfree * found.f_frsize


async def test_an_object_goes_with_the_last_take_that_has_its_bytes(tmp_path: Path) -> None:
    film = await make_old_film(tmp_path, Old(1, still(1)), Old(2, still(1), "complete"))
    async with running_daemon(film) as daemon:
        await daemon.scanned()
        await clean(daemon)
        assert object_of(film, still(1)).read_bytes() == still(1)
        assert not film.media(1).exists()
        await daemon.verify()


async def test_failed_takes_and_all_but_the_newest_go_by_rules_of_their_own(tmp_path: Path) -> None:
    takes = [Old(1, b"broken", "failed"), *(Old(number, still(number), "complete") for number in range(2, 6))]
    film = await make_old_film(tmp_path, *takes)
    async with running_daemon(film) as daemon:
        await daemon.scanned()
        assert names(await clean(daemon, failedAfterDays=7)) == ["take_001"]
        assert await daemon.activate(3)
        done = await clean(daemon, keepNewest=2)
        assert {one["takeId"]: one["why"] for one in done["takes"]} == {"take_002": "older"}
        shown = [one["id"] for one in (await daemon.get(f"shots/{full_id(DAWN)}/takes"))["takes"]]
        assert shown == ["take_003", "take_004", "take_005"]
        assert not film.media(1).exists()
        await daemon.verify()


async def test_the_number_of_a_purged_take_is_never_given_again(tmp_path: Path) -> None:
    film = await make_old_film(tmp_path, Old(1, still(1)))
    async with running_daemon(film) as daemon:
        await daemon.scanned()
        await daemon.at_rest()
        await clean(daemon)
        film.drop(still(9))
        takes = await daemon.finished(2)
        assert [(one["id"], one["purged"]) for one in takes] == [("take_001", True), ("take_002", False)]
        restored = await daemon.ask("POST", f"shots/{full_id(DAWN)}/takes/take_001/restore")
        assert restored.status_code == 404
        assert "gone for good" in restored.json()["detail"]
        picture = await daemon.ask("GET", f"shots/{full_id(DAWN)}/takes/take_001/thumbnail")
        assert picture.status_code == 200


async def test_a_take_of_today_is_never_purged(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        film.drop(still(1))
        await daemon.finished(1)
        await daemon.delete(1)
        answer = await clean(daemon, deletedAfterDays=1e-9, failedAfterDays=1e-9, keepNewest=1)
        assert names(answer) == []


async def test_a_file_that_changed_is_reported_and_not_purged(tmp_path: Path) -> None:
    film = await make_old_film(tmp_path, Old(1, still(1)), Old(2, still(2)), Old(3, b"broken", "failed"))
    longer, same_size = still(1) + b"more", bytes(len(still(2)))
    for number, content in ((1, longer), (2, same_size), (3, b"mended")):
        film.media(number).unlink()
        put(film.media(number), content)
    async with running_daemon(film) as daemon:
        await daemon.scanned()
        answer = await clean(daemon, deletedAfterDays=7, failedAfterDays=7)
        assert names(answer) == []
        assert len(answer["left"]) == 3
        assert [film.media(number).read_bytes() for number in (1, 2, 3)] == [longer, same_size, b"mended"]
        assert not await purges(daemon)


async def test_nothing_outside_the_film_goes_through_a_link(tmp_path: Path) -> None:
    film = await make_old_film(tmp_path, Old(1, still(1)), Old(2, still(2)))
    outside = film.folder / "outside"
    film.take(1).rename(outside)
    film.take(1).symlink_to(outside)
    elsewhere = film.folder / "elsewhere.png"
    film.media(2).rename(elsewhere)
    film.media(2).symlink_to(elsewhere)
    async with running_daemon(film) as daemon:
        await daemon.scanned()
        answer = await clean(daemon)
        assert names(answer) == []
        assert len(answer["left"]) == 2
        assert (outside / media_name(DAWN, 1, ".png")).read_bytes() == still(1)
        assert elsewhere.read_bytes() == still(2)


async def test_what_is_not_ours_stays_in_the_folder_of_a_purged_take(tmp_path: Path) -> None:
    film = await make_old_film(tmp_path, Old(1, still(1)))
    notes = film.take(1) / "notes.txt"
    notes.write_text("mine")
    async with running_daemon(film) as daemon:
        await daemon.scanned()
        await daemon.at_rest()
        assert names(await clean(daemon)) == ["take_001"]
        await daemon.at_rest()
        assert notes.read_text() == "mine"
        kept = {recipe_name(DAWN, 1), sidecar_name(DAWN, 1), thumbnail_name(DAWN, 1), "notes.txt"}
        assert {one.name for one in film.take(1).iterdir()} == kept
        assert (await daemon.get("du"))["shots"][0]["kinds"]["other"] > 0


async def test_without_a_policy_a_clean_up_is_refused(tmp_path: Path) -> None:
    film = await make_old_film(tmp_path, Old(1, still(1)))
    async with running_daemon(film) as daemon:
        answer = await daemon.ask("POST", "cleanup", {})
        assert answer.status_code == 409
        assert "--deleted-after" in answer.json()["hint"]
        assert film.media(1).exists()


async def test_other_takes_than_those_that_were_shown_are_not_purged(tmp_path: Path) -> None:
    film = await make_old_film(tmp_path, Old(1, still(1)), Old(2, still(2)))
    async with running_daemon(film) as daemon:
        await daemon.scanned()
        plan = (await clean(daemon, dry=True))["plan"]
        assert (await daemon.ask("POST", f"shots/{full_id(DAWN)}/takes/take_001/restore")).status_code == 200
        refused = await daemon.ask("POST", "cleanup", {**RULES, "plan": plan})
        assert refused.status_code == 409
        assert film.media(2).exists()


async def test_the_policy_is_kept_again_and_again(tmp_path: Path) -> None:
    film = await make_old_film(tmp_path, Old(1, still(1)), Old(2, still(2)))
    film.media(2).rename(film.folder / "aside")
    film.media(2).symlink_to(film.folder / "aside")
    async with running_daemon(film, cleanup={**POLICY, "every_hours": 0.0001}) as daemon:

        async def purged() -> list[int] | None:
            return await purges(daemon)

        assert await until(purged) == [1]

        async def told() -> bool:
            return any("not purged" in one["what"] for one in (await daemon.status())["problems"])

        await until(told)
        film.media(2).unlink()
        (film.folder / "aside").rename(film.media(2))

        async def both() -> bool:
            return await purges(daemon) == [1, 2]

        await until(both)
        await daemon.verify()
        assert {one["actor"] for one in await daemon.events() if one["type"] == "take.purged"} == {"policy"}

        async def well() -> bool:
            return not (await daemon.status())["problems"]

        await until(well)


async def test_a_policy_without_hours_waits_until_it_is_asked_for(tmp_path: Path) -> None:
    film = await make_old_film(tmp_path, Old(1, still(1)))
    async with running_daemon(film, cleanup={**POLICY, "every_hours": 0}) as daemon:
        await daemon.scanned()
        await daemon.at_rest()
        assert film.media(1).exists()
        told = (await daemon.status())["cleanup"]
        assert told == {"deletedAfterDays": 7.0, "failedAfterDays": 0.0, "keepNewest": 0, "everyHours": 0.0}
        answer = await daemon.ask("POST", "cleanup", {})
        assert names(answer.json()) == ["take_001"]
        assert not film.media(1).exists()


async def test_a_large_workflow_is_kept_whole_beside_a_recipe_that_can_be_read(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    params = {"prompt": "waves", "seed": 7, "workflow": {"nodes": ["x" * 1000] * 200}}
    whole = json.dumps(params, indent=1).encode()
    async with running_daemon(film) as daemon:
        film.drop(whole, "render.json")
        film.drop(still(1))
        (take,) = await daemon.finished(1)
        assert take["generationParams"] == params
        await daemon.verify()
        recipe = film.take(1) / recipe_name(DAWN, 1)
        assert json.loads(recipe.read_bytes())["generationParams"] == {"prompt": "waves", "seed": 7}
        assert gzip.decompress(recipe.with_name(f"{recipe.name}.gz").read_bytes()) == whole
        assert (film.take(1) / sidecar_name(DAWN, 1)).stat().st_size < 2000
        assert (await daemon.ask("POST", "rebuild", {})).status_code == 200
        await daemon.verify()
        assert gzip.decompress(recipe.with_name(f"{recipe.name}.gz").read_bytes()) == whole
        film.log.parent.rename(film.folder / "forgotten")
    await anyio.to_thread.run_sync(init_project, film.root)
    async with running_daemon(film) as daemon:  # as in a clone: only the folders tell
        (take,) = await daemon.finished(1)
        assert take["generationParams"] == params
