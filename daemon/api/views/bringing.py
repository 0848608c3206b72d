"""What is brought into a film, as the API shows and reads it."""

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta

from daemon.api.views.body import Camel


class NewShotBody(Camel, kw_only=True, forbid_unknown_fields=True):
    """A shot that is to be: `name` as a person writes it, with its number or without; `scene` where there are several.

    With `make_scene`, the scene's folder is made, too.
    """

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    scene: Annotated[str, Meta(min_length=1, max_length=1000)] | None = None
    make_scene: bool = False


class NewShot(Camel, kw_only=True):
    """A shot whose folders are there; the list of shots has it once they are looked at."""

    id: str
    shot_id: str
    path: str


class FilesBody(Camel, kw_only=True, forbid_unknown_fields=True):
    """Files and folders of frames, by their full paths; copied, or with `move` moved."""

    paths: Annotated[
        Sequence[Annotated[str, Meta(min_length=1, max_length=4096)]], Meta(min_length=1, max_length=1000)
    ]
    move: bool = False


class BroughtFile(Camel, kw_only=True):
    """A file, or a folder of frames, and what it is called in the shot's `takes/`."""

    path: str
    name: str


class BroughtList(Camel, kw_only=True):
    """What was brought in; the log tells which takes become of it, each with that name in its `source`."""

    files: Sequence[BroughtFile]
