"""Tables: how shots, takes, events and the state of a project look to a person at a terminal.

What comes from media files and folder names is text from strangers: it is stripped of control characters
and never read as markup. Where the output goes to a file or a pipe, lines are as long as they need to be.
"""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.table import Table
from rich.text import Text

from daemon.client import Json, plain
from daemon.words import amount, count, length, moment

NARROW = 80
"""Columns below which a table tells less."""

HIDDEN = {NARROW: frozenset({"status", "size", "seed"}), 110: frozenset({"seed"})}
"""Which columns of a list of takes are left out below how many columns of the terminal."""

SHORTENED = {"prompt": 48, "seed": 12}
"""The most that is shown of what can be of any length."""

STYLES = {
    "active": "green",
    "activated": "green",
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
}

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


def console(*, stderr: bool = False) -> Console:
    """The terminal, or a page as wide as it takes for what is read by something else."""
    out = Console(stderr=stderr, highlight=False, markup=False, emoji=False)
    if not out.is_terminal and "COLUMNS" not in os.environ:
        out.width = 1000
    return out


def shots(out: Console, project: Json, found: Sequence[Json]) -> None:
    """The shots of a project, by the folders they are in."""
    total = sum(shot["takeCount"] for shot in found)
    _title(out, project["name"], f"{count(len(found), 'shot')}, {count(total, 'take')}")
    if not found:
        example = f"{project['path']}/01_Chapter/01_Scene/001_Shot/takes/"
        return _advise(out, "No shots yet: a shot is any folder that holds a takes/ folder, such as", example)
    widest = max(cell_len(_last(shot["path"], "/")) for shot in found)
    for folder, inside in _by_folder(found):
        out.print()
        if folder:
            _line(out, Text(folder.replace("/", " / "), "bold"))
        for shot in inside:
            _line(out, _shot(shot, min(widest, max(out.width - 30, 10))))
    return None


def takes(out: Console, shot: str, found: Sequence[Json], *, deleted: bool) -> None:
    """The takes of a shot; the deleted ones only where they are asked for."""
    shown = [take for take in found if deleted or not take["deleted"]]
    _title(out, shot.replace(":", " / "), count(len(shown), "take"))
    if shown:
        now = datetime.now().astimezone()
        out.print()
        out.print(_table(out, [_row(take, out.width, now) for take in shown]))
    if hidden := len(found) - len(shown):
        out.print(Text(f"\n{count(hidden, 'deleted take')} not shown; --deleted shows them too", "dim"))


def no_takes(out: Console, shot: str, folder: str) -> None:
    """What to do with a shot that has no takes."""
    _title(out, shot.replace(":", " / "), "no takes yet")
    _advise(out, "Drop a rendered file into", f"{folder}/takes/")


def take(out: Console, found: Json) -> None:
    """Everything about one take."""
    media = found["media"] or {}
    marks = [mark for mark in ("active", "deleted", "purged") if found.get(mark)]
    _title(out, f"{found['shotId']} / {found['id']}".replace(":", " / "), found["status"], *marks)
    about = {
        "error": found.get("error"),
        "made": moment(found["created"]),
        "media": ", ".join(filter(None, _look(found, media))),
        "file": media and f"{media['name']}, {amount(media['bytes'])}",
        "sha256": media.get("sha256"),
    }
    _facts(out, about)
    _facts(out, found["generationParams"] or {})
    _facts(out, _cost(found["resources"] or {}))


def events(out: Console, found: Iterable[Json], *, of_one_shot: bool) -> None:
    """What happened, a line for each event, as they come."""
    day = ""
    for event in found:
        at = datetime.fromisoformat(event["at"]).astimezone()
        if f"{at:%A, %d %B %Y}" != day:
            out.print(Text("\n" if day else "").append(day := f"{at:%A, %d %B %Y}", "bold"))
        _line(out, _event(event, at, narrow=out.width < NARROW, of_one_shot=of_one_shot))


def status(out: Console, facts: Json, daemon: Json) -> None:
    """How a project is doing, and what it waits for."""
    _title(out, facts["name"], facts["id"], facts["state"])
    scan = facts["lastScan"]
    behind = [f"{one['name']} {one['behind']:,} behind" for one in facts["projections"] if one["behind"]]
    about = {
        "folder": facts["path"],
        "log": count(facts["position"], "event"),
        "projections": ", ".join(behind) or "up to date",
        "folders": ", ".join(_watch(facts["watch"])),
        "last scan": scan
        and f"{length(scan['ago'])} ago, {count(scan['shots'], 'shot')} in {scan['seconds']:.2f} s",
        "protection": facts["protection"]["says"],
        "runner": _runner(facts["runner"]),
        "daemon": f"{daemon['version']}, process {daemon['pid']}",
    }
    _facts(out, about)
    _files(out, "Waiting", facts["waiting"])
    _files(out, "Not taken", facts["notTaken"])
    problems(out, facts["problems"])


KINDS = {
    "media": "media",
    "objects": "objects",
    "sidecars": "sidecars and thumbnails",
    "cache": "cache",
    "log": "log",
    "index": "index",
    "other": "other files",
}
"""The kinds of files, as a person would say them."""

CHOSEN = {
    "deleted": "deleted on {}",
    "failed": "failed on {}",
    "older": "made on {}, and older than the newest",
}


def usage(out: Console, project: Json, found: Json) -> None:
    """What a film takes up, by kind and by shot."""
    _title(out, project["name"], amount(found["bytes"]))
    _facts(
        out, {words: amount(found["kinds"][kind]) for kind, words in KINDS.items() if found["kinds"][kind]}
    )
    if found["shots"]:
        out.print()
    for shot in found["shots"]:
        line = Text(f"  {amount(shot['bytes']):>10}  ").append(plain(shot["shotId"].replace(":", " / ")))
        _line(out, line)
    if found["shared"]:
        out.print(Text(f"\n{amount(found['shared'])} more would be needed if nothing were shared", "dim"))
    if found["mayShare"]:
        out.print(Text("\nFiles may share more: this disk does not tell which", "dim"))


def cleaned(out: Console, answer: Json) -> None:
    """What was purged, or would be: each take and its files, and the bytes that come back."""
    done = "would come back" if answer["dryRun"] else "are free again"
    what = count(len(answer["takes"]), "take") + (" to purge" if answer["dryRun"] else " purged")
    _title(out, what[0].upper() + what[1:], f"{amount(answer['bytes'])} {done}")
    for one in answer["takes"]:
        why = CHOSEN[one["why"]].format(moment(one["since"]).partition(" ")[0])
        name = f"{one['shotId']} / {one['takeId']}".replace(":", " / ")
        out.print(Text("\n").append(plain(name), "bold").append(f"   {why}", "dim"), soft_wrap=True)
        for file in one["files"]:
            _line(out, Text(f"  {amount(file['bytes']):>10}  ").append(plain(file["path"])))
    _files(out, "Not purged", answer["left"])


def problems(out: Console, found: Sequence[Json]) -> None:
    """What is wrong, each with what to do about it."""
    for problem in found:
        out.print(Text("\n").append(plain(problem["what"]), "red"))
        if problem.get("hint"):
            out.print(Text(plain(problem["hint"])))


def checks(out: Console, found: Sequence[Json]) -> None:
    """What the doctor looked at, and the command that mends what is wrong."""
    for one in found:
        sign = Text("✓ ", "green") if one["ok"] else Text("✗ ", "bold red")
        _line(out, sign + Text(f"{one['name']}: ", "bold") + Text(plain(one["what"])))
        if one["mend"]:
            _line(out, Text(f"    {plain(one['mend'])}"))


def differences(out: Console, found: Sequence[Json]) -> None:
    """Where a projection is not what the log says."""
    _title(out, "Not what the log says", count(len(found), "difference"))
    for one in found:
        out.print(Text(f"  {plain(one['name'])}  ").append(plain(one["what"]), "red"))
    out.print("`takes rebuild` builds it anew.")


def verified(out: Console, result: Json) -> None:
    """What a check of the log and the kept files has found."""
    checked = f"{count(result['records'], 'event')} and {count(result['files'], 'file')} checked"
    out.print(Text(f"{checked}: {'all are as they were written.' if result['ok'] else 'not all is well.'}"))
    problems(out, result["problems"])


def deduped(out: Console, answer: Json) -> None:
    """What shares its bytes now, or could, and what does not."""
    for one in answer["shared"]:
        _line(out, Text(f"  {amount(one['bytes']):>9}  ", "dim").append(plain(one["path"])))
    files, saved = count(len(answer["shared"]), "file"), amount(answer["bytes"])
    verb = (
        "could share their bytes, which would save"
        if answer["dryRun"]
        else "share their bytes now, which saves"
    )
    out.print(
        f"{files} {verb} {saved}." if answer["shared"] else "No bytes are stored twice that could be shared."
    )
    _files(out, "Not shared", answer["left"])


@contextmanager
def progress() -> Iterator[Callable[[Json], None]]:
    """A bar for each step, gone when all are done; call it with `{step, done, total}`."""
    from rich.progress import (  # noqa: PLC0415 - for one command only
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TaskID,
        TextColumn,
        TimeRemainingColumn,
    )

    out = console(stderr=True)
    columns = (TextColumn("{task.description:<6}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=out, transient=True, disable=not out.is_terminal) as bars:
        steps: dict[str, TaskID] = {}

        def advance(line: Json) -> None:
            step = plain(line["step"])
            if step not in steps:
                steps[step] = bars.add_task(step)
            bars.update(steps[step], completed=line["done"], total=line["total"])

        yield advance


@contextmanager
def making(take: str) -> Iterator[Callable[[Json], None]]:
    """A bar for a take that is being made, gone when it is; call it with `{fraction, message}`."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    out = console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[said]}"),
    )
    with Progress(*columns, console=out, transient=True, disable=not out.is_terminal) as bars:
        bar = bars.add_task(take, total=None, said="waits for its turn")

        def advance(line: Json) -> None:
            fraction = line["fraction"]
            total = None if fraction is None else 1.0
            bars.update(bar, total=total, completed=fraction or 0, said=plain(line["message"] or ""))

        yield advance


def _title(out: Console, name: str, *rest: str) -> None:
    """A name and what there is to say of it, on a second line where the first has no room."""
    title = Text().append(plain(name), "bold")
    more = Text("   ").join(Text(plain(part), STYLES.get(part, "dim")) for part in rest)
    title.append("   " if title.cell_len + 3 + more.cell_len <= out.width else "\n")
    out.print(title.append(more))


def _line(out: Console, text: Text) -> None:
    """One line, cut at the edge of a terminal."""
    text.rstrip()
    text.truncate(out.width, overflow="ellipsis")
    out.print(text, soft_wrap=True)


def _advise(out: Console, advice: str, path: str) -> None:
    out.print(Text(f"\n{advice}"))
    out.print(Text(f"  {plain(path)}", "cyan"), soft_wrap=True)


def _by_folder(found: Sequence[Json]) -> list[tuple[str, list[Json]]]:
    folders: dict[str, list[Json]] = {}
    for shot in found:
        folders.setdefault(plain(shot["path"].rpartition("/")[0]), []).append(shot)
    return sorted(folders.items())


def _shot(shot: Json, width: int) -> Text:
    line = Text(f"  {_fit(_last(shot['path'], '/'), width)}  ")
    line.append(f"{count(shot['takeCount'], 'take'):>11}  ", "dim")
    return line.append(f"● {shot['activeTakeId']}" if shot["activeTakeId"] else "", "green")


def _row(take: Json, width: int, now: datetime) -> dict[str, Text]:
    """A take as a row of a table, by the titles of the columns for which that width has room."""
    state = _state(take)
    status = Text(state, STYLES.get(state, ""))
    hidden = next((titles for limit, titles in HIDDEN.items() if width < limit), frozenset())
    row = {
        "": Text("●" if take["active"] else "", "green"),
        "take": _name(take),
        "status": status,
        "kind": status if "status" in hidden and state != "complete" else Text(_kind(take)),
        "length": Text(length(take["duration"])),
        "size": Text(amount(take["media"]["bytes"]) if take["media"] else ""),
        "made": Text(moment(take["created"], now)),
        "prompt": _about(take),
        "seed": Text(_param(take, "seed"), "dim"),
    }
    return {title: cell for title, cell in row.items() if title not in hidden}


def _table(out: Console, rows: Sequence[dict[str, Text]]) -> Table:
    """A table without lines, without the columns that nothing is in, and with prompts cut to the room there is."""
    columns = {title: [row[title] for row in rows] for title in rows[0]}
    kept = {title: cells for title, cells in columns.items() if any(cell.plain for cell in cells)}
    for title, most in SHORTENED.items():
        others = sum(_width(other, cells) + 2 for other, cells in kept.items() if other != title)
        for cell in kept.get(title, ()):
            cell.truncate(max(min(most, out.width - others), len(title)), overflow="ellipsis")
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
    for title, cells in kept.items():
        right = title in {"length", "size"}
        table.add_column(
            title, justify="right" if right else "left", no_wrap=True, width=_width(title, cells)
        )
    for row in zip(*kept.values(), strict=True):
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
    return str(take["media"]["kind"]) if take["media"] else ""


def _about(take: Json) -> Text:
    """What a take is known by: what was asked for, or why it came to nothing."""
    if take.get("error"):
        return Text(plain(take["error"]), "red")
    return Text(_param(take, "prompt"), "dim" if take["deleted"] else "")


def _param(take: Json, name: str) -> str:
    value = (take["generationParams"] or {}).get(name)
    return "" if value is None else plain(value)


def _look(take: Json, media: Json) -> list[str | None]:
    size, rate = take["resolution"], media.get("frameRate")
    return [
        media.get("kind"),
        media.get("codec"),
        f"{size['width']} x {size['height']}" if size else None,
        f"{rate:.5g} fps" if rate else None,
        length(take["duration"]),
    ]


def _cost(resources: Json) -> Json:
    memory, seconds = resources.get("vramUsed"), resources.get("generationTime")
    return {
        "quality": resources.get("quality"),
        "took": None if seconds is None else length(seconds),
        "VRAM": None if memory is None else amount(memory * 1e6),
    }


def _facts(out: Console, facts: Json) -> None:
    """Names and values under each other, after a blank line; nothing where no value is known."""
    known = {name: value for name, value in facts.items() if value not in (None, "", [], {})}
    if not known:
        return
    rows = Table.grid(padding=(0, 2, 0, 0))
    rows.add_column(style="dim", no_wrap=True, min_width=14)
    rows.add_column(overflow="fold")
    for name, value in known.items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        rows.add_row(Text(plain(name)), Text(plain(text), "red" if name == "error" else ""))
    out.print()
    out.print(rows)


def _files(out: Console, title: str, found: Sequence[Json]) -> None:
    """Files and why they are where they are, each with its folder below."""
    if found:
        out.print(Text("\n").append(title, "bold"))
    for one in found:
        folder, _, name = plain(one["path"]).rpartition("/")
        out.print(Text(f"  {name}  ").append(plain(one["reason"]), "yellow"))
        out.print(Text(f"  {folder}", "dim"), soft_wrap=True)


def _runner(runner: Json) -> str:
    waiting = "wait for a file" if runner["kind"] == "none" else "queued"
    running = [f"{runner['running']} running"] if runner["running"] else []
    return ", ".join(
        [runner["kind"], *running, *([f"{runner['queued']} {waiting}"] if runner["queued"] else [])]
    )


def _watch(watch: Json) -> Iterator[str]:
    yield f"{watch['mode']} {watch['folders']:,}"
    if watch["losses"]:
        yield f"{count(watch['losses'], 'sign')} of lost events"
    if watch["missed"]:
        yield f"{count(watch['missed'], 'change')} found only by a scan"


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
    return line.append(f"  by {plain(event['actor'])}", "dim")


def _detail(data: Json) -> str:
    """The one or two things in an event that a person would ask about next."""
    if media := data.get("media"):
        return ", ".join(filter(None, (media["kind"], length(media.get("duration")), amount(media["bytes"]))))
    if source := data.get("source"):
        return plain(f"from {source['name']}" if source.get("name") else source["kind"])
    if runner := data.get("runner"):
        return f"by the runner {plain(runner)}"
    if "bytes" in data:
        return f"{amount(data['bytes'])} freed"
    if why := data.get("why"):
        return WHY.get(why, plain(why))
    return plain(data.get("error") or data.get("path") or "")


def _last(path: str, separator: str) -> str:
    return plain(path.rpartition(separator)[2])


def _fit(text: str, width: int) -> str:
    return set_cell_size(text, width) if cell_len(text) <= width else f"{set_cell_size(text, width - 1)}…"
