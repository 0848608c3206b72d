"""A new shot: its folders, under a name in the style of the shots that are there, and refused where it clashes with one."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path, PurePosixPath

from msgspec import Struct

from daemon.ingest.shots_on_disk import LONGEST, scene_meant, shots_on_disk
from daemon.watching.spelling import spelling_key
from events import Refused
from projections.layout import TAKES, is_set_aside, takes_path

_NUMBERED = re.compile(r"([0-9]+)([ _.-]*)(.*)", re.DOTALL)


class BadShotName(Refused):
    """Raised when no folder of a shot can be called so."""

    hint = 'Write a name such as "010 Gulls Over The Pier": letters, digits, blanks, dashes; no slash.'

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name!r} cannot be the name of a shot: {why}")


class ShotExists(Refused):
    """Raised when the scene has a shot of that name, or of that number, already; `candidates` are such."""

    def __init__(self, name: str, others: Sequence[str], hint: str) -> None:
        super().__init__(f"there is a shot of that {'number' if others else 'name'} already: {name}")
        self.candidates = others
        self.hint = hint


class Style(Struct, frozen=True):
    """How the shots of a film are called: with so many digits of a number and that behind it, what stands between words.

    `step` is how far it is from one number to the next, 0 where they have none.
    """

    digits: int = 3
    behind: str = "_"
    between: str = "_"
    step: int = 10

    def name(self, number: int | None, words: str) -> str:
        """A shot's name."""
        said = self.between.join((words if self.between == " " else words.replace("_", " ")).split())
        return said if number is None else f"{number:0{self.digits}d}{self.behind if said else ''}{said}"


def make_shot(root: Path, text: str, scene: str | None, here: Path, *, make_scene: bool = False) -> str:
    """Make the folders of a shot called so, as it is planned; its path from the film's folder on."""
    path = plan_shot(root, text, scene, here, make_scene=make_scene)
    (root / takes_path(path)).mkdir(parents=True)
    return path


def plan_shot(root: Path, text: str, scene: str | None, here: Path, *, make_scene: bool = False) -> str:
    """Where a shot called so belongs, in that scene: its path from the film's folder on.

    `scene` is the scene's path, its number or a part of its name; without one it is that of the folder `here`, or the
    only one. BadShotName, ShotExists, SceneNotClear or NoSuchScene.
    """
    shots = shots_on_disk(root)
    folder = scene_meant(root, shots, scene, here, make=make_scene)
    siblings = [path.name for path in map(PurePosixPath, shots) if str(path.parent) == (folder or ".")]
    style = style_of(siblings or [PurePosixPath(path).name for path in shots])
    name = _name(text, style, siblings)
    _check(root / folder, name, siblings, style)
    return f"{folder}/{name}" if folder else name


def style_of(names: Iterable[str]) -> Style:
    """How most of these are called; the usual way where there are none."""
    names = [*names]
    found = [match for name in names if (match := _NUMBERED.fullmatch(name))]
    if not found:
        joints = Counter(letter for name in names for letter in name if letter in " _-")
        return (
            Style(between=joints.most_common(1)[0][0], step=0) if joints else Style(step=0 if names else 10)
        )
    numbers = sorted({int(match[1]) for match in found})
    steps = [after - before for before, after in pairwise(numbers)]
    by_tens = all(number % 10 == 0 for number in numbers)
    joints = Counter(letter for match in found for letter in match[3] if letter in " _-")
    behind = Counter(match[2] for match in found if match[3])
    return Style(
        digits=Counter(len(match[1]) for match in found).most_common(1)[0][0],
        behind=behind.most_common(1)[0][0] if behind else "_",
        between=joints.most_common(1)[0][0] if joints else "_",
        step=Counter(steps).most_common(1)[0][0] if steps else 10 if by_tens else 1,
    )


def _name(text: str, style: Style, siblings: Sequence[str]) -> str:
    match = _NUMBERED.fullmatch(text.strip())
    number = int(match[1]) if match and len(match[1]) < 10 else _next_number(style, siblings)
    words = match[3] if match else text
    name = style.name(number, words)
    if not words.strip() and not match:
        raise BadShotName(text, "it is empty")
    if "/" in name or "\\" in name or not name.isprintable():
        raise BadShotName(text, "a slash, or something that cannot be printed, is in it")
    if is_set_aside(name) or name.casefold() == TAKES:
        raise BadShotName(text, "a folder that is called so is none of the film's")
    if len(name.encode()) > LONGEST:
        raise BadShotName(text, f"it is longer than {LONGEST} bytes")
    return name


def _next_number(style: Style, siblings: Sequence[str]) -> int | None:
    if not style.step:
        return None
    numbers = [number for name in siblings if (number := _number(name)) is not None]
    return max(numbers) + style.step if numbers else style.step


def _number(name: str) -> int | None:
    match = _NUMBERED.fullmatch(name)
    return int(match[1]) if match else None


def _check(folder: Path, name: str, siblings: Sequence[str], style: Style) -> None:
    key = spelling_key(name)
    if same := next((one for one in siblings if spelling_key(one) == key), None):
        raise ShotExists(same, (), "It is there to be used: `takes add FILE... SHOT` puts takes into it.")
    numbers = {_number(one) for one in siblings}
    if (number := _number(name)) is not None and number in numbers:
        others = [one for one in siblings if _number(one) == number]
        free = next(iter(_free(number, style.step, numbers)))
        hint = f"{free:0{style.digits}d} is free; without a number, the next one is taken."
        raise ShotExists(others[0], others, hint)
    others = [one.name for one in folder.iterdir()] if folder.is_dir() else []
    if there := next((one for one in others if spelling_key(one) == key), None):
        hint = f"Make a folder {TAKES} in it, and it is a shot; or choose another name."
        raise ShotExists(f"{there} (a folder without takes)", (), hint)


def _free(number: int, step: int, numbers: set[int | None]) -> Iterable[int]:
    """Numbers that no shot has: first those before the next one, and then beyond."""
    half = max(1, step // 2)
    candidate = number + half
    while True:
        if candidate not in numbers:
            yield candidate
        candidate += 1
