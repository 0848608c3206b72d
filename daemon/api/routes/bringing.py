"""The API's bringing in: another shot, and files of this machine that are to be takes of one."""

from collections.abc import AsyncIterator, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import anyio
import msgspec
from litestar import delete, post, put
from litestar.datastructures import State
from litestar.params import JSONBody, PathParameter

from daemon.api.answers.operation import BYTES, Operation
from daemon.api.answers.problems import BadRequest
from daemon.api.answers.roles import demand
from daemon.api.parameters import Asked, CommandId, ProjectId, ShotId
from daemon.api.shot_resource import PATIENCE, ShotResource, asker
from daemon.api.views.bringing import (
    BroughtFile,
    BroughtList,
    FilesBody,
    LeftFile,
    NewShot,
    NewShotBody,
    RendersBody,
    RendersView,
    UploadBody,
    UploadedFile,
    UploadView,
    renders_view,
)
from daemon.commands.keys import KeyUsed
from daemon.ingest.importing import Importer
from daemon.ingest.new_shot import make_shot
from daemon.ingest.parcels import NotBrought
from daemon.ingest.placing import Placed, bring_in
from daemon.ingest.uploaded import bring_uploaded, refusal_of
from daemon.project.project import Project
from daemon.watching.mailbox import Mailbox
from projections.files.threads import in_thread
from projections.index.index import Index
from projections.layout import full_id, short_id, takes_path

PIECE = 1 << 20
"""Bytes of a file that is sent which are written at once."""

MOST_TOLD = 8_000_000
"""Bytes in which the names of all frames of a sequence may be told."""

SENT = {"required": True, "content": {"application/octet-stream": BYTES}}

UploadId = Annotated[
    str, PathParameter(description="8 to 64 letters, digits and dashes that the client chooses")
]
UploadPath = Annotated[Path, PathParameter(description="the file's name, behind the folders that it is in")]


@post(
    "/api/projects/{project_id:str}/shots",
    summary="Make the folders of another shot",
    raises=[],
    tags=["Shots"],
    operation=Operation(refuses=(404, 409, 422)),
)
async def new_shot(state: State, project_id: ProjectId, data: JSONBody[NewShotBody]) -> NewShot:
    project = state.projects.find(project_id)
    parts, said = project.parts, (project.root, data.name, data.scene, project.root)
    path = await in_thread(partial(make_shot, *said, make_scene=data.make_scene))
    parts.mailbox.happened(*_apart(path), is_folder=True)
    with anyio.move_on_after(PATIENCE):
        await _found(parts.index, path)
    return NewShot(id=full_id(path), shot_id=short_id(path), path=path)


def _apart(path: str) -> tuple[str, str]:
    """The folder that a path leads into, and the name there."""
    folder, _, name = path.rpartition("/")
    return folder, name


async def _found(index: Index, path: str) -> None:
    """Return once the shot at that path is one that can be asked for."""
    while True:
        level = index.seen.level
        if await index.shot_at(path):
            return
        await index.seen.reach(level + 1)


@post(
    "/api/projects/{project_id:str}/shots/{shot_id:str}/files",
    summary="Bring files of this machine into a shot, where they become takes",
    status_code=202,
    tags=["Takes"],
    operation=Operation(refuses=(409, 422)),
)
async def add_files(
    request: Asked, state: State, project_id: ProjectId, shot_id: ShotId, data: JSONBody[FilesBody]
) -> BroughtList:
    if sum(map(bool, (data.paths, data.upload, data.names))) != 1:
        raise NotBrought(["nothing is named, or too much: give `paths`, an `upload`, or `names`"])
    target = ShotResource(state.projects, project_id, shot_id)
    shot = await target.shot()
    if data.upload:
        return await in_thread(_bring_upload, target.project, data.upload, shot.path)
    await demand(request, target.project, "owner")  # any file of the machine could be named
    takes = target.project.root / takes_path(shot.path)
    placed = [Placed(str(takes / name), name, (name,)) for name in data.names]
    if data.paths:
        placed = await in_thread(partial(bring_in, takes, _absolute(data.paths), move=data.move))
    return _brought(target.parts.mailbox, shot.path, placed)


def _bring_upload(project: Project, upload: str, shot: str) -> BroughtList:
    """Bring in what was sent; where that was done before, say what was said then."""
    uploads = project.uploads
    with uploads.taken(upload) as folder:
        if said := uploads.answer(upload):
            return msgspec.json.decode(said, type=BroughtList)
        placed, left = bring_uploaded(project.root / takes_path(shot), folder)
        told = [LeftFile(path=path, reason=reason) for path, reason in left]
        answer = _brought(project.parts.mailbox, shot, placed, told)
        uploads.close(upload, msgspec.json.encode(answer))
        return answer


def _brought(
    mailbox: Mailbox, shot: str, placed: Sequence[Placed], left: Sequence[LeftFile] = ()
) -> BroughtList:
    """Say what was brought in, and have it be known as whole."""
    mailbox.brought(takes_path(shot), {name for one in placed for name in one.names})
    return BroughtList(files=[BroughtFile(path=one.file, name=one.name) for one in placed], left=left)


@post(
    "/api/projects/{project_id:str}/uploads",
    summary="Whether files can be sent that are to be takes: their names, and room for them",
    status_code=200,
    tags=["Takes"],
    operation=Operation(refuses=(409,)),
    request_max_body_size=MOST_TOLD,
)
async def plan_upload(state: State, project_id: ProjectId, data: JSONBody[UploadBody]) -> UploadView:
    uploads, total = state.projects.find(project_id).uploads, sum(one.bytes for one in data.files)
    await in_thread(uploads.sweep)
    await in_thread(uploads.check_room, total)
    left = [LeftFile(path=one.path, reason=reason) for one in data.files if (reason := refusal_of(one.path))]
    return UploadView(bytes=total, left=left)


@put(
    "/api/projects/{project_id:str}/uploads/{upload_id:str}/{path:path}",
    summary="Send a file that is to be a take, as the body; sent twice it is there once",
    status_code=200,
    tags=["Takes"],
    operation=Operation(body=SENT, refuses=(409, 422)),
    request_max_body_size=None,
)
async def upload_file(
    request: Asked, state: State, project_id: ProjectId, upload_id: UploadId, path: UploadPath
) -> UploadedFile:
    uploads, name = state.projects.find(project_id).uploads, str(path).strip("/")
    if reason := refusal_of(name):
        raise NotBrought([f"{name}: {reason}"])
    length = request.headers.get("content-length", "")
    file = await in_thread(uploads.receive, upload_id, name, int(length) if length.isdecimal() else None)
    try:
        async for piece in _pieces(request.stream()):
            await in_thread(file.add, piece)
        await in_thread(file.finish)
    finally:
        with anyio.CancelScope(shield=True):
            await in_thread(file.give_up)
    return UploadedFile(path=name, bytes=file.bytes)


async def _pieces(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """What comes bit by bit, in pieces that are worth going to the disk for."""
    waiting = bytearray()
    async for chunk in chunks:
        waiting += chunk
        if len(waiting) >= PIECE:
            yield bytes(waiting)
            waiting.clear()
    yield bytes(waiting)


@delete(
    "/api/projects/{project_id:str}/uploads/{upload_id:str}",
    summary="Have what was sent of an upload gone; the takes that became of it stay",
    status_code=204,
    tags=["Takes"],
    operation=Operation(refuses=(409,)),
)
async def cancel_upload(state: State, project_id: ProjectId, upload_id: UploadId) -> None:
    await in_thread(state.projects.find(project_id).uploads.remove, upload_id)


@post(
    "/api/projects/{project_id:str}/renders",
    summary="Bring a folder of old renders into the shots that they are of, or say which those are",
    status_code=200,
    tags=["Projects"],
    operation=Operation(refuses=(404, 409, 422)),
)
async def import_renders(
    request: Asked,
    state: State,
    project_id: ProjectId,
    data: JSONBody[RendersBody],
    command: CommandId = None,
) -> RendersView:
    project, origin = state.projects.find(project_id), asker(request, command)
    parts, (folder,) = project.parts, _absolute([data.folder])
    importer = Importer(project.root, parts.index, parts.log, parts.shots, project.decoders, parts.mailbox)
    plan = await importer.plan(folder, only_sure=data.only_sure)
    brought = 0
    if not data.dry_run:
        if await parts.log.command(origin.cause or "") and any(one.state == "new" for one in plan.entries):
            raise KeyUsed
        async for done in importer.run(plan, origin, data.plan, move=data.move):
            brought = done
    return renders_view(plan, brought, dry_run=data.dry_run)


def _absolute(paths: Sequence[str]) -> list[Path]:
    """The paths, each of which is to be a full one; BadRequest."""
    if wrong := next((one for one in paths if not Path(one).is_absolute()), None):
        raise BadRequest(f"{wrong!r} is not an absolute path")
    return [Path(one) for one in paths]
