"""The `ffmpeg` command, as somebody would use it who needs a thumbnail and has nothing else."""

import shutil
import subprocess
from pathlib import Path

FITTED = "scale=320:180:force_original_aspect_ratio=decrease,pad=320:180:-1:-1"


STRIP = "fps=16/{seconds:g},scale=160:90,tile=16x1"


def is_here() -> bool:
    return shutil.which("ffmpeg") is not None


def thumbnail(media: Path, picture: Path, *, at: float | None = 1.0) -> None:
    """The frame at that second, exactly, as a PNG."""
    seek = [] if at is None else ["-ss", f"{at:g}"]
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y", *seek, "-i", str(media), "-frames:v", "1"]
    subprocess.run([*command, "-vf", FITTED, str(picture)], check=True)


def filmstrip(media: Path, picture: Path, seconds: float) -> None:
    """Sixteen frames side by side."""
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-i", str(media), "-frames:v", "1"]
    subprocess.run([*command, "-vf", STRIP.format(seconds=seconds), str(picture)], check=True)
