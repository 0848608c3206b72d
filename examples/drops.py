"""The drops: files for the film's shots, the ways in which tools deliver them, and the take that each has to become."""

import json
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from msgspec import Struct
from PIL import Image

from daemon.cli.client import Json
from examples.film import DUSK, LANDSCAPE, NOON, PORTRAIT, SHOTS, make_still, make_tone, make_video

RECIPE: Json = {
    "model": "wan2.2_t2v_14B",
    "seed": 4217,
    "prompt": "gulls over a wooden pier, overcast noon, 35 mm",
    "negativePrompt": "people, text",
    "steps": 30,
    "cfg": 6.5,
}
LABEL = "a black swell under the moon, no land\nSteps: 28, Sampler: Euler, CFG scale: 5, Seed: 90210, Model: flux1-dev"
"""As Stable Diffusion's web interface writes it into a PNG."""


def rename_in(source: Path, takes: Path) -> None:
    source.rename(takes / source.name)


def copy_in(source: Path, takes: Path) -> None:
    shutil.copy(source, takes)


def copy_with_recipe(source: Path, takes: Path) -> None:
    (takes / source.name).with_suffix(".json").write_text(json.dumps(RECIPE))
    shutil.copy(source, takes)


def write_slowly(source: Path, takes: Path) -> None:
    """As a renderer does that writes the file where it is to be: piece by piece, in plain sight."""
    content = source.read_bytes()
    piece = len(content) // 8 + 1
    with (takes / source.name).open("wb", buffering=0) as file:
        for start in range(0, len(content), piece):
            file.write(content[start : start + piece])
            time.sleep(0.2)


class Drop(Struct, frozen=True, kw_only=True):
    """A file for a shot, how it is made and how it gets there, and what is to be true of its take."""

    shot: str
    take: str = "take_001"
    name: str
    make: Callable[[Path], object]
    way: str
    put: Callable[[Path, Path], None]
    kind: str = "video"
    seconds: float | None = None
    size: tuple[int, int] | None = LANDSCAPE
    params: Json = {}

    @property
    def shot_id(self) -> str:
        return self.shot.rpartition("/")[2]

    @property
    def takes(self) -> str:
        """The folder that it is dropped into, as seen from the film's."""
        return f"{self.shot}/takes"


DROPS = (
    Drop(
        shot=SHOTS[0],
        name="gulls.mp4",
        make=lambda path: make_video(path, label="001  take 1"),
        way="renamed in",
        put=rename_in,
        seconds=3.0,
    ),
    Drop(
        shot=SHOTS[0],
        take="take_002",
        name="render.mp4",
        make=lambda path: make_video(path, label="001  take 2", colours=NOON),
        way="copied in, with its recipe render.json beside it",
        put=copy_with_recipe,
        seconds=3.0,
        params=RECIPE,
    ),
    Drop(
        shot=SHOTS[1],
        name="boat.mov",
        make=lambda path: make_video(path, 2.0, size=PORTRAIT, label="002  take 1", colours=DUSK),
        way="portrait, written slowly where it is to be",
        put=write_slowly,
        seconds=2.0,
        size=PORTRAIT,
    ),
    Drop(
        shot=SHOTS[2],
        name="coin.mp4",
        make=lambda path: make_video(path, 0.5, label="001  take 1", colours=NOON),
        way="half a second long, copied in",
        put=copy_in,
        seconds=0.5,
    ),
    Drop(
        shot=SHOTS[3],
        name="swell.png",
        make=lambda path: make_still(path, label="001  take 1", texts={"parameters": LABEL}),
        way="a still with its prompt inside, renamed in",
        put=rename_in,
        kind="image",
        params={"seed": 90210, "steps": 28, "model": "flux1-dev"},
    ),
    Drop(
        shot=SHOTS[4],
        name="horn.wav",
        make=lambda path: make_tone(path, pitch=110),
        way="a sound, copied in",
        put=copy_in,
        kind="audio",
        seconds=2.0,
        size=None,
    ),
)


def shortcomings(drop: Drop, content: bytes, film: Path, answer: Json) -> Iterator[str]:
    """What the drop has not become: by the API's answer for the takes of its shot, and by the film's files."""
    take = next((one for one in answer["takes"] if one["id"] == drop.take), None)
    if take is None or take["status"] != "complete":
        yield f"{drop.take} is {take['status'] if take else 'not'} in the list"
        return
    yield from _wrong_facts(drop, take)
    yield from _wrong_files(drop, content, film / drop.takes / drop.take, take["media"]["name"])
    first = DROPS[0].take  # the first take of a shot becomes the active one, and nobody has chosen another
    if answer["activeTakeId"] != first or _leads_to(film / drop.shot) != first:
        yield f"{first} is not the active take"
    if drop.shot not in json.loads((film / "project.json").read_bytes()).get("takes", {}).get("shots", {}):
        yield "project.json does not name the shot"
    if left := [path.name for path in (film / drop.takes).iterdir() if not path.name.startswith("take_")]:
        yield f"takes/ still holds {', '.join(left)}"


def _leads_to(shot: Path) -> str | None:
    """The take that the link leads to, or the file that stands for it on a disk without links."""
    link, pointer = shot / "active_take", shot / "active_take.json"
    if link.is_symlink():
        return str(link.readlink()).removeprefix("takes/")
    return json.loads(pointer.read_bytes())["activeTake"] if pointer.exists() else None


def _wrong_facts(drop: Drop, take: Json) -> Iterator[str]:
    """Where the API tells something else of the take than what was dropped."""
    size = {"width": drop.size[0], "height": drop.size[1]} if drop.size else None
    wanted = {"kind": drop.kind, "duration": drop.seconds, "resolution": size, **drop.params}
    told = {**(take["generationParams"] or {}), **take, "kind": take["media"]["kind"]}
    if take["duration"] is not None:
        told["duration"] = round(take["duration"], 1)
    for name, value in wanted.items():
        if told.get(name) != value:
            yield f"its {name} is {told.get(name)}, not {value}"


def _wrong_files(drop: Drop, content: bytes, folder: Path, name: str) -> Iterator[str]:
    """Which of the take's files is missing, or is not what it should be."""
    stem = f"shot_{drop.shot_id[:3]}_{drop.take}"
    media = folder / name
    if media.name != f"{stem}{Path(drop.name).suffix}" or not media.exists() or media.read_bytes() != content:
        yield f"{media.name} is not the file that was dropped"
    sidecar = folder / f"{stem}_metadata.json"
    if not sidecar.exists() or json.loads(sidecar.read_bytes())["status"] != "complete":
        yield f"{sidecar.name} is missing, or does not say that the take is complete"
    thumbnail = folder / f"{stem}_thumbnail.png"
    if _size(thumbnail) != (320, 180):
        yield f"{thumbnail.name} is no picture of 320 x 180"


def _size(picture: Path) -> tuple[int, int] | None:
    if not picture.exists():
        return None
    with Image.open(picture) as image:
        return image.size
