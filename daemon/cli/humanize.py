"""Humanizing: durations, sizes, times and counts as a person reads them."""

from datetime import datetime


def duration(seconds: float | None) -> str:
    """A duration: 4.0 s, 1:04, 1:02:04."""
    if seconds is None:
        return ""
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}" if minutes < 60 else f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"


def byte_size(size: float) -> str:
    """A number of bytes: 512 B, 12.3 MB."""
    if size < 1000:
        return f"{size:.0f} B"
    for unit in ("kB", "MB", "GB"):
        size /= 1000
        if size < 999.95:
            return f"{size:.1f} {unit}"
    return f"{size / 1000:.1f} TB"


def local_time(at: str, now: datetime | None = None) -> str:
    """A time, here: the day and the minute, or with `now` only the one of them that tells more."""
    local = datetime.fromisoformat(at).astimezone()
    if now is None:
        return f"{local:%Y-%m-%d %H:%M}"
    return f"{local:%H:%M}" if local.date() == now.date() else f"{local:%Y-%m-%d}"


def count(number: int, one: str) -> str:
    """How many there are: no takes, 1 take, 1,200 takes."""
    return f"no {one}s" if number == 0 else f"{number:,} {one}{'s' if number > 1 else ''}"
