"""The API's bringing in: another shot, and files of this machine that are to be takes of one."""

from functools import partial
from pathlib import Path

from litestar import post
from litestar.datastructures import State
from litestar.params import JSONBody

from daemon.api.answers.operation import Operation
from daemon.api.answers.problems import BadRequest
from daemon.api.parameters import ProjectId, ShotId
from daemon.api.shot_resource import ShotResource
from daemon.api.views.bringing import BroughtFile, BroughtList, FilesBody, NewShot, NewShotBody
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
    paths = [Path(one) for one in data.paths]
    if wrong := next((one for one in paths if not one.is_absolute()), None):
        raise BadRequest(f"{str(wrong)!r} is not an absolute path")
    takes = target.project.root / takes_path(shot.path)
    placed = await in_thread(partial(bring_in, takes, paths, move=data.move))
    return BroughtList(files=[BroughtFile(path=one.file, name=one.name) for one in placed])
