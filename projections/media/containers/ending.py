"""The ending: whether a clip ends where its header says. Pure numbers, in seconds from its beginning."""


def is_early(end: float, claimed: float | None, rate: float | None, *, is_exact: bool = False) -> bool:
    """Whether it ends before it should; not just how headers round, or how sound may run on for a moment.

    `rate` is in frames a second, where that is known. A header that `is_exact` rounds nothing.
    """
    if claimed is None:
        return False
    tolerance = 0.01 if is_exact else max(3 / (rate or 24.0), min(1.0, claimed / 10))
    return end < claimed - tolerance


def cut_off(end: float, claimed: float | None) -> str:
    """What is said of a clip that is cut off there."""
    if claimed is None or round(claimed) <= round(end):
        return f"the file is cut off at {end:.1f} s"
    return f"the file is cut off: it claims {claimed:.1f} s and ends at {end:.1f} s"
