"""Tables: how shots, takes and events look to a person at a terminal, and what all tables are made of.

What comes from media files and folder names is text from strangers: it is stripped of control characters
and never read as markup. Where the output goes to a file or a pipe, lines are as long as they need to be.
"""

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from rich.cells import cell_len, set_cell_size
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from daemon.cli.client import Json
from daemon.cli.humanize import (
    byte_size,
    count,
    duration,
    local_time,
    note_said,
    opinion_of,
    opinion_said,
    stars,
    workflow_said,
)
from daemon.printable import blanked, printable

NARROW = 80
"""Columns below which a table tells less."""

LEFT_OUT = {NARROW: frozenset({"status", "size", "seed"}), 110: frozenset({"seed"})}
"""Which columns of a list of takes are left out below how many columns of the terminal."""

SHORTENED = {"prompt": 48, "seed": 12, "opinion": 24}
"""The most that is shown of what can be of any length."""

TOLD = frozenset({"nodes", "unsure", "literals", "graph"})
"""Parameters that tell of the others where they come from, or of a graph that nobody has understood."""

MOST_GAPS = 8
"""Runs of missing frames that are named one by one."""

STYLES = {
    "active": "green",
    "activated": "green",
    "accepted": "green",
    "live": "green",
    "failed": "red",
    "generating": "yellow",
    "arriving": "yellow",
    "waiting": "yellow",
    "queued": "yellow",
    "running": "yellow",
    "started": "yellow",
    "starting": "yellow",
    "suspended": "yellow",
    "purged": "yellow",
    "deleted": "dim",
    "superseded": "dim",
}

ROLES = {"picture": "recipe in", "silent": "without sound"}

CHANNELS = {1: "mono", 2: "stereo"}

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


class SafeConsole(Console):
    """A console on which no text but our own styles has control characters, wherever it is from."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        for text, style, control in super().render(renderable, options):
            yield Segment(text if control else blanked(text), style, control)


def console(*, stderr: bool = False) -> Console:
    """The terminal, or a page as wide as it takes for what is read by something else."""
    out = SafeConsole(stderr=stderr, highlight=False, markup=False, emoji=False)
    if not out.is_terminal and "COLUMNS" not in os.environ:
        out.width = 1000
    return out


def shots(project: Json, found: Sequence[Json]) -> None:
    """The shots of a project, by the folders they are in."""
    out = console()
    total = sum(shot["takeCount"] for shot in found)
    print_title(out, project["name"], f"{count(len(found), 'shot')}, {count(total, 'take')}")
    if not found:
        example = f"{project['path']}/01_Chapter/01_Scene/001_Shot/takes/"
        return _advise(out, "No shots yet: a shot is any folder that holds a takes/ folder, such as", example)
    widest = max(cell_len(_last(shot["path"], "/")) for shot in found)
    for folder, inside in _by_folder(found):
        out.print()
        if folder:
            print_line(out, Text(folder.replace("/", " / "), "bold"))
        for shot in inside:
            print_line(out, _shot(shot, min(widest, max(out.width - 30, 10))))
    return None


def takes(shot: str, found: Sequence[Json], *, deleted: bool) -> None:
    """The takes of a shot; the deleted ones only where they are asked for."""
    out = console()
    shown = [take for take in found if deleted or not take["deleted"]]
    print_title(out, shot.replace(":", " / "), count(len(shown), "take"))
    if shown:
        now = datetime.now().astimezone()
        out.print()
        out.print(_table(out, [_row(take, out.width, now) for take in shown]))
    if hidden := len(found) - len(shown):
        out.print(Text(f"\n{count(hidden, 'deleted take')} not shown; --deleted shows them too", "dim"))


def found(film: str, answer: Json) -> None:
    """The takes that a query has found, each behind its shot, and what they have in common."""
    out = console()
    print_title(out, film, f"{count(answer['total'], 'take')} found")
    if not answer["takes"]:
        return
    now = datetime.now().astimezone()
    rows = [
        {"shot": Text(printable(_last(one["shotId"], ":"))), **_row(one["take"], out.width, now)}
        for one in answer["takes"]
    ]
    out.print()
    out.print(_table(out, rows))
    if more := answer["total"] - len(answer["takes"]):
        out.print(Text(f"\n{count(more, 'more take')}; --limit shows them too", "dim"))
    common = {name: values for name, values in answer["facets"].items() if len(values) > 1}
    shown = {
        name: [f"{one['value']} ({one['count']})" for one in values[:5]] for name, values in common.items()
    }
    print_facts(out, {name: ", ".join(values) for name, values in shown.items()})


def no_takes(shot: str, folder: str) -> None:
    """What to do with a shot that has no takes."""
    out = console()
    print_title(out, shot.replace(":", " / "), "no takes yet")
    _advise(out, "Drop a rendered file into", f"{folder}/takes/")


def take(found: Json) -> None:
    """Everything about one take."""
    out = console()
    media, companions = found["media"] or {}, found.get("companions") or ()
    marks = [mark for mark in ("active", "deleted", "purged") if found.get(mark)]
    print_title(out, f"{found['shotId']} / {found['id']}".replace(":", " / "), found["status"], *marks)
    about = {
        "error": found.get("error"),
        "accepted": found.get("accepted"),
        "recipe": found.get("recipeError"),
        "made": local_time(found["created"]),
        "purged": local_time(found["purgedAt"]) if found.get("purgedAt") else None,
        "media": ", ".join(filter(None, _facts_of_media(found, media))),
        "frames": media.get("frames") and _range(media["frames"]),
        "missing": media.get("frames") and _gaps(media["frames"]),
        "file": media and f"{_called(media)}, {byte_size(_bytes(media))}",
        "sha256": media.get("sha256"),
        "now": found.get("waits"),
        "workflow": workflow_said(found.get("workflow")),
        **{ROLES[one["role"]]: f"{one['name']}, {byte_size(one['bytes'])}" for one in companions},
        "superseded": found.get("supersededBy")
        and f"by {found['supersededBy']}, which holds more of the render",
    }
    print_facts(out, about)
    print_facts(
        out,
        {
            "rating": stars(found.get("rating") or 0),
            "mark": found.get("mark") if found.get("mark") != "none" else None,
            "tags": ", ".join(found.get("tags") or ()),
            **{f"note {one['note']}": note_said(one) for one in found.get("notes") or ()},
        },
    )
    _recipe(out, found["generationParams"] or {})
    print_facts(out, _cost(found["resources"] or {}))


def events(found: Iterable[Json], *, of_one_shot: bool) -> None:
    """What happened, a line for each event, as they come."""
    out = console()
    day = ""
    for event in found:
        at = datetime.fromisoformat(event["at"]).astimezone()
        if f"{at:%A, %d %B %Y}" != day:
            out.print(Text("\n" if day else "").append(day := f"{at:%A, %d %B %Y}", "bold"))
        print_line(out, _event(event, at, narrow=out.width < NARROW, of_one_shot=of_one_shot))


def print_title(out: Console, name: str, *rest: str) -> None:
    """A name and what there is to say of it, on a second line where the first has no room."""
    title = Text().append(printable(name), "bold")
    more = Text("   ").join(Text(printable(part), STYLES.get(part, "dim")) for part in rest)
    title.append("   " if title.cell_len + 3 + more.cell_len <= out.width else "\n")
    out.print(title.append(more))


def print_line(out: Console, text: Text) -> None:
    """One line, cut at the edge of a terminal."""
    text.rstrip()
    text.truncate(out.width, overflow="ellipsis")
    out.print(text, soft_wrap=True)


def print_facts(out: Console, facts: Json, hints: Json | None = None) -> None:
    """Names and values under each other, after a blank line, with what is hinted of some; nothing where none is known."""
    known = {name: value for name, value in facts.items() if value not in (None, "", [], {})}
    if not known:
        return
    rows = Table.grid(padding=(0, 2, 0, 0))
    rows.add_column(style="dim", no_wrap=True, min_width=14)
    rows.add_column(overflow="fold")
    for name, value in known.items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        said = Text(printable(text), "red" if name == "error" else "")
        hint = (hints or {}).get(name)
        rows.add_row(Text(printable(name)), said.append(f"   {printable(hint)}", "dim") if hint else said)
    out.print()
    out.print(rows)


def _advise(out: Console, advice: str, path: str) -> None:
    out.print(Text(f"\n{advice}"))
    out.print(Text(f"  {printable(path)}", "cyan"), soft_wrap=True)


def _by_folder(found: Sequence[Json]) -> list[tuple[str, list[Json]]]:
    folders: dict[str, list[Json]] = {}
    for shot in found:
        folders.setdefault(printable(shot["path"].rpartition("/")[0]), []).append(shot)
    return sorted(folders.items())


def _shot(shot: Json, width: int) -> Text:
    line = Text(f"  {_fit(_last(shot['path'], '/'), width)}  ")
    line.append(f"{count(shot['takeCount'], 'take'):>11}  ", "dim")
    line.append(f"● {shot['activeTakeId']}" if shot["activeTakeId"] else "", "green")
    return line.append(f"  {printable(shot['stage'])}" if shot.get("stage") else "", "cyan")


def _row(take: Json, width: int, now: datetime) -> dict[str, Text]:
    """A take as a row of a table, by the titles of the columns for which that width has room."""
    state = _state(take)
    status = Text(state, STYLES.get(state, ""))
    hidden = next((titles for limit, titles in LEFT_OUT.items() if width < limit), frozenset())
    row = {
        "": Text("●" if take["active"] else "", "green"),
        "take": _name(take),
        "status": status,
        "kind": status if "status" in hidden and state != "complete" else Text(_kind(take)),
        "length": Text(duration(take["duration"])),
        "size": Text(byte_size(_bytes(take["media"])) if take["media"] else ""),
        "made": Text(local_time(take["created"], now)),
        "opinion": Text(printable(opinion_of(take))),
        "prompt": _about(take),
        "seed": Text(_param(take, "seed"), "dim"),
    }
    return {title: cell for title, cell in row.items() if title not in hidden}


def _table(out: Console, rows: Sequence[dict[str, Text]]) -> Table:
    """A table without lines, without the columns that nothing is in, and with prompts cut to the room there is."""
    columns = {title: [row[title] for row in rows] for title in rows[0]}
    shown = {title: cells for title, cells in columns.items() if any(cell.plain for cell in cells)}
    for title, most in SHORTENED.items():
        others = sum(_width(other, cells) + 2 for other, cells in shown.items() if other != title)
        for cell in shown.get(title, ()):
            cell.truncate(max(min(most, out.width - others), len(title)), overflow="ellipsis")
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
    for title, cells in shown.items():
        right = title in {"length", "size"}
        table.add_column(
            title, justify="right" if right else "left", no_wrap=True, width=_width(title, cells)
        )
    for row in zip(*shown.values(), strict=True):
        table.add_row(*row)
    return table


def _width(title: str, cells: Sequence[Text]) -> int:
    return max(len(title), *(cell.cell_len for cell in cells))


def _name(take: Json) -> Text:
    return Text(take["id"], "dim strike" if take["deleted"] else "green" if take["active"] else "")


def _state(take: Json) -> str:
    """Where a take stands; of one that is being made, how far it is."""
    if take.get("purged"):
        return "purged"
    return "deleted" if take["deleted"] else str(take.get("stage") or take["status"])


def _kind(take: Json) -> str:
    media = take["media"] or {}
    return "frames" if media.get("frames") else str(media.get("kind", ""))


def _bytes(media: Json) -> int:
    """All bytes of a take; of a sequence those of its frames."""
    return int((media.get("frames") or media)["bytes"])


def _called(media: Json) -> str:
    """What a take's file is called; of a sequence how all of them are."""
    frames = media.get("frames")
    return str(frames["pattern"] if frames else media["name"])


def _range(frames: Json) -> str:
    return f"{frames['first']}-{frames['last']}, {count(frames['count'], 'frame')}"


def _run(first: int, last: int) -> str:
    return f"{first}-{last}" if last > first else f"{first}"


def _gaps(frames: Json) -> str | None:
    """The frames that are missing, as many as a person reads."""
    if not frames["missing"]:
        return None
    runs = [_run(**gap) for gap in frames["gaps"][:MOST_GAPS]]
    more = ", …" if len(frames["gaps"]) > MOST_GAPS else ""
    return f"{count(frames['missing'], 'frame')}: {', '.join(runs)}{more}"


def _about(take: Json) -> Text:
    """What a take is known by: what was asked for, or why it came to nothing."""
    if take.get("error"):
        return Text(printable(take["error"]), "red")
    return Text(_param(take, "prompt"), "dim" if take["deleted"] else "")


def _param(take: Json, name: str) -> str:
    value = (take["generationParams"] or {}).get(name)
    return "" if value is None else printable(value)


def _facts_of_media(take: Json, media: Json) -> list[str | None]:
    size, rate = take["resolution"], media.get("frameRate")
    return [
        media.get("kind"),
        media.get("codec"),
        f"{size['width']} x {size['height']}" if size else None,
        f"{rate:.5g} fps" if rate else None,
        duration(take["duration"]),
        _channels(take.get("channels")),
        f"{take['loudness']:.1f} LUFS" if "loudness" in take else None,
    ]


def _recipe(out: Console, params: Json) -> None:
    """The parameters, each with the node that it comes from and how sure that is; of what was not understood, its nodes."""
    nodes, unsure = params.get("nodes"), params.get("unsure")
    nodes, unsure = nodes if isinstance(nodes, dict) else {}, unsure if isinstance(unsure, list) else []
    hints = {name: f"node {node}{', not sure' if name in unsure else ''}" for name, node in nodes.items()}
    print_facts(out, {name: value for name, value in params.items() if name not in TOLD}, hints)
    literals = params.get("literals")
    for node in literals if isinstance(literals, list) else ():
        if isinstance(node, dict):
            named = f"node {node.get('node')}, {node.get('class')}"
            out.print(Text(f"\n{printable(named)}", "dim"))
            print_facts(out, {name: value for name, value in node.items() if name not in {"node", "class"}})


def _channels(number: int | None) -> str | None:
    return CHANNELS.get(number, f"{number} channels") if number else None


def _cost(resources: Json) -> Json:
    memory, seconds = resources.get("vramUsed"), resources.get("generationTime")
    return {
        "quality": resources.get("quality"),
        "took": None if seconds is None else duration(seconds),
        "VRAM": None if memory is None else byte_size(memory * 1e6),
    }


def _event(event: Json, at: datetime, *, narrow: bool, of_one_shot: bool) -> Text:
    verb = event["type"].partition(".")[2]
    number = event["data"].get("take")
    line = Text().append(f"{event['position']:>6}  ", "dim")
    line.append(f"{at:%H:%M}  " if narrow else f"{at:%H:%M:%S}  ")
    if not of_one_shot:
        line.append(f"{_fit(_last(event['shotId'], ':'), 14 if narrow else 24)}  ")
    said = f"take_{number:03d} {verb}" if number else verb
    line.append(said if narrow else f"{said:<18}", STYLES.get(verb, ""))
    line.append(f"  {detail}" if (detail := _detail(event["data"])) else "")
    return line.append(f"  by {printable(event['data'].get('by') or event['actor'])}", "dim")


def _detail(data: Json) -> str:
    """The one or two things in an event that a person would ask about next."""
    if media := data.get("media"):
        return ", ".join(
            filter(None, (media["kind"], duration(media.get("duration")), byte_size(_bytes(media))))
        )
    if source := data.get("source"):
        return printable(f"from {source['name']}" if source.get("name") else source["kind"])
    if by := data.get("by"):
        return f"by take_{by:03d}, which holds more of the same render"
    if companion := data.get("companion"):
        return printable(f"by {companion.get('origin') or companion['name']}")
    if runner := data.get("runner"):
        return f"by the runner {printable(runner)}"
    if "bytes" in data:
        return f"{byte_size(data['bytes'])} given up"
    if error := data.get("error"):
        return printable(error)
    if opinion := opinion_said(data):
        return printable(opinion)
    if why := data.get("why"):
        return WHY.get(why, printable(why))
    return printable(data.get("path") or "")


def _last(path: str, separator: str) -> str:
    return printable(path.rpartition(separator)[2])


def _fit(text: str, width: int) -> str:
    return set_cell_size(text, width) if cell_len(text) <= width else f"{set_cell_size(text, width - 1)}…"
