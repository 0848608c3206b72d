"""What a daemon answers about a film, as the tests of the commands have it say."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.daemon.cli.canned.daemon import Canned

SHOT = "03_Chapter:01_Scene:001_Shot"


ROOT = "/api/projects/film"


TAKES = f"{ROOT}/shots/001_Shot/takes"


NOW = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def take(number: int, **facts: Any) -> dict[str, Any]:
    """A complete take with everything that a video has, but for what is said otherwise."""
    name = f"take_{number:03d}"
    media = {"name": f"shot_001_{name}.mp4", "bytes": 12_345_678, "sha256": "9f86d081" * 8, "kind": "video"}
    return {
        "id": name,
        "shotId": "001_Shot",
        "number": number,
        "created": NOW,
        "duration": 4.0417,
        "resolution": {"width": 1920, "height": 1080},
        "generationParams": {
            "model": "wan2.2",
            "seed": 8423004912238123,
            "prompt": "a red bicycle in the rain",
        },
        "resources": {"vramUsed": 18432, "generationTime": 93.4, "quality": "draft"},
        "status": "complete",
        "active": False,
        "deleted": False,
        "purged": False,
        "media": {**media, "codec": "h264", "frameRate": 24.0},
        "thumbnailUrl": "/t",
        "mediaUrl": None if facts.get("purged") else f"/api/projects/film/shots/{SHOT}/takes/{name}/media",
        **facts,
    }


def failed(number: int) -> dict[str, Any]:
    nothing = dict.fromkeys(("duration", "resolution", "generationParams", "resources", "media", "mediaUrl"))
    return take(number, **nothing, status="failed", error="the file is not whole")


def event(position: int, type_: str, **data: Any) -> dict[str, Any]:
    return {
        "position": position,
        "stream": "s",
        "shotId": SHOT,
        "version": position,
        "id": "x",
        "type": type_,
        "at": NOW,
        "actor": "watcher",
        "cause": None,
        "data": data,
        "hash": "0" * 64,
    }


def events(*found: Any) -> dict[str, Any]:
    return {"events": list(found), "logId": "log"}


def problem(status: int, **more: Any) -> Canned:
    document = {
        "type": "about:blank",
        "title": "No",
        "status": status,
        "detail": "it cannot be",
        "hint": "wait",
    }
    return Canned({**document, **more}, status)


def film(root: Path) -> dict[str, Any]:
    return {"id": "film", "name": "Film", "path": str(root), "state": "live", "shotCount": 1, "takeCount": 2}


def health() -> dict[str, Any]:
    return {"status": "ok", "version": "0.1.0", "pid": 4711, "projects": []}


def status(root: Path) -> dict[str, Any]:
    return {
        **film(root),
        "position": 1207,
        "projections": [
            {"name": "index", "position": 1207, "behind": 0},
            {"name": "thumbnails", "position": 1204, "behind": 3},
        ],
        "share": {"filesystem": "nfs4", "log": "/log", "says": "a share (nfs4), kept by this machine only"},
        "studio": {"role": "desk", "keptBy": ["nas", "tower"], "behind": 3, "away": None, "polls": True},
        "watch": {"mode": "watching", "folders": 42, "losses": 0, "missed": 2},
        "lastScan": {"ago": 17.2, "seconds": 0.03, "shots": 5},
        "protection": {"says": "5 by reflink"},
        "runner": {"kind": "command", "queued": 2, "running": 1, "problem": None, "inputs": None},
        "waiting": [{"path": "001/takes/a.mp4", "reason": "still being written"}],
        "notTaken": [{"path": "001/takes/notes.txt", "reason": "no media"}],
        "unread": [{"path": "001/takes/take_002", "reason": "its recipe was not read: it is neither"}],
        "problems": [{"what": "project.json is no JSON", "hint": "Mend it."}],
    }
