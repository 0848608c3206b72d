"""The API's media: a take's file, its picture, its frames one by one, and some of them side by side."""

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.datastructures import State
from litestar.params import PathParameter, QueryParameter

from daemon.api.answers import files
from daemon.api.answers.operation import IF_NONE_MATCH, RANGE, Operation, a_file, a_part, as_json
from daemon.api.parameters import Asked, ProjectId, ShotId, TakeId
from daemon.api.shot_resource import ShotResource, why_no_picture
from daemon.api.views.media import ProxyView
from daemon.decoding import pictures
from daemon.decoding.proxies import Making
from daemon.programs.file_manager import reveal
from events import Media
from projections.artifacts.frame_lists import frame_at, shown
from projections.artifacts.picture_cache import mark_of
from projections.files.threads import in_thread
from projections.film import beside_media
from projections.layout import THUMBNAIL, media_path, take_path, takes_path
from projections.media.drawing.told import Channel, Grade

_NUMBER = re.compile("[0-9]{1,10}")

PictureSize = Annotated[
    str | None,
    QueryParameter(
        description="its width in pixels; without it, the picture beside the media",
        schema_extra={"enum": [str(size) for size in pictures.SIZES]},
    ),
]

MOST_STOPS = 16

FRAME_WIDTH = 1280
"""How wide a frame of a sequence is drawn, in pixels, where no width is asked for."""

FrameNumber = Annotated[str, PathParameter(description="its own number, as `1001`")]

FrameSize = Annotated[
    str | None,
    QueryParameter(
        description=f"its width in pixels at most, {FRAME_WIDTH} without it; it is never made larger",
        schema_extra={"enum": [str(size) for size in pictures.FRAME_SIZES]},
    ),
]

Stops = Annotated[
    float, QueryParameter(ge=-MOST_STOPS, le=MOST_STOPS, description="how often its light is doubled")
]

Gamma = Annotated[float, QueryParameter(ge=0.1, le=10, description="above 1 the middle tones are lighter")]

ChannelOf = Annotated[
    Channel, QueryParameter(description="what of it is seen: its colours, one of them, its alpha, its light")
]

PictureOf = Annotated[
    str | None,
    QueryParameter(
        description="what it shows, as in `thumbnailUrl`; where it does, the answer may be kept for ever"
    ),
]


@post(
    "/api/projects/{project_id:str}/shots/{shot_id:str}/takes/{take_id:str}/reveal",
    summary="Have the take's file shown in the file manager of the machine that the daemon is on",
    status_code=204,
    tags=["Takes"],
    operation=Operation(refuses=(409,)),
)
async def reveal_take(state: State, project_id: ProjectId, shot_id: ShotId, take_id: TakeId) -> None:
    target = ShotResource(state.projects, project_id, shot_id, take_id)
    shot, take = await target.take()
    media = take.read_media()
    within = take_path(shot.path, take.number)
    path = shown(media_path(shot.path, take.number, media.name), media) if media else within
    await reveal(target.project.root / (within if take.purged else path))


@post(
    "/api/projects/{project_id:str}/shots/{shot_id:str}/reveal",
    summary="Have the shot's folder shown in the file manager of the machine that the daemon is on",
    status_code=204,
    tags=["Shots"],
    operation=Operation(refuses=(409,)),
)
async def reveal_shot(state: State, project_id: ProjectId, shot_id: ShotId) -> None:
    target = ShotResource(state.projects, project_id, shot_id)
    await reveal(target.project.root / takes_path((await target.shot()).path))


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
        return await files.serve(request, target.project.root / path, why_no_picture(take), cache)
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


@get(
    "/api/projects/{project_id:str}/shots/{shot_id:str}/takes/{take_id:str}/waveform",
    summary="How loud the sound of a take is, from its start to its end",
    tags=["Takes"],
    operation=Operation(reads=[IF_NONE_MATCH], answers=a_file("The waveform.", "image/jpeg")),
)
async def show_waveform(
    request: Asked,
    state: State,
    project_id: ProjectId,
    shot_id: ShotId,
    take_id: TakeId,
    of: PictureOf = None,
) -> Response[Any]:
    target = ShotResource(state.projects, project_id, shot_id, take_id)
    return await _drawn(request, target, lambda media: pictures.waveform(media.channels), of)


@get(
    "/api/projects/{project_id:str}/shots/{shot_id:str}/takes/{take_id:str}/frames/{number:str}",
    summary="A frame of an image sequence, as a browser can show it",
    tags=["Takes"],
    operation=Operation(reads=[IF_NONE_MATCH], answers=a_file("The frame.", "image/jpeg")),
)
async def show_frame(
    request: Asked,
    state: State,
    project_id: ProjectId,
    shot_id: ShotId,
    take_id: TakeId,
    number: FrameNumber,
    size: FrameSize = None,
    of: PictureOf = None,
    stops: Stops = 0.0,
    gamma: Gamma = 1.0,
    channel: ChannelOf = "rgb",
) -> Response[Any]:
    width = pictures.width_of(size, pictures.FRAME_SIZES, FRAME_WIDTH)
    target = ShotResource(state.projects, project_id, shot_id, take_id)
    path, media = await target.media()
    wanted = _frame_of(media, number)
    path = path.with_name(frame_at(media.name, media, wanted))
    view = pictures.frame(wanted, width, Grade(stops, gamma, channel))
    return await _made(request, target, path, media, view, of)


@get(
    "/api/projects/{project_id:str}/shots/{shot_id:str}/takes/{take_id:str}/still",
    summary="A still as a browser can show it, in its own shape",
    tags=["Takes"],
    operation=Operation(reads=[IF_NONE_MATCH], answers=a_file("The still.", "image/jpeg")),
)
async def show_still(
    request: Asked,
    state: State,
    project_id: ProjectId,
    shot_id: ShotId,
    take_id: TakeId,
    size: FrameSize = None,
    of: PictureOf = None,
    stops: Stops = 0.0,
    gamma: Gamma = 1.0,
    channel: ChannelOf = "rgb",
) -> Response[Any]:
    width = pictures.width_of(size, pictures.FRAME_SIZES, FRAME_WIDTH)
    target = ShotResource(state.projects, project_id, shot_id, take_id)
    path, media = await target.media()
    if media.kind != "image" or media.frames:
        raise pictures.PictureNotFound("it is no still, and this shows nothing else")
    view = pictures.still(width, Grade(stops, gamma, channel))
    return await _made(request, target, path, media, view, of)


def _frame_of(media: Media, number: str) -> int:
    """The number that somebody asks for in those words; PictureNotFound where the sequence has no such frame."""
    frames = media.frames
    if frames is None:
        raise pictures.PictureNotFound("it is no image sequence, which alone has frames")
    if not _NUMBER.fullmatch(number) or not frames.first <= int(number) <= frames.last:
        raise pictures.PictureNotFound(
            f"its frames are {frames.first} to {frames.last}, and not {number[:40]!r}"
        )
    if any(gap.first <= int(number) <= gap.last for gap in frames.gaps):
        raise pictures.PictureNotFound(f"frame {int(number)} is missing; it never came")
    return int(number)


def _cache(of: str | None, media: Media | None) -> str:
    """How long a browser may keep a picture that it has asked for as being of that."""
    return files.FOR_EVER if media and of == mark_of(media.sha256) else files.CHECKED


async def _drawn(
    request: Asked, target: ShotResource, view_of: Callable[[Media], pictures.View], of: str | None
) -> Response[Any]:
    """A view of the take's media, drawn unless the client or the cache has it."""
    path, media = await target.media()
    return await _made(request, target, path, media, view_of(media), of)


async def _made(
    request: Asked, target: ShotResource, path: Path, media: Media, view: pictures.View, of: str | None
) -> Response[Any]:
    drawer = target.project.pictures
    await drawer.check(path, media)
    make = partial(drawer.show, path, media, view)
    return await files.serve_made(request, view.tag(media), make, _cache(of, media))


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


@get(
    "/api/projects/{project_id:str}/shots/{shot_id:str}/takes/{take_id:str}/proxy",
    summary="A video as every browser plays it; while it is being made, how far it is",
    tags=["Takes"],
    operation=Operation(
        reads=[IF_NONE_MATCH, *RANGE],
        answers=a_file("H.264 and AAC, of at most 1920 x 1080.", "video/mp4")
        | a_part("video/mp4")
        | {"202": {"description": "It is being made.", "content": as_json(ProxyView)}},
    ),
)
async def show_proxy(
    request: Asked,
    state: State,
    project_id: ProjectId,
    shot_id: ShotId,
    take_id: TakeId,
    of: PictureOf = None,
) -> Response[Any]:
    found, media = await _proxy(ShotResource(state.projects, project_id, shot_id, take_id))
    if isinstance(found, Making):
        return Response(_still_made(found), status_code=202, headers={"Cache-Control": "no-store"})
    otherwise, cache = "its proxy is not there any more: ask again", _cache(of, media)
    return await files.serve(request, found, otherwise, cache, known_as=found.stem)


@post(
    "/api/projects/{project_id:str}/shots/{shot_id:str}/takes/{take_id:str}/proxy",
    summary="Have a video made that every browser plays, and be told how far it is",
    status_code=200,
    tags=["Takes"],
)
async def make_proxy(state: State, project_id: ProjectId, shot_id: ShotId, take_id: TakeId) -> ProxyView:
    found, _ = await _proxy(ShotResource(state.projects, project_id, shot_id, take_id))
    if isinstance(found, Making):
        return _still_made(found)
    return ProxyView(ready=True, progress=1.0, bytes=(await in_thread(found.lstat)).st_size)


async def _proxy(target: ShotResource) -> tuple[Path | Making, Media]:
    path, media = await target.media()
    await target.project.pictures.check(path, media)
    return await target.project.proxies.find(path, media), media


def _still_made(making: Making) -> ProxyView:
    return ProxyView(ready=False, progress=making.progress)
