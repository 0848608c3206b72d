"""An edit that comes back: what it has used is active, in all shots at once, and is taken back as a whole."""

from pathlib import Path
from typing import Any

import opentimelineio as otio  # type: ignore[import-untyped]

from tests.support.film import DAWN, NOON, make_film, still
from tests.support.inside import Daemon, running_daemon


async def actives(daemon: Daemon) -> list[str]:
    return [one["activeTakeId"] for one in (await daemon.get("shots"))["shots"]]


async def cut(daemon: Daemon) -> str:
    """The film as an edit leaves it that has taken the second take of both shots."""
    text = (await daemon.ask("GET", "export?format=otio")).text
    made = otio.adapters.read_from_string(text, "otio_json")
    for clip in made.tracks[0]:
        clip.active_media_reference_key = "take_002"
    return str(otio.adapters.write_to_string(made, "otio_json"))


async def imported(daemon: Daemon, text: str, **more: Any) -> dict[str, Any]:
    answer = await daemon.ask("POST", "import", {"format": "otio", "text": text, **more})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_the_choices_of_an_edit_are_one_change_that_is_undone_as_a_whole(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        for number, shot in enumerate((DAWN, NOON, DAWN, NOON), 1):
            film.drop(still(number), shot=shot)
            await daemon.finished((number + 1) // 2, shot)
        text = await cut(daemon)
        head = (await daemon.status())["position"]
        plan = await imported(daemon, text, dryRun=True)
        changes = [(one["shotId"], one["takeId"], one["was"]) for one in plan["chosen"]]
        assert changes == [(shot.replace("/", ":"), "take_002", "take_001") for shot in (DAWN, NOON)]
        assert (await daemon.status())["position"] == head
        done = await imported(daemon, text)
        assert (done["chosen"], done["unchanged"], done["left"]) == (plan["chosen"], 0, [])
        assert await actives(daemon) == ["take_002", "take_002"]
        assert film.link() == film.link(NOON) == "takes/take_002"
        events = (await daemon.events())[head:]
        assert [one["type"] for one in events] == ["take.activated", "take.activated"]
        assert len({(one["cause"], one["actor"], one["data"]["by"]) for one in events}) == 1
        assert (await imported(daemon, text))["unchanged"] == 2
        back = await daemon.ask("POST", "undo")
        assert len(back.json()["events"]) == 2
        assert await actives(daemon) == ["take_001", "take_001"]
        assert (await daemon.ask("POST", "redo")).is_success
        assert await actives(daemon) == ["take_002", "take_002"]
        await daemon.verify()


async def test_an_import_that_is_sent_twice_is_done_once(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        for number in (1, 2):
            film.drop(still(number))
            await daemon.finished(number)
        body = {"format": "edl", "text": EDL}
        key = {"Idempotency-Key": "friday"}
        for _ in range(2):
            assert (await daemon.ask("POST", "import", body, key)).is_success
        events = [one for one in await daemon.events() if one["data"].get("why", "asked") == "asked"]
        assert sum(one["type"] == "take.activated" for one in events) == 1
        other = {"format": "edl", "text": EDL.replace("take_002", "take_001")}
        assert (await daemon.ask("POST", "import", other, key)).status_code == 409


EDL = """TITLE: Friday
001  AX       V     C        00:00:00:00 00:00:01:00 01:00:00:00 01:00:01:00
* FROM CLIP NAME: shot_001_take_002.png
002  AX       V     C        00:00:00:00 00:00:01:00 01:00:01:00 01:00:02:00
* FROM CLIP NAME: title card
"""


async def test_what_is_not_clear_is_left_and_what_is_no_edit_is_refused(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        for number in (1, 2):
            film.drop(still(number))
            await daemon.finished(number)
        answer = (await daemon.ask("POST", "import", {"format": "edl", "text": EDL})).json()
        assert [one["takeId"] for one in answer["chosen"]] == ["take_002"]
        left = {"name": "title card", "file": None, "reason": "it names no file of this film"}
        assert answer["left"] == [left]
        wrong = await daemon.ask("POST", "import", {"format": "edl", "text": "hello"})
        assert (wrong.status_code, wrong.json()["title"]) == (422, "Unreadable edit")
        long = {"format": "edl", "text": EDL + "* a comment\n" * 200_000}
        assert (await daemon.ask("POST", "import", long)).is_success  # longer than other bodies may be
