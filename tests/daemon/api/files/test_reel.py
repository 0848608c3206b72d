"""The reel: the active takes in story order as one film, with their names and the time, and their sound."""

import json
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import anyio
import av
from PIL import Image

from tests.support.clips import make_video
from tests.support.film import DAWN, NOON, Film, make_film, still, tone, video
from tests.support.inside import Daemon, running_daemon

DUSK, NIGHT = "01_Chapter/01_Scene/003_Dusk", "01_Chapter/01_Scene/004_Night"


async def made(daemon: Daemon, **body: Any) -> tuple[list[dict[str, Any]], Path]:
    """What was told while it was made, and the film."""
    answer = await daemon.ask("POST", "reel", body)
    assert answer.is_success, answer.text
    shown = await daemon.ask("GET", "reel")
    assert shown.headers["content-type"] == "video/mp4"
    file = daemon.film.folder / "reel.mp4"
    await anyio.Path(file).write_bytes(shown.content)
    return [json.loads(line) for line in answer.text.splitlines()], file


def pictures(file: Path) -> tuple[list[Fraction], list[Image.Image]]:
    """The times and the frames of a film."""
    with av.open(str(file)) as film:
        assert (film.streams.video[0].codec_context.name, film.streams.audio[0].codec_context.name) == (
            "h264",
            "aac",
        )
        found = list[tuple[Fraction, Image.Image]]()
        for frame in film.decode(video=0):
            rows: Any = frame.to_ndarray(format="rgb24")
            time = Fraction(frame.pts or 0) * (frame.time_base or 0)
            found.append((Fraction(time), Image.fromarray(rows)))
    return [time for time, _ in found], [image for _, image in found]


def sounds(file: Path) -> list[tuple[int, int, bool]]:
    """Of each packet of sound its first sample, how many it has, and whether anything is heard."""
    with av.open(str(file)) as film:
        return [
            (frame.pts or 0, frame.samples, max(map(abs, frame.to_ndarray()[0].tolist())) > 0.01)
            for frame in film.decode(audio=0)
        ]


def near(image: Image.Image, at: tuple[int, int], colour: tuple[int, int, int]) -> bool:
    found = image.getpixel(at)
    return isinstance(found, tuple) and all(
        abs(one - other) < 16 for one, other in zip(found, colour, strict=True)
    )


async def a_film(folder: Path) -> Film:
    film = await make_film(folder)
    for shot in (DUSK, NIGHT):
        film.takes(shot).mkdir(parents=True)
    return film


async def test_the_film_is_one_file_in_story_order_with_a_slate_for_each_gap(tmp_path: Path) -> None:
    film = await a_film(tmp_path)
    async with running_daemon(film) as daemon:
        for shot, content, name in (
            (DAWN, video(1.0), "a.mp4"),
            (NOON, still(255), "a.png"),
            (NIGHT, tone(), "a.wav"),
        ):
            film.drop(content, name, shot)
            await daemon.finished(1, shot)
        told, file = await made(daemon, still=1.0)
        await daemon.verify()
    total = 24 + 24 + 24 + 12
    assert [one["done"] for one in told[:-1]] == [24, 48, 72, total]
    assert {one["total"] for one in told[:-1]} == {total}
    assert (told[-1]["shots"], told[-1]["left"]) == (4, [])
    times, frames = pictures(file)
    assert times == [Fraction(number, 24) for number in range(total)]
    assert near(frames[30], (640, 300), (255, 0, 99))
    assert near(frames[60], (40, 300), (16, 16, 18))  # a slate
    heard = sounds(file)
    assert all(end + count == start for (end, count, _), (start, *_) in pairwise(heard))
    assert heard[-1][0] + heard[-1][1] >= total * 2000
    loud = [start / 48_000 for start, _, is_loud in heard if is_loud]
    assert 2.9 < min(loud) < 3.1
    for frame in (frames[0], frames[-1]):
        written = frame.crop((0, 720, 1280, 760)).convert("L").point(lambda value: 255 * (value > 180))
        assert written.getbbox() is not None


async def test_takes_of_other_rates_and_sizes_keep_their_time_and_shape(tmp_path: Path) -> None:
    film = await a_film(tmp_path)
    tall = make_video(tmp_path / "tall.mp4", seconds=1.0, size=(36, 64), rate=50)
    async with running_daemon(film) as daemon:
        for number in (1, 2):
            film.drop(video(1.0), "a.mp4", (DAWN, NOON)[number - 1])
            await daemon.finished(1, (DAWN, NOON)[number - 1])
        film.drop(tall.read_bytes(), "a.mp4", DUSK)
        await daemon.finished(1, DUSK)
        told, file = await made(daemon, of="003_Dusk")
    assert told[-1]["shots"] == 1
    times, frames = pictures(file)
    assert times[-1] == Fraction(23, 24)  # at the film's rate, and as long as it was
    assert frames[0].getpixel((100, 300)) == (0, 0, 0)


async def test_what_cannot_be_shown_is_a_slate_and_is_told(tmp_path: Path) -> None:
    film = await a_film(tmp_path)
    async with running_daemon(film) as daemon:
        film.drop(video(1.0), "a.mp4")
        await daemon.finished(1)
        media = anyio.Path(film.media(1, suffix=".mp4"))
        await media.chmod(0o600)
        await media.write_bytes(b"no film at all")
        told, file = await made(daemon, of=DAWN)
        (left,) = told[-1]["left"]
        assert left["name"] == DAWN.replace("/", ":")
        assert left["reason"]
        assert len(pictures(file)[0]) == 24
        wrong = await daemon.ask("POST", "reel", {"of": "nowhere"})
        assert wrong.status_code == 404


async def test_there_is_no_reel_before_one_is_made(tmp_path: Path) -> None:
    film = await a_film(tmp_path)
    async with running_daemon(film) as daemon:
        assert (await daemon.ask("GET", "reel")).status_code == 404
