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


def proxy(media: Path, made: Path) -> None:
    """The whole of it as H.264, half a second from one key frame to the next."""
    command = [
        "ffmpeg",
        "-nostdin",
        "-v",
        "error",
        "-y",
        "-i",
        str(media),
        "-vf",
        "format=yuv420p",
        "-c:v",
        "libx264",
    ]
    subprocess.run(
        [*command, "-preset", "superfast", "-crf", "20", "-g", "12", "-bf", "0", str(made)], check=True
    )


def prores(media: Path, made: Path) -> None:
    """The same as ProRes."""
    command = [
        "ffmpeg",
        "-nostdin",
        "-v",
        "error",
        "-y",
        "-i",
        str(media),
        "-c:v",
        "prores_ks",
        "-profile:v",
        "3",
    ]
    subprocess.run([*command, "-pix_fmt", "yuv422p10le", str(made)], check=True)
