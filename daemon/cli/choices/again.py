"""Making again, on the command line: takes whose recipes are asked for once more."""

# ruff: noqa: FBT001

import click

from daemon.cli.choices.selecting import is_one, select, take_id, takes_arguments
from daemon.cli.humanize import again_said
from daemon.cli.main import Options, program, project_options, wait_for, what_comes
from daemon.cli.output import print_answer, say


@program.command()
@takes_arguments
@click.option("--seed", type=click.IntRange(min=0), help="With this seed, and not that of before.")
@click.option("--wait", is_flag=True, help="Wait until they are made; the exit code says whether they were.")
@project_options
@click.pass_obj
def again(options: Options, shot: str, words: tuple[str, ...], seed: int | None, wait: bool) -> int:
    """Ask for the recipes of these takes again: each makes another take.

    Of a take that was purged, the recipe and the hash are there still. Once it is made again, `takes show` says whether it
    is the same to the byte.
    """
    project = options.choose_project()
    meant = project.shot(shot)
    # a purged take is named by its number alone: the words mean those that are not hidden
    takes = [take_id(words[0])] if is_one(words) else select(project, meant, words)
    asked = [
        (take, project.ask("POST", "shots", meant, "takes", take, "again", body={"seed": seed}))
        for take in takes
    ]
    if options.json and not wait:
        print_answer({"takes": [{"takeId": answer["takeId"], "again": take} for take, answer in asked]})
    for take, answer in asked if not options.json else ():
        say(f"{take} again: {what_comes(project, shot, meant, answer)}", err=wait)
    if not wait:
        return 0
    codes = []
    for new in [answer["takeId"] for _, answer in asked]:
        codes.append(wait_for(options, project, meant, new))
        if not options.json:
            found = project.ask("GET", "shots", meant, "takes", new)
            say(f"{new} is made {again_said(found.get('again'))}.", err=True)
    return max(codes)
