"""Tables of upkeep: how a project is kept, what it takes up, and what was mended, as a person sees it."""

from collections.abc import Iterator, Sequence

from daemon.cli.client import Json
from daemon.cli.humanize import byte_size, count, duration, local_time
from daemon.cli.printing import Console, Text, print_facts, print_line, print_title
from daemon.printable import printable

KINDS = {
    "media": "media",
    "objects": "objects",
    "git": "Git LFS",
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
"""Why a take is purged, and since when, as a person would say it."""

READ_LATER = (
    "Each file is read and compared only just before it goes; one that is not what the log says stays."
)


def status(facts: Json, daemon: Json) -> None:
    """How a project is doing, and what it waits for."""
    out = Console()
    print_title(out, facts["name"], facts["id"], facts["state"])
    scan = facts["lastScan"]
    behind = [f"{one['name']} {one['behind']:,} behind" for one in facts["projections"] if one["behind"]]
    about = {
        "folder": facts["path"],
        "lies on": (facts["share"] or {}).get("says"),
        "studio": _studio(facts["studio"]),
        "log": count(facts["position"], "event"),
        "projections": ", ".join(behind) or "up to date",
        "folders": ", ".join(_watch(facts["watch"])),
        "last scan": scan
        and f"{duration(scan['ago'])} ago, {count(scan['shots'], 'shot')} in {scan['seconds']:.2f} s",
        "protection": facts["protection"]["says"],
        "runner": _runner(facts["runner"]),
        "daemon": f"{daemon['version']}, process {daemon['pid']}",
    }
    print_facts(out, about)
    _files(out, "Waiting", facts["waiting"])
    _files(out, "Not taken", facts["notTaken"])
    _files(out, "Recipes not read", facts["unread"])
    _problems(out, facts["problems"])


def _studio(facts: Json | None) -> str | None:
    """What part this machine has in a studio, and how far behind it is."""
    if not facts:
        return None
    kept = f"kept by {', '.join(facts['keptBy'])}" if facts["keptBy"] else "nobody keeps it now"
    behind = f"{count(facts['behind'], 'record')} behind" if facts["behind"] else "up to date"
    polls = "; not told of what others say, so it looks each second" if facts["polls"] else ""
    return f"{facts['role']}; {kept}; {facts['away'] or behind}{polls}"


def usage(project: Json, found: Json) -> None:
    """What a film takes up, by kind and by shot."""
    out = Console()
    print_title(out, project["name"], byte_size(found["bytes"]))
    print_facts(
        out, {words: byte_size(found["kinds"][kind]) for kind, words in KINDS.items() if found["kinds"][kind]}
    )
    if found["shots"]:
        out.print()
    for shot in found["shots"]:
        line = Text(f"  {byte_size(shot['bytes']):>10}  ").append(
            printable(shot["shotId"].replace(":", " / "))
        )
        print_line(out, line)
    if found["shared"]:
        out.print(Text(f"\n{byte_size(found['shared'])} more would be needed if nothing were shared", "dim"))
    if found["mayShare"]:
        out.print(Text("\nFiles may share more: this disk does not tell which", "dim"))


def cleaned(answer: Json) -> None:
    """What was purged, or would be: each take and its files, and the bytes that come back."""
    out = Console()
    done = "would come back" if answer["dryRun"] else "are free again"
    what = count(len(answer["takes"]), "take") + (" to purge" if answer["dryRun"] else " purged")
    back = f"{'up to ' if answer['atMost'] else ''}{byte_size(answer['bytes'])}"
    print_title(out, what[0].upper() + what[1:], f"{back} {done}")
    for one in answer["takes"]:
        why = CHOSEN[one["why"]].format(local_time(one["since"]).partition(" ")[0])
        name = f"{one['shotId']} / {one['takeId']}".replace(":", " / ")
        out.print(Text("\n").append(printable(name), "bold").append(f"   {why}", "dim"), whole=True)
        for file in one["files"]:
            print_line(out, Text(f"  {byte_size(file['bytes']):>10}  ").append(printable(file["path"])))
    _files(out, "Not purged", answer["left"])
    if answer["dryRun"] and answer["takes"]:
        out.print(Text(f"\n{READ_LATER}", "dim"))
    if answer.get("note"):
        out.print(Text(f"\n{answer['note']}", "dim"))


def checks(found: Sequence[Json]) -> None:
    """What the doctor looked at, and the command that mends what is wrong."""
    out = Console()
    for one in found:
        sign = Text("✓ ", "green") if one["ok"] else Text("✗ ", "bold red")
        said = sign.append(f"{one['name']}: ", "bold").append(printable(one["what"]))
        out.print(said, whole=True)  # a command that was cut mends nothing
        if one["mend"]:
            out.print(Text(f"    {printable(one['mend'])}"), whole=True)


def differences(found: Sequence[Json]) -> None:
    """Where a projection is not what the log says."""
    out = Console()
    print_title(out, "Not what the log says", count(len(found), "difference"))
    for one in found:
        out.print(Text(f"  {printable(one['name'])}  ").append(printable(one["what"]), "red"))
    out.print("`takes rebuild` builds it anew.")


def verified(result: Json) -> None:
    """What a check of the log and the kept files has found."""
    out = Console()
    checked = f"{count(result['records'], 'event')} and {count(result['files'], 'file')} checked"
    out.print(Text(f"{checked}: {'all are as they were written.' if result['ok'] else 'not all is well.'}"))
    _problems(out, result["problems"])


def deduped(answer: Json) -> None:
    """What shares its bytes now, or could, and what does not."""
    out = Console()
    for one in answer["shared"]:
        print_line(out, Text(f"  {byte_size(one['bytes']):>9}  ", "dim").append(printable(one["path"])))
    files, saved = count(len(answer["shared"]), "file"), byte_size(answer["bytes"])
    one = len(answer["shared"]) == 1
    now = "shares its bytes now, which saves" if one else "share their bytes now, which saves"
    could = f"could share {'its' if one else 'their'} bytes, which would save up to"
    verb = could if answer["dryRun"] else now
    out.print(
        f"{files} {verb} {saved}." if answer["shared"] else "No bytes are stored twice that could be shared."
    )
    if answer.get("note"):
        out.print(Text(printable(answer["note"]), "yellow"))
    _files(out, "Not shared", answer["left"])


def _problems(out: Console, found: Sequence[Json]) -> None:
    """What is wrong, each with what to do about it."""
    for problem in found:
        out.print(Text("\n").append(printable(problem["what"]), "red"))
        if problem.get("hint"):
            out.print(Text(printable(problem["hint"])))


def _files(out: Console, title: str, found: Sequence[Json]) -> None:
    """Files and why they are where they are, each with its folder below."""
    if found:
        out.print(Text("\n").append(title, "bold"))
    for one in found:
        folder, _, name = printable(one["path"]).rpartition("/")
        out.print(Text(f"  {name}  ").append(printable(one["reason"]), "yellow"))
        out.print(Text(f"  {folder}", "dim"), whole=True)


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
