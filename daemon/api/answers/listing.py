"""The listing: all takes of a shot as JSON, of which some are views at a time: each has some kilobytes until it is text."""

import msgspec
from msgspec import Struct

from daemon.api.answers.colours import colours_of
from daemon.api.views.takes import TakeList, take_view
from daemon.project.project import Project
from events import TakeKey
from projections.film import present
from projections.index.rows import ShotRow, ShotTakes
from projections.layout import take_name


class Listing(Struct, frozen=True):
    """A part of a list of takes, or all of it, and the shot at that moment; whether all their pictures are there."""

    shot: ShotRow
    body: bytes
    is_drawn: bool


async def list_takes(project: Project, shot: ShotRow, *, deleted: bool, runs: bool) -> Listing | None:
    """The takes of a shot, all of one moment; None where it is not there any more. `runs` is as in `take_view`."""
    index = project.parts.index
    numbers = await index.numbers(shot.id)
    colours = await colours_of(project, [TakeKey(shot.stream, number) for number in numbers])

    def page(loaded: ShotTakes) -> Listing:
        shot, takes = loaded.shot, [take for take in loaded.takes if deleted or not take.deleted]
        views = [take_view(project.id, shot, take, runs=runs, colours=colours) for take in takes]
        is_drawn = all(TakeKey(shot.stream, take.number) in colours for take, _ in present(takes))
        return Listing(shot, msgspec.json.encode(views)[1:-1], is_drawn)

    pages = await index.tell(shot.stream, page)
    return _joined(pages) if pages else None


def _joined(pages: list[Listing]) -> Listing:
    shot = pages[0].shot
    empty = msgspec.json.encode(
        TakeList(takes=(), active_take_id=take_name(shot.active) if shot.active else None)
    )
    views = b",".join(page.body for page in pages if page.body)
    return Listing(shot, empty.replace(b"[]", b"[%b]" % views, 1), all(page.is_drawn for page in pages))
