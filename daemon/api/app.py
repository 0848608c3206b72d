"""The application: all that can be asked of a daemon over HTTP, and told to it, put together."""

from typing import Any, cast

from litestar import Litestar, Request
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException

from daemon.api import schema
from daemon.api.answers.heads import WithHeads
from daemon.api.answers.operation import Json
from daemon.api.answers.problems import on_disk_error, on_http_error, on_other_error, on_takes_error
from daemon.api.answers.roles import guard
from daemon.api.parameters import Asked, Change
from daemon.api.past import AsOf
from daemon.api.routes.projects import VERSION
from daemon.api.routes.table import ROUTES
from daemon.api.views.status import GalleryView
from daemon.commands.keys import Keys
from daemon.project.links import Links
from daemon.project.projects import Projects
from events import TakesError


async def _use_its_disk(request: Request[Any, Any, State]) -> None:
    """Have a request about a project wait for that one's disk, so that it holds up no other's."""
    if project := request.path_params.get("project_id"):
        request.app.state.projects.find(project).disk.use()


def build_app(
    projects: Projects,
    gallery: GalleryView | None = None,
    hub: str | None = None,
    links: Links | None = None,
) -> Litestar:
    """The application over those projects.

    `gallery` is where a browser finds it, `hub` the address by which many people come, `links` are those into it.
    """
    return WithHeads(
        ROUTES,
        guards=[guard],
        before_request=_use_its_disk,
        dependencies={
            "change": Provide(Change, sync_to_thread=False),
            "moment": Provide(AsOf, sync_to_thread=False),
        },
        state=state_of(projects, gallery, hub, links),
        exception_handlers={
            TakesError: on_takes_error,
            HTTPException: on_http_error,
            OSError: on_disk_error,
            Exception: on_other_error,
        },
        openapi_config=schema.config(VERSION, ROUTES),
        request_class=Asked,
        logging_config=None,
        request_max_body_size=1_000_000,
        debug=False,
    )


def state_of(projects: Projects, gallery: GalleryView | None, hub: str | None, links: Links | None) -> State:
    """What the routes find when they are asked."""
    told = {"projects": projects, "gallery": gallery, "hub": hub, "links": links}
    return State({**told, "idempotency_keys": Keys()})


def describe_api() -> Json:
    """What `/schema` shows, by an application that keeps no project."""
    return schema.completed(build_app(cast("Projects", None)).openapi_schema.to_schema(), ROUTES)
