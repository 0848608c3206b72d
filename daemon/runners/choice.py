"""The choice of a workflow: the one named for a take goes before its shot's, that before its film's, and that
before the configuration's.

A shot's or a film's is the file `workflow.json` in that folder. Each is read anew for every take.
"""

from hashlib import sha256
from pathlib import Path
from typing import Final, Literal

from msgspec import Struct

from events import TakesError, WorkflowFile
from projections.files.reading import read, read_in

NAME: Final = "workflow.json"
"""What the workflow of a shot, or of a film, is called in its folder."""

LARGEST: Final = 16 << 20
"""Bytes of a workflow."""


class BadWorkflow(TakesError):
    """Raised when a workflow cannot be used; the take that it is for waits until it can."""

    hint = "Mend that file, or choose another one: for the take, its shot, its film, or in the configuration."

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(f"{where}: {reason}")


class Chosen(Struct, frozen=True):
    """A workflow as it was read: what the log is to say of it, where it lies, and what it holds."""

    file: WorkflowFile
    path: Path
    content: bytes


def choose(root: Path, shot: str, named: str | None, configured: str) -> Chosen | None:
    """The workflow of a take of that shot, now; None where nobody has chosen one, BadWorkflow where it cannot be read.

    `named` is the one for this take, `configured` the one for all; a relative path is one in the film's folder.
    """
    if named is not None:
        return _read(root, named, "take")
    return (
        _in_film(root, f"{shot}/{NAME}", "shot")
        or _in_film(root, NAME, "film")
        or (_read(root, configured, "configuration") if configured else None)
    )


def _in_film(root: Path, where: str, chosen_for: Literal["shot", "film"]) -> Chosen | None:
    """The one in a folder of the film, which is reached by no link; None where there is none."""
    path = root / where
    try:
        content = read_in(root, where, LARGEST)
    except OSError as error:
        raise BadWorkflow(str(path), _why(error)) from error
    return None if content is None else _chosen(root, path, content, chosen_for)


def _read(root: Path, said: str, chosen_for: Literal["take", "configuration"]) -> Chosen:
    """The one that a person has named, wherever that is."""
    try:
        path = root / Path(said).expanduser()
        content = read(path, LARGEST, follows=True)
    except OSError as error:
        raise BadWorkflow(said, _why(error)) from error
    except (ValueError, RuntimeError) as error:  # a path that none can be; a home that nobody has
        raise BadWorkflow(said, str(error)) from error
    if content is None:
        raise BadWorkflow(str(path), "it is not there")
    return _chosen(root, path, content, chosen_for)


def _chosen(
    root: Path, path: Path, content: bytes, chosen_for: Literal["take", "shot", "film", "configuration"]
) -> Chosen:
    shown = path.relative_to(root) if path.is_relative_to(root) else path
    file = WorkflowFile(path=str(shown), sha256=sha256(content).hexdigest(), chosen_for=chosen_for)
    return Chosen(file, path, content)


def _why(error: OSError) -> str:
    return f"it cannot be read ({error.strerror})"
