"""The roles: what each route takes of a person who comes by the hub. Who comes otherwise runs the daemon, and may do all."""

from collections.abc import Mapping
from typing import Any, Literal

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from daemon.api.answers.problems import NotAllowed
from daemon.peer import person_of
from daemon.project.project import Project
from daemon.project.projects import ProjectNotFound, Projects
from events import Role
from events.people import ROLES

Need = Role | Literal["anybody", "owner"]
"""A role in the film that is asked about; `anybody` who has logged in, or only the `owner`, who runs the daemon."""

Connection = ASGIConnection[Any, Any, Any, Any]

NEEDS: Mapping[str, Need] = {
    "health": "anybody",
    "list_projects": "anybody",
    "add_project": "owner",
    "forget_project": "owner",
    "show_metrics": "owner",
    # what the machine shows, or has in other folders than the film's
    "import_renders": "owner",
    "reveal_shot": "owner",
    "reveal_take": "owner",
    "show_project": "reader",
    "show_status": "reader",
    "list_shots": "reader",
    "find_takes": "reader",
    "show_shot": "reader",
    "list_takes": "reader",
    "show_take": "reader",
    "show_alike": "reader",
    "show_thumbnail": "reader",
    "show_filmstrip": "reader",
    "show_waveform": "reader",
    "show_frame": "reader",
    "show_still": "reader",
    "show_proxy": "reader",
    "make_proxy": "reader",
    "show_media": "reader",
    "export": "reader",
    "contact_sheet": "reader",
    "show_reel": "reader",
    "list_searches": "reader",
    "list_events": "reader",
    "show_moment": "reader",
    "show_changes": "reader",
    "list_people": "reader",
    "new_shot": "artist",
    "new_take": "artist",
    "make_again": "artist",
    "add_files": "artist",
    "plan_upload": "artist",
    "upload_file": "artist",
    "cancel_upload": "artist",
    "make_reel": "artist",
    "import_edit": "artist",
    "set_active": "artist",
    "accept_take": "artist",
    "judge_takes": "artist",
    "judge_film": "artist",
    "judge_take": "artist",
    "change_note": "artist",
    "judge_shot": "artist",
    "change_shot_note": "artist",
    "undo": "artist",
    "redo": "artist",
    "save_search": "artist",
    "remove_search": "artist",
    "delete_take": "supervisor",
    "restore_take": "supervisor",
    "share": "supervisor",
    "list_shares": "supervisor",
    "withdraw_share": "supervisor",
    "grant_access": "supervisor",
    "revoke_access": "supervisor",
    "show_doctor": "supervisor",
    "disk_usage": "supervisor",
    "clean_up": "supervisor",
    "rebuild": "supervisor",
    "dedupe": "supervisor",
    "verify": "supervisor",
}
"""What each route takes, by its function's name. One that is not among them is refused to who comes by the hub."""

SCHEMA = "/schema"
"""What the API is like anybody may know."""

LET_IN = "A supervisor of a film lets you see it, by `takes grant`."


async def guard(connection: Connection, handler: BaseRouteHandler) -> None:
    """Let a person through who may ask for that. ProjectNotFound, where they may not see the film; NotAllowed."""
    person, path = person_of(connection.scope), connection.scope["path"]
    if person is None or path == SCHEMA or path.startswith(f"{SCHEMA}/"):
        return
    roles = {project.id: role for project, role in await films_of(connection.app.state.projects, person)}
    film = connection.path_params.get("project_id")
    if film is not None and film not in roles:
        raise ProjectNotFound(film, list(roles), LET_IN)
    _check(person, roles[film] if film else None, NEEDS.get(handler.fn.__name__, "owner"))


async def films_of(projects: Projects, person: str | None) -> list[tuple[Project, Role]]:
    """The films that a person may see, with their role in each; all of them where nobody comes by the hub."""
    if person is None:
        return [(one, "supervisor") for one in projects.all]
    found = [(one, await one.role_of(person)) for one in projects.all]
    return [(one, role) for one, role in found if role]


async def demand(connection: Connection, project: Project, need: Need) -> None:
    """NotAllowed, where a part of what is asked for takes more than its route does."""
    person = person_of(connection.scope)
    if person is not None:
        _check(person, await project.role_of(person), need)


async def role_in(connection: Connection, project: Project) -> Role:
    """What who asks may do with a film that they may see."""
    person = person_of(connection.scope)
    return (await project.role_of(person) if person else None) or ("reader" if person else "supervisor")


async def may_see(connection: Connection, project: Project) -> bool:
    """Whether who asks may (still) see the film."""
    person = person_of(connection.scope)
    return person is None or await project.role_of(person) is not None


def _check(person: str, role: Role | None, need: Need) -> None:
    if need == "anybody" or (role and need in ROLES[: ROLES.index(role) + 1]):
        return
    raise NotAllowed(person, role, need)
