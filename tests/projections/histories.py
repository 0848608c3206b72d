"""Histories: random lives of a film's shots, told by the rules, and the folders that they leave on disk."""

from collections.abc import Sequence
from pathlib import Path

from hypothesis import strategies as st

from events import (
    Append,
    Event,
    Identity,
    MemoryLog,
    Request,
    Resources,
    Shot,
    ShotMoved,
    ShotRegistered,
    Source,
    TakeCompleted,
    TakesError,
    fold,
)
from events.choices import each, mark, mark_note, note, note_shot, rate, signed, stage, tag
from events.shot import accept, activate, adopt, complete, create, delete, fail, purge, restore, start
from projections.layout import TAKES, take_name
from tests.events.samples import DROP, media

AT = "2026-11-23T12:53:{:02d}.000000Z"
PATHS = ("01_A/001_Dawn", "01_A/002_Noon", "02_B/Dusk")

Step = tuple[int, str, int]
"""A shot, what is asked of it, and the take that it is asked of."""

OPINIONS = ("rate", "mark", "tag", "note", "resolve", "withdraw", "note shot", "stage", "judge all")

WHAT = (
    *("create", "create", "adopt", "ask", "start", "complete", "complete", "fail"),
    *("activate", "delete", "miss", "restore", "accept", "purge", "move"),
    *OPINIONS,
)
"""What can be asked of a shot, and more often what all else needs."""

STEPS = st.lists(
    st.tuples(st.integers(0, len(PATHS) - 1), st.sampled_from(WHAT), st.integers(1, 5)), max_size=60
)


def decide(shot: Shot, what: str, number: int, turn: int) -> Sequence[Event]:  # noqa: PLR0912
    """What the rules answer."""
    params = {"prompt": f"light number {turn}", "seed": turn}
    match what:
        case "create":
            return create(shot, [DROP])
        case "adopt":
            return adopt(shot, number, Source(kind="adopted", created=AT.format(0)))
        case "ask":
            return create(shot, [Source(kind="request")], request=Request(params=params, quality="draft"))
        case "start":
            return start(shot, number, "command") if number in shot.takes else []
        case "complete":
            cost = Resources(generation_time=1.5)
            return complete(
                shot,
                number,
                media(number),
                params=params if turn % 2 else None,
                resources=cost,
                identity=identity(turn) if turn % 3 else None,
                kept="reflink" if turn % 3 == 1 else None,
            )
        case "fail":
            name = f"shot_001_take_{number:03d}.mp4"
            return fail(shot, number, "it is cut off", name=name, identity=identity(turn))
        case "activate":
            return activate(shot, number)
        case "delete":
            return delete(shot, number)
        case "miss":
            return delete(shot, number, why="missing")
        case "restore":
            return restore(shot, number)
        case "accept":
            completed = TakeCompleted(take=number, media=media(number), identity=identity(turn))
            return accept(shot, completed)
        case "purge":
            return purge(shot, number, size=1, identity=identity(turn))
        case _:
            return signed(say(shot, what, number, turn), "anna" if turn % 2 else "jörg")


def say(shot: Shot, what: str, number: int, turn: int) -> Sequence[Event]:
    """What the rules answer to somebody who has an opinion, or moves the shot."""
    tags = ("hero", "night", "slow")
    match what:
        case "move":
            return [ShotMoved(path=shot.path, device=66, inode=turn)]
        case "rate":
            return rate(shot, number, turn % 6)
        case "mark":
            return mark(shot, number, ("pick", "reject", "none")[turn % 3])
        case "tag":
            return tag(shot, number, add=tags[: turn % 4], remove=tags[turn % 3 :])
        case "note":
            return note(shot, number, f"look at\nnumber {turn}", frame=turn or None)
        case "resolve":
            return mark_note(shot, number, 1, "resolved")
        case "withdraw":
            return mark_note(shot, number, 1 + turn % 2, "withdrawn")
        case "note shot":
            return note_shot(shot, f"wider {turn}", answers=1 if shot.notes else None)
        case "stage":
            return stage(shot, ("", "review", "approved")[turn % 3])
        case _:
            return each(shot, [*shot.takes][:3], [lambda all_, one: rate(all_, one, 3), delete])


def identity(turn: int) -> Identity:
    """A file that is another one every time."""
    return Identity(device=66, inode=4711 + turn, size=1024, mtime_ns=turn)


class Teller:
    """Tells a history to a log, step by step, and makes the folders that belong to it."""

    def __init__(self, root: Path, log: MemoryLog) -> None:
        self._root = root
        self._log = log
        self._shots = [Shot(f"stream{number}") for number in range(len(PATHS))]

    async def begin(self) -> None:
        """Register the shots."""
        for shot, path in zip(self._shots, PATHS, strict=True):
            for take in range(1, 8):
                (self._root / path / TAKES / take_name(take)).mkdir(parents=True)
            await self._say(shot, [ShotRegistered(path=path, inode=1)], 0)

    async def tell(self, step: Step, turn: int) -> None:
        """One step; what the rules refuse does not happen."""
        shot = self._shots[step[0]]
        try:
            events = decide(shot, *step[1:], turn)
        except TakesError:
            return
        await self._say(shot, events, turn)

    async def _say(self, shot: Shot, events: Sequence[Event], turn: int) -> None:
        if not events:
            return
        fold(
            shot,
            await self._log.append(
                Append(
                    stream=shot.stream,
                    events=events,
                    expected=shot.version,
                    at=AT.format(turn % 60),
                    actor="cli",
                )
            ),
        )


def files(root: Path) -> dict[str, bytes | str]:
    """Every file and link of a film, but for our hidden folder: contents, and where links lead."""
    found: dict[str, bytes | str] = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if name.startswith(".takes") or (path.is_dir() and not path.is_symlink()):
            continue
        found[name] = str(path.readlink()) if path.is_symlink() else path.read_bytes()
    return found
