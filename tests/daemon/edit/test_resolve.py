"""The script for DaVinci Resolve: it calls what is documented, and that in the order in which it makes sense."""

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

from daemon.edit.cut import Cut
from events import Frames, TakeActivated, TakeNoted
from tests.daemon.edit.cuts import DAWN, ROOT, STILL, film, told, written

DOCUMENTED = {
    "Resolve": {"GetProjectManager": 0},
    "ProjectManager": {"GetCurrentProject": 0},
    "Project": {"GetMediaPool": 0, "SetSetting": 2},
    "MediaPool": {
        "GetRootFolder": 0,
        "AddSubFolder": 2,
        "SetCurrentFolder": 1,
        "CreateEmptyTimeline": 1,
        "AppendToTimeline": 1,
        "ImportMedia": 1,
    },
    "Folder": {},
    "Timeline": {"GetStartFrame": 0},
    "MediaPoolItem": {"SetMetadata": 2},
    "TimelineItem": {"AddTake": 3, "SelectTakeByIndex": 1, "AddMarker": 6},
}
"""By object, the calls that the README.txt of Resolve's scripting documents and we need, with their arguments."""

OUR_OWN = {"GetProjectManager", *(name for calls in DOCUMENTED.values() for name in calls)}


class Thing:
    """One of Resolve's objects: it has the calls that are documented, and remembers them."""

    def __init__(self, kind: str, calls: list[tuple[Any, ...]], name: str = "") -> None:
        self._kind, self._calls, self._name = kind, calls, name

    def __getattr__(self, name: str) -> Callable[..., Any]:
        count = DOCUMENTED[self._kind][name]

        def call(*args: Any) -> Any:
            assert len(args) == count, name
            self._calls.append((name, self._name, *args))
            return self._answer(name, args)

        return call

    def _answer(self, name: str, args: tuple[Any, ...]) -> Any:
        made = {
            "GetProjectManager": "ProjectManager",
            "GetCurrentProject": "Project",
            "GetMediaPool": "MediaPool",
            "GetRootFolder": "Folder",
            "AddSubFolder": "Folder",
            "CreateEmptyTimeline": "Timeline",
        }
        if name in made:
            return Thing(made[name], self._calls)
        if name == "ImportMedia":
            (wanted,) = args[0]
            path = wanted["FilePath"] if isinstance(wanted, dict) else wanted
            return [Thing("MediaPoolItem", self._calls, Path(path).name)]
        if name == "AppendToTimeline":
            return [Thing("TimelineItem", self._calls)]
        return 86400 if name == "GetStartFrame" else True


def run(cut: Cut) -> list[tuple[Any, ...]]:
    """The calls that the script makes."""
    calls = list[tuple[Any, ...]]()
    scope = {"resolve": Thing("Resolve", calls), "__name__": "__main__"}
    exec(compile(written(cut, "resolve"), "film.py", "exec"), scope)  # noqa: S102 - it is ours
    return calls


async def test_each_clip_has_all_its_takes_and_the_active_one_is_chosen(tmp_path: Path) -> None:
    async with film(tmp_path) as one:
        await one.tell(DAWN, TakeNoted(take=2, note=1, text="six 指", frame=12, last_frame=20, by="anna"))
        calls = run(await one.cut(handles=8))
    assert ("SetSetting", "", "timelineFrameRate", "23.976") in calls
    imported = [args[0] for name, _, args in (call for call in calls if call[0] == "ImportMedia")]
    assert imported[0] == f"{ROOT}/{DAWN}/takes/take_002/shot_001_take_002.mp4"
    placed = [call[2][0] for call in calls if call[0] == "AppendToTimeline"]
    spans = [(one["startFrame"], one["endFrame"], one["recordFrame"] - 86400) for one in placed]
    assert spans == [(8, 39, 0), (0, 71, 32), (8, 41, 32 + 72 + 72)]  # between the last two is a gap
    takes = [(item._name, start, end) for _, _, item, start, end in (c for c in calls if c[0] == "AddTake")]
    assert takes == [("shot_001_take_003.mp4", 8, 39), ("shot_001_take_001.mp4", 8, 39)]
    assert [call[2] for call in calls if call[0] == "SelectTakeByIndex"] == [1, 1, 1]
    (marker,) = (call[2:] for call in calls if call[0] == "AddMarker")
    assert marker == (12, "Red", "01_Sea:001_Dawn", "anna at 12-20: six 指", 9, "")


async def test_a_sequence_is_brought_in_by_its_numbers(tmp_path: Path) -> None:
    found = Frames(suffix=".exr", digits=4, first=1001, last=1024, count=24, bytes=9000, poster=1001)
    facts = {**STILL, "name": "shot_001_take_001.frames", "frames": found, "frame_rate": 24.0}
    async with told(tmp_path) as one:
        await one.drop(DAWN, 1, **facts)
        await one.tell(DAWN, TakeActivated(take=1))
        calls = run(await one.cut())
    ((wanted,),) = (call[2] for call in calls if call[0] == "ImportMedia")
    folder = f"{ROOT}/{DAWN}/takes/take_001"
    path = f"{folder}/shot_001_take_001.%04d.exr"
    assert wanted == {"FilePath": path, "StartIndex": 1001, "EndIndex": 1024}


async def test_it_calls_nothing_else(tmp_path: Path) -> None:
    async with film(tmp_path) as one:
        tree = ast.parse(written(await one.cut(), "resolve"))
    called = {
        node.func.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    python = {"loads", "get", "scriptapp", "exit", "sub", "format", "join"}
    assert called - python == OUR_OWN
