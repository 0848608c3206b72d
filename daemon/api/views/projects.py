"""Projects, as the API shows and reads them."""

from collections.abc import Sequence
from typing import Literal

from daemon.api.views.body import Camel


class ProjectView(Camel, kw_only=True):
    """A project; the counts are null while it is away, or its disk does not answer.

    `stages` are the names, in their order, of how far the work on a shot can be.
    """

    id: str
    name: str
    path: str
    state: Literal["starting", "live", "suspended"]
    reason: str | None = None
    shot_count: int | None = None
    take_count: int | None = None
    stages: Sequence[str] = ()


class ProjectList(Camel, kw_only=True):
    """The projects that the daemon keeps."""

    projects: Sequence[ProjectView]


class ForgottenProject(Camel, kw_only=True):
    """A project that is kept no longer; its folder is as it was."""

    id: str
    path: str


class PathBody(Camel, kw_only=True, forbid_unknown_fields=True):
    """The folder that is to become a project."""

    path: str
