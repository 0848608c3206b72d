"""The structure of FCPXML: which elements may stand in which, in which order, and with which attributes.

Only of those that are written here; what the others may have in them is not said.
https://developer.apple.com/documentation/professional-video-applications/fcpxml-reference
"""

import re
from xml.etree import ElementTree as ET

from msgspec import Struct

ITEM = "asset-clip|audition|gap"
TIMED = "name offset start duration enabled lane"
MARKER = "marker|rating|keyword"


class Element(Struct, frozen=True):
    """What an element has in it, as an expression over names with a comma behind each; attributes it must have, and may."""

    content: str
    needs: str = ""
    may: str = ""


ELEMENTS = {
    "fcpxml": Element("(resources,)?(library,)?", "version"),
    "resources": Element("((asset|format),)*"),
    "format": Element("", "id", "name frameDuration width height"),
    "asset": Element("(media-rep,)+(metadata,)?", "id", "name uid start duration hasVideo hasAudio format"),
    "media-rep": Element("", "src", "kind"),
    "library": Element("(event,)*"),
    "event": Element("(project,)*", "", "name"),
    "project": Element("sequence,", "", "name"),
    "sequence": Element("(note,)?spine,(metadata,)?", "format", "duration tcStart tcFormat"),
    "spine": Element(f"(({ITEM}),)*"),
    "audition": Element("(asset-clip,)+", "", "offset lane"),
    "gap": Element(f"(note,)?(({MARKER}),)*(metadata,)?", "duration", TIMED),
    "asset-clip": Element(f"(note,)?(({MARKER}),)*(metadata,)?", "ref", f"{TIMED} format"),
    "note": Element(""),
    "marker": Element("", "start value", "duration completed note"),
    "rating": Element("", "value", "name start duration note"),
    "keyword": Element("", "value", "start duration note"),
    "metadata": Element("(md,)*"),
    "md": Element("", "key", "value"),
}

TIME = re.compile(r"-?[0-9]+(/[1-9][0-9]*)?s")


def check(root: ET.Element) -> None:
    """AssertionError where something may not stand where it does, or leads to what is not there."""
    ids = {one.attrib["id"] for one in root.iter() if "id" in one.attrib}
    for one in root.iter():
        rule = ELEMENTS[one.tag]
        content = "".join(f"{child.tag}," for child in one)
        assert re.fullmatch(rule.content, content), f"{one.tag} has {content}"
        assert {*rule.needs.split()} <= {*one.attrib} <= {*rule.needs.split(), *rule.may.split()}, one.tag
        for name in ("start", "duration", "offset", "frameDuration"):
            assert TIME.fullmatch(one.attrib.get(name, "0s")), one.attrib[name]
        assert {one.attrib[name] for name in ("ref", "format") if name in one.attrib} <= ids
    assert {one.attrib["value"] for one in root.iter("rating")} <= {"favorite", "reject"}
    assert {one.attrib["completed"] for one in root.iter("marker")} <= {"0", "1"}
