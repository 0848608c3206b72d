"""Humanizing: durations, sizes, times, counts and files as a person reads them."""

from collections.abc import Sequence
from datetime import datetime

from daemon.cli.client import Json


def duration(seconds: float | None) -> str:
    """A duration: 4.0 s, 1:04, 1:02:04."""
    if seconds is None:
        return ""
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}" if minutes < 60 else f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"


def byte_size(size: float) -> str:
    """A number of bytes: 512 B, 12.3 MB."""
    if size < 1000:
        return f"{size:.0f} B"
    for unit in ("kB", "MB", "GB"):
        size /= 1000
        if size < 999.95:
            return f"{size:.1f} {unit}"
    return f"{size / 1000:.1f} TB"


def local_time(at: str, now: datetime | None = None) -> str:
    """A time, here: the day and the minute, or with `now` only the one of them that tells more."""
    local = datetime.fromisoformat(at).astimezone()
    if now is None:
        return f"{local:%Y-%m-%d %H:%M}"
    return f"{local:%H:%M}" if local.date() == now.date() else f"{local:%Y-%m-%d}"


def count(number: int, one: str) -> str:
    """How many there are: no takes, 1 take, 1,200 takes."""
    return f"no {one}s" if number == 0 else f"{number:,} {one}{'s' if number > 1 else ''}"


def stars(rating: int) -> str:
    """A rating: ★★★☆☆, nothing for none."""
    return "★" * rating + "☆" * (5 - rating) if rating else ""


MARKS = {"pick": "picked", "reject": "rejected", "none": "neither picked nor rejected"}

CHOSEN = {
    "take.activated": "is the active take",
    "take.deactivated": "is not active any more, and no other one is",
    "take.deleted": "is hidden",
    "take.restored": "is back",
}
"""What a choice has made of a take that has no more to it."""


def choice_said(event: Json) -> str:
    """What somebody chose, in an event, as a sentence of a few words."""
    number = event["data"].get("take")
    return f"take_{number:03d} {_said(event)}" if number else _said(event)


def _said(event: Json) -> str:
    if event["type"] in CHOSEN:
        return CHOSEN[event["type"]]
    if event["type"] == "search.removed":
        return f"search {event['data']['name']} removed"
    return opinion_said(event["data"]) or event["type"].partition(".")[2]


def opinion_said(data: Json) -> str:
    """What somebody thinks of a take or a shot; nothing for another event."""
    match data:
        case {"rating": rating}:
            return f"rated {rating}" if rating else "not rated any more"
        case {"mark": mark}:
            return MARKS.get(mark, str(mark))
        case {"text": text, "note": note}:
            return f"note {note}: {text}"
        case {"state": state, "note": note}:
            return f"note {note} {state}"
        case {"name": name, "query": query}:
            return f"search {name} saved: {query}"
        case {"person": person}:
            return f"{person} is {data['role']}" if "role" in data else f"{person} sees the film no longer"
        case {"stage": stage}:
            return f"at {stage}" if stage else "at no stage any more"
    tags = [*(f"+{one}" for one in data.get("added", ())), *(f"-{one}" for one in data.get("removed", ()))]
    return ", ".join(tags)


def opinion_of(take: Json) -> str:
    """What people think of a take: ✓  ★★★☆☆  hero, night  2 notes."""
    waiting = sum(one["state"] == "open" for one in take.get("notes") or ())
    parts = (
        {"pick": "✓", "reject": "✗"}.get(take.get("mark", "")),
        stars(take.get("rating") or 0),
        ", ".join(take.get("tags") or ()),
        count(waiting, "note") if waiting else "",
    )
    return "  ".join(filter(None, parts))


def note_said(note: Json) -> str:
    """A note, with who wrote it and where it belongs."""
    frames = [str(frame) for frame in (note["frame"], note["lastFrame"]) if frame is not None]
    about = (
        f"frame {'-'.join(frames)}" if frames else "",
        f"answers {note['answers']}" if note["answers"] else "",
        note["by"],
        note["state"] if note["state"] != "open" else "",
    )
    return f"{note['text']}  ({', '.join(filter(None, about))})"


FILES = {"active-link": "active_take", "project-file": "project.json"}
"""What a projection makes, by its name, where that is one file."""


def workflow_said(used: Json | None) -> str | None:
    """The workflow that a take is made with, whose it is, and whether it is another than when it was asked for."""
    if used is None:
        return None
    whose = {"take": "named for this take", "configuration": "of the configuration"}
    said = f"{used['path']}, {whose.get(used['chosenFor'], 'of the ' + used['chosenFor'])}"
    return f"{said}; it has changed since the take was asked for" if used["was"] else said


def still_to_follow(behind: Sequence[str]) -> str:
    """Which files do not show a change yet."""
    files = " and ".join(FILES.get(name, name) for name in behind)
    verb = "does" if len(behind) == 1 else "do"
    return f"On the disk {files} {verb} not say so yet: `takes status` tells what is in the way."


def bytes_of(media: Json) -> int:
    """All bytes of a take; of a sequence those of its frames."""
    return int((media.get("frames") or media)["bytes"])


def again_said(again: Json | None) -> str:
    """Which take was made again, and whether the same came of it: of take_003, and the same to the byte."""
    if not again:
        return ""
    came = {True: ", and the same to the byte", False: ", and not the same"}.get(again["same"], "")
    return f"of {again['takeId']}{came}"
