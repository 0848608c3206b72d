"""Projects, as the API shows and reads them."""

from collections.abc import Sequence
from typing import Literal

from daemon.api.views.body import Camel
from events import Role


class ProjectView(Camel, kw_only=True):
    """A project; the counts are null while it is away, or its disk does not answer.

    `stages` are the names, in their order, of how far the work on a shot can be, and `role` is what who asks may do with it.
    """

    id: str
    name: str
    path: str
    state: Literal["starting", "live", "suspended"]
    reason: str | None = None
    shot_count: int | None = None
    take_count: int | None = None
    stages: Sequence[str] = ()
    role: Role = "supervisor"


class AskerView(Camel, kw_only=True):
    """Who asks, as the log would name them; the `owner` runs the daemon, has not come by the hub, and may do all."""

    name: str
    owner: bool


class ProjectList(Camel, kw_only=True):
    """The projects that the daemon keeps, as far as who asks may see them."""

    projects: Sequence[ProjectView]
    asker: AskerView


class ForgottenProject(Camel, kw_only=True):
    """A project that is kept no longer; its folder is as it was."""

    id: str
    path: str


class PathBody(Camel, kw_only=True, forbid_unknown_fields=True):
    """The folder that is to become a project."""

    path: str
