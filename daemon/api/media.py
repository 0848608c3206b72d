"""The API's media: a take's file, its picture, and the frames of a video side by side."""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

from litestar import Response, get
from litestar.datastructures import State
from litestar.params import QueryParameter

from daemon.api.answers import files
from daemon.api.answers.operation import IF_NONE_MATCH, RANGE, Operation, a_file, a_part
from daemon.api.parameters import Asked, ProjectId, ShotId, TakeId
from daemon.api.shot_resource import ShotResource
from daemon.decoding import pictures
from events import Media
from projections.artifacts.frame_lists import shown
from projections.artifacts.picture_cache import mark_of
from projections.film import beside_media
from projections.layout import THUMBNAIL, media_path

PictureSize = Annotated[
    str | None,
    QueryParameter(
        description="its width in pixels; without it, the picture beside the media",
        schema_extra={"enum": [str(size) for size in pictures.SIZES]},
    ),
]

PictureOf = Annotated[
    str | None,
    QueryParameter(
        description="what it shows, as in `thumbnailUrl`; where it does, the answer may be kept for ever"
    ),
]


@get(
    "/api/projects/{project_id:str}/shots/{shot_id:str}/takes/{take_id:str}/thumbnail",
    summary="A take's picture",
    tags=["Takes"],
    operation=Operation(
        reads=[IF_NONE_MATCH, *RANGE],
        answers=a_file("The picture.", "image/png", "image/jpeg") | a_part("image/png"),
    ),
)
async def show_thumbnail(
    request: Asked,
    state: State,
    project_id: ProjectId,
    shot_id: ShotId,
    take_id: TakeId,
    size: PictureSize = None,
    of: PictureOf = None,
) -> Response[Any]:
    target = ShotResource(state.projects, project_id, shot_id, take_id)
    width = pictures.width_of(size)
    drawn = partial(_drawn, request, target, lambda _: pictures.thumbnail(width), of)
    if width != pictures.BESIDE:
        return await drawn()
    shot, take = await target.take()
    path, cache = beside_media(shot, take, THUMBNAIL), _cache(of, take.read_media())
    try:
        return await files.serve(request, target.project.root / path, "it has no picture yet", cache)
    except files.MediaNotFound:
        if size is None:
            raise
        return await drawn()  # a page asks as soon as it hears of the take, and has not to ask again


@get(
    "/api/projects/{project_id:str}/shots/{shot_id:str}/takes/{take_id:str}/filmstrip",
    summary="Sixteen frames of a video or of an image sequence, side by side",
    tags=["Takes"],
    operation=Operation(reads=[IF_NONE_MATCH], answers=a_file("The frames.", "image/jpeg")),
)
async def show_filmstrip(
    request: Asked,
    state: State,
    project_id: ProjectId,
    shot_id: ShotId,
    take_id: TakeId,
    of: PictureOf = None,
) -> Response[Any]:
    target = ShotResource(state.projects, project_id, shot_id, take_id)
    return await _drawn(
        request, target, lambda media: pictures.strip(media.kind, is_sequence=bool(media.frames)), of
    )


def _cache(of: str | None, media: Media | None) -> str:
    """How long a browser may keep a picture that it has asked for as being of that."""
    return files.FOR_EVER if media and of == mark_of(media.sha256) else files.CHECKED


async def _drawn(
    request: Asked, target: ShotResource, view_of: Callable[[Media], pictures.View], of: str | None
) -> Response[Any]:
    """A view of the take's media, drawn unless the client or the cache has it."""
    path, found = await target.media()
    view, drawer = view_of(found), target.project.pictures
    await drawer.check(path, found)
    make = partial(drawer.show, path, found, view)
    return await files.serve_made(request, view.tag(found), make, _cache(of, found))


@get(
    "/api/projects/{project_id:str}/shots/{shot_id:str}/takes/{take_id:str}/media",
    summary="A take's media",
    tags=["Takes"],
    operation=Operation(reads=[IF_NONE_MATCH, *RANGE], answers=a_file("The file.", "*/*") | a_part("*/*")),
)
async def show_media(
    request: Asked, state: State, project_id: ProjectId, shot_id: ShotId, take_id: TakeId
) -> Response[Any]:
    target = ShotResource(state.projects, project_id, shot_id, take_id)
    shot, take = await target.take()
    path = media_path(shot.path, take.number, take.name or "")
    media = take.read_media()
    path = shown(path, media) if media else path
    return await files.serve(request, target.project.root / path, "it has no media on the disk")
