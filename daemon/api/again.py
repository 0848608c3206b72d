"""The API's making again: a take's recipe is asked for once more, as it was or with another seed."""

from typing import Any

from litestar import Response, post
from litestar.datastructures import State
from litestar.params import JSONBody

from daemon.api.answers.operation import ETAG, LOCATION, Operation
from daemon.api.new_take import checked
from daemon.api.parameters import Changing, ProjectId, ShotId, TakeId
from daemon.api.shot_resource import ShotResource
from daemon.api.views.takes import AgainBody, QueuedTake
from daemon.takes.completion import TOLD
from events import Again, Refused
from projections.index.rows import TakeRow


class NoRecipe(Refused):
    """Raised when a take is to be made again of which nobody knows how it was made."""

    hint = "Ask for it with `takes new`, and say by -p NAME=VALUE what it is to be."

    def __init__(self, take: str, why: str) -> None:
        super().__init__(f"{take} cannot be made again: {why}")


@post(
    "/api/projects/{project_id:str}/shots/{shot_id:str}/takes/{take_id:str}/again",
    summary="Ask for a take's recipe again, perhaps with another seed",
    status_code=202,
    tags=["Takes"],
    operation=Operation(answers={"202": {"headers": {**ETAG, **LOCATION}}}, refuses=(409,)),
)
async def make_again(
    state: State,
    project_id: ProjectId,
    shot_id: ShotId,
    take_id: TakeId,
    data: JSONBody[AgainBody],
    change: Changing,
) -> Response[QueuedTake]:
    target = ShotResource(state.projects, project_id, shot_id, take_id)
    _, take = await target.take()
    media, resources, workflow = take.read_media(), take.read_resources(), take.read_workflow()
    wanted = checked(
        _recipe(take) | ({} if data.seed is None else {"seed": data.seed}),
        resources.quality if resources else None,
        workflow.path if workflow and workflow.chosen_for == "take" else None,
        Again(take=take.number, sha256=media.sha256 if media else None),
    )
    return await change.ask_for(ShotResource(state.projects, project_id, shot_id), wanted)


def _recipe(take: TakeRow) -> dict[str, Any]:
    """What it was made with, without what is only told of how one file was made; NoRecipe where that is not all known."""
    if missing := take.read_left_out().keys() - TOLD:
        raise NoRecipe(take.id, f"{', '.join(sorted(missing))} of its recipe is too large for the log")
    recipe = {name: value for name, value in (take.read_params() or {}).items() if name not in TOLD}
    if not recipe:
        raise NoRecipe(take.id, "its recipe is not known")
    return recipe
