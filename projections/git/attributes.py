"""The template: the lines of `.gitattributes` that send a film's media to Git LFS, and `project.json` to us, merged in once.

They are marked by comments. While one stands in the file, whatever else the user has removed or changed there
is what the user wants, and stays so.
"""

from collections.abc import Callable

from projections.layout import FRAMES, MEDIA, PROJECT_FILE, RECIPE, SIDECAR, THUMBNAIL

ATTRIBUTES = ".gitattributes"
SHARED = (ATTRIBUTES, PROJECT_FILE)
"""The files in which the user's words stand beside ours."""

MARK = "# Git LFS for the takes, added once. What you change below stays as you have it."
LFS = "filter=lfs diff=lfs merge=lfs -text"
PLAIN_PICTURES = f"*{THUMBNAIL} !filter !diff !merge"
OTHERS = (
    PLAIN_PICTURES,
    f"*{RECIPE}.gz !filter !diff !merge -text",
    f"*{SIDECAR}.gz !filter !diff !merge -text",
    f"{PROJECT_FILE} text",
    f"*{SIDECAR} -text",
    f"*{FRAMES} -text",
)
"""Pictures and recipes stay in git, whatever goes for other files of their kind; the later line has the last word.

What is compared with the log byte by byte is to come back from git as it was.
"""

ADDED_SINCE = (".wmv", ".flv", ".dv", ".dpx", ".jp2", ".j2k")
"""Kinds of media that a template of the first release does not have: it is merged once, so these never come into it."""

CHOICES_MARK = "# What git has of project.json, added once. What you change below stays as you have it."
OWN = "takes"
"""What our filter and our merge driver are called."""

CHOICES = f"/{PROJECT_FILE} filter={OWN} merge={OWN}"


def merged(text: str, is_decided: Callable[[str], bool]) -> str:
    """The file with our lines behind the user's; `is_decided` says of the end of a file's name that theirs deal with it."""
    if MARK not in text:
        media = [f"*{suffix} {LFS}" for suffix in MEDIA if not is_decided(suffix)]
        present = {" ".join(line.split()) for line in text.splitlines()}
        text = _appended(text, MARK, *(line for line in (*media, *OTHERS) if line not in present))
    return text if CHOICES_MARK in text or is_decided(PROJECT_FILE) else with_choices(text)


def with_choices(text: str) -> str:
    """The file with our line for `project.json` behind all else."""
    return _appended(text, CHOICES_MARK, CHOICES)


def _appended(text: str, *lines: str) -> str:
    end = "\r\n" if "\r\n" in text else "\n"
    gap = "" if not text else end if text.endswith("\n") else 2 * end
    return text + gap + end.join(lines) + end
