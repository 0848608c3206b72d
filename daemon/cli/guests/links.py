"""Links, on the command line: made for guests, listed and withdrawn."""

# ruff: noqa: FBT001

import click

from daemon.cli.client import Json, api_path
from daemon.cli.main import Options, program, project_options
from daemon.cli.output import print_answer, say
from events import Refused


class NoPort(Refused):
    """Raised when the daemon serves no port that a link could lead to, and no hub."""

    hint = "Its `port` is off, as `takes config` shows; or write a folder for guests: `takes export --html FOLDER`."

    def __init__(self) -> None:
        super().__init__("the daemon that is running serves no gallery")


@program.command()
@click.argument("part", required=False, metavar="[SHOT|SCENE]")
@click.option(
    "--days", type=click.FloatRange(0, 366, min_open=True), default=7, help="How long it leads there [7]."
)
@click.option("--notes", is_flag=True, help="The notes are seen, too.")
@project_options
@click.pass_obj
def share(options: Options, part: str | None, days: float, notes: bool) -> None:
    """Print a link by which guests see a SHOT, a SCENE, which is a folder's path, or the film, and can change nothing.

    It leads to this machine: send it to somebody here, or put a proxy or a tunnel in front of the port. That of a hub
    leads to the hub. Whoever has it sees the takes, and no recipe; of the rest of the film, and of the machine, nothing.
    It is printed this once.
    """
    project = options.choose_project()
    door = _door(project.daemon.ask("GET", api_path("health")))
    body = {"of": project.part(part) if part else None, "days": days, "notes": notes}
    made = project.ask("POST", "shares", body=body)
    url = f"{door}{made['path']}"
    if options.json:
        return print_answer({**made, "url": url})
    say(url)
    return say(
        f"It shows {_what(made)} until {_day(made)}; `takes shares --withdraw {made['id']}` ends it.",
        err=True,
    )


@program.command()
@click.option("--withdraw", metavar="LINK", help="Have that link lead nowhere from now on; all is every one.")
@project_options
@click.pass_obj
def shares(options: Options, withdraw: str | None) -> None:
    """The links that lead into the film, the oldest first."""
    project = options.choose_project()
    found: list[Json] = project.ask("GET", "shares")["shares"]
    if withdraw:
        gone = [one["id"] for one in found] if withdraw == "all" else [withdraw]
        found = [project.ask("DELETE", "shares", one) for one in gone]
    if options.json:
        return print_answer({"shares": found})
    end = "withdrawn" if withdraw else "until "
    lines = [f"{one['id']}  {_what(one)}, {end if withdraw else end + _day(one)}" for one in found]
    return say("\n".join(lines or ["There are no links."]))


def _door(health: Json) -> str:
    """The address at which guests come in; NoPort where there is none."""
    if hub := health.get("hub"):
        return str(hub).rstrip("/")
    if gallery := health.get("gallery"):
        return f"http://127.0.0.1:{gallery['port']}"
    raise NoPort


def _what(link: Json) -> str:
    kind = "" if link["kind"] == "film" else f"the {link['kind']} "
    return f"{kind}{link['title']}{', with notes' if link['notes'] else ''}"


def _day(link: Json) -> str:
    return str(link["until"]).replace("T", " ")[:16] + " UTC"
