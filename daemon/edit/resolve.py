"""A script for DaVinci Resolve: run there, it makes a timeline in which each clip has all its takes in the take selector.

No format that Resolve reads has such takes. The script calls what its scripting interface documents, in the README.txt
that comes with it under Developer/Scripting.
"""

import json
from collections.abc import Mapping
from typing import Any

from daemon.edit.cut import Clip, Cut, CutTake, notes_of
from daemon.edit.saying import said
from projections.layout import full_id

COLOURS = {"open": "Red", "resolved": "Green"}
"""Of the marker of a note, by how that stands."""


def write(cut: Cut) -> bytes:
    """The script, with the film in it; every file by its whole path."""
    film = {
        "name": cut.film,
        "rate": _rate(cut),
        "clips": [_clip(cut, clip) for clip in cut.clips],
    }
    text = json.dumps(json.dumps(film))  # as a literal of Python, in ASCII
    return (_SCRIPT.replace("@FILM@", text)).encode("ascii")


def _rate(cut: Cut) -> str:
    """As Resolve's settings have it: 24, 23.976, 29.97."""
    return f"{float(cut.rate):.3f}".rstrip("0").rstrip(".")


def _clip(cut: Cut, clip: Clip) -> Mapping[str, Any]:
    active = clip.active
    if active is None:
        return {"shot": full_id(clip.shot.path), "frames": cut.gap, "takes": []}
    takes = [active, *(take for take in reversed(clip.takes) if take is not active)]
    return {
        "shot": full_id(clip.shot.path),
        "frames": cut.frames(active),
        "takes": [_take(cut, take) for take in takes],
        "markers": [
            {"frame": first, "frames": length, "colour": COLOURS[note.state], "text": said(note)}
            for note, first, length in active.markers
        ],
    }


def _take(cut: Cut, take: CutTake) -> Mapping[str, Any]:
    found = take.media.frames
    is_still = take.media.kind == "image" and found is None
    return {
        "id": take.row.id,
        "file": str(cut.root / take.path),
        "numbers": [found.first, found.last] if found else None,
        "span": None if is_still else [take.start, take.start + take.length - 1],
        "rating": take.row.rating,
        "mark": take.row.mark,
        "notes": [said(note) for note in notes_of(take.row)],
    }


_SCRIPT = '''"""Makes a timeline of a film in DaVinci Resolve, each clip with all its takes in the take selector.

Put it into Resolve's folder of scripts (Fusion/Scripts/Edit), open a project, and choose it under Workspace > Scripts.
"""

import json
import re
import sys

FILM = json.loads(@FILM@)


def connected():
    """Resolve: as its own menu hands it to a script, or from outside."""
    found = globals().get("resolve")
    if found is None:
        import DaVinciResolveScript

        found = DaVinciResolveScript.scriptapp("Resolve")
    if found is None:
        sys.exit("Resolve does not answer: start it, and allow scripts under Preferences > System > General.")
    return found


def imported(pool, take):
    """The take's item in the media pool; None where its file cannot be brought in."""
    wanted = take["file"]
    if take["numbers"]:
        first, last = take["numbers"]
        pattern = re.sub("[.]([0-9]+)([.][^.]+)$", lambda m: ".%0{}d{}".format(len(m[1]), m[2]), wanted)
        wanted = {"FilePath": pattern, "StartIndex": first, "EndIndex": last}
    items = pool.ImportMedia([wanted])
    if not items:
        print("not brought in: " + take["file"])
        return None
    if take["notes"] or take["rating"] or take["mark"]:
        about = ["{} of 5".format(take["rating"])] if take["rating"] else []
        items[0].SetMetadata("Comments", "; ".join(about + ([take["mark"]] if take["mark"] else []) + take["notes"]))
    return items[0]


def appended(pool, item, take, frames, at):
    """The take in the timeline, at that frame of it."""
    start, end = take["span"] or [0, frames - 1]
    return pool.AppendToTimeline([{"mediaPoolItem": item, "startFrame": start, "endFrame": end, "recordFrame": at}])


def main():
    project = connected().GetProjectManager().GetCurrentProject()
    if project is None:
        sys.exit("Open a project first.")
    pool = project.GetMediaPool()
    project.SetSetting("timelineFrameRate", FILM["rate"])
    folder = pool.AddSubFolder(pool.GetRootFolder(), FILM["name"])
    if folder:
        pool.SetCurrentFolder(folder)
    timeline = pool.CreateEmptyTimeline(FILM["name"])
    if timeline is None:
        sys.exit("There is a timeline of that name already: rename it, and run this again.")
    at = timeline.GetStartFrame()
    for clip in FILM["clips"]:
        takes = [(take, imported(pool, take)) for take in clip["takes"]]
        takes = [(take, item) for take, item in takes if item]
        if not takes or takes[0][0] is not clip["takes"][0]:
            print("a gap: " + clip["shot"])
        else:
            placed = appended(pool, takes[0][1], takes[0][0], clip["frames"], at)
            if placed:
                for take, item in takes[1:]:  # the clip itself is the first one
                    start, end = take["span"] or [0, clip["frames"] - 1]
                    placed[0].AddTake(item, start, end)
                placed[0].SelectTakeByIndex(1)
                for marker in clip["markers"]:
                    placed[0].AddMarker(
                        marker["frame"], marker["colour"], clip["shot"], marker["text"], marker["frames"], ""
                    )
        at += clip["frames"]
    print("done: {} shots".format(len(FILM["clips"])))


if __name__ == "__main__":
    main()
'''
