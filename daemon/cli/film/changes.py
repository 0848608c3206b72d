"""What has changed, on the command line: a film at two moments, shot by shot."""

from collections.abc import Iterator

import click

from daemon.cli.client import Json
from daemon.cli.humanize import count
from daemon.cli.main import Options, program, project_options
from daemon.cli.output import print_answer
from daemon.cli.past import position


@program.command()
@click.argument("since", metavar="FROM")
@click.argument("to", metavar="[TO]", default="now")
@click.argument("shot", required=False)
@project_options
@click.pass_obj
def diff(options: Options, since: str, to: str, shot: str | None) -> None:
    """What has changed between the moments FROM and TO, shot by shot: `takes diff friday`.

    Without TO, until now; for one SHOT alone, write `takes diff friday now SHOT`. A moment is a time, such as
    `yesterday 18:00` or `2 days ago`, or a position of the log.
    """
    project = options.choose_project()
    meant = project.shot(shot) if shot else None
    asked: Json = {"from": position(options, project, since, "From")}
    asked |= {"to": position(options, project, to, "To"), "shot": meant}
    found = project.ask("GET", "diff", **asked)
    if options.json:
        return print_answer(found)
    for line in _lines(found["shots"]):
        print_answer(line)
    return None


def _lines(shots: list[Json]) -> Iterator[str]:
    yield f"{count(len(shots), 'shot')} changed"
    for shot in shots:
        yield ""
        yield f"{shot['path'].replace('/', ' / ')}{'   new' if shot['isNew'] else ''}"
        yield from (
            f"  {one['said']}" for one in shot["changes"] if not (shot["isNew"] and one["what"] == "path")
        )
        for take in shot["takes"]:
            said = ", ".join(one["said"] for one in take["changes"])
            yield f"  {take['takeId']}  {'new: ' if take['isNew'] else ''}{said}"
