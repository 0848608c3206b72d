"""CMX 3600, read: the edits of the picture, each with what the comments below it say."""

import re
from collections.abc import Iterator

from daemon.edit.conform.used import UnreadableEdit, Used

_TIME = r"[0-9]{2}[:;.][0-9]{2}[:;.][0-9]{2}[:;.,][0-9]{2,3}"
_EDIT = re.compile(
    rf"(?P<number>[0-9]+)\s+(?P<reel>\S+)\s+(?P<track>\S+)\s+(?P<cut>\S+)(\s+[0-9]+)?(\s+{_TIME}){{4}}\s*"
)
_COMMENT = re.compile(r"\*?\s*(?P<key>[A-Z][A-Z ]*?)( IS)?\s*:\s*(?P<value>.*)")

BLACK = {"BL", "BLACK"}
"""Reels that stand for nothing."""

FILES = ("FROM FILE", "SOURCE FILE", "FROM CLIP", "MEDIA FILE")
"""The comments that name a clip's file, by the programs that write them."""

Comments = dict[str, str]


def read(text: str) -> list[Used]:
    """The clips in their order, without sound and black; UnreadableEdit where there is no edit at all."""
    edits = list(_edits(text))
    if not edits:
        raise UnreadableEdit("EDL", "it has no line of an edit")
    return [_used(edit, comments) for edit, comments in edits if _shows(edit)]


def _edits(text: str) -> Iterator[tuple[re.Match[str], Comments]]:
    """Each edit with its comments; of the two lines of a transition, which have one number, the second."""
    edit, comments = None, Comments()
    for line in map(str.strip, text.splitlines()):
        if found := _EDIT.fullmatch(line):
            is_second = edit is not None and found["cut"] != "C" and found["number"] == edit["number"]
            if edit is not None and not is_second:
                yield edit, comments
            edit, comments = found, Comments()
        elif comment := _COMMENT.fullmatch(line):
            comments.setdefault(comment["key"], comment["value"].strip())
    if edit is not None:
        yield edit, comments


def _shows(edit: re.Match[str]) -> bool:
    track = edit["track"].upper()
    return edit["reel"].upper() not in BLACK and ("V" in track or track == "B")


def _used(edit: re.Match[str], comments: Comments) -> Used:
    if name := comments.get("TO CLIP NAME"):  # of a transition: the clip before has its own edit
        return Used(name, comments.get("TO FILE"))
    name = comments.get("FROM CLIP NAME") or f"edit {edit['number']}"
    file = next((comments[key] for key in FILES if comments.get(key)), None)
    return Used(name, file, shot=comments.get("SHOT"), take=comments.get("TAKE"))
