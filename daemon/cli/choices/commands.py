"""The commands about takes: to choose among them, to say what one thinks of them, and to take it back."""

# ruff: noqa: FBT001

import shlex
from collections.abc import Sequence
from typing import Any

import click

from daemon.cli.choices.selecting import TAKES, is_one, select, take_id, takes_arguments
from daemon.cli.client import Json
from daemon.cli.humanize import choice_said
from daemon.cli.main import Options, print_change, program, project_options
from daemon.cli.output import print_answer
from events import Refused


class NoSuchStage(Refused):
    """Raised when a shot is to be in a stage that the configuration does not name."""

    def __init__(self, name: str, stages: Sequence[str]) -> None:
        super().__init__(f"{name!r} is none of the stages of a shot")
        self.hint = f"They are {', '.join(stages)}; `stages` in the configuration names them."


class MoreThanOne(Refused):
    """Raised when a shot is to use several takes; `candidates` are these."""

    hint = "A shot uses one take: name that one."

    def __init__(self, word: str, takes: Sequence[str]) -> None:
        super().__init__(f"{word} are {len(takes)} takes")
        self.candidates = takes[:10]


@program.command()
@click.argument("shot")
@click.argument("word", type=TAKES, metavar="TAKE")
@project_options
@click.pass_obj
def activate(options: Options, shot: str, word: str) -> None:
    """Make TAKE the one that the shot uses; `picks` is that, too, where there is one."""
    project = options.choose_project()
    meant = project.shot(shot)
    take, *others = select(project, meant, [word])
    if others:
        raise MoreThanOne(word, [take, *others])
    answer = project.ask("PUT", "shots", meant, "active-take", body={"takeId": take})
    print_change(options, answer, f"{take} is the active take of {project.named(meant)} now.")


@program.command()
@takes_arguments
@project_options
@click.pass_obj
def rm(options: Options, shot: str, words: tuple[str, ...]) -> None:
    """Hide takes; their files stay, and `restore` or `undo` brings them back."""
    if not is_one(words):
        return _judge(
            options, shot, words, "hidden; the files stay, and `takes undo` takes it back", deleted=True
        )
    project, take = options.choose_project(), take_id(words[0])
    answer = project.ask("DELETE", "shots", project.shot(shot), "takes", take)
    undo = shlex.join(["takes", "restore", shot, take])
    hidden = f"{take} is hidden, and its files stay. To bring it back: {undo}"
    return print_change(options, answer, f"{take} is cancelled." if answer.get("cancelled") else hidden)


@program.command()
@takes_arguments
@project_options
@click.pass_obj
def restore(options: Options, shot: str, words: tuple[str, ...]) -> None:
    """Bring back takes that were deleted."""
    if not is_one(words):
        return _judge(options, shot, words, "back", hidden=True, deleted=False)
    project, take = options.choose_project(), take_id(words[0])
    answer = project.ask("POST", "shots", project.shot(shot), "takes", take, "restore")
    lost = [one["name"] for one in answer.get("companions") or () if one.get("missing")]
    without = f", but for {' and '.join(lost)}, of which nothing else has the bytes" if lost else ""
    return print_change(options, answer, f"{take} is back{without}.")


@program.command()
@takes_arguments
@project_options
@click.pass_obj
def accept(options: Options, shot: str, words: tuple[str, ...]) -> None:
    """Have takes that have failed complete with their files as they are.

    For files that you know to be good. What could not be found by looking into them, such as the length, stays unknown.
    """
    project = options.choose_project()
    meant = project.shot(shot)
    for take in select(project, meant, words):
        answer = project.ask("POST", "shots", meant, "takes", take, "accept")
        is_done = answer["status"] == "complete"
        later = "is accepted, and complete as soon as whoever keeps the film has looked at its file."
        print_change(
            options, answer, f"{take} {'is complete, with its file as it is.' if is_done else later}"
        )


@program.command()
@takes_arguments
@click.argument("rating", type=click.IntRange(0, 5))
@project_options
@click.pass_obj
def rate(options: Options, shot: str, words: tuple[str, ...], rating: int) -> None:
    """Say how good these takes are: RATING is 1 to 5, or 0 for none."""
    _judge(options, shot, words, f"rated {rating}" if rating else "not rated any more", rating=rating)


@program.command()
@takes_arguments
@project_options
@click.pass_obj
def pick(options: Options, shot: str, words: tuple[str, ...]) -> None:
    """Make these takes picks."""
    _judge(options, shot, words, "picked", mark="pick")


@program.command()
@takes_arguments
@project_options
@click.pass_obj
def reject(options: Options, shot: str, words: tuple[str, ...]) -> None:
    """Reject these takes; they stay where they are, until `takes rm SHOT rejected`."""
    _judge(options, shot, words, "rejected", mark="reject")


@program.command()
@takes_arguments
@project_options
@click.pass_obj
def unmark(options: Options, shot: str, words: tuple[str, ...]) -> None:
    """Make these takes neither picks nor rejected."""
    _judge(options, shot, words, "neither picked nor rejected now", mark="none")


@program.command()
@takes_arguments
@click.argument("tags")
@click.option("--remove", "-r", is_flag=True, help="Take the tags away.")
@project_options
@click.pass_obj
def tag(options: Options, shot: str, words: tuple[str, ...], tags: str, remove: bool) -> None:
    """Give these takes TAGS: one, or several with commas between them."""
    names = [name.strip() for name in tags.split(",") if name.strip()]
    if not names:
        raise click.UsageError("TAGS names none.")
    said = f"not tagged {', '.join(names)} any more" if remove else f"tagged {', '.join(names)}"
    wanted: dict[str, Any] = {"removeTags": names} if remove else {"addTags": names}
    _judge(options, shot, words, said, **wanted)


@program.command()
@click.argument("shot")
@click.argument("words", nargs=-1, metavar="[TAKE...] TEXT")
@click.option(
    "--frame", metavar="N[-M]", help="The frame that it is about, counted from 0, or those from N to M."
)
@click.option(
    "--answer", type=click.IntRange(min=1), metavar="NOTE", help="The note to which it is an answer."
)
@click.option("--resolve", type=click.IntRange(min=1), metavar="NOTE", help="Say that this one is seen to.")
@click.option("--reopen", type=click.IntRange(min=1), metavar="NOTE", help="Say that it is not.")
@click.option("--withdraw", type=click.IntRange(min=1), metavar="NOTE", help="Take this one back.")
@project_options
@click.pass_obj
def note(
    options: Options,
    shot: str,
    words: tuple[str, ...],
    frame: str | None,
    answer: int | None,
    resolve: int | None,
    reopen: int | None,
    withdraw: int | None,
) -> None:
    """Write a note on takes, or without TAKE on the shot itself; or say what becomes of one.

    `takes show` lists the notes of a take with their numbers, `takes stage` those of a shot.
    """
    changed = {"resolved": resolve, "open": reopen, "withdrawn": withdraw}
    wanted = [(state, number) for state, number in changed.items() if number]
    if wanted and (len(wanted) > 1 or frame or answer):
        raise click.UsageError("One thing at a time: write a note, or --resolve, --reopen or --withdraw one.")
    if wanted:
        return _change_note(options, shot, _checked(words), *wanted[0])
    if not words:
        raise click.UsageError("There is no TEXT.")
    if len(words) == 1 and words[0].removeprefix("take_").isdecimal():
        raise click.UsageError(f"There is no TEXT: {words[0]} is a take. `takes show` has the notes of one.")
    body = {"text": words[-1], "answers": answer, **_frames(frame)}
    if takes := _checked(words[:-1]):
        return _judge(options, shot, takes, "noted", note=body)
    project = options.choose_project()
    found = project.ask("PATCH", "shots", project.shot(shot), body={"note": body})
    return print_answer(found if options.json else f"Noted on {found['shotId']}.")


@program.command()
@click.argument("shot")
@click.argument("stage", required=False)
@project_options
@click.pass_obj
def stage(options: Options, shot: str, stage: str | None) -> None:
    """Say that the work on SHOT is at STAGE, such as `review`; without STAGE, show where it is, and its notes.

    An empty STAGE says it no more.
    """
    project = options.choose_project()
    meant = project.shot(shot)
    if stage is None:
        found = project.ask("GET", "shots", meant)
    else:
        body = {"stage": _stage(stage, project.facts["stages"])}
        found = project.ask("PATCH", "shots", meant, body=body)
    if options.json:
        return print_answer(found)
    print_answer(f"{found['shotId']}: {found['stage'] or 'nobody has said how far it is'}")
    if stage is None:
        for one in found["notes"]:
            print_answer(f"  {one['note']}. {one['text']}  ({one['by']}, {one['state']})")
    return None


@program.command()
@project_options
@click.pass_obj
def undo(options: Options) -> None:
    """Take back what you chose last: a rating, a mark, tags, a note, the active take, what was hidden or brought back.

    Again, what you chose before that. A purge cannot be undone, nor that a
    take was accepted: it stays complete, and `takes rm` hides it.
    """
    _undo(options, "undo")


@program.command()
@project_options
@click.pass_obj
def redo(options: Options) -> None:
    """Choose again what you took back last."""
    _undo(options, "redo")


def _undo(options: Options, how: str) -> None:
    answer = options.choose_project().ask("POST", how)
    if options.json:
        return print_answer(answer)
    for event in answer["events"]:
        shot = event["shotId"].rpartition(":")[2]
        print_answer(f"{shot}: {choice_said(event)}" if shot else choice_said(event))
    return None


def _judge(
    options: Options, shot: str, words: Sequence[str], done: str, *, hidden: bool = False, **wanted: Any
) -> None:
    """Have that be so of all those takes, or of none, and say so."""
    project = options.choose_project()
    meant = project.shot(shot)
    takes = select(project, meant, words, hidden=hidden)
    answer = project.ask("PATCH", "shots", meant, "takes", body={"takeIds": takes, **wanted})
    behind = next((one["behind"] for one in answer["takes"] if one.get("behind")), None)
    said = f"{takes[0]} is" if len(takes) == 1 else f"{len(takes)} takes of {project.named(meant)} are"
    print_change(options, {**answer, **({"behind": behind} if behind else {})}, f"{said} {done}.")


def _change_note(options: Options, shot: str, words: Sequence[str], state: str, number: int) -> None:
    project = options.choose_project()
    meant = project.shot(shot)
    takes = select(project, meant, words) if words else []
    if len(takes) > 1:
        raise click.UsageError("A note is of one take: name that one.")
    of_take = [part for one in takes for part in ("takes", one)]
    answer = project.ask("PATCH", "shots", meant, *of_take, "notes", str(number), body={"state": state})
    print_answer(answer if options.json else f"Note {number} is {state}.")


def _checked(words: Sequence[str]) -> Sequence[str]:
    """The words, each of which means takes."""
    return [TAKES.convert(word, None, None) for word in words]


def _frames(text: str | None) -> Json:
    if text is None:
        return {}
    first, _, last = text.partition("-")
    if not (first.isdecimal() and (last or first).isdecimal()) or len(text) > 21:
        raise click.UsageError(f"{text[:50]!r} is no frame; write 12, or 12-20.")
    return {"frame": int(first), "lastFrame": int(last or first)}


def _stage(text: str, stages: Sequence[str]) -> str:
    """The stage that somebody means: its name, or how one of them begins."""
    if not text or text in stages:
        return text
    meant = [one for one in stages if one.casefold().startswith(text.casefold())]
    if len(meant) != 1:
        raise NoSuchStage(text, stages)
    return meant[0]
