"""The decoder: a process of its own that looks into files, so that a bad one costs nobody else.

`python -m projections.media.decoder [TABLE]` loads the codecs once and forks a child for each connection that is passed to it
over the socket at its standard input. A child is lent one open file after the other, and does what is asked of it, until its
connection closes; it opens nothing by name. Whoever closes a socket ends what is on its other side.
"""

import gc
import hashlib
import os
import select
import signal
import socket
import sys
import threading
import warnings
import zlib
from base64 import b64encode
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property, partial
from io import FileIO
from pathlib import Path
from typing import Any, NoReturn

import msgspec

from projections.media import clip, exr, frames, proxy, reel, video
from projections.media.cage.attempts import holes
from projections.media.cage.sandbox import close, confine
from projections.media.cage.system_calls import prepare
from projections.media.containers import claim_store
from projections.media.drawing import burn_in, sheets
from projections.media.errors import Undecodable
from projections.media.jobs import (
    FIRST_CHILD,
    MOST_FILES,
    MOST_RECIPE,
    Answer,
    DecoderJob,
    Greeting,
    Probe,
    Size,
    Step,
)
from projections.media.stills import thumbnails
from projections.media.stills.still import Still, format_of
from projections.recipes import labels, renders

HEADER = 8
"""Each answer begins with two lengths of four bytes, big-endian: of its JSON, and of the picture after it."""

MAX_JOB = 1 << 16

TOLD_AT_ONCE = 4
"""Files that are lent together and told of together: none of them is told of where the last one is our death."""

SMALL = 1 << 20
"""Bytes of a file that is hashed in a moment."""

_jobs = msgspec.json.Decoder(list[list[DecoderJob]]).decode

NICE = 10
"""How far the second kind stands back for all that is quick."""

_GZIP = b"\x1f\x8b"

_UNLEARNT: dict[str, str] = {}
"""Why a person's table of families is not read by, which is told with each take."""

_IGNORED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Meant for the daemon, which ends us by closing; dying of them would look like a file that is bad."""


def serve(control: socket.socket) -> None:
    """Fork a child for each connection that arrives, until the daemon closes its end."""
    while True:
        try:
            message, descriptors, *_ = socket.recv_fds(control, 16, 1)
        except OSError:
            return
        if not message:
            return
        for descriptor in descriptors:
            if os.fork() == 0:
                control.close()
                _child(socket.socket(fileno=descriptor), float(message) if message != FIRST_CHILD else None)
            os.close(descriptor)


def _child(connection: socket.socket, patience: float | None) -> NoReturn:
    """Say who we are and how the cage holds, then do the jobs; leave without tidying up, which is the server's business."""
    try:
        if patience is not None:
            os.nice(NICE)
        close(patience)
        threading.Thread(target=_leave_with, args=(connection,), daemon=True).start()
        _send(connection, Answer(values=msgspec.structs.asdict(greeting(connection.fileno()))))
        while _visit_each(connection):
            pass
    finally:
        os._exit(0)


def greeting(lent: int) -> Greeting:
    """Who we are, with one open descriptor to try the cage by."""
    return Greeting(pid=os.getpid(), holes=tuple(holes(lent)), ffmpeg=clip.FFMPEG)


def _leave_with(connection: socket.socket) -> None:
    """Wait until nobody is there to be answered, in the middle of a job or not, and leave."""
    poll = select.poll()
    poll.register(connection, 0)
    poll.poll()
    os._exit(0)


def _visit_each(connection: socket.socket) -> bool:
    """Do what is asked of the files that are lent together; whether there were any.

    What is said of several at once costs who hears it as much as that of one.
    """
    message, descriptors, *_ = socket.recv_fds(connection, MAX_JOB, MOST_FILES)
    if not message or not descriptors:
        return False
    said = b""
    for number, (descriptor, jobs) in enumerate(zip(descriptors, _jobs(message), strict=True), 1):
        said = _visit(connection, descriptor, jobs, said)
        if number % TOLD_AT_ONCE == 0 or number == len(descriptors):
            connection.sendall(said)
            said = b""
    return True


def _visit(connection: socket.socket, descriptor: int, jobs: Sequence[DecoderJob], said: bytes) -> bytes:
    """Do what is asked of one file, and say of each thing what came of it before the next one, which may be our death;
    what is still to be said then, with what was before.

    Only what is needed together, and is there in a moment, is said together. The last thing is said when the file is
    closed, which takes for ever on a disk that hangs: who has not heard of that lends us no other one.
    """
    with LentFile(descriptor) as file:
        file.drawn_next = next((job.bounds for job in jobs if job.do in ("picture", "all")), None)
        for job in jobs:
            if said and not file.answers_soon(job):
                connection.sendall(said)
                said = b""
            signal.setitimer(signal.ITIMER_PROF, job.limit or 0)  # SIGPROF is left to kill
            answer, picture = answered(job, file, partial(_send, connection))
            signal.setitimer(signal.ITIMER_PROF, 0)
            said += _packed(answer, picture)
            if answer.ends(job):
                break
    return said


class LentFile(FileIO):
    """A file that is lent: it remembers what the disk said instead of its bytes, which codecs keep to themselves.

    A still is opened and decoded once, however much is asked of it; of a clip the tags are known once it was looked into,
    and whether it has a sound. `drawn_next` is how large a picture is to be drawn after the look.
    """

    refused: int | None = None
    tags: video.Tags | None = None
    has_sound = True
    drawn_next: Size | None = None

    @cached_property
    def still(self) -> Still | exr.OpenExr | None:
        """It as a still picture, where it is one."""
        if exr.is_exr(self):
            return exr.OpenExr(self)
        name = format_of(self)
        return Still(self, name) if name else None

    def answers_soon(self, job: DecoderJob) -> bool:
        """Whether nobody waits longer for what was asked before where that is told with it.

        Who has looked into a file needs its hash and its labels, too; a still has no sound that would be measured. Who
        asks all at once does so of many files.
        """
        if self.seek(0, os.SEEK_END) > SMALL:
            return False
        return job.do in ("hash", "labels", "all") or (job.do == "loudness" and self.still is not None)

    def close(self) -> None:
        self.__dict__.pop(
            "still", None
        )  # which has this file: the two would be kept until somebody looks for cycles
        super().close()

    def read(self, size: int | None = -1, /) -> bytes:
        with self._heeded():
            return super().read(size)

    def readall(self) -> bytes:
        with self._heeded():
            return super().readall()

    def readinto(self, buffer: Any, /) -> int:
        with self._heeded():
            return super().readinto(buffer)

    @contextmanager
    def _heeded(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.refused = error.errno
            raise


def answered(
    job: DecoderJob, file: LentFile, send: Callable[[Answer, bytes], object] = lambda *_: None
) -> tuple[Answer, bytes]:
    """The answer to a job; whatever goes wrong in it becomes a reason, but where it is the disk that goes wrong.

    What comes in pieces is sent before it.
    """
    answer, picture = _answered(job, file, send)
    return (Answer(errno=file.refused), b"") if file.refused else (answer, picture)


def _answered(
    job: DecoderJob, file: LentFile, send: Callable[[Answer, bytes], object]
) -> tuple[Answer, bytes]:
    try:
        file.seek(0)
        if job.do == "proxy":
            proxy.make(file, job.bounds, partial(_send_part, send), job.threads)
            return Answer(), b""
        if draw := _DRAWN.get(job.do):
            found = _all(file, job) if job.do == "all" else {}
            drawn = draw(file, job)
            return Answer(values={**found, **_told(job, drawn)}), drawn
        return Answer(values=_FOUND[job.do](file, job)), b""
    except (Undecodable, labels.NotARecipe) as error:
        return Answer(reason=error.reason, needs_more=isinstance(error.__cause__, MemoryError)), b""
    except MemoryError:
        return Answer(reason="it takes more memory than a decoder is given", needs_more=True), b""
    except Exception as error:  # noqa: BLE001 - whatever a decoder raises is about this file
        return Answer(reason=f"it cannot be decoded: {type(error).__name__}"), b""


def _all(file: LentFile, job: DecoderJob) -> dict[str, object]:
    """What is to be known of a file before it is drawn."""
    found: dict[str, object] = {}
    for find in (_look, _hash, _params):
        found |= find(file, job)
        file.seek(0)
    return found


def _hash(file: FileIO, _: DecoderJob) -> dict[str, object]:
    digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"bytes": file.tell(), "sha256": digest}


def _look(file: LentFile, _: DecoderJob) -> dict[str, object]:
    """Still pictures are Pillow's, but for OpenEXR; all else, and what Pillow does not know of them, is FFmpeg's."""
    if isinstance(file.still, exr.OpenExr):
        return msgspec.structs.asdict(file.still.probe(file.drawn_next))
    return msgspec.structs.asdict(file.still.probe() if file.still else _video(file))


def _video(file: LentFile) -> Probe:
    probed, file.tags = video.look(file)
    file.has_sound = probed.channels is not None
    return probed


def _loudness(file: LentFile, _: DecoderJob) -> dict[str, object]:
    return {"loudness": frames.loudness(file) if file.has_sound and not file.still else None}


def _render(file: LentFile, job: DecoderJob) -> dict[str, object]:
    return {"render": renders.render_of(_texts(file, renders.KEYS), job.name)}


def _params(file: LentFile, job: DecoderJob) -> dict[str, object]:
    texts = _texts(file, labels.KEYS)
    if store := claim_store.claims(file):
        texts["c2pa"] = b64encode(store).decode("ascii")
    return {"params": labels.params_of(texts, job.name), **_UNLEARNT}


def _texts(file: LentFile, wanted: Collection[str]) -> dict[str, str]:
    return file.still.labels(wanted) if file.still else video.labels(file, wanted, file.tags)


def _recipe(file: LentFile, job: DecoderJob) -> dict[str, object]:
    """The parameters in a recipe, which may be packed, or a picture that is labelled with it."""
    if file.still:
        return _params(file, job)
    content = file.read(MOST_RECIPE + 1)
    if content.startswith(_GZIP):
        content = zlib.decompressobj(wbits=31).decompress(content, MOST_RECIPE + 1)
    if len(content) > MOST_RECIPE:
        raise Undecodable(f"it is larger than {MOST_RECIPE >> 20} MB")
    return {"params": labels.from_recipe(content, job.name)}


def _exposure(file: LentFile, job: DecoderJob) -> dict[str, object]:
    """That of an OpenEXR; nothing else is exposed by us."""
    still = file.still
    return {"exposure": still.exposure(job.bounds) if isinstance(still, exr.OpenExr) else None}


def _picture(file: LentFile, job: DecoderJob) -> bytes:
    if isinstance(file.still, exr.OpenExr):
        return file.still.picture(
            job.bounds, job.format, margins=job.margins, exposed=job.exposed, grade=job.grade
        )
    if file.still:
        return _deep(file, job) or file.still.picture(
            job.bounds, job.format, margins=job.margins, grade=job.grade
        )
    if raster := frames.picture(file, job.bounds, job.threads, grows=job.margins, grade=job.grade):
        return thumbnails.framed(raster, job.bounds, job.format, margins=job.margins, grade=job.grade)
    return _waveform(file, job)


def _deep(file: LentFile, job: DecoderJob) -> bytes | None:
    """A still that is graded in its own depth; None where it has eight bits, or FFmpeg does not know its kind."""
    still, grade = file.still, job.grade
    if not (grade and grade.changes_light and isinstance(still, Still) and still.is_deep):
        return None
    with suppress(Undecodable):
        raster = frames.picture(file, job.bounds, job.threads, grows=job.margins, grade=grade)
        return (
            thumbnails.framed(raster, job.bounds, job.format, margins=job.margins, grade=grade)
            if raster
            else None
        )
    return None


def _told(job: DecoderJob, drawn: bytes) -> dict[str, object]:
    is_thumbnail = job.do in ("picture", "all") and job.format == "png"
    return {"colour": thumbnails.colour_of(drawn)} if is_thumbnail else {}


def _filmstrip(file: LentFile, job: DecoderJob) -> bytes:
    if file.still:
        raise Undecodable("it is a still, which has no filmstrip")
    return thumbnails.strip(frames.strip(file, job.bounds, job.threads), job.bounds)


def _waveform(file: LentFile, job: DecoderJob) -> bytes:
    return thumbnails.waveform(frames.levels(file, job.width), job.bounds, job.format)


def _joined(file: LentFile, job: DecoderJob) -> bytes:
    return thumbnails.joined(file, job.bounds)


def _sheet(file: LentFile, _: DecoderJob) -> bytes:
    return sheets.draw(file)


def _label(file: LentFile, _: DecoderJob) -> bytes:
    return burn_in.label(file)


def _piece(file: LentFile, job: DecoderJob) -> bytes:
    if job.piece is None:
        raise Undecodable("it is not said which piece")
    return reel.encode(file, None if job.piece.slate else file.still, job.piece)


_FOUND: dict[Step, Callable[[LentFile, DecoderJob], dict[str, object]]] = {
    "hash": _hash,
    "look": _look,
    "loudness": _loudness,
    "labels": _params,
    "render": _render,
    "recipe": _recipe,
    "exposure": _exposure,
}
"""The jobs that find out something, and those that draw."""

_DRAWN: dict[Step, Callable[[LentFile, DecoderJob], bytes]] = {
    "all": _picture,
    "picture": _picture,
    "filmstrip": _filmstrip,
    "waveform": _waveform,
    "join": _joined,
    "sheet": _sheet,
    "label": _label,
    "piece": _piece,
}


def _send_part(send: Callable[[Answer, bytes], object], at: int, piece: bytes, seconds: float) -> None:
    send(Answer(values={"at": at, "seconds": seconds}, is_part=True), piece)


def _send(connection: socket.socket, answer: Answer, picture: bytes = b"") -> None:
    connection.sendall(_packed(answer, picture))


def _packed(answer: Answer, picture: bytes) -> bytes:
    text = msgspec.json.encode(answer)
    return len(text).to_bytes(4, "big") + len(picture).to_bytes(4, "big") + text + picture


def main() -> None:
    """Become the server: no ears for the terminal, the codecs in memory, and no way back to the files."""
    for number in _IGNORED:
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel buries the children
    warnings.simplefilter("ignore")  # of what Pillow finds odd in a file
    control = socket.socket(fileno=os.dup(0))
    for stream in (0, 2):  # the daemon's output is no more of our business
        os.dup2(1, stream)
    os.setpgid(0, 0)  # whoever ends us ends no child at work: each ends by its own connection
    if sys.argv[1:] and (trouble := labels.learn(Path(sys.argv[1]))):
        _UNLEARNT["unread"] = trouble
    gc.freeze()  # a child that never touches these objects never copies their pages
    prepare()
    confine()
    serve(control)


if __name__ == "__main__":
    main()
