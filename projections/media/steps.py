"""The steps: what a decoder does of each kind that it may be asked for, with a file that it is lent."""

import hashlib
import zlib
from base64 import b64encode
from collections.abc import Callable, Collection
from contextlib import suppress
from functools import partial
from io import FileIO
from pathlib import Path

import msgspec

from projections.media import exr, frames, proxy, reel, video
from projections.media.containers import claim_store
from projections.media.drawing import burn_in, sheets
from projections.media.errors import Undecodable
from projections.media.jobs import MOST_RECIPE, Answer, DecoderJob, Probe, Step
from projections.media.lent_file import LentFile
from projections.media.stills import thumbnails
from projections.media.stills.still import Still
from projections.recipes import labels, renders

Send = Callable[[Answer, bytes], object]
"""What sends a part of an answer before the rest of it is there."""

_GZIP = b"\x1f\x8b"

_SHORTAGE = (MemoryError, BlockingIOError)
"""What FFmpeg raises where it has no room for a frame, or for a thread."""

_UNLEARNT: dict[str, str] = {}
"""Why a person's table of families is not read by, which is told with each take."""


def learn(families: Path) -> None:
    """Read graphs by a person's table of families too; where it cannot be read, each take is told why."""
    if trouble := labels.learn(families):
        _UNLEARNT["unread"] = trouble


def answered(job: DecoderJob, file: LentFile, send: Send = lambda *_: None) -> tuple[Answer, bytes]:
    """The answer to a job; whatever goes wrong in it becomes a reason, but where it is the disk that goes wrong.

    What comes in pieces is sent before it.
    """
    answer, picture = _answered(job, file, send)
    return (Answer(errno=file.refused), b"") if file.refused else (answer, picture)


def _answered(job: DecoderJob, file: LentFile, send: Send) -> tuple[Answer, bytes]:
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
        return Answer(reason=error.reason, needs_more=isinstance(error.__cause__, _SHORTAGE)), b""
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
"""The steps that find out something."""

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
"""Those that draw."""


def _send_part(send: Send, at: int, piece: bytes, seconds: float) -> None:
    send(Answer(values={"at": at, "seconds": seconds}, is_part=True), piece)
