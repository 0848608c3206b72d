"""Who is asked which render a file came of: a decoder, about files that may tell, and nobody about all others."""

from pathlib import Path

from daemon.shots.shots import Shots
from daemon.takes.admission import Drop
from daemon.takes.renders import ASKED, Renders
from daemon.watching.scan import look
from events import MemoryLog, Params, Shot
from projections.files.threads import in_thread
from projections.index.index import open_index
from projections.media.jobs import Render
from tests.support.film import DAWN, make_film, still


class Heard:
    """Hears of which files a decoder is asked, and finds no render in any."""

    def __init__(self) -> None:
        self.names: list[str] = []

    async def render(self, path: Path, *, name: str) -> Render | None:
        self.names.append(name)
        return None

    async def recipe(self, path: Path, *, name: str, patient: bool = False) -> Params:
        return {}


async def test_of_a_burst_of_plain_pictures_none_is_lent_to_be_asked_for_its_render(tmp_path: Path) -> None:
    film, log, heard = await make_film(tmp_path), MemoryLog(), Heard()
    content = still()
    for number in range(ASKED + 50):
        film.drop(content, f"render_{number:05d}.png")
    seen = await in_thread(look, film.root, DAWN, ())
    assert seen
    drops = [Drop(one) for one in seen.drops]
    async with open_index(tmp_path / "index.db", log) as index:
        renders = Renders(film.root, Shots(log, index), heard)
        await renders.put_together(Shot("stream", path=DAWN), drops)
    assert (len(drops), heard.names) == (ASKED + 50, [])
