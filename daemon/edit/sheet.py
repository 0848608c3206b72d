"""The sheet: all takes of a film as a table of comma-separated values, a row for each, for any program that has tables."""

import csv
import io
from typing import Any

from daemon.edit.cut import Clip, Cut, first_file, notes_of
from daemon.edit.saying import said
from events import Media
from projections.index.rows import TakeRow
from projections.layout import full_id, media_path

COLUMNS = [
    "scene",
    "shot",
    "take",
    "active",
    "status",
    "deleted",
    "rating",
    "mark",
    "tags",
    "notes",
    "changes",
    "created",
    "origin",
    "kind",
    "codec",
    "width",
    "height",
    "duration",
    "frame_rate",
    "bytes",
    "sha256",
    "model",
    "seed",
    "sampler",
    "steps",
    "cfg",
    "prompt",
    "negative_prompt",
    "error",
    "file",
]

FORMULA = tuple("=+-@\t\r")
"""With these a cell begins that a spreadsheet would calculate."""


def write(cut: Cut) -> bytes:
    """The table, in UTF-8 with the mark that spreadsheets want; texts that they would calculate begin with a quote."""
    out = io.StringIO(newline="")
    table = csv.writer(out)
    table.writerow(COLUMNS)
    for clip in cut.clips:
        for row in clip.rows:
            table.writerow(_guarded(value) for value in _row(clip, row))
    return out.getvalue().encode("utf-8-sig")


def _row(clip: Clip, row: TakeRow) -> list[Any]:
    media = row.read_media()
    params = row.read_params() or {}
    about = _media(clip, row, media) if media else {}
    recipe = {"negative_prompt": params.get("negativePrompt")} | {
        name: params.get(name) for name in ("model", "seed", "sampler", "steps", "cfg", "prompt")
    }
    facts = {
        "scene": clip.scene,
        "shot": full_id(clip.shot.path),
        "take": row.number,
        "active": "yes" if clip.shot.active == row.number else "",
        "status": "purged" if row.purged else row.status,
        "deleted": row.deleted or "",
        "rating": row.rating,
        "mark": row.mark,
        "tags": ", ".join(row.read_tags()),
        "notes": "\n".join(said(note) for note in notes_of(row)),
        "changes": "; ".join(
            filter(
                None,
                (clip.changes.get(0) if clip.shot.active == row.number else "", clip.changes.get(row.number)),
            )
        ),
        "created": row.created,
        "origin": row.origin,
        "error": row.error,
    }
    return [(facts | about | recipe).get(name) for name in COLUMNS]


def _media(clip: Clip, row: TakeRow, media: Media) -> dict[str, Any]:
    return {
        "kind": media.kind,
        "codec": media.codec,
        "width": media.width,
        "height": media.height,
        "duration": media.duration,
        "frame_rate": media.frame_rate,
        "bytes": media.frames.bytes if media.frames else media.bytes,
        "sha256": media.sha256,
        "file": "" if row.purged else media_path(clip.shot.path, row.number, first_file(media)),
    }


def _guarded(value: Any) -> Any:
    if value is None:
        return ""
    text = value if isinstance(value, str) else str(value) if isinstance(value, list | dict) else None
    if text is None:
        return value
    return f"'{text}" if text.startswith(FORMULA) else text
