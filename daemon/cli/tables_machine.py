"""Tables of this machine: its films and its settings, as a person sees them."""

from collections.abc import Sequence

from daemon.cli.client import Json
from daemon.cli.humanize import count
from daemon.cli.printing import STYLES, Console, Text, print_line, print_rows, print_title
from daemon.printable import printable

BEGIN = "Make a folder a project with `takes init PATH`."
RELOADED = "* A daemon that is running takes these anew when it is told to (SIGHUP), and all others when it is started again."


def films(found: Sequence[Json], why_not: str) -> None:
    """The films of this machine: the id, the state, how much is in it, and the folder."""
    out = Console()
    print_title(out, "Films", count(len(found), "film"))
    if not found:
        return out.print(BEGIN)
    rows = [
        [
            Text(printable(one["id"] or one["name"]), "bold"),
            Text(state := _state(one), STYLES.get(state, "dim")),
            Text(_size(one)),
            Text(printable(one["path"]), "dim"),
        ]
        for one in found
    ]
    out.print()
    print_rows(out, rows)
    for one in found:
        if one.get("reason"):
            print_line(out, Text(f"{printable(one['id'])}: {printable(one['reason'])}", "yellow"))
    return out.print(f"\n{printable(why_not)}. `takes open` starts one.", whole=True) if why_not else None


def _state(film: Json) -> str:
    if film["state"]:
        return str(film["state"]) if film["registered"] else f"{film['state']}, not registered"
    return "not served" if film["isThere"] else "away"


def _size(film: Json) -> str:
    shots, takes = film.get("shotCount"), film.get("takeCount")
    return "" if shots is None or takes is None else f"{count(shots, 'shot')}, {count(takes, 'take')}"


def settings(path: str, found: Sequence[Json], *, is_there: bool) -> None:
    """Every setting by its section: the value, where it comes from, and what it means."""
    from daemon.config.settings import as_toml  # noqa: PLC0415 - no other table needs it

    out = Console()
    print_title(out, path, "" if is_there else "there is no such file")
    section = None
    for one in found:
        if (now := one["name"].rpartition(".")[0]) != section:
            out.print()
            section = now
        is_default = one["origin"] == "default"
        line = Text(one["name"] + ("*" if one["reloaded"] else ""), "bold")
        line.append(f" = {printable(as_toml(one['value']))}", "" if is_default else "green")
        out.print(line.append(f"   {_origin(one)}", "dim"), whole=True)
        out.print(Text(f"    {one['meaning']}", "dim"), whole=True)
    out.print(f"\n{RELOADED}", whole=True)


def _origin(setting: Json) -> str:
    match setting["origin"]:
        case "file":
            return f"line {setting['line']}"
        case "environment":
            return str(setting["variable"])
        case _:
            return "default"
