"""The log, as a person at a terminal sees it: a line for each event."""

from collections.abc import Iterable
from datetime import datetime

from daemon.cli.client import Json
from daemon.cli.humanize import byte_size, bytes_of, duration, opinion_said
from daemon.cli.printing import NARROW, STYLES, Console, Text, fit, last_part, print_line
from daemon.printable import printable

WHY = {
    "asked": "",
    "first": "as the first one",
    "latest": "as the latest one",
    "fallback": "in place of a deleted one",
    "link": "active_take was pointed at it",
    "missing": "its folder is gone",
    "found": "its folder is back",
}
"""The reasons in an event, as a person would say them."""


def events(found: Iterable[Json], *, of_one_shot: bool) -> None:
    """What happened, a line for each event, as they come."""
    out = Console()
    day = ""
    for event in found:
        at = datetime.fromisoformat(event["at"]).astimezone()
        if f"{at:%A, %d %B %Y}" != day:
            out.print(Text("\n" if day else "").append(day := f"{at:%A, %d %B %Y}", "bold"))
        print_line(out, _event(event, at, narrow=out.width < NARROW, of_one_shot=of_one_shot))


def _event(event: Json, at: datetime, *, narrow: bool, of_one_shot: bool) -> Text:
    verb = event["type"].partition(".")[2]
    number = event["data"].get("take")
    line = Text().append(f"{event['position']:>6}  ", "dim")
    line.append(f"{at:%H:%M}  " if narrow else f"{at:%H:%M:%S}  ")
    if not of_one_shot:
        line.append(f"{fit(last_part(event['shotId'], ':'), 14 if narrow else 24)}  ")
    said = f"take_{number:03d} {verb}" if number else verb
    line.append(said if narrow else f"{said:<18}", STYLES.get(verb, ""))
    line.append(f"  {detail}" if (detail := _detail(event["data"])) else "")
    return line.append(f"  by {printable(event['data'].get('by') or event['actor'])}", "dim")


def _detail(data: Json) -> str:
    """The one or two things in an event that a person would ask about next."""
    if media := data.get("media"):
        return ", ".join(
            filter(None, (media["kind"], duration(media.get("duration")), byte_size(bytes_of(media))))
        )
    if files := data.get("files"):
        return printable(f"{files[0]['name']}" + (f" and {len(files) - 1} more" if len(files) > 1 else ""))
    if again := (data.get("request") or {}).get("again"):
        return f"take_{again['take']:03d} again"
    if source := data.get("source"):
        return printable(f"from {source['name']}" if source.get("name") else source["kind"])
    if isinstance(by := data.get("by"), int):
        return f"by take_{by:03d}, which holds more of the same render"
    if companion := data.get("companion"):
        return printable(f"by {companion.get('origin') or companion['name']}")
    if runner := data.get("runner"):
        return f"by the runner {printable(runner)}"
    if "loudness" in data:
        return f"{data['loudness']:.1f} LUFS"
    if "bytes" in data:
        return f"{byte_size(data['bytes'])} given up"
    if error := data.get("error"):
        return printable(error)
    if opinion := opinion_said(data):
        return printable(opinion)
    if why := data.get("why"):
        return WHY.get(why, printable(why))
    return printable(data.get("path") or data.get("name") or "")
