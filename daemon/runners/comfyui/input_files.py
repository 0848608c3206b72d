"""The files that a take is to be made from: what the user has here is brought to ComfyUI, which reads its own folder only.

Only what was asked for is looked at: a full path, or one of a file in the film, for a node that loads files. What the
workflow itself says there is ComfyUI's own, and stays as it is.
"""

import copy
import os
import re
from collections.abc import AsyncIterator
from hashlib import file_digest
from io import BufferedReader
from pathlib import Path
from typing import Final

from daemon.runners.comfyui.address import ComfyUIAway
from daemon.runners.comfyui.client import SLICE, ComfyClient
from daemon.runners.comfyui.workflow import Workflow
from daemon.runners.runner import Job, JobFailed, Progress, Tell
from projections.files.opening import open_file
from projections.files.threads import in_thread
from projections.layout import kind_of

FOLDER: Final = "takes"
"""The folder in ComfyUI's own that they are put into, each named by what it holds."""

LARGEST: Final = 1 << 30
"""Bytes of a file that is brought there."""

COMMON: Final = 100 << 20
"""Bytes that a ComfyUI takes which was not told otherwise."""

_LOADS: Final = re.compile(r"load", re.IGNORECASE)
_FILES: Final = frozenset({"image", "mask", "video", "audio", "file"})
"""A node loads a file where its class says so and its input is one of these."""


class BadInput(JobFailed):
    """Raised when a file that a take is to be made from cannot be brought to ComfyUI; `field` is its name."""

    hint = "Ask for another take with a picture, clip or sound that is there, or one that ComfyUI has."

    def __init__(self, field: str, path: Path, reason: str) -> None:
        super().__init__(f"{field}: {path}: {reason}")
        self.field = field


class _Form:
    """A file as a form has it that a browser would send."""

    def __init__(self, file: BufferedReader, name: str, size: int) -> None:
        fields = "".join(
            f'--{name}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
            for key, value in (("subfolder", FOLDER), ("overwrite", "true"), ("type", "input"))
        )
        begin = f'--{name}\r\nContent-Disposition: form-data; name="image"; filename="{name}"\r\n\r\n'
        self._head, self._tail = (fields + begin).encode(), f"\r\n--{name}--\r\n".encode()
        self._file, self._left = file, size
        self.headers = {
            "Content-Type": f"multipart/form-data; boundary={name}",
            "Content-Length": str(len(self._head) + size + len(self._tail)),
        }

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._head
        while piece := await in_thread(self._file.read, min(SLICE, self._left)):
            self._left -= len(piece)
            yield piece
        yield self._tail


async def with_inputs(client: ComfyClient, workflow: Workflow, job: Job, tell: Tell) -> Workflow:
    """The workflow with the names that ComfyUI has for the user's files; BadInput where one cannot be brought there."""
    graph, brought = copy.deepcopy(workflow.graph), dict[Path, str]()
    for name, node, at in workflow.bindings:
        loads = at in _FILES and _LOADS.search(graph[node]["class_type"])
        path = await in_thread(_local, job, name) if loads else None
        if path is None:
            continue
        if path not in brought:
            tell(Progress(None, f"brings {path.name} to ComfyUI"))
            brought[path] = await _bring(client, f"generationParams.{name}", path)
        graph[node]["inputs"][at] = brought[path]
    return Workflow(graph, workflow.bindings, workflow.outputs)


def _local(job: Job, name: str) -> Path | None:
    """The file on this machine that is meant: by a full path, or by one in the film; None where ComfyUI's own is."""
    value = job.params.get(name)
    if not isinstance(value, str) or "\0" in value:
        return None
    path = Path(value)
    if path.is_absolute():
        return path
    is_in_film = len(path.parts) > 1 and ".." not in path.parts and (job.root / path).is_file()
    return job.root / path if is_in_film else None


async def _bring(client: ComfyClient, field: str, path: Path) -> str:
    """What ComfyUI calls the file once it has it."""
    if kind_of(path.name) is None:
        raise BadInput(field, path, "it is no picture, clip or sound")
    try:
        file = await in_thread(_open, path)
        try:
            size = (await in_thread(os.fstat, file.fileno())).st_size
            if size > LARGEST:
                raise BadInput(field, path, f"it is larger than {LARGEST >> 30} GB")
            digest = (await in_thread(file_digest, file, "sha256")).hexdigest()
            await in_thread(file.seek, 0)
            return await _hand_in(
                client, field, path, _Form(file, f"{digest}{path.suffix.lower()}", size), size
            )
        finally:
            await in_thread(file.close)
    except OSError as error:
        raise BadInput(field, path, f"it cannot be read ({error.strerror})") from error


def _open(path: Path) -> BufferedReader:
    return os.fdopen(open_file(path, follows=True), "rb")


async def _hand_in(client: ComfyClient, field: str, path: Path, form: _Form, size: int) -> str:
    too_large = (
        f"ComfyUI takes no file of {size >> 20} MB: start it with --max-upload-size and a larger number"
    )
    try:
        status, answer = await client.upload(form, form.headers)
    except ComfyUIAway as away:
        if away.is_gone or size <= COMMON:
            raise
        raise BadInput(field, path, too_large) from away  # it hangs up on what is too large
    if status == 413:
        raise BadInput(field, path, too_large)
    match answer:
        case {"name": str(name)} if status == 200:
            folder = str(answer.get("subfolder") or "")
            return f"{folder}/{name}" if folder else name
    raise BadInput(field, path, f"ComfyUI does not take it (it answered {status})")
