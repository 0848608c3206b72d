"""The API's waveform: how loud the sound of a take is, also that of a video."""

from io import BytesIO
from pathlib import Path

from PIL import Image

from tests.support.clips import make_audible, make_video, sine
from tests.support.film import make_film
from tests.support.inside import running_daemon


async def test_the_sound_of_a_video_is_drawn_and_what_has_none_says_so(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    silent = make_video(tmp_path / "silent.mov", seconds=1)
    wave = [*sine(-90, 0.5), *sine(-6, 0.5)]
    heard = make_audible(tmp_path / "heard.mov", silent=silent, wave=wave, codec="pcm_s16le")
    async with running_daemon(film) as daemon:
        for count, path in enumerate((heard, silent), 1):
            film.drop(path.read_bytes(), path.name)
            await daemon.finished(count)
        takes = {
            take["number"]: take["mediaUrl"].replace("/media", "/waveform") for take in await daemon.takes()
        }
        answer = await daemon.ask("GET", takes[1])
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg"), answer.text
        picture = Image.open(BytesIO(answer.content)).convert("L")
        assert picture.size == (1280, 96)
        lit = [sum(picture.crop((x, 20, x + 100, 40)).tobytes()) for x in (200, 1000)]
        assert lit[0] < lit[1] / 10
        refused = await daemon.ask("GET", takes[2])
        assert (refused.status_code, refused.json()["detail"]) == (404, "it has no sound")
