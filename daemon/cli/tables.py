"""Tables: how shots and takes look to a person at a terminal."""

from collections.abc import Sequence
from datetime import datetime

from rich.cells import cell_len

from daemon.cli.apart import Usual, apart
from daemon.cli.client import Json
from daemon.cli.humanize import (
    again_said,
    byte_size,
    bytes_of,
    count,
    duration,
    local_time,
    note_said,
    opinion_of,
    stars,
    workflow_said,
)
from daemon.cli.printing import (
    NARROW,
    STYLES,
    Console,
    Text,
    fit,
    last_part,
    print_facts,
    print_line,
    print_lines,
    print_title,
)
from daemon.printable import printable

LEFT_OUT = {NARROW: frozenset({"status", "size", "seed"}), 110: frozenset({"seed"})}
"""Which columns of a list of takes are left out below how many columns of the terminal."""

SHORTENED = {"prompt": 48, "differs": 48, "seed": 12, "opinion": 24}
"""The most that is shown of what can be of any length."""

TOLD = frozenset({"nodes", "unsure", "literals", "graph"})
"""Parameters that tell of the others where they come from, or of a graph that nobody has understood."""

ROLES = {"picture": "recipe in", "silent": "without sound"}
"""What a file beside the media is to its take."""

CHANNELS = {1: "mono", 2: "stereo"}

MOST_GAPS = 8
"""Runs of missing frames that are named one by one."""


def shots(project: Json, found: Sequence[Json]) -> None:
    """The shots of a project, by the folders they are in."""
    out = Console()
    total = sum(shot["takeCount"] for shot in found)
    print_title(out, project["name"], f"{count(len(found), 'shot')}, {count(total, 'take')}")
    if not found:
        example = f"{project['path']}/01_Chapter/01_Scene/001_Shot/takes/"
        return _advise(out, "No shots yet: a shot is any folder that holds a takes/ folder, such as", example)
    widest = max(cell_len(last_part(shot["path"], "/")) for shot in found)
    for folder, inside in _by_folder(found):
        out.print()
        if folder:
            print_line(out, Text(folder.replace("/", " / "), "bold"))
        for shot in inside:
            print_line(out, _shot(shot, min(widest, max(out.width - 30, 10))))
    return None


def takes(shot: str, found: Sequence[Json], *, deleted: bool) -> None:
    """The takes of a shot; the deleted ones only where they are asked for."""
    out = Console()
    shown = [take for take in found if deleted or not take["deleted"]]
    usual = Usual(shown)
    print_title(out, shot.replace(":", " / "), count(len(shown), "take"))
    if usual.prompt:
        print_line(out, Text(printable(usual.prompt), "dim"))
    if shown:
        now = datetime.now().astimezone()
        out.print()
        _print_rows(out, [_row(take, out.width, now, usual) for take in shown])
    if hidden := len(found) - len(shown):
        out.print(Text(f"\n{count(hidden, 'deleted take')} not shown; --deleted shows them too", "dim"))


def found(film: str, answer: Json) -> None:
    """The takes that a query has found, each behind its shot, and what they have in common."""
    out = Console()
    print_title(out, film, f"{count(answer['total'], 'take')} found")
    if not answer["takes"]:
        return
    now = datetime.now().astimezone()
    rows = [
        {"shot": Text(printable(last_part(one["shotId"], ":"))), **_row(one["take"], out.width, now)}
        for one in answer["takes"]
    ]
    out.print()
    _print_rows(out, rows)
    if more := answer["total"] - len(answer["takes"]):
        out.print(Text(f"\n{count(more, 'more take')}; --limit shows them too", "dim"))
    common = {name: values for name, values in answer["facets"].items() if len(values) > 1}
    shown = {
        name: [f"{one['value']} ({one['count']})" for one in values[:5]] for name, values in common.items()
    }
    print_facts(out, {name: ", ".join(values) for name, values in shown.items()})


def no_takes(shot: str, folder: str) -> None:
    """What to do with a shot that has no takes."""
    out = Console()
    print_title(out, shot.replace(":", " / "), "no takes yet")
    _advise(out, "Drop a rendered file into", f"{folder}/takes/")


def take(found: Json) -> None:
    """Everything about one take."""
    out = Console()
    marks = [mark for mark in ("active", "deleted", "purged") if found.get(mark)]
    print_title(out, f"{found['shotId']} / {found['id']}".replace(":", " / "), found["status"], *marks)
    print_facts(out, _history(found))
    print_facts(out, _opinions(found))
    _recipe(out, found["generationParams"] or {})
    print_facts(out, _cost(found["resources"] or {}))
    if found["status"] == "failed" and found.get("origin") and not marks:
        shot, number = found["shotId"], found["id"]
        _advise(out, f"Its file stays in {number}. If it is well as it is:", f"takes accept {shot} {number}")


def _history(found: Json) -> Json:
    """What became of a take, and what its files are."""
    media, by = found["media"] or {}, found.get("supersededBy")
    return {
        "error": found.get("error"),
        "accepted": found.get("accepted"),
        "recipe": found.get("recipeError"),
        "made": local_time(found["created"]),
        "purged": local_time(found["purgedAt"]) if found.get("purgedAt") else None,
        "purged since": local_time(found["purgedSince"]) if found.get("purgedSince") else None,
        "media": ", ".join(filter(None, _facts_of_media(found, media))),
        "frames": media.get("frames") and _range(media["frames"]),
        "missing": media.get("frames") and _gaps(media["frames"]),
        "file": media and f"{_called(media)}, {byte_size(bytes_of(media))}",
        "sha256": media.get("sha256"),
        "now": found.get("waits"),
        "workflow": workflow_said(found.get("workflow")),
        "again": again_said(found.get("again")),
        **{ROLES[one["role"]]: f"{one['name']}, {_there(one)}" for one in found.get("companions") or ()},
        "superseded": by and f"by {by}, which holds more of the render",
    }


def _opinions(found: Json) -> Json:
    """What people think of a take."""
    return {
        "rating": stars(found.get("rating") or 0),
        "mark": found.get("mark") if found.get("mark") != "none" else None,
        "tags": ", ".join(found.get("tags") or ()),
        **{f"note {one['note']}": note_said(one) for one in found.get("notes") or ()},
    }


def _advise(out: Console, advice: str, path: str) -> None:
    out.print(Text(f"\n{advice}"))
    out.print(Text(f"  {printable(path)}", "cyan"), whole=True)


def _by_folder(found: Sequence[Json]) -> list[tuple[str, list[Json]]]:
    folders: dict[str, list[Json]] = {}
    for shot in found:
        folders.setdefault(printable(shot["path"].rpartition("/")[0]), []).append(shot)
    return sorted(folders.items())


def _shot(shot: Json, width: int) -> Text:
    line = Text(f"  {fit(last_part(shot['path'], '/'), width)}  ")
    line.append(f"{count(shot['takeCount'], 'take'):>11}  ", "dim")
    line.append(f"● {shot['activeTakeId']}" if shot["activeTakeId"] else "", "green")
    return line.append(f"  {printable(shot['stage'])}" if shot.get("stage") else "", "cyan")


def _row(take: Json, width: int, now: datetime, usual: Usual | None = None) -> dict[str, Text]:
    """A take as a row of a table, by the titles of the columns for which that width has room.

    Where the prompt that is `usual` stands above the table, it says what differs from that.
    """
    differs = usual if usual and usual.prompt else None
    state = _state(take)
    status = Text(state, STYLES.get(state, ""))
    hidden = next((titles for limit, titles in LEFT_OUT.items() if width < limit), frozenset())
    row = {
        "": Text("●" if take["active"] else "", "green"),
        "take": _name(take),
        "status": status,
        "kind": status if "status" in hidden and state != "complete" else Text(_kind(take)),
        "length": Text(duration(take["duration"])),
        "size": Text(byte_size(bytes_of(take["media"])) if take["media"] else ""),
        "made": Text(local_time(take["created"], now)),
        "opinion": Text(printable(opinion_of(take))),
        "differs" if differs else "prompt": _about(take, differs),
        "seed": Text(_param(take, "seed"), "dim"),
    }
    return {title: cell for title, cell in row.items() if title not in hidden}


def _print_rows(out: Console, rows: Sequence[dict[str, Text]]) -> None:
    """A table without lines, without the columns that nothing is in, and with prompts cut to the room there is."""
    columns = {title: [row[title] for row in rows] for title in rows[0]}
    shown = {title: cells for title, cells in columns.items() if any(cell.plain for cell in cells)}
    for title, most in SHORTENED.items():
        others = sum(_width(other, cells) + 2 for other, cells in shown.items() if other != title)
        for cell in shown.get(title, ()):
            cell.truncate(max(min(most, out.width - others), len(title)))
    aligned = [_aligned(Text(title, "dim"), cells) for title, cells in shown.items()]
    print_lines(out, [Text("  ").join(line) for line in zip(*aligned, strict=True)])


def _aligned(title: Text, cells: Sequence[Text]) -> list[Text]:
    """A column under its title, all of one width."""
    width = _width(title.plain, cells)
    for cell in (title, *cells):
        cell.fill(width, right=title.plain in {"length", "size"})
    return [title, *cells]


def _width(title: str, cells: Sequence[Text]) -> int:
    return max(len(title), *(cell.width for cell in cells))


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


def _about(take: Json, usual: Usual | None) -> Text:
    """What a take is known by: what was asked for, or what of it is not usual, or why it came to nothing."""
    if take.get("error"):
        return Text(printable(take["error"]), "red")
    said = printable(apart(take, usual)) if usual else _param(take, "prompt")
    return Text(said, "dim" if take["deleted"] else "")


def _param(take: Json, name: str) -> str:
    value = (take["generationParams"] or {}).get(name)
    return "" if value is None else printable(value)


def _there(one: Json) -> str:
    return "which is gone" if one.get("missing") else byte_size(one["bytes"])


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
