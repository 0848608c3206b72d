"""The API's bringing in: another shot, and files of this machine that are to be takes of one."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from litestar import post
from litestar.datastructures import State
from litestar.params import JSONBody

from daemon.api.answers.operation import Operation
from daemon.api.answers.problems import BadRequest
from daemon.api.parameters import Asked, CommandId, ProjectId, ShotId
from daemon.api.shot_resource import ShotResource, asker
from daemon.api.views.bringing import (
    BroughtFile,
    BroughtList,
    FilesBody,
    NewShot,
    NewShotBody,
    RendersBody,
    RendersView,
    renders_view,
)
from daemon.commands.keys import KeyUsed
from daemon.ingest.importing import Importer
from daemon.ingest.new_shot import make_shot
from daemon.ingest.placing import bring_in
from projections.files.threads import in_thread
from projections.layout import full_id, short_id, takes_path


@post(
    "/api/projects/{project_id:str}/shots",
    summary="Make the folders of another shot",
    raises=[],
    tags=["Shots"],
    operation=Operation(refuses=(404, 409, 422)),
)
async def new_shot(state: State, project_id: ProjectId, data: JSONBody[NewShotBody]) -> NewShot:
    project = state.projects.find(project_id)
    make = partial(make_shot, project.root, data.name, data.scene, project.root, make_scene=data.make_scene)
    path = await in_thread(make)
    project.parts.mailbox.look_at(path)
    return NewShot(id=full_id(path), shot_id=short_id(path), path=path)


@post(
    "/api/projects/{project_id:str}/shots/{shot_id:str}/files",
    summary="Bring files of this machine into a shot, where they become takes",
    status_code=202,
    tags=["Takes"],
    operation=Operation(refuses=(409, 422)),
)
async def add_files(
    state: State, project_id: ProjectId, shot_id: ShotId, data: JSONBody[FilesBody]
) -> BroughtList:
    target = ShotResource(state.projects, project_id, shot_id)
    shot = await target.shot()
    paths = _absolute(data.paths)
    takes = target.project.root / takes_path(shot.path)
    placed = await in_thread(partial(bring_in, takes, paths, move=data.move))
    return BroughtList(files=[BroughtFile(path=one.file, name=one.name) for one in placed])


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
