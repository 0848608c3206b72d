"""FCPXML, read: the clips of its projects, of each audition the pick."""

from collections.abc import Iterator, Mapping
from itertools import islice
from xml.etree import ElementTree as ET

from daemon.edit.conform.used import UnreadableEdit, Used

PIECE = 1 << 16
"""Characters that are parsed at a time: in between, others have Python."""

CLIPS = ("asset-clip", "video", "ref-clip", "mc-clip", "sync-clip")
"""The elements that show something by themselves; `clip` has one of them in it."""


def read(text: str) -> list[Used]:
    """The clips in their order; UnreadableEdit where it is no FCPXML, or says what its words are to mean."""
    root = _parsed(text)
    assets = {one.get("id", ""): one for one in root.iterfind("resources/asset")}
    sequences = [project.find("sequence") for project in root.iter("project")]
    return [
        _used(clip, assets) for sequence in sequences if sequence is not None for clip in _clips(sequence)
    ]


def _parsed(text: str) -> ET.Element:
    if "<!ENTITY" in text:  # no program writes one, and a few of them can be made to fill any memory
        raise UnreadableEdit("FCPXML", "it has entities of its own")
    parser = ET.XMLParser()  # noqa: S314 - of entities there are none
    try:
        for start in range(0, len(text), PIECE):
            parser.feed(text[start : start + PIECE])
        root = parser.close()
    except (ET.ParseError, ValueError) as error:
        raise UnreadableEdit("FCPXML", str(error)) from error
    if not isinstance(root, ET.Element) or root.tag != "fcpxml":
        raise UnreadableEdit("FCPXML", f"it begins with <{getattr(root, 'tag', '')}>")
    return root


def _clips(top: ET.Element) -> Iterator[ET.Element]:
    """The clips in an element, but for the other choices of an audition, and what is switched off."""
    waiting = [top]
    while waiting:
        one = waiting.pop()
        if one.get("enabled") == "0":
            continue
        if one.tag in CLIPS:
            yield one
        inside = list(islice(one, 1) if one.tag == "audition" else one)
        waiting += reversed(inside)


def _used(clip: ET.Element, assets: Mapping[str, ET.Element]) -> Used:
    asset, name = assets.get(clip.get("ref", "")), clip.get("name")
    if asset is None:
        return Used(name or f"a {clip.tag}")
    media = asset.find("media-rep")
    file = asset.get("src") if media is None else media.get("src")  # as it was before 1.9
    about = {md.get("key", ""): md.get("value") for md in asset.iterfind("metadata/md")}
    known = {key: about.get(f"takes.{key}") for key in ("sha256", "shot", "take")}
    return Used(name or asset.get("name") or "a clip", file, **known)
